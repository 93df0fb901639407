package web_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// asDocumented has a staff API fail the test where it answers an operation with a code that the document leaves out.
func asDocumented(tb testing.TB, api http.Handler) http.Handler {
	tb.Helper()
	codes := failuresOf(tb, api)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		heard := &heard{ResponseWriter: w}
		api.ServeHTTP(heard, r)
		known, operation := codes.Handler(r)
		if operation == "" || heard.status < 400 {
			return
		}
		var problem struct{ Code string }
		if json.Unmarshal(heard.body.Bytes(), &problem) == nil &&
			!slices.Contains(known.(failures)[heard.status], problem.Code) {
			tb.Errorf("%s answers %d %s, which its document leaves out", operation, heard.status, problem.Code)
		}
	})
}

// failures are the codes of an operation, by status.
type failures map[int][]string

func (failures) ServeHTTP(http.ResponseWriter, *http.Request) {}

func failuresOf(tb testing.TB, api http.Handler) *http.ServeMux {
	tb.Helper()
	answer := httptest.NewRecorder()
	api.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/openapi.json", http.NoBody))
	var doc struct {
		Paths map[string]map[string]struct {
			Responses map[int]struct{ Description string }
		}
	}
	require.NoError(tb, json.Unmarshal(answer.Body.Bytes(), &doc))
	mux := http.NewServeMux()
	for path, methods := range doc.Paths {
		for method, operation := range methods {
			known := failures{}
			for status, response := range operation.Responses {
				known[status] = strings.Split(response.Description, ", ")
			}
			mux.Handle(strings.ToUpper(method)+" "+path, known)
		}
	}
	return mux
}

// heard keeps an error as it is answered.
type heard struct {
	http.ResponseWriter
	status int
	body   bytes.Buffer
}

func (h *heard) WriteHeader(status int) {
	h.status = status
	h.ResponseWriter.WriteHeader(status)
}

func (h *heard) Write(p []byte) (int, error) {
	if h.status >= 400 {
		h.body.Write(p)
	}
	return h.ResponseWriter.Write(p)
}

func (h *heard) Unwrap() http.ResponseWriter { return h.ResponseWriter }
