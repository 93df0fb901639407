package web_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestEveryReasonHasWords finds words on the page for each value that the service gives to say why, what happened or
// what is wrong: a link worker is never shown a name of ours.
func TestEveryReasonHasWords(t *testing.T) {
	t.Parallel()
	source, words := read(t, "../*.go"), read(t, "ui/strings*.js")
	for prefix, constant := range map[string]string{
		"action_":    `\bAction[A-Z]\w+ +HistoryAction += "(\w+)"`,
		"attention_": `\bAttention[A-Z]\w+ +Attention += "(\w+)"`,
		"because_":   `\bCancelledBy[A-Z]\w+ +CancelledBecause += "(\w+)"`,
		"error_":     `\bCode[A-Z]\w+ +Code += "(\w+)"`,
		"reason_":    `\bReason[A-Z]\w+ += "(\w+)"`,
		"waiting_":   `\bWaiting[A-Z]\w+ .*= "(\w+)"`,
		"withdrawn_": `\bWithdrawn[A-Z]\w+ +WithdrawReason += "(\w+)"`,
	} {
		found := regexp.MustCompile(constant).FindAllStringSubmatch(source, -1)
		require.Greater(t, len(found), 2, prefix)
		for _, match := range found {
			if prefix+match[1] == "because_person" {
				continue // the person is named instead
			}
			there := regexp.MustCompile(`(?m)^\s+` + prefix + match[1] + `(_inbox|_other)?:`).MatchString(words)
			require.True(t, there, prefix+match[1])
		}
	}
}

// read is the text of all files of a pattern but tests.
func read(t *testing.T, pattern string) string {
	t.Helper()
	names, err := filepath.Glob(pattern)
	require.NoError(t, err)
	var all strings.Builder
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		text, err := os.ReadFile(name)
		require.NoError(t, err)
		all.Write(text)
	}
	return all.String()
}
