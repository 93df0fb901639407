package messenger

import (
	"context"
	"strings"

	"github.com/google/uuid"

	"github.com/cmsmessenger/cmsmessenger/messenger/internal/rows"
)

// Resolve says that a person dealt with a failed, unknown or held message otherwise: the warning goes, the failure and
// the note stay. Without a warning it is CodeNothingToDo, a second call too. Errors: CodeInvalid, CodeNotFound,
// CodeForbidden.
func (m *Messenger) Resolve(ctx context.Context, message uuid.UUID, p ResolveParams) (Message, error) {
	note, err := plainUpTo("note", p.Note, MaxNote)
	if err != nil {
		return Message{}, err
	}
	if p.Of != "delivery" && p.Of != "record" {
		return Message{}, invalid("of", `What was dealt with is "delivery" or "record".`)
	}
	s, err := m.toActOn(ctx, message)
	if err != nil {
		return Message{}, err
	}
	if note, err = m.kept(ctx, m.db(), note, shownLink); err != nil {
		return Message{}, err
	}
	entry := logEntry{action: ActionResolved, message: message, note: strings.TrimSpace(note)}
	return m.changeMessage(ctx, s, entry, func(ctx context.Context, t tx, _ rows.Message) error {
		warned := rows.Update[rows.Message]().Where("id = ?", rows.V(message))
		if p.Of == "delivery" {
			warned.Set("delivery_attention = NULL").Where("delivery_attention <> 'waiting'")
		} else {
			warned.Set("record_attention = NULL").Where("record_attention <> 'waiting'")
		}
		n, err := rows.Exec(ctx, t, warned)
		if err := requireRow(n, err, nothingToDo()); err != nil || p.Of != "delivery" {
			return err
		}
		// what nobody knows to have been sent is not filed by itself; FileAgain files it
		_, err = rows.Exec(ctx, t, rows.Update[rows.Message]().
			Set("record_status = 'not_required', record_reason = 'delivery_unknown', record_attention = NULL").
			Where("id = ? AND delivery_status = 'unknown' AND record_status = 'pending'", rows.V(message)))
		return err
	})
}
