package messenger

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/rows"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/search"
)

// Show is which channels of an inbox are listed.
type Show string

// The lists, each by newest activity.
const (
	ShowAll       Show = "all"       // unread, then open, then done
	ShowOpen      Show = "open"      // unread, then open
	ShowDone      Show = "done"      // done
	ShowAttention Show = "attention" // what needs a person, whatever its status
)

// InboxParams asks for one page of an inbox.
type InboxParams struct {
	Staff adapters.StaffID // whose
	Show  Show             // empty is ShowAll
	// Query is literal text, up to 200 characters and ten different words; blank is no filter. Case, accents,
	// punctuation round a word and what is not seen count for nothing; the marks of other scripts than Latin, Greek,
	// Cyrillic, Arabic and Hebrew count. A word matches anywhere in the client's name, or from its start in a message;
	// a word of Han, kana, Thai, Lao, Khmer or Burmese anywhere in a run. All words must match in the channel
	// together, in any order. A title in brackets, as in "OKAFOR, Grace (Mrs)", counts only where it is all.
	Query string
	PageParams
}

// Inbox returns a page of the asker's own inbox or of a colleague's that they may open. Errors: CodeNotFound,
// CodeInvalid.
func (m *Messenger) Inbox(ctx context.Context, p InboxParams) (InboxPage, error) {
	member, err := m.current(ctx)
	if err != nil {
		return InboxPage{}, err
	}
	if err := m.mayOpen(ctx, member, p.Staff); err != nil {
		return InboxPage{}, err
	}
	limit, err := p.limit()
	if err != nil {
		return InboxPage{}, err
	}
	wanted, err := parseSearch(p.Query)
	if err != nil {
		return InboxPage{}, err
	}
	list := "inbox " + string(p.Show)
	from, later, err := parseCursor(p.Cursor, list)
	if err != nil {
		return InboxPage{}, err
	}
	q := newInboxQuery(member.Organisation, p.Staff)
	if err := q.show(p.Show); err != nil {
		return InboxPage{}, err
	}
	if later {
		q.where("(c.status, c.last_at, c.id) < (%s, %s, %s)", from.Status, from.At, from.ID)
	}
	read := m.readInbox
	if wanted.InMessages() {
		read = m.searchInbox
	}
	rows, counts, err := read(ctx, q, wanted, limit+1)
	if err != nil {
		return InboxPage{}, err
	}
	cut := page(rows, limit, func(r listRow) cursor {
		return cursor{List: list, Status: r.Status, At: r.LastAt, ID: r.ID}
	})
	result := InboxPage{Page: Page[Channel]{Items: make([]Channel, len(cut.Items)), Next: cut.Next}}
	for i, row := range cut.Items {
		result.Items[i] = row.channel(wanted)
	}
	if !later {
		result.Counts = &counts
	}
	return result, nil
}

// readInbox reads the rows of a list. Of a search it is told what can be in names only.
func (m *Messenger) readInbox(ctx context.Context, q *inboxQuery, names search.Query, limit int) ([]listRow, Counts, error) {
	for _, t := range names.Terms {
		q.where(q.named("c", t))
	}
	return m.readList(ctx, q, fmt.Sprintf("select %s from messenger_channels c where %s%s limit %d",
		listColumns+noMatch, strings.Join(q.conditions, " and "), inboxOrder, limit), q.args)
}

// readList reads rows and the inbox's counts in one round trip.
func (m *Messenger) readList(ctx context.Context, q *inboxQuery, sql string, args []any) (list []listRow, counts Counts, err error) {
	batch := &pgx.Batch{}
	batch.Queue(selectCounts, q.args[:2]...).QueryRow(counts.scan)
	batch.Queue(sql, args...).Query(func(rows pgx.Rows) error {
		list, err = collectList(rows, nil)
		return err
	})
	return list, counts, m.config.Pool.SendBatch(ctx, batch).Close()
}

func (m *Messenger) mayOpen(ctx context.Context, member adapters.Member, owner adapters.StaffID) error {
	allowed, err := m.access(ctx, member, owner)
	if err == nil && allowed == noAccess {
		return notFound()
	}
	return err
}

// inboxQuery is one select over the channels of one inbox.
type inboxQuery struct {
	conditions []string
	args       []any
}

func (q *inboxQuery) clone() *inboxQuery {
	return &inboxQuery{slices.Clone(q.conditions), slices.Clone(q.args)}
}

func newInboxQuery(organisation adapters.OrganisationID, staff adapters.StaffID) *inboxQuery {
	q := &inboxQuery{}
	q.where("c.organisation_id = %s and c.staff_id = %s and c.moved_to is null", organisation, staff)
	return q
}

// where adds a condition whose %s are its arguments' places.
func (q *inboxQuery) where(condition string, args ...any) {
	q.conditions = append(q.conditions, q.condition(condition, args...))
}

// condition is a condition with its arguments' places in it.
func (q *inboxQuery) condition(condition string, args ...any) string {
	places := make([]any, len(args))
	for i, arg := range args {
		q.args = append(q.args, arg)
		places[i] = fmt.Sprintf("$%d", len(q.args))
	}
	return fmt.Sprintf(condition, places...)
}

func (q *inboxQuery) show(show Show) error {
	switch show {
	case "", ShowAll:
	case ShowOpen:
		q.where("c.status >= 'open'") // 'unread' sorts after 'open'
	case ShowDone:
		q.where("c.status = 'done'")
	case ShowAttention:
		q.where(`c.id in (select a.channel_id from messenger_messages a where a.organisation_id = $1 and a.staff_id = $2
				and ` + needsAPerson + `
			union all select l.id from messenger_channels l where l.organisation_id = $1 and l.staff_id = $2 and l.link_locked)`)
	default:
		return invalid("show", `Show is "all", "open", "done" or "attention".`)
	}
	return nil
}

// listRow is a channel as a list shows it. Nothing in it is null: pgx is slow to scan into pointers, and a page has a thousand values.
type listRow struct {
	ID                  uuid.UUID
	OrganisationID      adapters.OrganisationID
	StaffID             adapters.StaffID
	ClientID            adapters.ClientID
	ClientName          string
	Status              Status
	LastAt              time.Time
	LastReplyAt         time.Time // created_at without a reply
	RepliesAllowed      bool
	AttentionLinkLocked bool
	CreatedAt           time.Time
	UpdatedAt           time.Time
	Last                Preview // zero without a message
	UnreadCount         int
	Attention           string // why a person is needed, with spaces between
	MatchID             uuid.UUID
	MatchBody           string
}

// listColumns are a channel as its row has it. The match follows.
const listColumns = `c.id, c.organisation_id, c.staff_id, c.client_id, c.client_name, c.status, c.last_at, coalesce(c.last_reply_at, c.created_at),
	c.replies_off_why is null, c.link_locked, c.created_at, c.updated_at, coalesce(c.last_message_id, ` + noID + `), coalesce(c.last_direction, ''),
	coalesce(c.last_medium, ''), coalesce(c.last_preview, ''), coalesce(c.last_created_at, c.created_at), c.unread_count, ` + attentionOf

const (
	noID         = `'00000000-0000-0000-0000-000000000000'::uuid`
	noMatch      = `, ` + noID + `, ''`
	needsAPerson = `(a.delivery_attention is not null or a.record_attention is not null)`
	// attentionOf is why a channel needs a person. Most do not, which one look into a small index tells. OFFSET keeps it one: the planner would
	// read the whole index, of all inboxes, once.
	attentionOf = `case when exists (select from messenger_messages a where ` + ofChannel + ` offset 0)
		then (select string_agg(distinct k, ' ' order by k) from messenger_messages a
			cross join lateral (values (a.delivery_attention), (a.record_attention)) v (k) where ` + ofChannel + `) else '' end`
	ofChannel = `a.organisation_id = c.organisation_id and a.staff_id = c.staff_id and a.channel_id = c.id and ` + needsAPerson
)

const inboxOrder = " order by c.status desc, c.last_at desc, c.id desc"

// collectList scans into types that pgx need not look at twice.
func collectList(rows pgx.Rows, err error) ([]listRow, error) {
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (r listRow, err error) {
		err = row.Scan((*[16]byte)(&r.ID), (*string)(&r.OrganisationID), (*string)(&r.StaffID), (*string)(&r.ClientID), &r.ClientName,
			(*string)(&r.Status), &r.LastAt, &r.LastReplyAt, &r.RepliesAllowed, &r.AttentionLinkLocked, &r.CreatedAt, &r.UpdatedAt,
			(*[16]byte)(&r.Last.ID), (*string)(&r.Last.Direction), (*string)(&r.Last.Medium), &r.Last.Text, &r.Last.At,
			&r.UnreadCount, &r.Attention, (*[16]byte)(&r.MatchID), &r.MatchBody)
		return r, err
	})
}

func (r listRow) channel(wanted search.Query) Channel {
	c := Channel{
		ID: r.ID, Organisation: r.OrganisationID, Staff: r.StaffID, Client: r.ClientID, ClientName: r.ClientName, Status: r.Status,
		UnreadCount: r.UnreadCount, RepliesAllowed: r.RepliesAllowed, Match: match(wanted, r), CreatedAt: r.CreatedAt, UpdatedAt: r.UpdatedAt,
	}
	for why := range strings.FieldsSeq(r.Attention) {
		c.Attention = append(c.Attention, Attention(why))
	}
	if r.AttentionLinkLocked {
		c.Attention = append(c.Attention, AttentionLinkLocked)
	}
	if r.Last.ID != uuid.Nil {
		c.LastMessage = new(r.Last)
	}
	return c
}

// channelsByID are channels as lists show them, of one organisation.
func (m *Messenger) channelsByID(ctx context.Context, organisation adapters.OrganisationID, ids []uuid.UUID) ([]Channel, error) {
	rows, err := collectList(m.config.Pool.Query(ctx, "select "+listColumns+noMatch+
		" from messenger_channels c where c.id = any($1::text[]::uuid[]) and c.organisation_id = $2", idsOf(ids), organisation))
	channels := make([]Channel, len(rows))
	for i, row := range rows {
		channels[i] = row.channel(search.Query{})
	}
	return channels, err
}

func (m *Messenger) channelByID(ctx context.Context, organisation adapters.OrganisationID, id uuid.UUID) (Channel, error) {
	channels, err := m.channelsByID(ctx, organisation, []uuid.UUID{id})
	if err != nil {
		return Channel{}, err
	}
	if len(channels) == 0 {
		return Channel{}, notFound()
	}
	return channels[0], nil
}

// selectCounts reads the inbox's counter row, and by small indexes what needs a person: no further than a thousand, in the order of the
// index, so that a broadcast that failed as a whole does not make each page count it.
const selectCounts = `select coalesce(i.unread, 0), coalesce(i.open, 0), coalesce(i.done, 0), least(a.n + l.n, 1000)
	from (select count(*) n from (select distinct a.channel_id from messenger_messages a
			where a.organisation_id = $1 and a.staff_id = $2 and ` + needsAPerson + ` order by a.channel_id limit 1000) a) a,
		(select count(*) n from (select from messenger_channels c where c.organisation_id = $1 and c.staff_id = $2 and c.link_locked
			and not exists (select from messenger_messages a where ` + ofChannel + `) limit 1000) l) l
	left join messenger_inboxes i on i.organisation_id = $1 and i.staff_id = $2`

func (c *Counts) scan(row pgx.Row) error { return row.Scan(&c.Unread, &c.Open, &c.Done, &c.Attention) }

// Me returns the asker with the counts of their own inbox.
func (m *Messenger) Me(ctx context.Context) (Me, error) {
	member, err := m.current(ctx)
	if err != nil {
		return Me{}, err
	}
	organisation, err := m.organisation(ctx, member.Organisation)
	if err != nil {
		return Me{}, err
	}
	var counts Counts
	err = counts.scan(m.config.Pool.QueryRow(ctx, selectCounts, member.Organisation, member.ID))
	closing := Words(organisation)
	maps.DeleteFunc(closing, func(key, _ string) bool { return !strings.HasPrefix(key, "email_") && !strings.HasPrefix(key, "sms_") })
	return Me{member, organisation.Name, counts.Unread, counts.Attention, closing}, err
}

// Inboxes returns the asker's own inbox first, then those of colleagues that they may open.
func (m *Messenger) Inboxes(ctx context.Context) ([]InboxSummary, error) {
	member, err := m.current(ctx)
	if err != nil {
		return nil, err
	}
	bound, cancel := bounded(ctx)
	defer cancel()
	colleagues, err := m.config.Staff.Inboxes(bound, member)
	if err != nil {
		return nil, m.unavailable(ctx, "staff", err)
	}
	list := []InboxSummary{{Staff: member.ID, Name: member.Name, MayAct: true}}
	ids := []adapters.StaffID{member.ID}
	for _, c := range colleagues {
		list = append(list, InboxSummary{Staff: c.Staff, Name: c.Name, MayAct: c.MayAct})
		ids = append(ids, c.Staff)
	}
	rows, err := m.config.Pool.Query(ctx, `select staff_id, unread, open from messenger_inboxes
		where organisation_id = $1 and staff_id = any($2)`, member.Organisation, textsOf(ids))
	if err != nil {
		return nil, err
	}
	var staff adapters.StaffID
	var unread, open int
	_, err = pgx.ForEachRow(rows, []any{&staff, &unread, &open}, func() error {
		for i := range list {
			if list[i].Staff == staff {
				list[i].Unread, list[i].Open = unread, open
			}
		}
		return nil
	})
	return list, err
}

// Channel returns a channel, opened. Its owner's look changes nothing; a colleague's leaves one line an hour in the
// history. When the directory no longer has the client, the owner still sees the thread, with the name as it was kept.
func (m *Messenger) Channel(ctx context.Context, id uuid.UUID) (OpenedChannel, error) {
	s, err := m.at(ctx, id)
	if err != nil {
		return OpenedChannel{}, err
	}
	opened, err := m.open(ctx, s)
	if err == nil && s.access != isOwner {
		err = m.logLook(ctx, s)
	}
	return opened, err
}

// opened is Channel for the answer to a change that has been made: a directory that does not answer must not make it look
// undone, nor a page that was closed meanwhile.
func (m *Messenger) opened(ctx context.Context, s actor) (OpenedChannel, error) {
	ctx = context.WithoutCancel(ctx)
	row, err := readChannel(ctx, m.config.Pool, s.member.Organisation, s.channel.ID)
	if err != nil {
		return OpenedChannel{}, err
	}
	s.channel = row
	client, err := m.client(ctx, s.member.Organisation, row.ClientID)
	if err != nil {
		client = clientOf(row)
	}
	return m.openWith(ctx, s, client)
}

func (m *Messenger) open(ctx context.Context, s actor) (OpenedChannel, error) {
	client, err := m.client(ctx, s.member.Organisation, s.channel.ClientID)
	if CodeOf(err) == CodeNotFound && s.access == isOwner {
		client, err = clientOf(s.channel), nil
	}
	if err != nil {
		return OpenedChannel{}, err
	}
	return m.openWith(ctx, s, client)
}

// clientOf is all that is kept of a channel's client.
func clientOf(c rows.Channel) adapters.Client {
	return adapters.Client{ID: c.ClientID, Name: c.ClientName}
}

func (m *Messenger) openWith(ctx context.Context, s actor, client adapters.Client) (OpenedChannel, error) {
	channel, err := m.channelByID(ctx, s.member.Organisation, s.channel.ID)
	if err != nil {
		return OpenedChannel{}, err
	}
	opened := OpenedChannel{Channel: channel, Person: person(client), Actions: m.actions(s.member, s.access, client)}
	if s.channel.RepliesOffWhy != nil {
		opened.RepliesOff = &RepliesOff{s.channel.RepliesOffBy, *s.channel.RepliesOffAt, RepliesOffWhy(*s.channel.RepliesOffWhy)}
		return opened, nil
	}
	if s.access < mayAct {
		return opened, nil
	}
	organisation, err := m.organisation(ctx, s.member.Organisation)
	opened.ReplyLink = m.replyURL(organisation.PublicURL, s.channel.LinkKeyID, s.channel.LinkNonce)
	return opened, err
}

// logLook writes that a colleague looked, once an hour.
func (m *Messenger) logLook(ctx context.Context, s actor) error {
	return m.inTx(ctx, func(ctx context.Context, t tx) error {
		// two looks at the same moment are one: the second waits here and then sees the first
		if _, err := t.Exec(ctx, "select pg_advisory_xact_lock(hashtextextended($1, 0))", s.channel.ID.String()+string(s.member.ID)); err != nil {
			return err
		}
		var since time.Time
		err := t.QueryRow(ctx, `select at from messenger_history where channel_id = $1 and action = 'looked' and actor_id = $2
			and at > $3 order by id desc limit 1`, s.channel.ID, s.member.ID, t.now.Add(-time.Hour)).Scan(&since)
		if !errors.Is(err, pgx.ErrNoRows) {
			return err
		}
		return writeHistory(ctx, t, t.now, logEntry{
			channel: s.channel, actor: author(s.member), onBehalfOf: s.onBehalfOf(), action: ActionLooked,
		})
	})
}
