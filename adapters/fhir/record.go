package fhir

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"reflect"
	"strings"

	"github.com/google/uuid"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/adapters/internal/fhirpatient"
	"github.com/cmsmessenger/cmsmessenger/internal/nhsnumber"
)

// UKCoreCommunication is the canonical address of UK Core's profile. It only marks what must be supported: every R4
// Communication with a subject conforms.
const UKCoreCommunication = "https://fhir.hl7.org.uk/StructureDefinition/UKCore-Communication"

// RecordConfig is how entries are written.
type RecordConfig struct {
	Server *Server
	// System is the absolute URI under which our identifiers live: with "https://messenger.example.org/id" a message is
	// System + "/message" and its UUID. It must never change: it is how an entry is found again.
	System string
	// Patients confirms before each entry is written that the record has its client, once and under the same NHS number,
	// and refers to the Patient. Nil: for a server that keeps no Patients; entries then name the client by NHS number
	// alone, and one without a valid number is not written.
	Patients *Clients
	// Profiles are claimed in meta.profile: your copy of our profile and UKCoreCommunication, say. Some servers refuse
	// profiles they do not know, so none is claimed unless it is here.
	Profiles []string
	// StaffSystem is the system of staff ids; empty: System + "/staff". Hosts whose ids are SDS user ids give
	// "https://fhir.nhs.uk/Id/sds-user-id".
	StaffSystem string
	// ODSCodes are the organisations' ODS codes; one that is not here is named by the host's id under System.
	ODSCodes map[adapters.OrganisationID]string
	// SearchFirst asks for an entry before it is created, for a server that ignores If-None-Exist. Two writers at the same
	// moment can then both succeed; Messenger runs one job for each message.
	SearchFirst bool
}

// Record is adapters.Record as R4 Communications. Make one with NewRecord.
type Record struct {
	server *Server
	config RecordConfig
	system string
}

// NewRecord checks the settings; it calls nobody.
func NewRecord(config RecordConfig) (*Record, error) {
	if config.Server == nil {
		return nil, errors.New("fhir: no server")
	}
	if uri, err := url.Parse(config.System); err != nil || !uri.IsAbs() || strings.ContainsAny(config.System, "|, ") {
		return nil, errors.New("fhir: System is no absolute URI")
	}
	r := &Record{server: config.Server, config: config, system: strings.TrimRight(config.System, "/")}
	if config.StaffSystem == "" {
		r.config.StaffSystem = r.system + "/staff"
	}
	return r, nil
}

// Write is adapters.Record: a create on the condition that nothing stands under the message's identifier.
//
// ErrNotFound: the record has no such patient in use, has it under another NHS number, or (without Patients) the entry
// has no valid number; and 400 or 422 with an issue of type not-found. ErrWrongContent: 400, 413, 422 or an empty text.
// ErrConfiguration: 401, 403, 404, 405, a redirect, several entries under one key, or an issue of the account's
// (security, login, forbidden, not-supported …): 404 of a create is the address's, not the client's. 429 and an issue
// throttled are *RateLimitError. The rest is passing, and so is a transient issue with whatever status, and a 400 or
// 422 with something else than an outcome: a gateway's page, for a certificate that has run out say.
func (r *Record) Write(ctx context.Context, entry adapters.Entry) (adapters.Filed, error) {
	filed, err := r.write(ctx, entry)
	if err != nil {
		return adapters.Filed{}, fmt.Errorf("fhir: write an entry: %w", err)
	}
	return filed, nil
}

func (r *Record) write(ctx context.Context, entry adapters.Entry) (adapters.Filed, error) {
	if strings.TrimSpace(clean(entry.Text)) == "" {
		return adapters.Filed{}, fmt.Errorf("%w: no text", adapters.ErrWrongContent)
	}
	if r.config.SearchFirst {
		if filed, err := r.find(ctx, entry); !errors.Is(err, adapters.ErrNotFound) {
			return filed, err
		}
	}
	subject, err := r.subject(ctx, entry)
	if err != nil {
		return adapters.Filed{}, err
	}
	body, err := json.Marshal(r.communication(entry, subject))
	if err != nil {
		return adapters.Filed{}, fmt.Errorf("%w: %w", adapters.ErrWrongContent, err)
	}
	header := http.Header{
		"Content-Type":  {"application/fhir+json"},
		"If-None-Exist": {"identifier=" + url.QueryEscape(r.token(entry.Key))},
		"Prefer":        {"return=minimal"},
	}
	got, err := r.server.call(ctx, http.MethodPost, r.server.base+"/Communication", header, body, resourceLimit)
	if err != nil {
		return adapters.Filed{}, err
	}
	if got.status != http.StatusCreated && got.status != http.StatusOK {
		refused := r.server.refusedWrite(got)
		if isDuplicate(got) { // an earlier try's entry, whose answer was lost
			if filed, err := r.find(ctx, entry); !errors.Is(err, adapters.ErrNotFound) {
				return filed, err
			}
		}
		return adapters.Filed{}, refused
	}
	if filed, ok := filedAs(got); ok {
		return filed, nil
	}
	return r.find(ctx, entry) // a server that says neither Location nor the resource
}

// subject names the client, who must be somebody the record knows: a message under the wrong patient is worse than
// none.
func (r *Record) subject(ctx context.Context, entry adapters.Entry) (reference, error) {
	number, valid := nhsnumber.Parse(entry.NHSNumber)
	if r.config.Patients == nil {
		if !valid {
			return reference{}, fmt.Errorf("%w: the client has no valid NHS number", adapters.ErrNotFound)
		}
		return reference{Type: "Patient", Identifier: official(number)}, nil
	}
	patients, err := r.config.Patients.lookup(ctx, entry.Organisation, []adapters.ClientID{entry.Client})
	if err != nil {
		return reference{}, err
	}
	patient, ok := patients[entry.Client]
	if !ok || !isID(patient.ID) {
		return reference{}, fmt.Errorf("%w: no such patient", adapters.ErrNotFound)
	}
	subject := reference{Type: "Patient", Reference: "Patient/" + patient.ID}
	recorded := patient.NHSNumber(r.server.now())
	if valid && recorded != "" && recorded != number {
		return reference{}, fmt.Errorf("%w: the patient has another NHS number", adapters.ErrNotFound)
	}
	if recorded != "" {
		subject.Identifier = official(recorded)
	}
	return subject, nil
}

func official(number string) *identifier {
	return &identifier{Use: "official", System: fhirpatient.NHSNumberSystem, Value: number}
}

// find looks for the entry under its key. ErrNotFound when there is none.
func (r *Record) find(ctx context.Context, entry adapters.Entry) (adapters.Filed, error) {
	query := url.Values{"identifier": {r.token(entry.Key)}}
	resources, err := r.server.search(ctx, "Communication", query, 0)
	if err != nil {
		return adapters.Filed{}, err
	}
	var found []stored
	for _, resource := range resources {
		var one stored
		if err := json.Unmarshal(resource, &one); err != nil {
			return adapters.Filed{}, errors.New("an entry can't be read")
		}
		if r.isOurs(one, entry.Key) { // a server that ignores the question answers with all it has
			found = append(found, one)
		}
	}
	switch {
	case len(found) == 0:
		return adapters.Filed{}, adapters.ErrNotFound
	case len(found) > 1:
		return adapters.Filed{}, errSeveral
	case !isID(found[0].ID):
		return adapters.Filed{}, errors.New("an entry has no id")
	}
	return adapters.Filed{Reference: "Communication/" + found[0].ID, Version: found[0].Meta.VersionID}, nil
}

// token is what a search for a message's identifier asks for.
func (r *Record) token(key uuid.UUID) string {
	return literal(r.system+"/message") + "|" + key.String()
}

// Entries is adapters.RecordLister: one search for all keys, of which the answer comes page by page. It asks for the
// identifiers of what is there alone, and for nobody's words. Errors, besides passing trouble: ErrConfiguration and
// *RateLimitError.
func (r *Record) Entries(
	ctx context.Context, _ adapters.OrganisationID, keys []uuid.UUID,
) (held []uuid.UUID, err error) {
	tokens := make([]string, len(keys))
	for i, key := range keys {
		tokens[i] = r.token(key)
	}
	query := url.Values{"identifier": {strings.Join(tokens, ",")}, "_elements": {"identifier"}}
	resources, err := r.server.search(ctx, "Communication", query, 0)
	if err != nil {
		return nil, fmt.Errorf("fhir: ask for entries: %w", err)
	}
	seen := map[string]bool{} // what is written meanwhile may move an entry to the next page, where it comes again
	for _, resource := range resources {
		var one stored
		if err := json.Unmarshal(resource, &one); err != nil || !isID(one.ID) {
			return nil, errors.New("fhir: ask for entries: one can't be read")
		}
		for _, key := range keys {
			if r.isOurs(one, key) && !seen[one.ID] {
				held = append(held, key)
			}
		}
		seen[one.ID] = true
	}
	return held, nil
}

// stored is what we read of a Communication.
type stored struct {
	ID         string           `json:"id"`
	Meta       fhirpatient.Meta `json:"meta"`
	Status     string           `json:"status"`
	Identifier []identifier     `json:"identifier"`
}

func (r *Record) isOurs(one stored, key uuid.UUID) bool {
	for _, identifier := range one.Identifier {
		if identifier.System == r.system+"/message" && identifier.Value == key.String() {
			return true
		}
	}
	return false
}

// Amend is adapters.Record. It reads what stands there, replaces status, reason, times, topic and text, keeps all that
// the record's own people added, and writes it on the condition that nobody changed it meanwhile; when somebody did, it
// reads again. An entry that was marked as entered in error is left alone.
//
// errors.ErrUnsupported: the server does not update Communications (405, 501). ErrNotFound: it is gone. The rest as for
// Write.
func (r *Record) Amend(ctx context.Context, filed adapters.Filed, entry adapters.Entry) (adapters.Filed, error) {
	id := r.server.idOf("Communication", filed.Reference)
	if id == "" {
		return adapters.Filed{}, fmt.Errorf("fhir: amend an entry: %w: its reference is not ours", adapters.ErrNotFound)
	}
	for range 4 {
		amended, err := r.amend(ctx, id, entry)
		if errors.Is(err, errChanged) {
			continue
		}
		if err != nil {
			return adapters.Filed{}, fmt.Errorf("fhir: amend an entry: %w", err)
		}
		return amended, nil
	}
	return adapters.Filed{}, errors.New("fhir: amend an entry: others keep changing it")
}

var errChanged = errors.New("somebody changed the entry")

func (r *Record) amend(ctx context.Context, id string, entry adapters.Entry) (adapters.Filed, error) {
	address := r.server.base + "/Communication/" + id
	got, err := r.server.call(ctx, http.MethodGet, address, http.Header{}, nil, resourceLimit)
	if err != nil {
		return adapters.Filed{}, err
	}
	switch {
	case got.status == http.StatusGone, got.status == http.StatusNotFound && len(outcomeOf(got.body)) > 0:
		return adapters.Filed{}, fmt.Errorf("%w: the entry is gone", adapters.ErrNotFound) // a gateway's 404 has no issue
	case got.status != http.StatusOK:
		return adapters.Filed{}, r.server.refusedQuestion(got)
	}
	var before stored
	if err := json.Unmarshal(got.body, &before); err != nil {
		return adapters.Filed{}, errors.New("the entry can't be read")
	}
	if !r.isOurs(before, entry.Key) {
		return adapters.Filed{}, fmt.Errorf("%w: another entry stands there", adapters.ErrNotFound)
	}
	version := versionOf(got)
	body, changed, err := r.merge(got.body, entry)
	if err != nil {
		return adapters.Filed{}, err
	}
	if !changed || before.Status == "entered-in-error" {
		return adapters.Filed{Reference: "Communication/" + id, Version: version}, nil
	}
	return r.put(ctx, address, id, version, body)
}

func (r *Record) put(ctx context.Context, address, id, version string, body []byte) (adapters.Filed, error) {
	header := http.Header{"Content-Type": {"application/fhir+json"}, "Prefer": {"return=minimal"}}
	if version != "" {
		header.Set("If-Match", `W/"`+version+`"`)
	}
	put, err := r.server.call(ctx, http.MethodPut, address, header, body, resourceLimit)
	if err != nil {
		return adapters.Filed{}, err
	}
	switch put.status {
	case http.StatusOK, http.StatusCreated, http.StatusNoContent:
		return adapters.Filed{Reference: "Communication/" + id, Version: versionOf(put)}, nil
	case http.StatusPreconditionFailed, http.StatusConflict:
		return adapters.Filed{}, errChanged
	case http.StatusMethodNotAllowed, http.StatusNotImplemented:
		return adapters.Filed{}, fmt.Errorf("the server does not update entries: %w", errors.ErrUnsupported)
	default:
		return adapters.Filed{}, r.server.refusedWrite(put)
	}
}

// merge puts into a stored resource what a delivery can change of it.
func (r *Record) merge(resource []byte, entry adapters.Entry) (merged []byte, changed bool, err error) {
	var now, before map[string]any
	written, err := json.Marshal(r.communication(entry, reference{}))
	if err != nil {
		return nil, false, fmt.Errorf("%w: %w", adapters.ErrWrongContent, err)
	}
	if err := errors.Join(decode(written, &now), decode(resource, &before)); err != nil {
		return nil, false, errors.New("the entry can't be read")
	}
	for _, element := range []string{"status", "statusReason", "sent", "received", "topic", "payload"} {
		if reflect.DeepEqual(before[element], now[element]) {
			continue
		}
		changed = true
		delete(before, element)
		if value, ok := now[element]; ok {
			before[element] = value
		}
	}
	merged, err = json.Marshal(before)
	if err != nil {
		return nil, false, errors.New("the entry can't be written again")
	}
	return merged, changed, nil
}

// decode keeps numbers as they are written: 1.0 and 1 are different decimals in FHIR.
func decode(text []byte, into *map[string]any) error {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	return decoder.Decode(into)
}

// filedAs reads id and version from Location, as the specification says, else from the resource itself.
func filedAs(got answer) (filed adapters.Filed, ok bool) {
	var resource stored
	if err := json.Unmarshal(got.body, &resource); err != nil {
		resource = stored{}
	}
	id := resource.ID
	for _, name := range []string{"Location", "Content-Location"} {
		// The host in it may be another one than ours: a server behind a proxy knows its own name.
		if _, path, found := strings.Cut("/"+got.header.Get(name), "/Communication/"); found {
			id, _, _ = strings.Cut(path, "/")
			break
		}
	}
	return adapters.Filed{Reference: "Communication/" + id, Version: versionOf(got)}, isID(id)
}

// versionOf reads the version from ETag, else Location, else the resource. Empty when the server keeps none.
func versionOf(got answer) string {
	if version := strings.Trim(strings.TrimPrefix(got.header.Get("ETag"), "W/"), `"`); isID(version) {
		return version
	}
	if _, version, found := strings.Cut(got.header.Get("Location"), "/_history/"); found && isID(version) {
		return version
	}
	var resource stored
	if err := json.Unmarshal(got.body, &resource); err == nil && isID(resource.Meta.VersionID) {
		return resource.Meta.VersionID
	}
	return ""
}
