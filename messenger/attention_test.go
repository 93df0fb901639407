package messenger_test

import (
	"context"
	"os"
	"regexp"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// attention is all that needs a person, as somebody finds it, page by page.
func (b *bundle) attention(
	t *testing.T, who adapters.StaffID, p messenger.AttentionParams,
) (list []messenger.Needed, counts map[messenger.Attention]int) {
	t.Helper()
	for {
		page, err := b.Attention(as(t, who), p)
		require.NoError(t, err)
		require.Equal(t, p.Cursor == "", page.Counts != nil)
		if page.Counts != nil {
			counts = page.Counts
		}
		list = append(list, page.Items...)
		if page.Next == "" {
			return list, counts
		}
		p.Cursor = page.Next
	}
}

func idsOf(list []messenger.Needed) (ids []uuid.UUID) {
	for _, one := range list {
		ids = append(ids, one.ID)
	}
	return ids
}

// Every reason has its row, newest first by when it came to need a person, whatever the size of the pages; a row is one
// message or channel, under whichever of its reasons is asked for; and what waits for a pause is the pause's one row.
func TestAttentionListsEveryReason(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.deliver(t, b.send(t, "amira", sms("grace", "Whose number it is")).Message.ID, 1)
	var want []uuid.UUID
	needs := func(client adapters.ClientID, change string) messenger.Sent {
		sent := b.send(t, "amira", email(client, "Hello"))
		exec(t, b, "update messenger_messages set "+change+" where id = $1", sent.Message.ID)
		want = append([]uuid.UUID{sent.Message.ID}, want...)
		return sent
	}
	late := b.send(t, "amira", email("grace", "Hello")) // written first, failed last
	unknown := needs("sian", "delivery_status = 'unknown', delivery_attention = 'delivery_unknown'")
	needs("grace", "delivery_status = 'sent', record_status = 'failed', record_attention = 'record_failed'")
	both := needs("sian", `delivery_status = 'failed', delivery_attention = 'delivery_failed', record_status = 'failed',
		record_attention = 'record_failed'`)
	waits := needs("grace", "delivery_attention = 'waiting', delivery_waiting = 'provider_limit'")
	needs("sian", "record_status = 'held', record_attention = 'record_held'")
	needs("grace", "delivery_status = 'cancelled', delivery_attention = 'owner_left'")
	asks := needs("sian", "delivery_status = 'scheduled', delivery_attention = 'cannot_be_sent'")
	needs("grace", `delivery_status = 'sent', expects = 'reply', expect_by = '2026-01-02', awaiting = 'waiting',
		awaiting_due = clock_timestamp()`)
	reply := b.reply(t, asks.Channel, "Please ring me")
	exec(t, b, "update messenger_messages set overdue_at = clock_timestamp() where id = $1", reply.ID)
	exec(t, b, "update messenger_channels set reply_flood = true where id = $1", waits.Channel.ID)
	texted := uuid.New()
	exec(t, b, `insert into messenger_unmatched (id, organisation_id, hook, provider_id, from_number, to_number, body, at,
			received_at) values ($1, 'north', 'texts', 'p1', '+447700900123', '', 'Hello', now(), clock_timestamp())`, texted)
	want = append([]uuid.UUID{texted, waits.Channel.ID, reply.ID}, want...)
	exec(t, b, "update messenger_channels set link_locked = true, wrong_dates_ever = 5 where id = $1", unknown.Channel.ID)
	exec(t, b, "update messenger_messages set delivery_status = 'failed', delivery_attention = 'delivery_failed' where id = $1", late.Message.ID)
	want = append([]uuid.UUID{late.Message.ID, unknown.Channel.ID}, want...)

	code, err := os.ReadFile("channel.go")
	require.NoError(t, err)
	each := map[messenger.Attention]int{"delivery_failed": 2, "record_failed": 2}
	for _, reason := range regexp.MustCompile(`Attention += "(\w+)"`).FindAllStringSubmatch(string(code), -1) {
		each[messenger.Attention(reason[1])] = max(1, each[messenger.Attention(reason[1])])
	}
	require.Len(t, each, 12)
	for _, limit := range []int{1, 2, 50} {
		list, counts := b.attention(t, "amira", messenger.AttentionParams{PageParams: messenger.PageParams{Limit: limit}})
		require.Equal(t, want, idsOf(list), "%d at a time", limit)
		require.Equal(t, each, counts)
	}
	for reason, n := range each {
		list, _ := b.attention(t, "amira", messenger.AttentionParams{Reason: reason})
		require.Len(t, list, n, reason)
		require.Equal(t, reason, list[0].Reason)
	}
	list, _ := b.attention(t, "amira", messenger.AttentionParams{Reason: messenger.AttentionRecordFailed})
	require.Len(t, list, 2)
	require.Equal(t, both.Message.ID, list[0].ID)
	require.Equal(t, messenger.AttentionRecordFailed, list[0].Reason)
	require.Equal(t, []messenger.Act{messenger.ActRetry, messenger.ActFile, messenger.ActResolve}, list[0].Can)
	list, _ = b.attention(t, "amira", messenger.AttentionParams{Reason: messenger.AttentionWaiting})
	require.Equal(t, []uuid.UUID{waits.Message.ID}, idsOf(list))
	require.Empty(t, list[0].Can)

	exec(t, b, `insert into messenger_pauses (organisation_id, medium, until, why)
		values ('north', 'email', now() + interval '1 minute', 'provider_limit'), ('south', 'sms', now() + interval '1 day', 'not_set_up')`)
	list, counts := b.attention(t, "amira", messenger.AttentionParams{Reason: messenger.AttentionWaiting})
	require.Len(t, list, 1)
	require.Nil(t, list[0].Channel)
	require.Equal(t, 1, list[0].Pause.Count)
	require.Equal(t, 1, counts[messenger.AttentionWaiting])
	results, err := b.Act(as(t, "amira"), messenger.ActParams{IDs: idsOf(list), Do: messenger.ActResolve})
	require.NoError(t, err)
	require.Equal(t, messenger.CodeNothingToDo, results[0].Code, "it ends by itself, or by an operator")
	list, _ = b.attention(t, "amira", messenger.AttentionParams{Reason: messenger.AttentionWaiting, Inbox: "amira"})
	require.Equal(t, []uuid.UUID{waits.Message.ID}, idsOf(list), "in one inbox, what waits itself")
}

// An overdue reply is listed though its filing waits for a pause, which is a row of its own.
func TestAttentionListsAnOverdueReplyBesideThePauseOfItsFiling(t *testing.T) {
	t.Parallel()
	b, now, channel := overdueBundle(t)
	b.reply(t, channel, "Please ring me")
	exec(t, b, `update messenger_messages set record_attention = 'waiting', record_waiting = 'record_down' where direction = 'inbound'`)
	exec(t, b, `insert into messenger_pauses (organisation_id, medium, until, why)
		values ('north', 'record', now() + interval '1 hour', 'record_down')`)
	*now = tuesday().Add(24 * time.Hour)
	b.tellOverdue(t)
	list, counts := b.attention(t, "amira", messenger.AttentionParams{})
	require.ElementsMatch(t, []messenger.Attention{messenger.AttentionReplyOverdue, messenger.AttentionWaiting},
		[]messenger.Attention{list[0].Reason, list[len(list)-1].Reason})
	require.Len(t, list, 2)
	require.Equal(t, map[messenger.Attention]int{messenger.AttentionReplyOverdue: 1, messenger.AttentionWaiting: 1}, counts)
}

// Who may act finds what they may do, who may look nothing to do, others nothing; a look at a colleague's is written down.
func TestAttentionAsOthers(t *testing.T) {
	t.Parallel()
	b := setup(t)
	failed := b.failed(t, email("grace", "Hello"))
	for who, can := range map[adapters.StaffID][]messenger.Act{
		"amira": {messenger.ActRetry, messenger.ActResolve}, "ben": {messenger.ActRetry, messenger.ActResolve}, "chloe": nil,
	} {
		list, _ := b.attention(t, who, messenger.AttentionParams{})
		require.Len(t, list, 1, who)
		require.Equal(t, can, list[0].Can, who)
	}
	for range 2 {
		b.attention(t, "chloe", messenger.AttentionParams{})
	}
	looks := 0
	for _, action := range b.actions(t, failed.Channel) {
		if action == "chloe:looked" {
			looks++
		}
		require.NotEqual(t, "amira:looked", action)
	}
	require.Equal(t, 1, looks)
	for _, who := range []adapters.StaffID{"dev", "esther"} {
		list, counts := b.attention(t, who, messenger.AttentionParams{})
		require.Empty(t, list, who)
		require.Empty(t, counts, who)
		_, err := b.Attention(as(t, who), messenger.AttentionParams{Inbox: "amira"})
		requireCode(t, messenger.CodeNotFound, err)
		results, err := b.Act(as(t, who), messenger.ActParams{IDs: []uuid.UUID{failed.Message.ID}, Do: messenger.ActResolve})
		require.NoError(t, err)
		require.Equal(t, messenger.CodeNotFound, results[0].Code)
	}
	results, err := b.Act(as(t, "chloe"), messenger.ActParams{IDs: []uuid.UUID{failed.Message.ID}, Do: messenger.ActResolve})
	require.NoError(t, err)
	require.Equal(t, messenger.CodeForbidden, results[0].Code)
}

// A client whom the directory hides from a colleague is in no row and no count, also where a whole page of hidden ones
// comes before one that may be seen.
func TestAttentionHidesWhomTheDirectoryHides(t *testing.T) {
	t.Parallel()
	b := setup(t)
	shown := b.failed(t, email("sian", "Hello"))
	for range 5 {
		b.failed(t, email("grace", "Hello"))
	}
	b.hiding().set()
	list, counts := b.attention(t, "ben", messenger.AttentionParams{PageParams: messenger.PageParams{Limit: 2}})
	require.Equal(t, []uuid.UUID{shown.Message.ID}, idsOf(list))
	require.Equal(t, map[messenger.Attention]int{"delivery_failed": 1}, counts)
	list, _ = b.attention(t, "amira", messenger.AttentionParams{})
	require.Len(t, list, 6, "the owner's threads are theirs")
}

// Each is done for itself, in the order asked.
func TestActOnMany(t *testing.T) {
	t.Parallel()
	b := setup(t)
	old := b.failed(t, email("grace", "Hello"))
	last := b.failed(t, email("grace", "Hello again"))
	alone := b.failed(t, email("sian", "Hello"))
	act := func(do messenger.Act, ids ...uuid.UUID) (codes []messenger.Code) {
		results, err := b.Act(as(t, "amira"), messenger.ActParams{IDs: ids, Do: do, Note: "Rang instead."})
		require.NoError(t, err)
		for i, result := range results {
			require.Equal(t, ids[i], result.ID)
			codes = append(codes, result.Code)
		}
		return codes
	}
	nobody := uuid.New()
	require.Equal(t, []messenger.Code{"newer_messages", "", "not_found", "", "nothing_to_do", "nothing_to_do", "not_found"},
		act(messenger.ActRetry, old.Message.ID, last.Message.ID, nobody, alone.Message.ID, alone.Message.ID, alone.Channel.ID, uuid.Nil))
	require.Equal(t, []messenger.Code{"nothing_to_do", "", "nothing_to_do"},
		[]messenger.Code{act(messenger.ActFile, old.Message.ID)[0], act(messenger.ActResolve, old.Message.ID)[0], act(messenger.ActResolve, old.Message.ID)[0]})

	exec(t, b, "update messenger_channels set reply_flood = true, link_locked = true, wrong_dates_ever = 5 where id = $1", alone.Channel.ID)
	require.Equal(t, []messenger.Code{"", "nothing_to_do"}, act(messenger.ActResolve, alone.Channel.ID, alone.Channel.ID))
	exec(t, b, "update messenger_channels set link_locked = true, wrong_dates_ever = 15 where id = $1", alone.Channel.ID)
	require.Equal(t, []messenger.Code{"nothing_to_do"}, act(messenger.ActResolve, alone.Channel.ID), "it needs a new link")
	list, _ := b.attention(t, "amira", messenger.AttentionParams{Reason: messenger.AttentionLinkLocked})
	require.Empty(t, list[0].Can)

	for _, p := range []messenger.ActParams{
		{Do: messenger.ActRetry},
		{IDs: make([]uuid.UUID, 101), Do: messenger.ActRetry},
		{IDs: []uuid.UUID{nobody}, Do: messenger.ActAssign},
	} {
		_, err := b.Act(context.WithoutCancel(as(t, "amira")), p)
		requireCode(t, messenger.CodeInvalid, err)
	}
}
