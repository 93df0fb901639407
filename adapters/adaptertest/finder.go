package adaptertest

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
)

func (s senderSuite) now() time.Time { return time.Now().UTC().Truncate(time.Millisecond) }

func (s senderSuite) find(message adapters.Outgoing) (adapters.Receipt, error) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), patience/2)
	defer cancel()
	var receipt adapters.Receipt
	var err error
	returns(s.t, "Find", func() { receipt, err = s.Sender.(adapters.Finder).Find(ctx, message) })
	s.impersonal(err, message)
	return receipt, err
}

func finderFound(t *testing.T, s senderSuite) {
	if _, finds := s.Sender.(adapters.Finder); !finds {
		return
	}
	for _, outcome := range []Outcome{Accepted, TimeoutAfter, DroppedAfter} {
		message, has := s.message(outcome)
		if !has {
			continue
		}
		sent, _ := s.send(message, outcome)
		if _, has = s.message(Accepted); !has {
			require.True(t, has, "the harness must arrange Accepted, after which the provider answers again")
		}
		found, err := s.find(message)
		if err != nil {
			require.True(t, s.DropsRepeats,
				"the port asks: a message that the provider took is found by its Reference (%s): %v", outcome, err)
			require.ErrorIs(t, err, adapters.ErrNotSent, "the port asks: dropped if repeated is ErrNotSent")
			continue
		}
		require.NotEqual(t, adapters.Failed, found.Status, "the message was taken and has not failed")
		if sent.ProviderID != "" {
			require.Equal(t, sent.ProviderID, found.ProviderID, "the port asks: found is its receipt")
		}
	}
}

func finderAbsent(t *testing.T, s senderSuite) {
	if _, finds := s.Sender.(adapters.Finder); !finds {
		return
	}
	other, _ := s.message(Accepted)
	_, err := s.send(other, Accepted)
	require.NoError(t, err)
	message, _ := s.message(Accepted)
	_, err = s.find(message)
	if s.NeverAbsent {
		require.Error(t, err, "this message was never sent, so it can't be found")
		require.Empty(t, closed(err), "the harness says that this provider can't tell what was not sent")
		return
	}
	require.ErrorIs(t, err, adapters.ErrNotSent,
		"the port asks: surely not there is ErrNotSent; this message was never sent")
	require.Len(t, closed(err), 1, "an error means one thing of the closed set only")
	require.Zero(t, s.Carried(t, message.Reference), "the port asks: Find looks for a message and sends nothing")
	other.Reference += "-2"
	_, err = s.find(other)
	require.ErrorIs(t, err, adapters.ErrNotSent,
		"the port asks: Find goes by Reference; this decision to send was never carried out")
}

func finderCannotTell(t *testing.T, s senderSuite) {
	if _, finds := s.Sender.(adapters.Finder); !finds || s.DropsRepeats {
		return
	}
	for _, outcome := range []Outcome{Down, ServerError, TimeoutBefore} {
		message, has := s.message(outcome)
		if !has {
			continue
		}
		_, err := s.find(message)
		require.Error(t, err, "the provider gave no answer (%s), so nothing was found", outcome)
		require.NotErrorIs(t, err, adapters.ErrNotSent,
			"the port asks: cannot tell (%s) is not 'surely not there', or it is sent twice", outcome)
	}
}
