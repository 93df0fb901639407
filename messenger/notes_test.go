package messenger_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger"
)

func note(text string) messenger.NoteParams {
	return messenger.NoteParams{Kind: messenger.KindNote, Text: text}
}

// add adds a note and fails the test if it can't.
func (b *bundle) add(t *testing.T, who adapters.StaffID, channel messenger.Channel, p messenger.NoteParams) messenger.Note {
	t.Helper()
	added, err := b.AddNote(as(t, who), channel.ID, p)
	require.NoError(t, err)
	return added
}

// notes are a thread's notes as its owner reads them, newest first.
func (b *bundle) notes(t *testing.T, channel messenger.Channel) (texts []string) {
	t.Helper()
	found, err := b.Notes(as(t, channel.Staff), channel.ID, messenger.NotesParams{})
	require.NoError(t, err)
	for _, one := range found.Items {
		texts = append(texts, one.Text)
	}
	return texts
}

// marks are a thread's marks as its owner reads them, newest first, with who made each.
func (b *bundle) marks(t *testing.T, channel messenger.Channel) (list []string) {
	t.Helper()
	found, err := b.Notes(as(t, channel.Staff), channel.ID, messenger.NotesParams{})
	require.NoError(t, err)
	for _, mark := range found.Marks {
		list = append(list, strings.TrimSpace(string(mark.Kind)+" "+mark.By.Name+" "+mark.Text+mark.Cover))
	}
	return list
}

// A note is in its thread for whoever may open it, in its place in time, and changes nothing of the channel.
func TestNotes(t *testing.T) {
	t.Parallel()
	at, clock := withClock()
	b := setup(t, clock)
	sent := b.send(t, "amira", email("grace", "Hello"))
	b.reply(t, sent.Channel, "Thank you")
	before, thread := b.row(t, sent.Channel), b.thread(t, sent.Channel)
	at.add(time.Minute)
	first := b.add(t, "amira", sent.Channel, note("  Prefers mornings.\r\nHas a dog. "))
	at.add(time.Minute)
	require.Equal(t, messenger.Note{
		ID: first.ID, Kind: "note", Text: "Prefers mornings.\nHas a dog.", At: at.Now().Add(-time.Minute).UTC(), Filing: "none",
		Author: adapters.Author{Kind: "staff", ID: "amira", Name: "Amira Shah"},
	}, first)
	repeated := messenger.NoteParams{Kind: messenger.KindCall, Text: "Rang, left no message.", Key: "once"}
	call := b.add(t, "ben", sent.Channel, repeated)
	require.Equal(t, call, b.add(t, "ben", sent.Channel, repeated), "a repeated key writes nothing")
	repeated.File = true
	_, err := b.AddNote(as(t, "ben"), sent.Channel.ID, repeated)
	requireCode(t, messenger.CodeKeyReused, err)
	for _, who := range []adapters.StaffID{"amira", "ben", "chloe"} {
		found, err := b.Notes(as(t, who), sent.Channel.ID, messenger.NotesParams{})
		require.NoError(t, err)
		require.Equal(t, []messenger.Note{call, first}, found.Items, who)
		require.Empty(t, found.Marks)
	}
	require.Equal(t, before, b.row(t, sent.Channel), "unread as it was, and where it was")
	require.Equal(t, thread, b.thread(t, sent.Channel))
	for p, want := range map[messenger.NotesParams][]messenger.Note{
		{Since: first.At}:                  {call, first},
		{Since: first.At.Add(1e3)}:         {call},
		{Until: call.At}:                   {first},
		{Since: first.At, Until: first.At}: {},
	} {
		found, err := b.Notes(as(t, "amira"), sent.Channel.ID, p)
		require.NoError(t, err)
		require.Equal(t, want, found.Items, "%v", p)
	}
	history, err := b.History(as(t, "amira"), sent.Channel.ID, messenger.PageParams{Limit: 4})
	require.NoError(t, err)
	require.Equal(t, []messenger.HistoryAction{"call", "note"},
		[]messenger.HistoryAction{history.Items[2].Action, history.Items[3].Action}, "before two looks")
	require.Equal(t, adapters.StaffID("amira"), history.Items[2].OnBehalfOf)
	for _, line := range history.Items {
		require.Empty(t, line.Note, "its words stand nowhere else")
	}
}

// Who may look writes nothing, who may do neither finds nothing, and what is no note is refused.
func TestNotesRefused(t *testing.T) {
	t.Parallel()
	b := setup(t)
	sent := b.send(t, "amira", email("grace", "Hello"))
	for who, code := range map[adapters.StaffID]messenger.Code{
		"chloe": messenger.CodeForbidden, "dev": messenger.CodeNotFound, "esther": messenger.CodeNotFound,
	} {
		_, err := b.AddNote(as(t, who), sent.Channel.ID, note("Mine"))
		requireCode(t, code, err)
	}
	for _, who := range []adapters.StaffID{"dev", "esther"} {
		_, err := b.Notes(as(t, who), sent.Channel.ID, messenger.NotesParams{})
		requireCode(t, messenger.CodeNotFound, err)
	}
	for _, p := range []messenger.NoteParams{
		note(""), note(" \n\u200b"), note("a\x00"), note(strings.Repeat("ü", 5001)), {Text: "What"}, {Kind: "sms", Text: "What"},
	} {
		_, err := b.AddNote(as(t, "amira"), sent.Channel.ID, p)
		requireCode(t, messenger.CodeInvalid, err)
	}
	_, err := b.AddNote(as(t, "amira"), uuid.New(), note("Nowhere"))
	requireCode(t, messenger.CodeNotFound, err)
	_, err = b.Notes(as(t, "amira"), sent.Channel.ID, messenger.NotesParams{Since: time.Unix(1<<40, 0)})
	requireCode(t, messenger.CodeInvalid, err)
	require.Empty(t, b.notes(t, sent.Channel))
	b.add(t, "amira", sent.Channel, note(strings.Repeat("ü", 5000)))
	quoted := b.add(t, "amira", sent.Channel, note("She showed me https://x.example.org/r/"+b.token(t, sent.Channel)+" today"))
	require.NotContains(t, quoted.Text, b.token(t, sent.Channel))
	require.Contains(t, quoted.Text, "today")
}

// A note that is to be filed is in the record once, hidden from the client there; one that is not never is.
func TestNotesAreFiled(t *testing.T) {
	t.Parallel()
	b := setup(t)
	sent := b.send(t, "amira", email("grace", "Hello"))
	file := note("Prefers mornings")
	file.File = true
	added := b.add(t, "ben", sent.Channel, file)
	plain := b.add(t, "amira", sent.Channel, note("Mine"))
	require.Equal(t, messenger.NoteFilingWaits, added.Filing)
	require.Equal(t, 1, count(t, b.pool, "select count(*) from river_job where kind = 'messenger_file_note'"))
	b.record.FailNext(errLost)
	require.Error(t, b.Jobs().FileNote(t.Context(), added.ID, 2000), "it is never given up")
	b.record.LoseNext(errLost)
	require.Error(t, b.Jobs().FileNote(t.Context(), added.ID, 2001))
	for range 2 {
		require.NoError(t, b.Jobs().FileNote(t.Context(), added.ID, 2002))
		require.NoError(t, b.Jobs().FileNote(t.Context(), plain.ID, 1))
		require.NoError(t, b.Jobs().FileNote(t.Context(), sent.Message.ID, 1))
	}
	filings := b.record.Filings()
	require.Len(t, filings, 1)
	require.Equal(t, 1, filings[0].Version)
	by := adapters.Author{Kind: "staff", ID: "ben", Name: "Ben Hughes"}
	require.Equal(t, adapters.Entry{
		Key: added.ID, Channel: sent.Channel.ID, Organisation: north, Client: "grace", NHSNumber: "9990010005",
		Direction: adapters.Internal, Note: adapters.Note, Text: "Prefers mornings", Author: by, FiledBy: by, At: added.At,
	}, filings[0].Entry)
	found, err := b.Notes(as(t, "amira"), sent.Channel.ID, messenger.NotesParams{})
	require.NoError(t, err)
	require.Equal(t, messenger.NoteFiled, found.Items[1].Filing)
	require.Equal(t, 1, count(t, b.pool, "select count(*) from messenger_notes where record_reference <> ''"))
}

// A note that the record will never take says so, and the host is told.
func TestNotesThatTheRecordRefuses(t *testing.T) {
	t.Parallel()
	b := setup(t)
	sent := b.send(t, "amira", email("grace", "Hello"))
	file := note("Prefers mornings")
	file.File = true
	for _, refuse := range []func(){
		func() { b.record.FailNext(adapters.ErrWrongContent) },
		func() { b.record.FailNext(adapters.ErrNotFound) },
		func() { b.clients.Remove(north, "grace") },
	} {
		added := b.add(t, "amira", sent.Channel, file)
		refuse()
		for range 2 {
			require.NoError(t, b.Jobs().FileNote(t.Context(), added.ID, 1))
		}
		found, err := b.Notes(as(t, "amira"), sent.Channel.ID, messenger.NotesParams{})
		require.NoError(t, err)
		require.Equal(t, messenger.NoteFilingFailed, found.Items[0].Filing)
	}
	require.Empty(t, b.record.Filings())
	require.Equal(t, 3, count(t, b.pool, `select count(*) from river_job where kind = 'messenger_tell_host'
		and args->>'kind' = 'record_failed' and args->>'channel_id' = $1 and args->>'message_id' = $2`,
		sent.Channel.ID.String(), uuid.Nil.String()))

	none := b.with(t, func(c *messenger.Config) { c.Record = nil })
	_, err := none.AddNote(as(t, "amira"), sent.Channel.ID, file)
	requireCode(t, messenger.CodeNotConfigured, err)
	for m, files := range map[*messenger.Messenger]bool{b.Messenger: true, none.Messenger: false} {
		me, err := m.Me(as(t, "amira"))
		require.NoError(t, err)
		require.Equal(t, files, me.Record)
	}
}

// A directory that does not answer, and a record that is set up wrongly, hold a note up and lose none.
func TestNotesWaitForTheRecord(t *testing.T) {
	t.Parallel()
	b := setup(t)
	sent := b.send(t, "amira", email("grace", "Hello"))
	file := note("Prefers mornings")
	file.File = true
	added := b.add(t, "amira", sent.Channel, file)
	b.clients.FailNext(errors.New("down"))
	require.EqualError(t, b.Jobs().FileNote(t.Context(), added.ID, 1), "not filed")
	b.record.FailNext(adapters.ErrConfiguration)
	require.EqualError(t, b.Jobs().FileNote(t.Context(), added.ID, 2), "not filed")
	require.Error(t, b.Jobs().FileNote(t.Context(), added.ID, 3), "the organisation's filing waits as a whole")
	require.Equal(t, 1, b.record.Attempts(added.ID))
	require.NoError(t, b.LiftPause(t.Context(), north, "record"))
	b.record.FailNext(&adapters.RateLimitError{Until: time.Now().Add(time.Hour)})
	require.EqualError(t, b.Jobs().FileNote(t.Context(), added.ID, 4), "to be tried again later", "it was no try")
	require.NoError(t, b.LiftPause(t.Context(), north, "record"))
	require.NoError(t, b.Jobs().FileNote(t.Context(), added.ID, 4))
	require.Len(t, b.record.Filings(), 1)
}

// Notes go with their channel to whoever gets it, and into what it is joined with; marks say when that was.
func TestNotesMoveWithTheirChannel(t *testing.T) {
	t.Parallel()
	at, clock := withClock()
	b := setup(t, clock)
	given := b.send(t, "amira", email("grace", "Hello")).Channel
	own := b.send(t, "dev", email("grace", "I am Dev")).Channel
	doubles := b.send(t, "dev", email("sian", "I am Dev")).Channel
	b.add(t, "amira", given, note("from amira"))
	at.add(time.Second)
	b.add(t, "dev", own, note("from dev"))
	at.add(time.Second)
	b.add(t, "dev", doubles, note("of sian"))
	at.add(time.Second)
	_, err := b.Handover(as(t, "amira"), given.ID, messenger.HandoverParams{To: "dev", Note: "I am leaving."})
	require.NoError(t, err)
	require.Equal(t, []string{"from dev", "from amira"}, b.notes(t, own))
	_, err = b.Notes(as(t, "amira"), given.ID, messenger.NotesParams{})
	requireCode(t, messenger.CodeNotFound, err)
	at.add(time.Second)
	b.merge(t)
	require.Equal(t, []string{"of sian", "from dev", "from amira"}, b.notes(t, own))
	at.add(time.Second)
	_, err = b.Handover(as(t, "dev"), own.ID, to("amira"))
	require.NoError(t, err)
	own.Staff = "amira"
	require.Equal(t, []string{"of sian", "from dev", "from amira"}, b.notes(t, own))
	marks := b.marks(t, own)
	require.Equal(t, []string{"handover Dev Patel", "joined"}, marks[:2])
	require.ElementsMatch(t, []string{"joined Amira Shah", "handover Amira Shah I am leaving."}, marks[2:], "of one moment")

	at.add(2 * time.Hour)
	b.away(t)
	require.Equal(t, "away Amira Shah Ben Hughes", b.marks(t, own)[0])
	_, err = b.SetAbsence(as(t, "amira"), "amira", messenger.AbsenceParams{From: at.Now().Add(time.Hour), Cover: "ben"})
	require.NoError(t, err)
	require.Len(t, b.marks(t, own), 5, "one that has not begun is none yet")
	require.NoError(t, b.EndAbsence(as(t, "amira"), "amira"))
	at.add(2 * time.Hour)
	require.Len(t, b.marks(t, own), 5, "nor one that never came")
	found, err := b.Notes(as(t, "amira"), own.ID, messenger.NotesParams{Since: at.Now().Add(-200 * time.Minute), Until: at.Now()})
	require.NoError(t, err)
	require.Len(t, found.Marks, 1)
	require.False(t, found.Marks[0].Until.IsZero(), "it was ended")
}

// A note written while the channel is joined with another is in what they became.
func TestNotesWhileChannelsAreJoined(t *testing.T) {
	t.Parallel()
	b := setup(t)
	into := b.send(t, "amira", email("grace", "Hello")).Channel
	from := b.send(t, "amira", email("sian", "Hello")).Channel
	done := make(chan error, 8)
	ctx := as(t, "amira")
	for range cap(done) {
		go func(ctx context.Context) {
			_, err := b.AddNote(ctx, from.ID, note("while it moves"))
			done <- err
		}(ctx)
	}
	b.merge(t)
	for range cap(done) {
		require.NoError(t, <-done)
	}
	require.Len(t, b.notes(t, into), cap(done))
	require.Len(t, b.notes(t, from), cap(done), "the former id answers as the joined one")
}
