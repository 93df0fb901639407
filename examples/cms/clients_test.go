package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	_ "github.com/oapi-codegen/runtime" // what the generated client imports
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/internal/testpeer"
	"github.com/cmsmessenger/cmsmessenger/migrations/migrationtest"
)

var docs = filepath.Join("..", "..", "docs") //nolint:gochecknoglobals // where the kept documents are

// copyOf puts a client's own file into a folder.
func copyOf(t *testing.T, file, to string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", file))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(to, text, 0o600))
}

// typed is the line of docs/api.md that begins so, without that beginning, as arguments with other words in places.
// oapi-codegen is built apart from this module: what it needs would raise the versions of what hosts link.
func typed(t *testing.T, beginning string, places ...string) []string {
	t.Helper()
	page, err := os.ReadFile(filepath.Join(docs, "api.md"))
	require.NoError(t, err)
	for line := range strings.Lines(string(page)) {
		if rest, found := strings.CutPrefix(line, beginning); found {
			return strings.Fields(strings.NewReplacer(places...).Replace(rest))
		}
	}
	require.Fail(t, "no line of api.md begins so", beginning)
	return nil
}

func goRun(t *testing.T, arguments ...string) string {
	t.Helper()
	said, err := exec.CommandContext(t.Context(), "go", append([]string{"run"}, arguments...)...).CombinedOutput()
	require.NoError(t, err, string(said))
	return string(said)
}

// Clients generated from the kept documents compile and work: oapi-codegen's from 3.0, openapi-typescript's from 3.1.
func TestGeneratedClients(t *testing.T) {
	t.Parallel()
	host := startHost(t, migrationtest.Migrated(t), "")
	const wanted = "Amira Shah wrote: How are you?\n"

	t.Run("oapi-codegen", func(t *testing.T) {
		t.Parallel()
		folder, err := os.MkdirTemp("testdata", "generated") //nolint:usetesting // within the module, for what it imports
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, os.RemoveAll(folder)) })
		goRun(t, typed(t, "go run ", "messengerapi", "main", "client.gen.go", filepath.Join(folder, "client.gen.go"),
			"docs/", docs+"/")...)
		copyOf(t, "client.go.txt", filepath.Join(folder, "main.go"))
		require.Equal(t, wanted, goRun(t, "./"+folder, host.URL))
	})

	t.Run("openapi-typescript", func(t *testing.T) {
		t.Parallel()
		document, err := os.ReadFile(filepath.Join(docs, "openapi.json"))
		require.NoError(t, err)
		types := filepath.Join(t.TempDir(), "schema.d.ts")
		testpeer.Output(t, "", filepath.Join("node_modules", ".bin", "openapi-typescript"),
			typed(t, "npx openapi-typescript ", "schema.d.ts", types, "docs/", docs+"/")...)
		made, err := os.ReadFile(types)
		require.NoError(t, err)
		require.Contains(t, string(made), "export interface paths")
		use := func(document string) string {
			folder := t.TempDir()
			copyOf(t, "client.mts", filepath.Join(folder, "client.mts"))
			return testpeer.Output(t, document, "openapi-client.mjs", folder, host.URL)
		}
		require.Equal(t, wanted, use(string(document)))
		other := strings.ReplaceAll(string(document), `/MessengerMe"`, `/MessengerStaff"`)
		require.Contains(t, use(other), "error TS2339", "the compiler sees what the document has not")
	})
}
