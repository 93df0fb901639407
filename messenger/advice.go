package messenger

import (
	"time"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/advice"
)

// Advice is what somebody who writes a message may want to know before it goes out. It refuses nothing.
type Advice struct {
	// Rule is service_name, today_later, link, personal_number, greeting, dear_character, capitals, reading_age,
	// out_of_hours, bad_news, clock_doubled or place. Callers must bear values they do not know.
	Rule   string
	Text   string // for who writes; nothing of the client's record
	Source string // where the rule is from
}

// advise is the advice on a message, as it goes out: text is the whole of it. Nothing of it is kept or logged.
func (m *Messenger) advise(c composed, p SendParams, text string, now time.Time) (list []Advice) {
	goes := c.goesOutAt(p, now)
	zone := Zone(c.organisation)
	for _, a := range advice.On(advice.Message{
		SMS: c.medium == adapters.SMS, Private: c.private, Subject: c.subject, Body: c.body, Text: text,
		Service: c.organisation.Name, DateOfBirth: c.client.DateOfBirth,
		Now: now.In(zone), Goes: goes.In(zone), Opens: m.hoursOf(c.organisation).Next(goes),
	}) {
		list = append(list, Advice(a))
	}
	list = append(list, p.adviseOnTime()...)
	return append(list, placeAdvice(p.Subject, p.Body)...)
}

// adviseOnTime is what is to be said of the clock's time at which a message goes out.
func (p SendParams) adviseOnTime() []Advice {
	if _, doubled, err := p.SendLocal.when(); err != nil || !doubled {
		return nil
	}
	return []Advice{{
		Rule:   "clock_doubled",
		Text:   "The clocks go back then, and this time comes twice. The message goes out the first time.",
		Source: "https://www.iana.org/time-zones",
	}}
}
