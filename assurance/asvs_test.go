package assurance_test

import (
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// chapter is one of asvs.json: OWASP ASVS 5.0.0 by chapter and section, with an answer to each requirement of levels
// 1 and 2.
type chapter struct {
	Chapter  string    `json:"chapter"`
	Name     string    `json:"name"`
	Sections []section `json:"sections"`
}

type section struct {
	Section string       `json:"section"`
	Name    string       `json:"name"`
	Answers []asvsAnswer `json:"answers"`
}

type asvsAnswer struct {
	Numbers []int    `json:"numbers"` // requirements of the section: 1 of V1.1 is V1.1.1
	Answer  string   `json:"answer"`
	How     string   `json:"how"`
	Tests   []string `json:"tests"`
}

// requirements is how many each chapter has of levels 1 and 2, in the list that OWASP publishes with version 5.0.0.
func requirements() map[string]int {
	return map[string]int{
		"V1": 27, "V2": 11, "V3": 19, "V4": 10, "V5": 9, "V6": 35, "V7": 18, "V8": 7, "V9": 7,
		"V10": 29, "V11": 14, "V12": 9, "V13": 13, "V14": 9, "V15": 13, "V16": 16, "V17": 7,
	}
}

func TestASVSIsAnswered(t *testing.T) {
	t.Parallel()
	all, total, text := tests(t), map[string]int{}, asvsPage(t)
	for _, c := range read[[]chapter](t, "asvs.json") {
		seen, n := []string{}, 0
		for _, s := range c.Sections {
			require.True(t, strings.HasPrefix(s.Section, c.Chapter+"."), s.Section)
			for _, a := range s.Answers {
				require.Contains(t, answers(), a.Answer, s.Section)
				requireTests(t, all, s.Section, a.Tests)
				for _, number := range a.Numbers {
					id := s.Section + "." + strconv.Itoa(number)
					require.NotContains(t, seen, id)
					seen, n, total[a.Answer] = append(seen, id), n+1, total[a.Answer]+1
				}
			}
		}
		require.Equal(t, requirements()[c.Chapter], n, "%s has a requirement too few or too many", c.Chapter)
	}
	counts := fmt.Sprintf("%d met, %d in part, %d not, %d the host's, %d of what there is none here.",
		total["met"], total["part"], total["no"], total["host"], total["none"])
	requirePage(t, "asvs.md", strings.Replace(text, "COUNTS", counts, 1))
}

func answers() []string { return []string{"met", "part", "no", "host", "none"} }

func asvsPage(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	fmt.Fprintf(&b, generated, "asvs.json")
	b.WriteString(`# OWASP ASVS 5.0.0, level 2

The developers' own answers; nobody else has verified them. Requirements by their numbers, levels 1 and 2, for the text
see [the standard](https://github.com/OWASP/ASVS/tree/v5.0.0/5.0). *met*, *part*, *no*: by Messenger, with the test
that holds it where there is one. *host*: the host's to answer. *none*: there is no such thing here. Where Messenger
answers for its own part, the staff's pages, sign-in and servers around it are the host's all the same.

COUNTS
`)
	for _, c := range read[[]chapter](t, "asvs.json") {
		fmt.Fprintf(&b, "\n## %s %s\n\n| requirement | answer | how | tests |\n|---|---|---|---|\n", c.Chapter, c.Name)
		for _, s := range c.Sections {
			fmt.Fprintf(&b, "| **%s** | | **%s** | |\n", s.Section, s.Name)
			for _, a := range s.Answers {
				var held []string
				for _, name := range a.Tests {
					held = append(held, "`"+path.Base(name)+"`")
				}
				fmt.Fprintf(&b, "| %s | %s | %s | %s |\n",
					numbered(s.Section, a.Numbers), a.Answer, a.How, strings.Join(held, ", "))
			}
		}
	}
	b.WriteString(`
## Cryptography in use

| for | what | key |
|---|---|---|
| a reply link and the hash that it is found by | HMAC-SHA-256, 128 bits of it in the link | ` + "`Config.LinkKeys`" + ` |
| a proof of the date of birth, 30 minutes | HMAC-SHA-256 | the same, by the link |
| the seals of history, the signature of a reconciliation | HMAC-SHA-256, chained by SHA-256 | an organisation's, derived from the first of ` + "`Config.LinkKeys`" + ` |
| the host's events by ` + "`adapters/webhook`" + ` | HMAC-SHA-256 (Standard Webhooks) | the receiver's secret |
| idempotency keys, forms, assets' addresses | SHA-256, no secret | |
| NHS England: signing in, NHS Notify, PDS | RS512 (JWT) | the host's RSA key |
| GOV.UK Notify: signing in | HS256 (JWT) | the service's API key |
| callbacks: NHS Notify; Twilio | HMAC-SHA-256; HMAC-SHA-1, which is Twilio's | theirs |
| providers, record, mail | TLS 1.2 and newer, Go's ciphers, certificates checked | |

All of it is Go's standard library. Data at rest are encrypted by the host's disks, or not at all.
`)
	return b.String()
}

// numbered has V1.2.1 to 3 for three in a row.
func numbered(section string, numbers []int) string {
	var parts []string
	slices.Sort(numbers)
	for i := 0; i < len(numbers); {
		j := i
		for j+1 < len(numbers) && numbers[j+1] == numbers[j]+1 {
			j++
		}
		if j == i+1 {
			j = i
		}
		part := strconv.Itoa(numbers[i])
		if j > i {
			part += " to " + strconv.Itoa(numbers[j])
		}
		parts, i = append(parts, part), j+1
	}
	return section + "." + strings.Join(parts, ", ")
}
