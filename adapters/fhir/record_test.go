package fhir_test

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/adapters/fhir"
)

func entry() adapters.Entry {
	return adapters.Entry{
		Key: uuid.New(), Channel: uuid.New(), Organisation: "org-1", Client: "grace", NHSNumber: "9990000018",
		Direction: adapters.Outbound, Medium: adapters.SMS, Text: "Hello Grace",
		Author:  adapters.Author{Kind: "staff", ID: "s-1", Name: "Ada Bello"},
		FiledBy: adapters.Author{Kind: "system"}, Status: adapters.Sent, OnlineViewing: true,
		At: time.Date(2026, 7, 1, 10, 15, 30, 0, time.FixedZone("BST", 3600)),
	}
}

func newRecord(t *testing.T, change func(*fhir.RecordConfig)) (*peer, *fhir.Record) {
	t.Helper()
	p := newPeer(t)
	p.put(patient("grace", "a", "9990000018", nil))
	return p, p.record(change)
}

func concept(system, code, display, text string) map[string]any {
	return map[string]any{
		"coding": []any{map[string]any{"system": system, "code": code, "display": display}}, "text": text,
	}
}

func TestWriteOutbound(t *testing.T) {
	t.Parallel()
	p, record := newRecord(t, nil)
	entry := entry()
	filed, err := record.Write(t.Context(), entry)
	require.NoError(t, err)
	stored := p.communications(entry.Key)[0]
	require.Equal(t, "Communication/"+stored["id"].(string), filed.Reference)
	require.Equal(t, stored["meta"].(map[string]any)["versionId"], filed.Version)
	delete(stored, "id")
	require.Equal(t, []any{profileURL, fhir.UKCoreCommunication}, stored["meta"].(map[string]any)["profile"])
	require.NotContains(t, stored["meta"], "security")
	delete(stored, "meta")
	grace := map[string]any{
		"reference": "Patient/grace", "type": "Patient",
		"identifier": map[string]any{"use": "official", "system": nhsSystem, "value": "9990000018"},
	}
	require.Equal(t, map[string]any{
		"resourceType": "Communication",
		"identifier":   []any{map[string]any{"system": system + "/message", "value": entry.Key.String()}},
		"partOf": []any{map[string]any{
			"type":       "Communication",
			"identifier": map[string]any{"system": system + "/channel", "value": entry.Channel.String()},
		}},
		"status": "completed",
		"category": []any{concept("http://terminology.hl7.org/CodeSystem/communication-category",
			"notification", "Notification", "Message to client")},
		"medium": []any{
			concept("http://terminology.hl7.org/CodeSystem/v3-ParticipationMode", "WRITTEN", "written", "SMS"),
		},
		"subject":   grace,
		"sent":      "2026-07-01T09:15:30.000Z",
		"recipient": []any{grace},
		"sender": map[string]any{
			"type":       "Practitioner",
			"identifier": map[string]any{"system": system + "/staff", "value": "s-1"}, "display": "Ada Bello",
		},
		"payload": []any{map[string]any{"contentString": "Hello Grace"}},
	}, stored)

	var created request
	for _, request := range p.noted() {
		if request.uri == "/Communication" {
			created = request
		}
	}
	require.Equal(t, http.MethodPost, created.method)
	require.Equal(t, "application/fhir+json", created.header.Get("Content-Type"))
	require.Equal(t, "application/fhir+json", created.header.Get("Accept"))
	require.Equal(t, "Bearer "+secret, created.header.Get("Authorization"))
	require.Equal(t, "identifier=https%3A%2F%2Fmessenger.example.org%2Ffhir%2Fid%2Fmessage%7C"+entry.Key.String(),
		created.header.Get("If-None-Exist"))
}

func TestWriteReply(t *testing.T) {
	t.Parallel()
	p, record := newRecord(t, nil)
	entry := entry()
	entry.Direction, entry.Medium = adapters.Inbound, adapters.Web
	entry.Status, entry.OnlineViewing = adapters.Delivered, false
	entry.Author, entry.FiledBy = adapters.Author{Kind: "client", ID: "grace", Name: "Grace Okafor"}, adapters.Author{
		Kind: "staff", ID: "s-2", Name: "Sam Patel",
	}
	entry.InReplyTo, entry.Verified, entry.Text = uuid.New(), "date_of_birth", "Yes.\n\nDiolch 😀\f\x00!"
	_, err := record.Write(t.Context(), entry)
	require.NoError(t, err)
	stored := p.communications(entry.Key)[0]
	require.Equal(t, "Patient/grace", stored["sender"].(map[string]any)["reference"])
	require.Equal(t, []any{map[string]any{
		"type": "Organization", "identifier": map[string]any{"system": odsSystem, "value": "Y12345"},
	}}, stored["recipient"])
	require.Equal(t, []any{map[string]any{"text": "Reply from client"}}, stored["category"])
	require.Equal(t, []any{concept("http://terminology.hl7.org/CodeSystem/v3-ParticipationMode", "ONLINEWRIT",
		"online written", "Secure reply web page")}, stored["medium"])
	require.Equal(t, "2026-07-01T09:15:30.000Z", stored["received"])
	require.Equal(t, entry.InReplyTo.String(),
		stored["inResponseTo"].([]any)[0].(map[string]any)["identifier"].(map[string]any)["value"])
	require.Equal(t, []any{map[string]any{"contentString": "Yes.\n\nDiolch 😀  !"}}, stored["payload"])
	require.Equal(t, "NOPAT", stored["meta"].(map[string]any)["security"].([]any)[0].(map[string]any)["code"],
		"not for online viewing")
	notes := stored["note"].([]any)
	require.Equal(t, "Whoever wrote this reply gave the client's date of birth.", notes[0].(map[string]any)["text"])
	require.Equal(t, "Sam Patel", notes[1].(map[string]any)["authorReference"].(map[string]any)["display"])
}

// A note among staff says that it went to nobody, and is never for the client's online record, whatever the entry says.
func TestWriteANote(t *testing.T) {
	t.Parallel()
	p, record := newRecord(t, nil)
	for kind, medium := range map[adapters.NoteKind]string{adapters.Note: "WRITTEN", adapters.Call: "PHONE"} {
		entry := entry()
		entry.Key = uuid.New()
		entry.Direction, entry.Note, entry.Medium, entry.Subject, entry.Status = adapters.Internal, kind, "", "", ""
		_, err := record.Write(t.Context(), entry)
		require.NoError(t, err)
		stored := p.communications(entry.Key)[0]
		require.Equal(t, []any{map[string]any{"text": "Note for staff only"}}, stored["category"])
		require.Equal(t, medium, stored["medium"].([]any)[0].(map[string]any)["coding"].([]any)[0].(map[string]any)["code"])
		require.Equal(t, "Organization", stored["recipient"].([]any)[0].(map[string]any)["type"])
		require.Equal(t, "completed", stored["status"])
		require.NotContains(t, stored, "received")
		require.Equal(t, "NOPAT", stored["meta"].(map[string]any)["security"].([]any)[0].(map[string]any)["code"])
	}
}

func TestWriteEmailAndFailures(t *testing.T) {
	t.Parallel()
	p, record := newRecord(t, func(c *fhir.RecordConfig) {
		c.Profiles, c.ODSCodes, c.StaffSystem = []string{profileURL}, nil, "https://fhir.nhs.uk/Id/sds-user-id"
	})
	email := entry()
	email.Medium, email.Subject = adapters.Email, "Your\nwalking  group"
	email.Status, email.DeliveredAt = adapters.Delivered, email.At.Add(time.Minute)
	filed, err := record.Write(t.Context(), email)
	require.NoError(t, err)
	stored := p.communications(email.Key)[0]
	require.Equal(t, map[string]any{"text": "Your walking group"}, stored["topic"])
	require.Equal(t, "2026-07-01T09:16:30.000Z", stored["received"])
	require.Equal(t, "https://fhir.nhs.uk/Id/sds-user-id",
		stored["sender"].(map[string]any)["identifier"].(map[string]any)["system"])
	require.Equal(t, []any{profileURL}, stored["meta"].(map[string]any)["profile"])
	email.Status, email.Subject, email.Text = adapters.Withdrawn, "", "[Withdrawn]"
	_, err = record.Amend(t.Context(), filed, email)
	require.NoError(t, err)
	require.NotContains(t, p.communications(email.Key)[0], "topic", "it has words too")

	for reason, code := range map[string]string{
		"wrong_contact": "invalid-phone-number", "not_delivered": "recipient-unavailable", "objected": "patient-objection",
		"not_sent": "system-error", "configuration": "system-error", "something_new": "unknown",
	} {
		failed := entry()
		failed.Status, failed.Reason, failed.Author = adapters.Failed, reason, adapters.Author{Kind: "system"}
		_, err := record.Write(t.Context(), failed)
		require.NoError(t, err)
		stored := p.communications(failed.Key)[0]
		require.Equal(t, "not-done", stored["status"])
		require.NotContains(t, stored, "received")
		require.Equal(t, code, stored["statusReason"].(map[string]any)["coding"].([]any)[0].(map[string]any)["code"], reason)
		require.Equal(t, strings.ReplaceAll(reason, "_", " "), stored["statusReason"].(map[string]any)["text"])
		require.Equal(t, map[string]any{
			"type": "Organization", "identifier": map[string]any{"system": system + "/organisation", "value": "org-1"},
		}, stored["sender"])
	}
}

func TestNothingIsWrittenWithoutAConfirmedPatient(t *testing.T) {
	t.Parallel()
	p, record := newRecord(t, nil)
	p.put(patient("inactive", "a", "9990000026", map[string]any{"active": false}))
	p.put(patient("theirs", "b", "9990000034", nil))
	for name, change := range map[string]func(*adapters.Entry){
		"unknown":              func(e *adapters.Entry) { e.Client = "nobody" },
		"not in use":           func(e *adapters.Entry) { e.Client, e.NHSNumber = "inactive", "9990000026" },
		"another organisation": func(e *adapters.Entry) { e.Client, e.NHSNumber = "theirs", "9990000034" },
		"another NHS number":   func(e *adapters.Entry) { e.NHSNumber = "9990000026" },
	} {
		entry := entry()
		change(&entry)
		_, err := record.Write(t.Context(), entry)
		require.ErrorIs(t, err, adapters.ErrNotFound, name)
	}
	byNumber := p.record(func(c *fhir.RecordConfig) { c.Patients = nil })
	for _, number := range []string{"", "9990000019", "0000000000"} {
		entry := entry()
		entry.NHSNumber = number
		_, err := byNumber.Write(t.Context(), entry)
		require.ErrorIs(t, err, adapters.ErrNotFound, number)
	}
	require.Zero(t, p.count(http.MethodPost))

	entry := entry()
	_, err := byNumber.Write(t.Context(), entry)
	require.NoError(t, err)
	subject := p.communications(entry.Key)[0]["subject"].(map[string]any)
	require.NotContains(t, subject, "reference")
	require.Equal(t, "9990000018", subject["identifier"].(map[string]any)["value"])
}

func TestWriteGoesToTheReplacementOfAMergedPatient(t *testing.T) {
	t.Parallel()
	p, record := newRecord(t, nil)
	p.put(patient("old", "a", "9990000026", replacedBy("grace")))
	entry := entry()
	entry.Client = "old"
	_, err := record.Write(t.Context(), entry)
	require.NoError(t, err)
	require.Equal(t, "Patient/grace", p.communications(entry.Key)[0]["subject"].(map[string]any)["reference"])
}

func replacedBy(id string) map[string]any {
	return map[string]any{
		"active": false,
		"link":   []any{map[string]any{"other": map[string]any{"reference": "Patient/" + id}, "type": "replaced-by"}},
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	p, record := newRecord(t, nil)
	for status, want := range map[int]error{
		307: adapters.ErrConfiguration, 400: adapters.ErrWrongContent, 401: adapters.ErrConfiguration,
		403: adapters.ErrConfiguration,
		404: adapters.ErrConfiguration, 405: adapters.ErrConfiguration, 412: adapters.ErrWrongContent,
		413: adapters.ErrWrongContent,
		415: adapters.ErrConfiguration, 422: adapters.ErrWrongContent, 501: adapters.ErrConfiguration,
		408: nil, 409: nil, 425: nil, 500: nil, 502: nil, 503: nil, 504: nil,
	} {
		p.answers(http.MethodPost, status,
			`{"issue":[{"code":"invalid","diagnostics":"Hello Grace"},{"code":"Hello Grace"}]}`)
		_, err := record.Write(t.Context(), entry())
		require.Error(t, err)
		require.NotContains(t, err.Error(), "Grace")
		require.NotContains(t, err.Error(), secret)
		for _, one := range []error{
			adapters.ErrConfiguration, adapters.ErrWrongContent, adapters.ErrNotFound, adapters.ErrNotSent,
		} {
			require.Equal(t, want != nil && errors.Is(want, one), errors.Is(err, one), "%d: %v", status, err)
		}
	}
	for _, page := range []string{"<h1>400 The SSL certificate error</h1>", `{"error":"invalid_token"}`, `{"message":"Bad session","issue":[]}`} {
		p.answers(http.MethodPost, http.StatusBadRequest, page)
		_, err := record.Write(t.Context(), entry())
		require.ErrorContains(t, err, "400")
		require.NotErrorIs(t, err, adapters.ErrWrongContent, "a gateway's trouble is no message's")
	}
	p.set(func(w http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path != "/Communication" {
			return false
		}
		w.Header().Set("Retry-After", "60")
		w.WriteHeader(http.StatusTooManyRequests)
		return true
	}, nil)
	_, err := record.Write(t.Context(), entry())
	var limited *adapters.RateLimitError
	require.ErrorAs(t, err, &limited)
	require.WithinDuration(t, time.Now().Add(time.Minute), limited.Until, 10*time.Second)

	p.set(nil, nil)
	empty := entry()
	empty.Text = " \n"
	_, err = record.Write(t.Context(), empty)
	require.ErrorIs(t, err, adapters.ErrWrongContent)
}

// A server that knows the entry of an earlier try, whose answer was lost, may refuse a second one instead of saying
// where the first stands.
func TestADuplicateIsTheEarlierTrys(t *testing.T) {
	t.Parallel()
	p, record := newRecord(t, nil)
	first := entry()
	filed, err := record.Write(t.Context(), first)
	require.NoError(t, err)
	const outcome = `{"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"duplicate"}]}`
	for _, status := range []int{400, 409, 412, 422} {
		p.set(func(w http.ResponseWriter, r *http.Request) bool {
			if r.Method != http.MethodPost || r.URL.Path != "/Communication" {
				return false
			}
			w.WriteHeader(status)
			_, _ = w.Write([]byte(outcome))
			return true
		}, nil)
		again, err := record.Write(t.Context(), first)
		require.NoError(t, err, status)
		require.Equal(t, filed.Reference, again.Reference)
		_, err = record.Write(t.Context(), entry())
		require.Error(t, err, "it has no other entry")
	}
}

// JSON begins with no byte order mark, and some servers' answers do.
func TestAnAnswerBehindAMark(t *testing.T) {
	t.Parallel()
	p, record := newRecord(t, nil)
	p.answers(http.MethodPost, 422,
		"\ufeff"+`{"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"lock-error"}]}`)
	_, err := record.Write(t.Context(), entry())
	require.Error(t, err)
	require.NotErrorIs(t, err, adapters.ErrWrongContent)
}

// What an OperationOutcome says goes before the status, but where the status is the address's.
func TestRefusalsByTheirIssue(t *testing.T) {
	t.Parallel()
	p, record := newRecord(t, nil)
	first := entry()
	filed, err := record.Write(t.Context(), first)
	require.NoError(t, err)
	failed := first
	failed.Status = adapters.Failed
	limited := &adapters.RateLimitError{}
	for _, c := range []struct {
		status int
		codes  string
		want   error // nil: passing
	}{
		{422, "transient", nil},
		{422, "lock-error", nil},
		{400, "timeout", nil},
		{422, "exception", nil},
		{413, "no-store", nil},
		{400, "conflict", nil},
		{404, "transient", nil},
		{422, "throttled", limited},
		{403, "throttled", limited},
		{400, "not-found", adapters.ErrNotFound},
		{422, "deleted", adapters.ErrNotFound},
		{404, "not-found", adapters.ErrConfiguration},
		{404, "", adapters.ErrConfiguration},
		{401, "not-found", adapters.ErrConfiguration},
		{400, "login", adapters.ErrConfiguration},
		{422, "security", adapters.ErrConfiguration},
		{400, "expired", adapters.ErrConfiguration},
		{422, "forbidden", adapters.ErrConfiguration},
		{400, "not-supported", adapters.ErrConfiguration},
		{400, "multiple-matches", adapters.ErrWrongContent},
		{400, "unknown", adapters.ErrConfiguration},
		{400, "invalid", adapters.ErrWrongContent},
		{422, "business-rule", adapters.ErrWrongContent},
		{422, "", adapters.ErrWrongContent},
		{422, "too-long", adapters.ErrWrongContent},
		{400, "Transient", adapters.ErrWrongContent},
		{422, "not-found transient", nil},
		{422, "transient not-found", nil},
		{422, "transient login", adapters.ErrConfiguration},
		{422, "warning:transient invalid", adapters.ErrWrongContent},
		{422, "information:login not-found", adapters.ErrNotFound},
		{422, "success:transient value", adapters.ErrWrongContent},
		{422, "fatal:transient", nil},
		{400, "fatal:not-found fatal:lock-error", nil},
		{400, "invariant not-found", adapters.ErrNotFound},
		{413, "not-found", adapters.ErrConfiguration},
		{400, "incomplete", nil},
		{422, "suppressed", adapters.ErrConfiguration},
		{500, "not-found", nil},
		{503, "login", nil},
		{422, strings.Repeat("warning:informational ", 20) + "transient", nil}, // behind what a validator found
		{
			400, "warning:code-invalid information:business-rule warning:value warning:value warning:value not-found",
			adapters.ErrNotFound,
		},
		{422, "too-costly", nil},
		{422, "duplicate", adapters.ErrWrongContent},
	} {
		var issues []string
		for _, code := range strings.Fields(c.codes) {
			severity, code, found := strings.Cut(code, ":")
			if !found {
				severity, code = "error", severity
			}
			issues = append(issues, `{"severity":"`+severity+`","code":"`+code+`","diagnostics":"Hello Grace"}`)
		}
		outcome := `{"resourceType":"OperationOutcome","issue":[` + strings.Join(issues, ",") + `]}`
		p.answers(http.MethodPost, c.status, outcome)
		_, written := record.Write(t.Context(), entry())
		p.answers(http.MethodPut, c.status, outcome)
		_, amended := record.Amend(t.Context(), filed, failed)
		for _, err := range []error{written, amended} {
			require.Error(t, err)
			require.NotContains(t, err.Error(), "Grace")
			for _, one := range []error{adapters.ErrConfiguration, adapters.ErrWrongContent, adapters.ErrNotFound} {
				//nolint:errorlint // which of them
				require.Equal(t, one == c.want, errors.Is(err, one), "%d %s: %v", c.status, c.codes, err)
			}
			var is *adapters.RateLimitError
			//nolint:errorlint // the one above
			require.Equal(t, c.want == limited, errors.As(err, &is), "%d %s", c.status, c.codes)
		}
	}
	p.set(func(w http.ResponseWriter, r *http.Request) bool {
		if !strings.Contains(r.URL.Path, "Patient") {
			return false
		}
		w.WriteHeader(http.StatusBadRequest)
		_, _ = io.WriteString(w, `{"issue":[{"severity":"error","code":"not-found"}]}`)
		return true
	}, nil)
	_, err = record.Write(t.Context(), entry())
	require.ErrorIs(t, err, adapters.ErrNotFound, "no such patient")
}

func TestSeveralUnderOneKeyAreNotAddedTo(t *testing.T) {
	t.Parallel()
	for _, searchFirst := range []bool{false, true} {
		p, record := newRecord(t, func(c *fhir.RecordConfig) { c.SearchFirst = searchFirst })
		entry := entry()
		_, err := record.Write(t.Context(), entry)
		require.NoError(t, err)
		twin := p.communications(entry.Key)[0]
		twin["id"] = "twin"
		p.put(twin)
		_, err = record.Write(t.Context(), entry)
		require.ErrorIs(t, err, adapters.ErrWrongContent)
		require.Len(t, p.communications(entry.Key), 2)
	}
}

// TestServersThatIgnoreIfNoneExist shows that such a server files twice, and that SearchFirst is the way out.
// An entry that is there twice is named twice, also where pages show it again, and nobody's words are asked for; an
// answer that does not end, or goes on elsewhere, is none.
func TestEntries(t *testing.T) {
	t.Parallel()
	p, record := newRecord(t, nil)
	once, twice, gone := entry(), entry(), entry()
	for _, one := range []adapters.Entry{once, twice, gone} {
		_, err := record.Write(t.Context(), one)
		require.NoError(t, err)
	}
	second := maps.Clone(p.communications(twice.Key)[0])
	second["id"] = uuid.NewString()
	p.put(second)
	p.direct(http.MethodDelete, "/Communication/"+p.communications(gone.Key)[0]["id"].(string), "", nil)
	keys := []uuid.UUID{once.Key, twice.Key, gone.Key}
	held, err := record.Entries(t.Context(), "org-1", keys)
	require.NoError(t, err)
	require.ElementsMatch(t, []uuid.UUID{once.Key, twice.Key, twice.Key}, held)
	asked := p.noted()[len(p.noted())-1]
	require.NotContains(t, asked.uri, once.Key.String())

	page := func(id string, key uuid.UUID, next string) string {
		return fmt.Sprintf(`{"resourceType":"Bundle","link":[{"relation":"next","url":%q}],"entry":[{"resource":
			{"resourceType":"Communication","id":%q,"identifier":[{"system":%q,"value":%q}]}}]}`,
			next, id, system+"/message", key)
	}
	pages := map[string]string{
		"/Communication/_search": page("1", once.Key, p.gate.URL+"/?page=2"),
		"/?page=2":               page("1", once.Key, p.gate.URL+"/?page=3"),
		"/?page=3":               page("2", twice.Key, ""),
	}
	p.set(func(w http.ResponseWriter, r *http.Request) bool {
		_, _ = io.WriteString(w, pages[r.URL.RequestURI()])
		return true
	}, nil)
	held, err = record.Entries(t.Context(), "org-1", keys)
	require.NoError(t, err)
	require.Equal(t, []uuid.UUID{once.Key, twice.Key}, held)
	for _, next := range []string{p.gate.URL + "/?page=2", "https://elsewhere.example.org/?page=3"} {
		pages["/?page=2"] = page("1", once.Key, next)
		_, err = record.Entries(t.Context(), "org-1", keys)
		require.ErrorIs(t, err, adapters.ErrConfiguration, next)
	}
	pages["/Communication/_search"] = page("../1", once.Key, "")
	_, err = record.Entries(t.Context(), "org-1", keys)
	require.Error(t, err)
}

func TestServersThatIgnoreIfNoneExist(t *testing.T) {
	t.Parallel()
	for searchFirst, want := range map[bool]int{false: 2, true: 1} {
		p, record := newRecord(t, func(c *fhir.RecordConfig) { c.SearchFirst = searchFirst })
		p.set(func(_ http.ResponseWriter, r *http.Request) bool { r.Header.Del("If-None-Exist"); return false }, nil)
		entry := entry()
		first, err := record.Write(t.Context(), entry)
		require.NoError(t, err)
		second, err := record.Write(t.Context(), entry)
		require.NoError(t, err)
		require.Len(t, p.communications(entry.Key), want)
		require.Equal(t, searchFirst, first == second)
	}
}

// TestSearchFirstBelievesNoOtherEntry: a server that ignores the question answers with whatever it has.
func TestSearchFirstBelievesNoOtherEntry(t *testing.T) {
	t.Parallel()
	p, record := newRecord(t, func(c *fhir.RecordConfig) { c.SearchFirst = true })
	other := entry()
	_, err := record.Write(t.Context(), other)
	require.NoError(t, err)
	p.set(func(_ http.ResponseWriter, r *http.Request) bool {
		if strings.HasSuffix(r.URL.Path, "Communication/_search") {
			r.Body, r.ContentLength = io.NopCloser(strings.NewReader("")), 0
		}
		return false
	}, nil)
	entry := entry()
	_, err = record.Write(t.Context(), entry)
	require.NoError(t, err)
	require.Len(t, p.communications(entry.Key), 1)
}

func TestAnswersOfEveryShape(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*http.Response){
		"no body": func(r *http.Response) { r.Body, r.ContentLength = http.NoBody, 0; r.Header.Del("Content-Length") },
		"another host in Location": func(r *http.Response) {
			r.Body, r.ContentLength = http.NoBody, 0
			r.Header.Set("Location",
				"https://inside.example.org/fhir/Communication"+strings.SplitN(r.Header.Get("Location"), "/Communication", 2)[1])
			r.Header.Del("ETag")
		},
		"no headers": func(r *http.Response) { r.Header.Del("Location"); r.Header.Del("ETag") },
		"no headers, no body": func(r *http.Response) {
			r.Body = http.NoBody
			r.Header.Del("Location")
			r.Header.Del("ETag")
		},
		"body that is no JSON": func(r *http.Response) { r.Body = io.NopCloser(strings.NewReader("<html>")) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, record := newRecord(t, nil)
			p.set(nil, func(r *http.Response) error {
				if r.Request.Method == http.MethodPost && strings.HasSuffix(r.Request.URL.Path, "/Communication") {
					r.TransferEncoding = nil
					change(r)
					r.ContentLength = -1
				}
				return nil
			})
			entry := entry()
			for range 2 { // created, then found
				filed, err := record.Write(t.Context(), entry)
				require.NoError(t, err)
				stored := p.communications(entry.Key)[0]
				require.Equal(t, "Communication/"+stored["id"].(string), filed.Reference)
				require.Equal(t, stored["meta"].(map[string]any)["versionId"], filed.Version)
			}
		})
	}
}

func TestNewRecordRefusesWhatCannotWork(t *testing.T) {
	t.Parallel()
	server := newPeer(t).server()
	for _, system := range []string{"", "messages", "https://example.org/a|b", "https://example.org/a,b"} {
		_, err := fhir.NewRecord(fhir.RecordConfig{Server: server, System: system})
		require.Error(t, err, system)
	}
	_, err := fhir.NewRecord(fhir.RecordConfig{System: system})
	require.Error(t, err)
}
