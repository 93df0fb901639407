package fhir_test

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/adapters/fhir"
)

// TestExamples writes what the published examples hold, and compares all but their free choices: zones, and who besides
// the client takes part.
func TestExamples(t *testing.T) {
	t.Parallel()
	p := newPeer(t)
	record := p.record(func(c *fhir.RecordConfig) {
		c.Patients, c.System = nil, "https://messenger.example.nhs.uk/fhir/id"
	})
	files, err := filepath.Glob("testdata/examples/*.json")
	require.NoError(t, err)
	require.Len(t, files, 4)
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		var want map[string]any
		require.NoError(t, json.Unmarshal(text, &want))
		entry := exampleEntry(t, want)
		filed, err := record.Write(t.Context(), entry)
		require.NoError(t, err, file)
		var got map[string]any
		p.direct(http.MethodGet, "/"+filed.Reference, "", &got)
		for _, resource := range []map[string]any{want, got} {
			for _, element := range []string{"id", "note", "recipient"} {
				delete(resource, element)
			}
			for _, element := range []string{"sent", "received"} {
				if text, ok := resource[element].(string); ok {
					at, err := time.Parse(time.RFC3339, text)
					require.NoError(t, err)
					resource[element] = at.UTC()
				}
			}
			delete(resource["meta"].(map[string]any), "versionId")
			delete(resource["meta"].(map[string]any), "lastUpdated")
			if reason, ok := resource["statusReason"].(map[string]any); ok {
				delete(reason, "text")
			}
		}
		require.Equal(t, want, got, file)
	}
}

// exampleEntry is the entry that an example was written from.
func exampleEntry(t *testing.T, example map[string]any) adapters.Entry {
	t.Helper()
	value := func(element string) string {
		first := example[element].([]any)[0].(map[string]any)
		if inner, ok := first["identifier"].(map[string]any); ok {
			first = inner
		}
		return first["value"].(string)
	}
	instant := func(element string) (at time.Time) {
		if text, ok := example[element].(string); ok {
			var err error
			at, err = time.Parse(time.RFC3339, text)
			require.NoError(t, err)
		}
		return at
	}
	entry := adapters.Entry{
		Key: uuid.MustParse(value("identifier")), Channel: uuid.MustParse(value("partOf")), Organisation: "org-1",
		NHSNumber: "9990548609", Direction: adapters.Outbound, Status: adapters.Sent, OnlineViewing: true,
		Author: adapters.Author{Kind: "staff", ID: "u-102", Name: "Sam Patel (link worker)"},
		Text:   example["payload"].([]any)[0].(map[string]any)["contentString"].(string),
		At:     instant("sent"), DeliveredAt: instant("received"),
		Medium: map[string]adapters.Medium{
			"Email": adapters.Email, "SMS": adapters.SMS, "Secure reply web page": adapters.Web,
		}[example["medium"].([]any)[0].(map[string]any)["text"].(string)],
	}
	if topic, ok := example["topic"].(map[string]any); ok {
		entry.Subject = topic["text"].(string)
	}
	if example["status"] == "not-done" {
		entry.Status, entry.Reason = adapters.Failed, "wrong_contact"
	}
	if example["inResponseTo"] != nil {
		entry.Direction, entry.InReplyTo = adapters.Inbound, uuid.MustParse(value("inResponseTo"))
	}
	return entry
}
