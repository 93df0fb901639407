package memory_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/adapters/memory"
)

func TestScript(t *testing.T) {
	t.Parallel()
	lists := memory.NewLists()
	first, always := errors.New("first"), errors.New("always")
	lists.FailAll(always)
	lists.FailNext(first, nil)
	for _, want := range []error{first, nil, always, always} {
		_, err := lists.All(t.Context(), "org-1")
		require.ErrorIs(t, err, want)
	}
	lists.FailAll(nil)
	_, err := lists.All(t.Context(), "org-1")
	require.NoError(t, err)
	require.Equal(t, 5, lists.Calls())
}

func TestHold(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		lists := memory.NewLists()
		release := lists.Hold()
		ctx, cancel := context.WithCancel(t.Context())
		answers := make(chan error, 2)
		go func() { _, err := lists.All(ctx, "org-1"); answers <- err }()
		synctest.Wait()
		require.Equal(t, 1, lists.Calls())
		require.Empty(t, answers)
		cancel()
		require.ErrorIs(t, <-answers, context.Canceled)

		go func() { _, err := lists.All(t.Context(), "org-1"); answers <- err }()
		synctest.Wait()
		require.Equal(t, 2, lists.Calls())
		require.Empty(t, answers)
		release()
		release()
		require.NoError(t, <-answers)
	})
}

func TestSignedIn(t *testing.T) {
	t.Parallel()
	staff := memory.NewStaff()
	staff.Add(adapters.Member{ID: "s-1", Name: "Ada Bello", Organisation: "org-1"})
	server := memory.SignedIn(func(r *http.Request) adapters.StaffID { return adapters.StaffID(r.Header.Get("X-Staff")) })(
		http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			member, err := staff.Current(r.Context())
			if err != nil {
				w.WriteHeader(http.StatusUnauthorized)
			}
			_, _ = w.Write([]byte(member.Name))
		}))
	for header, want := range map[string]string{"s-1": "Ada Bello", "s-2": "", "": ""} {
		request := httptest.NewRequest(http.MethodGet, "/", nil)
		request.Header.Set("X-Staff", header)
		answer := httptest.NewRecorder()
		server.ServeHTTP(answer, request)
		require.Equal(t, want, answer.Body.String())
		require.Equal(t, want == "", answer.Code == http.StatusUnauthorized)
	}
}

func TestOutbox(t *testing.T) {
	t.Parallel()
	sender := memory.NewSender("memory")
	lost := errors.New("connection lost")
	message := adapters.Outgoing{Reference: "r-1", Medium: adapters.SMS, To: "+447700900123", Text: "Hello"}

	_, err := sender.Find(t.Context(), message)
	require.ErrorIs(t, err, adapters.ErrNotSent)
	sender.LoseNext(lost)
	_, err = sender.Send(t.Context(), message)
	require.ErrorIs(t, err, lost)
	found, err := sender.Find(t.Context(), message)
	require.NoError(t, err)
	again, err := sender.Send(t.Context(), message)
	require.NoError(t, err)
	require.Equal(t, found, again)
	require.Equal(t, []adapters.Outgoing{message}, sender.Outbox())
	require.Equal(t, 1, sender.Carried("r-1"))
	require.Equal(t, 1, sender.Repeats("r-1"))

	sender.Settle("r-1", adapters.Failed, adapters.ErrWrongContact)
	found, err = sender.Find(t.Context(), message)
	require.NoError(t, err)
	require.Equal(t, adapters.Failed, found.Status)

	plain := sender.Plain()
	_, finds := plain.(adapters.Finder)
	require.False(t, finds)
	_, err = plain.Send(t.Context(), message)
	require.NoError(t, err)
	require.Equal(t, 2, sender.Carried("r-1"))
}
