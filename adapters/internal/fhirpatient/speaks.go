package fhirpatient

import (
	"regexp"
	"strings"
)

// tag is what a BCP 47 tag looks like, as FHIR's communication language is (hl7.org/fhir/R4/valueset-languages.html).
// The NHS's own codes for sign languages and Braille ("q4") are none.
var tag = regexp.MustCompile(`^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$`)

// language is the one that the patient prefers, or their only one; empty where nothing says so. The base resource goes
// before UK Core's extension, which PDS has.
func (p *Patient) language() string {
	found := ""
	for _, c := range p.Communication {
		if c.Preferred || len(p.Communication) == 1 {
			found = tagOf(c.Language)
			break
		}
	}
	if found == "" {
		if of := inside(p.Extension, ukCore+"NHSCommunication"); of != nil {
			found = tagOf(firstOf(of, "language").Concept)
		}
	}
	return found
}

func tagOf(concept CodeableConcept) string {
	for _, coding := range concept.Coding {
		if tag.MatchString(coding.Code) {
			return coding.Code
		}
	}
	return ""
}

// needs are what UK Core says of how the patient reads and speaks: the written form that they prefer
// (CodeSystem UKCore-PreferredWrittenCommunicationFormat) and an interpreter.
func (p *Patient) needs() []string {
	var needs []string
	const preference = ukCore + "ContactPreference"
	switch code(p.Extension, preference, "PreferredWrittenCommunicationFormat") {
	case "11":
		needs = append(needs, "large print")
	case "12":
		needs = append(needs, "braille")
	case "13":
		needs = append(needs, "audio")
	}
	of := inside(p.Extension, ukCore+"NHSCommunication")
	if firstOf(of, "interpreterRequired").Boolean {
		need := "an interpreter"
		for _, coding := range firstOf(of, "language").Concept.Coding {
			if coding.Display != "" {
				need += " (" + strings.TrimSpace(coding.Display) + ")"
				break
			}
		}
		needs = append(needs, need)
	}
	return needs
}

// inside are the extensions in the first one of a name.
func inside(extensions []Extension, name string) []Extension {
	return firstOf(extensions, name).Extension
}

func firstOf(extensions []Extension, name string) Extension {
	for _, extension := range extensions {
		if extension.URL == name {
			return extension
		}
	}
	return Extension{}
}
