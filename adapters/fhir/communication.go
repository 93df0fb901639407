package fhir

import (
	"strings"
	"time"
	"unicode"

	"github.com/google/uuid"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/adapters/internal/fhirpatient"
)

// terminology is where HL7 keeps its code systems.
const terminology = "http://terminology.hl7.org/CodeSystem/"

// communication is what we write of an R4 Communication.
type communication struct {
	ResourceType string       `json:"resourceType"`
	Meta         *meta        `json:"meta,omitempty"`
	Identifier   []identifier `json:"identifier"`
	PartOf       []reference  `json:"partOf,omitempty"`
	InResponseTo []reference  `json:"inResponseTo,omitempty"`
	Status       string       `json:"status"`
	StatusReason *concept     `json:"statusReason,omitempty"`
	Category     []concept    `json:"category"`
	Medium       []concept    `json:"medium"`
	Subject      reference    `json:"subject"`
	Topic        *concept     `json:"topic,omitempty"`
	Sent         string       `json:"sent"`
	Received     string       `json:"received,omitempty"`
	Recipient    []reference  `json:"recipient"`
	Sender       reference    `json:"sender"`
	Payload      []payload    `json:"payload"`
	Note         []annotation `json:"note,omitempty"`
}

type meta struct {
	Profile  []string `json:"profile,omitempty"`
	Security []coding `json:"security,omitempty"`
}

type identifier struct {
	Use    string `json:"use,omitempty"`
	System string `json:"system"`
	Value  string `json:"value"`
}

type reference struct {
	Reference  string      `json:"reference,omitempty"`
	Type       string      `json:"type"`
	Identifier *identifier `json:"identifier,omitempty"`
	Display    string      `json:"display,omitempty"`
}

type coding struct {
	System  string `json:"system"`
	Code    string `json:"code"`
	Display string `json:"display"`
}

type concept struct {
	Coding []coding `json:"coding,omitempty"`
	Text   string   `json:"text,omitempty"`
}

type payload struct {
	ContentString string `json:"contentString"`
}

type annotation struct {
	AuthorReference *reference `json:"authorReference,omitempty"`
	Text            string     `json:"text"`
}

// communication writes an entry as our profile has it: see StructureDefinition-Messenger-Communication.
func (r *Record) communication(entry adapters.Entry, subject reference) communication {
	c := communication{
		ResourceType: "Communication",
		Meta:         r.meta(entry),
		Identifier:   []identifier{{System: r.system + "/message", Value: entry.Key.String()}},
		PartOf:       []reference{r.logical("/channel", entry.Channel)},
		Status:       status(entry),
		StatusReason: statusReason(entry),
		Category:     category(entry),
		Medium:       medium(entry),
		Subject:      subject,
		Sent:         instant(entry.At),
		Received:     received(entry),
		Payload:      []payload{{ContentString: clean(entry.Text)}},
		Note:         r.notes(entry),
	}
	if entry.InReplyTo != uuid.Nil {
		c.InResponseTo = []reference{r.logical("/message", entry.InReplyTo)}
	}
	if subject := line(entry.Subject); subject != "" {
		c.Topic = &concept{Text: subject}
	}
	switch entry.Direction {
	case adapters.Inbound:
		c.Sender, c.Recipient = subject, []reference{r.organisation(entry.Organisation)}
	case adapters.Internal:
		c.Sender, c.Recipient = r.author(entry.Author, entry.Organisation), []reference{r.organisation(entry.Organisation)}
	case adapters.Outbound:
		c.Sender, c.Recipient = r.author(entry.Author, entry.Organisation), []reference{subject}
	}
	return c
}

// meta claims the profiles, and says in the way of GP Connect that the client may not see an entry online: the label
// NOPAT.
func (r *Record) meta(entry adapters.Entry) *meta {
	m := meta{Profile: r.config.Profiles}
	if !entry.OnlineViewing || entry.Direction == adapters.Internal {
		m.Security = []coding{{
			System: terminology + "v3-ActCode", Code: "NOPAT",
			Display: "no disclosure to patient, family or caregivers without attending provider's authorization",
		}}
	}
	if len(m.Profile) == 0 && len(m.Security) == 0 {
		return nil
	}
	return &m
}

func (r *Record) logical(kind string, id uuid.UUID) reference {
	return reference{Type: "Communication", Identifier: &identifier{System: r.system + kind, Value: id.String()}}
}

func (r *Record) author(author adapters.Author, organisation adapters.OrganisationID) reference {
	if author.Kind != "staff" || author.ID == "" {
		return r.organisation(organisation)
	}
	return reference{
		Type: "Practitioner", Identifier: &identifier{System: r.config.StaffSystem, Value: author.ID},
		Display: line(author.Name),
	}
}

func (r *Record) organisation(organisation adapters.OrganisationID) reference {
	named := &identifier{System: r.system + "/organisation", Value: string(organisation)}
	if code := r.config.ODSCodes[organisation]; code != "" {
		named = &identifier{System: fhirpatient.ODSCodeSystem, Value: code}
	}
	return reference{Type: "Organization", Identifier: named}
}

// notes say what R4 has no element for: how a reply's writer was checked, and which person released a held one.
func (r *Record) notes(entry adapters.Entry) []annotation {
	var notes []annotation
	if entry.Direction == adapters.Inbound {
		text := "Nobody checked who wrote this reply."
		if entry.Verified == "date_of_birth" {
			text = "Whoever wrote this reply gave the client's date of birth."
		}
		notes = append(notes, annotation{Text: text})
	}
	if entry.FiledBy.Kind == "staff" && entry.FiledBy.ID != "" {
		person := r.author(entry.FiledBy, entry.Organisation)
		notes = append(notes, annotation{AuthorReference: &person, Text: "Filed by a member of staff."})
	}
	return notes
}

func status(entry adapters.Entry) string {
	switch entry.Status {
	case adapters.Failed:
		return "not-done"
	case adapters.Withdrawn:
		return "entered-in-error"
	case adapters.Sent, adapters.Delivered:
	}
	return "completed"
}

// statusReason has codes for a few failures; the text is ours for each, and never the provider's.
func statusReason(entry adapters.Entry) *concept {
	if entry.Status != adapters.Failed {
		return nil
	}
	known := map[string]coding{
		"wrong_contact": {Code: "unknown", Display: "Unknown"},
		"objected":      {Code: "patient-objection", Display: "Patient Objection"},
		"not_delivered": {Code: "recipient-unavailable", Display: "Recipient Unavailable"},
		"not_sent":      {Code: "system-error", Display: "System Error"},
		"configuration": {Code: "system-error", Display: "System Error"},
	}
	reason, ok := known[entry.Reason]
	if !ok {
		reason = coding{Code: "unknown", Display: "Unknown"}
	}
	if entry.Reason == "wrong_contact" && entry.Medium == adapters.SMS {
		reason = coding{Code: "invalid-phone-number", Display: "Invalid Phone Number"}
	}
	reason.System = terminology + "communication-not-done-reason"
	return &concept{Coding: []coding{reason}, Text: strings.ReplaceAll(line(entry.Reason), "_", " ")}
}

func category(entry adapters.Entry) []concept {
	switch entry.Direction {
	case adapters.Inbound:
		return []concept{{Text: "Reply from client"}} // no code fits
	case adapters.Internal:
		return []concept{{Text: "Note for staff only"}} // likewise
	case adapters.Outbound:
	}
	return []concept{{
		Coding: []coding{{System: terminology + "communication-category", Code: "notification", Display: "Notification"}},
		Text:   "Message to client",
	}}
}

// medium: R4 has no code for text messages; "written" is the nearest.
func medium(entry adapters.Entry) []concept {
	const modes = terminology + "v3-ParticipationMode"
	switch {
	case entry.Direction == adapters.Internal && entry.Note == adapters.Call:
		return []concept{{Coding: []coding{{System: modes, Code: "PHONE", Display: "telephone"}}, Text: "Telephone call"}}
	case entry.Direction == adapters.Internal:
		return []concept{{Coding: []coding{{System: modes, Code: "WRITTEN", Display: "written"}}, Text: "Note"}}
	}
	switch entry.Medium {
	case adapters.Email:
		return []concept{{Coding: []coding{{System: modes, Code: "EMAILWRIT", Display: "email"}}, Text: "Email"}}
	case adapters.SMS:
		return []concept{{Coding: []coding{{System: modes, Code: "WRITTEN", Display: "written"}}, Text: "SMS"}}
	case adapters.Web:
		return []concept{
			{Coding: []coding{{System: modes, Code: "ONLINEWRIT", Display: "online written"}}, Text: "Secure reply web page"},
		}
	default:
		return []concept{{Text: line(string(entry.Medium))}}
	}
}

// received is when a reply reached us, or when a message is known to have reached the client.
func received(entry adapters.Entry) string {
	switch {
	case entry.Status == adapters.Failed:
		return ""
	case !entry.DeliveredAt.IsZero():
		return instant(entry.DeliveredAt)
	case entry.Direction == adapters.Inbound:
		return instant(entry.At)
	default:
		return ""
	}
}

// instant always has a zone: R4 demands one once there is a time of day.
func instant(at time.Time) string { return at.UTC().Format("2006-01-02T15:04:05.000Z07:00") }

// clean puts a space in place of what R4's strings may not hold: control characters other than tab and line ends.
func clean(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && !strings.ContainsRune("\t\r\n", r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, "\uFFFD"))
}

func line(text string) string { return strings.Join(strings.Fields(clean(text)), " ") }
