package messenger_test

import (
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
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

// Whoever has several links of a client has fifteen guesses all the same: the next one at whichever link closes that for
// good, until it is made anew. Another client's links have their own.
func TestSeveralLinksOfAClientHaveFifteenGuessesTogether(t *testing.T) {
	t.Parallel()
	clock, stands := withClock()
	b := setup(t, stands)
	checking(b)
	right, wrong := messenger.DateOfBirth{Day: "29", Month: "2", Year: "1984"}, messenger.DateOfBirth{Day: "1", Month: "1", Year: "1990"}
	channels, tokens := map[string]messenger.Channel{}, map[string]string{}
	for _, staff := range []adapters.StaffID{"amira", "ben", "dev", "chloe"} {
		channels[string(staff)] = b.send(t, staff, email("grace", "Hello")).Channel
		tokens[string(staff)] = b.token(t, channels[string(staff)])
	}
	tokens["sian"] = b.token(t, b.send(t, "amira", email("sian", "Hello")).Channel)
	prove := func(link string, date messenger.DateOfBirth) messenger.Code {
		_, err := b.ProveDateOfBirth(t.Context(), tokens[link], date)
		return messenger.CodeOf(err)
	}
	for _, link := range []string{"amira", "ben"} {
		for range 5 {
			require.Equal(t, messenger.CodeInvalid, prove(link, wrong))
		}
	}
	clock.add(time.Hour + time.Minute)
	require.Empty(t, prove("amira", right))
	require.Equal(t, messenger.CodeInvalid, prove("ben", right), "the second pause is two hours, at whichever link")
	for range 4 {
		require.Equal(t, messenger.CodeInvalid, prove("dev", wrong))
	}
	require.Empty(t, prove("dev", right))

	var all sync.WaitGroup
	for _, link := range []string{"chloe", "dev", "sian"} {
		all.Go(func() { prove(link, wrong) })
	}
	all.Wait()
	clock.add(365 * 24 * time.Hour)
	for link, want := range map[string]messenger.Code{
		"amira": "", "ben": "", "chloe": messenger.CodeInvalid, "dev": messenger.CodeInvalid,
	} {
		t.Log(link)
		require.Equal(t, want, prove(link, right))
	}
}
