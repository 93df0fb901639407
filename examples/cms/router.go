package main

import (
	"compress/gzip"
	"context"
	"embed"
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humachi"
	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger/web"
)

const cookieName = "cms_session"

//go:embed static
var static embed.FS

// router has the host's own pages and Messenger's two mounts: the staff API behind the host's sign-in, and the public
// part, which nobody signs in to.
func (h *host) router() http.Handler {
	r := chi.NewRouter()
	r.Use(middleware.Compress(gzip.DefaultCompression)) // over a slow line a page is five times as long without
	r.Get("/healthz", h.healthz)
	r.Handle("/metrics", h.seen.page) // as /healthz, for the monitor's network alone; it names no person
	h.mountMessenger(r)
	h.mountOperators(r)
	r.Group(func(r chi.Router) {
		r.Use(safeHeaders, http.NewCrossOriginProtection().Handler, h.session)
		r.Handle("/static/*", http.FileServerFS(static))
		r.Get("/sign-in", h.signInPage)
		r.Post("/sign-in", h.signIn)
		r.Post("/sign-out", h.signOut)
		r.Group(func(r chi.Router) {
			r.Use(h.signedIn)
			r.Get("/", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/messages", http.StatusSeeOther) })
			r.Get("/clients", h.clientsPage)
			r.Get("/clients/{id}", h.clientPage)
			r.Post("/clients/{id}/contact", h.setContact)
			r.Post("/clients/{id}/register", h.register)
			r.Post("/clients/{id}/discharge", h.discharge)
			r.Post("/clients/{id}/merge", h.merge)
			r.Get("/staff", h.staffPage)
			r.Post("/staff/{id}/left", h.leave)
			r.Get("/messages", h.messagesPage)
			r.Get("/outbox", h.outboxPage)
			r.Get("/outbox.json", h.outboxJSON)
			r.Get("/record", h.recordPage)
			r.Get("/record.json", h.recordJSON)
		})
	})
	return r
}

// mountMessenger is all that Messenger asks of a router.
func (h *host) mountMessenger(r chi.Router) {
	r.Group(func(r chi.Router) {
		r.Use(h.session)
		config := huma.DefaultConfig("Northern Lights CMS", "1")
		config.OpenAPIPath, config.DocsPath, config.SchemasPath = "/messenger/api/openapi", "", ""
		config.CreateHooks = nil // no link to a schema in every answer
		web.MountStaff(huma.NewGroup(humachi.New(r, config), "/messenger/api"), h.messenger)
		r.Mount("/messenger/api", web.StaffFallback("/messenger/api"))
	})
	public := huma.DefaultConfig("Northern Lights CMS, public", "1")
	public.OpenAPIPath, public.DocsPath, public.SchemasPath = "", "", ""
	web.MountPublic(huma.NewGroup(humachi.New(r, public), "/m"), h.messenger)
}

// session is the host's own sign-in: it puts the cookie's session into the context, where adapters.Staff finds it.
func (h *host) session(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if cookie, err := r.Cookie(cookieName); err == nil {
			r = r.WithContext(withSession(r.Context(), cookie.Value))
		}
		next.ServeHTTP(w, r)
	})
}

type memberKey struct{}

// member is the signed-in staff member of a request that signedIn let through.
func member(ctx context.Context) adapters.Member {
	m, _ := ctx.Value(memberKey{}).(adapters.Member)
	return m
}

// signedIn lets staff through and sends everybody else to the sign-in page, or tells a program 401.
func (h *host) signedIn(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asker, err := h.staff.Current(r.Context())
		switch {
		case errors.Is(err, adapters.ErrNotSignedIn) && strings.HasSuffix(r.URL.Path, ".json"):
			http.Error(w, `{"title":"Not signed in","status":401}`, http.StatusUnauthorized)
		case errors.Is(err, adapters.ErrNotSignedIn):
			http.Redirect(w, r, "/sign-in", http.StatusSeeOther)
		case err != nil:
			h.problem(w, r, err)
		default:
			next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), memberKey{}, asker)))
		}
	})
}

func safeHeaders(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		header.Set("Content-Security-Policy",
			"default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'")
		header.Set("X-Content-Type-Options", "nosniff")
		header.Set("Referrer-Policy", "same-origin")
		header.Set("Cache-Control", "no-store")
		next.ServeHTTP(w, r)
	})
}

// healthz answers with what Messenger says of its health: 200 once the host can serve, 503 while its database does not.
func (h *host) healthz(w http.ResponseWriter, r *http.Request) {
	health := h.messenger.Health(r.Context())
	w.Header().Set("Content-Type", "application/json")
	for _, check := range health.Checks {
		if check.Name == "database" && !check.OK {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	}
	_ = json.NewEncoder(w).Encode(health)
}
