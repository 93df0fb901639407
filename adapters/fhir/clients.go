package fhir

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/adapters/internal/fhirpatient"
	"github.com/cmsmessenger/cmsmessenger/internal/nhsnumber"
)

// ClientsConfig is how a server's Patients are the clients of a host.
type ClientsConfig struct {
	Server *Server
	// Organisations says whose patients are whose: for each organisation of the host's the reference of the Organization
	// that manages its patients, "Organization/org-a". An empty reference: every patient of this server is that
	// organisation's. An organisation that is not here has no clients.
	Organisations map[adapters.OrganisationID]string
	// IdentifierSystem is the system of the identifier that is the host's client id. Empty: it is the Patient's own id.
	IdentifierSystem string
	// Unrestricted are the security labels of ordinary records; every other label makes a client restricted. Nil: "U". A
	// server that labels them "N" (normal) needs "U", "N".
	Unrestricted []string
	// LabelsAlways says that the server labels every record: one without a label is then restricted.
	LabelsAlways bool
	// Sort is what searches are sorted by; empty: "family,given,_id". A server refuses what it can't sort by.
	Sort string
	// Complete adds to a client what this server says of them in a way of its own, from their Patient as it came: a
	// safe-contact card, which FHIR has no form for, or needs. Nil: Language is the preferred one of communication (or UK
	// Core's NHSCommunication), Needs the written form and the interpreter of UK Core's extensions, and there is no card.
	// Of a card that can't be read, give one that has NoWords and NeutralSender.
	Complete func(patient json.RawMessage, client *adapters.Client)
	// ProfileURL is where the host shows a client; nil: nowhere.
	ProfileURL func(client adapters.ClientID) string
}

// Clients is adapters.Clients over a server's Patients. Make one with NewClients.
type Clients struct {
	server *Server
	config ClientsConfig
}

// NewClients checks the settings; it calls nobody.
func NewClients(config ClientsConfig) (*Clients, error) {
	if config.Server == nil {
		return nil, errors.New("fhir: no server")
	}
	if len(config.Organisations) == 0 {
		return nil, errors.New("fhir: no organisations: nobody would have clients")
	}
	for _, reference := range config.Organisations {
		if id := config.Server.idOf("Organization", reference); reference != "" && id == "" {
			return nil, errors.New("fhir: an organisation's reference is not Organization/id")
		}
	}
	if config.Unrestricted == nil {
		config.Unrestricted = []string{"U"}
	}
	if config.Sort == "" {
		config.Sort = "family,given,_id"
	}
	return &Clients{server: config.Server, config: config}, nil
}

// Get is adapters.Clients. It asks once for the patients, and once more each for replacements of patients that were
// merged and for the surgeries that patients refer to. A patient that was replaced is answered as its replacement,
// under the id that was asked for; one that is not active and has no replacement is left out, as are two that share an
// id.
//
// Errors, besides passing trouble: ErrConfiguration and *RateLimitError.
func (c *Clients) Get(
	ctx context.Context, organisation adapters.OrganisationID, ids []adapters.ClientID,
) (map[adapters.ClientID]adapters.Client, error) {
	patients, err := c.lookup(ctx, organisation, ids)
	if err != nil {
		return nil, fmt.Errorf("fhir: get clients: %w", err)
	}
	surgeries, err := c.surgeries(ctx, patients)
	if err != nil {
		return nil, fmt.Errorf("fhir: get the clients' surgeries: %w", err)
	}
	clients := make(map[adapters.ClientID]adapters.Client, len(patients))
	for id, patient := range patients {
		clients[id] = c.client(id, patient, surgeries)
	}
	return clients, nil
}

// Search is adapters.Clients, in the server's order. It finds by a whole NHS number only: FHIR has no
// search by the beginning of one. What a name contains is for the server to say: most ignore accents too, and former
// names are found. Errors as for Get.
func (c *Clients) Search(
	ctx context.Context, organisation adapters.OrganisationID, query string, limit int,
) ([]adapters.Client, error) {
	values := url.Values{"_sort": {c.config.Sort}, "_count": {strconv.Itoa(limit)}}
	if number, ok := nhsnumber.Parse(query); ok {
		values.Set("identifier", fhirpatient.NHSNumberSystem+"|"+number)
	} else {
		for _, word := range strings.Fields(query) {
			values.Add("name:contains", literal(word))
		}
	}
	if values.Get("identifier") == "" && values.Get("name:contains") == "" {
		return nil, nil
	}
	patients, err := c.patients(ctx, organisation, values, limit)
	if err != nil {
		return nil, fmt.Errorf("fhir: search clients: %w", err)
	}
	found := map[adapters.ClientID]*fhirpatient.Patient{}
	var order []adapters.ClientID
	for _, patient := range patients {
		id := c.idOf(patient)
		if _, repeated := found[id]; id == "" || repeated || !patient.InUse() || len(order) == limit {
			continue
		}
		found[id] = patient
		order = append(order, id)
	}
	surgeries, err := c.surgeries(ctx, found)
	if err != nil {
		return nil, fmt.Errorf("fhir: search the clients' surgeries: %w", err)
	}
	clients := make([]adapters.Client, 0, len(order))
	for _, id := range order {
		clients = append(clients, c.client(id, found[id], surgeries))
	}
	return clients, nil
}

// Verify returns the one client of this organisation who has this NHS number, ten digits, and was born on this day,
// "2006-01-02". Nobody, somebody born on another day, or several are ErrNotFound. For a host with a directory of its
// own that wants to know whether the record means the same person. Other errors as for Get.
func (c *Clients) Verify(
	ctx context.Context, organisation adapters.OrganisationID, nhsNumber, dateOfBirth string,
) (adapters.Client, error) {
	number, ok := nhsnumber.Parse(nhsNumber)
	if !ok || dateOfBirth == "" {
		return adapters.Client{}, fmt.Errorf("fhir: verify a client: %w", adapters.ErrNotFound)
	}
	query := url.Values{"identifier": {fhirpatient.NHSNumberSystem + "|" + number}}
	patients, err := c.patients(ctx, organisation, query, 0)
	if err != nil {
		return adapters.Client{}, fmt.Errorf("fhir: verify a client: %w", err)
	}
	patients = slices.DeleteFunc(patients, func(p *fhirpatient.Patient) bool { return !p.InUse() })
	if len(patients) != 1 || patients[0].NHSNumber(c.server.now()) != number || patients[0].BirthDate != dateOfBirth ||
		c.idOf(patients[0]) == "" {
		return adapters.Client{}, fmt.Errorf("fhir: verify a client: %w", adapters.ErrNotFound)
	}
	found := map[adapters.ClientID]*fhirpatient.Patient{c.idOf(patients[0]): patients[0]}
	surgeries, err := c.surgeries(ctx, found)
	if err != nil {
		return adapters.Client{}, fmt.Errorf("fhir: verify a client: %w", err)
	}
	return c.client(c.idOf(patients[0]), patients[0], surgeries), nil
}

func (c *Clients) client(
	id adapters.ClientID, patient *fhirpatient.Patient, surgeries map[string]adapters.GP,
) adapters.Client {
	client := patient.Client(fhirpatient.Reading{
		Now: c.server.now(), Unrestricted: c.config.Unrestricted, LabelsAlways: c.config.LabelsAlways,
	})
	client.ID = id
	client.GP = gpOf(patient, patient.GP(c.server.now()), surgeries)
	if c.config.ProfileURL != nil {
		client.ProfileURL = c.config.ProfileURL(id)
	}
	if c.config.Complete != nil {
		c.config.Complete(patient.Raw, &client)
	}
	return client
}

// lookup finds the patients behind client ids, replaced ones by their replacement.
func (c *Clients) lookup(
	ctx context.Context, organisation adapters.OrganisationID, ids []adapters.ClientID,
) (map[adapters.ClientID]*fhirpatient.Patient, error) {
	found, err := c.byID(ctx, organisation, ids, c.config.IdentifierSystem)
	if err != nil {
		return nil, err
	}
	// A replacement may have been replaced in its turn; a ring of them ends here too.
	for range 3 {
		heirs := map[adapters.ClientID]adapters.ClientID{}
		for id, patient := range found {
			if heir := c.server.idOf("Patient", patient.Replacement()); heir != "" {
				heirs[id] = adapters.ClientID(heir)
			}
		}
		if len(heirs) == 0 {
			break
		}
		replacements, err := c.byID(ctx, organisation, slices.Collect(maps.Values(heirs)), "")
		if err != nil {
			return nil, err
		}
		for id, heir := range heirs {
			delete(found, id)
			if replacement, ok := replacements[heir]; ok {
				found[id] = replacement
			}
		}
	}
	for id, patient := range found {
		if !patient.InUse() {
			delete(found, id)
		}
	}
	return found, nil
}

// byID asks for all ids at once, by the identifier of a system or, when that is empty, by the Patients' own ids.
func (c *Clients) byID(
	ctx context.Context, organisation adapters.OrganisationID, ids []adapters.ClientID, system string,
) (map[adapters.ClientID]*fhirpatient.Patient, error) {
	var terms []string
	for _, id := range ids {
		switch {
		case system != "" && id != "":
			terms = append(terms, literal(system)+"|"+literal(string(id)))
		case system == "" && isID(string(id)):
			terms = append(terms, string(id))
		}
	}
	found := map[adapters.ClientID]*fhirpatient.Patient{}
	if len(terms) == 0 {
		return found, nil
	}
	slices.Sort(terms)
	terms = slices.Compact(terms)
	query := url.Values{"_count": {strconv.Itoa(len(terms) + 1)}}
	if system == "" {
		query.Set("_id", strings.Join(terms, ","))
	} else {
		query.Set("identifier", strings.Join(terms, ","))
	}
	patients, err := c.patients(ctx, organisation, query, 0)
	if err != nil {
		return nil, err
	}
	shared := map[adapters.ClientID]bool{}
	for _, patient := range patients {
		for _, id := range c.clientIDs(patient, system) {
			if !slices.Contains(ids, id) {
				continue
			}
			other, repeated := found[id]
			switch {
			case !repeated || !other.InUse():
				found[id] = patient
			case patient.InUse() && other.ID != patient.ID:
				shared[id] = true
			}
		}
	}
	for id := range shared { // nobody can tell which of them is meant
		delete(found, id)
	}
	return found, nil
}

// idOf is the first of a patient's ids; empty without one.
func (c *Clients) idOf(patient *fhirpatient.Patient) adapters.ClientID {
	for _, id := range c.clientIDs(patient, c.config.IdentifierSystem) {
		return id
	}
	return ""
}

// clientIDs are the ids that a patient goes by now: of a system they may have several, after a merger say.
func (c *Clients) clientIDs(patient *fhirpatient.Patient, system string) (ids []adapters.ClientID) {
	if system == "" {
		return []adapters.ClientID{adapters.ClientID(patient.ID)}
	}
	for _, identifier := range patient.Identifier {
		if identifier.System == system && identifier.Value != "" && identifier.Current(c.server.now()) {
			ids = append(ids, adapters.ClientID(identifier.Value))
		}
	}
	return ids
}

// patients asks for patients of one organisation, and looks again whose they are: a server may ignore what it does not
// know. With a limit the first page is enough. One that can't be read is left out, and is an error where it is all that
// the server has: nothing of it is trusted, since it may be restricted, and the others' messages don't wait for it.
func (c *Clients) patients(
	ctx context.Context, organisation adapters.OrganisationID, query url.Values, limit int,
) ([]*fhirpatient.Patient, error) {
	manager, known := c.config.Organisations[organisation]
	if !known {
		return nil, nil
	}
	if manager != "" {
		query.Set("organization", manager)
	}
	resources, err := c.server.search(ctx, "Patient", query, limit)
	if err != nil {
		return nil, err
	}
	wanted := c.server.idOf("Organization", manager)
	patients := make([]*fhirpatient.Patient, 0, len(resources))
	unread := 0
	for _, resource := range resources {
		patient := &fhirpatient.Patient{Raw: resource}
		if err := json.Unmarshal(resource, patient); err != nil {
			unread++
			continue
		}
		if has := c.server.idOf("Organization", patient.ManagingOrganization.Reference); manager == "" || has == wanted {
			patients = append(patients, patient)
		}
	}
	if unread > 0 && unread == len(resources) {
		return nil, errors.New("no patient can be read")
	}
	return patients, nil
}
