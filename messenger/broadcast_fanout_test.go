package messenger_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// merged is a directory that calls a client by the id their record has been merged into.
type merged struct{ adapters.Clients }

func (m merged) Get(ctx context.Context, organisation adapters.OrganisationID, ids []adapters.ClientID) (map[adapters.ClientID]adapters.Client, error) {
	found, err := m.Clients.Get(ctx, organisation, ids)
	for id, client := range found {
		client.ID = "merged"
		found[id] = client
	}
	return found, err
}

// What the directory says of one client stops no message to the others, of a broadcast or alone.
func TestBroadcastToWhomTheDirectoryNamesOddly(t *testing.T) {
	t.Parallel()
	b := setup(t, func(c *messenger.Config) { c.Clients = merged{c.Clients} })
	b.clients.Put(north,
		adapters.Client{ID: "latin", Name: "Ren\xe9 Dubois", Email: "rene@example.org"},
		adapters.Client{ID: "null", FirstName: "Al\x00an", Name: "Al\x00an Reed", Email: "alan@example.org"},
		adapters.Client{ID: "address", Name: "Zo\u00eb Hart", Email: "zo\xeb@example.org"})
	b.send(t, "amira", email("latin", "Dear {{first_name}}"))
	p := reminder()
	p.Clients = []adapters.ClientID{"grace", "latin", "null", "address", "sian"}
	broadcast, err := b.SendBroadcast(as(t, "amira"), p)
	require.NoError(t, err)
	require.NoError(t, b.fanOut(t, broadcast.ID))
	broadcast, err = b.Broadcast(as(t, "amira"), broadcast.ID)
	require.NoError(t, err)
	require.Equal(t, map[adapters.ClientID]string{"address": "no_address"}, whys(broadcast.Skipped))
	require.Equal(t, 4, broadcast.Queued)
	require.Equal(t, 4, count(t, b.pool, `select count(distinct client_id) from messenger_channels where client_id in ('grace', 'latin', 'null', 'sian')`))
	require.Equal(t, 1, count(t, b.pool, "select count(*) from messenger_messages where body like 'Dear Ren\uFFFD Dubois,%'"))
	require.Equal(t, 1, count(t, b.pool, "select count(*) from messenger_messages where body like 'Dear Alan,%'"))
}

// A text that can't be kept once it is filled is nobody's, and the list of the skipped says so.
func TestBroadcastWithAnOrganisationNamedOddly(t *testing.T) {
	t.Parallel()
	b := setup(t, func(c *messenger.Config) {
		c.Organisations = adapters.OneOrganisation(adapters.Organisation{Name: "Caf\xe9 Circle", PublicURL: "https://north.example.org/m"})
	})
	p := reminder()
	p.Body += " {{organisation}}"
	p.Clients = []adapters.ClientID{"grace", "sian"}
	preview, err := b.PreviewBroadcast(as(t, "amira"), p)
	require.NoError(t, err)
	want := map[adapters.ClientID]string{"grace": "invalid", "sian": "invalid"}
	require.Equal(t, want, whys(preview.Skipped))
	broadcast, err := b.SendBroadcast(as(t, "amira"), p)
	require.NoError(t, err)
	require.NoError(t, b.fanOut(t, broadcast.ID))
	broadcast, err = b.Broadcast(as(t, "amira"), broadcast.ID)
	require.NoError(t, err)
	require.Equal(t, want, whys(broadcast.Skipped))
}

// distinct is n characters of words that are all different.
func distinct(n int) string {
	var text strings.Builder
	for i := 0; text.Len() < n; i++ {
		fmt.Fprintf(&text, "%x ", i+0xfffff)
	}
	return text.String()[:n]
}

// One transaction carries little of a long text, and a thousand short ones.
func TestBroadcastBatchesAreBoundByTheirText(t *testing.T) {
	t.Parallel()
	b := setup(t)
	crowd := b.crowd(1001)
	for _, c := range []struct {
		body       string
		to, within int
	}{{distinct(50_000), 50, 40}, {"We meet on Tuesday.", 1001, 1000}} {
		p := reminder()
		p.Body, p.Clients = c.body, crowd[:c.to]
		broadcast, err := b.SendBroadcast(as(t, "amira"), p)
		require.NoError(t, err)
		require.NoError(t, b.fanOut(t, broadcast.ID))
		require.Equal(t, c.to, count(t, b.pool, "select count(*) from messenger_messages where broadcast_id = $1", broadcast.ID))
		largest := count(t, b.pool, `select max(n) from (select count(*) n from messenger_messages
			where broadcast_id = $1 group by xmin::text) w`, broadcast.ID) // one transaction's
		require.LessOrEqual(t, largest, c.within)
		require.Greater(t, largest, c.within*9/10)
	}
}
