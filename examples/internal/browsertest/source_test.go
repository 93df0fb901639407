package browsertest_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

// files are the sources of the browser part that fit a pattern, by name.
func files(t *testing.T, patterns ...string) map[string]string {
	t.Helper()
	found := map[string]string{}
	for _, pattern := range patterns {
		names, err := filepath.Glob(filepath.Join(ui, pattern))
		require.NoError(t, err)
		require.NotEmpty(t, names, pattern)
		for _, name := range names {
			text, err := os.ReadFile(name)
			require.NoError(t, err)
			found[name] = string(text)
		}
	}
	return found
}

// Sources can be read: no line is longer than 120 columns, a style has one declaration a line, and a statement stands
// alone.
func TestLines(t *testing.T) {
	t.Parallel()
	for name, text := range files(t, "*.js", "*.css", "*.d.ts", "tests/*.js", "tests/*.css", "pages/*.css") {
		for n, line := range strings.Split(text, "\n") {
			require.LessOrEqual(t, utf8.RuneCountInString(line), 120, "%s:%d", name, n+1)
			if filepath.Ext(name) == ".css" {
				require.LessOrEqual(t, strings.Count(line, ";"), 1, "%s:%d", name, n+1)
				require.NotRegexp(t, `\{.*;`, line, "%s:%d", name, n+1)
			}
		}
	}
}

// Stylesheets of hosts have rules for nearly every element of HTML. Of those that they style by name, the elements use
// button, a, the controls of a form, and what has no look of its own: lists and headings are said by roles.
func TestNoElementThatAHostStyles(t *testing.T) {
	t.Parallel()
	used := map[string]bool{}
	for _, text := range files(t, "*.js") {
		for _, match := range regexp.MustCompile(`<([a-z][a-z0-9]*)[\s>]`).FindAllStringSubmatch(withoutTypes(text), -1) {
			used[match[1]] = true
		}
	}
	for _, name := range strings.Fields("div span svg path bdi time button a label input textarea select option mark") {
		require.Contains(t, used, name)
		delete(used, name)
	}
	require.Empty(t, used)
}

// withoutTypes leaves out comments, whose types look like elements.
func withoutTypes(text string) string {
	return regexp.MustCompile(`(?s:/\*\*.*?\*/)|(?m:^\s*//[^\n]*$)`).ReplaceAllString(text, "")
}

// Whatever the elements say by a key has its words, in every plural, and no two modules have words for one key: a host
// that translates all of `english` has translated all.
func TestEveryKeyHasItsWords(t *testing.T) {
	t.Parallel()
	from := map[string]string{} // by key: its module
	for name, text := range files(t, "strings*.js") {
		for _, key := range regexp.MustCompile(`(?m)^  (\w+):`).FindAllStringSubmatch(text, -1) {
			require.Empty(t, from[key[1]], "%s has words for %s too", name, key[1])
			from[key[1]] = name
		}
	}
	has := func(key string) bool { return from[key] != "" }
	used := 0
	for name, text := range files(t, "*.js") {
		for _, key := range regexp.MustCompile(`\bt\('(\w+)'`).FindAllStringSubmatch(withoutTypes(text), -1) {
			used++
			require.True(t, has(key[1]) || has(key[1]+"_other"), "%s says %s", name, key[1])
		}
	}
	require.Greater(t, used, 200)
	for key := range from {
		if stem, plural := strings.CutSuffix(key, "_one"); plural {
			require.True(t, has(stem+"_other") || has(stem), "%s has no other form", key)
		}
	}
}

// The names that the elements' guide says hosts may style by are there: a class in what is drawn, with its values.
func TestNamesToStyleBy(t *testing.T) {
	t.Parallel()
	guide, err := os.ReadFile(filepath.Join(ui, "README.md"))
	require.NoError(t, err)
	_, section, _ := strings.Cut(string(guide), "## Names to style by")
	section, _, _ = strings.Cut(section, "```css")
	drawn := ""
	for _, text := range files(t, "*.js") {
		drawn += withoutTypes(text)
	}
	names := regexp.MustCompile("`([.]messenger|data)(-[a-z-]+)").FindAllStringSubmatch(section, -1)
	require.Greater(t, len(names), 20)
	for _, name := range names {
		if name[1] == "data" {
			require.Regexp(t, name[1]+name[2]+`=`, drawn)
			continue
		}
		require.Regexp(t, `[ "']messenger`+name[2]+`[ "'\x60$]`, drawn)
	}
}
