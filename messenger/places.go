package messenger

import (
	"regexp"
	"strings"
	"unicode"
)

// bracketed are the ways in which people write places: {{…}}, which are filled in, ((…)) as GOV.UK Notify has them, and
// {…}.
var bracketed = regexp.MustCompile(`\{\{([^{}]*)\}\}|\(\(([^()]*)\)\)|\{([^{}]*)\}`)

// placeNamed is what may be the name of a place: up to three words, without the signs of a sentence.
var placeNamed = regexp.MustCompile(`^\p{L}[\p{L}\p{M}\p{N}_.'’-]*( [\p{L}\p{M}\p{N}_.'’-]+){0,2}$`)

// placeName is what stands between brackets, without what nobody sees and with a simple space for each gap: people
// paste no-break spaces and soft hyphens.
func placeName(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, s)
	return strings.Join(strings.Fields(s), " ")
}

// writtenPlace is a place that is none: it would go out with its brackets.
type writtenPlace struct{ written, name string }

// unfilledPlaces are what looks like a place in a text and is not filled in, each once.
func unfilledPlaces(text string) []writtenPlace {
	var found []writtenPlace
	for _, match := range bracketed.FindAllStringSubmatch(text, -1) {
		name := placeName(match[2] + match[3])
		if placeNamed.MatchString(name) {
			found = append(found, writtenPlace{match[0], name})
		}
	}
	return distinct(found)
}

// meant is the placeholder that a name is a misspelling of; empty where it is of none.
func (p writtenPlace) meant() string {
	switch strings.ToLower(strings.NewReplacer(" ", "", "_", "", "-", "", ".", "", "'", "", "’", "").Replace(p.name)) {
	case "name", "firstname", "forename", "givenname", "clientname", "patientname", "clientfirstname", "patientfirstname":
		return "{{first_name}}"
	case "staff", "staffname", "myname", "sender", "sendername":
		return "{{staff_name}}"
	//nolint:misspell // so do some
	case "organisation", "organization", "organisationname", "organizationname":
		return "{{organisation}}"
	case "replylink", "link":
		return replyLinkMark
	}
	return ""
}

// requireFilled refuses a text from a template in which a place is left. What a placeholder is filled with is not
// looked at: a client's own name may have brackets in it.
func requireFilled(subject, body string) error {
	for _, text := range []struct{ field, text string }{{"subject", subject}, {"body", body}} {
		if len(unfilledPlaces(text.text)) > 0 {
			return &Error{Code: CodeTemplatePlaceUnfilled, Field: text.field, Message: "A place of the template is not " +
				"filled in yet. Write what belongs there in place of the brackets, or take them out."}
		}
	}
	return nil
}

// placeAdvice says what was meant where a text has a placeholder misspelt. Other brackets are prose.
func placeAdvice(subject, body string) []Advice {
	var advice []Advice
	for _, place := range unfilledPlaces(subject + "\n" + body) {
		if meant := place.meant(); meant != "" {
			advice = append(advice, Advice{
				Rule: "place", Text: place.written + " is not filled in: it goes out as it stands. Write " + meant + " instead.",
				Source: "GOV.UK Notify, personalisation: places are written ((name)) there, {{first_name}} here.",
			})
		}
	}
	return advice
}
