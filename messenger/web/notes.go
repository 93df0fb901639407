package web

import (
	"context"
	"time"

	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// messengerNote is what a staff member wrote in a thread for colleagues.
type messengerNote struct {
	ID     string          `json:"id" format:"uuid" doc:"No message's."`
	Kind   string          `json:"kind" enum:"note,call"`
	Text   string          `json:"text"`
	Author messengerAuthor `json:"author"`
	At     time.Time       `json:"at"`
	Filed  bool            `json:"filed" doc:"Whether the clinical record has it."`
	Filing string          `json:"filing,omitempty" enum:"pending,failed"`
}

func wireNote(n messenger.Note) messengerNote {
	wired := messengerNote{
		n.ID.String(), string(n.Kind), n.Text, wireAuthor(n.Author), n.At.UTC(), n.Filing == messenger.NoteFiled, "",
	}
	if n.Filing == messenger.NoteFilingWaits || n.Filing == messenger.NoteFilingFailed {
		wired.Filing = string(n.Filing)
	}
	return wired
}

// messengerMark is something that happened to a channel as a whole, in its place in the thread.
type messengerMark struct {
	ID        string          `json:"id" format:"uuid"`
	Kind      string          `json:"kind" doc:"handover, joined or away."`
	At        time.Time       `json:"at" doc:"When it was; of away, when it began."`
	Author    messengerAuthor `json:"author" doc:"Who did it; of away, who is."`
	Text      string          `json:"text,omitempty" doc:"The note of a handover."`
	Until     *time.Time      `json:"until,omitempty" doc:"Of away; absent: until somebody says that they are back."`
	CoverName string          `json:"cover_name,omitempty" doc:"Of away: who covers."`
}

func wireMark(m messenger.Mark) messengerMark {
	return messengerMark{
		m.ID.String(), string(m.Kind), m.At.UTC(), wireAuthor(m.By), m.Text, optionalTime(m.Until), m.Cover,
	}
}

// messengerNotes are the notes and the marks of a part of a thread.
type messengerNotes struct {
	Items []messengerNote `json:"items" nullable:"false"`
	Marks []messengerMark `json:"marks" nullable:"false"`
}

type notesInput struct {
	ID    string `path:"id"`
	Since string `query:"since" format:"date-time" doc:"From this time on; absent: from the beginning."`
	Until string `query:"until" format:"date-time" doc:"Before this time; absent: to the end."`
}

// GET /channels/{id}/notes
func (a *staffAPI) notes(ctx context.Context, in *notesInput) (*body[messengerNotes], error) {
	id, err := parseID(in.ID)
	if err != nil {
		return nil, err
	}
	var p messenger.NotesParams
	if p.Since, err = queriedTime("since", in.Since); err != nil {
		return nil, err
	}
	if p.Until, err = queriedTime("until", in.Until); err != nil {
		return nil, err
	}
	found, err := a.m.Notes(ctx, id, p)
	if err != nil {
		return nil, err
	}
	return answer(messengerNotes{each(found.Items, wireNote), each(found.Marks, wireMark)}), nil
}

// queriedTime is a time in a query, zero where it is absent.
func queriedTime(name, text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return time.Time{}, invalid(name, "Give the time as RFC 3339 has it: 2026-03-04T10:11:12Z.")
	}
	return at, nil
}

// messengerNewNote is a note to be added to a thread.
type messengerNewNote struct {
	Kind string `json:"kind" enum:"note,call"`
	Text string `json:"text" doc:"1 to 5,000 characters."`
	File bool   `json:"file,omitempty" doc:"Into the clinical record too, hidden from the client there."`
}

type noteInput struct {
	ID   string `path:"id"`
	Key  string `header:"Idempotency-Key" minLength:"1" maxLength:"255" pattern:"^[!-~]+$" doc:"Makes a repeat safe."`
	Body messengerNewNote
}

// POST /channels/{id}/notes
func (a *staffAPI) addNote(ctx context.Context, in *noteInput) (*body[messengerNote], error) {
	id, err := parseID(in.ID)
	if err != nil {
		return nil, err
	}
	note, err := a.m.AddNote(ctx, id, messenger.NoteParams{
		Kind: messenger.NoteKind(in.Body.Kind), Text: in.Body.Text, File: in.Body.File, Key: in.Key,
	})
	if err != nil {
		return nil, err
	}
	return answer(wireNote(note)), nil
}
