package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// browser is somebody with a browser: staff who signed in, or a client who did not.
type browser struct {
	t      *testing.T
	base   string
	client *http.Client
}

func newBrowser(t *testing.T, base string) browser {
	t.Helper()
	jar, err := cookiejar.New(nil)
	require.NoError(t, err)
	return browser{
		t, base,
		&http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }},
	}
}

func signedIn(t *testing.T, base, staff string) browser {
	t.Helper()
	b := newBrowser(t, base)
	status, _ := b.form("/sign-in", url.Values{"staff": {staff}})
	require.Equal(t, http.StatusSeeOther, status)
	return b
}

// request makes one request and returns the status, the header and the body. Path may be a whole address.
func (b browser) request(method, path, contentType, body string, headers ...string) (int, http.Header, string) {
	b.t.Helper()
	address := path
	if strings.HasPrefix(path, "/") {
		address = b.base + path
	}
	request, err := http.NewRequestWithContext(b.t.Context(), method, address, strings.NewReader(body))
	require.NoError(b.t, err)
	if contentType != "" {
		request.Header.Set("Content-Type", contentType)
	}
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	answer, err := b.client.Do(request)
	require.NoError(b.t, err)
	defer func() { _ = answer.Body.Close() }()
	read, err := io.ReadAll(answer.Body)
	require.NoError(b.t, err)
	return answer.StatusCode, answer.Header, string(read)
}

func (b browser) page(path string) (int, string) {
	b.t.Helper()
	status, _, body := b.request(http.MethodGet, path, "", "")
	return status, body
}

func (b browser) form(path string, values url.Values) (int, string) {
	b.t.Helper()
	status, _, body := b.request(http.MethodPost, path, "application/x-www-form-urlencoded", values.Encode())
	return status, body
}

// api calls the staff API and decodes its answer, which must have the status.
func (b browser) api(status int, method, path string, body, answer any, headers ...string) {
	b.t.Helper()
	var sent []byte
	contentType := ""
	if body != nil {
		var err error
		sent, err = json.Marshal(body)
		require.NoError(b.t, err)
		contentType = "application/json"
	}
	got, _, read := b.request(method, "/messenger/api"+path, contentType, string(sent), headers...)
	require.Equal(b.t, status, got, "%s %s: %s", method, path, read)
	if answer != nil {
		require.NoError(b.t, json.Unmarshal([]byte(read), answer), "%s", read)
	}
}

// refused calls the staff API and returns the code of its problem document.
func (b browser) refused(status int, method, path string, body any) string {
	b.t.Helper()
	var problem struct{ Code string }
	b.api(status, method, path, body, &problem)
	return problem.Code
}

// reply answers through the reply page as a client does: it opens the link, fills in the text and presses Send.
func (b browser) reply(link, text string) (status int, page string) {
	b.t.Helper()
	status, page = b.page(link)
	require.Equal(b.t, http.StatusOK, status, "%s", page)
	values := fieldsOf(page)
	values.Set(submatch(page, `<textarea[^>]*\bname="([^"]+)"`), text)
	status, header, page := b.request(http.MethodPost, link, "application/x-www-form-urlencoded", values.Encode())
	if status == http.StatusSeeOther {
		to, err := url.Parse(link)
		require.NoError(b.t, err)
		to, err = to.Parse(header.Get("Location"))
		require.NoError(b.t, err)
		return b.page(to.String())
	}
	return status, page
}

// fieldsOf are the hidden fields of a page's form.
func fieldsOf(page string) url.Values {
	values := url.Values{}
	for _, input := range regexp.MustCompile(`<input[^>]*type="hidden"[^>]*>`).FindAllString(page, -1) {
		values.Set(submatch(input, `name="([^"]*)"`), submatch(input, `value="([^"]*)"`))
	}
	return values
}

func submatch(text, pattern string) string {
	found := regexp.MustCompile(pattern).FindStringSubmatch(text)
	if found == nil {
		return ""
	}
	return html.UnescapeString(found[1])
}

// event is one server-sent event.
type event struct{ id, kind, data string }

// stream opens the server-sent events and returns what comes; closing is the test's end.
func (b browser) stream(headers ...string) <-chan event {
	b.t.Helper()
	ctx, cancel := context.WithCancel(b.t.Context())
	b.t.Cleanup(cancel)
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, b.base+"/messenger/api/events", nil)
	require.NoError(b.t, err)
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	answer, err := b.client.Do(request) //nolint:bodyclose // closed below
	require.NoError(b.t, err)
	require.Equal(b.t, http.StatusOK, answer.StatusCode)
	require.Contains(b.t, answer.Header.Get("Content-Type"), "text/event-stream")
	events := make(chan event, 1000)
	go func() {
		defer close(events)
		defer func() { _ = answer.Body.Close() }()
		readEvents(answer.Body, events)
	}()
	return events
}

func readEvents(from io.Reader, to chan<- event) {
	var e event
	lines := bufio.NewScanner(from)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		name, value, _ := bytes.Cut(lines.Bytes(), []byte(":"))
		text := strings.TrimPrefix(string(value), " ")
		switch string(name) {
		case "id":
			e.id = text
		case "event":
			e.kind = text
		case "data":
			e.data += text
		case "":
			if e.data != "" || e.kind != "" {
				to <- e
			}
			e = event{}
		}
	}
}

// awaitEvent waits for an event whose data hold all words.
func awaitEvent(t *testing.T, events <-chan event, kind string, words ...string) event {
	t.Helper()
	late := time.After(patience)
	for {
		select {
		case e, open := <-events:
			require.True(t, open, "the stream has ended")
			missing := false
			for _, word := range words {
				missing = missing || !strings.Contains(e.data, word)
			}
			if e.kind == kind && !missing {
				return e
			}
		case <-late:
			require.Fail(t, "no such event", "%s %q", kind, words)
		}
	}
}
