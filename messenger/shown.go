package messenger

import (
	"cmp"
	"context"
	"time"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/rows"
)

// shown is how much of a client an answer may have for one asker.
type shown struct {
	contact bool // their address and number as they are; else masked or left out
	paired  bool // that a number, or words that came from one, may be theirs
	words   bool // what came from a number that may be theirs
	gone    bool // the directory has them no more, for anybody: no right of theirs keeps words from who sorts texts
}

// shownOf says what may be shown of a client who has a channel in which the asker may do so much. Known is false for a
// client whom the directory has not, or not for the asker: they are treated as restricted, since nobody can tell. A
// restricted client's address and number are nobody's to read, and what would lead to them is not for who may only
// look.
func shownOf(client adapters.Client, known bool, allowed access) shown {
	restricted := !known || client.Restricted
	acts := allowed == isOwner || known && allowed == mayAct // an owner has their own thread whatever the directory says
	return shown{contact: !restricted, paired: acts || allowed == mayLook && !restricted, words: acts}
}

// shownWithin bounds a question to the directory that decides no more than what is shown beside the rest.
const shownWithin = time.Second

// clientsNow is what the directory says of some clients: nothing of anybody when it does not answer at once.
func (m *Messenger) clientsNow(
	ctx context.Context, organisation adapters.OrganisationID, ids ...adapters.ClientID,
) map[adapters.ClientID]adapters.Client {
	ctx, cancel := context.WithTimeout(ctx, shownWithin)
	defer cancel()
	found, err := m.directory(ctx, organisation, ids...)
	if err != nil {
		m.config.Logger.WarnContext(ctx, "messenger: the client directory did not say what may be shown", "error", err)
		return nil
	}
	return found
}

// messagesOf is what the actor sees of messages of their channel.
func (m *Messenger) messagesOf(ctx context.Context, s actor, list ...rows.Message) []Message {
	client := s.client
	for _, row := range list {
		if client.ID == "" && hasAddress(row) { // the owner, about whom nobody has been asked yet
			client = m.clientsNow(ctx, s.member.Organisation, s.channel.ClientID)[s.channel.ClientID]
			break
		}
	}
	client.Name = cmp.Or(client.Name, s.channel.ClientName)
	return column(list, func(row rows.Message) Message { return messageOf(row, client) })
}

// authorOf is who wrote a message. Of a client it is the name that they have now: the row has the one that they had,
// which may be a former one by now.
func authorOf(r rows.Message, client adapters.Client) adapters.Author {
	if r.AuthorKind == "client" {
		return adapters.Author{Kind: r.AuthorKind, ID: r.AuthorID, Name: client.Name}
	}
	return adapters.Author{Kind: r.AuthorKind, ID: r.AuthorID, Name: r.AuthorName}
}

// hasAddress says whether a message went to an address that may ever be shown. One that a person had sent to a
// restricted client shows none afterwards either.
func hasAddress(r rows.Message) bool { return r.ToAddress != "" && r.OverrideReason == "" }

// messageOf is what callers see of a row, whose client the directory has so; without an id: it was not asked, or does
// not say.
func messageOf(r rows.Message, client adapters.Client) Message {
	to := ""
	if hasAddress(r) && shownOf(client, client.ID != "", mayLook).contact {
		to = mask(r.ToAddress)
	}
	because := CancelledBecause("")
	if r.DeliveryStatus == DeliveryCancelled && r.Direction == adapters.Outbound {
		because = cmp.Or(CancelledBecause(r.CancelledBecause), CancelledByPerson)
	}
	subject, body := r.Words()
	return Message{
		Private: r.Private(), OpenedAt: value(r.OpenedAt), Withdrawn: withdrawnOf(r),
		Awaiting: awaitingOf(r), Reminds: value(r.Reminds),
		CancelledBecause: because,
		Template:         TemplateVersion{value(r.TemplateID), value(r.TemplateVersion)},
		ID:               r.ID, Channel: r.ChannelID, Seq: r.Seq, Direction: r.Direction, Medium: r.Medium,
		Subject: subject, Body: body, SentText: value(r.SentText),
		Author: authorOf(r, client), CreatedAt: r.CreatedAt,
		SendAfter: value(r.SendAfter), SendLocal: LocalTime{r.SendLocal, r.SendZone}, Unless: Unless(r.Unless),
		SentAt: value(r.SentAt), DeliveredAt: value(r.DeliveredAt),
		Delivery: Delivery{
			Status: r.DeliveryStatus, Reason: r.DeliveryReason, Attempts: r.Attempts, Via: r.Via, To: to,
			Attention: r.DeliveryAttention != nil,
			Waiting:   deliveryWaiting(r),
		},
		Record: RecordState{
			Status: r.RecordStatus, Reason: r.RecordReason, Reference: r.RecordReference,
			SavedAt: value(r.RecordSavedAt), OnlineViewing: r.OnlineViewing,
			Attention: r.RecordAttention != nil,
			Waiting:   waiting(r.RecordAttention, r.RecordWaiting, r.RecordWaitingUntil),
		},
		Verified: r.Verified, InReplyTo: value(r.InReplyTo), ReadAt: value(r.ReadAt), ReadBy: r.ReadBy, Purpose: r.Purpose,
	}
}
