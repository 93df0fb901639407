package messenger

import (
	"time"

	"github.com/google/uuid"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/replylink"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/rows"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/search"
)

// newChannel is what a channel begins with beside its people.
type newChannel struct {
	id    uuid.UUID
	link  replylink.Link
	off   *RepliesOffWhy // why replies are off from the start
	offAt *time.Time
}

func (m *Messenger) newChannel(now time.Time, repliesOff bool) newChannel {
	n := newChannel{id: m.newID(), link: m.links.New()}
	if repliesOff {
		n.off, n.offAt = new(OffByStaff), &now
	}
	return n
}

// ensured is a channel that there was, or that was made.
type ensured struct {
	ID      uuid.UUID
	Created bool
}

// ensure makes it a member's own with a client when there is none.
func (n newChannel) ensure(member adapters.Member, client adapters.Client, now time.Time) rows.Query {
	return rows.File("ensure_channel", rows.Args{
		"id": n.id, "organisation": member.Organisation, "staff": member.ID, "staff_name": member.Name,
		"client": client.ID, "client_name": client.Name, "client_name_folded": search.Fold(client.Name), "now": now,
		"replies_off_why": n.off, "replies_off_at": n.offAt,
		"link_nonce": n.link.Nonce, "link_key_id": n.link.KeyID, "link_lookup": n.link.Lookup,
	})
}
