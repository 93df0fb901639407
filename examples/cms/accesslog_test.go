package main

import (
	"bytes"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"
)

// private is an access log that sees neither a reply link nor what staff search for: what logs gets a request whose
// address is shortened, and everything behind it the request as it came.
func private(logger func(http.Handler) http.Handler) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			shown := r.Clone(r.Context())
			path, _, reply := strings.Cut(r.URL.Path, "/r/")
			if reply {
				path += "/r/…"
			}
			shown.URL, shown.RequestURI = &url.URL{Path: path}, path
			logger(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { next.ServeHTTP(w, r) })).ServeHTTP(w, shown)
		})
	}
}

// chi's own logger, which writes the whole address, in front of Messenger's routes.
func Example_accessLog() {
	var out bytes.Buffer
	logger := middleware.RequestLogger(&middleware.DefaultLogFormatter{Logger: log.New(&out, "", 0), NoColor: true})
	router := chi.NewRouter()
	router.Use(private(logger))
	router.Get("/m/r/{token}", func(w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write([]byte(chi.URLParam(r, "token")))
	})
	answer := httptest.NewRecorder()
	router.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/m/r/0123456789abcdef?q=okafor", nil))
	fmt.Println(answer.Body)
	for _, part := range []string{"/m/r/…", "0123", "okafor"} {
		fmt.Println(strings.Contains(out.String(), part))
	}
	// Output:
	// 0123456789abcdef
	// true
	// false
	// false
}
