package fhir_test

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/adapters/adaptertest"
	"github.com/cmsmessenger/cmsmessenger/adapters/fhir"
)

const system = "https://messenger.example.org/fhir/id"

func organisations() map[adapters.OrganisationID]string {
	return map[adapters.OrganisationID]string{"org-1": "Organization/a", "org-2": "Organization/b"}
}

func TestClientsConform(t *testing.T) {
	t.Parallel()
	adaptertest.Clients(t, func(t *testing.T) adaptertest.ClientsHarness {
		t.Helper()
		peer := newPeer(t)
		clients, err := fhir.NewClients(fhir.ClientsConfig{
			Server: peer.server(), Organisations: organisations(), Complete: complete,
		})
		require.NoError(t, err)
		return adaptertest.ClientsHarness{
			Clients: clients, Organisation: "org-1", Other: "org-2", WholeNumbers: true,
			Put: func(_ *testing.T, organisation adapters.OrganisationID, people ...adapters.Client) []adapters.Client {
				for i := range people {
					people[i] = peer.putClient(strings.TrimPrefix(organisations()[organisation], "Organization/"), people[i])
				}
				return people
			},
			Queries: func() int { return len(peer.noted()) },
			Stall:   peer.stall,
		}
	})
}

// putClient stores a client as a Patient and returns it as Get is to return it.
func (p *peer) putClient(manager string, client adapters.Client) adapters.Client {
	words := strings.Fields(client.Name)
	name := map[string]any{"use": "usual", "given": words[:len(words)-1], "family": words[len(words)-1]}
	if client.FirstName = words[0]; strings.ContainsAny(client.Name, ",.") { // as somebody typed it, in one piece
		name, client.FirstName = map[string]any{"use": "usual", "text": client.Name}, ""
	}
	more := map[string]any{"name": []any{name}, "deceasedBoolean": client.Deceased}
	if client.NHSNumber == "" {
		delete(more, "identifier")
	}
	if client.DateOfBirth != "" {
		more["birthDate"] = client.DateOfBirth
	}
	if client.Restricted {
		more["meta"] = security("R")
	}
	var telecom []any
	if client.Email != "" {
		telecom = append(telecom, map[string]any{"system": "email", "value": client.Email})
	}
	if client.Phone != "" {
		telecom = append(telecom, map[string]any{"system": "phone", "value": client.Phone})
	}
	if telecom != nil {
		more["telecom"] = telecom
	}
	if client.GP != (adapters.GP{}) {
		more["generalPractitioner"] = []any{map[string]any{
			"type":       "Organization",
			"identifier": map[string]any{"system": odsSystem, "value": client.GP.ODSCode}, "display": client.GP.Name,
		}}
	}
	if len(client.Objects) > 0 {
		more["extension"] = []any{contactMethod("8")}
	}
	if len(client.Needs) > 0 { // "large print"
		more["extension"] = []any{preference("PreferredWrittenCommunicationFormat", "11")}
	}
	if client.Language != "" {
		language := map[string]any{"coding": []any{map[string]any{"system": "urn:ietf:bcp:47", "code": client.Language}}}
		more["communication"] = []any{map[string]any{"language": language, "preferred": true}}
	}
	if client.SafeContact != nil { // in this server's own way
		client.SafeContact = &adapters.SafeContact{NoWords: true}
		more["text"] = map[string]any{
			"status": "additional", "div": `<div xmlns="http://www.w3.org/1999/xhtml">No words in messages.</div>`,
		}
	}
	resource := patient(string(client.ID), manager, client.NHSNumber, more)
	if client.NHSNumber == "" {
		delete(resource, "identifier")
	}
	p.put(resource)
	return client
}

func security(code string) map[string]any {
	return map[string]any{
		"security": []any{map[string]any{"system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "code": code}},
	}
}

// complete reads what putClient wrote in a way of its own.
func complete(patient json.RawMessage, client *adapters.Client) {
	if bytes.Contains(patient, []byte("No words in messages.")) {
		client.SafeContact = &adapters.SafeContact{NoWords: true}
	}
}

func contactMethod(code string) map[string]any { return preference("PreferredContactMethod", code) }

func preference(name, code string) map[string]any {
	const base = "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-ContactPreference"
	return map[string]any{"url": base, "extension": []any{map[string]any{
		"url":                  name,
		"valueCodeableConcept": map[string]any{"coding": []any{map[string]any{"code": code}}},
	}}}
}

func TestRecordConforms(t *testing.T) {
	t.Parallel()
	for name, searchFirst := range map[string]bool{"conditional create": false, "search first": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			adaptertest.Record(t, func(t *testing.T) adaptertest.RecordHarness {
				t.Helper()
				peer := newPeer(t)
				peer.put(patient("grace", "a", "9990000018", nil))
				return adaptertest.RecordHarness{
					Record:       peer.record(func(c *fhir.RecordConfig) { c.SearchFirst = searchFirst }),
					Organisation: "org-1", Client: "grace",
					NHSNumber: "9990000018", Secrets: []string{secret},
					Entries: func(_ *testing.T, key uuid.UUID) int { return len(peer.communications(key)) },
					Stands:  peer.stands, Arrange: peer.arrange,
				}
			})
		})
	}
}

func (p *peer) record(change func(*fhir.RecordConfig)) *fhir.Record {
	p.t.Helper()
	server := p.server()
	clients, err := fhir.NewClients(fhir.ClientsConfig{Server: server, Organisations: organisations()})
	require.NoError(p.t, err)
	config := fhir.RecordConfig{
		Server: server, System: system, Patients: clients, Profiles: []string{profileURL, fhir.UKCoreCommunication},
		ODSCodes: map[adapters.OrganisationID]string{"org-1": "Y12345"},
	}
	if change != nil {
		change(&config)
	}
	record, err := fhir.NewRecord(config)
	require.NoError(p.t, err)
	return record
}

func (p *peer) stands(t *testing.T, key uuid.UUID) (string, adapters.Status) {
	t.Helper()
	entries := p.communications(key)
	require.Len(t, entries, 1)
	text := entries[0]["payload"].([]any)[0].(map[string]any)["contentString"].(string)
	switch _, received := entries[0]["received"]; {
	case entries[0]["status"] == "entered-in-error":
		return text, adapters.Withdrawn
	case entries[0]["status"] == "not-done":
		return text, adapters.Failed
	case received:
		return text, adapters.Delivered
	default:
		return text, adapters.Sent
	}
}

func (p *peer) arrange(t *testing.T, entry *adapters.Entry, outcome adaptertest.Outcome) bool {
	t.Helper()
	abort := func(http.ResponseWriter, *http.Request) bool { panic(http.ErrAbortHandler) }
	switch outcome {
	case adaptertest.Accepted:
		p.set(nil, nil)
	case adaptertest.WrongContent:
		p.answers(http.MethodPost, http.StatusUnprocessableEntity,
			`{"resourceType":"OperationOutcome","issue":[{"code":"invalid","diagnostics":"Dear Grace"}]}`)
	case adaptertest.WrongContact:
		entry.Client = "nobody"
	case adaptertest.Misconfigured:
		p.answers(http.MethodPost, http.StatusForbidden, "")
	case adaptertest.NoEndpoint:
		p.answers(http.MethodPost, http.StatusNotFound, "<html>Not found</html>")
	case adaptertest.Passing:
		p.answers(http.MethodPost, http.StatusUnprocessableEntity,
			`{"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"transient"}]}`)
	case adaptertest.Down:
		p.set(abort, nil)
	case adaptertest.ServerError:
		p.answers(http.MethodPost, http.StatusServiceUnavailable, "")
	case adaptertest.TimeoutBefore:
		t.Cleanup(p.stall())
	case adaptertest.TimeoutAfter:
		p.set(nil, func(response *http.Response) error {
			if response.StatusCode == http.StatusCreated {
				<-response.Request.Context().Done()
			}
			return nil
		})
	case adaptertest.DroppedAfter:
		p.set(nil, func(response *http.Response) error {
			if response.StatusCode == http.StatusCreated {
				return context.Canceled // the gate hangs up
			}
			return nil
		})
	case adaptertest.RateLimited, adaptertest.RateLimitedUntil, adaptertest.Objected:
		return false // no outcome of a record's
	}
	return true
}
