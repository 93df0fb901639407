package messenger

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/internal/panics"
	"github.com/cmsmessenger/cmsmessenger/jobs"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/permits"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/rows"
)

const (
	// lease is how long nobody else takes a message whose worker does not renew it: so long a killed one's waits.
	lease = 25 * time.Second
	// deliverTries is when a delivery is given up: with jobs' back-off, after some three hours.
	deliverTries = 24
)

// dispatch is one message on its way out, with what this try knows of it.
type dispatch struct {
	jobMessage
	sender  adapters.Sender
	attempt int             // of the job
	permit  *permits.Permit // to call the sender
	safe    safeHours       // in which it may go out, by the client's card as it is now
	decided bool            // see facts
}

// Deliver is a job: it hands one message to its provider. The attempt is committed before the provider is called,
// nothing is held open while it is, and only the attempt that holds the message writes the outcome. Called for a
// message that is settled already, it does nothing.
func (m worker) Deliver(ctx context.Context, id uuid.UUID, attempt int) error {
	d, err := m.readDispatch(ctx, id, attempt)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	if d.BroadcastID != nil && d.BroadcastCancelled {
		if cancelled, err := m.cancelledWithBroadcast(ctx, d); cancelled || err != nil {
			return err
		}
	}
	switch d.DeliveryStatus { //nolint:exhaustive // all others are settled
	case DeliveryScheduled:
		if wait := dueOf(d.Message).Sub(m.now(ctx)); wait > 0 {
			return jobs.After(wait)
		}
	case DeliveryQueued:
	case DeliverySending:
		if left := value(d.Busy); left > 0 { // another attempt holds it, or died holding it
			return m.turnLater(ctx, d, jobs.After(time.Duration(left*float64(time.Second))+time.Second))
		}
	default:
		m.changes.add(d.Channel, id) // whoever settled it may have died before it could say so
		return nil
	}
	if d.repliedFirst() {
		if cancelled, err := m.cancelInTime(ctx, d, CancelledByReply); cancelled || err != nil {
			return err
		}
	}
	if why := d.remindsNobody(); why != "" {
		if cancelled, err := m.cancelInTime(ctx, d, why); cancelled || err != nil {
			return err
		}
	}
	if wait, why := m.pauses.left(ctx, m.Messenger, pauseKey{d.OrganisationID, d.Medium}); wait > 0 {
		wait, err := m.heldUp(ctx, d, why, wait)
		if err != nil {
			return err
		}
		over, back := waitOutside(ctx, d, wait)
		if over { // with what is true of the message by now
			return m.Deliver(ctx, id, attempt)
		}
		return back
	}
	if d.permit, err = m.enter(ctx, string(d.Medium), d.OrganisationID); err != nil {
		return m.turnLater(ctx, d, err)
	}
	defer d.permit.Leave(permits.None)
	if d.BroadcastID == nil && attempt == 1 {
		m.pace.note(m.now(ctx))
	}
	return m.tryToDeliver(ctx, d)
}

func (m *Messenger) readDispatch(ctx context.Context, id uuid.UUID, attempt int) (dispatch, error) {
	read, err := m.read(ctx, id)
	return dispatch{jobMessage: read, sender: m.sender(read.Medium), attempt: attempt}, err
}

func (m *Messenger) tryToDeliver(ctx context.Context, d dispatch) error {
	if d.sender == nil {
		return m.giveUp(ctx, d, ending{unsent(d.doubt()), ReasonNotConfigured})
	}
	port := "clients"
	found, err := m.askDirectory(ctx, d.OrganisationID, d.Channel.ClientID)
	var organisation adapters.Organisation
	if err == nil {
		port = "organisations"
		organisation, err = m.organisation(ctx, d.OrganisationID)
	}
	if stopping(ctx) {
		return ctx.Err() // nothing is begun any more, and no port is to blame
	}
	if err != nil {
		m.config.Logger.WarnContext(ctx, "messenger: a message waits for a port",
			"message_id", d.ID, "port", port, "attempt", d.attempt, "error", err)
		if d.attempt >= deliverTries {
			return m.giveUp(ctx, d, ending{unsent(d.doubt()), ReasonDirectoryDown})
		}
		return m.triedLater(ctx, d, WaitingDirectory, errors.New("a port did not answer"))
	}
	client, known := found[d.Channel.ClientID]
	if d.ObjectedAt != nil && address(client, d.Medium) == d.ToAddress {
		client = objecting(client, *d.ObjectedAt)
	}
	if d.DeliveryStatus != DeliverySending {
		reason := d.changed(client, known)
		if reason == ReasonDeceased && d.DeliveryStatus == DeliveryScheduled {
			_, err := m.cancelInTime(ctx, d, CancelledByDeath)
			return err
		}
		if reason != "" {
			return m.giveUp(ctx, d, ending{unsent(d.doubt()), reason})
		}
	}
	d.safe = safeHoursOf(client, organisation, goesBeyond(d.Message, client))
	d.safe.sociable = d.Reminds != nil
	if until := m.unsafeUntil(ctx, d); d.DeliveryStatus != DeliverySending && !until.IsZero() {
		return m.waitForSafeHours(ctx, d, until)
	}
	claimed, err := m.claim(ctx, &d)
	if err != nil || !claimed {
		return err
	}
	message := m.outgoing(d, client, organisation)
	if d.DeliveryStatus == DeliverySending {
		return m.findOutcome(ctx, d, message, d.changed(client, known))
	}
	return m.send(ctx, d, message)
}

// doubt says whether an earlier attempt may have been taken.
func (d dispatch) doubt() bool { return d.DeliveryStatus == DeliverySending || d.UnclearAt != nil }

// changed is why a message may no longer go out as it was written: contact details are shown at compose and checked
// again at each dispatch, and it may have been taken back while its outcome was not known.
func (d dispatch) changed(client adapters.Client, known bool) string {
	if d.WithdrawnAt != nil {
		return ReasonWithdrawn
	}
	if !known {
		return ReasonClientNotFound
	}
	switch obstacle(client, d.Medium) { //nolint:exhaustive // the obstacles
	case CodeDeceased:
		return ReasonDeceased
	case CodeObjected:
		return ReasonObjected
	case CodeNoAddress:
		return ReasonNoAddress
	}
	switch {
	case d.Private() && provable(client, true) != nil:
		return ReasonNoProof
	case d.Private() && d.Channel.RepliesOffWhy != nil:
		return ReasonRepliesOff
	case client.Restricted && d.OverrideReason == "":
		return ReasonRestricted
	case isUnsafe(client, d.Medium) && !goesBeyond(d.Message, client), !d.Private() && !mayHaveWords(client),
		!d.Private() && isNeutral(client) && !d.Neutral: // the card is newer than the words, which may name somebody
		return ReasonSafeContact
	case !strings.EqualFold(address(client, d.Medium), d.ToAddress):
		return ReasonAddressChanged
	default:
		return ""
	}
}

// claim takes the message for one attempt, committed before anything else happens.
func (m *Messenger) claim(ctx context.Context, d *dispatch) (bool, error) {
	c := &claiming{message: d.Message, attempt: m.newID()}
	if err := m.lane(d.Message).claims.Call(ctx, c); err != nil || c.claimed == nil {
		return false, err // not claimed: it was cancelled, or another worker was quicker
	}
	// Of what is being sent only Retry leaves no attempt.
	d.decided = d.DeliveryStatus == DeliverySending && d.AttemptID == nil
	d.AttemptID, d.FirstTriedAt, d.UnclearAt = &c.attempt, &c.claimed.FirstTriedAt, c.claimed.UnclearAt
	return true, nil
}

// outgoing is the message as the provider is to carry it now, with the link that is valid now.
func (m *Messenger) outgoing(d dispatch, client adapters.Client, organisation adapters.Organisation) adapters.Outgoing {
	link := ""
	if d.Channel.RepliesOffWhy == nil && wantsLink(d.Message) {
		link = m.replyURL(organisation.PublicURL, d.Channel.LinkKeyID, d.Channel.LinkNonce)
	}
	organisation = spokenTo(organisation, client)
	message := d.Message
	if isNeutral(client) && d.Private() { // the card may have come after the message
		notice := noticeOf(organisation, d.Medium)
		message.Subject, message.Body = notice.subject, notice.body
	}
	return adapters.Outgoing{
		MessageID: d.ID, Reference: reference(d.ID, d.Sends), Organisation: d.OrganisationID, Medium: d.Medium,
		To: d.ToAddress, Guarded: isGuarded(client), NHSNumber: nhsNumber(client),
		SenderName: oneLine(senderName(d, client, organisation)),
		Subject:    message.Subject, Text: render(message, link, Words(organisation)), Link: link,
		FirstTried: value(d.FirstTriedAt).UTC(), Unclear: value(d.UnclearAt).UTC(),
		Follows: d.follows(), Language: Words(organisation)["lang"],
	}
}

// follows are the emails that this one comes after.
func (d dispatch) follows() []string {
	switch {
	case d.LastEmail == "":
		return nil
	case d.FirstEmail == d.LastEmail:
		return []string{d.LastEmail}
	default:
		return []string{d.FirstEmail, d.LastEmail}
	}
}

// reference names one decision to send.
func reference(message uuid.UUID, sends int) string {
	if sends <= 1 {
		return message.String()
	}
	return fmt.Sprintf("%s-%d", message, sends)
}

// find asks the provider; errors.ErrUnsupported says that there is nobody to ask.
func (m *Messenger) find(ctx context.Context, d dispatch, message adapters.Outgoing) (adapters.Receipt, error) {
	finder, ok := d.sender.(adapters.Finder)
	if !ok {
		return adapters.Receipt{}, errors.ErrUnsupported
	}
	ctx, cancel := calling(ctx, callTimeout)
	defer cancel()
	d.permit.Begin()
	ctx, ended := m.call(ctx, string(d.Medium), "find", d.Message)
	receipt, err := panics.Try(func() (adapters.Receipt, error) { return finder.Find(ctx, message) })
	ended(err)
	if errors.Is(err, context.DeadlineExceeded) {
		d.permit.Leave(permits.Failed)
	}
	return receipt, err
}

// findOutcome asks what became of an attempt whose outcome nobody wrote down. Nothing is sent again before that is
// known.
func (m *Messenger) findOutcome(ctx context.Context, d dispatch, message adapters.Outgoing, changed string) error {
	stop := m.keep(ctx, d)
	receipt, err := m.find(ctx, d, message)
	stop()
	f := m.facts(d)
	f.asked, f.changed = true, changed
	s := next(err, f)
	if s.action == askLater {
		m.config.Logger.WarnContext(ctx, "messenger: a provider can't say what became of a message",
			"message_id", d.ID, "error", err)
	}
	return m.follow(ctx, d, message, answer{receipt, err}, s)
}

// send gives the message to the provider and writes what came of it.
func (m *Messenger) send(ctx context.Context, d dispatch, message adapters.Outgoing) error {
	bound, cancel := calling(ctx, sendTime(d.sender))
	stop := m.keep(bound, d)
	d.permit.Begin()
	called, ended := m.call(bound, string(d.Medium), "send", d.Message)
	receipt, err := panics.Try(func() (adapters.Receipt, error) { return d.sender.Send(called, message) })
	ended(err)
	d.permit.Leave(news(bound, err))
	stop()
	cancel()
	if err != nil && !errors.Is(err, adapters.ErrBusy) {
		m.config.Logger.WarnContext(ctx, "messenger: a message was not sent",
			"message_id", d.ID, "attempt", d.attempt, "error", err)
	}
	return m.follow(ctx, d, message, answer{receipt, err}, next(err, m.facts(d)))
}

func (m *Messenger) facts(d dispatch) facts {
	_, askable := d.sender.(adapters.Finder)
	return facts{
		last: d.attempt >= deliverTries, doubt: d.doubt(), askable: askable, resend: m.config.ResendUnknown,
		decided: d.decided,
	}
}

// answer is a provider's.
type answer struct {
	receipt adapters.Receipt
	err     error
}

// follow takes the step that comes after a provider's answer.
func (m *Messenger) follow(ctx context.Context, d dispatch, message adapters.Outgoing, a answer, s step) error {
	switch s.action {
	case accept:
		return m.accepted(ctx, d, message, a.receipt)
	case end:
		return m.carrierRefused(ctx, d, s.ending, a.err)
	case sendAgain:
		if !m.unsafeUntil(ctx, d).IsZero() { // the next run has it wait
			return cmp.Or(m.release(ctx, d, DeliveryQueued), jobs.After(0))
		}
		return m.sendAgain(ctx, d, message)
	case waitOut:
		wait := m.waitOf(a.err)
		limit := pausing{why: WaitingProviderLimit, via: m.carriers(ctx, d)}
		wait = m.pauses.set(ctx, m, pauseKey{d.OrganisationID, d.Medium}, limit, wait, wait)
		if err := m.release(ctx, d, DeliveryQueued); err != nil {
			return err
		}
		wait, err := m.heldUp(ctx, d, WaitingProviderLimit, wait)
		if err != nil || d.BroadcastID == nil {
			return cmp.Or(err, jobs.After(wait))
		}
		_, back := waitOutside(ctx, d, wait)
		return back
	case waitTurn:
		return cmp.Or(m.release(ctx, d, DeliveryQueued), m.turnLater(ctx, d, jobs.After(turn())))
	case tryLater:
		if err := m.release(ctx, d, DeliveryQueued); err != nil {
			return err
		}
		why := WaitingProviderDown
		if errors.Is(a.err, adapters.ErrConfiguration) {
			why = WaitingNotSetUp
		}
		return m.triedLater(ctx, d, why, errors.New("not sent"))
	case askLater:
	}
	if err := m.release(ctx, d, DeliverySending); err != nil {
		return err
	}
	return m.triedLater(ctx, d, WaitingProviderDown, errors.New("the outcome is not known"))
}

// waitOf is how long a provider takes nothing more: from a second to a day. Until is by this process's own clock, as
// the adapter read it.
func (m *Messenger) waitOf(err error) time.Duration {
	var limited *adapters.RateLimitError
	if !errors.As(err, &limited) || limited.Until.IsZero() {
		return 10 * time.Second
	}
	return min(max(limited.Until.Sub(m.ownNow()), time.Second), 24*time.Hour)
}

// sendAgain makes an attempt of its own of what was claimed to be looked up, committed before the provider is called.
func (m *Messenger) sendAgain(ctx context.Context, d dispatch, message adapters.Outgoing) error {
	n, err := rows.Exec(ctx, m.db(), rows.Update[rows.Message]().
		Set("attempts = attempts + 1, attempt_at = now()").
		Set("attempt_until = now() + make_interval(secs => ?)", rows.V(lease.Seconds())).
		Where("id = ? AND attempt_id = ? AND delivery_status = 'sending'", rows.V(d.ID), rows.V(d.AttemptID)))
	if err != nil || n == 0 {
		return err
	}
	return m.send(ctx, d, message)
}

// release lets another attempt have the message. It writes on though the job's time is over.
func (m *Messenger) release(ctx context.Context, d dispatch, status DeliveryStatus) error {
	free := rows.Update[rows.Message]().Set("delivery_status = ?", rows.V(status)).
		Where("id = ? AND attempt_id = ? AND delivery_status = 'sending'", rows.V(d.ID), rows.V(d.AttemptID))
	if status == DeliverySending { // whoever takes it next asks what became of this attempt
		free.Set("attempt_until = now()")
		if d.decided {
			free.Set("attempt_id = NULL")
		}
	} else {
		free.Set("attempt_until = NULL, attempt_id = NULL")
	}
	err := m.insist(ctx, func(ctx context.Context) error {
		_, err := rows.Exec(ctx, m.db(), free)
		return err
	})
	if err != nil {
		return err
	}
	m.changes.add(d.Channel, d.ID)
	return nil
}
