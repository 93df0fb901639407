package messenger

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/jobs"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/rows"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/search"
)

// Unmatched is an inbound text that waits for a person to say whose it is. Families share phones: a number is never proof.
type Unmatched struct {
	ID         uuid.UUID
	From, To   string
	Body       string
	At         time.Time
	Candidates []Candidate // channels whose client was texted at this number, the newest first, ten at most
}

// Candidate is a channel that an inbound text may belong to.
type Candidate struct {
	Channel    uuid.UUID
	Staff      adapters.StaffID
	Client     adapters.ClientID
	ClientName string
}

func keepUnmatched(ctx context.Context, t tx, hook string, organisation adapters.OrganisationID, text adapters.InboundText) error {
	body := strings.ReplaceAll(keepable(text.Text), "\r\n", "\n") // refused, a text would be lost: providers don't send it again
	at := text.At.UTC()
	if text.At.IsZero() {
		at = t.now
	}
	_, err := t.Exec(ctx, `insert into messenger_unmatched (id, organisation_id, hook, provider_id, from_number, to_number, body, at, received_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict (hook, provider_id) do nothing`,
		newID(), organisation, hook, keepable(text.ProviderID), keepable(text.From), keepable(text.To), body, at, t.now)
	return err
}

// Unmatched returns a page of the inbound texts of the asker's organisation that nobody has assigned, newest first.
func (m *Messenger) Unmatched(ctx context.Context, p PageParams) (Page[Unmatched], error) {
	member, err := m.current(ctx)
	if err != nil {
		return Page[Unmatched]{}, err
	}
	limit, err := p.limit()
	if err != nil {
		return Page[Unmatched]{}, err
	}
	from, later, err := parseCursor(p.Cursor, "unmatched")
	if err != nil {
		return Page[Unmatched]{}, err
	}
	if !later {
		from.ID = uuid.Max
	}
	rows, err := m.config.Pool.Query(ctx, `select id, from_number, to_number, body, at from messenger_unmatched
		where organisation_id = $1 and assigned_at is null and id < $2 order by id desc limit $3`, member.Organisation, from.ID, limit+1)
	if err != nil {
		return Page[Unmatched]{}, err
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (u Unmatched, err error) {
		return u, row.Scan(&u.ID, &u.From, &u.To, &u.Body, &u.At)
	})
	if err != nil {
		return Page[Unmatched]{}, err
	}
	cut := page(list, limit, func(u Unmatched) cursor { return cursor{List: "unmatched", ID: u.ID} })
	return cut, m.addCandidates(ctx, member, cut.Items)
}

// addCandidates finds the channels that texts went to these numbers from, of clients whom the asker may see.
func (m *Messenger) addCandidates(ctx context.Context, member adapters.Member, list []Unmatched) error {
	numbers := make([]string, len(list))
	for i, u := range list {
		numbers[i] = u.From
	}
	rows, err := m.config.Pool.Query(ctx, `select w.number, c.id, c.staff_id, c.client_id, c.client_name
		from (select distinct n from unnest($2::text[]) n) w (number)
		cross join lateral (select t.channel_id from (select m.channel_id, m.created_at from messenger_messages m where m.organisation_id = $1
				and m.to_address = w.number and m.medium = 'sms' and m.direction = 'outbound' order by m.created_at desc limit 200) t
			group by t.channel_id order by max(t.created_at) desc limit 10) t
		join messenger_channels c on c.id = t.channel_id`, member.Organisation, numbers)
	if err != nil {
		return err
	}
	found := map[string][]Candidate{}
	var ids []adapters.ClientID
	var number string
	var c Candidate
	_, err = pgx.ForEachRow(rows, []any{&number, &c.Channel, &c.Staff, &c.Client, &c.ClientName}, func() error {
		found[number] = append(found[number], c)
		ids = append(ids, c.Client)
		return nil
	})
	if err != nil || len(ids) == 0 {
		return err
	}
	visible, err := m.directory(ctx, member.Organisation, ids...)
	if err != nil {
		return m.unavailable(ctx, "clients", err)
	}
	for i := range list {
		for _, candidate := range found[list[i].From] {
			if _, ok := visible[candidate.Client]; ok {
				list[i].Candidates = append(list[i].Candidates, candidate)
			}
		}
	}
	return nil
}

// Assign puts an inbound text into a channel in which the asker may act, or, when client is given instead, into the asker's own
// channel with that client, made when there is none. It is unread there, and filed under the asker's name. Assigned
// already is CodeNothingToDo, a second call too. Errors: CodeInvalid, CodeNotFound, CodeForbidden, CodeUnavailable.
func (m *Messenger) Assign(ctx context.Context, id, channel uuid.UUID, client adapters.ClientID) (Message, error) {
	if (channel == uuid.Nil) == (client == "") {
		return Message{}, invalid("channel_id", "Name a channel or a client.")
	}
	s, person, err := m.assigningSeat(ctx, channel, client)
	if err != nil {
		return Message{}, err
	}
	organisation, err := m.organisation(ctx, s.member.Organisation)
	if err != nil {
		return Message{}, err
	}
	var message uuid.UUID
	err = m.inTx(ctx, func(ctx context.Context, t tx) error {
		var body, provider string
		err := t.QueryRow(ctx, `update messenger_unmatched set assigned_at = $3, assigned_by = $4
			where id = $1 and organisation_id = $2 and assigned_at is null returning body, hook || ':' || provider_id`,
			id, s.member.Organisation, t.now, s.member.ID).Scan(&body, &provider)
		if errors.Is(err, pgx.ErrNoRows) {
			return m.assignedAlready(ctx, t, s, id)
		}
		if err != nil {
			return err
		}
		if s.channel.ID == uuid.Nil {
			if s.channel.ID, err = m.ensureChannel(ctx, t, s, person, organisation); err != nil {
				return err
			}
		}
		row, err := lockChannel(ctx, t, s.channel.ID)
		if err != nil {
			return err
		}
		s.channel = row
		message, err = m.insertAssigned(ctx, t, s, organisation, body, provider)
		if err != nil {
			return err
		}
		_, err = t.Exec(ctx, "update messenger_unmatched set message_id = $2 where id = $1", id, message)
		return err
	})
	if err != nil {
		return Message{}, err
	}
	m.changes.add(s.channel, message)
	row, err := readMessage(context.WithoutCancel(ctx), m.config.Pool, message)
	return messageOf(row), err
}

func (m *Messenger) assigningSeat(ctx context.Context, channel uuid.UUID, client adapters.ClientID) (actor, adapters.Client, error) {
	if channel != uuid.Nil {
		s, err := m.toActAt(ctx, channel)
		return s, adapters.Client{}, err
	}
	member, err := m.current(ctx)
	if err != nil {
		return actor{}, adapters.Client{}, err
	}
	person, err := m.client(ctx, member.Organisation, client)
	return actor{member: member, access: isOwner}, person, err
}

func (m *Messenger) assignedAlready(ctx context.Context, t tx, s actor, id uuid.UUID) error {
	var known bool
	err := t.QueryRow(ctx, "select true from messenger_unmatched where id = $1 and organisation_id = $2", id, s.member.Organisation).Scan(&known)
	if errors.Is(err, pgx.ErrNoRows) {
		return notFound()
	}
	if err != nil {
		return err
	}
	return nothingToDo()
}

// ensureChannel is the asker's own channel with a client, made without a message when there is none.
func (m *Messenger) ensureChannel(ctx context.Context, t tx, s actor, client adapters.Client, organisation adapters.Organisation) (uuid.UUID, error) {
	n := m.newChannel(t.now, organisation.RepliesOff)
	var id uuid.UUID
	var created bool
	err := t.QueryRow(ctx, `insert into messenger_channels as c (id, organisation_id, staff_id, staff_name, client_id, client_name,
			client_name_folded, status, last_seq, last_at, replies_off_why, replies_off_at, link_nonce, link_key_id, link_lookup, created_at, updated_at)
		values ($1, $2, $3, $4, $5, $6, $7, 'open', 0, $8, $9, $10, $11, $12, $13, $8, $8)
		on conflict (organisation_id, staff_id, client_id) where moved_to is null do update set staff_name = excluded.staff_name
		returning id, (id = $1)`, n.id, s.member.Organisation, s.member.ID, s.member.Name, client.ID, client.Name, search.Fold(client.Name), t.now,
		n.off, n.offAt, n.link.Nonce, n.link.KeyID, n.link.Lookup).Scan(&id, &created)
	if err != nil || !created {
		return id, err
	}
	channel := rows.Channel{ID: id, OrganisationID: s.member.Organisation}
	return id, writeHistory(ctx, t, t.now, logEntry{channel: channel, actor: author(s.member), action: ActionCreated})
}

func (m *Messenger) insertAssigned(ctx context.Context, t tx, s actor, organisation adapters.Organisation, body, provider string) (uuid.UUID, error) {
	status := RecordPending
	if m.config.Record == nil || organisation.RepliesNotFiled {
		status = RecordNotRequired
	}
	reply := newReply{
		medium: adapters.SMS, text: body, formKey: provider, verified: "none", record: status,
		online: status == RecordPending && organisation.RepliesVisible, filedBy: author(s.member),
	}
	receipt, err := m.insertInbound(ctx, t, s.channel, reply)
	if err != nil {
		return uuid.Nil, err
	}
	err = writeHistory(ctx, t, t.now, logEntry{
		channel: s.channel, actor: author(s.member), onBehalfOf: s.onBehalfOf(), action: ActionReplied,
		message: receipt.ID,
	})
	if err == nil && status == RecordPending {
		err = t.enqueue(ctx, jobs.WriteRecord{Message: receipt.ID})
	}
	if err == nil {
		err = m.tell(ctx, t, "replied", s.channel.ID, receipt.ID)
	}
	return receipt.ID, err
}
