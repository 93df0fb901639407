package web_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// The limits that the elements tell while somebody writes are the service's, and stand in one file.
func TestTheElementsHaveTheLimitsOfTheService(t *testing.T) {
	t.Parallel()
	want := map[string]int{
		"subjectLimit": messenger.MaxSubject, "emailLimit": messenger.MaxEmail, "textLimit": messenger.MaxSMS,
		"searchLimit": messenger.MaxQuery, "noteLimit": messenger.MaxNote, "previewLimit": messenger.MaxPreview,
		"wrongDatesLimit": messenger.MostWrongDates, "longNoteLimit": messenger.MaxLongNote,
		"titleLimit": messenger.MaxTitle,
	}
	text, err := os.ReadFile("ui/limits.js")
	require.NoError(t, err)
	found := map[string]int{}
	for _, match := range regexp.MustCompile(`export const (\w+) = ([\d_]+);`).FindAllStringSubmatch(string(text), -1) {
		found[match[1]], err = strconv.Atoi(strings.ReplaceAll(match[2], "_", ""))
		require.NoError(t, err)
	}
	require.Equal(t, want, found)

	literal := regexp.MustCompile(`\b(50_?000|50,000|918|140)\b|maxlength="?\d`)
	files, err := filepath.Glob("ui/*.js")
	require.NoError(t, err)
	for _, file := range files {
		if filepath.Base(file) == "limits.js" {
			continue
		}
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		require.NotRegexp(t, literal, string(text), file)
	}
}

// The OpenAPI document tells the service's limits: as a rule where it has one, in words where a rule would have to know more.
func TestTheDocumentHasTheLimitsOfTheService(t *testing.T) {
	t.Parallel()
	var doc struct {
		Paths map[string]map[string]struct {
			Parameters []struct {
				Name   string
				Schema struct {
					MaxLength, Maximum int
					Default            any
				}
			}
		}
		Components struct {
			Schemas map[string]struct {
				Properties map[string]struct {
					Description                              string
					MinLength, MaxLength, MinItems, MaxItems int
					Items                                    struct{ MaxLength int }
				}
			}
		}
	}
	require.NoError(t, json.Unmarshal([]byte(call(t, "", http.MethodGet, setup(t).api("/openapi.json"), "").body), &doc))
	seen := map[string]bool{}
	for path, operations := range doc.Paths {
		for method, operation := range operations {
			for _, p := range operation.Parameters {
				where := method + " " + path
				seen[p.Name] = true
				switch p.Name {
				case "q":
					require.Equal(t, messenger.MaxQuery, p.Schema.MaxLength, where)
				case "client_id", "staff_id", "Messenger-Organisation":
					require.Equal(t, messenger.MaxHostID, p.Schema.MaxLength, where)
				case "Idempotency-Key":
					require.Equal(t, messenger.MaxKey, p.Schema.MaxLength, where)
				case "limit":
					require.Equal(t, messenger.MaxPageLimit, p.Schema.Maximum, where)
					require.EqualValues(t, messenger.PageLimit, p.Schema.Default, where)
				}
			}
		}
	}
	require.Subset(t, seen, map[string]bool{"q": true, "Idempotency-Key": true, "limit": true})

	says := func(schema, property string, limits ...string) {
		for _, limit := range limits {
			require.Contains(t, doc.Components.Schemas[schema].Properties[property].Description, limit, "%s.%s", schema, property)
		}
	}
	bounds := map[string][4]int{}
	for name, schema := range doc.Components.Schemas {
		for property, p := range schema.Properties {
			bounds[name+"."+property] = [4]int{p.MinLength, p.MaxLength, p.MinItems, p.MaxItems}
		}
	}
	for property, bound := range map[string][4]int{
		"MessengerNewMessage.subject": {0, messenger.MaxSubject}, "MessengerNewMessage.body": {0, messenger.MaxEmail},
		"MessengerOverride.reason": {0, messenger.MaxNote}, "MessengerDraft.subject": {0, messenger.MaxSubject},
		"MessengerDraft.body": {0, messenger.MaxEmail}, "MessengerNewTemplate.title": {1, messenger.MaxTitle},
		"MessengerNewTemplate.subject": {0, messenger.MaxSubject}, "MessengerNewTemplate.body": {0, messenger.MaxEmail},
		"MessengerNewNote.text": {1, messenger.MaxLongNote}, "MessengerNewAbsence.note": {0, messenger.MaxLongNote},
		"MessengerHandover.note": {0, messenger.MaxLongNote}, "MessengerHandover.to": {1, messenger.MaxHostID},
		"MessengerActs.note": {0, messenger.MaxNote}, "MessengerActs.ids": {0, 0, 1, 100},
		"MessengerResolution.note": {0, messenger.MaxNote}, "MessengerWithdrawal.note": {0, messenger.MaxNote},
		"MessengerStop.note": {0, messenger.MaxNote}, "MessengerUndo.reason": {0, messenger.MaxNote},
		"MessengerAssignment.reason": {0, messenger.MaxNote}, "MessengerAssignment.channel_id": {0, 36},
		"MessengerNewTemplate.language": {0, messenger.MaxLanguage}, "MessengerLocal.at": {1, 16},
		"MessengerLocal.zone": {1, 64}, "MessengerNewMessage.template_id": {0, 36}, "MessengerNewMessage.seen_up_to": {0, 36},
		"MessengerNewMessage.expect_by": {0, 10}, "MessengerNewBroadcast.template_id": {0, 36},
		"MessengerNewBroadcast.expect_by": {0, 10}, "MessengerDraft.template_id": {0, 36}, "MessengerRead.up_to": {0, 36},
		"MessengerStatusChange.up_to": {0, 36}, "MessengerRetry.seen_up_to": {0, 36},
		"MessengerNewBroadcast.client_ids": {0, 0, 0, messenger.MaxRecipients},
		"MessengerNewBroadcast.list_ids":   {0, 0, 0, messenger.MaxLists},
	} {
		require.Equal(t, bound, bounds[property], property)
	}
	broadcast := doc.Components.Schemas["MessengerNewBroadcast"].Properties
	require.Equal(t, messenger.MaxHostID, broadcast["client_ids"].Items.MaxLength)
	email, subject := withCommas(messenger.MaxEmail), strconv.Itoa(messenger.MaxSubject)
	says("MessengerNewMessage", "body", email, strconv.Itoa(messenger.MaxSMS))
	says("MessengerNewMessage", "subject", subject)
	says("MessengerDraft", "body", email)
	says("MessengerDraft", "subject", subject)
}

// withCommas writes a number under a million as people do.
func withCommas(n int) string { return fmt.Sprintf("%d,%03d", n/1000, n%1000) }
