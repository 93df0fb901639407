package faults

import (
	_ "embed"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const page = "../../../docs/faults.md"

// head says what the figures mean.
//
//go:embed report.md
var head string

// tell puts what a trial found into its row of the page. The other rows stay as they are.
func tell(t *testing.T, f fault, c counts) {
	t.Helper()
	before, err := os.ReadFile(page)
	if !os.IsNotExist(err) {
		require.NoError(t, err)
	}
	var b strings.Builder
	b.WriteString(head)
	for _, one := range allFaults() {
		if one.name == f.name {
			fmt.Fprintf(&b, "%s%d | %d + %d + %d | %d | %d | %d | %d | %s | %s |\n", one.begins(), c.seed,
				c.sends, c.replies, c.toSeveral, c.rows, c.carried, c.filed, c.unknown, seconds(c.first), seconds(c.settled))
			continue
		}
		row := one.begins() + "not laid yet | | | | | | | |\n"
		for line := range strings.Lines(string(before)) {
			if strings.HasPrefix(line, one.begins()) {
				row = line
			}
		}
		b.WriteString(row)
	}
	require.NoError(t, os.WriteFile(page, []byte(b.String()), 0o644))
}

// begins is how a fault's row begins.
func (f fault) begins() string { return "| " + f.name + " | " + f.what + " | " }

func seconds(d time.Duration) string { return fmt.Sprintf("%.1f s", d.Seconds()) }

// The page has a row for each fault, in this order, and says what it says today: run 'make test-faults' where it does
// not.
func TestReport(t *testing.T) {
	text, err := os.ReadFile(page)
	require.NoError(t, err)
	found, rows := strings.CutPrefix(string(text), head)
	require.True(t, rows, "the head of the page is report.md")
	lines := strings.Split(strings.TrimSpace(found), "\n")
	require.Len(t, lines, len(allFaults()))
	for i, f := range allFaults() {
		require.True(t, strings.HasPrefix(lines[i], f.begins()), f.name)
	}
}
