package web

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// messengerMessage is one email or text message to a client, or one reply.
type messengerMessage struct {
	ID          string             `json:"id" format:"uuid"`
	Channel     string             `json:"channel_id" format:"uuid"`
	Seq         int64              `json:"seq"`
	Direction   adapters.Direction `json:"direction" doc:"outbound or inbound."`
	Medium      adapters.Medium    `json:"medium" doc:"email, sms or web."`
	Subject     string             `json:"subject,omitempty" doc:"An email's."`
	Body        string             `json:"body" doc:"What was written; the reply link is never part of it."`
	SentBody    string             `json:"sent_body,omitempty"`
	Author      messengerAuthor    `json:"author"`
	CreatedAt   time.Time          `json:"created_at"`
	SendAfter   *time.Time         `json:"send_after,omitempty"`
	SendLocal   *messengerLocal    `json:"send_local,omitempty" doc:"send_after as it was meant, if given so."`
	Unless      messenger.Unless   `json:"unless,omitempty" doc:"What keeps it from going out then: replied."`
	SentAt      *time.Time         `json:"sent_at,omitempty"`
	DeliveredAt *time.Time         `json:"delivered_at,omitempty"`
	Delivery    messengerDelivery  `json:"delivery"`
	Record      messengerRecord    `json:"record"`
	Verified    string             `json:"verified,omitempty" doc:"Replies: none or date_of_birth."`
	InReplyTo   string             `json:"in_reply_to,omitempty" format:"uuid"`
	Read        *messengerReadBy   `json:"read,omitempty"`
	Purpose     string             `json:"purpose,omitempty" doc:"care, service or marketing."`

	CancelledBecause messenger.CancelledBecause `json:"cancelled_because,omitempty" doc:"Of what was cancelled."`

	Private   bool                      `json:"private" doc:"Its words stay behind the link; a notice went out."`
	OpenedAt  *time.Time                `json:"opened_at,omitempty" doc:"When the client first read a private one."`
	Withdrawn *messengerWithdrawn       `json:"withdrawn,omitempty" doc:"Of a private one that was taken back."`
	Template  *messengerTemplateVersion `json:"template,omitempty" doc:"That it was written with."`
	Awaiting  *messengerAwaiting        `json:"awaiting,omitempty" doc:"What it asks of its client."`
	Reminds   string                    `json:"reminds,omitempty" format:"uuid" doc:"Of a reminder: the message."`

	Attachments []messengerAttachment `json:"attachments" nullable:"false" doc:"Reserved, empty for now."`
}

type messengerAwaiting struct {
	Expects messenger.Expectation    `json:"expects" doc:"acknowledgement or reply."`
	By      string                   `json:"by" format:"date"`
	Status  messenger.AwaitingStatus `json:"status" doc:"waiting, answered, acknowledged, overdue or stopped."`
}

type messengerWithdrawn struct {
	At     time.Time                `json:"at"`
	By     string                   `json:"by" doc:"A staff id."`
	Reason messenger.WithdrawReason `json:"reason" doc:"wrong_person, wrong_words, wrong_file or other."`
}

type messengerAttachment struct{}

// messengerLocal is a time as a clock on a wall shows it.
type messengerLocal struct {
	At   string `json:"at" minLength:"1" doc:"As 2026-12-01T08:05. What comes twice, as clocks go back, is the first."`
	Zone string `json:"zone" minLength:"1" doc:"Where the clock hangs, by IANA's name: Europe/London."`
}

func wireLocal(l messenger.LocalTime) *messengerLocal { return optional(messengerLocal(l)) }

func localTime(l *messengerLocal) messenger.LocalTime {
	if l == nil {
		return messenger.LocalTime{}
	}
	return messenger.LocalTime(*l)
}

type messengerDelivery struct {
	Status    messenger.DeliveryStatus `json:"status"`
	Reason    string                   `json:"reason,omitempty" doc:"Why it failed, is unknown or waits."`
	Attempts  int                      `json:"attempts"`
	Via       string                   `json:"via,omitempty" doc:"Which system carried it."`
	To        string                   `json:"to,omitempty" doc:"Where it went, masked."`
	Attention bool                     `json:"attention,omitempty"`
	Waiting   *messengerWaiting        `json:"waiting,omitempty" doc:"Once it has waited for ten minutes."`
}

type messengerRecord struct {
	Status        messenger.RecordStatus `json:"status" doc:"pending, saved, amended, held, failed or not_required."`
	Reason        string                 `json:"reason,omitempty"`
	Reference     string                 `json:"reference,omitempty" doc:"What the clinical record calls it."`
	SavedAt       *time.Time             `json:"saved_at,omitempty"`
	OnlineViewing bool                   `json:"online_viewing"`
	Attention     bool                   `json:"attention,omitempty" doc:"As a delivery's."`
	Waiting       *messengerWaiting      `json:"waiting,omitempty" doc:"As a delivery's."`
}

type messengerWaiting struct {
	Why   messenger.WaitingWhy `json:"why"`
	Until *time.Time           `json:"until,omitempty" doc:"When it is tried again; absent where nobody knows."`
}

func wireWaiting(w *messenger.Waiting) *messengerWaiting {
	if w == nil {
		return nil
	}
	return &messengerWaiting{w.Why, optionalTime(w.Until)}
}

type messengerReadBy struct {
	At time.Time `json:"at"`
	By string    `json:"by" doc:"A staff id."`
}

func wireMessage(m messenger.Message) messengerMessage {
	message := messengerMessage{
		ID: m.ID.String(), Channel: m.Channel.String(), Seq: m.Seq, Direction: m.Direction, Medium: m.Medium,
		Subject: m.Subject, Body: m.Body, SentBody: m.SentText, Author: wireAuthor(m.Author), CreatedAt: m.CreatedAt.UTC(),
		SendAfter: optionalTime(m.SendAfter), SendLocal: wireLocal(m.SendLocal), Unless: m.Unless,
		SentAt: optionalTime(m.SentAt), DeliveredAt: optionalTime(m.DeliveredAt),
		Delivery: messengerDelivery{
			m.Delivery.Status, m.Delivery.Reason, m.Delivery.Attempts, m.Delivery.Via, m.Delivery.To, m.Delivery.Attention,
			wireWaiting(m.Delivery.Waiting),
		},
		Record: messengerRecord{
			m.Record.Status, m.Record.Reason, m.Record.Reference, optionalTime(m.Record.SavedAt),
			m.Record.OnlineViewing, m.Record.Attention, wireWaiting(m.Record.Waiting),
		},
		Purpose: m.Purpose, CancelledBecause: m.CancelledBecause, Template: wireTemplateVersion(m.Template),
		Attachments: []messengerAttachment{},
	}
	message.Private, message.OpenedAt = m.Private, optionalTime(m.OpenedAt)
	message.Reminds = optionalID(m.Reminds)
	if m.Awaiting != nil {
		message.Awaiting = &messengerAwaiting{m.Awaiting.Expects, m.Awaiting.By, m.Awaiting.Status}
	}
	if m.Withdrawn != nil {
		message.Withdrawn = &messengerWithdrawn{m.Withdrawn.At.UTC(), string(m.Withdrawn.By), m.Withdrawn.Reason}
	}
	if m.Direction != adapters.Inbound {
		return message
	}
	message.Verified, message.InReplyTo = m.Verified, optionalID(m.InReplyTo)
	if !m.ReadAt.IsZero() {
		message.Read = &messengerReadBy{m.ReadAt.UTC(), string(m.ReadBy)}
	}
	return message
}

// GET /channels/{id}/messages
func (a *staffAPI) messages(ctx context.Context, in *threadInput) (*body[messengerThreadPage], error) {
	id, err := parseID(in.ID)
	if err != nil {
		return nil, err
	}
	var found messenger.ThreadPage
	if in.Around == "" {
		found, err = a.m.Messages(ctx, id, paging(in.Cursor, in.Limit))
	} else {
		found, err = a.messagesAround(ctx, id, in)
	}
	if err != nil {
		return nil, err
	}
	return answer(messengerThreadPage{each(found.Items, wireMessage), found.Next, found.Previous, found.Before}), nil
}

func (a *staffAPI) messagesAround(
	ctx context.Context, id uuid.UUID, in *threadInput,
) (messenger.ThreadPage, error) {
	if in.Cursor != "" {
		return messenger.ThreadPage{}, invalid("around", "Ask for a cursor or around a message, not for both.")
	}
	message, err := parseID(in.Around)
	if err != nil {
		return messenger.ThreadPage{}, err
	}
	return a.m.MessagesAround(ctx, id, message, in.Limit)
}

type threadInput struct {
	ID     string `path:"id"`
	Around string `query:"around" maxLength:"100" doc:"The id of a message: the page that has it in its middle."`
	Cursor string `query:"cursor" maxLength:"2000" doc:"What a former page gave as next or as previous."`
	Limit  int    `query:"limit" minimum:"1" maximum:"100" default:"50" doc:"How many to answer at most."`
}

// messengerThreadPage is a page of a channel's messages.
type messengerThreadPage struct {
	Items    []messengerMessage `json:"items" nullable:"false"`
	Next     string             `json:"next,omitempty" doc:"The cursor of the older ones; absent where there are none."`
	Previous string             `json:"previous,omitempty" doc:"The cursor of the newer ones, of a page around a message."`
	Before   int                `json:"before,omitempty" doc:"How many are older than these; absent where none are."`
}

// POST /messages/{id}/cancel
func (a *staffAPI) cancel(ctx context.Context, in *byID) (*body[messengerMessage], error) {
	return changed(ctx, in.ID, a.m.Cancel)
}

// POST /messages/{id}/edit
func (a *staffAPI) edit(ctx context.Context, in *byID) (*body[messengerDraft], error) {
	id, err := parseID(in.ID)
	if err != nil {
		return nil, err
	}
	draft, err := a.m.Edit(ctx, id)
	if err != nil {
		return nil, err
	}
	return answer(wireDraft(draft)), nil
}

// messengerRetry is up to where the asker has seen the channel.
type messengerRetry struct {
	SeenUpTo *string `json:"seen_up_to,omitempty"`
}

type retryInput struct {
	ID   string `path:"id"`
	Body *messengerRetry
}

// POST /messages/{id}/retry
func (a *staffAPI) retry(ctx context.Context, in *retryInput) (*body[messengerMessage], error) {
	var upTo uuid.UUID
	if in.Body != nil {
		var err error
		if upTo, err = parseOptionalID(in.Body.SeenUpTo); err != nil {
			return nil, err
		}
	}
	return changed(ctx, in.ID, func(ctx context.Context, id uuid.UUID) (messenger.Message, error) {
		return a.m.RetrySeen(ctx, id, upTo)
	})
}

// POST /messages/{id}/record
func (a *staffAPI) fileAgain(ctx context.Context, in *byID) (*body[messengerMessage], error) {
	return changed(ctx, in.ID, a.m.FileAgain)
}

// messengerWithdrawal says why a private message is taken back.
type messengerWithdrawal struct {
	Reason string `json:"reason" enum:"wrong_person,wrong_words,wrong_file,other"`
	Note   string `json:"note,omitempty" doc:"Up to 1,000 characters; it stands in the history."`
}

type withdrawInput struct {
	ID   string `path:"id"`
	Body messengerWithdrawal
}

// POST /messages/{id}/withdraw
func (a *staffAPI) withdraw(ctx context.Context, in *withdrawInput) (*body[messengerMessage], error) {
	return changed(ctx, in.ID, func(ctx context.Context, id uuid.UUID) (messenger.Message, error) {
		return a.m.Withdraw(ctx, id, messenger.WithdrawParams{
			Reason: messenger.WithdrawReason(in.Body.Reason), Note: in.Body.Note,
		})
	})
}

// messengerResolution is what a person did about a failure.
type messengerResolution struct {
	Of   string `json:"of" enum:"delivery,record" doc:"What was dealt with."`
	Note string `json:"note,omitempty" doc:"How, up to 1,000 characters; it stands in the history."`
}

type resolveInput struct {
	ID   string `path:"id"`
	Body messengerResolution
}

// POST /messages/{id}/resolve
func (a *staffAPI) resolve(ctx context.Context, in *resolveInput) (*body[messengerMessage], error) {
	return changed(ctx, in.ID, func(ctx context.Context, id uuid.UUID) (messenger.Message, error) {
		return a.m.Resolve(ctx, id, messenger.ResolveParams{Of: in.Body.Of, Note: in.Body.Note})
	})
}

func changed(
	ctx context.Context,
	text string,
	change func(context.Context, uuid.UUID) (messenger.Message, error),
) (*body[messengerMessage], error) {
	id, err := parseID(text)
	if err != nil {
		return nil, err
	}
	message, err := change(ctx, id)
	if err != nil {
		return nil, err
	}
	return answer(wireMessage(message)), nil
}
