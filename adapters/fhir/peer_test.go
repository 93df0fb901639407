package fhir_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters/fhir"
	"github.com/cmsmessenger/cmsmessenger/internal/testpeer"
)

const (
	peerVariable = "MESSENGER_TEST_FHIR"
	secret       = "bearer-hunter2"
	profileURL   = "https://example.org/fhir/StructureDefinition/Messenger-Communication"
	nhsSystem    = "https://fhir.nhs.uk/Id/nhs-number"
	odsSystem    = "https://fhir.nhs.uk/Id/ods-organization-code"
)

func TestMain(m *testing.M) {
	profile, err := filepath.Abs("testdata/StructureDefinition-Messenger-Communication.json")
	if err != nil {
		os.Exit(1)
	}
	os.Exit(testpeer.Main(m, peerVariable, "fhir-server.mjs", profile))
}

// peer is a store of its own on the FHIR server, and a gate in front of it which notes requests and can misbehave.
type peer struct {
	t     *testing.T
	store string // the server behind the gate
	gate  *httptest.Server

	mu       sync.Mutex
	requests []request
	before   func(http.ResponseWriter, *http.Request) bool
	after    func(*http.Response) error
}

type request struct {
	method, uri, body string
	header            http.Header
}

func newPeer(t *testing.T) *peer {
	t.Helper()
	p := &peer{t: t, store: os.Getenv(peerVariable) + "/" + uuid.NewString()}
	target, err := url.Parse(p.store)
	require.NoError(t, err)
	proxy := &httputil.ReverseProxy{
		Rewrite:        func(r *httputil.ProxyRequest) { r.SetURL(target) },
		ModifyResponse: p.modify,
		ErrorHandler:   func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) },
		// A test's own client may leave before the answer.
		ErrorLog: nil,
	}
	p.gate = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		p.mu.Lock()
		p.requests = append(p.requests, request{r.Method, r.RequestURI, string(body), r.Header.Clone()})
		before := p.before
		p.mu.Unlock()
		if before == nil || !before(w, r) {
			proxy.ServeHTTP(w, r)
		}
	}))
	t.Cleanup(p.gate.Close)
	return p
}

// set makes the gate behave so from the next request on; nil is well.
func (p *peer) set(before func(http.ResponseWriter, *http.Request) bool, after func(*http.Response) error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.before, p.after = before, after
}

func (p *peer) modify(response *http.Response) error {
	p.mu.Lock()
	after := p.after
	p.mu.Unlock()
	if after == nil {
		return nil
	}
	return after(response)
}

// answers makes the gate answer every read or write of a Communication itself, searches apart.
func (p *peer) answers(method string, status int, body string) {
	p.set(func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method != method || strings.Contains(r.URL.Path, "Patient") || strings.HasSuffix(r.URL.Path, "_search") {
			return false
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
		return true
	}, nil)
}

// stall makes the gate answer nothing until release.
func (p *peer) stall() (release func()) {
	released := make(chan struct{})
	p.set(func(_ http.ResponseWriter, r *http.Request) bool {
		select {
		case <-released:
		case <-r.Context().Done():
		case <-time.After(30 * time.Second):
		}
		panic(http.ErrAbortHandler)
	}, nil)
	return sync.OnceFunc(func() { p.set(nil, nil); close(released) })
}

func (p *peer) count(method string) int {
	n := 0
	for _, request := range p.noted() {
		if request.method == method && strings.HasPrefix(request.uri, "/Communication") &&
			!strings.Contains(request.uri, "_search") {
			n++
		}
	}
	return n
}

func (p *peer) noted() []request {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]request(nil), p.requests...)
}

func (p *peer) server() *fhir.Server {
	p.t.Helper()
	server, err := fhir.NewServer(fhir.ServerConfig{BaseURL: p.gate.URL, Token: fhir.Bearer(secret)})
	require.NoError(p.t, err)
	return server
}

// put stores a resource behind the gate's back.
func (p *peer) put(resource map[string]any) {
	p.t.Helper()
	body, err := json.Marshal(resource)
	require.NoError(p.t, err)
	p.direct(http.MethodPut, fmt.Sprintf("/%s/%s", resource["resourceType"], resource["id"]), string(body), nil)
}

// direct asks the server behind the gate and reads its answer into what is given.
func (p *peer) direct(method, path, body string, into any) {
	p.t.Helper()
	request, err := http.NewRequestWithContext(p.t.Context(), method, p.store+path, strings.NewReader(body))
	require.NoError(p.t, err)
	request.Header.Set("Content-Type", "application/fhir+json")
	response, err := http.DefaultClient.Do(request)
	require.NoError(p.t, err)
	defer func() { _ = response.Body.Close() }()
	answer, err := io.ReadAll(response.Body)
	require.NoError(p.t, err)
	require.Less(p.t, response.StatusCode, 300, "%s", answer)
	if into != nil {
		require.NoError(p.t, json.Unmarshal(answer, into))
	}
}

// communications are the entries that the server itself holds of a message.
func (p *peer) communications(key uuid.UUID) []map[string]any {
	p.t.Helper()
	var bundle struct {
		Entry []struct{ Resource map[string]any }
	}
	p.direct(http.MethodGet, "/Communication?identifier="+url.QueryEscape(system+"/message|"+key.String()), "", &bundle)
	resources := []map[string]any{}
	for _, entry := range bundle.Entry {
		resources = append(resources, entry.Resource)
	}
	return resources
}

// patient is a Patient of an organisation that has an NHS number; more overrides or adds elements.
func patient(id, manager, number string, more map[string]any) map[string]any {
	resource := map[string]any{
		"resourceType": "Patient", "id": id,
		"identifier": []any{map[string]any{"system": nhsSystem, "value": number}},
		"name":       []any{map[string]any{"use": "usual", "given": []string{"Grace"}, "family": "Okafor"}},
	}
	if manager != "" {
		resource["managingOrganization"] = map[string]any{"reference": "Organization/" + manager}
	}
	for element, value := range more {
		resource[element] = value
	}
	return resource
}
