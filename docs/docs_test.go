// Package docs_test holds the documents against the repository.
package docs_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/migrations/migrationtest"
)

// pages are the documents of the repository, by their paths from here.
func pages(t *testing.T) map[string]string {
	t.Helper()
	found := map[string]string{}
	patterns := []string{"*.md", "../*.md", "../messenger/web/ui/*.md", "../examples/*.md", "../assurance/*.md"}
	for _, pattern := range patterns {
		paths, err := filepath.Glob(pattern)
		require.NoError(t, err)
		for _, path := range paths {
			text, err := os.ReadFile(path)
			require.NoError(t, err)
			found[path] = string(text)
		}
	}
	require.Greater(t, len(found), 15)
	return found
}

// bare is code without its indentation and empty lines, in which a page and an example may differ.
func bare(code string) string {
	var lines []string
	for line := range strings.Lines(code) {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n")
}

// tests is the Go that runs: the tests and examples of both modules, and the hosts of examples.
func tests(t *testing.T) string {
	t.Helper()
	var code strings.Builder
	err := filepath.WalkDir("..", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() && slices.Contains([]string{"node_modules", ".git", ".cache"}, entry.Name()) {
			return filepath.SkipDir
		}
		runs := strings.HasSuffix(path, "_test.go") || strings.HasPrefix(path, "../examples/")
		if runs && strings.HasSuffix(path, ".go") {
			text, err := os.ReadFile(path)
			code.WriteString(bare(string(text)) + "\n")
			return err
		}
		return nil
	})
	require.NoError(t, err)
	return code.String()
}

// The Go of a page for a task is code that runs: it stands in an example, a test or a host of examples.
func TestSnippetsRun(t *testing.T) {
	t.Parallel()
	code := tests(t)
	n := 0
	snippet := regexp.MustCompile("(?s)```go\n(.*?)```")
	for path, text := range pages(t) {
		for _, found := range snippet.FindAllStringSubmatch(text, -1) {
			n++
			require.Contains(t, code, bare(found[1]), path)
		}
	}
	require.Greater(t, n, 20)
}

// The SQL of a page runs over the tables. retention.md's has places to fill in, and a test of its own that does.
func TestSQL(t *testing.T) {
	t.Parallel()
	n := 0
	for path, text := range pages(t) {
		for _, found := range regexp.MustCompile("(?s)```sql\n(.*?)```").FindAllStringSubmatch(text, -1) {
			if path == "retention.md" {
				continue
			}
			n++
			_, err := migrationtest.Pool(t).Exec(t.Context(), found[1])
			require.NoError(t, err, path)
		}
	}
	require.Positive(t, n)
}

// Each test that a page names is there.
func TestTestsThatAreNamed(t *testing.T) {
	t.Parallel()
	all := tests(t)
	n := 0
	for path, text := range pages(t) {
		for _, found := range regexp.MustCompile("`((?:Test|Example|Benchmark)[A-Z_]\\w*)").FindAllStringSubmatch(text, -1) {
			n++
			require.Positive(t, strings.Index(all, "\nfunc "+found[1]+"("), "%s names %s", path, found[1])
		}
	}
	require.Greater(t, n, 100)
}

// Every link to a file of the repository leads to one.
func TestLinksLeadSomewhere(t *testing.T) {
	t.Parallel()
	link := regexp.MustCompile(`\]\(([^)#: ]+)(#[^)]*)?\)`)
	for path, text := range pages(t) {
		for _, found := range link.FindAllStringSubmatch(text, -1) {
			_, err := os.Stat(filepath.Join(filepath.Dir(path), found[1]))
			require.NoError(t, err, path)
		}
	}
}
