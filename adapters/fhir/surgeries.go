package fhir

import (
	"context"
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/adapters/internal/fhirpatient"
)

// practice is what we read of an Organization, a Practitioner or a PractitionerRole.
type practice struct {
	ResourceType string
	ID           string
	Identifier   []fhirpatient.Identifier
	Organization fhirpatient.Reference // of a PractitionerRole
	Name         json.RawMessage       // text for an Organization, names for a Practitioner
}

func (p practice) gp() adapters.GP {
	var gp adapters.GP
	for _, identifier := range p.Identifier {
		if identifier.System == fhirpatient.ODSCodeSystem {
			gp.ODSCode = identifier.Value
		}
	}
	if err := json.Unmarshal(p.Name, &gp.Name); err == nil {
		return gp
	}
	var names []fhirpatient.HumanName
	if err := json.Unmarshal(p.Name, &names); err == nil && len(names) > 0 {
		gp.Name = strings.TrimSpace(strings.Join(append(names[0].Given, names[0].Family), " "))
		if gp.Name == "" {
			gp.Name = names[0].Text
		}
	}
	return gp
}

// gpOf is the surgery by identifier, else by reference, else by display; what one of them lacks comes from the next.
func gpOf(patient *fhirpatient.Patient, reference fhirpatient.Reference, surgeries map[string]adapters.GP) adapters.GP {
	gp := adapters.GP{ODSCode: reference.ODSCode()}
	referred := surgeries[reference.Reference]
	if local, ok := strings.CutPrefix(reference.Reference, "#"); ok {
		referred = containedGP(patient, local)
	}
	if gp.ODSCode == "" {
		gp.ODSCode = referred.ODSCode
	}
	if gp.ODSCode == referred.ODSCode {
		gp.Name = referred.Name
	}
	if gp.Name == "" {
		gp.Name = reference.Display
	}
	return gp
}

func containedGP(patient *fhirpatient.Patient, id string) adapters.GP {
	for _, raw := range patient.Contained {
		var contained practice
		if err := json.Unmarshal(raw, &contained); err == nil && contained.ID == id {
			return contained.gp()
		}
	}
	return adapters.GP{}
}

// surgeries resolves the references that patients have to their surgeries, with one search a type however many patients
// there are: roles first, because they lead to organisations.
func (c *Clients) surgeries(
	ctx context.Context, patients map[adapters.ClientID]*fhirpatient.Patient,
) (map[string]adapters.GP, error) {
	var references []string
	for _, patient := range patients {
		references = append(references, patient.GP(c.server.now()).Reference)
	}
	roles, err := c.practices(ctx, "PractitionerRole", references)
	if err != nil {
		return nil, err
	}
	found := map[string]adapters.GP{}
	for _, role := range roles {
		references = append(references, role.Organization.Reference)
	}
	for _, resourceType := range []string{"Organization", "Practitioner"} {
		resolved, err := c.practices(ctx, resourceType, references)
		if err != nil {
			return nil, err
		}
		for reference, practice := range resolved {
			found[reference] = practice.gp()
		}
	}
	for reference, role := range roles {
		gp := found[role.Organization.Reference]
		if gp.ODSCode == "" {
			gp.ODSCode = role.Organization.ODSCode()
		}
		if gp.Name == "" {
			gp.Name = role.Organization.Display
		}
		found[reference] = gp
	}
	return found, nil
}

// practices fetches the resources of one type among the references, keyed by reference. One that is not there is left
// out.
func (c *Clients) practices(
	ctx context.Context, resourceType string, references []string,
) (map[string]practice, error) {
	ids := map[string]string{}
	for _, reference := range references {
		if id := c.server.idOf(resourceType, reference); id != "" {
			ids[reference] = id
		}
	}
	if len(ids) == 0 {
		return nil, nil
	}
	var terms []string
	for _, id := range ids {
		terms = append(terms, id)
	}
	slices.Sort(terms)
	terms = slices.Compact(terms)
	query := url.Values{"_id": {strings.Join(terms, ",")}, "_count": {strconv.Itoa(len(terms))}}
	resources, err := c.server.search(ctx, resourceType, query, 0)
	if err != nil {
		return nil, err
	}
	byID := map[string]practice{}
	for _, resource := range resources {
		var read practice
		if err := json.Unmarshal(resource, &read); err == nil { // else its patients have none that is known
			byID[read.ID] = read
		}
	}
	found := map[string]practice{}
	for reference, id := range ids {
		if practice, ok := byID[id]; ok {
			found[reference] = practice
		}
	}
	return found, nil
}
