package main

import (
	"bytes"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger/web"
)

//go:embed pages
var pageFiles embed.FS

// pageSize is how many entries the outbox and record pages show; their .json have all.
const pageSize = 200

func parsePages() (*template.Template, error) {
	pages, err := template.New("").Funcs(template.FuncMap{
		"spaced": spaced, "day": day, "pieces": pieces,
		"messenger": func() template.HTML { return web.Head("/m") }, "shell": web.InboxShell,
		"stamp":  func(t time.Time) string { return t.Format(time.RFC3339) },
		"moment": func(t time.Time) string { return t.Format("2 January 2006, 15:04 MST") },
	}).ParseFS(pageFiles, "pages/*.html")
	if err != nil {
		return nil, fmt.Errorf("cms: pages: %w", err)
	}
	return pages, nil
}

// page is what every template may use.
type page struct {
	Title, Here, Organisation, Query, Error string
	Wide                                    bool
	Member                                  adapters.Member
	People                                  []person
	Colleagues                              []adapters.Member
	Clients                                 []adapters.Client
	Profile                                 profile
	Sent                                    []sentItem
	Filed                                   []recordItem
}

// person is a staff member on the sign-in page.
type person struct{ ID, Name, Job, Organisation string }

func (h *host) show(w http.ResponseWriter, r *http.Request, status int, name string, p page) {
	p.Member = member(r.Context())
	if p.Member.ID != "" {
		organisation, err := h.organisations.Get(r.Context(), p.Member.Organisation)
		if err != nil {
			h.logger.WarnContext(r.Context(), "organisation", "error", err)
		}
		p.Organisation = organisation.Name
	}
	var body bytes.Buffer
	if err := h.pages.ExecuteTemplate(&body, name, p); err != nil {
		h.logger.ErrorContext(r.Context(), "page", "name", name, "error", err)
		http.Error(w, "Internal error", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = body.WriteTo(w)
}

// problem shows an error to a person: what is not theirs is not there.
func (h *host) problem(w http.ResponseWriter, r *http.Request, err error) {
	if errors.Is(err, adapters.ErrNotFound) {
		h.show(w, r, http.StatusNotFound, "problem.html",
			page{Title: "Not here", Error: "There is no such page, or it is not yours to see."})
		return
	}
	h.logger.ErrorContext(r.Context(), "request failed", "error", err)
	h.show(w, r, http.StatusInternalServerError, "problem.html",
		page{Title: "Something went wrong", Error: "Try again in a minute."})
}

func (h *host) signInPage(w http.ResponseWriter, r *http.Request) {
	h.showSignIn(w, r, http.StatusOK, "")
}

func (h *host) showSignIn(w http.ResponseWriter, r *http.Request, status int, fault string) {
	people, err := h.staff.people(r.Context())
	if err != nil {
		h.problem(w, r, err)
		return
	}
	h.show(w, r, status, "sign-in.html", page{Title: "Sign in", Error: fault, People: people})
}

func (h *host) signIn(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 4096)
	id := r.PostFormValue("staff")
	if strings.ContainsRune(id, 0) {
		id = ""
	}
	secret, err := h.staff.signIn(r.Context(), strings.ToValidUTF8(id, ""))
	switch {
	case errors.Is(err, adapters.ErrNotFound):
		h.showSignIn(w, r, http.StatusUnprocessableEntity, "There is no such staff member. Choose one of these.")
	case err != nil:
		h.problem(w, r, err)
	default:
		http.SetCookie(w, h.cookie(secret, 0))
		http.Redirect(w, r, "/messages", http.StatusSeeOther)
	}
}

func (h *host) signOut(w http.ResponseWriter, r *http.Request) {
	if err := h.staff.signOut(r.Context()); err != nil {
		h.problem(w, r, err)
		return
	}
	http.SetCookie(w, h.cookie("", -1))
	http.Redirect(w, r, "/sign-in", http.StatusSeeOther)
}

func (h *host) cookie(value string, maxAge int) *http.Cookie {
	return &http.Cookie{ //nolint:gosec // Secure exactly when the public URL is https
		Name: cookieName, Value: value, Path: "/", MaxAge: maxAge, HttpOnly: true, SameSite: http.SameSiteLaxMode,
		Secure: strings.HasPrefix(h.publicURL, "https:"),
	}
}

func (h *host) clientsPage(w http.ResponseWriter, r *http.Request) {
	query := strings.TrimSpace(strings.ToValidUTF8(strings.ReplaceAll(r.FormValue("q"), "\x00", ""), ""))
	organisation := member(r.Context()).Organisation
	var clients []adapters.Client
	var err error
	if query == "" {
		clients, err = h.directory.all(r.Context(), organisation)
	} else {
		clients, err = h.directory.Search(r.Context(), organisation, query, 100)
	}
	if err != nil {
		h.problem(w, r, err)
		return
	}
	h.show(w, r, http.StatusOK, "clients.html", page{Title: "Clients", Here: "clients", Query: query, Clients: clients})
}

func (h *host) clientPage(w http.ResponseWriter, r *http.Request) {
	client, err := h.directory.profile(r.Context(), member(r.Context()).Organisation,
		adapters.ClientID(chi.URLParam(r, "id")))
	if err != nil {
		h.problem(w, r, err)
		return
	}
	h.show(w, r, http.StatusOK, "client.html", page{Title: client.Name, Here: "clients", Profile: client})
}

// setContact corrects an address and tells Messenger, so that a waiting message takes the new one or stops.
func (h *host) setContact(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 4096)
	id, organisation := adapters.ClientID(chi.URLParam(r, "id")), member(r.Context()).Organisation
	email, phone := clean(r.PostFormValue("email")), clean(r.PostFormValue("phone"))
	err := h.directory.setContact(r.Context(), organisation, id, email, phone)
	if err == nil {
		err = h.messenger.ClientsChanged(r.Context(), organisation, id)
	}
	h.backToClient(w, r, id, err)
}

func (h *host) register(w http.ResponseWriter, r *http.Request) {
	id := adapters.ClientID(chi.URLParam(r, "id"))
	h.backToClient(w, r, id, h.directory.register(r.Context(), member(r.Context()).Organisation, id))
}

func (h *host) backToClient(w http.ResponseWriter, r *http.Request, id adapters.ClientID, err error) {
	if err != nil {
		h.notDone(w, r, err)
		return
	}
	http.Redirect(w, r, "/clients/"+string(id), http.StatusSeeOther) //nolint:gosec // a path of ours: the client was found
}

// clean is one line of a form: no control characters, no space around it.
func clean(line string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return -1
		}
		return r
	}, strings.ToValidUTF8(line, "")))
}

func (h *host) messagesPage(w http.ResponseWriter, r *http.Request) {
	h.show(w, r, http.StatusOK, "messages.html", page{Title: "Messages", Here: "messages", Wide: true})
}

func (h *host) outboxPage(w http.ResponseWriter, r *http.Request) {
	items, err := h.outbox.items(r.Context(), member(r.Context()).Organisation, pageSize)
	if err != nil {
		h.problem(w, r, err)
		return
	}
	h.show(w, r, http.StatusOK, "outbox.html", page{Title: "Outbox", Here: "outbox", Sent: items})
}

func (h *host) outboxJSON(w http.ResponseWriter, r *http.Request) {
	items, err := h.outbox.items(r.Context(), member(r.Context()).Organisation, 0)
	h.writeJSON(w, r, items, err)
}

func (h *host) recordPage(w http.ResponseWriter, r *http.Request) {
	items, err := h.record.items(r.Context(), member(r.Context()).Organisation, pageSize)
	if err != nil {
		h.problem(w, r, err)
		return
	}
	h.show(w, r, http.StatusOK, "record.html", page{Title: "Clinical record", Here: "record", Filed: items})
}

func (h *host) recordJSON(w http.ResponseWriter, r *http.Request) {
	items, err := h.record.items(r.Context(), member(r.Context()).Organisation, 0)
	h.writeJSON(w, r, items, err)
}

func (h *host) writeJSON(w http.ResponseWriter, r *http.Request, items any, err error) {
	if err != nil {
		h.logger.ErrorContext(r.Context(), "request failed", "error", err)
		http.Error(w, `{"title":"Internal error","status":500}`, http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(items); err != nil {
		h.logger.WarnContext(r.Context(), "answer cut short", "error", err)
	}
}

// piece is a stretch of a message's text; Link when it is an address to open.
type piece struct {
	Text string
	Link bool
}

// pieces cuts a text around the addresses in it. html/template escapes them all.
func pieces(text string) []piece {
	var cut []piece
	at := 0
	for _, span := range regexp.MustCompile(`https?://\S+`).FindAllStringIndex(text, -1) {
		cut = append(cut, piece{Text: text[at:span[0]]}, piece{Text: text[span[0]:span[1]], Link: true})
		at = span[1]
	}
	return append(cut, piece{Text: text[at:]})
}

// day writes a calendar day as people read it.
func day(date string) string {
	t, err := time.Parse(time.DateOnly, date)
	if err != nil {
		return "Not recorded"
	}
	return t.Format("2 January 2006")
}
