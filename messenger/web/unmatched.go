package web

import (
	"context"
	"time"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// messengerUnmatched is an inbound text that waits for a person to say whose it is.
type messengerUnmatched struct {
	ID         string               `json:"id" format:"uuid"`
	From       string               `json:"from,omitempty"`
	To         string               `json:"to"`
	Body       string               `json:"body,omitempty" doc:"Absent for who may not read it."`
	At         time.Time            `json:"at"`
	Candidates []messengerCandidate `json:"candidates" nullable:"false"`
	MayAssign  bool                 `json:"may_assign" doc:"The asker may read it and say whose it is."`
}

type messengerCandidate struct {
	Channel    string `json:"channel_id" format:"uuid"`
	Staff      string `json:"staff_id"`
	Client     string `json:"client_id"`
	ClientName string `json:"client_name"`
}

func wireUnmatched(u messenger.Unmatched) messengerUnmatched {
	return messengerUnmatched{
		u.ID.String(),
		u.From,
		u.To,
		u.Body,
		u.At.UTC(),
		each(u.Candidates, func(c messenger.Candidate) messengerCandidate {
			return messengerCandidate{c.Channel.String(), string(c.Staff), string(c.Client), c.ClientName}
		}),
		u.MayAssign,
	}
}

// GET /unmatched
func (a *staffAPI) unmatched(ctx context.Context, in *pageInput) (*body[messengerPage[messengerUnmatched]], error) {
	found, err := a.m.Unmatched(ctx, paging(in.Cursor, in.Limit))
	if err != nil {
		return nil, err
	}
	return page(found, wireUnmatched), nil
}

// messengerUndo says why what was done is undone.
type messengerUndo struct {
	Reason string `json:"reason,omitempty"`
}

type unassignInput struct {
	ID   string `path:"id"`
	Body *messengerUndo
}

// POST /unmatched/{id}/unassign
func (a *staffAPI) unassign(ctx context.Context, in *unassignInput) (*body[messengerUnmatched], error) {
	id, err := parseID(in.ID)
	if err != nil {
		return nil, err
	}
	var undo messengerUndo
	if in.Body != nil {
		undo = *in.Body
	}
	text, err := a.m.Unassign(ctx, id, undo.Reason)
	if err != nil {
		return nil, err
	}
	return answer(wireUnmatched(text)), nil
}

// messengerAssignment says whose an inbound text is: a channel, or the asker's own with a client.
type messengerAssignment struct {
	Channel *string `json:"channel_id,omitempty" doc:"A channel that the asker may act in."`
	Client  string  `json:"client_id,omitempty"`
	Reason  string  `json:"reason,omitempty"`
}

type assignInput struct {
	ID   string `path:"id"`
	Body messengerAssignment
}

// POST /unmatched/{id}/assign
func (a *staffAPI) assign(ctx context.Context, in *assignInput) (*body[messengerMessage], error) {
	id, err := parseID(in.ID)
	if err != nil {
		return nil, err
	}
	channel, err := parseOptionalID(in.Body.Channel)
	if err != nil {
		return nil, err
	}
	message, err := a.m.Assign(ctx, id, messenger.AssignParams{
		Channel: channel, Client: adapters.ClientID(in.Body.Client), Reason: in.Body.Reason,
	})
	if err != nil {
		return nil, err
	}
	return answer(wireMessage(message)), nil
}
