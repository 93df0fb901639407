package web

import (
	"fmt"
	"strings"
	"time"

	"github.com/cmsmessenger/cmsmessenger/adapters"
)

// messengerSafeContact is how it is safe to write to a client.
type messengerSafeContact struct {
	Media         []string             `json:"media" nullable:"false" doc:"By which alone; empty: by any."`
	Hours         []messengerSafeHours `json:"hours" nullable:"false" doc:"In which alone; empty: at any time."`
	NeutralSender bool                 `json:"neutral_sender" doc:"What arrives names neither staff nor organisation."`
	NoWords       bool                 `json:"no_words" doc:"Every message is private."`
	SharedPhone   bool                 `json:"shared_phone"`
	WhoElse       string               `json:"who_else_reads"`
	Note          string               `json:"note"`
	ReviewedAt    *time.Time           `json:"reviewed_at,omitempty"`
}

// messengerSafeHours are by the clock in the organisation's zone.
type messengerSafeHours struct {
	Days []string `json:"days" nullable:"false" doc:"mon, tue, wed, thu, fri, sat, sun."`
	From string   `json:"from" doc:"10:00"`
	To   string   `json:"to" doc:"12:00; 24:00 is the end of the day."`
}

func wireSafeContact(card *adapters.SafeContact) *messengerSafeContact {
	if card == nil {
		return nil
	}
	return &messengerSafeContact{
		Media: each(card.Media, func(m adapters.Medium) string { return string(m) }),
		Hours: each(card.Hours, wireSafeHours), NeutralSender: card.NeutralSender, NoWords: card.NoWords,
		SharedPhone: card.SharedPhone, WhoElse: card.WhoElse, Note: card.Note, ReviewedAt: optionalTime(card.ReviewedAt),
	}
}

func wireSafeHours(h adapters.SafeHours) messengerSafeHours {
	days := h.Days
	if len(days) == 0 {
		days = []time.Weekday{1, 2, 3, 4, 5, 6, 0}
	}
	return messengerSafeHours{each(days, shortDay), clockTime(h.From), clockTime(h.Until)}
}

func shortDay(day time.Weekday) string { return strings.ToLower(day.String()[:3]) }

func clockTime(since time.Duration) string {
	return fmt.Sprintf("%02d:%02d", since/time.Hour, since%time.Hour/time.Minute)
}
