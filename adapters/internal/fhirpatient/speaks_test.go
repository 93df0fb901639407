package fhirpatient_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
)

func TestLanguageAndNeeds(t *testing.T) {
	t.Parallel()
	const preferred = `{"communication":[{"language":{"coding":[{"code":"en"}]}},
		{"language":{"coding":[{"code":"cy"}]},"preferred":true}]}`
	const extension = `"url":"https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-`
	pds := func(code, display string) string {
		return `{"extension":[{` + extension + `NHSCommunication","extension":[
			{"url":"language","valueCodeableConcept":{"coding":[{"code":"` + code + `","display":"` + display + `"}]}},
			{"url":"interpreterRequired","valueBoolean":true}]},
			{` + extension + `ContactPreference","extension":[{"url":"PreferredWrittenCommunicationFormat",
			"valueCodeableConcept":{"coding":[{"code":"12"}]}}]}]}`
	}
	speaks := func(codes ...string) string {
		return `{"communication":[{"language":{"coding":[{"code":"` +
			strings.Join(codes, `"}]}},{"language":{"coding":[{"code":"`) + `"}]}}]}`
	}
	for text, want := range map[string]adapters.Client{
		`{}`:                               {},
		preferred:                          {Language: "cy"},
		speaks("pl", "en"):                 {},
		pds("fr", "French"):                {Language: "fr", Needs: []string{"braille", "an interpreter (French)"}},
		pds("q4", "British Sign Language"): {Needs: []string{"braille", "an interpreter (British Sign Language)"}},
	} {
		got := read(t, text)
		require.Equal(t, want.Language, got.Language, text)
		require.Equal(t, want.Needs, got.Needs, text)
	}
}
