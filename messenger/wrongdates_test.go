package messenger_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// Whoever guesses waits twice as long each time, and has fifteen guesses in a link's life, whatever staff do meanwhile
// but make a new link. A right date between them gives no guess back.
func TestAPausesDoublesAndALinkHasFifteenGuesses(t *testing.T) {
	t.Parallel()
	clock, stands := withClock()
	b := setup(t, stands)
	checking(b)
	sent := b.send(t, "amira", email("grace", "Hello"))
	token := b.token(t, sent.Channel)
	right, wrong := messenger.DateOfBirth{Day: "29", Month: "2", Year: "1984"}, messenger.DateOfBirth{Day: "1", Month: "1", Year: "1990"}
	prove := func(date messenger.DateOfBirth) error {
		_, err := b.ProveDateOfBirth(t.Context(), token, date)
		return err
	}
	guess := func(times int) {
		for range times {
			requireCode(t, messenger.CodeInvalid, prove(wrong))
		}
	}
	deal := func() { // what a person does who has seen it
		for _, status := range []messenger.Status{messenger.Done, messenger.Open} {
			_, err := b.SetStatus(as(t, "amira"), sent.Channel.ID, status, sent.Message.ID)
			require.NoError(t, err)
		}
		for _, on := range []bool{false, true} {
			_, err := b.SetReplies(as(t, "amira"), sent.Channel.ID, on)
			require.NoError(t, err)
		}
	}
	opened := func() messenger.OpenedChannel {
		opened, err := b.Channel(as(t, "amira"), sent.Channel.ID)
		require.NoError(t, err)
		return opened
	}

	guess(5)
	require.Equal(t, 5, opened().WrongDates)
	deal()
	clock.add(59 * time.Minute)
	requireCode(t, messenger.CodeInvalid, prove(right))
	clock.add(2 * time.Minute)
	require.NoError(t, prove(right))

	guess(5)
	deal()
	clock.add(time.Hour + 59*time.Minute)
	requireCode(t, messenger.CodeInvalid, prove(right))
	clock.add(2 * time.Minute)
	require.NoError(t, prove(right), "two hours the second time")

	guess(5)
	deal()
	require.Equal(t, 15, opened().WrongDates, "it needs a person until the link is made anew")
	clock.add(365 * 24 * time.Hour)
	requireCode(t, messenger.CodeInvalid, prove(right))

	_, err := b.RenewLink(as(t, "amira"), sent.Channel.ID)
	require.NoError(t, err)
	token = b.token(t, sent.Channel)
	require.NoError(t, prove(right))
	require.Zero(t, opened().WrongDates)
}
