package messenger

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"time"

	"github.com/google/uuid"
)

// cursor says where the next page of one list begins: after the row with these values. It is opaque to callers, but not
// a secret: it opens nothing that the asker may not see.
type cursor struct {
	List   string    `json:"l"` // which list it belongs to: one of another list is refused
	Status Status    `json:"s,omitempty"`
	At     time.Time `json:"t,omitzero"`
	ID     uuid.UUID `json:"i,omitzero"`
	N      int64     `json:"n,omitempty"`
}

const maxCursor = 1000

// newest is where the first page of a list begins whose newest rows come first.
func newest() cursor { return cursor{At: time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC), ID: uuid.Max} }

func (c cursor) String() string {
	raw, err := json.Marshal(c)
	if err != nil {
		panic(err) // strings, numbers, ids and times of this century always encode
	}
	return base64.RawURLEncoding.EncodeToString(raw)
}

// parseCursor reads the cursor of a list; ok is false for the first page.
func parseCursor(s, list string) (c cursor, ok bool, err error) {
	if s == "" {
		return cursor{}, false, nil
	}
	if len(s) > maxCursor {
		return cursor{}, false, badCursor()
	}
	raw, err := base64.RawURLEncoding.Strict().DecodeString(s)
	if err != nil {
		return cursor{}, false, badCursor()
	}
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.DisallowUnknownFields()
	if decoder.Decode(&c) != nil || c.List != list || c.String() != s || c.At.Year() > 9999 || c.At.Year() < 0 {
		return cursor{}, false, badCursor()
	}
	switch c.Status {
	case "", Unread, Open, Done:
		return c, true, nil
	default:
		return cursor{}, false, badCursor()
	}
}

// limit is the page size asked for; it is never clamped in silence.
func (p PageParams) limit() (int, error) {
	if p.Limit == 0 {
		return PageLimit, nil
	}
	if p.Limit < 1 || p.Limit > MaxPageLimit {
		return 0, invalid("limit", "Ask for 1 to 100 at a time.")
	}
	return p.Limit, nil
}

// fromNewest reads which page of a list is wanted whose newest rows come first: behind which of them, and how many.
func (p PageParams) fromNewest(list string) (from cursor, limit int, err error) {
	if limit, err = p.limit(); err != nil {
		return from, 0, err
	}
	from, later, err := parseCursor(p.Cursor, list)
	if err == nil && !later {
		from = newest()
	}
	return from, limit, err
}

// page cuts rows, asked for one beyond limit, to a page and says where the next begins.
func page[T any](rows []T, limit int, next func(T) cursor) Page[T] {
	if len(rows) <= limit {
		return Page[T]{Items: rows}
	}
	rows = rows[:limit]
	return Page[T]{Items: rows, Next: next(rows[limit-1]).String()}
}
