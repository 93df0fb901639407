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
	Hello                      template.HTML
	Lines                      []template.HTML
	Faults                     []pageFault
	ReplyFault, DateFault      template.HTML
	Text, FormKey              string
	Ask, Locked                bool
	Answering                  *messenger.Message
	Parts                      []datePart
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
	if organisation.Name == "" {
		data.names["organisation"] = data.words["organisation"]
	}
	return data
}

// at fills in a time as the organisation's clocks show it.
func (d *pageData) at(at time.Time, organisation adapters.Organisation) {
	zone, err := time.LoadLocation(organisation.TimeZone)
	if err != nil || organisation.TimeZone == "" {
		zone, _ = time.LoadLocation("Europe/London") // part of the program: see time/tzdata
	}
	at = at.In(zone)
	month := d.words["month_"+strconv.Itoa(int(at.Month()))]
	d.times["date"] = strconv.Itoa(at.Day()) + " " + month + " " + strconv.Itoa(at.Year())
	half := d.words["am"]
	if at.Hour() >= 12 {
		half = d.words["pm"]
	}
	d.times["time"] = at.Format("3:04") + half
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

// Plain is Say where no element can be: in a title. The template escapes it.
func (d *pageData) Plain(key string) string {
	var filled []string
	for place, name := range d.names {
		filled = append(filled, "{"+place+"}", name)
	}
	return strings.NewReplacer(filled...).Replace(d.words[key])
}
