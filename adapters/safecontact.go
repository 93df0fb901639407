package adapters

import (
	"slices"
	"time"
)

// SafeContact is how it is safe to write to a client, as they agreed it with the host: a card that somebody who lives
// with violence, or shares a telephone, may have. Messenger shows it to whoever writes, and holds to Media, Hours,
// NeutralSender and NoWords when a message is written, when it goes out, in reminders and in broadcasts.
type SafeContact struct {
	// Media are those by which alone the client may be written to; empty: any. Whoever sends may go beyond them, with a
	// reason.
	Media []Medium
	// Hours are those within which alone anything may reach the client; empty: at any time. Outside them a message waits.
	// Whoever sends may go beyond them, with a reason. Hours that can't be, as ones that end before they begin, count for
	// nothing; where no others are given, nothing is safe.
	Hours []SafeHours
	// NeutralSender says that nothing that reaches the client, and no page that they open, may name staff or organisation.
	NeutralSender bool
	// NoWords says that the words of a message stay behind the link and the date of birth: every message is private.
	NoWords     bool
	SharedPhone bool   // somebody else has the telephone in their hands
	WhoElse     string // who else reads what arrives, in words for staff
	Note        string // in words for staff
	// ReviewedAt is when the client last agreed to the card as it is; zero: nobody knows. A reason to go beyond the card,
	// given before that, counts no more.
	ReviewedAt time.Time
}

// SafeHours are from and until when, on some days of the week, as time since midnight by the clock on the wall in the
// organisation's zone: 10 * time.Hour is 10 o'clock. A night is two, until 24 hours and from 0.
type SafeHours struct {
	Days        []time.Weekday // empty: every day
	From, Until time.Duration
}

// Clone is a card that shares nothing with s; nil of nil.
func (s *SafeContact) Clone() *SafeContact {
	if s == nil {
		return nil
	}
	clone := *s
	clone.Media, clone.Hours = slices.Clone(s.Media), slices.Clone(s.Hours)
	for i := range clone.Hours {
		clone.Hours[i].Days = slices.Clone(clone.Hours[i].Days)
	}
	return &clone
}
