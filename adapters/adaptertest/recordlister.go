package adaptertest

import (
	"context"
	"errors"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
)

func recordEntries(t *testing.T, s recordSuite) {
	lists, may := s.Record.(adapters.RecordLister)
	if !may {
		return
	}
	ask := func(keys []uuid.UUID) (held []uuid.UUID, err error) {
		ctx, cancel := context.WithTimeout(t.Context(), patience/2)
		defer cancel()
		returns(t, "Entries", func() { held, err = lists.Entries(ctx, s.Organisation, keys) })
		return held, err
	}
	_, err := s.write(t.Context(), s.accepted()) // which nobody asks for
	require.NoError(t, err)
	var written []uuid.UUID
	for range 48 {
		entry := s.accepted()
		_, err := s.write(t.Context(), entry)
		require.NoError(t, err)
		written = append(written, entry.Key)
	}
	entry := s.accepted()
	filed, err := s.write(t.Context(), entry)
	require.NoError(t, err)
	withdrawn := entry
	withdrawn.Subject, withdrawn.Status, withdrawn.Text = "", adapters.Withdrawn, "[Taken out again.]"
	if _, err = s.amend(t.Context(), filed, withdrawn); !errors.Is(err, errors.ErrUnsupported) {
		require.NoError(t, err)
	}
	written = append(written, entry.Key)
	held, err := ask(append([]uuid.UUID{uuid.New()}, written...)) // fifty
	if errors.Is(err, errors.ErrUnsupported) {
		return
	}
	require.NoError(t, err)
	require.ElementsMatch(t, written, held,
		"the port asks: a key for each entry that the record has of those, and no other")
	entry, has := s.entry(Down)
	if has {
		_, err = ask(written)
		require.Error(t, err, "the port asks: an answer that is not whole is an error; nobody answered")
		s.impersonal(err, entry)
	}
}
