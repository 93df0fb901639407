package web

import (
	"html/template"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/internal/phone"
	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// pageData is what the templates are given. They escape its texts; Say has escaped its words.
type pageData struct {
	words map[string]string
	// names and times fill the places of words. Names and numbers may run the other way than the words round them.
	names, times map[string]string

	Style, Colour              string
	Logo                       template.URL
	Organisation, Staff, Phone string
	Title                      string // a key of words
	Exit                       string // where "Exit this page" leads
	Hello                      template.HTML
	Reads, Closed, Read        template.HTML
	Lines                      []template.HTML
	Faults                     []pageFault
	ReplyFault, DateFault      template.HTML
	Text, FormKey              string
	Ask, Locked                bool
	Answering                  *messenger.Message
	Sent                       template.HTML // who sent what is answered, and when
	Private                    []privateMessage
	AskForPrivate, Acknowledge bool
	Acknowledged               template.HTML
	Parts                      []datePart
}

// privateMessage is one that waits behind the link.
type privateMessage struct {
	Sent          template.HTML
	Subject, Body string
	ID            string
}

// private are the private messages that wait, in their order.
func (d *pageData) private(page messenger.ReplyPage) {
	for _, m := range page.Private {
		d.Private = append(d.Private, privateMessage{d.sentBy(m, page), m.Subject, m.Body, m.ID.String()})
	}
}

// sentBy says who sent a message, and when. Who wrote to a restricted client is not said.
func (d *pageData) sentBy(m messenger.Message, page messenger.ReplyPage) template.HTML {
	name := m.Author.Name
	if page.ReadByWhen.StaffName == "" {
		name = d.names["organisation"]
	}
	at := m.SentAt
	if at.IsZero() {
		at = m.CreatedAt
	}
	d.at(at, page.Organisation)
	return d.sayOf(name, "message_sent")
}

// sayOf is Say of another staff member than the one whom the reply goes to.
func (d *pageData) sayOf(staff, key string) template.HTML {
	goesTo := d.names["staff"]
	defer func() { d.names["staff"] = goesTo }()
	d.names["staff"] = staff
	return d.Say(key)
}

// acknowledges says what is to be acknowledged, or else when that was done.
func (d *pageData) acknowledges(page messenger.ReplyPage) {
	d.Acknowledge = page.Acknowledge
	if !page.Acknowledge && !page.Acknowledged.IsZero() {
		d.at(page.Acknowledged, page.Organisation)
		d.Acknowledged = d.Say("acknowledged_at")
	}
}

type pageFault struct {
	Field string
	Text  template.HTML
}

type datePart struct {
	Name         string
	Label        template.HTML
	Autocomplete string
	Value        string
	Width        int
}

func (p *public) data(organisation adapters.Organisation, staff string) *pageData {
	data := &pageData{
		words: messenger.Words(organisation), times: map[string]string{},
		names:        map[string]string{"organisation": organisation.Name, "staff": staff, "phone": organisation.Phone},
		Organisation: organisation.Name, Staff: staff, Phone: organisation.Phone,
	}
	data.Style, data.Colour, data.Logo = p.looks.of(organisation)
	if data.Exit = data.words["exit_url"]; !strings.HasPrefix(data.Exit, "https://") {
		data.Exit = messenger.Words(adapters.Organisation{})["exit_url"]
	}
	if organisation.Name == "" {
		data.names["organisation"] = data.words["organisation"]
	}
	return data
}

// at fills in a time as the organisation's clocks show it.
func (d *pageData) at(at time.Time, organisation adapters.Organisation) {
	at = at.In(messenger.Zone(organisation))
	d.times["date"], d.times["time"] = d.date(at), at.Format("3:04")+d.half(at)
}

func (d *pageData) half(at time.Time) string {
	if at.Hour() < 12 {
		return d.words["am"]
	}
	return d.words["pm"]
}

// dayAndMonth is "2 December".
func (d *pageData) dayAndMonth(at time.Time) string {
	return strconv.Itoa(at.Day()) + " " + d.words["month_"+strconv.Itoa(int(at.Month()))]
}

// date is "2 December 2026".
func (d *pageData) date(at time.Time) string {
	return d.dayAndMonth(at) + " " + strconv.Itoa(at.Year())
}

// weekday is "Tuesday 2 December".
func (d *pageData) weekday(at time.Time) string {
	return d.words["weekday_"+strconv.Itoa(1+int(at.Weekday()+6)%7)] + " " + d.dayAndMonth(at)
}

// oClock is a time of the calendar as the NHS writes it: "5pm", "5:30pm", "midday"
// (https://service-manual.nhs.uk/content/numbers-measurements-dates-time).
func (d *pageData) oClock(at time.Time) string {
	switch at.Format("15:04") {
	case "00:00":
		return d.words["midnight"]
	case "12:00":
		return d.words["midday"]
	}
	return strings.TrimSuffix(at.Format("3:04"), ":00") + d.half(at)
}

// readBy says who reads a reply and by when, unless that is over.
func (d *pageData) readBy(reads messenger.ReadByWhen, now time.Time) {
	if !reads.At.After(now) {
		return
	}
	day := reads.At.Add(-time.Nanosecond) // midnight is the end of the day before
	d.times["read_day"], d.times["read_time"] = d.weekday(day), d.oClock(reads.At)
	word := "read_by"
	if day.Format(time.DateOnly) == now.In(day.Location()).Format(time.DateOnly) {
		word = "read_today"
	}
	if reads.StaffName == "" {
		word += "_neutral"
	}
	d.Reads = d.sayOf(reads.StaffName, word)
}

// opens says that it is outside working hours, and when they begin.
func (d *pageData) opens(at time.Time) {
	if !at.IsZero() {
		d.times["open_day"], d.times["open_time"] = d.weekday(at), d.oClock(at)
		d.Closed = d.Say("closed_now")
	}
}

// wasRead says when a reply was read, by the organisation's clocks.
func (d *pageData) wasRead(at time.Time, organisation adapters.Organisation) {
	at = at.In(messenger.Zone(organisation))
	d.times["read_at"], d.times["read_on"] = at.Format("15:04"), d.date(at)
	d.Read = d.Say("sent_read")
}

// Say is a word of the page with its places filled in.
func (d *pageData) Say(key string) template.HTML {
	return d.fill(template.HTMLEscapeString(d.words[key]), template.HTMLEscapeString)
}

// Linked is Say where a link may stand: web addresses and the phone number are links, and in the words for emergencies
// the short numbers are.
func (d *pageData) Linked(key string) template.HTML {
	word := template.HTMLEscapeString(d.words[key])
	if strings.HasPrefix(key, "urgent_") {
		word = addressOrShortNumber.ReplaceAllStringFunc(word, linked)
	} else {
		word = webAddress.ReplaceAllStringFunc(word, linked)
	}
	return d.fill(word, func(number string) string {
		text := template.HTMLEscapeString(number)
		if e164, _ := phone.Parse(number); e164 != "" {
			return `<a href="tel:` + e164 + `">` + text + `</a>`
		}
		return text
	})
}

// An address ends before the full stop or bracket after it; a bare one is known by the NHS's own domain.
const webAddressForm = `(?:https?://|\b(?:[a-z0-9-]+\.)+nhs\.uk/)(?:&amp;|[^\s<>&"'])*[^\s<>&"'.,;:!?)]` +
	`|\b(?:[a-z0-9-]+\.)+nhs\.uk\b`

var (
	webAddress           = regexp.MustCompile(webAddressForm)
	addressOrShortNumber = regexp.MustCompile(webAddressForm + `|\b(?:111|112|999|18000)\b`)
)

// linked is an escaped address or short number as a link.
func linked(text string) string {
	address := text
	switch {
	case !strings.Contains(text, "."):
		address = "tel:" + text
	case !strings.Contains(text, "://"):
		address = "https://" + text
	}
	return `<a href="` + address + `">` + text + `</a>`
}

// fill fills the places of an escaped word.
func (d *pageData) fill(word string, number func(string) string) template.HTML {
	var filled []string
	for place, name := range d.names {
		text := template.HTMLEscapeString(name)
		if place == "phone" {
			text = number(name)
		}
		filled = append(filled, "{"+place+"}", "<bdi>"+text+"</bdi>")
	}
	for place, text := range d.times {
		filled = append(filled, "{"+place+"}", template.HTMLEscapeString(text))
	}
	return template.HTML(strings.NewReplacer(filled...).Replace(word)) //nolint:gosec // made of escaped texts alone
}

// Tab is the key of the browser's title: it names nobody, whoever looks at the screen or the history afterwards.
func (d *pageData) Tab() string {
	if d.Title == "reply_title" {
		return "reply_label"
	}
	return d.Title
}

// Plain is Say where no element can be: in a title. The template escapes it.
func (d *pageData) Plain(key string) string {
	var filled []string
	for place, name := range d.names {
		filled = append(filled, "{"+place+"}", name)
	}
	return strings.NewReplacer(filled...).Replace(d.words[key])
}
