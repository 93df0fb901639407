package assurance_test

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// hazard is one of hazards.json. Initial and Residual are severity and likelihood, before the controls and with them.
type hazard struct {
	ID       string    `json:"id"`
	Name     string    `json:"name"`
	Cause    string    `json:"cause"`
	Effect   string    `json:"effect"`
	Initial  [2]string `json:"initial"`
	Controls []control `json:"controls"`
	Residual [2]string `json:"residual"`
	Why      string    `json:"why"` // what remains
	Host     []string  `json:"host"`
}

type control struct {
	What  string   `json:"what"`
	Tests []string `json:"tests"`
}

// table is one of data.json: each column's name, class, and what it holds.
type table struct {
	Table   string      `json:"table"`
	About   string      `json:"about"`
	Ends    string      `json:"ends"`
	Columns [][3]string `json:"columns"`
}

// classes say what kind of data a column holds, the most private first.
func classes() map[string]string {
	return map[string]string{
		"words":  "what a client or staff wrote about a client: take it for data concerning health",
		"client": "identifies or reaches a client",
		"staff":  "identifies a member of staff",
		"secret": "part of what opens a reply link",
		"state":  "how things stand; personal only by the row that it is in",
		"key":    "an id or a number that joins rows",
	}
}

func classNames() []string { return []string{"words", "client", "staff", "secret", "state", "key"} }

// The scales and the matrix are those that NHS England publishes with DCB0129 and DCB0160.
func severities() []string {
	return []string{"Minor", "Significant", "Considerable", "Major", "Catastrophic"}
}

func likelihoods() []string { return []string{"Very low", "Low", "Medium", "High", "Very high"} }

func matrix() [5][5]int { // by likelihood, then severity
	return [5][5]int{{1, 1, 2, 2, 3}, {1, 2, 2, 3, 4}, {2, 2, 3, 3, 4}, {2, 3, 3, 4, 5}, {3, 4, 4, 5, 5}}
}

func risk(t *testing.T, rated [2]string) int {
	t.Helper()
	severity, likelihood := slices.Index(severities(), rated[0]), slices.Index(likelihoods(), rated[1])
	require.GreaterOrEqual(t, severity, 0, rated)
	require.GreaterOrEqual(t, likelihood, 0, rated)
	return matrix()[likelihood][severity]
}

func rating(t *testing.T, rated [2]string) string {
	t.Helper()
	return fmt.Sprintf("%s × %s = **%d**", rated[0], strings.ToLower(rated[1]), risk(t, rated))
}

const generated = "<!-- Made from %s by go test ./assurance -update: change that. -->\n\n"

// proved are the tests that prove/*.patch breaks the code for.
func proved(t *testing.T) map[string]bool {
	t.Helper()
	patches, err := filepath.Glob("../prove/promise-*.patch")
	require.NoError(t, err)
	found := map[string]bool{}
	for _, patch := range patches {
		text, err := os.ReadFile(patch)
		require.NoError(t, err)
		for _, name := range regexp.MustCompile(`(?m)^Test: (Test\w+)`).FindAllSubmatch(text, -1) {
			found[string(name[1])] = true
		}
	}
	require.NotEmpty(t, found)
	return found
}

func hazardLog(t *testing.T, hazards []hazard) string {
	t.Helper()
	shown := proved(t)
	var b strings.Builder
	fmt.Fprintf(&b, generated, "hazards.json")
	b.WriteString(`# Hazard log (DCB0129)

**A draft of the developers'. No clinical safety officer has reviewed or signed it**: ratings are proposals. Whoever
is the manufacturer under DCB0129 has to name a clinician as such an officer.
What the product is for is in [intended use](intended-use.md).

Ratings are severity × likelihood = risk, 1 to 5, by the [matrix](#matrix). A control is held by tests, by folder and
name; † marks one that ` + "`make prove`" + ` shows to fail when the code behind it is broken. The tests of this folder fail
where one that is named here does not exist.

| | hazard | before | with the controls |
|---|---|---|---|
`)
	for _, h := range hazards {
		fmt.Fprintf(&b, "| [%s](#%s) | %s | %d | %d |\n",
			h.ID, strings.ToLower(h.ID), h.Name, risk(t, h.Initial), risk(t, h.Residual))
	}
	for _, h := range hazards {
		fmt.Fprintf(&b, "\n## %s\n\n**%s**\n\n", h.ID, h.Name)
		fmt.Fprintf(&b, "- Cause: %s\n- Effect: %s\n- Before the controls: %s\n- Controls:\n",
			h.Cause, h.Effect, rating(t, h.Initial))
		for _, c := range h.Controls {
			fmt.Fprintf(&b, "  - %s\n", c.What)
			for _, name := range c.Tests {
				mark := ""
				if shown[path.Base(name)] {
					mark = " †"
				}
				fmt.Fprintf(&b, "    - `%s`%s\n", name, mark)
			}
		}
		fmt.Fprintf(&b, "- With the controls: %s. %s\n- The host must:\n", rating(t, h.Residual), h.Why)
		for _, duty := range h.Host {
			fmt.Fprintf(&b, "  - %s\n", duty)
		}
	}
	b.WriteString("\n## Matrix\n\n| likelihood | " + strings.Join(severities(), " | ") +
		" |\n|---|---|---|---|---|---|\n")
	for i := len(likelihoods()) - 1; i >= 0; i-- {
		fmt.Fprintf(&b, "| %s |", likelihoods()[i])
		for _, n := range matrix()[i] {
			fmt.Fprintf(&b, " %d |", n)
		}
		b.WriteString("\n")
	}
	b.WriteString(`
5: unacceptable. 4: has to be eliminated or controlled. 3: undesirable, acceptable only where further reduction is
impractical. 2: acceptable where the cost of further reduction outweighs what it gains. 1: acceptable.
`)
	return b.String()
}

func hostStarter(t *testing.T, hazards []hazard) string {
	t.Helper()
	var b strings.Builder
	fmt.Fprintf(&b, generated, "hazards.json")
	b.WriteString(`# A start for the host's hazard log (DCB0160)

For the organisation that deploys a system with Messenger in it. It needs a clinical safety officer and a hazard log of
its own: begin with a row for each below, add the hazards of your own way of working, rate all of them for your setting,
and name who is responsible. The ratings are [the draft's](hazard-log.md), with Messenger's controls and with all that
the third column asks. Yours may be higher.

| | hazard, and its risk in the draft | what the host must do | done, how, by whom | your rating | accepted by |
|---|---|---|---|---|---|
`)
	for _, h := range hazards {
		fmt.Fprintf(&b, "| [%s](hazard-log.md#%s) | %s (%d) | %s | | | |\n",
			h.ID, strings.ToLower(h.ID), h.Name, risk(t, h.Residual), strings.Join(h.Host, "<br>"))
	}
	b.WriteString(`
Before it goes live:

- [ ] A clinical safety officer of the deploying organisation has reviewed this log and the manufacturer's.
- [ ] Who reads replies, within which time, and who covers, is decided for each service and told to clients.
- [ ] Each provider was tried with a real phone and mailbox, and its receipts were seen to come in.
- [ ] A reply was seen to arrive in the record, and a message of which the record knows nothing to be shown as such.
- [ ] Staff know what 'sent', 'delivered' and 'unknown' mean, and what to do about each.
- [ ] How to report an incident with the product, and to whom, is written down.
`)
	return b.String()
}

func dataMap(tables []table) string {
	var b strings.Builder
	fmt.Fprintf(&b, generated, "data.json")
	b.WriteString(`# Data map

Every column of Messenger's tables, held against the schema that the migrations make. For the host's record of
processing (UK GDPR, article 30) and its impact assessment. It is the host's database, and nobody else has the data but
the providers and the record that the host names.

| class | what it means |
|---|---|
`)
	for _, name := range classNames() {
		fmt.Fprintf(&b, "| %s | %s |\n", name, classes()[name])
	}
	b.WriteString(`
Besides: River's ` + "`river_job`" + ` holds ids and what a provider's receipt says of a message, nothing of a person
(` + "`TestArgumentsHoldIDsOnly`" + `, ` + "`TestAStrangeReferenceIsInNoJob`" + `). What goes to a provider or into the record is kept
there by their rules. Of what people wrote Messenger deletes drafts alone by itself; how a client is erased is in
[docs/retention.md](../docs/retention.md) (` + "`TestAClientIsErased`" + `).
`)
	for _, t := range tables {
		fmt.Fprintf(&b, "\n## %s\n\n%s\n\nKept: %s\n\n| column | class | holds |\n|---|---|---|\n", t.Table, t.About, t.Ends)
		for _, c := range t.Columns {
			fmt.Fprintf(&b, "| %s | %s | %s |\n", c[0], c[1], c[2])
		}
	}
	return b.String()
}
