package web

import (
	"context"

	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// messengerPresent is a colleague who has a channel open, or has no more, as an event tells it.
type messengerPresent struct {
	ChannelID string `json:"channel_id" format:"uuid"`
	StaffID   string `json:"staff_id"`
	Name      string `json:"name"`
	Writing   bool   `json:"writing"`
}

func wirePresent(p messenger.Present) messengerPresent {
	return messengerPresent{p.Channel.String(), string(p.Staff), p.Name, p.Writing}
}

// messengerPresence is what somebody says who has a channel open.
type messengerPresence struct {
	Writing bool `json:"writing" doc:"Whether something is being written there."`
}

type presenceInput struct {
	ID   string `path:"id"`
	Body messengerPresence
}

// POST /channels/{id}/presence
func (a *staffAPI) present(ctx context.Context, in *presenceInput) (*none, error) {
	id, err := parseID(in.ID)
	if err != nil {
		return nil, err
	}
	return nil, a.m.Present(ctx, id, in.Body.Writing)
}

// DELETE /channels/{id}/presence
func (a *staffAPI) gone(ctx context.Context, in *byID) (*none, error) {
	id, err := parseID(in.ID)
	if err != nil {
		return nil, err
	}
	return nil, a.m.Gone(ctx, id)
}
