package messenger

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/rows"
)

// Expectation is what a message asks of its client.
type Expectation string

// The two.
const (
	ExpectsAcknowledgement Expectation = "acknowledgement" // that they say that they have read it; a reply says so too
	ExpectsReply           Expectation = "reply"
)

// AwaitingStatus is how what a message asks for stands.
type AwaitingStatus string

// The statuses.
const (
	AwaitingWaiting      AwaitingStatus = "waiting"
	AwaitingAnswered     AwaitingStatus = "answered"
	AwaitingAcknowledged AwaitingStatus = "acknowledged"
	AwaitingOverdue      AwaitingStatus = "overdue" // waits still, and the day is over in the organisation's zone
	AwaitingStopped      AwaitingStatus = "stopped" // a person, a discharge or a withdrawal ended it
)

// Awaiting is what a message asks for.
type Awaiting struct {
	Expects Expectation // empty for a channel's
	By      string      // "2026-12-04", a day in the organisation's zone
	Status  AwaitingStatus
}

// expected is what a message asks for, as its row keeps it.
type expected struct {
	what, by *string
	status   *string
	due      *time.Time
}

// expect reads what is expected by which day of a message that goes out at a time: both or neither, not before it goes
// out, a year at most. A day lasts until it is over where the organisation is.
func expect(what Expectation, by string, organisation adapters.Organisation, goesOut time.Time) (expected, error) {
	found, err := asked(what, by, organisation)
	switch {
	case err != nil || found.due == nil:
		return found, err
	case !found.due.After(goesOut):
		return found, invalid("expect_by", "Choose a day that is not over when the message goes out.")
	case found.due.After(goesOut.AddDate(1, 0, 1)):
		return found, invalid("expect_by", "Choose a day within a year.")
	default:
		return found, nil
	}
}

// asked is what is expected as it was accepted, whatever the day is now.
func asked(what Expectation, by string, organisation adapters.Organisation) (expected, error) {
	switch {
	case what == "" && by == "":
		return expected{}, nil
	case what != ExpectsAcknowledgement && what != ExpectsReply:
		return expected{}, invalid("expects", `What is expected is "acknowledgement" or "reply", by a day.`)
	}
	zone := Zone(organisation)
	day, err := time.ParseInLocation(time.DateOnly, by, zone)
	if err != nil {
		return expected{}, invalid("expect_by", "Enter the day by which an answer is expected.")
	}
	due := time.Date(day.Year(), day.Month(), day.Day()+1, 0, 0, 0, 0, zone)
	return expected{new(string(what)), &by, new(string(AwaitingWaiting)), new(due.UTC())}, nil
}

// expects notes what a composed message asks for.
func (c *composed) expects(p SendParams, goesOut time.Time) (err error) {
	c.expected, err = expect(p.Expects, p.ExpectBy, c.organisation, goesOut)
	return err
}

// awaitingOf is what a message asks for; nil: nothing. A cancelled message waits for nothing.
func awaitingOf(r rows.Message) *Awaiting {
	if r.Awaiting == nil || r.DeliveryStatus == DeliveryCancelled {
		return nil
	}
	status := AwaitingStatus(*r.Awaiting)
	if status == AwaitingWaiting && r.AwaitingOverdue {
		status = AwaitingOverdue
	}
	return &Awaiting{Expects: Expectation(value(r.Expects)), By: value(r.ExpectBy), Status: status}
}

// awaitedIn begins a change of what a locked channel's messages wait for that went out.
func awaitedIn(channel rows.Channel) *rows.UpdateQuery {
	return rows.Update[rows.Message]().
		Where("organisation_id = ? AND staff_id = ?", rows.V(channel.OrganisationID), rows.V(channel.StaffID)).
		Where("channel_id = ? AND awaiting = 'waiting'", rows.V(channel.ID)).
		Where("delivery_status IN ('sent', 'delivered', 'unknown')")
}

// answeredBy has a reply in a locked channel settle whatever was waited for there as it came, and answers of which
// messages.
func answeredBy(
	ctx context.Context, t tx, channel rows.Channel, reply uuid.UUID, came time.Time,
) ([]uuid.UUID, error) {
	settled, err := rows.List[uuid.UUID](ctx, t, awaitedIn(channel).
		Where("coalesce(sent_at, created_at) <= ?", rows.V(came)).
		Set("awaiting = 'answered', awaiting_by = ?", rows.V(reply)).Returning("id"))
	if err != nil {
		return nil, err
	}
	return withoutReminders(ctx, t, channel, CancelledByReply, settled)
}

// answeredMeanwhile has a message that is known to have gone out now be answered by a reply that came before that was
// known; nil: it waits for none. The time is when it went, as its carrier says; zero: it does not.
func answeredMeanwhile(message rows.Message, went time.Time) rows.Query {
	if value(message.Awaiting) != string(AwaitingWaiting) {
		return nil
	}
	return rows.File("answered_meanwhile", rows.Args{"id": message.ID, "since": nullableTime(went)})
}

// withoutReminders cancels the reminders of messages that wait no more, and answers all messages that changed.
func withoutReminders(
	ctx context.Context, t tx, channel rows.Channel, why CancelledBecause, settled []uuid.UUID,
) ([]uuid.UUID, error) {
	if len(settled) == 0 {
		return nil, nil
	}
	cancelled, err := rows.List[uuid.UUID](ctx, t, cancelling(why).
		Where("channel_id = ? AND reminds = any(?::text[]::uuid[])", rows.V(channel.ID), rows.V(idsOf(settled))).
		Returning("id"))
	if err != nil || len(cancelled) == 0 {
		return settled, err
	}
	for _, id := range cancelled {
		err := t.writeHistory(ctx, logEntry{
			channel: channel, actor: adapters.Author{Kind: "system"}, action: ActionCancelled, message: id, note: string(why),
		})
		if err != nil {
			return nil, err
		}
	}
	return append(settled, cancelled...), showLastWords(ctx, t, channel.ID)
}

// waitsAgain has what a reply settled in a locked channel be settled by the next one, or be waited for again: it was
// not this client's.
func waitsAgain(ctx context.Context, t tx, channel rows.Channel, reply uuid.UUID) error {
	_, err := rows.Exec(ctx, t, rows.File("waits_again", rows.Args{
		"channel": channel.ID, "reply": reply, "discharged": value(channel.RepliesOffWhy) == string(OffByDischarge),
	}))
	return err
}

// stopAwaiting ends whatever is waited for in locked channels of a client who was discharged, and answers of which
// messages.
func stopAwaiting(ctx context.Context, t tx, channels ...rows.Channel) (map[uuid.UUID][]uuid.UUID, error) {
	stopped := map[uuid.UUID][]uuid.UUID{}
	for _, channel := range channels {
		list, err := rows.List[uuid.UUID](ctx, t, rows.Update[rows.Message]().Set("awaiting = 'stopped'").
			Where("organisation_id = ? AND staff_id = ?", rows.V(channel.OrganisationID), rows.V(channel.StaffID)).
			Where("channel_id = ? AND awaiting = 'waiting'", rows.V(channel.ID)).
			Where("delivery_status <> 'cancelled'").Returning("id"))
		if err != nil {
			return nil, err
		}
		for _, id := range list {
			err := t.writeHistory(ctx, logEntry{
				channel: channel, actor: adapters.Author{Kind: "system"}, action: ActionWaitingStopped, message: id,
				note: string(CancelledByDischarge),
			})
			if err != nil {
				return nil, err
			}
		}
		stopped[channel.ID] = list
	}
	return stopped, nil
}

// StopWaiting ends what a message waits for: it is settled otherwise, or not wanted any more. Whoever may act in its
// channel may do so; the note, up to 1,000 characters, stands in the history, and a reminder that has not gone out is
// cancelled. Of what does not wait it is CodeNothingToDo, a second call too. Errors: CodeInvalid, CodeNotFound,
// CodeForbidden, CodeUnavailable.
func (m *Messenger) StopWaiting(ctx context.Context, message uuid.UUID, note string) (Message, error) {
	note, err := m.reason(ctx, note)
	if err != nil {
		return Message{}, err
	}
	s, err := m.toActOn(ctx, message)
	if err != nil {
		return Message{}, err
	}
	entry := logEntry{action: ActionWaitingStopped, message: message, note: strings.TrimSpace(note)}
	return m.changeMessage(ctx, s, entry, func(ctx context.Context, t tx, row rows.Message) error {
		if awaiting := awaitingOf(row); awaiting == nil || *row.Awaiting != string(AwaitingWaiting) {
			return nothingToDo()
		}
		_, err := rows.Exec(ctx, t, rows.Update[rows.Message]().Set("awaiting = 'stopped'").Where("id = ?", rows.V(row.ID)))
		if err != nil {
			return err
		}
		_, err = withoutReminders(ctx, t, s.channel, CancelledByPerson, []uuid.UUID{row.ID})
		return err
	})
}

// The hours of the day, in the organisation's zone, in which a reminder goes out: those in which nobody minds a text.
const (
	remindFrom  = 8
	remindUntil = 20
)

// sociable is a time, or the next at which a reminder goes out.
func sociable(now time.Time, zone *time.Location) time.Time {
	local := now.In(zone)
	day := local.Day()
	switch {
	case local.Hour() >= remindUntil:
		day++
	case local.Hour() >= remindFrom:
		return now
	}
	return time.Date(local.Year(), local.Month(), day, remindFrom, 0, 0, 0, zone)
}

// remindsNobody is why a reminder is not to go out any more; "": it is, or it is none, or it may be gone already.
func (d dispatch) remindsNobody() CancelledBecause {
	switch {
	case d.Reminds == nil || d.DeliveryStatus == DeliverySending,
		d.Reminded == string(AwaitingWaiting) && d.Channel.RepliesOffWhy == nil:
		return ""
	case d.Reminded == string(AwaitingAnswered), d.Reminded == string(AwaitingAcknowledged):
		return CancelledByReply
	case value(d.Channel.RepliesOffWhy) == string(OffByDischarge):
		return CancelledByDischarge
	default:
		return CancelledByPerson
	}
}

// Remind reminds a client of a message that went out and still waits for them, by the same way, once. The reminder is a
// message of the thread, the asker's, in the organisation's words. Outside 8:00 to 20:00 in its zone it is scheduled
// for the next 8:00, and cancelled where the client answers before, or replies are switched off. Whoever may act in the
// channel may do so. Of what does not wait, or was reminded of, it is CodeNothingToDo, a second call too; a reminder
// that was cancelled is none. Errors: CodeNotFound, CodeForbidden, CodeInvalid while replies are off, and those of
// Send for a client who can't be written to.
func (m *Messenger) Remind(ctx context.Context, message uuid.UUID) (Message, error) {
	return unmoved(func() (Message, error) { return m.remind(ctx, message) })
}

func (m *Messenger) remind(ctx context.Context, message uuid.UUID) (Message, error) {
	s, err := m.toActOn(ctx, message)
	if err != nil {
		return Message{}, err
	}
	row, err := readMessage(ctx, m.db(), message)
	if err != nil {
		return Message{}, err
	}
	switch again, err := isRemindable(ctx, m.db(), row); {
	case err != nil:
		return Message{}, err
	case !again || value(s.channel.RepliesOffWhy) == string(OffByDischarge):
		return Message{}, nothingToDo()
	case s.channel.RepliesOffWhy != nil:
		return Message{}, invalid("replies", "Allow replies first: a reminder asks for an answer by the reply link.")
	}
	organisation, err := m.organisation(ctx, s.member.Organisation)
	if err != nil {
		return Message{}, err
	}
	client, err := m.client(ctx, s.member.Organisation, s.channel.ClientID)
	if err != nil {
		return Message{}, err
	}
	p := reminder(row, spokenTo(organisation, client))
	hours := safeHoursOf(client, organisation, false)
	hours.sociable = true
	p.SendAfter = hours.from(m.now(ctx))
	reminding, err := m.sendNew(ctx, &s, p)
	if err != nil {
		return Message{}, err
	}
	m.changes.add(s.channel, message)
	return m.messagesOf(ctx, s, reminding)[0], nil
}

// isRemindable says whether a message still waits and nobody was reminded of it: a reminder that was cancelled is none.
func isRemindable(ctx context.Context, q rows.Querier, row rows.Message) (bool, error) {
	out := []DeliveryStatus{DeliverySent, DeliveryDelivered, DeliveryUnknown}
	if value(row.Awaiting) != string(AwaitingWaiting) || !slices.Contains(out, row.DeliveryStatus) {
		return false, nil
	}
	if row.ReminderID == nil {
		return true, nil
	}
	reminder, err := readMessage(ctx, q, *row.ReminderID)
	return reminder.DeliveryStatus == DeliveryCancelled, err
}

// reminder is what a client is reminded with: no words of the message itself.
func reminder(row rows.Message, organisation adapters.Organisation) SendParams {
	words := Words(organisation)
	name := oneLine(organisation.Name)
	if name == "" {
		name = words["organisation"]
	}
	key := "remind_reply"
	if value(row.Expects) == string(ExpectsAcknowledgement) {
		key = "remind_acknowledgement"
	}
	p := SendParams{
		Channel: row.ChannelID, Medium: row.Medium, Override: row.OverrideReason, reminds: row.ID, again: true,
		Body: strings.ReplaceAll(words[key], "{organisation}", name),
	}
	if row.Medium == adapters.Email {
		p.Subject = oneLine(words["remind_subject"])
	}
	return p
}

// reminded notes in the transaction of a reminder that its message was reminded of, once.
func reminded(ctx context.Context, t tx, o newMessage) error {
	if o.row.Reminds == nil {
		return nil
	}
	n, err := rows.Exec(ctx, t, rows.Update[rows.Message]().Set("reminder_id = ?", rows.V(o.row.ID)).
		Where("id = ? AND channel_id = ?", rows.V(o.row.Reminds), rows.V(o.row.ChannelID)).
		Where("awaiting = 'waiting'").Where("reminder_id IS NULL OR EXISTS (SELECT FROM messenger_messages AS r "+
		"WHERE r.id = m.reminder_id AND r.delivery_status = 'cancelled')").
		Where("delivery_status IN ('sent', 'delivered', 'unknown')"))
	if err := requireRow(n, err, nothingToDo()); err != nil {
		return err
	}
	_, err = rows.Exec(ctx, t, rows.Update[rows.Message]().Set("reminds = ?", rows.V(o.row.Reminds)).
		Where("id = ?", rows.V(o.row.ID)))
	if err != nil {
		return err
	}
	s := o.actor
	return t.writeHistory(ctx, logEntry{
		channel: s.channel, actor: author(s.member), onBehalfOf: s.onBehalfOf(), action: ActionReminded,
		message: *o.row.Reminds,
	})
}

// stopOverdue is StopWaiting for what is overdue: what a person says who dealt with what needs one.
func (m *Messenger) stopOverdue(ctx context.Context, message uuid.UUID, note string) error {
	row, err := readMessage(ctx, m.db(), message)
	if err != nil {
		return err
	}
	if awaiting := awaitingOf(row); awaiting == nil || awaiting.Status != AwaitingOverdue {
		return nothingToDo()
	}
	_, err = m.StopWaiting(ctx, message, note)
	return err
}

// checkExpected refuses what can be no expectation. A draft may have half of one, and a day that is over by now.
func (d Draft) checkExpected() error {
	if d.Expects != "" && d.Expects != ExpectsAcknowledgement && d.Expects != ExpectsReply {
		return invalid("expects", `What is expected is "acknowledgement" or "reply".`)
	}
	if _, err := time.Parse(time.DateOnly, d.ExpectBy); d.ExpectBy != "" && err != nil {
		return invalid("expect_by", "Enter the day by which an answer is expected.")
	}
	return nil
}
