package messenger

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/calendar"
	"github.com/cmsmessenger/cmsmessenger/jobs"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/rows"
)

// What adapters.SafeContact says of a client is held to wherever something is written to them or goes out. A person may
// go beyond its media and hours, with a reason; never beyond NoWords and NeutralSender.

// onlyPrivate says that a client is written to privately whatever anybody asks.
func onlyPrivate(client adapters.Client) bool {
	return client.Restricted || !mayHaveWords(client)
}

// mayHaveWords says that a client's card has nothing against words in a message.
func mayHaveWords(client adapters.Client) bool {
	return client.SafeContact == nil || !client.SafeContact.NoWords
}

// isGuarded says that a client may be reached at the address that was checked alone, at none that a carrier knows.
func isGuarded(client adapters.Client) bool { return client.SafeContact != nil || client.Restricted }

// isElsewhere says that what carries a message sends it to other contact details than those that a guarded client may
// be reached at.
func isElsewhere(limit adapters.Limit, client adapters.Client) bool {
	return limit.Elsewhere && isGuarded(client)
}

// isNeutral says that neither staff nor organisation may be named to a client.
func isNeutral(client adapters.Client) bool {
	return client.SafeContact != nil && client.SafeContact.NeutralSender
}

// isUnsafe says that a client's card has no place for a medium, at no time.
func isUnsafe(client adapters.Client, medium adapters.Medium) bool {
	card := client.SafeContact
	return card != nil && (len(card.Media) > 0 && !slices.Contains(card.Media, medium) ||
		len(card.Hours) > 0 && !slices.ContainsFunc(card.Hours, canBe))
}

func canBe(h adapters.SafeHours) bool {
	return h.From >= 0 && h.From < h.Until && h.Until <= 24*time.Hour
}

// goesBeyond says that whoever sent a message went beyond the client's card, with a reason, and that it is the card of
// then: one that was reviewed since asks for a reason anew.
func goesBeyond(message rows.Message, client adapters.Client) bool {
	return message.SafeLifted && (client.SafeContact == nil || !client.SafeContact.ReviewedAt.After(message.CreatedAt))
}

// safeContact is CodeSafeContact where a client's card has no place for a medium and nobody said why it is used.
func safeContact(client adapters.Client, p SendParams) error {
	if p.Override != "" || p.lifted || !isUnsafe(client, p.Medium) {
		return nil
	}
	return fail(CodeSafeContact, "It is not safe to write to this client this way. Use another, or say why it must be.")
}

// safeHours are when it is safe to reach a client, in the organisation's zone.
type safeHours struct {
	hours    []adapters.SafeHours
	zone     *time.Location
	sociable bool // a reminder: in the hours of the day too in which nobody minds a text
}

// safeHoursOf are those that hold for a message: none where whoever sent it went beyond them. The reason for which a
// restricted client is written to at all is none for that.
func safeHoursOf(client adapters.Client, organisation adapters.Organisation, lifted bool) safeHours {
	if client.SafeContact == nil || lifted && !client.Restricted {
		return safeHours{zone: Zone(organisation)}
	}
	return safeHours{hours: client.SafeContact.Hours, zone: Zone(organisation)}
}

// from is a time, or the next at which it is safe, and sociable where that is asked for. Where the two have no time in
// common, what is safe holds.
func (s safeHours) from(now time.Time) time.Time {
	at := s.safeFrom(now)
	if !s.sociable {
		return at
	}
	for range 15 {
		next := s.safeFrom(sociable(at, s.zone))
		if next.Equal(at) {
			return at
		}
		at = next
	}
	return s.safeFrom(now)
}

// safeFrom is a time, or the next at which it is safe. Where no hours can be it is the time itself: see isUnsafe.
func (s safeHours) safeFrom(at time.Time) time.Time {
	if len(s.hours) == 0 {
		return at
	}
	date := calendar.DateOf(at.In(s.zone))
	for range 15 { // a week whose hours the clocks leave out, and the next
		var first time.Time
		for _, h := range s.hours {
			if !canBe(h) || len(h.Days) > 0 && !slices.Contains(h.Days, date.Weekday()) {
				continue
			}
			from, _ := date.At(h.From, s.zone)
			until, _ := date.At(h.Until, s.zone)
			if from.Before(at) {
				from = at
			}
			if from.Before(until) && (first.IsZero() || from.Before(first)) {
				first = from
			}
		}
		if !first.IsZero() {
			return first
		}
		date = date.Next()
	}
	return at
}

// goesOut is when a composed message goes out: not before it is asked for, nor outside safe hours.
func (c composed) goesOutAt(p SendParams, now time.Time) time.Time {
	if due := p.due(); due.After(now) {
		now = due
	}
	return safeHoursOf(c.client, c.organisation, c.override != "").from(now)
}

// waits has a message that is accepted wait for safe hours, from when on it may go out.
func (o *newMessage) waits(from time.Time) {
	due := o.safe.from(from)
	if !due.After(from) {
		return
	}
	due = due.UTC()
	o.row.DeliveryStatus, o.row.SendAfter, o.deliveryDue = DeliveryScheduled, &due, due
	o.row.DeliveryWaiting, o.row.DeliveryWaitingUntil = string(WaitingSafeHours), &due
}

// unsafeUntil is when it is safe again to reach the client of a message that is to go out; zero: it is now.
func (m *Messenger) unsafeUntil(ctx context.Context, d dispatch) time.Time {
	now := m.now(ctx)
	if from := d.safe.from(now); from.After(now) {
		return from.UTC()
	}
	return time.Time{}
}

// waitForSafeHours has a message that was about to go out wait, where everybody sees it, and can be cancelled; what may
// have gone out already can not.
func (m *Messenger) waitForSafeHours(ctx context.Context, d dispatch, until time.Time) error {
	why := WaitingSafeHours
	if len(d.safe.hours) == 0 { // a reminder in the evening
		why = ""
	}
	err := m.inTx(ctx, func(ctx context.Context, t tx) (err error) {
		if d.Channel, err = lockChannel(ctx, t, d.ChannelID); err != nil {
			return err
		}
		n, err := rows.Exec(ctx, t, rows.Update[rows.Message]().
			Set("delivery_status = CASE WHEN unclear_at IS NULL THEN 'scheduled' ELSE delivery_status END").
			Set("send_after = ?, delivery_waiting_until = ?", rows.V(until), rows.V(until)).
			Set("delivery_waiting = ?", rows.V(why)).
			Set("delivery_attention = NULLIF(delivery_attention, 'waiting')").
			Where("id = ? AND attempt_id IS NOT DISTINCT FROM ?", rows.V(d.ID), rows.V(d.AttemptID)).
			Where("delivery_status IN ('scheduled', 'queued')"))
		if err != nil || n == 0 {
			return err
		}
		return showLastWords(ctx, t, d.Channel.ID)
	})
	if err != nil {
		return err
	}
	m.changes.add(d.Channel, d.ID)
	return jobs.After(until.Sub(m.now(ctx)))
}

// spokenTo is an organisation as a client meets it: in words of their language, and without its name, number and looks
// where it must not be named.
func spokenTo(organisation adapters.Organisation, client adapters.Client) adapters.Organisation {
	if words := WordsIn(organisation, client.Language); words["lang"] != Words(organisation)["lang"] {
		organisation.Words = words
	}
	if !isNeutral(client) {
		return organisation
	}
	organisation.Words = Words(organisation)
	organisation.Name, organisation.Phone, organisation.Colour, organisation.Logo = "", "", "", nil
	for _, key := range slices.Collect(maps.Keys(organisation.Words)) {
		if plain, ok := strings.CutSuffix(key, "_neutral"); ok {
			organisation.Words[plain] = organisation.Words[key]
		}
	}
	return organisation
}

// voices are an organisation as each of many clients meets it, made once for all who meet it alike.
type voices struct {
	organisation adapters.Organisation
	made         map[voice]adapters.Organisation
}

type voice struct {
	language string
	neutral  bool
}

func voicesOf(organisation adapters.Organisation) voices {
	return voices{organisation, map[voice]adapters.Organisation{}}
}

func (v voices) to(client adapters.Client) adapters.Organisation {
	as := voice{client.Language, isNeutral(client)}
	if _, made := v.made[as]; !made {
		v.made[as] = spokenTo(v.organisation, client)
	}
	return v.made[as]
}

// senderName is who a client sees that a message is from.
func senderName(d dispatch, client adapters.Client, organisation adapters.Organisation) string {
	switch {
	case isNeutral(client):
		return organisation.Words["header"]
	case d.OverrideReason != "": // a restricted client
		return organisation.Name
	default:
		return d.AuthorName
	}
}
