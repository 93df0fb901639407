package web

import (
	"context"
	"time"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// messengerChannel is a channel as it stands in a list. A page of them has 150 times, which are cheaper to encode as
// strings.
type messengerChannel struct {
	ID             string                `json:"id" format:"uuid"`
	Organisation   string                `json:"organisation_id"`
	Staff          string                `json:"staff_id" doc:"The owner."`
	Client         string                `json:"client_id"`
	ClientName     string                `json:"client_name"`
	Status         messenger.Status      `json:"status" doc:"unread, open or done."`
	UnreadCount    int                   `json:"unread_count" doc:"Replies that the owner has not had on screen."`
	RepliesAllowed bool                  `json:"replies_allowed"`
	Attention      []messenger.Attention `json:"attention" nullable:"false"`
	OverdueSince   string                `json:"overdue_since,omitempty" format:"date-time" doc:"Unread for too long."`
	Awaiting       *messengerAwaited     `json:"awaiting,omitempty" doc:"What is waited for first."`
	Scheduled      int                   `json:"scheduled_count" doc:"Messages that are to go out later."`
	LastMessage    *messengerPreview     `json:"last_message,omitempty"`
	Match          *messengerMatch       `json:"match,omitempty" doc:"Only in a search: what was found."`
	CoveredFor     string                `json:"covered_for,omitempty" doc:"The owner, in the list of who covers them."`
	CreatedAt      string                `json:"created_at" format:"date-time"`
	UpdatedAt      string                `json:"updated_at" format:"date-time"`
}

type messengerPreview struct {
	ID        string             `json:"id" format:"uuid"`
	Direction adapters.Direction `json:"direction" doc:"outbound or inbound."`
	Medium    adapters.Medium    `json:"medium" doc:"email, sms or web."`
	Subject   string             `json:"subject,omitempty" doc:"Of an email."`
	Preview   string             `json:"preview" doc:"The first 140 characters."`
	At        string             `json:"at" format:"date-time"`
	SendAfter *time.Time         `json:"send_after,omitempty" doc:"When it goes out, of one that was scheduled."`
}

type messengerMatch struct {
	Field   string `json:"field" doc:"name, message or nhs_number."`
	Message string `json:"message_id,omitempty" format:"uuid"`
	Excerpt string `json:"excerpt"`
}

// messengerOpenedChannel is a channel with what its page shows beside the thread.
type messengerOpenedChannel struct {
	ID             string                `json:"id" format:"uuid"`
	Organisation   string                `json:"organisation_id"`
	Staff          string                `json:"staff_id" doc:"The owner."`
	ClientID       string                `json:"client_id"`
	ClientName     string                `json:"client_name"`
	Status         messenger.Status      `json:"status" doc:"unread, open or done."`
	UnreadCount    int                   `json:"unread_count"`
	RepliesAllowed bool                  `json:"replies_allowed"`
	Attention      []messenger.Attention `json:"attention" nullable:"false"`
	OverdueSince   string                `json:"overdue_since,omitempty" format:"date-time" doc:"Unread for too long."`
	Awaiting       *messengerAwaited     `json:"awaiting,omitempty" doc:"What is waited for first."`
	Scheduled      int                   `json:"scheduled_count" doc:"Messages that are to go out later."`
	LastMessage    *messengerPreview     `json:"last_message,omitempty"`
	CreatedAt      string                `json:"created_at" format:"date-time"`
	UpdatedAt      string                `json:"updated_at" format:"date-time"`
	Client         messengerClient       `json:"client"`
	Actions        messengerActions      `json:"actions"`
	ReplyLink      string                `json:"reply_link,omitempty"`
	RepliesOff     *messengerRepliesOff  `json:"replies_off,omitempty"`
	Discharged     *time.Time            `json:"discharged_at,omitempty" doc:"When the client was discharged."`
	Cover          *messengerCover       `json:"cover,omitempty" doc:"Who covers, while the owner is away."`
	ReadByWhen     *messengerReadByWhen  `json:"read_by_when,omitempty"`
	Hours          *messengerHours       `json:"working_hours,omitempty"`
	WrongDates     int                   `json:"wrong_dates,omitempty" doc:"Wrong dates of birth, while link_locked."`
	Draft          *messengerDraft       `json:"draft,omitempty"`
}

// messengerReadByWhen is what the client is told.
type messengerReadByWhen struct {
	Staff string    `json:"staff_name" doc:"Who reads the client's replies."`
	At    time.Time `json:"at" doc:"The end of the working day by which a reply that comes now is read."`
}

// messengerHours are the organisation's working hours as they stand.
type messengerHours struct {
	Until      *time.Time `json:"until,omitempty" doc:"When the present ones end; absent outside them."`
	NextSendAt time.Time  `json:"next_send_at" doc:"Five minutes into the next ones."`
}

func wireHours(h *messenger.WorkingHours) *messengerHours {
	if h == nil {
		return nil
	}
	return &messengerHours{optionalTime(h.Until), h.NextSendAt.UTC()}
}

type messengerRepliesOff struct {
	By  string    `json:"by" doc:"A name; empty for the system."`
	At  time.Time `json:"at"`
	Why string    `json:"why" doc:"staff, discharged or locked."`
}

func wireChannel(c messenger.Channel) messengerChannel {
	row := messengerChannel{
		ID: c.ID.String(), Organisation: string(c.Organisation), Staff: string(c.Staff), Client: string(c.Client),
		ClientName: c.ClientName, Status: c.Status, UnreadCount: c.UnreadCount, RepliesAllowed: c.RepliesAllowed,
		Attention: append(
			[]messenger.Attention{},
			c.Attention...), CreatedAt: stamp(c.CreatedAt), UpdatedAt: stamp(c.UpdatedAt),
	}
	row.CoveredFor, row.Scheduled = string(c.CoveredFor), c.ScheduledCount
	if c.LastMessage != nil {
		row.LastMessage = new(wirePreview(*c.LastMessage))
	}
	if c.Awaiting != nil {
		row.Awaiting = &messengerAwaited{c.Awaiting.By, c.Awaiting.Status}
	}
	if !c.OverdueSince.IsZero() {
		row.OverdueSince = stamp(c.OverdueSince)
	}
	if c.Match != nil {
		row.Match = &messengerMatch{c.Match.Field, optionalID(c.Match.Message), c.Match.Excerpt}
	}
	return row
}

func wirePreview(p messenger.Preview) messengerPreview {
	return messengerPreview{
		p.ID.String(), p.Direction, p.Medium, p.Subject, p.Text, stamp(p.At), optionalTime(p.SendAfter),
	}
}

func wireOpened(c messenger.OpenedChannel) messengerOpenedChannel {
	row := wireChannel(c.Channel)
	opened := messengerOpenedChannel{
		ID: row.ID, Organisation: row.Organisation, Staff: row.Staff, ClientID: row.Client, ClientName: row.ClientName,
		Status: row.Status, UnreadCount: row.UnreadCount, RepliesAllowed: row.RepliesAllowed, Attention: row.Attention,
		LastMessage: row.LastMessage, CreatedAt: row.CreatedAt, UpdatedAt: row.UpdatedAt,
		Client: wireClient(c.Person), Actions: wireActions(c.Actions), ReplyLink: c.ReplyLink,
	}
	opened.WrongDates, opened.OverdueSince, opened.Scheduled = c.WrongDates, row.OverdueSince, row.Scheduled
	opened.Awaiting = row.Awaiting
	if c.Cover != nil {
		opened.Cover = &messengerCover{string(c.Cover.Staff), c.Cover.Name, optionalTime(c.Cover.Until)}
	}
	if c.ReadByWhen != nil {
		opened.ReadByWhen = &messengerReadByWhen{c.ReadByWhen.StaffName, c.ReadByWhen.At.UTC()}
	}
	opened.Hours, opened.Discharged = wireHours(c.Hours), optionalTime(c.Discharged)
	if c.RepliesOff != nil {
		opened.RepliesOff = &messengerRepliesOff{c.RepliesOff.By, c.RepliesOff.At.UTC(), string(c.RepliesOff.Why)}
	}
	if c.Draft != nil {
		opened.Draft = new(wireDraft(*c.Draft))
	}
	return opened
}

// messengerInboxPage is a page of an inbox.
type messengerInboxPage struct {
	Items  []messengerChannel `json:"items" nullable:"false"`
	Next   string             `json:"next,omitempty" doc:"The cursor of the next page; absent on the last."`
	Counts *messengerCounts   `json:"counts,omitempty" doc:"On the first page: the inbox's channels, whatever the filter."`
}

type messengerCounts struct {
	Unread    int `json:"unread"`
	Open      int `json:"open"`
	Done      int `json:"done"`
	Attention int `json:"attention" doc:"Counted up to 1,000."`
	Overdue   int `json:"overdue" doc:"Counted up to 1,000."`
	Scheduled int `json:"scheduled" doc:"With a message that is to go out later, counted up to 1,000."`
	Awaiting  int `json:"awaiting" doc:"That wait for an answer, counted up to 1,000."`
}

type inboxInput struct {
	Staff  string `path:"staff_id"`
	Show   string `query:"show" enum:"all,open,done,attention,overdue,scheduled,awaiting" default:"all" doc:"Which."`
	Order  string `query:"order" enum:"newest,waiting" default:"newest" doc:"Within a status."`
	Query  string `query:"q" maxLength:"200" doc:"Literal text: see the operation. Blank: no filter."`
	Cursor string `query:"cursor" maxLength:"2000" doc:"What a former page gave as next; the first page without."`
	Limit  int    `query:"limit" minimum:"1" maximum:"100" default:"50" doc:"How many to answer at most."`
}

// messengerInboxSearch is a search of an inbox.
type messengerInboxSearch struct {
	Show   string `json:"show,omitempty" enum:"all,open,done,attention,overdue,scheduled,awaiting" default:"all"`
	Order  string `json:"order,omitempty" enum:"newest,waiting" default:"newest" doc:"Within a status."`
	Query  string `json:"q,omitempty" maxLength:"200" doc:"Literal text, as q of list-channels."`
	Cursor string `json:"cursor,omitempty" maxLength:"2000" doc:"What a former page gave as next; the first page without."`
	Limit  int    `json:"limit,omitempty" minimum:"1" maximum:"100" default:"50" doc:"How many to answer at most."`
}

type postedInboxInput struct {
	Staff string `path:"staff_id"`
	Body  *messengerInboxSearch
}

// POST /inboxes/{staff_id}/channels/search
func (a *staffAPI) searchInbox(ctx context.Context, in *postedInboxInput) (*body[messengerInboxPage], error) {
	search := messengerInboxSearch{Limit: messenger.PageLimit}
	if in.Body != nil {
		search = *in.Body
	}
	return a.inbox(ctx, &inboxInput{in.Staff, search.Show, search.Order, search.Query, search.Cursor, search.Limit})
}

// GET /inboxes/{staff_id}/channels
func (a *staffAPI) inbox(ctx context.Context, in *inboxInput) (*body[messengerInboxPage], error) {
	found, err := a.m.Inbox(ctx, messenger.InboxParams{
		Staff: adapters.StaffID(
			in.Staff,
		), Show: messenger.Show(in.Show), Sort: messenger.Sort(in.Order), Query: in.Query,
		PageParams: paging(in.Cursor, in.Limit),
	})
	if err != nil {
		return nil, err
	}
	answered := messengerInboxPage{Items: each(found.Items, wireChannel), Next: found.Next}
	if found.Counts != nil {
		answered.Counts = new(messengerCounts(*found.Counts))
	}
	return answer(answered), nil
}

// GET /channels/{id}
func (a *staffAPI) channel(ctx context.Context, in *byID) (*body[messengerOpenedChannel], error) {
	id, err := parseID(in.ID)
	if err != nil {
		return nil, err
	}
	return opened(a.m.Channel(ctx, id))
}

func opened(channel messenger.OpenedChannel, err error) (*body[messengerOpenedChannel], error) {
	if err != nil {
		return nil, err
	}
	return answer(wireOpened(channel)), nil
}

// messengerRead is up to where somebody has read.
type messengerRead struct {
	UpTo     string `json:"up_to"`
	OnBehalf bool   `json:"on_behalf,omitempty" doc:"A colleague who may act reads for the owner."`
}

type readInput struct {
	ID   string `path:"id"`
	Body messengerRead
}

// POST /channels/{id}/read
func (a *staffAPI) readUpTo(ctx context.Context, in *readInput) (*none, error) {
	id, err := parseID(in.ID)
	if err != nil {
		return nil, err
	}
	upTo, err := parseID(in.Body.UpTo)
	if err != nil {
		return nil, err
	}
	return nil, a.m.Read(ctx, id, upTo, in.Body.OnBehalf)
}

// messengerStatusChange is what a channel is to become.
type messengerStatusChange struct {
	Status string  `json:"status" enum:"open,done"`
	UpTo   *string `json:"up_to,omitempty"`
}

type statusInput struct {
	ID   string `path:"id"`
	Body messengerStatusChange
}

// PUT /channels/{id}/status
func (a *staffAPI) setStatus(ctx context.Context, in *statusInput) (*body[messengerChannel], error) {
	id, err := parseID(in.ID)
	if err != nil {
		return nil, err
	}
	upTo, err := parseOptionalID(in.Body.UpTo)
	if err != nil {
		return nil, err
	}
	changed, err := a.m.SetStatus(ctx, id, messenger.Status(in.Body.Status), upTo)
	if err != nil {
		return nil, err
	}
	return answer(wireChannel(changed)), nil
}

// messengerReplies switches replies on or off.
type messengerReplies struct {
	Allowed bool `json:"allowed"`
}

type repliesInput struct {
	ID   string `path:"id"`
	Body messengerReplies
}

// PUT /channels/{id}/replies
func (a *staffAPI) setReplies(ctx context.Context, in *repliesInput) (*body[messengerOpenedChannel], error) {
	id, err := parseID(in.ID)
	if err != nil {
		return nil, err
	}
	return opened(a.m.SetReplies(ctx, id, in.Body.Allowed))
}

// POST /channels/{id}/reply-link
func (a *staffAPI) renewLink(ctx context.Context, in *byID) (*body[messengerOpenedChannel], error) {
	id, err := parseID(in.ID)
	if err != nil {
		return nil, err
	}
	return opened(a.m.RenewLink(ctx, id))
}

// messengerHistoryEntry is one line of a channel's history, or of an inbox's.
type messengerHistoryEntry struct {
	ID         string          `json:"id" format:"uuid"`
	At         time.Time       `json:"at"`
	Actor      messengerAuthor `json:"actor"`
	OnBehalfOf string          `json:"on_behalf_of,omitempty" doc:"The staff id of the owner, when a colleague acted."`
	Action     string          `json:"action"`
	Message    string          `json:"message_id,omitempty" format:"uuid"`
	Note       string          `json:"note,omitempty" doc:"The reason of an override, or the note of a resolve."`
}

func wireHistory(e messenger.HistoryEntry) messengerHistoryEntry {
	return messengerHistoryEntry{
		e.ID.String(), e.At.UTC(), wireAuthor(e.Actor), string(e.OnBehalfOf), string(e.Action), optionalID(e.Message), e.Note,
	}
}

// GET /channels/{id}/history
func (a *staffAPI) history(ctx context.Context, in *pageByID) (*body[messengerPage[messengerHistoryEntry]], error) {
	id, err := parseID(in.ID)
	if err != nil {
		return nil, err
	}
	found, err := a.m.History(ctx, id, paging(in.Cursor, in.Limit))
	if err != nil {
		return nil, err
	}
	return page(found, wireHistory), nil
}

type pageByStaff struct {
	Staff  string `path:"staff_id"`
	Cursor string `query:"cursor" maxLength:"2000" doc:"What a former page gave as next; the first page without."`
	Limit  int    `query:"limit" minimum:"1" maximum:"100" default:"50" doc:"How many to answer at most."`
}

// GET /inboxes/{staff_id}/history
func (a *staffAPI) inboxHistory(
	ctx context.Context, in *pageByStaff,
) (*body[messengerPage[messengerHistoryEntry]], error) {
	found, err := a.m.InboxHistory(ctx, adapters.StaffID(in.Staff), paging(in.Cursor, in.Limit))
	if err != nil {
		return nil, err
	}
	return page(found, wireHistory), nil
}
