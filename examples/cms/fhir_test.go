package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/examples/internal/hosttest"
	"github.com/cmsmessenger/cmsmessenger/internal/testpeer"
)

// fhirStore is one store of the FHIR server of testpeers: Medplum's router, with two validators.
type fhirStore struct {
	t   *testing.T
	url string
}

// ask makes one request and returns its status; answer may be nil.
func (f fhirStore) ask(method, path string, resource, answer any) int {
	f.t.Helper()
	var body bytes.Buffer
	if resource != nil {
		require.NoError(f.t, json.NewEncoder(&body).Encode(resource))
	}
	request, err := http.NewRequestWithContext(f.t.Context(), method, f.url+path, &body)
	require.NoError(f.t, err)
	request.Header.Set("Content-Type", "application/fhir+json")
	response, err := http.DefaultClient.Do(request)
	require.NoError(f.t, err)
	defer func() { _ = response.Body.Close() }()
	if answer != nil {
		require.NoError(f.t, json.NewDecoder(response.Body).Decode(answer))
	}
	return response.StatusCode
}

// put writes a client as the server's Patient.
func (f fhirStore) put(client adapters.Client, organisation string) {
	f.t.Helper()
	words := strings.Fields(client.Name)
	patient := object{
		"resourceType": "Patient", "id": string(client.ID), "active": true,
		"identifier": []object{{"system": "https://fhir.nhs.uk/Id/nhs-number", "value": client.NHSNumber}},
		"name": []object{
			{"use": "usual", "given": []string{client.FirstName}, "family": strings.Join(words[1:], " ")},
		},
		"managingOrganization": object{"reference": "Organization/" + organisation},
		"generalPractitioner": []object{{"display": client.GP.Name, "identifier": object{
			"system": "https://fhir.nhs.uk/Id/ods-organization-code", "value": client.GP.ODSCode,
		}}},
	}
	if client.DateOfBirth != "" {
		patient["birthDate"] = client.DateOfBirth
	}
	if card := cardText(client); card != nil {
		patient["extension"] = []object{{"url": cardExtension, "valueString": *card}}
	}
	if client.Language != "" {
		patient["communication"] = []object{{"preferred": true, "language": object{
			"coding": []object{{"system": "urn:ietf:bcp:47", "code": client.Language}},
		}}}
	}
	var telecom []object
	for system, value := range map[string]string{"email": client.Email, "phone": client.Phone} {
		if value != "" {
			telecom = append(telecom, object{"system": system, "value": value})
		}
	}
	if telecom != nil {
		patient["telecom"] = telecom
	}
	if client.Restricted {
		patient["meta"] = object{
			"security": []object{{"system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "code": "R"}},
		}
	}
	if client.Deceased {
		patient["deceasedBoolean"] = true
	}
	var answer json.RawMessage
	status := f.ask(http.MethodPut, "/Patient/"+string(client.ID), patient, &answer)
	require.Contains(f.t, []int{http.StatusOK, http.StatusCreated}, status, "%s", answer)
}

type fhirCommunication struct {
	ID      string
	Status  string
	Subject struct{ Reference string }
	Sender  struct{ Type string }
	Payload []struct{ ContentString string }
}

// entries are the Communications of a message.
func (f fhirStore) entries(messageID string) (found []fhirCommunication) {
	f.t.Helper()
	var bundle struct {
		Entry []struct{ Resource fhirCommunication }
	}
	query := url.Values{"identifier": {"https://" + mailDomain + "/id/message|" + messageID}}
	require.Equal(f.t, http.StatusOK, f.ask(http.MethodGet, "/Communication?"+query.Encode(), nil, &bundle))
	for _, entry := range bundle.Entry {
		found = append(found, entry.Resource)
	}
	return found
}

// count is how many Communications there are.
func (f fhirStore) count() int {
	f.t.Helper()
	var bundle struct{ Total int }
	f.ask(http.MethodGet, "/Communication?_count=0&_total=accurate", nil, &bundle)
	return bundle.Total
}

// requireCard finds one client's safe-contact card and another's language, as the demonstration's directory has them.
func requireCard(t *testing.T, host *hosttest.Host) {
	t.Helper()
	amira := signedIn(t, host.URL, "amira")
	var safe, welsh struct {
		Client struct {
			SafeContact struct {
				Media   []string `json:"media"`
				NoWords bool     `json:"no_words"`
				Note    string   `json:"note"`
			} `json:"safe_contact"`
			Language string `json:"language"`
		} `json:"client"`
	}
	amira.api(http.StatusOK, http.MethodGet, "/clients/"+safeID, nil, &safe)
	card := safe.Client.SafeContact
	require.Equal(t, []string{"sms"}, card.Media)
	require.True(t, card.NoWords)
	require.Equal(t, safeCard().Note, card.Note)
	amira.api(http.StatusOK, http.MethodGet, "/clients/"+welshID, nil, &welsh)
	require.Equal(t, "cy", welsh.Client.Language)
}

// TestStoryByFHIR tells the whole story with a FHIR server as directory and as record, and a real mail server.
func TestStoryByFHIR(t *testing.T) {
	t.Parallel()
	profile, err := filepath.Abs("../../adapters/fhir/testdata/StructureDefinition-Messenger-Communication.json")
	require.NoError(t, err)
	peer := testpeer.Start(t, "fhir-server.mjs", profile)
	// Two stores: the record is to lack a client whom the directory has.
	directory, record := fhirStore{t, peer + "/directory"}, fhirStore{t, peer + "/record"}
	clients := map[string]adapters.Client{}
	for i, client := range append(clientRows(), partRows()...) {
		clients[string(client.ID)] = client
		directory.put(client, organisationOf(i))
		if client.ID != unrecordedID {
			record.put(client, organisationOf(i))
		}
	}
	mail := newMailServer(t, "cms", "a-secret")
	host := startHostIn(t, []string{
		fmt.Sprintf("SMTP_URL=smtp://cms:a-secret@127.0.0.1:%d", mail.Port),
		"FHIR_DIRECTORY_URL=" + directory.url, "FHIR_DIRECTORY_TOKEN=secret-of-the-directory",
		"FHIR_RECORD_URL=" + record.url, "FHIR_RECORD_TOKEN=secret-of-the-record",
	}, []string{"secret", "7700900", "@example.", "choir", "Okafor", "999000"})
	seeded := -2 // one that is refused, and one of whom the record does not know
	for _, c := range append(conversations(), longThread()) {
		seeded += len(c.turns)
	}
	require.Eventually(t, func() bool { return record.count() >= seeded }, 4*patience, 200*time.Millisecond,
		"%d of %d\n%s", record.count(), seeded, host.Log)
	requireCard(t, host)
	tellStory(t, host, outside{
		emailed: mail.emailed,
		filed: func(t *testing.T, messageID string) (items []recordItem) {
			t.Helper()
			for _, entry := range (fhirStore{t, record.url}).entries(messageID) {
				direction, author := "inbound", "client"
				if entry.Sender.Type != "Patient" {
					direction, author = "outbound", "staff"
				}
				require.Equal(t, "completed", entry.Status)
				require.Len(t, entry.Payload, 1)
				items = append(items, recordItem{
					MessageID: uuid.MustParse(messageID), ClientID: strings.TrimPrefix(entry.Subject.Reference, "Patient/"),
					Direction: direction, Author: recordItemAuthor{Kind: author}, Text: entry.Payload[0].ContentString,
				})
			}
			return items
		},
		corrected: func(t *testing.T, client, email, phone string) {
			t.Helper()
			changed := clients[client]
			changed.Email, changed.Phone = email, phone
			fhirStore{t, directory.url}.put(changed, "north")
		},
		registered: func(t *testing.T, client string) {
			t.Helper()
			fhirStore{t, record.url}.put(clients[client], "north")
		},
	})
}
