package main

import (
	"context"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/examples/internal/hosttest"
	"github.com/cmsmessenger/cmsmessenger/migrations/migrationtest"
)

// TestMain turns this binary into the host where a test asks for one.
func TestMain(m *testing.M) {
	if os.Getenv("MINIMAL_TEST_HOST") != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

func TestServes(t *testing.T) {
	t.Parallel()
	host := hosttest.Launch(t, []string{"MINIMAL_TEST_HOST=1", "DATABASE_URL=" + migrationtest.Database(t), "PORT=0"})
	status, _ := request(t, http.MethodPost, host.URL+"/messenger/api/clients/c-1/messages",
		`{"medium": "email", "subject": "Hello", "body": "How are you?"}`)
	require.Equal(t, http.StatusAccepted, status)
	var link string
	require.Eventually(t, func() bool {
		_, outbox := request(t, http.MethodGet, host.URL+"/outbox", "")
		_, after, found := strings.Cut(outbox, `"Link":"`)
		link, _, _ = strings.Cut(after, `"`)
		return found
	}, hosttest.Patience, 50*time.Millisecond)
	status, page := request(t, http.MethodGet, link, "")
	require.Equal(t, http.StatusOK, status)
	require.Contains(t, page, "<textarea")
	status, _ = request(t, http.MethodGet, host.URL+"/m/ui/messenger.js", "")
	require.Equal(t, http.StatusOK, status)
	require.Equal(t, 0, host.Terminate(), "%s", host.Log)
}

func TestUnder80LinesOfCode(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile("main.go")
	require.NoError(t, err)
	code := 0
	for line := range strings.Lines(string(source)) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "//") {
			code++
		}
	}
	require.Less(t, code, 80)
}

// TestStopsUnderAnOpenStream holds that a stop does not wait for the live updates that a browser has open.
func TestStopsUnderAnOpenStream(t *testing.T) {
	t.Parallel()
	host := hosttest.Launch(t, []string{"MINIMAL_TEST_HOST=1", "DATABASE_URL=" + migrationtest.Database(t), "PORT=0"})
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, host.URL+"/messenger/api/events", nil)
	require.NoError(t, err)
	stream, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	defer func() { _ = stream.Body.Close() }()
	require.Equal(t, http.StatusOK, stream.StatusCode)
	require.Equal(t, 0, host.Terminate(), "%s", host.Log)
	_, err = io.Copy(io.Discard, stream.Body)
	require.NoError(t, err, "the stream has an end, it is not cut off")
}

// TestOutsideTheRepository builds the minimal host as a stranger's module, and looks at what it brings: no browser
// driver, no embedded server and no second router.
func TestOutsideTheRepository(t *testing.T) {
	t.Parallel()
	root, err := filepath.Abs("../..")
	require.NoError(t, err)
	source, err := os.ReadFile("main.go")
	require.NoError(t, err)
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "main.go"), source, 0o600))
	sum, err := os.ReadFile(filepath.Join(root, "go.sum"))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "go.sum"), sum, 0o600))
	stranger := func(arguments ...string) string {
		command := exec.CommandContext(t.Context(), "go", arguments...)
		command.Dir, command.Env = dir, append(os.Environ(), "GOWORK=off", "GOFLAGS=-mod=mod")
		output, err := command.CombinedOutput()
		require.NoError(t, err, "%s", output)
		return string(output)
	}
	stranger("mod", "init", "example.org/host")
	const module = "github.com/cmsmessenger/cmsmessenger"
	stranger("mod", "edit", "-require="+module+"@v0.0.0", "-replace="+module+"="+root)
	stranger("mod", "tidy")
	stranger("build", "-o", filepath.Join(dir, "host"), ".")
	linked := stranger("version", "-m", filepath.Join(dir, "host"))
	for _, unwanted := range []string{
		"chromedp", "embedded-postgres", "go-chi", "gorilla", "gin-gonic", "labstack", "gofiber", "testify", "lib/pq",
	} {
		require.NotContains(t, linked, unwanted)
	}
	list := stranger("list", "-m", "all")
	for _, unwanted := range []string{"chromedp", "embedded-postgres", "pressly/goose", "golang-migrate"} {
		require.NotContains(t, list, unwanted)
	}
}

func request(t *testing.T, method, url, body string) (int, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(context.WithoutCancel(t.Context()), method, url, strings.NewReader(body))
	require.NoError(t, err)
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	answer, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	defer func() { _ = answer.Body.Close() }()
	read, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	return answer.StatusCode, string(read)
}
