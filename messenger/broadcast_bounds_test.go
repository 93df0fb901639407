package messenger_test

import (
	"encoding/base64"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// One request can't make the process look up or keep more than a broadcast may have: what is named twice counts once, and what
// is beyond is refused before anything is kept.
func TestABroadcastsBounds(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ids := func(n int) []adapters.ClientID {
		list := make([]adapters.ClientID, n)
		for i := range list {
			list[i] = adapters.ClientID(fmt.Sprint("nobody-", i))
		}
		return list
	}
	b.lists.Put(north, adapters.List{ID: "big", Name: "Big"}, ids(messenger.MaxRecipients)...)
	lists := make([]adapters.ListID, messenger.MaxLists+1)
	for i := range lists {
		lists[i] = adapters.ListID(fmt.Sprint("list-", i))
	}
	repeated := make([]adapters.ListID, 100_000)
	for i := range repeated {
		repeated[i] = "big"
	}
	refused := map[string]messenger.BroadcastParams{
		"lists":         {Lists: lists},
		"clients":       {Clients: ids(messenger.MaxRecipients + 1)},
		"both together": {Clients: []adapters.ClientID{"one-more"}, Lists: []adapters.ListID{"big"}},
		"white space":   {Clients: []adapters.ClientID{"grace", "grace okafor"}},
		"a line":        {Clients: []adapters.ClientID{"grace\n"}},
		"format":        {Clients: []adapters.ClientID{"gr\u200bace"}},
		"length":        {Clients: []adapters.ClientID{adapters.ClientID(strings.Repeat("x", messenger.MaxHostID+1))}},
		"nothing":       {Clients: []adapters.ClientID{""}},
	}
	for name, p := range refused {
		p.Medium, p.Subject, p.Body = adapters.Email, "Hello", "Hello"
		_, err := b.PreviewBroadcast(as(t, "amira"), p)
		requireCode(t, messenger.CodeInvalid, err)
		_, err = b.SendBroadcast(as(t, "amira"), p)
		require.Equal(t, messenger.CodeInvalid, messenger.CodeOf(err), name)
	}
	require.Zero(t, count(t, b.pool, "select count(*) from messenger_broadcast_recipients"))
	preview, err := b.PreviewBroadcast(as(t, "amira"), messenger.BroadcastParams{
		Medium: adapters.Email, Subject: "Hello", Body: "Hello", Lists: repeated, Clients: []adapters.ClientID{"nobody-1", "nobody-1"},
	})
	require.NoError(t, err)
	require.Equal(t, messenger.MaxRecipients, preview.Total, "a list named often is asked for and counted once")
	longest := adapters.ClientID(strings.Repeat("𐑀", messenger.MaxHostID)) // of four bytes each
	b.clients.Put(north, adapters.Client{ID: longest, Name: "Grace Okafor", Email: "grace@example.org"})
	for _, id := range []adapters.ClientID{longest, longest + "x"} {
		_, err = b.Send(as(t, "amira"), messenger.SendParams{Client: id, Medium: adapters.Email, Subject: "Hello", Body: "Hello"})
		require.Equal(t, id == longest, err == nil, "%v", err)
	}
}

// A cursor that somebody made up is refused: it never becomes a fault of ours.
func TestASkippedCursorHasItsColumnsBounds(t *testing.T) {
	t.Parallel()
	b := setup(t)
	broadcast, err := b.SendBroadcast(as(t, "amira"), messenger.BroadcastParams{
		Medium: adapters.Email, Subject: "Hello", Body: "Hello", Clients: []adapters.ClientID{"grace"},
	})
	require.NoError(t, err)
	for n, code := range map[int64]messenger.Code{
		1: "", math.MaxInt32: "", math.MaxInt32 + 1: messenger.CodeInvalid, math.MaxInt64: messenger.CodeInvalid,
		-1: messenger.CodeInvalid, math.MinInt64: messenger.CodeInvalid,
	} {
		cursor := base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, `{"l":"skipped %s","n":%d}`, broadcast.ID, n))
		_, err := b.BroadcastSkipped(as(t, "amira"), broadcast.ID, messenger.PageParams{Cursor: cursor})
		require.Equal(t, code, messenger.CodeOf(err), "%d: %v", n, err)
	}
}
