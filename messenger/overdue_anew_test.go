package messenger_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// What is handed over overdue and unread is told to who is there for its new owner, however often it was told before.
func TestAnOverdueReplyIsToldAnewOnceItIsHandedOver(t *testing.T) {
	t.Parallel()
	for name, joined := range map[string]bool{"alone": false, "joined with the receiver's own": true} {
		b, now, channel := overdueBundle(t)
		if joined {
			b.send(t, "dev", email("grace", "How are you?"))
		}
		b.reply(t, channel, "Please ring me")
		*now = tuesday().Add(48 * time.Hour)
		b.tellOverdue(t)
		b.staff.Add(adapters.Member{ID: "gil", Name: "Gil", Organisation: north})
		b.staff.Share("gil", adapters.Inbox{Staff: "dev", MayAct: true})
		require.Equal(t, 0, b.belled(t, "gil"), name)
		_, err := b.Handover(as(t, "amira"), channel.ID, messenger.HandoverParams{To: "dev", TakeUnread: true})
		require.NoError(t, err)
		b.tellOverdue(t)
		require.Equal(t, 1, b.belled(t, "gil"), name)
		b.tellOverdue(t)
		require.Equal(t, 1, b.belled(t, "gil"), name)
	}
}

// belled is how many things a staff member's bell has.
func (b *bundle) belled(t *testing.T, staff adapters.StaffID) int {
	t.Helper()
	page, err := b.Notifications(as(t, staff), messenger.PageParams{})
	require.NoError(t, err)
	return len(page.Items)
}

// Where the last of those leaves who were told of an overdue reply, it is told to who is there now. Where somebody of
// them stays, it is not.
func TestAnOverdueReplyIsToldAnewOnceNobodyIsLeftWhoWasTold(t *testing.T) {
	t.Parallel()
	b, now, channel := overdueBundle(t)
	b.away(t) // ben covers
	b.reply(t, channel, "Please ring me")
	for _, after := range []time.Duration{24, 48} {
		*now = tuesday().Add(after * time.Hour)
		b.tellOverdue(t)
	}
	b.staff.Add(adapters.Member{ID: "hal", Name: "Hal", Organisation: north})
	b.staff.Share("hal", adapters.Inbox{Staff: "amira", MayAct: true})
	b.orgs.Put(adapters.Organisation{ID: north, Name: "North", Fallback: []adapters.StaffID{"hal"}})
	require.NoError(t, b.StaffLeft(t.Context(), north, "ben", ""))
	b.tellOverdue(t)
	require.Equal(t, 0, b.belled(t, "hal"), "fay knows")
	require.NoError(t, b.StaffLeft(t.Context(), north, "fay", ""))
	b.tellOverdue(t)
	require.Equal(t, 1, b.belled(t, "hal"))
	lines, _ := b.timesTold(t, channel)
	require.Equal(t, 4, lines, "twice each")
}

// failsFor is a host that does not say who may act in one inbox.
type failsFor struct {
	adapters.Colleagues
	inbox adapters.StaffID
}

func (f failsFor) WhoMayAct(
	ctx context.Context, organisation adapters.OrganisationID, inbox adapters.StaffID,
) ([]adapters.Member, error) {
	if inbox == f.inbox {
		return nil, context.DeadlineExceeded
	}
	return f.Colleagues.WhoMayAct(ctx, organisation, inbox)
}

// However many replies there are of which nobody can be told yet, those that came later are told.
func TestRepliesOfWhichNobodyCanBeToldHoldUpNoOther(t *testing.T) {
	t.Parallel()
	b, now, _ := overdueBundle(t)
	b = b.with(t, func(c *messenger.Config) { c.Colleagues = failsFor{c.Colleagues, "dev"} })
	b.orgs.Put(adapters.Organisation{ID: north, Name: "North"})
	for _, client := range b.crowd(201) {
		b.reply(t, b.send(t, "dev", email(client, "Hello")).Channel, "Hello")
	}
	*now = tuesday().Add(time.Minute)
	channel := b.send(t, "amira", email("sian", "Hello")).Channel
	b.reply(t, channel, "Please ring me")
	*now = tuesday().Add(25 * time.Hour)
	require.Error(t, b.Jobs().TellOverdue(t.Context(), 1), "dev's are asked about again")
	lines, _ := b.timesTold(t, channel)
	require.Equal(t, 1, lines)
}
