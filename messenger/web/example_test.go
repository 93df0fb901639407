package web_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/cmsmessenger/cmsmessenger/adapters/memory"
	"github.com/cmsmessenger/cmsmessenger/messenger"
	"github.com/cmsmessenger/cmsmessenger/messenger/web"
)

// service is what a host makes at its start; nothing connects before the first request that needs to.
func service() *messenger.Messenger {
	pool, err := pgxpool.New(context.Background(), "postgres:///cms")
	if err != nil {
		panic(err)
	}
	m, err := messenger.New(messenger.Config{
		Pool: pool, Clients: memory.NewClients(), Staff: memory.NewStaff(), Email: memory.NewSender("memory"),
		PublicURL: "https://nhs.example.org/m",
		LinkKeys:  []messenger.LinkKey{{ID: "2026", Key: []byte("32 random bytes of the host's own")}},
	})
	if err != nil {
		panic(err)
	}
	return m
}

// A host without Huma mounts two handlers; its own sign-in stands around the first.
func ExampleStaffHandler() {
	m := service()
	mux := http.NewServeMux()
	mux.Handle("/messenger/api/", http.StripPrefix("/messenger/api", web.StaffHandler(m)))
	mux.Handle("/m/", http.StripPrefix("/m", web.PublicHandler(m)))

	for _, path := range []string{"/messenger/api/me", "/m/ui/messenger.js"} {
		answer := httptest.NewRecorder()
		mux.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, path, nil))
		fmt.Println(path, answer.Code, answer.Header().Get("Content-Type"))
	}
	// Output:
	// /messenger/api/me 401 application/problem+json
	// /m/ui/messenger.js 200 text/javascript; charset=utf-8
}

// A host with Huma mounts both on groups of its API, and gives its router what is no operation.
func ExampleMountStaff() {
	m := service()
	mux := http.NewServeMux()
	api := humago.New(mux, huma.DefaultConfig("Our CMS", "1.0.0"))
	web.MountStaff(huma.NewGroup(api, "/messenger/api"), m)
	web.MountPublic(huma.NewGroup(api, "/m"), m)
	mux.Handle("/messenger/api/", web.StaffFallback("/messenger/api"))

	answer := httptest.NewRecorder()
	mux.ServeHTTP(answer, httptest.NewRequest(http.MethodPatch, "/messenger/api/me", nil))
	fmt.Println(answer.Code, answer.Header().Get("Allow"))
	// Output: 405 GET, HEAD
}
