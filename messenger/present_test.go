package messenger_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// Who has a channel open is told to the others who watch its inbox and may see its client, in every process: not to
// themselves, not to who resumes, and it stands nowhere.
func TestWhoElseHasAChannelOpen(t *testing.T) {
	t.Parallel()
	b := setup(t)
	far := b.with(t, func(*messenger.Config) {})
	b.live(t)
	far.live(t)
	sent := b.send(t, "amira", email("grace", "Hello"))
	own, colleague := subscribe(t, b, "amira", "", ""), subscribe(t, far, "ben", "amira", "")
	other := subscribe(t, b, "esther", "", "")
	rows := func() int {
		return count(t, b.pool, "select sum((xpath('/row/n/text()', query_to_xml(format('select count(*) as n from %I', "+
			"table_name), false, true, '')))[1]::text::int) from information_schema.tables "+
			"where table_schema = current_schema() and table_name like 'messenger\\_%'")
	}
	_, err := b.Channel(as(t, "ben"), sent.Channel.ID) // the look of this hour
	require.NoError(t, err)
	before := rows()
	require.NoError(t, far.Present(as(t, "ben"), sent.Channel.ID, true))
	told := until(t, own, "present")
	require.Equal(t,
		messenger.Present{Channel: sent.Channel.ID, Staff: "ben", Name: "Ben Hughes", Writing: true}, *told.Present)
	require.NoError(t, b.Present(as(t, "amira"), sent.Channel.ID, false))
	require.Equal(t, messenger.Present{Channel: sent.Channel.ID, Staff: "amira", Name: "Amira Shah"},
		*until(t, colleague, "present").Present, "the first that ben is told is not himself")
	require.Equal(t, adapters.StaffID("ben"), until(t, own, "present").Present.Staff, "amira came, and hears who is there")
	require.Equal(t, before, rows(), "it stands nowhere")

	for who, want := range map[adapters.StaffID]messenger.Code{
		"dev": messenger.CodeNotFound, "esther": messenger.CodeNotFound,
	} {
		requireCode(t, want, b.Present(as(t, who), sent.Channel.ID, true))
	}
	require.NoError(t, b.Present(as(t, "chloe"), sent.Channel.ID, false), "who may only look has it open too")
	require.Equal(t, adapters.StaffID("chloe"), until(t, own, "present").Present.Staff)

	require.NoError(t, far.Gone(as(t, "ben"), sent.Channel.ID))
	require.Equal(t, messenger.Present{Channel: sent.Channel.ID, Staff: "ben", Name: "Ben Hughes"},
		*until(t, own, "gone").Present)
	require.Equal(t, adapters.StaffID("ben"), until(t, colleague, "gone").Present.Staff,
		"told himself: a page of his may still have it open")
	requireCode(t, messenger.CodeNotFound, b.Gone(as(t, "dev"), sent.Channel.ID))
	require.NoError(t, b.Present(as(t, "chloe"), sent.Channel.ID, true))
	require.Equal(t, adapters.StaffID("chloe"), until(t, own, "present").Present.Staff)
	require.NoError(t, far.Present(as(t, "ben"), sent.Channel.ID, true))
	ctx, leave := context.WithCancel(as(t, "chloe"))
	_, err = b.Subscribe(ctx, "amira", "")
	require.NoError(t, err)
	leave()
	require.Equal(t, adapters.StaffID("chloe"), until(t, own, "gone").Present.Staff, "with her last stream")

	reply := b.reply(t, sent.Channel, "Thank you")
	again := subscribe(t, b, "amira", "", told.ID)
	for event := next(t, again); event.Message == nil || event.Message.ID != reply.ID; event = next(t, again) {
		require.NotEqual(t, "present", event.Kind, "told again")
	}
	b.send(t, "esther", email("south-1", "Hello"))
	require.Equal(t, "channel", next(t, other).Kind, "another organisation is told nothing of it")
}

// A colleague from whom a client is hidden is not told who writes to them, and can't say that they do.
func TestPresenceWithAHiddenClient(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.live(t)
	hidden, shown := b.send(t, "amira", email("grace", "Hello")), b.send(t, "amira", email("sian", "Hello"))
	b.hiding().set("amira", "ben")
	colleague := subscribe(t, b, "chloe", "amira", "")
	require.NoError(t, b.Present(as(t, "ben"), hidden.Channel.ID, true))
	own := subscribe(t, b, "amira", "", "")
	require.NoError(t, b.Present(as(t, "ben"), hidden.Channel.ID, true))
	until(t, own, "present")
	require.NoError(t, b.Present(as(t, "ben"), shown.Channel.ID, true))
	require.Equal(t, shown.Channel.ID, until(t, colleague, "present").Present.Channel)
	requireCode(t, messenger.CodeNotFound, b.Present(as(t, "chloe"), hidden.Channel.ID, false))
}
