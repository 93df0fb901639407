package web

import (
	"context"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// messengerHandover says to whom a channel or an inbox goes.
type messengerHandover struct {
	To         string `json:"to" doc:"A staff id."`
	Note       string `json:"note,omitempty" doc:"For whoever gets it: 5,000 characters at most."`
	TakeUnread bool   `json:"take_unread,omitempty" doc:"What is unread too: it stays unread."`
}

func (h messengerHandover) params(key string) messenger.HandoverParams {
	return messenger.HandoverParams{To: adapters.StaffID(h.To), Note: h.Note, TakeUnread: h.TakeUnread, Key: key}
}

type handoverInput struct {
	ID   string `path:"id"`
	Key  string `header:"Idempotency-Key" minLength:"1" maxLength:"255" pattern:"^[!-~]+$" doc:"Makes a repeat safe."`
	Body messengerHandover
}

// POST /channels/{id}/handover
func (a *staffAPI) handover(ctx context.Context, in *handoverInput) (*body[messengerChannel], error) {
	id, err := parseID(in.ID)
	if err != nil {
		return nil, err
	}
	given, err := a.m.Handover(ctx, id, in.Body.params(in.Key))
	if err != nil {
		return nil, err
	}
	return answer(wireChannel(given)), nil
}

type inboxHandoverInput struct {
	Staff string `path:"staff_id"`
	Key   string `header:"Idempotency-Key" minLength:"1" maxLength:"255" pattern:"^[!-~]+$" doc:"Makes a repeat safe."`
	Body  messengerHandover
}

// messengerBegunHandover is an inbox that is being handed over.
type messengerBegunHandover struct {
	ID    string `json:"id" format:"uuid"`
	Total int    `json:"total" doc:"Channels."`
}

// POST /inboxes/{staff_id}/handover
func (a *staffAPI) handoverInbox(ctx context.Context, in *inboxHandoverInput) (*body[messengerBegunHandover], error) {
	begun, err := a.m.HandoverInbox(ctx, adapters.StaffID(in.Staff), in.Body.params(in.Key))
	if err != nil {
		return nil, err
	}
	return answer(messengerBegunHandover{begun.ID.String(), begun.Total}), nil
}

// messengerInboxHandover is how far the handing over of an inbox has come.
type messengerInboxHandover struct {
	ID           string                    `json:"id" format:"uuid"`
	State        string                    `json:"state" enum:"running,done"`
	Total        int                       `json:"total" doc:"Channels."`
	Moved        int                       `json:"moved"`
	RefusedCount int                       `json:"refused_count"`
	Refused      []messengerRefusedChannel `json:"refused" nullable:"false" doc:"The first 100."`
}

type messengerRefusedChannel struct {
	Channel string         `json:"channel_id" format:"uuid"`
	Why     messenger.Code `json:"why" doc:"An error's code."`
}

// GET /inboxes/{staff_id}/handover
func (a *staffAPI) inboxHandover(ctx context.Context, in *byStaff) (*body[messengerInboxHandover], error) {
	h, err := a.m.InboxHandover(ctx, adapters.StaffID(in.Staff))
	if err != nil {
		return nil, err
	}
	state := "running"
	if h.Done {
		state = "done"
	}
	return answer(messengerInboxHandover{
		h.ID.String(), state, h.Total, h.Moved, h.RefusedCount,
		each(h.Refused, func(r messenger.RefusedChannel) messengerRefusedChannel {
			return messengerRefusedChannel{r.Channel.String(), r.Why}
		}),
	}), nil
}
