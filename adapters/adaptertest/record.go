package adaptertest

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
)

// RecordHarness is a clinical record and what the suite has to know of it.
type RecordHarness struct {
	Record adapters.Record
	// Organisation and Client are whose record entries are about; NHSNumber is the client's, or empty.
	Organisation adapters.OrganisationID
	Client       adapters.ClientID
	NHSNumber    string
	// Entries is how many entries the record itself holds of a message.
	Entries func(t *testing.T, key uuid.UUID) int
	// Stands is the text in the record's entry of a message, and how far it says the message has come: empty where
	// the record has no such thing.
	Stands func(t *testing.T, key uuid.UUID) (text string, status adapters.Status)
	// Arrange makes the record treat the next call so: WrongContent, WrongContact (it does not know the client),
	// Misconfigured, NoEndpoint, Passing, Down, ServerError, TimeoutBefore, TimeoutAfter, DroppedAfter or, ending all of
	// these, Accepted. It may change the entry, for a record that goes by its content. It returns false when this record
	// has no such outcome; Accepted and one of Down, ServerError and TimeoutBefore every record has.
	Arrange func(t *testing.T, entry *adapters.Entry, outcome Outcome) bool
	// Secrets are the credentials that no error may show.
	Secrets []string
}

// Record holds an adapters.Record against its port.
func Record(t *testing.T, newHarness func(t *testing.T) RecordHarness) {
	t.Helper()
	for _, test := range []struct {
		name string
		run  func(t *testing.T, s recordSuite)
	}{
		{"Write files an entry", recordWrite},
		{"Write twice under one key files once", recordTwice},
		{"Write at once under one key files once", recordTogether},
		{"Write after a lost answer files once", recordLost},
		{"Write of every kind of entry", recordKinds},
		{"refusals that stop", recordRefused},
		{"trouble that passes", recordPassing},
		{"Amend replaces, or is unsupported", recordAmend},
		{"Entries are what was written", recordEntries},
		{"calls return when their context ends", recordContext},
	} {
		t.Run(test.name, func(t *testing.T) { test.run(t, recordSuite{patient(t, newHarness(t)), t}) })
	}
}

type recordSuite struct {
	RecordHarness
	t *testing.T
}

func (s recordSuite) entry(outcome Outcome) (entry adapters.Entry, has bool) {
	s.t.Helper()
	at := time.Date(2026, 3, 4, 10, 11, 12, 0, time.UTC)
	entry = adapters.Entry{
		Key: uuid.New(), Channel: uuid.New(), Organisation: s.Organisation, Client: s.Client, NHSNumber: s.NHSNumber,
		Direction: adapters.Outbound, Medium: adapters.Email, Subject: "Café & walking group",
		Text:   "Dear Grace, the walking group meets on Thursday. <b>Bring</b> a coat & [reply link]",
		Author: adapters.Author{Kind: "staff", ID: "s-1", Name: "Ada Bello"}, FiledBy: adapters.Author{Kind: "system"},
		Status: adapters.Sent, OnlineViewing: true, At: at,
	}
	has = s.Arrange(s.t, &entry, outcome)
	return entry, has
}

func (s recordSuite) accepted() adapters.Entry {
	s.t.Helper()
	entry, has := s.entry(Accepted)
	require.True(s.t, has, "every record takes entries: the harness must arrange it")
	return entry
}

func (s recordSuite) write(ctx context.Context, entry adapters.Entry) (adapters.Filed, error) {
	s.t.Helper()
	var filed adapters.Filed
	var err error
	returns(s.t, "Write", func() { filed, err = s.Record.Write(ctx, entry) })
	s.impersonal(err, entry)
	return filed, err
}

func (s recordSuite) impersonal(err error, entry adapters.Entry) {
	s.t.Helper()
	impersonal(s.t, err,
		append([]string{"Grace", "walking group", "Ada Bello", entry.NHSNumber, entry.Subject, entry.Text}, s.Secrets...)...)
}

func recordWrite(t *testing.T, s recordSuite) {
	entry := s.accepted()
	filed, err := s.write(t.Context(), entry)
	require.NoError(t, err)
	require.NotEmpty(t, filed.Reference, "the port asks: what the record calls the entry")
	require.Equal(t, 1, s.Entries(t, entry.Key), "the port asks: Write files the entry once")
	text, _ := s.Stands(t, entry.Key)
	require.Contains(t, text, entry.Text, "the record holds what was sent, to the letter")
}

func recordTwice(t *testing.T, s recordSuite) {
	entry := s.accepted()
	first, err := s.write(t.Context(), entry)
	require.NoError(t, err)
	again, err := s.write(t.Context(), entry)
	require.NoError(t, err, "the port asks: a second Write under the same key changes nothing and is no error")
	require.Equal(t, first, again, "the port asks: a second Write returns what the first did")
	changed := entry
	changed.Text = "Something else"
	again, err = s.write(t.Context(), changed)
	require.NoError(t, err)
	require.Equal(t, first, again, "the port asks: a second Write returns what the first did")
	require.Equal(t, 1, s.Entries(t, entry.Key), "the port asks: a second Write under the same key must change nothing")
	text, _ := s.Stands(t, entry.Key)
	require.Contains(t, text, entry.Text, "the port asks: a second Write under the same key must change nothing")

	other := s.accepted()
	_, err = s.write(t.Context(), other)
	require.NoError(t, err)
	require.Equal(t, 1, s.Entries(t, other.Key), "another key is another entry")
}

func recordTogether(t *testing.T, s recordSuite) {
	entry := s.accepted()
	references := make([]string, many)
	together(t, "Write under one key", func(i int) error {
		// A record may answer 'busy' while another writes the same key; the job would come back, and so does this.
		for attempt := 1; ; attempt++ {
			filed, err := s.Record.Write(s.t.Context(), entry)
			references[i] = filed.Reference
			if err == nil || attempt == many {
				return err
			}
		}
	})
	require.Equal(t, 1, s.Entries(t, entry.Key),
		"the port asks: an entry is filed once, by whoever writes it and however many at once")
	for _, reference := range references {
		require.Equal(t, references[0], reference, "the port asks: every Write under a key returns the same entry")
	}
	entries := make([]adapters.Entry, many)
	for i := range entries {
		entries[i] = s.accepted()
	}
	together(t, "Write under different keys", func(i int) error {
		_, err := s.Record.Write(s.t.Context(), entries[i])
		return err
	})
	for _, entry := range entries {
		require.Equal(t, 1, s.Entries(t, entry.Key), "the port asks: methods may be called at once; each entry is filed once")
	}
}

func recordLost(t *testing.T, s recordSuite) {
	for _, outcome := range []Outcome{TimeoutAfter, DroppedAfter} {
		entry, has := s.entry(outcome)
		if !has {
			continue
		}
		ctx, cancel := context.WithTimeout(t.Context(), short)
		_, err := s.write(ctx, entry)
		cancel()
		require.Error(t, err, "the answer was lost (%s)", outcome)
		require.Subset(t, []error{adapters.ErrNotSent}, closed(err),
			"the port asks: a lost answer is passing trouble, or the entry would stand as refused")
		s.accepted()
		_, err = s.write(t.Context(), entry)
		require.NoError(t, err, "Write is called again with the same key until it answers")
		require.Equal(t, 1, s.Entries(t, entry.Key),
			"the port asks: the entry is filed once, though the first answer was lost (%s)", outcome)
	}
}

func recordKinds(t *testing.T, s recordSuite) {
	sent := s.accepted()
	reply := s.accepted()
	reply.Direction, reply.Medium, reply.Subject = adapters.Inbound, adapters.Web, ""
	reply.Verified, reply.Status = "date_of_birth", adapters.Delivered
	reply.Author = adapters.Author{Kind: "client", ID: string(s.Client), Name: "Grace Okafor"}
	reply.InReplyTo, reply.OnlineViewing = sent.Key, false
	reply.Text = "Thank you.\n\nI come on Thursday – ünï 👍"
	failed := s.accepted()
	failed.Medium, failed.Subject, failed.Status, failed.Reason = adapters.SMS, "", adapters.Failed, "wrong_contact"
	released := s.accepted()
	released.Direction, released.Medium, released.Subject = adapters.Inbound, adapters.Web, ""
	released.Status, released.Verified = adapters.Delivered, "none"
	released.Author, released.FiledBy = reply.Author, adapters.Author{Kind: "staff", ID: "s-1", Name: "Ada Bello"}
	note := s.accepted()
	note.Direction, note.Medium, note.Subject, note.Status = adapters.Internal, "", "", ""
	note.Note, note.OnlineViewing, note.FiledBy = adapters.Call, false, note.Author
	for name, entry := range map[string]adapters.Entry{
		"sent": sent, "reply": reply, "failed": failed, "held reply released": released, "note among staff": note,
	} {
		_, err := s.write(t.Context(), entry)
		require.NoError(t, err, "the record takes every kind of entry: %s", name)
		text, status := s.Stands(t, entry.Key)
		require.Contains(t, text, entry.Text, "the record holds the text to the letter: %s", name)
		if entry.Direction != adapters.Internal { // which goes nowhere
			require.Contains(t, []adapters.Status{"", entry.Status}, status,
				"the record says how far the message has come: %s", name)
		}
	}
}

func recordRefused(t *testing.T, s recordSuite) {
	for outcome, want := range map[Outcome]error{
		WrongContent: adapters.ErrWrongContent, WrongContact: adapters.ErrNotFound, Misconfigured: adapters.ErrConfiguration,
		NoEndpoint: adapters.ErrConfiguration,
	} {
		entry, has := s.entry(outcome)
		if !has {
			continue
		}
		_, err := s.write(t.Context(), entry)
		require.ErrorIs(t, err, want, "the port asks: %s stops a Write at once with this error", outcome)
		require.Zero(t, s.Entries(t, entry.Key), "a refused entry is not in the record")
		s.accepted()
		if errors.Is(want, adapters.ErrConfiguration) {
			_, err = s.write(t.Context(), entry)
			require.NoError(t, err, "the port asks: a fault of the account or the address ends by itself (%s)", outcome)
			require.Equal(t, 1, s.Entries(t, entry.Key), "the port asks: Write files the entry once")
		}
	}
}

func recordPassing(t *testing.T, s recordSuite) {
	arranged := 0
	for _, outcome := range []Outcome{Down, ServerError, TimeoutBefore, Passing} {
		entry, has := s.entry(outcome)
		if !has {
			continue
		}
		if outcome != Passing {
			arranged++
		}
		ctx, cancel := context.WithTimeout(t.Context(), short)
		_, err := s.write(ctx, entry)
		cancel()
		require.Error(t, err, "the record did not take the entry (%s)", outcome)
		require.Subset(t, []error{adapters.ErrNotSent}, closed(err),
			"the port asks: only what can never pass is one of its errors; %s passes", outcome)
		s.accepted()
		_, err = s.write(t.Context(), entry)
		require.NoError(t, err, "trouble has passed (%s)", outcome)
		require.Equal(t, 1, s.Entries(t, entry.Key), "the port asks: Write files the entry once")
	}
	require.Positive(t, arranged, "every record can be down, fail or be silent: the harness must arrange one of them")
}

func recordAmend(t *testing.T, s recordSuite) {
	entry := s.accepted()
	filed, err := s.write(t.Context(), entry)
	require.NoError(t, err)
	failed := entry
	failed.Status, failed.Reason = adapters.Failed, "wrong_contact"
	amended, err := s.amend(t.Context(), filed, failed)
	if errors.Is(err, errors.ErrUnsupported) {
		text, status := s.Stands(t, entry.Key)
		require.Contains(t, text, entry.Text, "the port asks: with errors.ErrUnsupported the entry stays as it was")
		require.NotEqual(t, adapters.Failed, status, "the port asks: with errors.ErrUnsupported the entry stays as it was")
		return
	}
	require.NoError(t, err)
	require.Equal(t, filed.Reference, amended.Reference, "an amended entry is the same entry")
	s.standsFailed(entry.Key, "the port asks: Amend replaces what stands under the key")
	again, err := s.amend(t.Context(), amended, failed)
	require.NoError(t, err, "the port asks: repeating an Amend with the same entry changes nothing")
	require.Equal(t, amended.Reference, again.Reference)
	again, err = s.amend(t.Context(), filed, failed)
	require.NoError(t, err,
		"the port asks: repeating an Amend changes nothing, also when the first answer was lost and filed is the old one")
	require.Equal(t, amended.Reference, again.Reference)
	s.standsFailed(entry.Key, "the port asks: repeating an Amend changes nothing")
	_, err = s.write(t.Context(), entry)
	require.NoError(t, err)
	s.standsFailed(entry.Key, "the port asks: a second Write changes nothing, so it takes no amendment back")

	delivered := entry
	delivered.Status, delivered.Text = adapters.Delivered, "As it was really sent"
	delivered.DeliveredAt = entry.At.Add(time.Minute)
	_, err = s.amend(t.Context(), filed, delivered)
	require.NoError(t, err,
		"the port asks: Amend replaces what stands under the key, also when filed is older than what stands there")
	text, status := s.Stands(t, entry.Key)
	require.Contains(t, text, delivered.Text, "the port asks: Amend replaces what stands under the key")
	require.NotEqual(t, adapters.Failed, status, "the port asks: Amend replaces what stands under the key")
	require.Equal(t, 1, s.Entries(t, entry.Key), "an amended entry is the same entry")

	withdrawn := entry
	withdrawn.Subject = ""
	withdrawn.Status, withdrawn.Text = adapters.Withdrawn, "[Taken out again: it was put into this record by mistake.]"
	for range 2 {
		_, err = s.amend(t.Context(), filed, withdrawn)
		require.NoError(t, err)
		text, status = s.Stands(t, entry.Key)
		require.NotContains(t, text, delivered.Text, "the port asks: of a withdrawn entry the words are gone")
		require.Contains(t, []adapters.Status{"", adapters.Withdrawn}, status, "the port asks: a withdrawn entry says so")
	}
}

func (s recordSuite) amend(ctx context.Context, filed adapters.Filed, entry adapters.Entry) (adapters.Filed, error) {
	s.t.Helper()
	var amended adapters.Filed
	var err error
	returns(s.t, "Amend", func() { amended, err = s.Record.Amend(ctx, filed, entry) })
	s.impersonal(err, entry)
	return amended, err
}

func (s recordSuite) standsFailed(key uuid.UUID, why string) {
	s.t.Helper()
	require.Equal(s.t, 1, s.Entries(s.t, key), why)
	_, status := s.Stands(s.t, key)
	require.Contains(s.t, []adapters.Status{"", adapters.Failed}, status, why)
}

func recordContext(t *testing.T, s recordSuite) {
	entry := s.accepted()
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := s.write(ended, entry)
	if err == nil {
		require.Equal(t, 1, s.Entries(t, entry.Key), "Write said that the record holds the entry")
	}
	filed, err := s.write(t.Context(), entry)
	require.NoError(t, err)
	_, _ = s.amend(ended, filed, entry)
	if silentEntry, has := s.entry(TimeoutBefore); has {
		ctx, cancel := context.WithTimeout(t.Context(), short)
		defer cancel()
		_, err = s.write(ctx, silentEntry)
		require.Error(t, err, "the record did not answer before the context ended")
		leaves(t, "Write", func(ctx context.Context) { _, _ = s.Record.Write(ctx, silentEntry) })
	}
}
