package messenger_test

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// toldOf is how far it was told that the replies of a channel are overdue, whom, and whether nobody is left to be told.
func (b *bundle) toldOf(t *testing.T, channel messenger.Channel) (stage int, told []string, nobody bool) {
	t.Helper()
	require.NoError(t, b.pool.QueryRow(t.Context(), `select overdue_told, overdue_to, overdue_nobody
		from messenger_messages where channel_id = $1 and direction = 'inbound'`, channel.ID).Scan(&stage, &told, &nobody))
	return stage, told, nobody
}

// Who is away covers nothing: neither one of who may act there, nor one of the fallback, is told then.
func TestWhoIsAwayIsToldOfNothingOverdue(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		away   []adapters.StaffID
		days   int
		told   []string
		nobody bool
	}{
		"nobody is away":        {nil, 2, []string{"ben", "chloe", "fay"}, false},
		"who may act there":     {[]adapters.StaffID{"ben"}, 1, []string{"fay"}, false},
		"all who may act there": {[]adapters.StaffID{"ben", "fay"}, 1, []string{"chloe"}, true},
		"the fallback too":      {[]adapters.StaffID{"ben", "fay", "chloe"}, 1, []string{"dev"}, true},
		"the fallback at last":  {[]adapters.StaffID{"chloe", "fay"}, 2, []string{"ben", "dev"}, true},
		"who manages as well":   {[]adapters.StaffID{"ben", "fay", "chloe", "dev"}, 1, []string{"dev"}, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b, now, channel := overdueBundle(t)
			b.staff.Add(adapters.Member{ID: "dev", Name: "Dev Patel", Organisation: north, Manages: true})
			b.orgs.Put(adapters.Organisation{
				ID: north, Name: "North", PublicURL: "https://north.example.org/m", Fallback: []adapters.StaffID{"chloe", "fay"},
			})
			b.reply(t, channel, "Please ring me")
			for _, who := range c.away {
				exec(t, b, `insert into messenger_absences (id, organisation_id, staff_id, starts_at, cover_staff_id,
					cover_name, note) values (gen_random_uuid(), 'north', $1, $2, 'gil', 'Gil', '')`, who, tuesday())
			}
			*now = tuesday().Add(time.Duration(c.days) * 24 * time.Hour)
			b.tellOverdue(t)
			stage, told, nobody := b.toldOf(t, channel)
			require.Equal(t, c.days, stage)
			require.ElementsMatch(t, c.told, told)
			require.Equal(t, c.nobody, nobody)
		})
	}
}

// Where nobody is left to be told as far as the host answers, that is an alarm, and it is told once the host does. It
// holds up no other organisation.
func TestNobodyIsToldWhileTheHostDoesNotAnswer(t *testing.T) {
	t.Parallel()
	b, now, channel := overdueBundle(t)
	b.orgs.Put(adapters.Organisation{ID: north, Name: "North", PublicURL: "https://north.example.org/m"})
	b.orgs.Put(adapters.Organisation{
		ID: "south", Name: "South", PublicURL: "https://south.example.org/m", Fallback: []adapters.StaffID{"sam"},
	})
	south := b.send(t, "esther", email("south-1", "Hello")).Channel
	b.reply(t, channel, "Please ring me")
	b.reply(t, south, "Me too")
	*now = tuesday().Add(24 * time.Hour)
	b.staff.FailAll(errors.New("down"))
	for range 2 {
		require.Error(t, b.Jobs().TellOverdue(t.Context(), 1))
		stage, told, nobody := b.toldOf(t, channel)
		require.Zero(t, stage, "it is to be told yet")
		require.Empty(t, told)
		require.True(t, nobody)
		require.False(t, healthCheck(t, b, "replies").OK)
		stats, err := b.Stats(t.Context())
		require.NoError(t, err)
		require.Equal(t, 1, stats.Unwatched)
		lines, events := b.timesTold(t, channel)
		require.Equal(t, []int{0, 0}, []int{lines, events})
		stage, told, _ = b.toldOf(t, south)
		require.Equal(t, 1, stage)
		require.Equal(t, []string{"sam"}, told)
	}
	b.staff.FailAll(nil)
	require.Equal(t, tuesday().Add(24*time.Hour), b.row(t, channel).OverdueSince.UTC())
	b.tellOverdue(t)
	stage, told, nobody := b.toldOf(t, channel)
	require.Equal(t, 1, stage)
	require.ElementsMatch(t, []string{"ben", "fay"}, told)
	require.False(t, nobody)
	lines, events := b.timesTold(t, channel)
	require.Equal(t, []int{1, 1}, []int{lines, events})
	require.True(t, healthCheck(t, b, "replies").OK)
	stats, err := b.Stats(t.Context())
	require.NoError(t, err)
	require.Zero(t, stats.Unwatched)
}
