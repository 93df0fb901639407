package messenger

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"math"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/jobs"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/rows"
)

// BroadcastParams is one message to many clients, each in the sender's own channel with them.
type BroadcastParams struct {
	Medium        adapters.Medium
	Subject, Body string // as in SendParams
	Clients       []adapters.ClientID
	Lists         []adapters.ListID // everybody on them; somebody named twice gets one message
	ReplyLink     bool
	Then          Status // of the channels it makes: Done (the default) or Open
	SendAfter     time.Time
	SendLocal     LocalTime   `json:",omitzero"` // likewise
	Key           string      // as in SendParams
	Private       bool        `json:",omitempty"` // likewise; it needs ReplyLink
	Template      uuid.UUID   `json:",omitzero"`  // likewise
	Expects       Expectation `json:",omitempty"` // likewise, and ExpectBy
	ExpectBy      string      `json:",omitempty"`
}

// BroadcastState is where a broadcast stands as a whole.
type BroadcastState string

// The states of a broadcast.
const (
	BroadcastQueued  BroadcastState = "queued"  // waits for its time, or for a worker
	BroadcastSending BroadcastState = "sending" // under way
	// nothing is left to do: each message was taken, failed or was cancelled
	BroadcastSent      BroadcastState = "sent"
	BroadcastCancelled BroadcastState = "cancelled" // a person stopped it; what had gone out by then has
)

// Broadcast is how far a broadcast has come. Total is the distinct recipients: the sum of the counts below.
type Broadcast struct {
	ID            uuid.UUID
	Medium        adapters.Medium
	Subject, Body string // with the places as they were written; the notice, where the messages are private
	Private       bool
	SendAfter     time.Time // zero: at once
	State         BroadcastState
	Total         int
	SkippedCount  int
	Skipped       []Skipped // the first 100; BroadcastSkipped pages through all
	Queued        int
	Sent          int // delivered ones too
	Failed        int // unknown ones too
	Cancelled     int
	CreatedAt     time.Time
}

// Skipped is a recipient who gets nothing.
type Skipped struct {
	Client adapters.ClientID
	Why    Why
}

const (
	shownSkipped  = 100
	directoryPage = 1000 // Clients.Get takes that many
)

func (p BroadcastParams) checked(now time.Time) (BroadcastParams, error) {
	if p.Then == "" {
		p.Then = Done
	}
	s, err := SendParams{
		Client: "everybody", Medium: p.Medium, Subject: p.Subject, Body: p.Body, SendAfter: p.SendAfter,
		SendLocal: p.SendLocal, Then: p.Then, Key: p.Key,
	}.checked(now)
	if err == nil {
		err = checkText(p.Medium, p.Private, s.Subject, s.Body)
	}
	if err != nil {
		return p, err
	}
	p.Subject, p.Body, p.SendAfter = s.Subject, s.Body, s.SendAfter
	p.Clients, p.Lists = distinct(p.Clients), distinct(p.Lists)
	switch {
	case len(p.Clients)+len(p.Lists) == 0:
		return p, invalid("client_ids", "Name somebody: clients or a list.")
	case len(p.Lists) > MaxLists:
		return p, invalid("list_ids", "A broadcast goes to 50 lists at most. Send it to fewer at a time.")
	case len(p.Clients) > MaxRecipients:
		return p, tooManyRecipients()
	case !slices.ContainsFunc(p.Clients, malformed[adapters.ClientID]):
		return p, nil
	default:
		return p, invalid("client_ids", "A client's id is 1 to 200 characters without white space or control characters.")
	}
}

// time is when a broadcast goes out, as a message has it.
func (p BroadcastParams) time() SendParams {
	return SendParams{SendAfter: p.SendAfter, SendLocal: p.SendLocal}
}

// distinct is a list without what it has twice, in its order.
func distinct[T comparable](list []T) []T {
	seen := make(map[T]bool, len(list))
	return slices.DeleteFunc(slices.Clone(list), func(one T) bool {
		again := seen[one]
		seen[one] = true
		return again
	})
}

func (p BroadcastParams) hash() []byte {
	p.Key = ""
	raw, err := json.Marshal(p)
	if err != nil {
		panic(err) // strings and a checked time always encode
	}
	sum := sha256.Sum256(raw)
	return sum[:]
}

// SendBroadcast accepts one message to many: who gets it is decided now and checked again when each message is made and
// sent. A job makes the messages; killed at any point it goes on where it was, and nobody gets it twice. A repeat under
// the same Key returns the same broadcast as it now stands. Errors: CodeInvalid, CodeUnknownPlaceholder, CodeNotFound
// (a list), CodeForbidden, CodeNotConfigured, CodeTooLong (by the longest message, see Send), CodeKeyReused,
// CodeTemplatePlaceUnfilled, CodeTimeDoesNotExist, CodeUnavailable. CodeNotFound is also a template that the sender may
// not use.
func (m *Messenger) SendBroadcast(ctx context.Context, p BroadcastParams) (Broadcast, error) {
	p, err := p.checked(m.now(ctx))
	if err != nil {
		return Broadcast{}, err
	}
	member, err := m.current(ctx)
	if err != nil {
		return Broadcast{}, err
	}
	if p.Key != "" {
		if broadcast, found, err := m.repeatedBroadcast(ctx, member, p); found || err != nil {
			return broadcast, err
		}
	}
	to, err := m.audience(ctx, p)
	if err != nil {
		return Broadcast{}, err
	}
	id := m.newID()
	var row rows.Broadcast
	err = m.inTx(ctx, func(ctx context.Context, t tx) (err error) {
		row, err = m.insertBroadcast(ctx, t, id, p, to)
		return err
	})
	if isDuplicate(err, "messenger_broadcasts_idempotency") {
		broadcast, _, err := m.repeatedBroadcast(ctx, member, p)
		return broadcast, err
	}
	if err != nil {
		return Broadcast{}, err
	}
	return m.acceptedBroadcast(ctx, row), nil
}

// acceptedBroadcast is a new broadcast as it stands. It is accepted: neither a closed browser tab nor the database's
// trouble turns it into a failure now, after which everybody is written to twice.
func (m *Messenger) acceptedBroadcast(ctx context.Context, row rows.Broadcast) Broadcast {
	ctx, cancel := bounded(context.WithoutCancel(ctx))
	defer cancel()
	broadcast, err := m.readBroadcast(ctx, row.OrganisationID, row.ID)
	if err == nil {
		return broadcast
	}
	m.config.Logger.WarnContext(ctx, "messenger: an accepted broadcast can't be read", "error", err)
	return broadcastProgress{
		ID: row.ID, Medium: row.Medium, Subject: row.Subject, Body: row.Body, Private: row.PrivateBody != nil,
		SendAfter: row.SendAfter, Total: row.Total, CreatedAt: row.CreatedAt,
	}.broadcast()
}

func (m *Messenger) repeatedBroadcast(
	ctx context.Context,
	member adapters.Member,
	p BroadcastParams,
) (Broadcast, bool, error) {
	type made struct {
		ID              uuid.UUID
		IdempotencyHash []byte
	}
	first, err := rows.One[made](ctx, m.db(), rows.Select[rows.Broadcast]().Column("id", "idempotency_hash").
		Where("b.organisation_id = ? AND b.staff_id = ?", rows.V(member.Organisation), rows.V(member.ID)).
		Where("b.idempotency_key = ?", rows.V(keptKey(p.Key))))
	if errors.Is(err, pgx.ErrNoRows) {
		return Broadcast{}, false, nil
	}
	if err != nil {
		return Broadcast{}, false, err
	}
	if !slices.Equal(first.IdempotencyHash, p.hash()) {
		return Broadcast{}, true, keyReused()
	}
	broadcast, err := m.readBroadcast(ctx, member.Organisation, first.ID)
	return broadcast, true, err
}

func (m *Messenger) insertBroadcast(
	ctx context.Context, t tx, id uuid.UUID, p BroadcastParams, a audience,
) (rows.Broadcast, error) {
	subject, err := m.kept(ctx, t, p.Subject, shownLink)
	if err != nil {
		return rows.Broadcast{}, err
	}
	body, err := m.kept(ctx, t, p.Body, replyLinkMark)
	if err != nil {
		return rows.Broadcast{}, err
	}
	row := rows.Broadcast{
		ID: id, OrganisationID: a.member.Organisation, StaffID: a.member.ID, StaffName: a.member.Name, Medium: p.Medium,
		Subject: subject, Body: body, ReplyLink: p.ReplyLink, ThenStatus: p.Then,
		Total: len(a.list), IdempotencyHash: p.hash(), CreatedAt: t.now,
	}
	if p.Private {
		words, notice := hide(text{subject, body}), noticeOf(a.organisation, p.Medium)
		row.PrivateSubject, row.PrivateBody = words.subject, words.body
		row.Subject, row.Body = notice.subject, notice.body
	}
	row.Expects, row.ExpectBy = string(p.Expects), p.ExpectBy
	if p.Key != "" {
		row.IdempotencyKey = new(keptKey(p.Key))
	}
	if due := p.time().due(); due.After(t.now) {
		row.SendAfter, row.SendLocal, row.SendZone = &due, p.SendLocal.At, p.SendLocal.Zone
	}
	if row.TemplateID, row.TemplateVersion = a.template.columns(); row.TemplateID != nil {
		if err := useTemplate(ctx, t, a.template, a.member.ID); err != nil {
			return rows.Broadcast{}, err
		}
	}
	*t.proof = rows.Select[rows.Broadcast]().Column("id").Where("b.id = ?", rows.V(id))
	if _, err := rows.Exec(ctx, t, rows.Insert(&row)); err != nil {
		return rows.Broadcast{}, err
	}
	recipients := pgx.CopyFromSlice(len(a.list), func(i int) ([]any, error) {
		var why *string
		if a.list[i].why == WhyNotFound { // not there for the asker: the job, which sees everybody, must not find them
			why = new(string(WhyNotFound))
		}
		return []any{id, int32(i), string(a.list[i].id), why}, nil //nolint:gosec // no list has two thousand million people
	})
	columns := []string{"broadcast_id", "n", "client_id", "why"}
	_, err = t.CopyFrom(ctx, pgx.Identifier{"messenger_broadcast_recipients"}, columns, recipients)
	if err != nil {
		return rows.Broadcast{}, err
	}
	return row, t.enqueue(ctx, jobs.FanOut{Broadcast: id})
}

// broadcastProgress is a broadcast as the database has it.
type broadcastProgress struct {
	ID                               uuid.UUID
	Medium                           adapters.Medium
	Subject, Body                    string
	SendAfter                        *time.Time
	Total, FannedOut                 int
	IsCancelled, Waits, Private      bool
	CreatedAt                        time.Time
	Skipped, Sent, Failed, Cancelled int
}

func (p broadcastProgress) broadcast() Broadcast {
	b := Broadcast{
		ID: p.ID, Medium: p.Medium, Subject: p.Subject, Body: p.Body, SendAfter: value(p.SendAfter).UTC(),
		Private: p.Private,
		Total:   p.Total, SkippedCount: p.Skipped, Sent: p.Sent, Failed: p.Failed, Cancelled: p.Cancelled,
		Queued: p.Total - p.Skipped - p.Sent - p.Failed - p.Cancelled, CreatedAt: p.CreatedAt,
	}
	switch {
	case p.IsCancelled:
		b.State = BroadcastCancelled
	case b.Queued == 0:
		b.State = BroadcastSent
	case p.FannedOut == 0 || p.Waits:
		b.State = BroadcastQueued
	default:
		b.State = BroadcastSending
	}
	return b
}

// readBroadcast is pgx.ErrNoRows for another organisation's broadcast too.
func (m *Messenger) readBroadcast(
	ctx context.Context,
	organisation adapters.OrganisationID,
	id uuid.UUID,
) (Broadcast, error) {
	p, err := rows.One[broadcastProgress](ctx, m.db(), rows.File("broadcast_progress", rows.Args{
		"id": id, "organisation": organisation, "staff": nil, "at": nil, "before": nil, "limit": 1,
	}))
	if err != nil {
		return Broadcast{}, err
	}
	b := p.broadcast()
	skipped, err := m.readSkipped(ctx, id, -1, shownSkipped)
	for _, s := range skipped {
		b.Skipped = append(b.Skipped, s.skipped())
	}
	return b, err
}

// Broadcasts returns a page of the asker's own broadcasts, newest first, without who got nothing: see
// [Messenger.BroadcastSkipped].
func (m *Messenger) Broadcasts(ctx context.Context, p PageParams) (Page[Broadcast], error) {
	member, err := m.current(ctx)
	if err != nil {
		return Page[Broadcast]{}, err
	}
	from, limit, err := p.fromNewest("broadcasts")
	if err != nil {
		return Page[Broadcast]{}, err
	}
	found, err := rows.List[broadcastProgress](ctx, m.db(), rows.File("broadcast_progress", rows.Args{
		"id": nil, "organisation": member.Organisation, "staff": member.ID,
		"at": from.At, "before": from.ID, "limit": limit + 1,
	}))
	if err != nil {
		return Page[Broadcast]{}, err
	}
	cut := page(found, limit, func(p broadcastProgress) cursor {
		return cursor{List: "broadcasts", At: p.CreatedAt, ID: p.ID}
	})
	list := make([]Broadcast, len(cut.Items))
	for i, p := range cut.Items {
		list[i] = p.broadcast()
	}
	return Page[Broadcast]{list, cut.Next}, nil
}

type skippedRow struct {
	ClientID adapters.ClientID
	Why      Why
	N        int32
}

func (r skippedRow) skipped() Skipped { return Skipped{r.ClientID, r.Why} }

func (m *Messenger) readSkipped(ctx context.Context, id uuid.UUID, after int64, limit int) ([]skippedRow, error) {
	return rows.List[skippedRow](ctx, m.db(), rows.File("broadcast_skipped", rows.Args{
		"id": id, "after": after, "limit": limit,
	}))
}

// asSeen is a broadcast without the names of those whom the asker may not see. Its numbers are the broadcast's.
func (b Broadcast) asSeen(visible seen) Broadcast {
	b.Skipped = slices.DeleteFunc(slices.Clone(b.Skipped), func(s Skipped) bool { return !visible.has(s.Client) })
	return b
}

// atBroadcast is the seat of the asker at a broadcast: their own, or of a colleague whose inbox they may open, or act
// in.
func (m *Messenger) atBroadcast(ctx context.Context, id uuid.UUID, need access) (seat, error) {
	member, err := m.current(ctx)
	if err != nil {
		return seat{}, err
	}
	owner, err := rows.One[adapters.StaffID](ctx, m.db(), rows.Select[rows.Broadcast]().Column("staff_id").
		Where("b.id = ? AND b.organisation_id = ?", rows.V(id), rows.V(member.Organisation)))
	if errors.Is(err, pgx.ErrNoRows) {
		return seat{}, m.missing(ctx, member, id)
	}
	if err != nil {
		return seat{}, err
	}
	s, err := m.seatAt(ctx, member, owner)
	if err == nil && s.access < need {
		err = forbidden()
	}
	return s, err
}

// readBroadcastAt is a broadcast as the seat may see it.
func (m *Messenger) readBroadcastAt(ctx context.Context, s seat, id uuid.UUID) (Broadcast, error) {
	broadcast, err := m.readBroadcast(ctx, s.member.Organisation, id)
	if err != nil {
		return Broadcast{}, err
	}
	visible, err := m.sees(ctx, s, column(broadcast.Skipped, func(s Skipped) adapters.ClientID { return s.Client })...)
	return broadcast.asSeen(visible), err
}

// Broadcast returns how far a broadcast has come, the asker's own or a colleague's whose inbox they may open; of that
// it does not name the clients whom the asker may not see. Errors: CodeNotFound, CodeUnavailable.
func (m *Messenger) Broadcast(ctx context.Context, id uuid.UUID) (Broadcast, error) {
	s, err := m.atBroadcast(ctx, id, mayLook)
	if err != nil {
		return Broadcast{}, err
	}
	return m.readBroadcastAt(ctx, s, id)
}

// BroadcastSkipped returns a page of those who got nothing, in the order they were named. A page of a colleague's
// broadcast has fewer where the asker may not see some. Errors: CodeNotFound, CodeInvalid, CodeUnavailable.
func (m *Messenger) BroadcastSkipped(ctx context.Context, id uuid.UUID, p PageParams) (Page[Skipped], error) {
	s, err := m.atBroadcast(ctx, id, mayLook)
	if err != nil {
		return Page[Skipped]{}, err
	}
	limit, err := p.limit()
	if err != nil {
		return Page[Skipped]{}, err
	}
	from, later, err := parseCursor(p.Cursor, "skipped "+id.String())
	if err != nil {
		return Page[Skipped]{}, err
	}
	switch {
	case !later:
		from.N = -1
	case from.N < 0 || from.N > math.MaxInt32: // what the column holds
		return Page[Skipped]{}, badCursor()
	}
	found, err := m.readSkipped(ctx, id, from.N, limit+1)
	if err != nil {
		return Page[Skipped]{}, err
	}
	cut := page(found, limit, func(r skippedRow) cursor { return cursor{List: "skipped " + id.String(), N: int64(r.N)} })
	visible, err := m.sees(ctx, s, column(cut.Items, func(r skippedRow) adapters.ClientID { return r.ClientID })...)
	named := Broadcast{Skipped: column(cut.Items, skippedRow.skipped)}.asSeen(visible)
	return Page[Skipped]{named.Skipped, cut.Next}, err
}
