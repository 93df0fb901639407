package messenger

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

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
	ShowOverdue   Show = "overdue"   // what has a reply that nobody has read in time
	ShowAwaiting  Show = "awaiting"  // what waits for an answer of the client
	ShowScheduled Show = "scheduled" // what has a message that is to go out later
)

// Sort is in which order the channels of a status are listed.
type Sort string

// The two orders. Channels are listed by status first in either.
const (
	SortNewest  Sort = "newest"  // by newest activity
	SortWaiting Sort = "waiting" // who has waited longest first: by the oldest unread reply, else by oldest activity
)

// InboxParams asks for one page of an inbox.
type InboxParams struct {
	Staff adapters.StaffID // whose
	Show  Show             // empty is ShowAll
	Sort  Sort             // empty is SortNewest
	// Query is literal text, up to 200 characters and ten different words; blank is no filter. Case, accents,
	// punctuation round a word and what is not seen count for nothing; the marks of other scripts than Latin, Greek,
	// Cyrillic, Arabic and Hebrew count. A word matches anywhere in the client's name, or from its start in a message;
	// a word of Han, kana, Thai, Lao, Khmer or Burmese anywhere in a run. All words must match in the channel
	// together, in any order. A title in brackets, as in "OKAFOR, Grace (Mrs)", counts only where it is all.
	// An NHS number, however it was pasted, is asked of the directory too: the channels of whoever has it come first.
	Query string
	PageParams
}

// Inbox returns a page of the asker's own inbox or of a colleague's that they may open. Errors: CodeNotFound,
// CodeInvalid, CodeUnavailable where the directory is asked and does not answer, where a search takes longer than three
// seconds, and where too many are under way.
func (m *Messenger) Inbox(ctx context.Context, p InboxParams) (InboxPage, error) {
	member, err := m.current(ctx)
	if err != nil {
		return InboxPage{}, err
	}
	seat, err := m.toLookIn(ctx, member, p.Staff)
	if err != nil {
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
	if err := p.Sort.check(); err != nil {
		return InboxPage{}, err
	}
	list := "inbox " + string(p.Show)
	if p.Sort == SortWaiting {
		list += " waiting"
	}
	from, later, err := parseCursor(p.Cursor, list)
	if err != nil {
		return InboxPage{}, err
	}
	if err := p.Show.check(); err != nil {
		return InboxPage{}, err
	}
	q := inboxQuery{organisation: member.Organisation, staff: p.Staff, show: p.Show, sort: p.Sort}
	if q.seen, err = m.seesIn(ctx, seat); err != nil {
		return InboxPage{}, err
	}
	if later {
		q.after = &from
	}
	numbered, err := m.channelsOfNumber(ctx, &q, p.Query, limit)
	if err != nil {
		return InboxPage{}, err
	}
	limit -= len(numbered)
	q.limit = limit + 1
	read := m.readInbox
	if wanted.InMessages() {
		read = m.searchInbox
	}
	var found []rows.Listed
	var counts keptCounts
	ask := func(ctx context.Context) (err error) {
		found, counts, err = read(ctx, q, wanted)
		return err
	}
	if q.searches = len(wanted.Terms) > 0; q.searches {
		err = m.searching(ctx, member, ask)
	} else {
		err = ask(ctx)
	}
	if err != nil {
		return InboxPage{}, err
	}
	if counts.Covers && seat.access == isOwner && (!q.searches || !later) {
		if found, err = m.withCovered(ctx, member, &q, found, &counts.Counts); err != nil {
			return InboxPage{}, err
		}
	}
	result := InboxPage{Page: Page[Channel]{Items: numbered}}
	switch {
	case len(found) <= limit:
	case limit > 0:
		result.Next, err = m.afterRow(ctx, q, cursor{List: list}, found[limit-1])
	default: // those of a number fill the page
		result.Next = q.beforeAll(list).String()
	}
	for _, row := range found[:min(limit, len(found))] {
		if q.seen.has(row.ClientID) && q.covered.shows(row, p.Staff) { // one who came since has not been asked about
			channel := channelOf(row, wanted)
			if row.StaffID != p.Staff {
				channel.CoveredFor = row.StaffID
			}
			result.Items = append(result.Items, channel)
		}
	}
	if !later {
		result.Counts = &counts.Counts
	}
	return result, err
}

// beforeAll is the cursor of the page that begins with a list's first row.
func (q inboxQuery) beforeAll(list string) cursor {
	var first cursor
	if q.sort != SortWaiting {
		first = newest()
	}
	first.List, first.Status = list, Unread
	return first
}

// afterRow is the cursor of the page that begins after a row.
func (m *Messenger) afterRow(
	ctx context.Context, q inboxQuery, after cursor, last rows.Listed,
) (string, error) {
	after.Status, after.At, after.ID = last.Status, last.LastAt, last.ID
	if q.sort != SortWaiting {
		return after.String(), nil
	}
	since, err := rows.One[time.Time](ctx, m.db(), rows.Select[rows.Channel]().ColumnExpr(waitingSince).
		Where("c.id = ?", rows.V(last.ID)))
	after.At = since
	return after.String(), err
}

// readInbox reads the rows of a list, and the inbox's counts. Of a search it is told what can be in names only.
func (m *Messenger) readInbox(
	ctx context.Context, q inboxQuery, names search.Query,
) ([]rows.Listed, keptCounts, error) {
	list := q.where(rows.ListedChannels())
	for _, t := range names.Terms {
		list.WhereGroup(" AND ", named(t))
	}
	return m.readList(ctx, q, rows.Page(q.ordered(list), q.limit))
}

// readList reads rows and the inbox's counts in one round trip.
func (m *Messenger) readList(
	ctx context.Context,
	q inboxQuery,
	list rows.Query,
) (found []rows.Listed, c keptCounts, err error) {
	batch := &rows.Batch{}
	if q.searches {
		batch.Exec(searchTime())
	}
	if c.Counts = value(q.seen.counts); q.seen.counts == nil {
		rows.Queue(batch, countsOf(q.organisation, q.staff), func(one []keptCounts) error {
			c = one[0]
			return nil
		})
	}
	rows.Queue(batch, list, func(list []rows.Listed) error {
		found = list
		return nil
	})
	return found, c, batch.Send(ctx, m.db())
}

// keptCounts are the counts of an inbox as they are kept, and whether an absence names its owner as the cover: most
// cover nobody, and ask no further.
type keptCounts struct {
	Counts `bun:",extend"`
	Covers bool
}

func countsOf(organisation adapters.OrganisationID, staff adapters.StaffID) rows.Query {
	return rows.File("counts", rows.Args{"organisation": organisation, "staff": staff})
}

// channelOf is a row of a list, with why a search found it.
func channelOf(r rows.Listed, wanted search.Query) Channel {
	c := Channel{
		ID: r.ID, Organisation: r.OrganisationID, Staff: r.StaffID, Client: r.ClientID, ClientName: r.ClientName,
		Status: r.Status, UnreadCount: r.UnreadCount, RepliesAllowed: r.RepliesAllowed, Match: match(wanted, r),
		CreatedAt: r.CreatedAt, UpdatedAt: r.UpdatedAt, ScheduledCount: r.Scheduled,
	}
	if r.OverdueSince.After(time.Unix(0, 0)) {
		c.OverdueSince = r.OverdueSince
		c.Attention = append(c.Attention, AttentionReplyOverdue)
	}
	if r.AwaitingBy != "" {
		c.Awaiting = &Awaiting{By: r.AwaitingBy, Status: AwaitingWaiting}
	}
	if r.AnswerOverdue {
		c.Awaiting.Status = AwaitingOverdue
		c.Attention = append(c.Attention, AttentionAnswerOverdue)
	}
	for why := range strings.FieldsSeq(r.Attention) {
		c.Attention = append(c.Attention, Attention(why))
	}
	if r.LinkLocked {
		c.Attention = append(c.Attention, AttentionLinkLocked)
	}
	if r.ReplyFlood {
		c.Attention = append(c.Attention, AttentionReplyFlood)
	}
	if r.LastMessageID != uuid.Nil {
		c.LastMessage = &Preview{
			ID: r.LastMessageID, Direction: r.LastDirection, Medium: r.LastMedium, Subject: r.LastSubject,
			Text: wholePreview(r.LastPreview), At: r.LastCreatedAt,
		}
		if r.LastSendAfter.After(r.LastCreatedAt) {
			c.LastMessage.SendAfter = r.LastSendAfter
		}
	}
	return c
}

// channelsByID are channels as lists show them, of one organisation.
func channelsByID(
	ctx context.Context, q rows.Querier, organisation adapters.OrganisationID, ids []uuid.UUID,
) ([]Channel, error) {
	found, err := rows.List[rows.Listed](ctx, q, rows.ListedChannels().
		Where("c.id = any(?::text[]::uuid[]) AND c.organisation_id = ?", rows.V(idsOf(ids)), rows.V(organisation)))
	channels := make([]Channel, len(found))
	for i, row := range found {
		channels[i] = channelOf(row, search.Query{})
	}
	return channels, err
}

func channelByID(
	ctx context.Context, q rows.Querier, organisation adapters.OrganisationID, id uuid.UUID,
) (Channel, error) {
	channels, err := channelsByID(ctx, q, organisation, []uuid.UUID{id})
	if err != nil {
		return Channel{}, err
	}
	if len(channels) == 0 {
		return Channel{}, notFound()
	}
	return channels[0], nil
}

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
	counts, err := rows.One[keptCounts](ctx, m.db(), countsOf(member.Organisation, member.ID))
	if err != nil {
		return Me{}, err
	}
	var c covered
	if counts.Covers {
		if c, err = m.coveredBy(ctx, member); err != nil {
			return Me{}, err
		}
	}
	sorts, err := m.sortsTexts(ctx, member)
	if err != nil {
		return Me{}, err
	}
	inboxes := append(ownersOf(c.inboxes), member.ID)
	texts, err := rows.One[int](ctx, m.db(), unmatchedCount(member.Organisation, sorts, inboxes...))
	member.Media = slices.DeleteFunc(slices.Clone(member.Media), func(medium adapters.Medium) bool {
		return m.sender(medium) == nil // nobody may send what the host does not have
	})
	c.addTo(&counts.Counts)
	return Me{
		Member: member, OrganisationName: organisation.Name, UnreadCount: counts.Unread,
		AttentionCount: counts.Attention, OverdueCount: counts.Overdue, AwaitingCount: counts.Awaiting,
		UnmatchedCount: texts, SortsTexts: sorts, Record: m.config.Record != nil,
		Covering: c.inboxes, Closing: closing(organisation),
	}, err
}

// Inboxes returns the asker's own inbox first, then those of colleagues that they may open, whose counts leave out the
// clients that the asker may not see. Error: CodeUnavailable.
func (m *Messenger) Inboxes(ctx context.Context) ([]InboxSummary, error) {
	member, err := m.current(ctx)
	if err != nil {
		return nil, err
	}
	list, err := m.openInboxes(ctx, member)
	if err != nil {
		return nil, err
	}
	own, err := rows.One[keptCounts](ctx, m.db(), countsOf(member.Organisation, member.ID))
	if err != nil {
		return nil, err
	}
	list[0].Unread, list[0].Open = own.Unread, own.Open
	return list, m.countColleagues(ctx, member, list[1:])
}

// openInboxes are the inboxes that a member may open, without counts: their own first.
func (m *Messenger) openInboxes(ctx context.Context, member adapters.Member) ([]InboxSummary, error) {
	bound, cancel := bounded(ctx)
	defer cancel()
	colleagues, err := m.config.Staff.Inboxes(bound, member)
	if err != nil {
		return nil, m.unavailable(ctx, "staff", err)
	}
	list := []InboxSummary{{Staff: member.ID, Name: member.Name, MayAct: true}}
	for _, c := range colleagues {
		list = append(list, InboxSummary{Staff: c.Staff, Name: c.Name, MayAct: c.MayAct})
	}
	return list, nil
}

// countColleagues counts in colleagues' inboxes what the asker may see. Channels that are done are not counted, and not
// asked about.
func (m *Messenger) countColleagues(ctx context.Context, member adapters.Member, colleagues []InboxSummary) error {
	if len(colleagues) == 0 {
		return nil
	}
	type row struct {
		StaffID  adapters.StaffID
		ClientID adapters.ClientID
		Status   Status
	}
	staff := column(colleagues, func(i InboxSummary) adapters.StaffID { return i.Staff })
	channels, err := rows.List[row](ctx, m.db(), rows.Select[rows.Channel]().Column("staff_id", "client_id", "status").
		Where("c.organisation_id = ? AND c.staff_id = any(?)", rows.V(member.Organisation), rows.V(textsOf(staff))).
		Where("c.status >= 'open' AND c.moved_to IS NULL")) // 'unread' sorts after 'open'
	if err != nil {
		return err
	}
	clients := column(channels, func(r row) adapters.ClientID { return r.ClientID })
	visible, err := m.sees(ctx, seat{member: member, access: mayLook}, clients...)
	if err != nil {
		return err
	}
	counts := map[adapters.StaffID]*Counts{}
	for _, id := range staff {
		counts[id] = &Counts{}
	}
	for _, r := range channels {
		if visible.has(r.ClientID) {
			counts[r.StaffID].add(r.Status)
		}
	}
	for i, id := range staff {
		colleagues[i].Unread, colleagues[i].Open = counts[id].Unread, counts[id].Open
	}
	return nil
}
