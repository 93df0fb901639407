package fhirpatient

import (
	"cmp"
	"net/mail"
	"slices"
	"strings"
	"time"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/internal/nhsnumber"
	"github.com/cmsmessenger/cmsmessenger/internal/phone"
)

// Reading is how a server's resources are to be understood.
type Reading struct {
	Now time.Time
	// Unrestricted are the confidentiality codes of ordinary records; any other security label makes a client restricted.
	Unrestricted []string
	// LabelsAlways says that this server labels every record, so that one without a label is restricted.
	LabelsAlways bool
}

// Client is the patient as Messenger knows clients, without an ID and a ProfileURL. Names, numbers and addresses whose
// time is over, or has not begun, are left out; a name whose time is over is taken when there is no other.
func (p *Patient) Client(reading Reading) adapters.Client {
	name, first := p.names(reading.Now)
	client := adapters.Client{
		Name: name, FirstName: first, NHSNumber: p.NHSNumber(reading.Now),
		Email: p.email(reading.Now), Phone: p.phone(reading.Now),
		Restricted: p.restricted(reading), Deceased: p.deceased(),
		Language: p.language(), Needs: p.needs(),
	}
	if day, err := time.Parse(time.DateOnly, p.BirthDate); err == nil {
		client.DateOfBirth = day.Format(time.DateOnly)
	}
	if code(p.Extension, ukCore+"ContactPreference", "PreferredContactMethod") == "8" { // "No telephone contact"
		client.Objects = []adapters.Medium{adapters.SMS}
	}
	gp := p.GP(reading.Now)
	client.GP = adapters.GP{Name: gp.Display, ODSCode: gp.ODSCode()}
	return client
}

// NHSNumber is the patient's number when there is exactly one that holds, has a right check digit and is verified, as
// far as the resource speaks of verification (code 01, "Number present and verified"). Empty otherwise: nothing may be
// filed under a number that nobody traced.
func (p *Patient) NHSNumber(now time.Time) string {
	number := ""
	for _, identifier := range p.Identifier {
		if identifier.System != NHSNumberSystem || !identifier.Current(now) {
			continue
		}
		if status := code(identifier.Extension, ukCore+"NHSNumberVerificationStatus"); status != "" && status != "01" {
			continue
		}
		parsed, ok := nhsnumber.Parse(identifier.Value)
		if !ok {
			continue
		}
		if number != "" && number != parsed {
			return ""
		}
		number = parsed
	}
	return number
}

// GP is the registered practice, or as near to it as the resource comes: an organisation before a person.
func (p *Patient) GP(now time.Time) Reference {
	var people []Reference
	for _, reference := range p.GeneralPractitioner {
		if !reference.Identifier.Period.holds(now) {
			continue
		}
		if reference.ODSCode() != "" || reference.Type == "Organization" ||
			strings.HasPrefix(reference.Reference, "Organization/") {
			return reference
		}
		people = append(people, reference)
	}
	if len(people) == 0 {
		return Reference{}
	}
	return people[0]
}

// ODSCode is the code of the organisation that the reference names by identifier, or empty.
func (r Reference) ODSCode() string {
	if r.Identifier.System != ODSCodeSystem {
		return ""
	}
	return r.Identifier.Value
}

// Replacement is the reference of the patient that took this one's place, or empty.
func (p *Patient) Replacement() string {
	for _, link := range p.Link {
		if link.Type == "replaced-by" {
			return link.Other.Reference
		}
	}
	return ""
}

// InUse is false for a record that was switched off or replaced.
func (p *Patient) InUse() bool {
	return (p.Active == nil || *p.Active) && !slices.ContainsFunc(p.Link, func(l Link) bool {
		return l.Type == "replaced-by"
	})
}

// deceased goes by the date or flag and by the death notification of UK Core: 1 informal, 2 formal; U removes one.
func (p *Patient) deceased() bool {
	status := code(p.Extension, ukCore+"DeathNotificationStatus", "deathNotificationStatus")
	return p.DeceasedBoolean || p.DeceasedDateTime != "" || status == "1" || status == "2"
}

func (p *Patient) restricted(reading Reading) bool {
	for _, label := range p.Meta.Security {
		if !slices.Contains(reading.Unrestricted, label.Code) {
			return true
		}
	}
	return len(p.Meta.Security) == 0 && reading.LabelsAlways
}

func (p *Patient) names(now time.Time) (whole, first string) {
	best, bestRank := HumanName{}, 0
	for _, name := range p.Name {
		rank := map[string]int{"usual": 4, "official": 3, "": 2, "temp": 1}[name.Use]
		if rank > 0 && name.Period.holds(now) {
			rank += 10
		}
		if rank > bestRank {
			best, bestRank = name, rank
		}
	}
	for _, given := range best.Given {
		if first = strings.TrimSpace(given); first != "" {
			break
		}
	}
	whole = strings.Join(strings.Fields(strings.Join(append(slices.Clone(best.Given), best.Family), " ")), " ")
	if whole == "" {
		whole = strings.TrimSpace(best.Text)
	}
	return whole, first
}

func (p *Patient) email(now time.Time) string {
	first := ""
	for _, point := range p.points(now, "email") {
		email := strings.TrimPrefix(strings.TrimSpace(point.Value), "mailto:")
		if _, err := mail.ParseAddress(email); err == nil {
			return email
		}
		first = cmp.Or(first, email)
	}
	return first
}

// phone prefers a number that takes text messages, and among those one that is called mobile.
func (p *Patient) phone(now time.Time) string {
	points := p.points(now, "phone", "sms")
	slices.SortStableFunc(points, func(a, b ContactPoint) int { return mobility(b) - mobility(a) })
	for _, point := range points {
		return number(point)
	}
	return ""
}

func mobility(point ContactPoint) int {
	score := 0
	if _, takesTexts := phone.Parse(number(point)); takesTexts {
		score += 2
	}
	if point.Use == "mobile" || point.System == "sms" {
		score++
	}
	return score
}

func number(point ContactPoint) string {
	return strings.TrimPrefix(strings.TrimSpace(point.Value), "tel:")
}

// points are the contact points of these systems that hold now, the preferred first.
func (p *Patient) points(now time.Time, systems ...string) []ContactPoint {
	var points []ContactPoint
	for _, point := range p.Telecom {
		if slices.Contains(systems, point.System) && point.Use != "old" && point.Value != "" && point.Period.holds(now) {
			points = append(points, point)
		}
	}
	slices.SortStableFunc(points, func(a, b ContactPoint) int { return rank(a) - rank(b) })
	return points
}

func rank(point ContactPoint) int {
	if point.Rank <= 0 {
		return 1 << 20
	}
	return point.Rank
}

// Current says whether the identifier holds now.
func (i Identifier) Current(now time.Time) bool { return i.Use != "old" && i.Period.holds(now) }

// holds compares as far as each end is precise: one that ends in "2025" or on "2025-12-31" ends with it.
func (p Period) holds(now time.Time) bool {
	return compare(p.Start, now) <= 0 && (p.End == "" || compare(p.End, now) >= 0)
}

func compare(dateTime string, now time.Time) int {
	if dateTime == "" {
		return 0
	}
	if instant, err := time.Parse(time.RFC3339, dateTime); err == nil {
		return instant.Compare(now)
	}
	today := now.UTC().Format(time.DateOnly)
	return strings.Compare(dateTime, today[:min(len(dateTime), len(today))])
}
