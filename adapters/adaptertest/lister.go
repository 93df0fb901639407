package adaptertest

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
)

func lister(t *testing.T, s senderSuite) {
	lists, may := s.Sender.(adapters.Lister)
	if !may {
		return
	}
	list := func() (list []adapters.Receipt, asked []string, err error) {
		ctx, cancel := context.WithTimeout(t.Context(), patience/2)
		defer cancel()
		returns(t, "List", func() { list, asked, err = lists.List(ctx, s.Organisation, s.Medium, time.Unix(0, 0)) })
		return list, asked, err
	}
	message, _ := s.message(Accepted)
	sent, err := s.send(message, Accepted)
	require.NoError(t, err)
	theirs, asked, err := list()
	if errors.Is(err, errors.ErrUnsupported) {
		return
	}
	require.NoError(t, err)
	require.Contains(t, asked, sent.Via, "the port asks: asked are the systems that were, as Receipt.Via names them")
	require.True(t, slices.ContainsFunc(theirs, func(r adapters.Receipt) bool {
		return r.Via == sent.Via && (r.Reference == message.Reference || r.Reference == "" && r.ProviderID == sent.ProviderID)
	}), "the port asks: what was taken is listed, by its Reference or as Via and ProviderID")
	message, _ = s.message(Down)
	_, _, err = list()
	require.Error(t, err, "the port asks: a list that is not whole is an error; nobody answered")
	s.impersonal(err, message)
}
