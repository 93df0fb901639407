package messenger

import (
	"context"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/cmsmessenger/cmsmessenger/messenger/internal/rows"
)

// Resolve says that a person dealt with a failed, unknown or held message otherwise: the warning goes, the failure and the
// note stay. Without a warning it is CodeNothingToDo, a second call too. Errors: CodeInvalid, CodeNotFound, CodeForbidden.
func (m *Messenger) Resolve(ctx context.Context, message uuid.UUID, p ResolveParams) (Message, error) {
	note, err := plain("note", p.Note)
	if err != nil {
		return Message{}, err
	}
	if utf8.RuneCountInString(note) > MaxNote {
		return Message{}, invalid("note", "The note must be 1,000 characters or fewer.")
	}
	column := map[string]string{"delivery": "delivery_attention", "record": "record_attention"}[p.Of]
	if column == "" {
		return Message{}, invalid("of", `What was dealt with is "delivery" or "record".`)
	}
	s, err := m.toActOn(ctx, message)
	if err != nil {
		return Message{}, err
	}
	return m.mend(ctx, s, message, ActionResolved, strings.TrimSpace(note), func(ctx context.Context, t tx, _ rows.Message) error {
		tag, err := t.Exec(ctx, "update messenger_messages set "+column+" = null where id = $1 and "+column+" is not null", message)
		if err := requireRow(tag.RowsAffected(), err, nothingToDo()); err != nil || p.Of != "delivery" {
			return err
		}
		// what nobody knows to have been sent is not filed by itself; FileAgain files it
		_, err = t.Exec(ctx, `update messenger_messages set record_status = 'not_required' where id = $1
			and delivery_status = 'unknown' and record_status = 'pending'`, message)
		return err
	})
}
