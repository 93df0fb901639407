package faults

import (
	_ "embed"
	"fmt"
	"os"
	"strconv"
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

// trial is one of a fault.
type trial struct {
	counts

	commit string
	began  time.Time
	seed   uint64
	held   bool
}

// commit is the one that the tests are of, and says where something was changed since.
func commit(t *testing.T) string {
	t.Helper()
	name := strings.TrimSpace(output(t, ".", "git", "rev-parse", "--short=8", "HEAD"))
	if output(t, ".", "git", "status", "--porcelain", "--", ":/", ":(exclude,top)docs/faults.md") != "" {
		name += " and changes"
	}
	return name
}

// tell puts what a trial found into its row of the page, and the total below. The other rows stay as they are.
func tell(t *testing.T, f fault, made trial) {
	t.Helper()
	before, err := os.ReadFile(page)
	if !os.IsNotExist(err) {
		require.NoError(t, err)
	}
	var rows []string
	for _, one := range allFaults() {
		row := one.begins() + notLaid + strings.Repeat(" |", columns)
		for line := range strings.Lines(string(before)) {
			if strings.HasPrefix(line, one.begins()) {
				row = strings.TrimSpace(line)
			}
		}
		if one.name == f.name {
			row = one.begins() + made.String()
		}
		rows = append(rows, row)
	}
	text := head + strings.Join(rows, "\n") + "\n\n" + total(rows) + "\n"
	require.NoError(t, os.WriteFile(page, []byte(text), 0o644))
}

const (
	notLaid = "not laid yet"
	notHeld = "**did not hold**"
	columns = 11 // of a trial
)

// begins is how a fault's row begins.
func (f fault) begins() string { return "| " + f.name + " | " + f.what + " | " }

// String is the rest of a fault's row.
func (c trial) String() string {
	row := fmt.Sprintf("%s | %s | %.0f | %d | ", c.commit, c.began.UTC().Format("2006-01-02 15:04"),
		time.Since(c.began).Seconds(), c.seed)
	if !c.held {
		return row + notHeld + strings.Repeat(" |", columns-4)
	}
	return row + fmt.Sprintf("%d + %d + %d | %d | %d | %d | %d | %s | %s |", c.sends, c.replies, c.toSeveral, c.rows,
		c.carried, c.filed, c.unknown, seconds(c.first), seconds(c.settled))
}

// total is the line below the rows.
func total(rows []string) string {
	held, accepted, commits := 0, 0, map[string]bool{}
	var took time.Duration
	for _, row := range rows {
		cells := strings.Split(row, " | ")
		if len(cells) < columns || strings.Contains(row, notHeld) {
			continue
		}
		held++
		commits[cells[2]] = true
		n, _ := strconv.Atoi(cells[4])
		took += time.Duration(n) * time.Second
		n, _ = strconv.Atoi(cells[7])
		accepted += n
	}
	return fmt.Sprintf("**Total:** %d faults, of which %d held; commits: %d; time: %v; accepted, and there: %d",
		len(rows), held, len(commits), took, accepted)
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.1f s", d.Seconds()) }

// The page has a row for each fault, in this order, and their total, and names the choice: run 'make test-faults' where
// it does not.
func TestReport(t *testing.T) {
	text, err := os.ReadFile(page)
	require.NoError(t, err)
	found, rows := strings.CutPrefix(string(text), head)
	require.True(t, rows, "the head of the page is report.md")
	require.NotContains(t, found, notLaid)
	lines := strings.Split(strings.TrimSpace(found), "\n")
	require.Len(t, lines, len(allFaults())+2)
	for i, f := range allFaults() {
		require.True(t, strings.HasPrefix(lines[i], f.begins()), f.name)
		require.Equal(t, f.chosen, strings.Contains(head, "*"+f.name+"*"), "%s, in the choice", f.name)
	}
	require.Equal(t, total(lines[:len(allFaults())]), lines[len(lines)-1])
}
