package browsertest_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/internal/testpeer"
	"github.com/cmsmessenger/cmsmessenger/messenger"
	"github.com/cmsmessenger/cmsmessenger/messenger/web"
)

//nolint:gochecknoglobals // a flag of a test is one
var update = flag.Bool("update", false, "write what is made from the OpenAPI document instead of comparing it")

// document is the staff API's own OpenAPI document.
func document(t *testing.T) json.RawMessage {
	t.Helper()
	return documentAt(t, "/openapi.json")
}

func documentAt(t *testing.T, path string) json.RawMessage {
	t.Helper()
	got := httptest.NewRecorder()
	web.StaffHandler(&messenger.Messenger{}).ServeHTTP(got, httptest.NewRequest(http.MethodGet, path, nil))
	require.Equal(t, http.StatusOK, got.Code)
	return got.Body.Bytes()
}

// TestTypesComeFromTheDocument makes the elements' types anew. Where the document has changed: go test -run
// TestTypesComeFromTheDocument ./internal/browsertest -update
func TestTypesComeFromTheDocument(t *testing.T) {
	t.Parallel()
	file := filepath.Join(ui, "openapi.d.ts")
	made := testpeer.Output(t, string(document(t)), "openapi-types.mjs")
	if *update {
		require.NoError(t, os.WriteFile(file, []byte(made), 0o600))
	}
	kept, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, made, string(kept), "run this test with -update")
}

// The documents that stand in docs, for hosts that generate clients and for whoever compares two versions, are those
// that are served. The same -update writes them.
func TestTypesComeFromTheDocumentThatIsKept(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"openapi.json", "openapi-3.0.json"} {
		var served bytes.Buffer
		require.NoError(t, json.Indent(&served, documentAt(t, "/"+name), "", " "))
		served.WriteByte('\n')
		file := filepath.Join("..", "..", "..", "docs", name)
		if *update {
			require.NoError(t, os.WriteFile(file, served.Bytes(), 0o600))
		}
		kept, err := os.ReadFile(file)
		require.NoError(t, err, "run this test with -update")
		require.True(t, bytes.Equal(served.Bytes(), kept), "%s is not what is served: run this test with -update", name)
	}
}

// A body's property with a default would be required in a generated client.
func TestNoBodyHasADefault(t *testing.T) {
	t.Parallel()
	var d struct {
		Components struct {
			Schemas map[string]struct {
				Properties map[string]struct{ Default json.RawMessage }
			}
		}
	}
	require.NoError(t, json.Unmarshal(document(t), &d))
	require.Contains(t, d.Components.Schemas, "MessengerNewMessage")
	for name, schema := range d.Components.Schemas {
		for property, is := range schema.Properties {
			require.True(t, is.Default == nil || name == "ErrorModel", "%s.%s has a default", name, property)
		}
	}
}

// spoken is all that the tests' fake API was asked and said in one page.
type spoken struct {
	Calls  []json.RawMessage `json:"calls"`
	Events []json.RawMessage `json:"events"`
}

// requireContract holds the elements' requests, and the fake's answers and events, to the OpenAPI document.
func requireContract(t *testing.T, said spoken) {
	t.Helper()
	input, err := json.Marshal(struct {
		Document json.RawMessage `json:"document"`
		spoken
	}{document(t), said})
	require.NoError(t, err)
	require.Empty(t, testpeer.Output(t, string(input), "schemas.mjs"))
}

// A fault in an answer, a request or an event is found, each in its place.
func TestContractFindsFaults(t *testing.T) {
	t.Parallel()
	input, err := json.Marshal(map[string]any{
		"document": document(t),
		"calls": []any{
			map[string]any{
				"method": "GET", "path": "/lists", "status": 200,
				"answered": map[string]any{"items": []any{map[string]any{"id": "l"}}},
			},
			map[string]any{
				"method": "PUT", "path": "/channels/c/status", "asked": map[string]any{"status": "lost"}, "status": 418,
			},
			map[string]any{"method": "POST", "path": "/channels/c/read", "asked": map[string]any{"upto": "m"}, "status": 204},
			map[string]any{"method": "GET", "path": "/nothing", "status": 200},
		},
		"events": []any{map[string]any{"type": "reset", "data": map[string]any{"more": 1}}},
	})
	require.NoError(t, err)
	found := testpeer.Output(t, string(input), "schemas.mjs")
	for _, part := range []string{
		`GET /lists 200: /items/* must have required property 'name'`,
		"PUT /channels/c/status 418: no such status",
		"POST /channels/c/read 204: asked:  must have required property 'up_to'",
		"GET /nothing 200: no such operation",
		"event reset:",
	} {
		require.Contains(t, found, part)
	}
}
