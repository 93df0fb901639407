package web

import (
	"net/http"
	"path"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// StaffHandler is the staff API for a host without Huma, with its OpenAPI document at /openapi.json, which needs no
// sign-in. For tools that read no 3.1, as oapi-codegen, it is at /openapi-3.0.json too; both are there as .yaml, and
// in the folder docs. Put the host's sign-in around it, as for MountStaff, and take its prefix away:
//
//	mux.Handle("/messenger/api/", signIn(http.StripPrefix("/messenger/api", web.StaffHandler(m))))
//
// The sign-in must let a request without a session through, or answer it 401: never redirect it. What is no operation
// is answered with a problem document too.
func StaffHandler(m *messenger.Messenger) http.Handler {
	mux := http.NewServeMux()
	MountStaff(humago.New(mux, config("Messenger")), m)
	return answeredFully(mux)
}

// StaffFallback answers what a router finds no staff operation for, as the contract wants it: a problem document, 405
// with Allow where another method would do, else 404. A host that mounts the API in its own router gives it all the
// rest below the same prefix:
//
//	web.MountStaff(huma.NewGroup(api, "/messenger/api"), m)
//	mux.Handle("/messenger/api/", web.StaffFallback("/messenger/api"))     // net/http
//	router.Handle("/messenger/api/*", web.StaffFallback("/messenger/api")) // chi
func StaffFallback(prefix string) http.Handler {
	mux := http.NewServeMux()
	for _, r := range routes() {
		mux.Handle(r.method+" "+r.path, http.NotFoundHandler()) // only the patterns are looked at
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		unserved(mux, w, below(r, prefix))
	})
}

// config documents with JSON alone: no page that loads scripts from elsewhere, and no schema links, which know no
// prefix.
func config(title string) huma.Config {
	settings := huma.DefaultConfig(title, "1")
	settings.DocsPath, settings.SchemasPath, settings.CreateHooks = "", "", nil
	return settings
}

func answeredFully(mux *http.ServeMux) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, pattern := mux.Handler(r)
		if pattern == "" || unclean(r.URL.Path) {
			unserved(mux, w, r)
			return
		}
		mux.ServeHTTP(w, r)
	})
}

// unclean paths are what ServeMux answers with a redirect, which an API never does.
func unclean(p string) bool {
	return p == "" || p[0] != '/' || path.Clean(p) != strings.TrimSuffix(p, "/") && p != "/"
}

func below(r *http.Request, prefix string) *http.Request {
	shorter := r.Clone(r.Context())
	shorter.URL.Path = strings.TrimPrefix(r.URL.Path, strings.TrimSuffix(prefix, "/"))
	shorter.URL.RawPath = strings.TrimPrefix(r.URL.RawPath, strings.TrimSuffix(prefix, "/"))
	return shorter
}

// unserved says 405 where another method would be served, else 404.
func unserved(mux *http.ServeMux, w http.ResponseWriter, r *http.Request) {
	var allowed []string
	for _, method := range []string{
		http.MethodDelete, http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut,
	} {
		other := r.Clone(r.Context())
		other.Method = method
		if _, pattern := mux.Handler(other); pattern != "" && !unclean(r.URL.Path) {
			allowed = append(allowed, method)
		}
	}
	if r.Method == http.MethodHead { // the host's router gives GET alone what GET serves
		allowed = slices.DeleteFunc(allowed, func(method string) bool { return method == http.MethodHead })
	}
	if len(allowed) == 0 || slices.Contains(allowed, r.Method) {
		writeProblem(w, notFound())
		return
	}
	w.Header().Set("Allow", strings.Join(allowed, ", "))
	writeProblem(w, problem(codeMethodNotAllowed, "This address does not take this method."))
}
