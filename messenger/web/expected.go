package web

import (
	"context"

	"github.com/google/uuid"

	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// POST /messages/{id}/remind
func (a *staffAPI) remind(ctx context.Context, in *byID) (*body[messengerMessage], error) {
	return changed(ctx, in.ID, a.m.Remind)
}

// messengerStop says why nothing is waited for any more.
type messengerStop struct {
	Note string `json:"note,omitempty" doc:"Up to 1,000 characters; it stands in the history."`
}

type stopInput struct {
	ID   string `path:"id"`
	Body *messengerStop
}

// POST /messages/{id}/stop-waiting
func (a *staffAPI) stopWaiting(ctx context.Context, in *stopInput) (*body[messengerMessage], error) {
	return changed(ctx, in.ID, func(ctx context.Context, id uuid.UUID) (messenger.Message, error) {
		note := ""
		if in.Body != nil {
			note = in.Body.Note
		}
		return a.m.StopWaiting(ctx, id, note)
	})
}

// messengerAwaited is that a channel waits for an answer.
type messengerAwaited struct {
	By     string                   `json:"by" format:"date"`
	Status messenger.AwaitingStatus `json:"status" doc:"waiting or overdue."`
}
