package messenger

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/jobs"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/replylink"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/rows"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/search"
)

const (
	fanOutBatch = 1000
	// fanOutText is how many bytes of text a batch carries, names aside, unless that were fewer recipients than
	// fanOutLeast. Measured with 50,000 characters of distinct words: 40 recipients took 0.7 s, and 1,000 took 12 s,
	// longer than a transaction may.
	fanOutText  = 2_000_000
	fanOutLeast = 10
	// ownShard counts what no message says. The fan-out comes to it holding the inbox's counters, and a failed delivery
	// comes to those holding the shard of its message, one of the first sixteen: on one row the two would wait for one
	// another.
	ownShard = 16
)

// broadcastRow is a broadcast as its fan-out needs it.
type broadcastRow struct {
	ID           uuid.UUID
	Organisation adapters.OrganisationID
	Staff        adapters.StaffID
	StaffName    string
	BroadcastParams
	WrittenWith      TemplateVersion
	CreatedAt        time.Time
	Total, FannedOut int
	Cancelled        bool
	CancelledBy      adapters.Author
}

// readBroadcastRow reads a broadcast, and with lock holds it for the rest of the transaction.
func readBroadcastRow(ctx context.Context, q rows.Querier, id uuid.UUID, lock bool) (broadcastRow, error) {
	query := rows.All[rows.Broadcast]().Where("b.id = ?", rows.V(id))
	if lock {
		query.For("NO KEY UPDATE")
	}
	r, err := rows.One[rows.Broadcast](ctx, q, query)
	if err != nil {
		return broadcastRow{}, err
	}
	private := r.PrivateBody != nil
	if private {
		r.Subject, r.Body = value(r.PrivateSubject), *r.PrivateBody
	}
	return broadcastRow{
		ID: id, Organisation: r.OrganisationID, Staff: r.StaffID, StaffName: r.StaffName,
		BroadcastParams: BroadcastParams{
			Medium: r.Medium, Subject: r.Subject, Body: r.Body, ReplyLink: r.ReplyLink, Then: r.ThenStatus,
			SendAfter: value(r.SendAfter).UTC(), SendLocal: LocalTime{r.SendLocal, r.SendZone}, Private: private,
			Expects: Expectation(r.Expects), ExpectBy: r.ExpectBy,
		},
		WrittenWith: TemplateVersion{value(r.TemplateID), value(r.TemplateVersion)},
		CreatedAt:   r.CreatedAt, Total: r.Total, FannedOut: r.FannedOut, Cancelled: r.CancelledAt != nil,
		CancelledBy: adapters.Author{Kind: "staff", ID: r.CancelledByID, Name: r.CancelledByName},
	}, nil
}

// errOvertaken says that another run made a batch first, or that nobody wants it any more.
var errOvertaken = errors.New("the broadcast has changed")

// FanOut is a job: it makes a broadcast's messages, batch by batch. Each batch is one transaction that also writes how
// far it came, so that a run killed at any point is gone on with, and two runs at once make nothing twice. Of a
// cancelled broadcast it cancels what has not gone out.
func (m worker) FanOut(ctx context.Context, id uuid.UUID, _ int) error {
	var cancelled uuid.UUID // up to this one
	for until := m.now(ctx).Add(jobShift); ; {
		b, err := readBroadcastRow(ctx, m.db(), id, false)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		more := b.FannedOut < b.Total
		if b.Cancelled {
			if cancelled, err = m.cancelBatch(ctx, b, cancelled); err == nil && cancelled == uuid.Nil {
				return m.restOfCancel(ctx, b, until)
			}
			more = true
		} else if more {
			err = m.makeMessages(ctx, b, until)
		}
		if err != nil && !errors.Is(err, errOvertaken) {
			return err
		}
		owner := rows.Channel{OrganisationID: b.Organisation, StaffID: b.Staff}
		if !more {
			if err := m.cancelOvertaken(ctx, b); err != nil {
				return err
			}
			m.changes.fannedOut(owner, id)
			return nil
		}
		m.changes.progress(owner, id)
		if m.now(ctx).After(until) {
			return jobs.After(0)
		}
	}
}

// recipientBatch is the next of a broadcast's recipients and what they get.
type recipientBatch struct {
	from, size   int
	organisation adapters.Organisation
	made         []made
	why          map[int32]Why // of those who get nothing
}

// batchSize is how many recipients a batch takes: few of a long text, so that its transaction stays short.
func (b broadcastRow) batchSize() int {
	return min(max(fanOutText/(len(b.Subject)+len(b.Body)), fanOutLeast), fanOutBatch)
}

// made is one message of a batch, with its channel should that be new.
type made struct {
	client           adapters.Client
	subject, body    string
	words            string
	message, channel uuid.UUID
	link             replylink.Link
	created, sent    uuid.UUID // the history's lines
	used             uuid.UUID // likewise, of a template
}

func (m *Messenger) make(client adapters.Client, subject, body string) made {
	return made{
		client: client, subject: subject, body: body, words: strings.Join(search.Words(subject+"\n"+body), " "),
		message: m.newID(), channel: m.newID(), link: m.links.New(), created: m.newID(), sent: m.newID(), used: m.newID(),
	}
}

// makeMessages makes batches until all are made or the shift is over. One is prepared while the one before is written.
// While single messages are about it rests in between.
func (m *Messenger) makeMessages(ctx context.Context, b broadcastRow, until time.Time) error {
	written := make(chan error, 1)
	written <- nil
	began := m.now(ctx)
	for from := b.FannedOut; from < b.Total; from += b.batchSize() {
		next, err := m.prepareBatch(ctx, b, from)
		if err := errors.Join(<-written, err); err != nil {
			return err
		}
		if !pause(ctx, m.pace.rest(m.now(ctx), m.now(ctx).Sub(began))) {
			return ctx.Err()
		}
		began = m.now(ctx)
		go func() { written <- m.writeBatch(ctx, b, next) }()
		if m.now(ctx).After(until) {
			break
		}
	}
	return <-written
}

func (m *Messenger) prepareBatch(ctx context.Context, b broadcastRow, from int) (recipientBatch, error) {
	next := recipientBatch{from: from, why: map[int32]Why{}}
	var err error
	if next.organisation, err = m.organisation(ctx, b.Organisation); err != nil {
		return next, err
	}
	limit, err := m.limit(ctx, b.Organisation, b.Medium)
	if err != nil {
		return next, err
	}
	found, err := rows.List[rows.BroadcastRecipient](ctx, m.db(), rows.All[rows.BroadcastRecipient]().
		Where("r.broadcast_id = ? AND r.n >= ? AND r.n < ?", rows.V(b.ID), rows.V(from), rows.V(from+b.batchSize())).
		OrderExpr("r.n"))
	if err != nil {
		return next, err
	}
	list := make([]recipient, len(found))
	for i, r := range found {
		list[i] = recipient{id: r.ClientID, why: Why(value(r.Why))}
	}
	next.size = len(list)
	hidden := map[adapters.ClientID]bool{}
	for _, r := range list {
		hidden[r.id] = r.why != ""
	}
	if err := m.lookUpRecipients(ctx, b.Organisation, b.Staff, b.BroadcastParams, list); err != nil {
		return next, err
	}
	as := voicesOf(next.organisation)
	for i, r := range list {
		if hidden[r.id] {
			r.why = WhyNotFound
		}
		organisation := as.to(r.client)
		subject, body, err := b.fill(r.client, b.StaffName, organisation)
		if r.why == "" && (err != nil || !b.sendable(subject, body) ||
			limit.Characters > 0 && limit.TooLong(b.render(body, organisation))) {
			r.why = WhyInvalid
		}
		if r.why == "" && isElsewhere(limit, r.client) {
			r.why = WhySafeContact
		}
		if r.why != "" {
			next.why[found[i].N] = r.why
			continue
		}
		next.made = append(next.made, m.make(r.client, subject, body))
	}
	// always in the same order, so that two broadcasts to the same clients wait for one another and never for ever
	slices.SortFunc(next.made, func(a, b made) int { return strings.Compare(string(a.client.ID), string(b.client.ID)) })
	return next, nil
}

// column is one thing of each of a list, as unnest takes it.
func column[T, V any](list []T, of func(T) V) []V {
	values := make([]V, len(list))
	for i, one := range list {
		values[i] = of(one)
	}
	return values
}

func (m *Messenger) writeBatch(ctx context.Context, b broadcastRow, next recipientBatch) error {
	err := m.inTx(ctx, func(ctx context.Context, t tx) error {
		now, err := readBroadcastRow(ctx, t, b.ID, true)
		if err != nil {
			return err
		}
		if now.Cancelled || now.FannedOut != next.from {
			return errOvertaken
		}
		return m.insertBatch(ctx, t, b, next)
	})
	if err == nil {
		m.changes.progress(rows.Channel{OrganisationID: b.Organisation, StaffID: b.Staff}, b.ID)
	}
	return err
}

func (m *Messenger) insertBatch(ctx context.Context, t tx, b broadcastRow, next recipientBatch) error {
	if len(next.made) > 0 {
		if err := m.insertMessages(ctx, t, b, next); err != nil {
			return err
		}
	}
	if len(next.why) > 0 {
		numbers, reasons := []int32{}, []string{}
		for n, reason := range next.why {
			numbers, reasons = append(numbers, n), append(reasons, string(reason))
		}
		_, err := rows.Exec(ctx, t, rows.File("broadcast_skip", rows.Args{
			"id": b.ID, "numbers": numbers, "reasons": reasons, "from": next.from, "to": next.from + next.size,
		}))
		if err != nil {
			return err
		}
	}
	_, err := rows.Exec(ctx, t, rows.File("broadcast_further", rows.Args{
		"id": b.ID, "made": next.size, "skipped": len(next.why), "shard": ownShard,
	}))
	if err != nil {
		return err
	}
	list := column(next.made, func(one made) jobs.Args { return jobs.Deliver{Message: one.message} })
	// Not in the order of the rows: those of one page change one after the other then and not together, so that what one
	// leaves behind is room for the next, and the indexes stay as they are (PostgreSQL's heap-only tuples).
	//nolint:gosec // spreads load, guards nothing
	rand.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	return t.jobs.InsertBulk(ctx, t.Tx, b.SendAfter, list...)
}

// lockOf holds the channels that there are of a batch's clients, in the order of their ids as all hold several: the
// statement that writes comes to them by their clients. One that is made after this look is not held; two batches of
// one inbox, of which one holds it and the other has made what the first is to make, would wait for one another. So
// an inbox has one batch at a time.
func lockOf(ctx context.Context, t tx, b broadcastRow, list []made) error {
	key := "fan out " + string(b.Organisation) + " " + string(b.Staff)
	if err := lockKey(ctx, t, key); err != nil {
		return err
	}
	_, err := rows.List[uuid.UUID](ctx, t, rows.Select[rows.Channel]().Column("id").
		Where("c.organisation_id = ? AND c.staff_id = ?", rows.V(b.Organisation), rows.V(b.Staff)).
		Where("c.client_id = any(?)", rows.V(column(list, func(one made) string { return string(one.client.ID) }))).
		Where("c.moved_to IS NULL").Order("c.id").For("NO KEY UPDATE"))
	return err
}

// insertMessages makes the messages of a batch in one statement, each with its place in a channel, that is made when it
// is missing, and the history of both. Ids travel as texts, which every mode of pgx can send.
func (m *Messenger) insertMessages(ctx context.Context, t tx, b broadcastRow, next recipientBatch) error {
	status, record := DeliveryQueued, RecordNotRequired
	var after, offAt *time.Time
	var off *RepliesOffWhy
	if b.SendAfter.After(t.now) {
		status, after = DeliveryScheduled, &b.SendAfter
	}
	if m.config.Record != nil && !next.organisation.OutboundNotFiled {
		record = RecordPending
	}
	if next.organisation.RepliesOff {
		off, offAt = new(OffByStaff), &t.now
	}
	template, version := b.WrittenWith.columns()
	asks, err := asked(b.Expects, b.ExpectBy, next.organisation)
	if err != nil {
		return err
	}
	list := next.made
	if err := lockOf(ctx, t, b, list); err != nil {
		return err
	}
	goesOut, private := list, []made{}
	if b.Private {
		goesOut, private = make([]made, len(list)), list
		as := voicesOf(next.organisation)
		for i := range list {
			notice := noticeOf(as.to(list[i].client), b.Medium)
			goesOut[i].subject, goesOut[i].body = notice.subject, notice.body
		}
	}
	tags := func(action HistoryAction, id func(made) uuid.UUID) [][]byte {
		return column(list, func(one made) []byte {
			line := rows.History{
				ID: id(one), OrganisationID: b.Organisation, At: t.now, ActorKind: "staff", ActorID: string(b.Staff),
				ActorName: b.StaffName, Action: string(action), MessageID: &one.message,
			}
			if action == ActionCreated {
				line.MessageID = nil
			}
			return tagOf(t.seals, line)
		})
	}
	_, err = rows.Exec(ctx, t, rows.File("fan_out", rows.Args{
		"created_tags": tags(ActionCreated, func(one made) uuid.UUID { return one.created }),
		"sent_tags":    tags(ActionSent, func(one made) uuid.UUID { return one.sent }),
		"used_tags":    tags(ActionTemplateUsed, func(one made) uuid.UUID { return one.used }),
		"key_id":       t.seals[0].ID,
		"expects":      asks.what, "expect_by": asks.by, "awaiting": asks.status, "awaiting_due": asks.due,
		"organisation": b.Organisation, "staff": b.Staff, "staff_name": b.StaffName, "then": b.Then, "now": t.now,
		"medium": b.Medium, "send_after": after, "reply_link": b.ReplyLink, "broadcast": b.ID,
		"send_local": b.SendLocal.At, "send_zone": b.SendLocal.Zone,
		"template": template, "template_version": version,
		"replies_off_why": off, "replies_off_at": offAt, "delivery_status": status, "record_status": record,
		"online_viewing": record == RecordPending && !next.organisation.OutboundHidden,
		"clients":        column(list, func(one made) string { return string(one.client.ID) }),
		"names":          column(list, func(one made) string { return one.client.Name }),
		"folded":         column(list, func(one made) string { return search.Fold(one.client.Name) }),
		"channels":       column(list, func(one made) string { return one.channel.String() }),
		"nonces":         column(list, func(one made) []byte { return one.link.Nonce }),
		"keys":           column(list, func(one made) string { return one.link.KeyID }),
		"lookups":        column(list, func(one made) []byte { return one.link.Lookup }),
		"created":        column(list, func(one made) string { return one.created.String() }),
		"messages":       column(list, func(one made) string { return one.message.String() }),
		"sent":           column(list, func(one made) string { return one.sent.String() }),
		"used":           column(list, func(one made) string { return one.used.String() }),
		"subjects":       column(goesOut, func(one made) string { return one.subject }),
		"bodies":         column(goesOut, func(one made) string { return one.body }),
		"words":          column(list, func(one made) string { return one.words }),
		"neutrals":       column(list, func(one made) bool { return isNeutral(one.client) }),
		"addresses":      column(list, func(one made) string { return address(one.client, b.Medium) }),
		// shorter than the others: none of the messages is private
		"private_subjects": column(private, func(one made) string { return one.subject }),
		"private_bodies":   column(private, func(one made) string { return one.body }),
	}))
	return err
}
