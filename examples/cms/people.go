package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/cmsmessenger/cmsmessenger/adapters"
)

// refusedDomain is where the demonstration's carrier delivers nothing, and refusedPhone the number it never reaches.
const (
	refusedDomain = "@refused.example.com"
	refusedPhone  = "+447700900999"
)

// Clients that the seed and the documentation speak of by their part.
const (
	graceID      = "c-1001" // the long thread
	refusedID    = "c-1002" // an email address that the carrier refuses
	unrecordedID = "c-1003" // not known to the clinical record
	restrictedID = "c-1004"
	deceasedID   = "c-1005"
	objectingID  = "c-1006" // wants no texts
	doubleID     = "c-1901" // is one person with the next
	personID     = "c-1902"
	safeID       = "c-1903" // has a safe-contact card
	welshID      = "c-1904" // reads Welsh
	birthlessID  = "c-1905" // no date of birth
	needsID      = "c-1906"
)

type staffRow struct {
	id, organisation, name, job string
	text, manages               bool
}

// staffRows are all who work here, and Hana, who left. Ben, Chloë and Fay may open colleagues' inboxes, and Ben and Fay
// act in them. Fay manages; Gil is away, and Ben covers him.
func staffRows() []staffRow {
	return []staffRow{
		{id: "amira", organisation: "north", name: "Amira Shah", job: "Link worker", text: true},
		{id: "ben", organisation: "north", name: "Ben Adeyemi", job: "Team lead", text: true},
		{id: "chloe", organisation: "north", name: "Chloë Davies", job: "Care coordinator"},
		{id: "dev", organisation: "north", name: "Dev Patel", job: "Health coach", text: true},
		{id: "fay", organisation: "north", name: "Fay Okonkwo", job: "Service manager", text: true, manages: true},
		{id: "gil", organisation: "north", name: "Gil Moreno", job: "Link worker", text: true},
		{id: "hana", organisation: "north", name: "Hana Novak", job: "Link worker", text: true},
		{id: "esther", organisation: "south", name: "Esther Mensah", job: "Social prescriber", text: true},
	}
}

func firstNames() []string {
	return strings.Fields(`Grace Kwame Siân Mohammed Agnieszka Wei Priya Olúwaṣeun Fatima Seán Zofia Tariq Amélie
		Dmitri Nokuthula Harpreet Yusuf Eilidh Thi Björk Nasreen Chidi Małgorzata Rhys Leila Anjali José İpek Temitope
		Margaret Arthur Parveen Ngozi Stefan Bronwen Hassan Mei Caoimhe Rajesh Joan`)
}

func lastNames() []string {
	return strings.Fields(
		`Okafor Mensah Llewellyn Begum Kowalska Chen Nair Adébáyọ̀ Hussain O’Connor Wójcik Mahmood Dubois
		Ivanov Ndlovu Singh Demir MacLeod Nguyễn Jónsdóttir Akhtar Eze Nowak Pritchard Rahimi Desai García Yılmaz Balogun
		Thompson Whitaker Iqbal Chukwu Popescu Griffiths`,
	)
}

func surgeries() []adapters.GP {
	return []adapters.GP{
		{Name: "Riverside Surgery", ODSCode: "A12345"},
		{Name: "Hillcrest Medical Centre", ODSCode: "B23456"},
		{Name: "St Brigid’s Health Centre", ODSCode: "C34567"},
		{Name: "The Old Mill Practice", ODSCode: "D45678"},
	}
}

func reasons() []string {
	return []string{
		"Feeling isolated since retiring", "Help with a benefits form", "Walking group after a hip operation",
		"Carer for a parent, needs a break", "Low mood, would like to garden again", "Damp in the flat",
		"New to the area, learning English", "Getting active with type 2 diabetes",
	}
}

// clientRows makes 120 clients in north and 80 in south, the same ones each time. Nobody is real: NHS numbers are from
// the 999 range that is never given out, numbers from Ofcom's range for drama, addresses from reserved domains.
func clientRows() []adapters.Client {
	rows := make([]adapters.Client, 0, 200)
	first, last, gps := firstNames(), lastNames(), surgeries()
	number := 0
	for i := range 200 {
		var nhs string
		nhs, number = nextNHSNumber(number)
		client := adapters.Client{
			ID: adapters.ClientID(fmt.Sprintf("c-%d", 1001+i)), NHSNumber: nhs, FirstName: first[i%len(first)],
			DateOfBirth: time.Date(1936+(i*7)%68, time.Month(1+(i*5)%12), 1+(i*11)%28, 0, 0, 0, 0,
				time.UTC).Format(time.DateOnly),
			GP:    gps[i%len(gps)],
			Email: fmt.Sprintf("client.%d@example.%s", 1001+i, []string{"org", "com"}[i%2]),
			Phone: fmt.Sprintf("07700 900%03d", 100+i),
		}
		client.Name = client.FirstName + " " + last[(i+i/len(first))%len(last)]
		switch {
		case i < 8: // the ones by whom the demonstration shows something
		case i%10 == 8:
			client.Email = ""
		case i%10 == 9:
			client.Phone = ""
		}
		rows = append(rows, client)
	}
	giveParts(rows)
	return rows
}

func giveParts(rows []adapters.Client) {
	rows[0].DateOfBirth = "1984-02-29"
	rows[1].Email = "client.1002" + refusedDomain
	rows[3].Restricted = true
	rows[4].Deceased = true
	rows[5].Objects = []adapters.Medium{adapters.SMS}
	rows[7].Phone = rows[6].Phone // a couple with one telephone
	rows[123].Restricted = true
	rows[124].Deceased = true
	rows[125].Objects = []adapters.Medium{adapters.SMS}
}

// nextNHSNumber returns the valid number whose first nine digits are 999000000 + after + 1 or more: some have no check
// digit (NHS Data Dictionary, NHS NUMBER).
func nextNHSNumber(after int) (string, int) {
	for n := after + 1; ; n++ {
		digits := fmt.Sprintf("999%06d", n)
		sum := 0
		for i, digit := range digits {
			sum += int(digit-'0') * (10 - i)
		}
		switch check := 11 - sum%11; check {
		case 10: // no check digit stands for ten
		case 11:
			return digits + "0", n
		default:
			return digits + fmt.Sprint(check), n
		}
	}
}

// partRows are the clients of north, beside the 200, by whom the demonstration shows something: in no list.
func partRows() []adapters.Client {
	rows := []adapters.Client{
		{ID: doubleID, Name: "Maryam Yusuf", FirstName: "Maryam", DateOfBirth: "1979-06-11"},
		{ID: personID, Name: "Maryam Yusuf", FirstName: "Maryam", DateOfBirth: "1979-06-11"},
		{ID: safeID, Name: "Joanna Marsh", FirstName: "Joanna", DateOfBirth: "1988-03-04", SafeContact: safeCard()},
		{ID: welshID, Name: "Gwenllian Prosser", FirstName: "Gwenllian", DateOfBirth: "1951-03-01", Language: "cy"},
		{ID: birthlessID, Name: "Samir Haddad", FirstName: "Samir"},
		{
			ID: needsID, Name: "Peter Lunn", FirstName: "Peter", DateOfBirth: "1946-10-30",
			Needs: []string{"large print", "a British Sign Language interpreter"},
		},
	}
	number := 900
	for i := range rows {
		rows[i].NHSNumber, number = nextNHSNumber(number)
		rows[i].GP = surgeries()[i%len(surgeries())]
		rows[i].Email, rows[i].Phone = fmt.Sprintf("client.%d@example.org", 1901+i), fmt.Sprintf("07700 900%d", 401+i)
	}
	return rows
}

func safeCard() *adapters.SafeContact {
	return &adapters.SafeContact{
		Media: []adapters.Medium{adapters.SMS}, NeutralSender: true, NoWords: true, SharedPhone: true,
		Hours: []adapters.SafeHours{{
			Days: []time.Weekday{time.Tuesday}, From: 10 * time.Hour, Until: 12 * time.Hour,
		}},
		WhoElse:    "Somebody at home reads her texts and emails.",
		Note:       "Alone while at the library.",
		ReviewedAt: time.Date(2026, 10, 6, 9, 30, 0, 0, time.UTC),
	}
}

func organisationOf(i int) string {
	if i >= 120 && i < 200 {
		return "south"
	}
	return "north"
}

// insertPeople fills the CMS's own tables. Messenger's are never written to from here.
func insertPeople(ctx context.Context, tx pgx.Tx) error {
	batch := &pgx.Batch{}
	batch.Queue(`insert into cms_organisations (id, name, phone) values
		('north', 'Northgate Social Prescribing', '01632 960100'),
		('south', 'Southbank Community Health', '01632 960200')`)
	for _, s := range staffRows() {
		batch.Queue(`insert into cms_staff values ($1, $2, $3, $4, $5, $6)`,
			s.id, s.organisation, s.name, s.job, s.text, s.manages)
	}
	batch.Queue(`insert into cms_shares select me.id, colleague.id, me.id in ('ben', 'fay')
		from cms_staff me join cms_staff colleague using (organisation_id)
		where me.id in ('ben', 'chloe', 'fay') and colleague.id <> me.id`)
	caseload := map[string][]string{"north": {"amira", "ben", "chloe", "dev"}, "south": {"esther"}}
	for i, c := range append(clientRows(), partRows()...) {
		organisation := organisationOf(i)
		batch.Queue(`insert into cms_clients
			values ($1, $2, $3, $4, $5, $6, nullif($7, '')::date, $8, $9, $10, $11, $12, $13, $14, $15)`,
			c.ID, organisation, c.Name, folded(c.Name), c.FirstName, c.NHSNumber, c.DateOfBirth, c.GP.Name, c.GP.ODSCode,
			c.Email, c.Phone, c.Restricted, c.Deceased, texts(c.Objects), c.ID != unrecordedID)
		queueCard(batch, c)
		staff := caseload[organisation]
		batch.Queue(`insert into cms_cases values ($1, $2, $3, $4::date + $5::int)`,
			c.ID, staff[i%len(staff)], reasons()[i%len(reasons())], "2026-01-05", i%150)
	}
	queueLists(batch)
	if err := tx.SendBatch(ctx, batch).Close(); err != nil {
		return fmt.Errorf("cms: insert people: %w", err)
	}
	return nil
}

// queueCard keeps what few clients have.
func queueCard(batch *pgx.Batch, c adapters.Client) {
	if c.SafeContact == nil && c.Needs == nil && c.Language == "" {
		return
	}
	batch.Queue(cardUpdate, c.ID, append([]string{}, c.Needs...), c.Language, cardText(c))
}

const cardUpdate = `update cms_clients set needs = $2, language = $3, safe_contact = $4::text::jsonb where id = $1`

// cardText is a client's card as the directory keeps it; nil without one.
func cardText(c adapters.Client) *string {
	if c.SafeContact == nil {
		return nil
	}
	text, err := json.Marshal(c.SafeContact)
	if err != nil {
		panic(err) // texts, flags and times always encode
	}
	return new(string(text))
}

func queueLists(batch *pgx.Batch) {
	for i, list := range []struct{ id, organisation, name, members string }{
		{"walkers", "north", "Tuesday walking group", `right(id, 1) in ('1', '7') and not deceased`},
		{"winter", "north", "Winter check-in calls", `right(id, 1) in ('4', '5', '9')`},
		{"garden", "south", "Community garden", `right(id, 1) in ('1', '3') and not deceased`},
	} {
		batch.Queue(`insert into cms_client_lists values ($1, $2, $3, $4)`, list.id, list.organisation, list.name, i)
		batch.Queue(`insert into cms_client_list_members
			select $1, id from cms_clients where organisation_id = $2 and id < 'c-19' and `+list.members,
			list.id, list.organisation)
	}
}
