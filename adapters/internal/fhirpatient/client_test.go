package fhirpatient_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/adapters/internal/fhirpatient"
)

func now() time.Time { return time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC) }

func read(t *testing.T, text string) adapters.Client {
	t.Helper()
	var patient fhirpatient.Patient
	require.NoError(t, json.Unmarshal([]byte(text), &patient))
	return patient.Client(fhirpatient.Reading{Now: now(), Unrestricted: []string{"U"}})
}

func TestNames(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][2]string{
		`{}`:                                 {"", ""},
		`{"name":[{"text":"Grace Okafor"}]}`: {"Grace Okafor", ""},
		`{"name":[{"text":"OKAFOR, Grace (Mrs)"}]}`:           {"OKAFOR, Grace (Mrs)", ""},
		`{"name":[{"text":"Dr. O'Neil","prefix":["Dr."]}]}`:   {"Dr. O'Neil", ""},
		`{"name":[{"family":"O'Neil","prefix":["Dr."]}]}`:     {"O'Neil", ""},
		`{"name":[{"text":"Grace Okafor","given":[" "]}]}`:    {"Grace Okafor", ""},
		`{"name":[{"given":["","Grace"],"family":"Okafor"}]}`: {"Grace Okafor", "Grace"},
		`{"name":[{"use":"usual","given":["John Paul"],"family":"Smith","prefix":["Mr"]}]}`: {
			"John Paul Smith", "John Paul",
		},
		`{"name":[{"use":"official","given":["A"]},{"use":"usual","given":["B"]}]}`: {
			"B",
			"B",
		},
		`{"name":[{"use":"maiden","given":["A"]},{"use":"nickname","given":["B"]},{"use":"old","given":["C"]}]}`: {
			"",
			"",
		},
		`{"name":[{"use":"usual","given":["A"],"period":{"end":"2026-06-30"}},{"use":"official","given":["B"]}]}`: {
			"B",
			"B",
		},
		`{"name":[{"use":"usual","given":["A"],"period":{"end":"2025"}}]}`: {
			"A",
			"A",
		},
		`{"name":[{"use":"usual","given":["A"],"period":{"start":"2026-07-02"}},{"use":"temp","given":["B"]}]}`: {
			"B",
			"B",
		},
		`{"name":[{"use":"usual","given":["A"],"period":{"end":"2026-07"}},{"use":"official","given":["B"]}]}`: {
			"A",
			"A",
		},
		`{"name":[{"use":"usual","given":["A"],"period":{"end":"2026-07-01T11:59:59Z"}},{"use":"temp","given":["B"]}]}`: {
			"B",
			"B",
		},
	} {
		client := read(t, text)
		require.Equal(t, want, [2]string{client.Name, client.FirstName}, text)
	}
}

func TestNHSNumbers(t *testing.T) {
	t.Parallel()
	const nhs = `"system":"https://fhir.nhs.uk/Id/nhs-number"`
	const status = `"extension":[{"url":"https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-NHSNumberVerificationStatus","valueCodeableConcept":{"coding":[{"code":`
	for text, want := range map[string]string{
		`{` + nhs + `,"value":"9990000018"}`:                                                "9990000018",
		`{` + nhs + `,"value":"999 000 0018"}`:                                              "9990000018",
		`{` + nhs + `,"value":"9990000019"}`:                                                "",
		`{"system":"https://example.org","value":"9990000018"}`:                             "",
		`{` + nhs + `,"value":"9990000018","use":"old"}`:                                    "",
		`{` + nhs + `,"value":"9990000018","period":{"end":"2020"}}`:                        "",
		`{` + nhs + `,"value":"9990000018",` + status + `"01"}]}}]}`:                        "9990000018",
		`{` + nhs + `,"value":"9990000018",` + status + `"02"}]}}]}`:                        "",
		`{` + nhs + `,"value":"9990000018"},{` + nhs + `,"value":"9990000018"}`:             "9990000018",
		`{` + nhs + `,"value":"9990000018"},{` + nhs + `,"value":"9990000026"}`:             "",
		`{` + nhs + `,"value":"9990000018","use":"old"},{` + nhs + `,"value":"9990000026"}`: "9990000026",
	} {
		require.Equal(t, want, read(t, `{"identifier":[`+text+`]}`).NHSNumber, text)
	}
}

func TestContact(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][2]string{
		``: {"", ""},
		`{"system":"phone","value":"020 7946 0018"},{"system":"phone","value":"07700 900123"}`:                            {"", "07700 900123"},
		`{"system":"phone","value":"07700 900123"},{"system":"phone","value":"07700 900124","use":"mobile"}`:              {"", "07700 900124"},
		`{"system":"phone","value":"07700 900123"},{"system":"phone","value":"07700 900124","rank":1}`:                    {"", "07700 900124"},
		`{"system":"phone","value":"020 7946 0018","use":"mobile"},{"system":"phone","value":"07700 900124"}`:             {"", "07700 900124"},
		`{"system":"phone","value":"020 7946 0018"}`:                                                                      {"", "020 7946 0018"},
		`{"system":"phone","value":"tel:+447700900123"},{"system":"fax","value":"07700 900124"}`:                          {"", "+447700900123"},
		`{"system":"phone","value":"07700 900123","use":"old"},{"system":"other","value":"07700 900123"}`:                 {"", ""},
		`{"system":"phone","value":"07700 900123","period":{"end":"2025-12-31"}}`:                                         {"", ""},
		`{"system":"email","value":"mailto:a@example.org"}`:                                                               {"a@example.org", ""},
		`{"system":"email","value":"a@example.org","period":{"start":"2027"}},{"system":"email","value":"b@example.org"}`: {"b@example.org", ""},
		`{"system":"email","value":"none"},{"system":"email","value":"a@example.org"}`:                                    {"a@example.org", ""},
		`{"system":"email","value":"none"},{"system":"email","value":"not asked"}`:                                        {"none", ""},
		`{"system":"email","value":"a@example.org","rank":2},{"system":"email","value":"b@example.org","rank":1}`:         {"b@example.org", ""},
	} {
		client := read(t, `{"telecom":[`+text+`]}`)
		require.Equal(t, want, [2]string{client.Email, client.Phone}, text)
	}
}

func TestDeathAndBirth(t *testing.T) {
	t.Parallel()
	const notice = `{"extension":[{"url":"https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-DeathNotificationStatus","extension":[{"url":"deathNotificationStatus","valueCodeableConcept":{"coding":[{"code":`
	for text, want := range map[string]bool{
		`{}`: false, `{"deceasedBoolean":false}`: false,
		`{"deceasedBoolean":true}`: true, `{"deceasedDateTime":"2020"}`: true,
		notice + `"1"}]}}]}]}`: true, notice + `"2"}]}}]}]}`: true, notice + `"U"}]}}]}]}`: false,
	} {
		require.Equal(t, want, read(t, text).Deceased, text)
	}
	for text, want := range map[string]string{
		`1951-03-04`: "1951-03-04", `1951-03`: "", `1951`: "", ``: "", `1951-13-04`: "",
	} {
		require.Equal(t, want, read(t, `{"birthDate":"`+text+`"}`).DateOfBirth, text)
	}
}

func TestObjections(t *testing.T) {
	t.Parallel()
	const preference = `{"extension":[{"url":"https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-ContactPreference","extension":[{"url":"PreferredContactMethod","valueCodeableConcept":{"coding":[{"code":`
	require.Equal(t, []adapters.Medium{adapters.SMS}, read(t, preference+`"8"}]}}]}]}`).Objects)
	require.Empty(t, read(t, preference+`"1"}]}}]}]}`).Objects)
}

func FuzzClient(f *testing.F) {
	f.Add(`{"name":[{"given":[""],"period":{"end":"2"}}],"telecom":[{"system":"sms","value":" "}],"identifier":[{}]}`)
	f.Fuzz(func(t *testing.T, text string) {
		var patient fhirpatient.Patient
		if err := json.Unmarshal([]byte(text), &patient); err != nil {
			return
		}
		client := patient.Client(fhirpatient.Reading{Now: now()})
		require.Regexp(t, `^([0-9]{10})?$`, client.NHSNumber)
		require.Regexp(t, `^([0-9]{4}-[0-9]{2}-[0-9]{2})?$`, client.DateOfBirth)
	})
}
