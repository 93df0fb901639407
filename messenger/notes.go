package messenger

import (
	"context"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/jobs"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/rows"
)

// Notes are no messages: they have a table, a type and a job of their own, and nothing that sends, tells or searches
// messages takes any of them. In one table with messages, told apart by a flag, notes of others came to be sent:
// https://github.com/chatwoot/chatwoot/issues/837, 1073 and 7075.

// NoteKind is what somebody wrote down: a note, or what became of a telephone call.
type NoteKind = adapters.NoteKind

// The kinds.
const (
	KindNote NoteKind = adapters.Note
	KindCall NoteKind = adapters.Call
)

// NoteFiling is how far a note has come that was to be filed in the record.
type NoteFiling string

// How far.
const (
	NoteNotFiled     NoteFiling = "none" // nobody wants it there
	NoteFilingWaits  NoteFiling = "pending"
	NoteFiled        NoteFiling = "saved"
	NoteFilingFailed NoteFiling = "failed" // the record will never take it, or does not have the client
)

// Note is what a staff member wrote in a thread for colleagues. The client never gets it.
type Note struct {
	ID     uuid.UUID
	Kind   NoteKind
	Text   string
	Author adapters.Author
	At     time.Time
	Filing NoteFiling
}

// NoteParams is a note to be added.
type NoteParams struct {
	Kind NoteKind
	Text string // 1 to 5,000 characters
	File bool   // in the clinical record too, hidden from the client there
	// Key makes a repeat safe: the same note under the same key is written once. 1 to 255 visible ASCII characters;
	// empty: each call writes one.
	Key string
}

// AddNote writes a note into a channel, for whoever may open it. It changes nothing of the channel: it is no message,
// makes nothing read, and moves no status. Where File asks for it, it is filed once, and for as long as the record does
// not answer that waits. For the owner and who may act for them. A second call writes a second note;
// with the Key of the first it returns that one as it now stands. Errors: CodeInvalid (the kind, the text or the key),
// CodeNotConfigured (File, without Config.Record), CodeNotFound, CodeForbidden, CodeKeyReused.
func (m *Messenger) AddNote(ctx context.Context, channel uuid.UUID, p NoteParams) (Note, error) {
	if p.Kind != KindNote && p.Kind != KindCall {
		return Note{}, invalid("kind", "Say whether this is a note or a call.")
	}
	text, err := plainUpTo("text", p.Text, MaxLongNote)
	if err != nil {
		return Note{}, err
	}
	if text, err = m.kept(ctx, m.db(), text, shownLink); err != nil {
		return Note{}, err
	}
	if blank(text) {
		return Note{}, invalid("text", "Write the note.")
	}
	row := rows.Note{Kind: string(p.Kind), Text: strings.TrimSpace(text), Filing: string(NoteNotFiled)}
	return unmoved(func() (Note, error) {
		s, err := m.toActAt(ctx, channel)
		if err != nil {
			return Note{}, err
		}
		under, made, err := m.onceUnder(ctx, s.member, p.Key, []any{"note", channel, row.Kind, row.Text, p.File})
		if err != nil {
			return Note{}, err
		}
		if made != uuid.Nil {
			first, err := rows.One[rows.Note](ctx, m.db(), rows.All[rows.Note]().Where("n.id = ?", rows.V(made)))
			return noteOf(first), err
		}
		if p.File && m.config.Record == nil {
			return Note{}, fail(CodeNotConfigured, "No clinical record is set up here: the note can't be filed.")
		}
		if p.File {
			row.Filing = string(NoteFilingWaits)
		}
		err = m.inTx(ctx, func(ctx context.Context, t tx) error {
			locked, err := lockFor(ctx, t, s)
			if err != nil {
				return err
			}
			row.ID = t.clock.newID()
			if p.File {
				if err := t.enqueue(ctx, jobs.FileNote{Note: row.ID}); err != nil {
					return err
				}
			}
			if err := under.keep(ctx, t, row.ID); err != nil {
				return err
			}
			row, err = t.writeNote(ctx, locked, author(s.member), s.onBehalfOf(), row)
			return err
		})
		if err != nil {
			return Note{}, err
		}
		m.changes.add(s.channel)
		return noteOf(row), nil
	})
}

// writeNote adds a note to a locked channel, and a line of history without its words.
func (t tx) writeNote(
	ctx context.Context, channel rows.Channel, by adapters.Author, onBehalfOf adapters.StaffID, row rows.Note,
) (rows.Note, error) {
	row.OrganisationID, row.ChannelID, row.At = channel.OrganisationID, channel.ID, t.now.UTC().Truncate(time.Microsecond)
	row.AuthorID, row.AuthorName = adapters.StaffID(by.ID), by.Name
	if _, err := rows.Exec(ctx, t, rows.Insert(&row)); err != nil {
		return row, err
	}
	return row, t.writeHistory(ctx, logEntry{
		channel: channel, actor: by, onBehalfOf: onBehalfOf, action: HistoryAction(row.Kind),
	})
}

// moveNotes has a channel's notes be another's, which it is joined with.
func moveNotes(ctx context.Context, t tx, from, into uuid.UUID) error {
	_, err := rows.Exec(ctx, t, rows.Update[rows.Note]().Set("channel_id = ?", rows.V(into)).
		Where("channel_id = ?", rows.V(from)))
	return err
}

func noteOf(row rows.Note) Note {
	return Note{
		ID: row.ID, Kind: NoteKind(row.Kind), Text: row.Text, At: row.At.UTC(), Filing: NoteFiling(row.Filing),
		Author: adapters.Author{Kind: "staff", ID: string(row.AuthorID), Name: row.AuthorName},
	}
}

// MarkKind is what a mark in a thread says.
type MarkKind string

// The kinds of mark. Callers must bear values that they do not know.
const (
	MarkHandover MarkKind = "handover" // By gave the channel to a colleague, with Text
	MarkJoined   MarkKind = "joined"   // another thread with this client became part of this one
	MarkAway     MarkKind = "away"     // By, the channel's owner, is away until Until, and Cover has their replies
)

// Mark is something that happened to a channel as a whole, in its place in the thread.
type Mark struct {
	ID    uuid.UUID
	Kind  MarkKind
	At    time.Time
	By    adapters.Author
	Text  string    // the note of a handover
	Until time.Time // of an absence: zero where nobody knows
	Cover string    // of an absence: the name
}

// NotesParams is a part of a thread: from Since on and before Until. Zero times bound nothing.
type NotesParams struct{ Since, Until time.Time }

// Notes are the notes and the marks of a part of a thread, each the newest first and 500 at most: ask again until the
// time of the last one for those before.
type Notes struct {
	Items []Note
	Marks []Mark
}

// mostNotes is how many notes, and how many marks, are told at once.
const mostNotes = 500

// Notes returns a channel's notes and marks, with those of the channels that it was joined with. For whoever may open
// it; a colleague's look leaves one line an hour in the history, as Channel's does. Errors: CodeNotFound, CodeInvalid
// (a time out of range).
func (m *Messenger) Notes(ctx context.Context, channel uuid.UUID, p NotesParams) (Notes, error) {
	since, until, err := p.bounds()
	if err != nil {
		return Notes{}, err
	}
	s, err := m.toLookAt(ctx, channel)
	if err != nil {
		return Notes{}, err
	}
	found, err := rows.List[rows.Note](ctx, m.db(), rows.Limit(rows.All[rows.Note]().
		Where("n.channel_id = ? AND n.at >= ? AND n.at < ?", rows.V(s.channel.ID), rows.V(since), rows.V(until)).
		OrderExpr("n.at DESC, n.id DESC"), mostNotes))
	if err != nil {
		return Notes{}, err
	}
	marks, err := m.marks(ctx, s.channel, since, until)
	return Notes{Items: column(found, noteOf), Marks: marks}, err
}
