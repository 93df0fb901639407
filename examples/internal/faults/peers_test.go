package faults

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// notify is GOV.UK Notify as far as it matters here: it keeps what it took, sends twice what it is given twice, and can
// be asked by reference.
type notify struct {
	mux *http.ServeMux

	mu    sync.Mutex
	taken map[string]int // by reference
}

func newNotify() *notify {
	n := &notify{mux: http.NewServeMux(), taken: map[string]int{}}
	n.mux.HandleFunc("POST /v2/notifications/{medium}", n.take)
	n.mux.HandleFunc("GET /v2/notifications", n.find)
	return n
}

func (n *notify) ServeHTTP(w http.ResponseWriter, r *http.Request) { n.mux.ServeHTTP(w, r) }

func (n *notify) take(w http.ResponseWriter, r *http.Request) {
	var request struct{ Reference string }
	if json.NewDecoder(r.Body).Decode(&request) != nil {
		return // cut off while it was sent
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.taken[request.Reference]++
	w.WriteHeader(http.StatusCreated)
	_, _ = fmt.Fprintf(w, `{"id":%q,"content":{}}`, uuid.NewString())
}

func (n *notify) find(w http.ResponseWriter, r *http.Request) {
	n.mu.Lock()
	defer n.mu.Unlock()
	reference := r.URL.Query().Get("reference")
	if n.taken[reference] == 0 {
		_, _ = w.Write([]byte(`{"notifications":[]}`))
		return
	}
	_, _ = fmt.Fprintf(w, `{"notifications":[{"id":%q,"reference":%q,"status":"sending"}]}`, uuid.NewString(), reference)
}

// record is a FHIR server that is not ours: Medplum's router and validator.
type record struct {
	*httputil.ReverseProxy
	address string // with the store's name
}

func newRecord(t *testing.T, peer string) *record {
	t.Helper()
	address, err := url.Parse(peer + "/" + uuid.NewString()) // a store of its own
	require.NoError(t, err)
	proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(address) }}
	proxy.ErrorHandler = func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(http.StatusBadGateway) }
	return &record{proxy, address.String()}
}

// filed counts the entries by the message they are of.
func (r *record) filed(t *testing.T) map[string]int {
	t.Helper()
	times := map[string]int{}
	for offset := 0; ; offset += 500 {
		page := fmt.Sprintf("%s/Communication?_count=500&_offset=%d&_sort=_lastUpdated", r.address, offset)
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, page, nil)
		require.NoError(t, err)
		answer, err := http.DefaultClient.Do(request)
		require.NoError(t, err)
		var bundle struct {
			Entry []struct {
				Resource struct {
					Identifier []struct{ System, Value string }
				}
			}
		}
		err = json.NewDecoder(answer.Body).Decode(&bundle)
		require.NoError(t, answer.Body.Close())
		require.NoError(t, err)
		for _, entry := range bundle.Entry {
			for _, identifier := range entry.Resource.Identifier {
				if strings.HasSuffix(identifier.System, "/message") {
					times[identifier.Value]++
				}
			}
		}
		if len(bundle.Entry) < 500 {
			return times
		}
	}
}
