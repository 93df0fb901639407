package messenger_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/adapters/memory"
	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// bodies are what an asker's list of texts has, newest first.
func bodies(t *testing.T, b *bundle, staff adapters.StaffID) (list []string) {
	t.Helper()
	page, err := b.Unmatched(as(t, staff), messenger.PageParams{})
	require.NoError(t, err)
	for _, text := range page.Items {
		list = append(list, text.Body)
	}
	return list
}

func TestANumberIsKnownInAnyNotation(t *testing.T) {
	t.Parallel()
	for known, to := range map[string][]string{
		"07700 900999":  {"+447700900999", "07700900999", "447700900999", "+44 7700 900999"},
		"020 7946 0018": {"+442079460018", "02079460018"}, "60777": {"60777"}, "NHS North": {"NHS North"},
	} {
		organisationOf := messenger.TextsByNumber(map[string]adapters.OrganisationID{known: south})
		for _, number := range to {
			organisation, ok := organisationOf(adapters.InboundText{To: number})
			require.True(t, ok, "%s as %s", known, number)
			require.Equal(t, south, organisation)
		}
		for _, other := range []string{"", " ", "+447700900998", "+4460777", "NHS", "+447700900999,+447700900998"} {
			_, ok := organisationOf(adapters.InboundText{To: other})
			require.False(t, ok, "%s as %s", known, other)
		}
	}
}

// Two organisations have one account: the number that was written to says whose a text is, and one to a number of
// nobody's is no organisation's until an operator says so.
func TestTwoOrganisationsOnOneAccount(t *testing.T) {
	t.Parallel()
	hook := memory.NewCallbacks("sms", "a key of the provider's")
	b := setup(t, func(c *messenger.Config) {
		c.Hooks = map[string]messenger.Hook{"texts": {Callbacks: hook, Organisation: messenger.TextsByNumber(
			map[string]adapters.OrganisationID{"07700 900 900": north, "+447700900901": south, "60006": south},
		)}}
	})
	for i, to := range []string{
		"+447700900900", "+447700900901", "07700900901", "60006", "+447700900902", "", "+4477009009010",
	} {
		_, err := b.Callback(t.Context(), "texts", hook.Request(nil, adapters.InboundText{
			ProviderID: to + "-" + string(rune('a'+i)), From: "+447700900221", To: to, Text: "To " + to,
		}))
		require.NoError(t, err)
	}
	require.Equal(t, []string{"To +447700900900"}, bodies(t, b, "dev"))
	for _, text := range []string{"A provider", "that names no ids"} {
		_, err := b.Callback(t.Context(), "texts", hook.Request(nil, adapters.InboundText{
			From: "+447700900221", To: "+447700900900", Text: text,
		}))
		require.NoError(t, err)
	}
	require.Len(t, bodies(t, b, "dev"), 3, "rather twice than lost")
	require.Equal(t, []string{"To 60006", "To 07700900901", "To +447700900901"}, bodies(t, b, "esther"))

	held, err := b.HeldTexts(t.Context())
	require.NoError(t, err)
	require.Len(t, held, 3)
	require.Equal(t, "+447700900902", held[0].To)
	check := healthCheck(t, b, "texts")
	require.False(t, check.OK)
	require.Contains(t, check.Detail, "3 are held")
	require.NotContains(t, check.Detail, "900221")
	_, err = b.Assign(as(t, "dev"), held[0].ID, messenger.AssignParams{Client: "phone", Reason: "He rang."})
	requireCode(t, messenger.CodeNotFound, err)

	requireCode(t, messenger.CodeInvalid, b.ReleaseText(t.Context(), held[0].ID, ""))
	for _, text := range held {
		require.NoError(t, b.ReleaseText(t.Context(), text.ID, south))
		requireCode(t, messenger.CodeNotFound, b.ReleaseText(t.Context(), text.ID, north))
	}
	require.Len(t, bodies(t, b, "dev"), 3)
	require.Len(t, bodies(t, b, "esther"), 6)
	require.True(t, healthCheck(t, b, "texts").OK)
}

// Whoever forgets to say whose an account's texts are is told at start.
func TestAHookSaysWhoseItsTextsAre(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.config.Hooks = map[string]messenger.Hook{"texts": {Callbacks: memory.NewCallbacks("sms", "a key of the provider's")}}
	_, err := messenger.New(b.config)
	require.ErrorContains(t, err, `Hooks["texts"].Organisation is missing`)
	b.config.Hooks = map[string]messenger.Hook{"texts": {Organisation: messenger.AllTextsFor(north)}}
	_, err = messenger.New(b.config)
	require.ErrorContains(t, err, `Hooks["texts"].Callbacks is missing`)
}
