package messenger

import (
	"context"
	"slices"

	"github.com/google/uuid"

	"github.com/cmsmessenger/cmsmessenger/messenger/internal/rows"
)

// ThreadPage is one page of a channel's messages, newest first.
type ThreadPage struct {
	Page[Message]
	Previous string // the cursor of the page of newer messages, where a page around a message has left some out
	Before   int    // how many messages of the thread are older than the page's: Seq has gaps, and goes on after a merge
}

// The two directions in which a thread is paged.
const (
	olderMessages = "messages"
	newerMessages = "newer messages"
)

// Messages returns a page of a channel's thread, newest first by their place in it: the newest, or what the Next or the
// Previous of a former page says. A colleague's look leaves one line an hour in the history, as Channel's does. Errors:
// CodeNotFound, CodeInvalid.
func (m *Messenger) Messages(ctx context.Context, channel uuid.UUID, p PageParams) (ThreadPage, error) {
	s, err := m.toLookAt(ctx, channel)
	if err != nil {
		return ThreadPage{}, err
	}
	limit, err := p.limit()
	if err != nil {
		return ThreadPage{}, err
	}
	if from, _, err := parseCursor(p.Cursor, newerMessages); err == nil && p.Cursor != "" {
		newer, previous, err := m.newer(ctx, s, from, limit)
		if err != nil {
			return ThreadPage{}, err
		}
		return m.counted(ctx, s, ThreadPage{Page[Message]{Items: newer}, previous, 0})
	}
	from, later, err := parseCursor(p.Cursor, olderMessages)
	if err != nil {
		return ThreadPage{}, err
	}
	if !later {
		from.N = s.channel.LastSeq + 1<<32 // whatever has come since is on the first page
	}
	older, err := m.older(ctx, s, from, limit)
	if err != nil || older.Next == "" {
		return ThreadPage{Page: older}, err
	}
	return m.counted(ctx, s, ThreadPage{Page: older})
}

// MessagesAround returns the page of a channel's thread that has a message in its middle, as many newer as older ones
// about it: a search leads there. Errors: CodeNotFound, also where the message is in another channel or a text that was
// taken out of this one, CodeInvalid.
func (m *Messenger) MessagesAround(
	ctx context.Context, channel, message uuid.UUID, limit int,
) (ThreadPage, error) {
	s, err := m.toLookAt(ctx, channel)
	if err != nil {
		return ThreadPage{}, err
	}
	limit, err = (PageParams{Limit: limit}).limit()
	if err != nil {
		return ThreadPage{}, err
	}
	at, err := rows.List[rows.Message](ctx, m.db(), rows.Limit(rows.Shown().
		Where("m.channel_id = ? AND m.id = ?", rows.V(s.channel.ID), rows.V(message)), 1))
	if err != nil {
		return ThreadPage{}, err
	}
	if len(at) == 0 {
		return ThreadPage{}, notFound()
	}
	middle := cursor{List: newerMessages, N: at[0].Seq, ID: message}
	newer, previous, err := m.newer(ctx, s, middle, max(1, limit/2))
	if err != nil {
		return ThreadPage{}, err
	}
	if limit == 1 && len(newer) > 0 { // there is no room for it
		newer, previous = nil, middle.String()
	}
	page, err := m.older(ctx, s, cursor{N: middle.N + 1}, limit-len(newer))
	page.Items = append(newer, page.Items...)
	if err != nil || page.Next == "" {
		return ThreadPage{page, previous, 0}, err
	}
	return m.counted(ctx, s, ThreadPage{page, previous, 0})
}

// counted is a page with how many messages come before it.
func (m *Messenger) counted(ctx context.Context, s actor, page ThreadPage) (ThreadPage, error) {
	if len(page.Items) == 0 {
		return page, nil
	}
	oldest := page.Items[len(page.Items)-1]
	var err error
	page.Before, err = rows.One[int](ctx, m.db(), rows.CountShown().
		Where("m.channel_id = ? AND m.seq < ?", rows.V(s.channel.ID), rows.V(oldest.Seq)))
	return page, err
}

// placeNow is the place of a cursor's message: it changes where the channel is joined with another.
const placeNow = "coalesce((SELECT p.seq FROM messenger_messages AS p WHERE p.id = ? AND p.channel_id = ?), ?)"

// older are the messages before a place, newest first.
func (m *Messenger) older(ctx context.Context, s actor, before cursor, limit int) (Page[Message], error) {
	channel := rows.V(s.channel.ID)
	found, err := rows.List[rows.Message](ctx, m.db(), rows.Limit(rows.Shown().
		Where("m.channel_id = ? AND m.seq < "+placeNow, channel, rows.V(before.ID), channel, rows.V(before.N)).
		OrderExpr("m.seq DESC"), limit+1))
	cut := page(found, limit, func(r rows.Message) cursor { return cursor{List: olderMessages, N: r.Seq, ID: r.ID} })
	return Page[Message]{m.messagesOf(ctx, s, cut.Items...), cut.Next}, err
}

// newer are the messages that follow a place, newest first, with the cursor of those that follow them.
func (m *Messenger) newer(
	ctx context.Context, s actor, after cursor, limit int,
) (list []Message, previous string, err error) {
	channel := rows.V(s.channel.ID)
	found, err := rows.List[rows.Message](ctx, m.db(), rows.Limit(rows.Shown().
		Where("m.channel_id = ? AND m.seq > "+placeNow, channel, rows.V(after.ID), channel, rows.V(after.N)).
		OrderExpr("m.seq"), limit+1))
	cut := page(found, limit, func(r rows.Message) cursor { return cursor{List: newerMessages, N: r.Seq, ID: r.ID} })
	slices.Reverse(cut.Items)
	return m.messagesOf(ctx, s, cut.Items...), cut.Next, err
}
