package web

import (
	"context"

	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// messengerMe is the asker.
type messengerMe struct {
	Staff          messengerStaff        `json:"staff"`
	Organisation   messengerOrganisation `json:"organisation"`
	Permissions    []string              `json:"permissions" nullable:"false"`
	Record         bool                  `json:"record" doc:"Whether the host has a clinical record."`
	UnreadCount    int                   `json:"unread_count" doc:"Unread channels, own and covered."`
	AttentionCount int                   `json:"attention_count"`
	AwaitingCount  int                   `json:"awaiting_count" doc:"Channels that wait for an answer, up to 1,000."`
	OverdueCount   int                   `json:"overdue_count" doc:"Channels with a reply unread too long, up to 1,000."`
	UnmatchedCount int                   `json:"unmatched_count"`
	Covering       []messengerCover      `json:"covering" nullable:"false" doc:"Whose inboxes the asker covers now."`
	Closing        map[string]string     `json:"closing" nullable:"false"`
}

type messengerStaff struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

type messengerOrganisation struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// GET /me
func (a *staffAPI) me(ctx context.Context, _ *none) (*body[messengerMe], error) {
	me, err := a.m.Me(ctx)
	if err != nil {
		return nil, err
	}
	answered := messengerMe{
		Staff:        messengerStaff{string(me.Member.ID), me.Member.Name},
		Organisation: messengerOrganisation{string(me.Member.Organisation), me.OrganisationName},
		Permissions:  []string{}, Record: me.Record, UnreadCount: me.UnreadCount, AttentionCount: me.AttentionCount,
		OverdueCount:   me.OverdueCount,
		AwaitingCount:  me.AwaitingCount,
		UnmatchedCount: me.UnmatchedCount,
		Closing:        me.Closing,
		Covering: each(me.Covering, func(c messenger.Covering) messengerCover {
			return messengerCover{string(c.Staff), c.Name, optionalTime(c.Until)}
		}),
	}
	for _, medium := range me.Member.Media {
		answered.Permissions = append(answered.Permissions, "send_"+string(medium))
	}
	if me.SortsTexts {
		answered.Permissions = append(answered.Permissions, "sorts_texts")
	}
	if me.Member.Manages {
		answered.Permissions = append(answered.Permissions, "manages")
	}
	if me.Member.ManagesTemplates {
		answered.Permissions = append(answered.Permissions, "manages_templates")
	}
	if me.Member.Exports {
		answered.Permissions = append(answered.Permissions, "exports")
	}
	return answer(answered), nil
}

// messengerInbox is an inbox that the asker may open.
type messengerInbox struct {
	Staff  string `json:"staff_id"`
	Name   string `json:"name"`
	Unread int    `json:"unread" doc:"Channels."`
	Open   int    `json:"open" doc:"Channels."`
	MayAct bool   `json:"may_act" doc:"May send, change and read on the owner's behalf."`
}

func wireInbox(i messenger.InboxSummary) messengerInbox {
	return messengerInbox{string(i.Staff), i.Name, i.Unread, i.Open, i.MayAct}
}

// GET /inboxes
func (a *staffAPI) inboxes(ctx context.Context, _ *none) (*body[messengerPage[messengerInbox]], error) {
	found, err := a.m.Inboxes(ctx)
	if err != nil {
		return nil, err
	}
	return answer(messengerPage[messengerInbox]{Items: each(found, wireInbox)}), nil
}

// messengerNotification is a channel in the notification centre.
type messengerNotification struct {
	Kind        string                `json:"kind" enum:"reply,failure,overdue" doc:"failure: not delivered, or unknown."`
	Channel     string                `json:"channel_id" format:"uuid"`
	Client      string                `json:"client_id"`
	ClientName  string                `json:"client_name"`
	Read        bool                  `json:"read"`
	UnreadCount int                   `json:"unread_count"`
	Attention   []messenger.Attention `json:"attention" nullable:"false" doc:"The channel's, as in its row."`
	LastMessage messengerPreview      `json:"last_message"`
	URL         string                `json:"url" doc:"The host's Messages page with this channel open."`
	CoveredFor  string                `json:"covered_for,omitempty" doc:"The owner, in the list of who covers them."`
}

func wireNotification(n messenger.Notification) messengerNotification {
	return messengerNotification{
		string(n.Kind), n.Channel.String(), string(n.Client), n.ClientName, n.Read, n.UnreadCount,
		append([]messenger.Attention{}, n.Attention...), wirePreview(n.LastMessage), n.URL, string(n.CoveredFor),
	}
}

// GET /notifications
func (a *staffAPI) notifications(
	ctx context.Context,
	in *pageInput,
) (*body[messengerPage[messengerNotification]], error) {
	found, err := a.m.Notifications(ctx, paging(in.Cursor, in.Limit))
	if err != nil {
		return nil, err
	}
	return page(found, wireNotification), nil
}

// messengerNotificationCount counts channels in the notification centre.
type messengerNotificationCount struct {
	Unread int `json:"unread"`
	Total  int `json:"total" doc:"Counted up to 1,000."`
}

// GET /notifications/count
func (a *staffAPI) notificationCount(ctx context.Context, _ *none) (*body[messengerNotificationCount], error) {
	count, err := a.m.NotificationCount(ctx)
	if err != nil {
		return nil, err
	}
	return answer(messengerNotificationCount(count)), nil
}
