// Package fhirpatient reads FHIR R4 Patient resources, as UK Core and the PDS FHIR API shape them.
package fhirpatient

import "encoding/json"

// The identifier systems of the NHS in England that a Patient refers to.
const (
	NHSNumberSystem = "https://fhir.nhs.uk/Id/nhs-number"
	ODSCodeSystem   = "https://fhir.nhs.uk/Id/ods-organization-code"
)

const ukCore = "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-"

// Patient is what we read of a Patient.
type Patient struct {
	ResourceType         string            `json:"resourceType"`
	ID                   string            `json:"id"`
	Meta                 Meta              `json:"meta"`
	Identifier           []Identifier      `json:"identifier"`
	Active               *bool             `json:"active"`
	Name                 []HumanName       `json:"name"`
	Telecom              []ContactPoint    `json:"telecom"`
	BirthDate            string            `json:"birthDate"`
	DeceasedBoolean      bool              `json:"deceasedBoolean"`
	DeceasedDateTime     string            `json:"deceasedDateTime"`
	GeneralPractitioner  []Reference       `json:"generalPractitioner"`
	ManagingOrganization Reference         `json:"managingOrganization"`
	Link                 []Link            `json:"link"`
	Communication        []Communication   `json:"communication"`
	Extension            []Extension       `json:"extension"`
	Contained            []json.RawMessage `json:"contained"`

	Raw json.RawMessage `json:"-"` // the whole resource, where the reader keeps it
}

// Communication is a language of the patient's.
type Communication struct {
	Language  CodeableConcept `json:"language"`
	Preferred bool            `json:"preferred"`
}

// CodeableConcept is something by its codes.
type CodeableConcept struct {
	Coding []Coding `json:"coding"`
}

// Meta holds a resource's version and security labels.
type Meta struct {
	VersionID string   `json:"versionId"`
	Security  []Coding `json:"security"`
}

// Coding is a code of a system.
type Coding struct {
	System  string `json:"system"`
	Code    string `json:"code"`
	Display string `json:"display"`
}

// Period is a time from Start to End, both FHIR dateTimes, inclusive; an empty one is open.
type Period struct {
	Start string `json:"start"`
	End   string `json:"end"`
}

// Identifier is a business identifier.
type Identifier struct {
	Use       string      `json:"use"`
	System    string      `json:"system"`
	Value     string      `json:"value"`
	Period    Period      `json:"period"`
	Extension []Extension `json:"extension"`
}

// HumanName is one of a person's names.
type HumanName struct {
	Use    string   `json:"use"`
	Text   string   `json:"text"`
	Family string   `json:"family"`
	Given  []string `json:"given"`
	Period Period   `json:"period"`
}

// ContactPoint is a telephone number or an email address. Rank 1 is preferred to 2; 0 says nothing.
type ContactPoint struct {
	System string `json:"system"`
	Value  string `json:"value"`
	Use    string `json:"use"`
	Rank   int    `json:"rank"`
	Period Period `json:"period"`
}

// Reference points at another resource.
type Reference struct {
	Reference  string     `json:"reference"`
	Type       string     `json:"type"`
	Identifier Identifier `json:"identifier"`
	Display    string     `json:"display"`
}

// Link says how this Patient stands to another one.
type Link struct {
	Other Reference `json:"other"`
	Type  string    `json:"type"`
}

// Extension is what UK Core adds.
type Extension struct {
	URL       string          `json:"url"`
	Extension []Extension     `json:"extension"`
	Concept   CodeableConcept `json:"valueCodeableConcept"`
	Boolean   bool            `json:"valueBoolean"`
}

// code is the first code of the first extension of this name, or of the one of the next name inside it.
func code(extensions []Extension, name string, inside ...string) string {
	for _, extension := range extensions {
		if extension.URL != name {
			continue
		}
		if len(inside) > 0 {
			return code(extension.Extension, inside[0], inside[1:]...)
		}
		for _, coding := range extension.Concept.Coding {
			return coding.Code
		}
	}
	return ""
}
