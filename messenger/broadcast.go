package messenger

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/jobs"
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
	Key           string // as in SendParams
}

// BroadcastState is where a broadcast stands as a whole.
type BroadcastState string

// The states of a broadcast.
const (
	BroadcastQueued    BroadcastState = "queued"    // waits for its time, or for a worker
	BroadcastSending   BroadcastState = "sending"   // under way
	BroadcastSent      BroadcastState = "sent"      // nothing is left to do: each message was taken, failed or was cancelled
	BroadcastCancelled BroadcastState = "cancelled" // a person stopped it; what had gone out by then has
)

// Broadcast is how far a broadcast has come. Total is the distinct recipients: the sum of the counts below.
type Broadcast struct {
	ID           uuid.UUID
	State        BroadcastState
	Total        int
	SkippedCount int
	Skipped      []Skipped // the first 100; BroadcastSkipped pages through all
	Queued       int
	Sent         int // delivered ones too
	Failed       int // unknown ones too
	Cancelled    int
	CreatedAt    time.Time
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

func (p BroadcastParams) checked() (BroadcastParams, error) {
	if p.Then == "" {
		p.Then = Done
	}
	s, err := SendParams{Client: "everybody", Medium: p.Medium, Subject: p.Subject, Body: p.Body, SendAfter: p.SendAfter, Then: p.Then, Key: p.Key}.checked()
	p.Subject, p.Body, p.SendAfter = s.Subject, s.Body, s.SendAfter
	if err == nil && len(p.Clients)+len(p.Lists) == 0 {
		err = invalid("client_ids", "Name somebody: clients or a list.")
	}
	return p, err
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

// SendBroadcast accepts one message to many: who gets it is decided now and checked again when each message is made and sent. A job makes
// the messages; killed at any point it goes on where it was, and nobody gets it twice. A repeat under the same Key returns the same
// broadcast as it now stands. Errors: CodeInvalid, CodeUnknownPlaceholder, CodeNotFound (a list), CodeForbidden,
// CodeNotConfigured, CodeKeyReused, CodeUnavailable.
func (m *Messenger) SendBroadcast(ctx context.Context, p BroadcastParams) (Broadcast, error) {
	p, err := p.checked()
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
	member, organisation, list, err := m.audience(ctx, p)
	if err != nil {
		return Broadcast{}, err
	}
	id := newID()
	err = m.inTx(ctx, func(ctx context.Context, t tx) error {
		return m.insertBroadcast(ctx, t, id, member, organisation, p, list)
	})
	if isDuplicate(err, "messenger_broadcasts_idempotency") {
		broadcast, _, err := m.repeatedBroadcast(ctx, member, p)
		return broadcast, err
	}
	if err != nil {
		return Broadcast{}, err
	}
	return m.readBroadcast(ctx, member.Organisation, id)
}

func (m *Messenger) repeatedBroadcast(ctx context.Context, member adapters.Member, p BroadcastParams) (Broadcast, bool, error) {
	var id uuid.UUID
	var first []byte
	err := m.config.Pool.QueryRow(ctx, `select id, idempotency_hash from messenger_broadcasts
		where organisation_id = $1 and staff_id = $2 and idempotency_key = $3`, member.Organisation, member.ID, p.Key).Scan(&id, &first)
	if errors.Is(err, pgx.ErrNoRows) {
		return Broadcast{}, false, nil
	}
	if err != nil {
		return Broadcast{}, false, err
	}
	if !slices.Equal(first, p.hash()) {
		return Broadcast{}, true, keyReused()
	}
	broadcast, err := m.readBroadcast(ctx, member.Organisation, id)
	return broadcast, true, err
}

func (m *Messenger) insertBroadcast(
	ctx context.Context, t tx, id uuid.UUID, member adapters.Member, organisation adapters.Organisation, p BroadcastParams, list []recipient,
) error {
	var key *string
	if p.Key != "" {
		key = &p.Key
	}
	var after *time.Time
	if p.SendAfter.After(t.now) {
		after = &p.SendAfter
	}
	_, err := t.Exec(ctx, `insert into messenger_broadcasts (id, organisation_id, staff_id, staff_name, medium, subject, body, reply_link,
			then_status, send_after, total, idempotency_key, idempotency_hash, created_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`,
		id, member.Organisation, member.ID, member.Name, p.Medium, p.Subject, markLinks(p.Body, organisation), p.ReplyLink, p.Then, after, len(list),
		key, p.hash(), t.now)
	if err != nil {
		return err
	}
	rows := pgx.CopyFromSlice(len(list), func(i int) ([]any, error) {
		var why *string
		if list[i].why == WhyNotFound { // not there for the asker: the job, which sees everybody, must not find them
			why = new(string(WhyNotFound))
		}
		return []any{id, int32(i), string(list[i].id), why}, nil //nolint:gosec // no list has two thousand million people
	})
	if _, err := t.CopyFrom(ctx, pgx.Identifier{"messenger_broadcast_recipients"}, []string{"broadcast_id", "n", "client_id", "why"}, rows); err != nil {
		return err
	}
	return t.enqueue(ctx, jobs.FanOut{Broadcast: id})
}

// readBroadcast is pgx.ErrNoRows for another organisation's broadcast too.
func (m *Messenger) readBroadcast(ctx context.Context, organisation adapters.OrganisationID, id uuid.UUID) (Broadcast, error) {
	b := Broadcast{ID: id}
	var fannedOut int
	var cancelled, waits bool
	err := m.config.Pool.QueryRow(ctx, `select b.total, b.fanned_out, b.cancelled_at is not null, coalesce(b.send_after > now(), false), b.created_at, coalesce(sum(c.skipped), 0),
			coalesce(sum(c.sent), 0), coalesce(sum(c.failed), 0), coalesce(sum(c.cancelled), 0)
		from messenger_broadcasts b left join messenger_broadcast_counts c on c.broadcast_id = b.id
		where b.id = $1 and b.organisation_id = $2 group by b.id`, id, organisation).
		Scan(&b.Total, &fannedOut, &cancelled, &waits, &b.CreatedAt, &b.SkippedCount, &b.Sent, &b.Failed, &b.Cancelled)
	if err != nil {
		return Broadcast{}, err
	}
	b.Queued = b.Total - b.SkippedCount - b.Sent - b.Failed - b.Cancelled
	switch {
	case cancelled:
		b.State = BroadcastCancelled
	case b.Queued == 0:
		b.State = BroadcastSent
	case fannedOut == 0 || waits:
		b.State = BroadcastQueued
	default:
		b.State = BroadcastSending
	}
	skipped, err := m.readSkipped(ctx, id, -1, shownSkipped)
	for _, s := range skipped {
		b.Skipped = append(b.Skipped, s.Skipped)
	}
	return b, err
}

type skippedRow struct {
	Skipped
	N int64
}

func (m *Messenger) readSkipped(ctx context.Context, id uuid.UUID, after int64, limit int) ([]skippedRow, error) {
	rows, err := m.config.Pool.Query(ctx, `select client_id, why, n from messenger_broadcast_recipients
		where broadcast_id = $1 and why is not null and n > $2 and n < (select fanned_out from messenger_broadcasts where id = $1)
		order by n limit $3`, id, after, limit) // the others are not counted yet, or were cancelled
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[skippedRow])
}

// atBroadcast is a broadcast of the asker's own, or of a colleague whose inbox they may open, or act in.
func (m *Messenger) atBroadcast(ctx context.Context, id uuid.UUID, need access) (adapters.Member, error) {
	member, err := m.current(ctx)
	if err != nil {
		return member, err
	}
	var owner adapters.StaffID
	err = m.config.Pool.QueryRow(ctx, "select staff_id from messenger_broadcasts where id = $1 and organisation_id = $2", id, member.Organisation).Scan(&owner)
	if errors.Is(err, pgx.ErrNoRows) {
		return member, notFound()
	}
	if err != nil {
		return member, err
	}
	allowed, err := m.access(ctx, member, owner)
	switch {
	case err != nil:
		return member, err
	case allowed == noAccess:
		return member, notFound()
	case allowed < need:
		return member, forbidden()
	}
	return member, nil
}

// Broadcast returns how far a broadcast has come, the asker's own or a colleague's whose inbox they may open. Error: CodeNotFound.
func (m *Messenger) Broadcast(ctx context.Context, id uuid.UUID) (Broadcast, error) {
	member, err := m.atBroadcast(ctx, id, mayLook)
	if err != nil {
		return Broadcast{}, err
	}
	return m.readBroadcast(ctx, member.Organisation, id)
}

// BroadcastSkipped returns a page of those who got nothing, in the order they were named. Errors: CodeNotFound, CodeInvalid.
func (m *Messenger) BroadcastSkipped(ctx context.Context, id uuid.UUID, p PageParams) (Page[Skipped], error) {
	if _, err := m.atBroadcast(ctx, id, mayLook); err != nil {
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
	if !later {
		from.N = -1
	}
	rows, err := m.readSkipped(ctx, id, from.N, limit+1)
	if err != nil {
		return Page[Skipped]{}, err
	}
	cut := page(rows, limit, func(r skippedRow) cursor { return cursor{List: "skipped " + id.String(), N: r.N} })
	list := make([]Skipped, len(cut.Items))
	for i, row := range cut.Items {
		list[i] = row.Skipped
	}
	return Page[Skipped]{list, cut.Next}, nil
}
