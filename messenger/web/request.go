package web

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// maxBody is the most that a body may have, in bytes.
const maxBody = 1 << 20

type humaContext = huma.Context

// request is a request whose input has been checked as a whole, before Huma decodes any of it.
type request struct {
	humaContext
	query url.Values
	body  []byte
	rest  func() // what is to be done outside Huma's handler
}

// Unwrap lets a host's own code reach its router's context.
func (r *request) Unwrap() huma.Context { return r.humaContext }

// BodyReader is the body that was checked.
func (r *request) BodyReader() io.Reader { return bytes.NewReader(r.body) }

// Query reads a parameter the way browsers write it. Huma's own takes the name of one without a value for part of the
// next.
func (r *request) Query(name string) string { return r.query.Get(name) }

// SetReadDeadline does nothing: the body has been read, and a deadline left on the connection would end the request's
// context.
func (r *request) SetReadDeadline(time.Time) error { return nil }

// guard is what every staff request passes before its handler: who asks, in which organisation, from which site, and
// whether what they sent is text at all.
func (a *staffAPI) guard(ctx huma.Context, next func(huma.Context)) {
	defer untold(ctx, a.m)
	ctx.SetHeader("Cache-Control", "no-store")
	ctx.SetHeader("X-Content-Type-Options", "nosniff")
	ctx.SetHeader("Date", a.m.Now(ctx.Context()).Format(http.TimeFormat)) // which "in ten seconds" is counted from
	member, err := a.m.Current(ctx.Context())
	if err != nil {
		refuse(ctx, problemOf(ctx.Context(), a.m, "messenger-sign-in", err))
		return
	}
	if p := organisationChanged(ctx, member); p != nil {
		refuse(ctx, p)
		return
	}
	if p := a.crossSite(ctx, member); p != nil {
		refuse(ctx, p)
		return
	}
	checked, p := a.read(huma.WithContext(ctx, a.m.WithMember(ctx.Context(), member)))
	if p != nil {
		refuse(ctx, p)
		return
	}
	next(checked)
	if checked.rest != nil {
		checked.rest()
	}
}

func refuse(ctx huma.Context, p *messengerProblem) {
	unread(ctx)
	p.setHeaders(ctx)
	ctx.SetHeader("Cache-Control", "no-store")
	ctx.SetHeader("Content-Type", p.ContentType(""))
	ctx.SetStatus(p.Status)
	_ = json.NewEncoder(ctx.BodyWriter()).Encode(p) // a reader that has gone is nobody's fault
}

// organisationChanged catches a page that was opened in another organisation than the session is in by now.
func organisationChanged(ctx huma.Context, member adapters.Member) *messengerProblem {
	for _, value := range headers(ctx, "Messenger-Organisation") {
		if value != string(member.Organisation) {
			return problem(messenger.CodeOrganisationChanged, "You have changed to another organisation. Load the page again.")
		}
	}
	return nil
}

// crossSite refuses another site's page that writes with the host's cookie, or has a line written that its reader
// looked at what they never saw. Requests without Origin and Sec-Fetch-Site are not a browser's, and pass.
func (a *staffAPI) crossSite(ctx huma.Context, member adapters.Member) *messengerProblem {
	header := http.Header{}
	for _, name := range []string{"Origin", "Sec-Fetch-Site"} {
		for _, value := range headers(ctx, name) {
			header.Add(name, value)
		}
	}
	if len(header) == 0 {
		return nil
	}
	method := ctx.Method()
	if leavesALine(strings.TrimPrefix(ctx.Operation().OperationID, idPrefix)) {
		method = http.MethodPost
	}
	if passes(ctx, method, header, a.m.PublicURL()) {
		return nil
	}
	organisation, err := a.m.Organisation(ctx.Context(), member.Organisation)
	if err == nil && passes(ctx, method, header, organisation.PublicURL) {
		return nil
	}
	return problem(codeCrossSite, "This request came from another site's page.")
}

// passes asks the standard library, whose rules these are; what can't be an origin trusts nobody.
func passes(ctx huma.Context, method string, header http.Header, trusted string) bool {
	check := http.NewCrossOriginProtection()
	if u, err := url.Parse(trusted); err == nil && u.Host != "" {
		_ = check.AddTrustedOrigin(u.Scheme + "://" + u.Host)
	}
	// Origin is compared with Host.
	return check.Check(&http.Request{Method: method, Host: ctx.Host(), URL: &url.URL{}, Header: header}) == nil
}

func headers(ctx huma.Context, name string) []string {
	var values []string
	ctx.EachHeader(func(have, value string) {
		if strings.EqualFold(have, name) {
			values = append(values, value)
		}
	})
	return values
}

// read takes in the whole request and refuses what is no text, before anything is decoded: nothing is ever repaired.
func (a *staffAPI) read(ctx huma.Context) (*request, *messengerProblem) {
	u := ctx.URL()
	if !plain([]byte(u.Path)) {
		return nil, notText("path")
	}
	for _, parameter := range ctx.Operation().Parameters {
		if parameter.In == "path" && ctx.Param(parameter.Name) == "" {
			return nil, notFound() // chi takes nothing between two slashes for an id
		}
	}
	query, ok := parseQuery(u.RawQuery)
	if !ok {
		return nil, notText("query")
	}
	for i, key := range headers(ctx, "Idempotency-Key") {
		if i > 0 || !visibleASCII(key) {
			return nil, invalid("Idempotency-Key", "The key has to be 1 to 255 visible ASCII characters, given once.")
		}
	}
	body, p := readBody(ctx)
	if p != nil {
		return nil, p
	}
	if p := a.checkBody(ctx, body); p != nil {
		return nil, p
	}
	return &request{humaContext: ctx, query: query, body: body}, nil
}

func notText(location string) *messengerProblem {
	return invalid(location, "The request has to be UTF-8 without NUL.")
}

// unread has an answer not wait for a body that nobody looks at: the server reads the rest of one before it answers.
func unread(ctx huma.Context) {
	if reader := ctx.BodyReader(); reader != nil && reader != http.NoBody {
		_ = ctx.SetReadDeadline(time.Now().Add(unreadRest)) //nolint:forbidigo // a socket's deadline is wall-clock time
	}
}

func readBody(ctx huma.Context) ([]byte, *messengerProblem) {
	return readUpTo(ctx.BodyReader(), maxBody)
}

func readUpTo(reader io.Reader, most int) ([]byte, *messengerProblem) {
	if reader == nil {
		return nil, nil
	}
	body, err := io.ReadAll(io.LimitReader(reader, int64(most)+1))
	var limited *http.MaxBytesError
	switch {
	case errors.As(err, &limited), len(body) > most:
		return nil, tooLarge()
	case errors.Is(err, errNoRoom):
		return nil, problem(messenger.CodeUnavailable, "Too much is being sent at once. Try again in a minute.")
	case err != nil:
		return nil, invalid("body", "The body ended before its end.")
	case len(body) == 0:
		return nil, nil // a stream would keep what was made to read into
	}
	return body, nil
}

// checkBody holds a body against the operation: none where there is none to send, else JSON whose every name is known.
func (a *staffAPI) checkBody(ctx huma.Context, body []byte) *messengerProblem {
	schema := bodySchema(ctx.Operation())
	if len(body) == 0 {
		if schema != nil && ctx.Operation().RequestBody.Required {
			return invalid("body", "The body is missing.")
		}
		return nil
	}
	if !isJSON(ctx.Header("Content-Type")) {
		return notJSON()
	}
	if !plain(body) {
		return notText("body")
	}
	var value any
	if json.Unmarshal(body, &value) != nil {
		return invalid("body", "The body is not valid JSON.")
	}
	if !soundEscapes(body) {
		return notText("body")
	}
	if schema == nil {
		schema = &huma.Schema{Type: huma.TypeObject}
	}
	if !a.known(schema, value) {
		return invalid("body", "The body has to be an object with the properties of this operation and no others.")
	}
	if names := a.absent(schema, value); len(names) > 0 {
		p := problem(messenger.CodeInvalid, "Something is missing from the body: see errors.")
		for _, name := range names {
			p.Errors = append(p.Errors, messengerProblemDetail{name, "This is missing."})
		}
		return p
	}
	return nil
}

// absent are the properties of schema that value has to have and does not, by their names: "subject", "rule.kind".
func (a *staffAPI) absent(schema *huma.Schema, value any) (names []string) {
	schema = resolved(a, schema)
	object, _ := value.(map[string]any)
	for _, name := range schema.Required {
		if _, there := object[name]; !there {
			names = append(names, name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(object)) {
		if _, within := object[name].(map[string]any); within {
			for _, inner := range a.absent(schema.Properties[name], object[name]) {
				names = append(names, name+"."+inner)
			}
		}
	}
	return names
}

// known says whether every name in value is one of schema's, to the letter: Huma and encoding/json overlook case.
func (a *staffAPI) known(schema *huma.Schema, value any) bool {
	schema = resolved(a, schema)
	object, ok := value.(map[string]any)
	if !ok {
		return schema == nil || schema.Type != huma.TypeObject
	}
	if schema == nil || schema.Type != huma.TypeObject {
		return false
	}
	for name, part := range object {
		inner, ok := schema.Properties[name]
		if !ok || (part != nil && !a.known(inner, part)) {
			return false
		}
	}
	return true
}

// isJSON takes an absent content type as JSON.
func isJSON(contentType string) bool {
	if contentType == "" {
		return true
	}
	media, parameters, err := mime.ParseMediaType(contentType)
	charset, named := parameters["charset"]
	return err == nil && media == "application/json" && (!named || strings.EqualFold(charset, "utf-8"))
}

func plain(text []byte) bool { return utf8.Valid(text) && bytes.IndexByte(text, 0) < 0 }

func visibleASCII(text string) bool {
	for i := range len(text) {
		if text[i] < '!' || text[i] > '~' {
			return false
		}
	}
	return text != "" && len(text) <= messenger.MaxKey
}

// parseQuery is url.ParseQuery, except that a semicolon is an ordinary character and that it says whether text was
// text. What was not is left out of the values.
func parseQuery(raw string) (url.Values, bool) {
	values, sound := url.Values{}, true
	part := func(text string) string {
		decoded, err := url.QueryUnescape(text)
		if err != nil || !plain([]byte(decoded)) {
			sound = false
		}
		return strings.ToValidUTF8(strings.ReplaceAll(decoded, "\x00", ""), "")
	}
	for pair := range strings.SplitSeq(raw, "&") {
		if pair == "" {
			continue
		}
		name, value, _ := strings.Cut(pair, "=")
		values.Add(part(name), part(value))
	}
	return values, sound
}

// soundEscapes says whether valid JSON is free of \u0000 and of escaped halves of a surrogate pair, which
// encoding/json would let through and replace.
func soundEscapes(body []byte) bool {
	for i := bytes.IndexByte(body, '\\'); i >= 0 && i < len(body); {
		step, ok := escape(body[i:])
		if !ok {
			return false
		}
		i += step
		next := bytes.IndexByte(body[i:], '\\')
		if next < 0 {
			break
		}
		i += next
	}
	return true
}

// escape is the length of the escape that text begins with, and whether it stands for a character that may be sent.
func escape(text []byte) (int, bool) {
	first, ok := unit(text)
	switch {
	case !ok:
		return 2, true
	case first == 0:
		return 0, false
	case !utf16.IsSurrogate(first):
		return 6, true
	}
	second, ok := unit(text[6:])
	return 12, ok && utf16.DecodeRune(first, second) != utf8.RuneError
}

// unit reads \uXXXX.
func unit(text []byte) (rune, bool) {
	if len(text) < 6 || text[0] != '\\' || text[1] != 'u' {
		return 0, false
	}
	var value rune
	for _, digit := range text[2:6] {
		value = value<<4 | nibble(digit)
	}
	return value, true
}

func nibble(digit byte) rune {
	if digit <= '9' {
		return rune(digit - '0')
	}
	return rune(digit|0x20-'a') + 10
}
