package web

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/danielgtaylor/huma/v2/adapters/humago"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// Only so many bodies are read at once. Who finds no place waits for one, and after ten seconds is told to come again.
func TestBodiesUnderWayAreCounted(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		places := make(bodies, 1)
		read := func() (string, *messengerProblem) {
			request := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", strings.NewReader("a body"))
			body, refused := places.read(humago.NewContext(nil, request, httptest.NewRecorder()), maxHook)
			return string(body), refused
		}
		for range 3 {
			body, refused := read()
			require.Nil(t, refused)
			require.Equal(t, "a body", body)
		}

		places <- struct{}{} // somebody who never ends
		began := time.Now()
		_, refused := read()
		require.Equal(t, messenger.CodeUnavailable, refused.Code)
		require.NotEmpty(t, refused.GetHeaders().Get("Retry-After"))
		require.Equal(t, publicRead, time.Since(began))

		go func() {
			time.Sleep(publicRead / 2) //nolint:forbidigo // the bubble's time: nobody waits
			<-places
		}()
		body, refused := read()
		require.Nil(t, refused)
		require.Equal(t, "a body", body)
	})
}
