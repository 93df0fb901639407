package web

import (
	"errors"
	"html/template"
	"net/http"
	"net/netip"
	"path"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// MountPublic registers what nobody signs in to on api, a group of the host's whose prefix it takes, and
// Config.PublicURL or Organisation.PublicURL must name from outside: the clients' reply page (/r/{token}), the
// browser part (/ui/…) and the providers' callbacks (/hooks/{name}). None of it is in the OpenAPI document. Links
// among them are relative, so any prefix does.
//
// A proxy in front must not log the paths below /r/: who has one can write as the client. Name it with
// TrustedProxies: without, whoever comes by it counts as one address, and 600 of them a minute are a flood.
func MountPublic(api huma.API, m *messenger.Messenger, options ...PublicOption) {
	hash, files := assets()
	p := &public{
		m: m, looks: pageLooks{style: hash + "/pages", logger: m.Logger},
		pages:  template.Must(template.ParseFS(embedded, "ui/pages/*.html")),
		flood:  newFlood(time.Now), //nolint:forbidigo // a flood is measured by the machine's clock
		bodies: newBodies(),
	}
	for _, option := range options {
		option(p)
	}
	for _, method := range []string{http.MethodGet, http.MethodHead} {
		p.handle(api, method, "/r/{token}", p.replyPage)
		p.handle(api, method, "/r/{token}/", toReplyPage)
		for _, file := range files {
			p.handle(api, method, file.path, func(ctx huma.Context) { serve(ctx, file) })
			if strings.HasSuffix(file.path, pageStyles) {
				inColour := path.Dir(file.path) + "/{colour}/reply.css"
				p.handle(api, method, inColour, func(ctx huma.Context) { serveInColour(ctx, file) })
			}
		}
	}
	p.handle(api, http.MethodPost, "/r/{token}", p.replyPage)
	p.handle(api, http.MethodPost, "/hooks/{name}", p.hook)
}

// PublicHandler is what MountPublic registers, for a host without Huma:
//
//	mux.Handle("/m/", http.StripPrefix("/m", web.PublicHandler(m)))
//
// As there, log neither the paths below /r/ nor query strings, in a proxy and in your router's logger
// (docs/access-logs.md has the lines for chi's), and name your proxies with TrustedProxies.
func PublicHandler(m *messenger.Messenger, options ...PublicOption) http.Handler {
	mux := http.NewServeMux()
	settings := config("Messenger, public part")
	settings.OpenAPIPath = ""
	MountPublic(humago.New(mux, settings), m, options...)
	return mux
}

// PublicOption is a setting of the public part.
type PublicOption func(*public)

// TrustedProxies names the networks of the host's own proxies and load balancers. A client behind them is known by
// the last address in X-Forwarded-For that is none of theirs. Without, the peer's own address counts, and no header
// is read: anybody can write one.
func TrustedProxies(networks ...netip.Prefix) PublicOption {
	return func(p *public) { p.proxies = append(p.proxies, networks...) }
}

// handle goes past huma.Register: a page has neither wire types nor a place in the OpenAPI document.
func (p *public) handle(api huma.API, method, path string, handler func(huma.Context)) {
	op := &huma.Operation{Method: method, Path: path, Hidden: true}
	api.Adapter().Handle(op, api.Middlewares().Handler(func(ctx huma.Context) {
		defer untold(ctx, p.m)
		unread(ctx) // until somebody reads it
		handler(ctx)
	}))
}

type public struct {
	m       *messenger.Messenger
	looks   pageLooks
	pages   *template.Template
	flood   *flood
	proxies []netip.Prefix
	bodies  *bodies
}

// POST /hooks/{name}
func (p *public) hook(ctx huma.Context) {
	if !p.m.HasHook(ctx.Param("name")) {
		refuse(ctx, notFound())
		return
	}
	body, refused := p.bodies.read(ctx, remote(ctx, p.proxies), maxHook)
	if refused != nil && refused.Code == messenger.CodeInvalid { // cut short: of a 4xx a provider sends nothing again
		refused = problem(messenger.CodeUnavailable, "The body ended before its end. Send it again.")
	}
	if refused != nil {
		refuse(ctx, refused)
		return
	}
	u := ctx.URL()
	request := adapters.CallbackRequest{Method: ctx.Method(), RawQuery: u.RawQuery, Header: http.Header{}, Body: body}
	ctx.EachHeader(func(name, value string) { request.Header.Add(name, value) })
	said, err := p.m.Callback(ctx.Context(), ctx.Param("name"), request)
	if err != nil {
		refuse(ctx, problemOf(ctx.Context(), p.m, "messenger-callback", err))
		return
	}
	ctx.SetHeader("Cache-Control", "no-store")
	ctx.SetHeader("X-Content-Type-Options", "nosniff")
	if said.ContentType != "" {
		ctx.SetHeader("Content-Type", said.ContentType)
	}
	ctx.SetStatus(http.StatusOK)
	_, _ = ctx.BodyWriter().Write([]byte(said.Answer)) // a provider that has gone calls again
}

// Cookies, of which both names are read; which one is set goes by the public URL.
const (
	proofCookie = "messenger_proof"
	// formCookie has the key of the form that was sent last. Who goes back to it, or opens it again, gets the same one
	// for as long as formLasts, so that the same words are one reply, and other words another.
	formCookie = "messenger_form"
	formLasts  = 10 * time.Minute

	longestFormKey = 64
)

func cookieOf(ctx huma.Context, name string) string {
	for _, name := range []string{"__Host-" + name, name} {
		cookie, err := huma.ReadCookie(ctx, name)
		if !errors.Is(err, http.ErrNoCookie) && cookie != nil {
			return cookie.Value
		}
	}
	return ""
}

func setProof(ctx huma.Context, proof string, secure bool) {
	if proof != "" {
		setCookie(ctx, proofCookie, proof, messenger.ProofLasts, http.SameSiteStrictMode, secure)
	}
}

func setCookie(
	ctx huma.Context, name, value string, lasts time.Duration, sameSite http.SameSite, secure bool,
) {
	cookie := http.Cookie{ //nolint:gosec // Secure exactly where the public URL is https, just below
		Name: name, Value: value, Path: "/", MaxAge: int(lasts.Seconds()), HttpOnly: true, SameSite: sameSite,
	}
	if secure {
		cookie.Name, cookie.Secure = "__Host-"+name, true
	}
	ctx.AppendHeader("Set-Cookie", cookie.String())
}
