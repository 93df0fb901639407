package web

import (
	"bytes"
	"context"
	"errors"
	"html/template"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// replyRequest is one request for a reply page whose link works.
type replyRequest struct {
	*public
	huma  huma.Context
	ctx   context.Context
	token string
	page  messenger.ReplyPage
}

// GET, HEAD and POST /r/{token}. Whether the link works is asked before anything else is looked at.
func (p *public) replyPage(ctx huma.Context) {
	pageHeaders(ctx)
	if !p.flood.allows(remote(ctx, p.proxies)) {
		ctx.SetHeader("Retry-After", "60")
		p.calm(ctx, http.StatusTooManyRequests, "busy")
		return
	}
	r := &replyRequest{public: p, huma: ctx, ctx: ctx.Context(), token: tokenOf(ctx.Param("token"))}
	var err error
	r.page, err = p.m.ReplyPage(r.ctx, r.token, cookieOf(ctx, proofCookie))
	post := ctx.Method() == http.MethodPost
	switch {
	case err == nil && post:
		r.post()
	case err == nil:
		r.get()
	case post && messenger.CodeOf(err) != messenger.CodeNotFound:
		r.keep(err)
	default:
		p.fail(ctx, err)
	}
}

// toReplyPage leads from a link that a program put a slash behind to the page, whose own links are relative.
func toReplyPage(ctx huma.Context) {
	pageHeaders(ctx)
	ctx.SetHeader("Location", "../"+tokenOf(ctx.Param("token")))
	ctx.SetStatus(http.StatusSeeOther)
}

// tokenOf is what a path begins with that can be of a token. A link in a text has a full stop, a bracket or an unseen
// sign after it, and some programs take that for a part of it.
func tokenOf(path string) string {
	end := strings.IndexFunc(path, func(r rune) bool {
		return (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') && r != '-' && r != '_'
	})
	if end < 0 {
		return path
	}
	return path[:end]
}

// pagePolicy lets a page load its stylesheet and nothing else. A logo travels inside the page.
const pagePolicy = "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

func pageHeaders(ctx huma.Context) {
	ctx.SetHeader("Content-Security-Policy", pagePolicy)
	ctx.SetHeader("Cache-Control", "no-store")
	ctx.SetHeader("Referrer-Policy", "no-referrer")
	ctx.SetHeader("X-Robots-Tag", "noindex, nofollow")
	ctx.SetHeader("X-Content-Type-Options", "nosniff")
}

// fail answers for a link that does not work, or a service that does not.
func (p *public) fail(ctx huma.Context, err error) {
	if messenger.CodeOf(err) == messenger.CodeNotFound {
		p.calm(ctx, http.StatusNotFound, "gone")
		return
	}
	refused := problemOf(ctx.Context(), p.m, "messenger-reply-page", err)
	refused.setHeaders(ctx)
	p.calm(ctx, refused.Status, "fault")
}

// calm is a page that gives nothing away: the same words whoever's the link is or was.
func (p *public) calm(ctx huma.Context, status int, name string) {
	data := p.data(p.anyOrganisation(ctx), "")
	data.Title = name + "_title"
	data.Lines = []template.HTML{data.Linked(name + "_body")}
	if name == "gone" {
		data.Lines = append(data.Lines, data.Linked("gone_contact"))
	}
	p.render(ctx, status, "calm.html", data)
}

// anyOrganisation has the words of a host with one organisation, where no link tells whose page it is. It is not named:
// the link may be of a client to whom it must not be (adapters.SafeContact.NeutralSender).
func (p *public) anyOrganisation(ctx huma.Context) adapters.Organisation {
	organisation, err := p.m.Organisation(ctx.Context(), "")
	if err != nil {
		return adapters.Organisation{}
	}
	return adapters.Organisation{Words: organisation.Words, TimeZone: organisation.TimeZone}
}

func (r *replyRequest) get() {
	u := r.huma.URL()
	query, _ := parseQuery(u.RawQuery) // what is not text names no receipt
	id, err := parseID(query.Get("sent"))
	var fresh typed
	if key := cookieOf(r.huma, formCookie); tokenOf(key) == key && len(key) <= longestFormKey {
		fresh.key = key
	}
	if err != nil {
		r.form(http.StatusOK, fresh)
		return
	}
	receipt, err := r.m.ReplyReceipt(r.ctx, r.token, id)
	switch {
	case err == nil:
		data := r.data(r.page.Organisation, r.page.StaffName)
		data.at(receipt.At, r.page.Organisation)
		data.Title = "sent_title"
		if receipt.ReadAt.IsZero() {
			data.readBy(messenger.ReadByWhen{StaffName: r.page.ReadByWhen.StaffName, At: receipt.ReadBy}, r.m.Now(r.ctx))
		} else {
			data.wasRead(receipt.ReadAt, r.page.Organisation)
		}
		r.render(r.huma, http.StatusOK, "sent.html", data)
	case messenger.CodeOf(err) == messenger.CodeNotFound:
		r.form(http.StatusOK, fresh)
	default:
		r.fail(r.huma, err)
	}
}

// typed is what a person typed, and what is wrong with it by the names of its fields and the keys of its words.
type typed struct {
	text, key string
	date      messenger.DateOfBirth
	faults    map[string]string
	until     time.Time // when to send it again; zero: not known
}

func (t typed) fault(field, word string) typed {
	t.faults = map[string]string{field: word}
	return t
}

func (r *replyRequest) post() {
	form, refused := r.readForm()
	input := typedIn(form)
	switch {
	case refused != nil:
		r.form(refused.status, input.fault("reply", refused.word))
	case form.Get("read") == "yes":
		r.acknowledge(input)
	case form.Get("action") == "show":
		r.show(input)
	default:
		r.send(input)
	}
}

func typedIn(form url.Values) typed {
	return typed{
		text: form.Get("reply"), key: form.Get("key"),
		date: messenger.DateOfBirth{Day: form.Get("day"), Month: form.Get("month"), Year: form.Get("year")},
	}
}

// keep answers a form while nobody can tell whether its link works: with all that was typed.
func (r *replyRequest) keep(err error) {
	form, _ := r.readForm() // what could be read of it
	input := typedIn(form)
	r.page.Organisation = r.anyOrganisation(r.huma)
	r.page.AskDateOfBirth = input.date != messenger.DateOfBirth{}
	r.fault(err, input)
}

// fault answers a form that nothing is wrong with: the same form, with all that was typed, to be sent again.
func (r *replyRequest) fault(err error, input typed) {
	refused := problemOf(r.ctx, r.m, "messenger-reply", err)
	refused.setHeaders(r.huma)
	r.form(refused.Status, input.fault("reply", "error_fault"))
}

type refusal struct {
	status int
	word   string
}

func (r *replyRequest) readForm() (url.Values, *refusal) {
	media, _, err := mime.ParseMediaType(r.huma.Header("Content-Type"))
	if err != nil || media != "application/x-www-form-urlencoded" {
		return url.Values{}, &refusal{http.StatusUnprocessableEntity, "error_form"}
	}
	body, refused := r.bodies.read(r.huma, remote(r.huma, r.proxies), maxBody)
	switch {
	case refused != nil && refused.Code == codeTooLarge:
		return url.Values{}, &refusal{http.StatusRequestEntityTooLarge, "error_large"}
	case refused != nil:
		return url.Values{}, &refusal{refused.Status, "error_form"}
	}
	form, sound := parseQuery(string(body))
	if !sound {
		return form, &refusal{http.StatusUnprocessableEntity, "error_characters"}
	}
	return form, nil
}

// show opens the message that is being answered to who knows the date of birth. It answers the page itself, not a
// redirect, so that what was typed stays.
func (r *replyRequest) show(input typed) {
	proof, err := r.m.ProveDateOfBirth(r.ctx, r.token, input.date)
	wrong := messenger.CodeOf(err) == messenger.CodeInvalid
	if err == nil || wrong {
		r.page, err = r.m.ReplyPage(r.ctx, r.token, proof)
	}
	switch {
	case messenger.CodeOf(err) == messenger.CodeNotFound:
		r.fail(r.huma, err)
		return
	case err != nil:
		r.fault(err, input)
		return
	}
	setProof(r.huma, proof, r.secure())
	switch {
	case wrong && r.page.ReadingLocked:
		r.form(http.StatusUnprocessableEntity, input.fault("reply", "check_locked"))
	case wrong:
		r.form(http.StatusUnprocessableEntity, input.fault("day", "error_date"))
	default:
		r.form(http.StatusOK, input)
	}
}

// acknowledge notes that the client has read what asked them to say so. What they typed so far is not sent, and stays.
func (r *replyRequest) acknowledge(input typed) {
	proof := cookieOf(r.huma, proofCookie)
	err := r.m.Acknowledge(r.ctx, r.token, proof)
	if err == nil {
		r.page, err = r.m.ReplyPage(r.ctx, r.token, proof)
	}
	switch {
	case messenger.CodeOf(err) == messenger.CodeNotFound:
		r.fail(r.huma, err)
	case err != nil:
		r.fault(err, input)
	case input.text == "":
		r.huma.SetHeader("Location", "?")
		r.huma.SetStatus(http.StatusSeeOther)
	default:
		r.form(http.StatusOK, input)
	}
}

func (r *replyRequest) send(input typed) {
	receipt, proof, err := r.m.Reply(r.ctx, r.token, messenger.ReplyParams{
		Text: input.text, FormKey: input.key, Proof: cookieOf(r.huma, proofCookie), DateOfBirth: input.date,
	})
	var told *messenger.Error
	switch {
	case err == nil:
		setProof(r.huma, proof, r.secure())
		if input.key != "" && tokenOf(input.key) == input.key && len(input.key) <= longestFormKey {
			setCookie(r.huma, formCookie, input.key, formLasts, http.SameSiteLaxMode, r.secure())
		}
		r.huma.SetHeader("Location", "?sent="+receipt.ID.String())
		r.huma.SetStatus(http.StatusSeeOther)
	case errors.As(err, &told) && told.Code == messenger.CodeNotFound:
		r.fail(r.huma, err)
	case errors.As(err, &told) && told.Code == messenger.CodeInvalid && told.Field == "reply":
		r.form(http.StatusUnprocessableEntity, input.fault("reply", told.Word))
	case errors.As(err, &told) && told.Code == messenger.CodeInvalid:
		input.key = "" // a new one comes with the page
		r.form(http.StatusUnprocessableEntity, input.fault("reply", "error_form"))
	case errors.As(err, &told) && told.Code == messenger.CodeTooManyRequests:
		r.huma.SetHeader("Retry-After", strconv.Itoa(int(told.RetryAfter/time.Second)+1))
		input.until = told.Until
		r.form(http.StatusTooManyRequests, input.fault("reply", told.Word))
	default:
		r.fault(err, input)
	}
}

func (r *replyRequest) secure() bool {
	address := r.page.Organisation.PublicURL
	if address == "" {
		address = r.m.PublicURL()
	}
	return strings.HasPrefix(address, "https://")
}

func (r *replyRequest) form(status int, input typed) {
	data := r.data(r.page.Organisation, r.page.StaffName)
	data.Title = "reply_title"
	data.readBy(r.page.ReadByWhen, r.m.Now(r.ctx))
	data.opens(r.page.OpensAt)
	if !input.until.IsZero() {
		data.at(input.until.Add(time.Minute), r.page.Organisation) // the minute that has begun by then
		data.times["until"] = data.times["time"]
	}
	data.Text, data.FormKey = input.text, input.key
	if data.FormKey == "" {
		data.FormKey = r.page.FormKey
	}
	data.Ask, data.Locked = r.page.AskDateOfBirth, r.page.ReadingLocked
	data.AskForPrivate = r.page.AsksForPrivate
	data.acknowledges(r.page)
	if len(r.page.Private) > 0 {
		data.names["first_name"] = r.page.FirstName
		data.Hello = data.Say("message_hello")
		data.private(r.page)
	}
	if r.page.Proved && r.page.Answering != nil {
		data.names["first_name"] = r.page.FirstName
		data.Hello = data.Say("message_hello")
		data.Answering, data.Sent = r.page.Answering, data.sentBy(*r.page.Answering, r.page)
	}
	data.Parts = []datePart{
		{"day", data.Say("check_day"), "bday-day", input.date.Day, 2},
		{"month", data.Say("check_month"), "bday-month", input.date.Month, 2},
		{"year", data.Say("check_year"), "bday-year", input.date.Year, 4},
	}
	for field, word := range input.faults {
		text := data.Say(word)
		data.Faults = append(data.Faults, pageFault{field, text})
		if field == "reply" {
			data.ReplyFault = text
		} else {
			data.DateFault = text
		}
	}
	r.render(r.huma, status, "reply.html", data)
}

func (p *public) render(ctx huma.Context, status int, name string, data *pageData) {
	var page bytes.Buffer
	if err := p.pages.ExecuteTemplate(&page, name, data); err != nil {
		p.m.Logger().ErrorContext(ctx.Context(), "messenger: a page could not be made", "page", name, "error", err)
		status = http.StatusInternalServerError
		page.Reset()
	}
	if data.Logo != "" {
		ctx.SetHeader("Content-Security-Policy", pagePolicy+"; img-src data:")
	}
	ctx.SetHeader("Content-Type", "text/html; charset=utf-8")
	ctx.SetStatus(status)
	_, _ = ctx.BodyWriter().Write(page.Bytes()) // a reader that has gone is nobody's fault
}
