package messenger

import (
	"context"

	"github.com/google/uuid"

	"github.com/cmsmessenger/cmsmessenger/messenger/internal/rows"
)

// Messages returns a page of a channel's thread, newest first by their place in it. A colleague's look leaves one line
// an hour in the history, as Channel's does. Errors: CodeNotFound, CodeInvalid.
func (m *Messenger) Messages(ctx context.Context, channel uuid.UUID, p PageParams) (Page[Message], error) {
	s, err := m.toLookAt(ctx, channel)
	if err != nil {
		return Page[Message]{}, err
	}
	limit, err := p.limit()
	if err != nil {
		return Page[Message]{}, err
	}
	from, later, err := parseCursor(p.Cursor, "messages")
	if err != nil {
		return Page[Message]{}, err
	}
	if !later {
		from.N = s.channel.LastSeq + 1<<32 // whatever has come since is on the first page
	}
	found, err := rows.List[rows.Message](ctx, m.db(), rows.Limit(rows.Messages().
		Where("m.channel_id = ? AND m.seq < ?", rows.V(channel), rows.V(from.N)).OrderExpr("m.seq DESC"), limit+1))
	if err != nil {
		return Page[Message]{}, err
	}
	cut := page(found, limit, func(r rows.Message) cursor { return cursor{List: "messages", N: r.Seq} })
	return Page[Message]{messagesOf(cut.Items), cut.Next}, nil
}

func messagesOf(list []rows.Message) []Message {
	messages := make([]Message, len(list))
	for i, row := range list {
		messages[i] = messageOf(row)
	}
	return messages
}
