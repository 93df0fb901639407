package web

import (
	"context"
	"time"

	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// messengerOverview is the day's end.
type messengerOverview struct {
	Safe      bool                     `json:"safe" doc:"Nothing of what is shown has to be seen today."`
	Inboxes   []messengerInboxOverview `json:"inboxes" nullable:"false"`
	Unmatched int                      `json:"unmatched" doc:"Texts that no channel claims, up to 1,000."`
	Waiting   int                      `json:"waiting" doc:"Pauses that need a person, broadcasts held up, no worker up."`
}

type messengerInboxOverview struct {
	Staff     string             `json:"staff_id"`
	Name      string             `json:"name"`
	State     messenger.Presence `json:"state" enum:"here,away,left"`
	Cover     *messengerCover    `json:"cover,omitempty" doc:"Who covers while the owner is away."`
	Uncovered bool               `json:"uncovered" doc:"Replies to it are in front of nobody."`
	Unread    int                `json:"unread" doc:"Channels."`
	Oldest    *time.Time         `json:"oldest_unread_at,omitempty" doc:"When the oldest unread reply came."`
	Overdue   int                `json:"overdue" doc:"Channels."`
	Attention int                `json:"attention" doc:"Channels."`
	Awaiting  int                `json:"awaiting" doc:"Channels that wait for an answer."`
	Scheduled int                `json:"scheduled" doc:"Messages."`
}

func wireOverview(i messenger.InboxOverview) messengerInboxOverview {
	inbox := messengerInboxOverview{
		Staff: string(i.Staff), Name: i.Name, State: i.State, Uncovered: i.Uncovered, Unread: i.Unread,
		Oldest: optionalTime(i.OldestUnread), Overdue: i.Overdue, Attention: i.Attention, Scheduled: i.Scheduled,
		Awaiting: i.Awaiting,
	}
	if i.Cover != nil {
		inbox.Cover = &messengerCover{Staff: string(i.Cover.Staff), Name: i.Cover.Name}
	}
	return inbox
}

// GET /overview
func (a *staffAPI) overview(ctx context.Context, _ *none) (*body[messengerOverview], error) {
	found, err := a.m.Overview(ctx)
	if err != nil {
		return nil, err
	}
	return answer(messengerOverview{
		found.Safe, each(found.Inboxes, wireOverview), found.Unmatched, found.Waiting,
	}), nil
}
