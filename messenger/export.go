package messenger

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/rows"
)

// ExportFor is whom an export is for.
type ExportFor string

// Whom for.
const (
	ExportForStaff  ExportFor = "staff"  // with its internal part: notes, drafts, handovers
	ExportForClient ExportFor = "client" // without: what may be given out, once somebody has read it
)

// ExportFormat is how ClientExport's file and the command write it.
const ExportFormat = "messenger-client-export-1"

// ClientExport is all that Messenger keeps of a client. docs/export.schema.json says it for other programs.
type ClientExport struct {
	Format       string                  `json:"format"`
	At           time.Time               `json:"at"` // UTC, as all times here
	Organisation adapters.OrganisationID `json:"organisation"`
	For          ExportFor               `json:"for"`
	By           ExportedPerson          `json:"by"`
	Client       ExportedClient          `json:"client"`
	Channels     []ExportedChannel       `json:"channels"`   // of all staff, the oldest first
	Texts        []ExportedText          `json:"texts"`      // that came by a number, and a person said whose they are
	Objections   []ExportedObjection     `json:"objections"` // of the numbers that are or were theirs
	Broadcasts   []ExportedBroadcast     `json:"broadcasts"` // that they were to have
	Templates    []ExportedTemplate      `json:"templates"`  // as they were when their messages were written with them
	// Internal is for staff alone: nil in an export for the client.
	Internal *ExportedInternal `json:"internal,omitempty"`
}

// ExportedPerson is who did something. The client has no name here: it stands once, in ExportedClient.
type ExportedPerson struct {
	Kind string `json:"kind"` // "staff", "client" or "system"
	ID   string `json:"id,omitempty"`
	Name string `json:"name,omitempty"`
}

// ExportedClient is the client, by the names that their channels have.
type ExportedClient struct {
	ID    adapters.ClientID `json:"id"`
	Names []string          `json:"names"`
}

// ExportedChannel is a conversation with one member of staff.
type ExportedChannel struct {
	ID           uuid.UUID         `json:"id"`
	Staff        ExportedPerson    `json:"staff"`
	Status       Status            `json:"status"`
	CreatedAt    time.Time         `json:"created_at"`
	JoinedInto   *uuid.UUID        `json:"joined_into,omitempty"` // the channel that has its messages since
	RepliesOff   string            `json:"replies_off,omitempty"` // why replies are off
	RepliesOffAt *time.Time        `json:"replies_off_at,omitempty"`
	WrongDates   int               `json:"wrong_dates,omitempty"` // wrong dates of birth typed at its link, ever
	LinkLocked   bool              `json:"link_locked,omitempty"` // since there were too many
	ReplyFlood   bool              `json:"reply_flood,omitempty"` // more replies came by its link than it takes
	Messages     []ExportedMessage `json:"messages"`
	History      []ExportedLine    `json:"history"` // the oldest first
}

// ExportedMessage is a message with what became of it. Words that stay behind the link are in subject and body, too.
type ExportedMessage struct {
	ID             uuid.UUID          `json:"id"`
	Number         int64              `json:"number"`
	Direction      adapters.Direction `json:"direction"`
	Medium         adapters.Medium    `json:"medium"`
	Private        bool               `json:"private,omitempty"` // its words stay behind the link
	Subject        string             `json:"subject,omitempty"`
	Body           string             `json:"body"`
	Notice         string             `json:"notice,omitempty"` // what went out of a private one
	SentText       string             `json:"sent_text,omitempty"`
	Purpose        string             `json:"purpose,omitempty"`
	Author         ExportedPerson     `json:"author"`
	CreatedAt      time.Time          `json:"created_at"`
	SendAfter      *time.Time         `json:"send_after,omitempty"`
	SendLocal      string             `json:"send_local,omitempty"`
	SendZone       string             `json:"send_zone,omitempty"`
	Unless         string             `json:"unless,omitempty"`
	OverrideReason string             `json:"override_reason,omitempty"`
	SafeLifted     bool               `json:"safe_lifted,omitempty"` // it went beyond their safe-contact card
	Neutral        bool               `json:"neutral,omitempty"`     // it was to name nobody
	ReplyLink      bool               `json:"reply_link,omitempty"`
	InReplyTo      *uuid.UUID         `json:"in_reply_to,omitempty"`
	Verified       string             `json:"verified,omitempty"` // how it was known who replied
	Delivery       ExportedDelivery   `json:"delivery"`
	Record         ExportedFiling     `json:"record"`
	ReadAt         *time.Time         `json:"read_at,omitempty"`
	ReadBy         adapters.StaffID   `json:"read_by,omitempty"`
	OpenedAt       *time.Time         `json:"opened_at,omitempty"` // a private one, by the client
	WithdrawnAt    *time.Time         `json:"withdrawn_at,omitempty"`
	WithdrawnBy    string             `json:"withdrawn_by,omitempty"`
	WithdrawnWhy   string             `json:"withdrawn_reason,omitempty"`
	TakenOutAt     *time.Time         `json:"taken_out_at,omitempty"` // a text that was assigned by mistake
	Broadcast      *uuid.UUID         `json:"broadcast_id,omitempty"`
	Template       *uuid.UUID         `json:"template_id,omitempty"`
	Version        *int               `json:"template_version,omitempty"`
	Expects        string             `json:"expects,omitempty"`
	ExpectBy       string             `json:"expect_by,omitempty"`
	Awaiting       string             `json:"awaiting,omitempty"`
	AnsweredBy     *uuid.UUID         `json:"answered_by,omitempty"`
	AcknowledgedAt *time.Time         `json:"acknowledged_at,omitempty"`
	Reminds        *uuid.UUID         `json:"reminds,omitempty"`
}

// ExportedDelivery is how a message came to the client.
type ExportedDelivery struct {
	Status      DeliveryStatus `json:"status"`
	Reason      string         `json:"reason,omitempty"`
	Because     string         `json:"cancelled_because,omitempty"`
	To          string         `json:"to,omitempty"` // left out where it must not be shown
	Via         string         `json:"via,omitempty"`
	SentAt      *time.Time     `json:"sent_at,omitempty"`
	DeliveredAt *time.Time     `json:"delivered_at,omitempty"`
	Attempts    int            `json:"attempts,omitempty"`
	FirstTried  *time.Time     `json:"first_tried_at,omitempty"`
	ProviderID  string         `json:"provider_id,omitempty"` // the carrier's id of it
	Attention   string         `json:"attention,omitempty"`   // why it needs a person
	Waiting     string         `json:"waiting,omitempty"`
	WaitsUntil  *time.Time     `json:"waiting_until,omitempty"`
}

// ExportedFiling is how a message came into the clinical record.
type ExportedFiling struct {
	Status        RecordStatus    `json:"status"`
	Reason        string          `json:"reason,omitempty"`
	Reference     string          `json:"reference,omitempty"`
	Version       string          `json:"version,omitempty"`
	At            *time.Time      `json:"at,omitempty"`
	By            *ExportedPerson `json:"by,omitempty"`           // who vouched for it
	FiledStatus   string          `json:"filed_status,omitempty"` // what the entry says became of it
	Attention     string          `json:"attention,omitempty"`
	Waiting       string          `json:"waiting,omitempty"`
	WaitsUntil    *time.Time      `json:"waiting_until,omitempty"`
	OnlineViewing bool            `json:"online_viewing"`
}

// ExportedLine is one line of a channel's history.
type ExportedLine struct {
	ID         uuid.UUID        `json:"id"`
	At         time.Time        `json:"at"`
	Actor      ExportedPerson   `json:"actor"`
	OnBehalfOf adapters.StaffID `json:"on_behalf_of,omitempty"`
	Action     string           `json:"action"`
	Message    *uuid.UUID       `json:"message_id,omitempty"`
	Note       string           `json:"note,omitempty"`
}

// ExportedText is an inbound text of which a person said whose it is. Its words stand in its message.
type ExportedText struct {
	Message    uuid.UUID `json:"message_id"`
	From       string    `json:"from,omitempty"` // as ExportedDelivery.To
	To         string    `json:"to"`
	At         time.Time `json:"at"`
	AssignedAt time.Time `json:"assigned_at"`
	AssignedBy string    `json:"assigned_by"`
	Asks       string    `json:"asks,omitempty"`
}

// ExportedObjection is what the holder of a number last said of texts.
type ExportedObjection struct {
	Number  string    `json:"number,omitempty"` // as ExportedDelivery.To
	Objects bool      `json:"objects"`
	At      time.Time `json:"at"`
}

// ExportedBroadcast is a message to many that they were to have; why not, where they have none. Its words are as they
// were written, before names were filled in.
type ExportedBroadcast struct {
	ID          uuid.UUID       `json:"id"`
	Staff       ExportedPerson  `json:"staff"`
	Medium      adapters.Medium `json:"medium"`
	Subject     string          `json:"subject,omitempty"`
	Body        string          `json:"body"`
	CreatedAt   time.Time       `json:"created_at"`
	SendAfter   *time.Time      `json:"send_after,omitempty"`
	SendLocal   string          `json:"send_local,omitempty"`
	SendZone    string          `json:"send_zone,omitempty"`
	Expects     string          `json:"expects,omitempty"`
	ExpectBy    string          `json:"expect_by,omitempty"`
	Template    *uuid.UUID      `json:"template_id,omitempty"`
	Version     *int            `json:"template_version,omitempty"`
	CancelledAt *time.Time      `json:"cancelled_at,omitempty"`
	CancelledBy *ExportedPerson `json:"cancelled_by,omitempty"`
	Why         string          `json:"why_not,omitempty"`
}

// ExportedTemplate is the version of a template that a message was written with.
type ExportedTemplate struct {
	ID       uuid.UUID      `json:"id"`
	Version  int            `json:"version"`
	Title    string         `json:"title"`
	Subject  string         `json:"subject,omitempty"`
	Body     string         `json:"body"`
	Language string         `json:"language,omitempty"`
	By       ExportedPerson `json:"by"`
	At       time.Time      `json:"at"`
}

// ExportedInternal is what staff wrote for staff. It never goes to the client.
type ExportedInternal struct {
	Notes     []ExportedNote     `json:"notes"`
	Drafts    []ExportedDraft    `json:"drafts"`
	Handovers []ExportedHandover `json:"handovers"`
	Unsorted  []ExportedUnsorted `json:"unsorted"`
}

// ExportedUnsorted is a text from a number that is or was the client's, of which nobody has said whose it is. A number
// may be shared, so its words are left out: whoever sorts texts reads them.
type ExportedUnsorted struct {
	ID   uuid.UUID `json:"id"`
	From string    `json:"from,omitempty"` // as ExportedDelivery.To
	To   string    `json:"to"`
	At   time.Time `json:"at"`
}

// ExportedNote is a note or what became of a call.
type ExportedNote struct {
	ID      uuid.UUID      `json:"id"`
	Channel uuid.UUID      `json:"channel_id"`
	Kind    string         `json:"kind"`
	Text    string         `json:"text"`
	Author  ExportedPerson `json:"author"`
	At      time.Time      `json:"at"`
	Filing  string         `json:"filing"`
	Record  string         `json:"record_reference,omitempty"`
}

// ExportedDraft is what a member of staff has not sent.
type ExportedDraft struct {
	Staff     adapters.StaffID `json:"staff"`
	Medium    string           `json:"medium,omitempty"`
	Subject   string           `json:"subject,omitempty"`
	Body      string           `json:"body"`
	UpdatedAt time.Time        `json:"updated_at"`
	Private   bool             `json:"private,omitempty"` // its words are to stay behind the link
	SendLocal string           `json:"send_local,omitempty"`
	SendZone  string           `json:"send_zone,omitempty"`
	Unless    string           `json:"unless,omitempty"`
	Expects   string           `json:"expects,omitempty"`
	ExpectBy  string           `json:"expect_by,omitempty"`
	Template  *uuid.UUID       `json:"template_id,omitempty"`
}

// ExportedHandover is that a channel was given to a colleague.
type ExportedHandover struct {
	Channel    uuid.UUID        `json:"channel_id"`
	From       adapters.StaffID `json:"from"`
	To         adapters.StaffID `json:"to"`
	By         ExportedPerson   `json:"by"`
	OnBehalfOf adapters.StaffID `json:"on_behalf_of,omitempty"`
	Note       string           `json:"note,omitempty"`
	At         time.Time        `json:"at"`
	Why        string           `json:"why_not,omitempty"`
}

// JSON is the export as it is written to a file.
func (e ClientExport) JSON() ([]byte, error) {
	text, err := json.MarshalIndent(e, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("messenger: write an export: %w", err)
	}
	return append(text, '\n'), nil
}

// ExportClient returns all that Messenger keeps of a client, over the channels of all staff, for a member who Exports.
// It stands in the history of each of those channels as ActionExported, or of the asker's own inbox where there is
// none. A text of which nobody has said whose it is is named without its words, for staff. Each call exports again.
// Errors: CodeForbidden, CodeNotFound, CodeInvalid (for nobody).
func (m *Messenger) ExportClient(ctx context.Context, client adapters.ClientID, to ExportFor) (ClientExport, error) {
	if to != ExportForStaff && to != ExportForClient {
		return ClientExport{}, invalid("for", "Say whether it is for staff or for the client.")
	}
	member, err := m.current(ctx)
	if err != nil {
		return ClientExport{}, err
	}
	found, err := m.client(ctx, member.Organisation, client)
	if err != nil {
		return ClientExport{}, err
	}
	if !member.Exports {
		return ClientExport{}, fail(CodeForbidden, "You can't export what is kept of a client.")
	}
	return m.export(ctx, exporting{
		organisation: member.Organisation, client: client, to: to, by: author(member), inbox: member.ID,
		shown: !found.Restricted, number: address(found, adapters.SMS),
	})
}

// ExportClientOf is ExportClient for operators, also of a client whom the directory has no more: no asker is looked at.
// by is which operator it is, as their login is, up to 200 characters: the history says that it was the system, with
// that as its id. Of a client without a channel it stands in the history of the inbox that is nobody's
// (messenger_inbox_history, staff_id empty). A client of whom nothing is kept is CodeNotFound. Addresses are left out
// where the directory does not have the client, as where they are restricted. Errors also: CodeInvalid and
// CodeUnavailable.
func (m *Messenger) ExportClientOf(
	ctx context.Context, organisation adapters.OrganisationID, client adapters.ClientID, to ExportFor, by string,
) (ClientExport, error) {
	if !wellFormed(by) {
		return ClientExport{}, invalid("by", "Say which operator exports: a login of up to 200 characters.")
	}
	if !wellFormed(organisation) || !wellFormed(client) || to != ExportForStaff && to != ExportForClient {
		return ClientExport{}, invalid("client", "Name the organisation, the client, and whom it is for.")
	}
	found, err := m.directory(ctx, organisation, client)
	if err != nil {
		return ClientExport{}, m.unavailable(ctx, "clients", err)
	}
	now, known := found[client]
	return m.export(ctx, exporting{
		organisation: organisation, client: client, to: to, by: adapters.Author{Kind: "system", ID: by},
		gone: !known, shown: known && !now.Restricted, number: address(now, adapters.SMS),
	})
}

// empty says whether nothing is kept of the client.
func (e ClientExport) empty() bool {
	return len(e.Channels)+len(e.Broadcasts)+len(e.Texts)+len(e.Objections) == 0 &&
		(e.Internal == nil || len(e.Internal.Drafts)+len(e.Internal.Notes)+len(e.Internal.Unsorted) == 0)
}

// exporting is an export that is being made.
type exporting struct {
	organisation adapters.OrganisationID
	client       adapters.ClientID
	to           ExportFor
	by           adapters.Author
	inbox        adapters.StaffID // the asker's; empty: an operator's
	gone         bool             // the directory has no such client
	shown        bool             // addresses are
	number       string           // the directory's for texts, or empty
}

// export reads what is kept and writes that it was read, in one transaction.
func (m *Messenger) export(ctx context.Context, x exporting) (made ClientExport, err error) {
	err = m.inTx(ctx, func(ctx context.Context, t tx) error {
		made = ClientExport{
			Format: ExportFormat, At: t.now.UTC(), Organisation: x.organisation, For: x.to, By: personOf(x.by),
			Client: ExportedClient{ID: x.client, Names: []string{}},
		}
		channels, err := rows.List[rows.WholeChannel](ctx, t, rows.All[rows.WholeChannel]().
			Where("c.id IN (?)", channelsOf(x.organisation, x.client)).OrderExpr("c.id"))
		if err != nil {
			return err
		}
		if err := x.written(ctx, t, channels); err != nil {
			return err
		}
		switch err := x.read(ctx, t, channels, &made); {
		case err != nil || len(channels) > 0:
			return err
		case x.gone && made.empty():
			return notFound()
		}
		return t.writeInboxHistory(ctx, rows.InboxHistory{
			OrganisationID: x.organisation, StaffID: x.inbox, ActorKind: x.by.Kind, ActorID: x.by.ID, ActorName: x.by.Name,
			Action: string(ActionExported), ClientID: x.client, Note: string(x.to),
		})
	})
	if err != nil {
		return ClientExport{}, err
	}
	return made, nil
}

// written has the history of each channel say it.
func (x exporting) written(ctx context.Context, t tx, channels []rows.WholeChannel) error {
	for _, channel := range channels {
		entry := logEntry{channel: channel.Channel, actor: x.by, action: ActionExported, note: string(x.to)}
		if channel.StaffID != x.inbox {
			entry.onBehalfOf = channel.StaffID
		}
		if x.by.Kind != "staff" {
			entry.onBehalfOf = ""
		}
		if err := t.writeHistory(ctx, entry); err != nil {
			return err
		}
	}
	return nil
}
