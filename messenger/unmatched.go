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

// Unmatched is an inbound text that waits for a person to say whose it is. Families share phones: a number is never
// proof.
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

// keepUnmatched takes a text in. Refused, it would be lost: providers don't send it again. So one that no organisation
// is known for is kept too, for an operator.
func (m *Messenger) keepUnmatched(
	ctx context.Context, t tx, name string, hook Hook, text adapters.InboundText,
) error {
	row := rows.Unmatched{
		ID: newID(), Hook: name, ProviderID: keepable(text.ProviderID),
		FromNumber: keepable(text.From), ToNumber: keepable(text.To),
		Body: strings.ReplaceAll(keepable(text.Text), "\r\n", "\n"), At: text.At.UTC(), ReceivedAt: t.now,
	}
	if text.At.IsZero() {
		row.At = t.now
	}
	if organisation, known := hook.Organisation(text); known && wellFormed(organisation) {
		row.OrganisationID = &organisation
	} else {
		m.config.Logger.ErrorContext(ctx, "messenger: a text is for no known organisation and held", "name", name)
	}
	_, err := rows.Exec(ctx, t, rows.Insert(&row).On("CONFLICT (hook, provider_id) DO NOTHING"))
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
	found, err := rows.List[rows.Unmatched](ctx, m.db(), rows.Limit(rows.All[rows.Unmatched]().
		Where("u.organisation_id = ? AND u.assigned_at IS NULL", rows.V(member.Organisation)).
		Where("u.id < ?", rows.V(from.ID)).OrderExpr("u.id DESC"), limit+1))
	if err != nil {
		return Page[Unmatched]{}, err
	}
	list := make([]Unmatched, len(found))
	for i, u := range found {
		list[i] = Unmatched{ID: u.ID, From: u.FromNumber, To: u.ToNumber, Body: u.Body, At: u.At}
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
	type candidate struct {
		Number     string
		Channel    uuid.UUID
		Staff      adapters.StaffID
		Client     adapters.ClientID
		ClientName string
	}
	texted, err := rows.List[candidate](ctx, m.db(), rows.File("candidates", rows.Args{
		"organisation": member.Organisation, "numbers": numbers,
	}))
	if err != nil || len(texted) == 0 {
		return err
	}
	found := map[string][]Candidate{}
	var ids []adapters.ClientID
	for _, c := range texted {
		found[c.Number] = append(found[c.Number], Candidate{c.Channel, c.Staff, c.Client, c.ClientName})
		ids = append(ids, c.Client)
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

// Assign puts an inbound text into a channel in which the asker may act, or, when client is given instead, into the
// asker's own channel with that client, made when there is none. It is unread there, and filed under the asker's name.
// Assigned already is CodeNothingToDo, a second call too. Errors: CodeInvalid, CodeNotFound, CodeForbidden,
// CodeUnavailable.
func (m *Messenger) Assign(ctx context.Context, id, channel uuid.UUID, client adapters.ClientID) (Message, error) {
	if (channel == uuid.Nil) == (client == "") {
		return Message{}, invalid("channel_id", "Name a channel or a client.")
	}
	s, person, err := m.assigningActor(ctx, channel, client)
	if err != nil {
		return Message{}, err
	}
	organisation, err := m.organisation(ctx, s.member.Organisation)
	if err != nil {
		return Message{}, err
	}
	var message uuid.UUID
	err = m.inTx(ctx, func(ctx context.Context, t tx) error {
		text, err := rows.One[rows.Unmatched](ctx, t, rows.Update[rows.Unmatched]().
			Set("assigned_at = ?", rows.V(t.now)).Set("assigned_by = ?", rows.V(s.member.ID)).
			Where("u.id = ? AND u.organisation_id = ? AND u.assigned_at IS NULL", rows.V(id), rows.V(s.member.Organisation)).
			Returning("*"))
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
		message, err = m.insertAssigned(ctx, t, s, organisation, text)
		if err != nil {
			return err
		}
		_, err = rows.Exec(ctx, t, rows.Update[rows.Unmatched]().Set("message_id = ?", rows.V(message)).
			Where("id = ?", rows.V(id)))
		return err
	})
	if err != nil {
		return Message{}, err
	}
	m.changes.add(s.channel, message)
	row, err := readMessage(context.WithoutCancel(ctx), m.db(), message)
	return messageOf(row), err
}

func (m *Messenger) assigningActor(
	ctx context.Context,
	channel uuid.UUID,
	client adapters.ClientID,
) (actor, adapters.Client, error) {
	if channel != uuid.Nil {
		s, err := m.toActAt(ctx, channel)
		return s, adapters.Client{}, err
	}
	member, err := m.current(ctx)
	if err != nil {
		return actor{}, adapters.Client{}, err
	}
	person, err := m.client(ctx, member.Organisation, client)
	return actor{seat: seat{member, isOwner, member.ID}}, person, err
}

func (m *Messenger) assignedAlready(ctx context.Context, t tx, s actor, id uuid.UUID) error {
	_, err := rows.One[uuid.UUID](ctx, t, rows.Select[rows.Unmatched]().Column("id").
		Where("u.id = ? AND u.organisation_id = ?", rows.V(id), rows.V(s.member.Organisation)))
	if errors.Is(err, pgx.ErrNoRows) {
		return notFound()
	}
	if err != nil {
		return err
	}
	return nothingToDo()
}

// ensureChannel is the asker's own channel with a client, made without a message when there is none.
func (m *Messenger) ensureChannel(
	ctx context.Context,
	t tx,
	s actor,
	client adapters.Client,
	organisation adapters.Organisation,
) (uuid.UUID, error) {
	n := m.newChannel(t.now, organisation.RepliesOff)
	type ensured struct {
		ID      uuid.UUID
		Created bool
	}
	own, err := rows.One[ensured](ctx, t, rows.File("ensure_channel", rows.Args{
		"id": n.id, "organisation": s.member.Organisation, "staff": s.member.ID, "staff_name": s.member.Name,
		"client": client.ID, "client_name": client.Name, "client_name_folded": search.Fold(client.Name), "now": t.now,
		"replies_off_why": n.off, "replies_off_at": n.offAt,
		"link_nonce": n.link.Nonce, "link_key_id": n.link.KeyID, "link_lookup": n.link.Lookup,
	}))
	if err != nil || !own.Created {
		return own.ID, err
	}
	channel := rows.Channel{ID: own.ID, OrganisationID: s.member.Organisation}
	return own.ID, t.writeHistory(ctx, logEntry{channel: channel, actor: author(s.member), action: ActionCreated})
}

func (m *Messenger) insertAssigned(
	ctx context.Context,
	t tx,
	s actor,
	organisation adapters.Organisation,
	text rows.Unmatched,
) (uuid.UUID, error) {
	status := RecordPending
	if m.config.Record == nil || organisation.RepliesNotFiled {
		status = RecordNotRequired
	}
	reply := newReply{
		medium: adapters.SMS, text: text.Body, formKey: text.Hook + ":" + text.ProviderID, verified: "none", record: status,
		online: status == RecordPending && organisation.RepliesVisible, filedBy: author(s.member),
	}
	receipt, err := m.insertInbound(ctx, t, s.channel, reply)
	if err != nil {
		return uuid.Nil, err
	}
	err = t.writeHistory(ctx, logEntry{
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
