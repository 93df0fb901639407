package live

import (
	"encoding/json"
	"fmt"
	"sync"

	"github.com/google/uuid"

	"github.com/cmsmessenger/cmsmessenger/adapters"
)

// Change names a channel that changed, and which of its messages did. It holds ids only, and travels by NOTIFY.
type Change struct {
	Organisation adapters.OrganisationID `json:"o"`
	Staff        adapters.StaffID        `json:"s"`
	Of           adapters.StaffID        `json:"i,omitempty"` // whose inbox it is in, where Staff is told of a colleague's
	Channel      uuid.UUID               `json:"c,omitzero"`
	Messages     []uuid.UUID             `json:"m,omitempty"`
	Broadcast    uuid.UUID               `json:"b,omitzero"`  // of which only the progress changed; Channel is zero then
	Texts        bool                    `json:"t,omitempty"` // that a channel of Staff's claims, or all; ids are zero
	Cover        bool                    `json:"v,omitempty"` // whom Staff covers, or who covers them; Channel is zero
	Reset        bool                    `json:"r,omitempty"` // all its messages are made: too many channels to name
	Present      *Present                `json:"p,omitempty"` // who has the channel open: nothing else of it changed
}

// ofChannels says whether it tells of what an inbox lists.
func (c Change) ofChannels() bool {
	return c.Channel != uuid.Nil || c.Reset || c.Texts && c.Staff == ""
}

// Texts is what streams of the texts that no channel claims watch: an inbox of nobody's.
func Texts(organisation adapters.OrganisationID) Inbox { return Inbox{Organisation: organisation} }

// Payload is a change as NOTIFY carries it.
func Payload(c Change) string {
	raw, _ := json.Marshal([]Change{c}) // ids, texts and truths
	return string(raw)
}

// Inbox names a staff member's inbox.
type Inbox struct {
	Organisation adapters.OrganisationID
	Staff        adapters.StaffID
}

// Numbered is a change and its place in this process's run of events.
type Numbered struct {
	Change
	epoch string
	n     int64
}

// Inbox is whose inbox changed.
func (n Numbered) Inbox() Inbox { return Inbox{n.Organisation, n.Staff} }

// ID is the id of the last event of the change: a reader that has it has seen the change.
func (n Numbered) ID() string { return fmt.Sprintf("%s-%d", n.epoch, n.n) }

// Before is the id of the change's other events: a reader that has it resumes with the change.
func (n Numbered) Before() string { return fmt.Sprintf("%s-%d", n.epoch, n.n-1) }

const (
	maxPending = 10_000
	maxPayload = 7000 // PostgreSQL takes 8,000 bytes
	maxIDs     = 100
)

// pending collects what transactions of this process changed, until it is notified.
type pending struct {
	mu      sync.Mutex
	changes map[subject]*Change
	wake    chan struct{}
}

// subject names what changed: a channel, who has it open, a broadcast or an organisation's texts, or who covers, of an
// inbox.
type subject struct {
	id    uuid.UUID
	texts adapters.OrganisationID
	inbox Inbox
	cover bool
	by    adapters.StaffID // who is present
}

func newPending() *pending {
	return &pending{changes: map[subject]*Change{}, wake: make(chan struct{}, 1)}
}

func (p *pending) add(news Change) {
	id := subject{id: news.Channel, inbox: Inbox{news.Organisation, news.Staff}}
	if id.id == uuid.Nil {
		id.id = news.Broadcast
	}
	if news.Texts {
		id.texts = news.Organisation
	}
	if news.Cover {
		id.cover = true
	}
	if news.Present != nil {
		id.by = news.Present.Staff
	}
	p.mu.Lock()
	known, ok := p.changes[id]
	if !ok && len(p.changes) < maxPending { // beyond, nobody notifies here: the poll finds what it compares
		p.changes[id] = &news
	} else if ok {
		if len(known.Messages) < maxIDs {
			known.Messages = append(known.Messages, news.Messages...)
		}
		known.Reset, known.Present = known.Reset || news.Reset, news.Present
	}
	p.mu.Unlock()
	select {
	case p.wake <- struct{}{}:
	default:
	}
}

// take empties the collection into payloads of a size that NOTIFY carries.
func (p *pending) take() []string {
	p.mu.Lock()
	taken := p.changes
	p.changes = map[subject]*Change{}
	p.mu.Unlock()
	var payloads []string
	var batch []json.RawMessage
	size := 0
	flush := func() {
		if len(batch) > 0 {
			raw, _ := json.Marshal(batch)
			payloads = append(payloads, string(raw))
		}
		batch, size = nil, 0
	}
	for _, known := range taken {
		raw, _ := json.Marshal(known)
		if size+len(raw) > maxPayload {
			flush()
		}
		batch, size = append(batch, raw), size+len(raw)+1
	}
	flush()
	return payloads
}
