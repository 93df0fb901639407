package messenger

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/rows"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/search"
)

// change names a channel that changed, and which of its messages did. It holds ids only, and travels by NOTIFY.
type change struct {
	Organisation adapters.OrganisationID `json:"o"`
	Staff        adapters.StaffID        `json:"s"`
	Channel      uuid.UUID               `json:"c,omitzero"`
	Messages     []uuid.UUID             `json:"m,omitempty"`
	Broadcast    uuid.UUID               `json:"b,omitzero"`  // of which only the progress changed; Channel is zero then
	Reset        bool                    `json:"r,omitempty"` // all its messages are made: too many channels to name
}

// ofChannels says whether it tells of what an inbox lists.
func (c change) ofChannels() bool { return c.Channel != uuid.Nil || c.Reset }

const (
	coalesce        = 30 * time.Millisecond // performance.md, section 1: NOTIFY in every send costs 29 %
	pollEvery       = 15 * time.Second      // NOTIFY keeps nothing: see poll
	underway        = time.Second           // how long a NOTIFY may take, coalesced and all, before its poll takes it for lost
	permissionEvery = 30 * time.Second
	maxPending      = 10_000
	maxPayload      = 7000 // PostgreSQL takes 8,000 bytes
	maxIDs          = 100
	remembered      = 10_000
	backlog         = 32
)

// changes collects what transactions of this process changed, until it is notified.
type changes struct {
	mu      sync.Mutex
	pending map[uuid.UUID]*change
	wake    chan struct{}
}

func newChanges() *changes {
	return &changes{pending: map[uuid.UUID]*change{}, wake: make(chan struct{}, 1)}
}

// add is called after a commit, never inside a transaction. It never waits.
func (c *changes) add(channel rows.Channel, messages ...uuid.UUID) {
	c.merge(channel.ID, change{Organisation: channel.OrganisationID, Staff: channel.StaffID, Channel: channel.ID, Messages: messages})
}

// progress says that a broadcast of this inbox's owner has come further.
func (c *changes) progress(of rows.Channel, broadcast uuid.UUID) {
	c.merge(broadcast, change{Organisation: of.OrganisationID, Staff: of.StaffID, Broadcast: broadcast})
}

// fannedOut says that all messages of a broadcast are made: its owner's inbox has rows and previews that nobody was told of.
func (c *changes) fannedOut(of rows.Channel, broadcast uuid.UUID) {
	c.merge(broadcast, change{Organisation: of.OrganisationID, Staff: of.StaffID, Broadcast: broadcast, Reset: true})
}

func (c *changes) merge(id uuid.UUID, news change) {
	c.mu.Lock()
	known, ok := c.pending[id]
	if !ok && len(c.pending) < maxPending { // beyond, nobody notifies here: the poll finds what it compares
		c.pending[id] = &news
	} else if ok {
		if len(known.Messages) < maxIDs {
			known.Messages = append(known.Messages, news.Messages...)
		}
		known.Reset = known.Reset || news.Reset
	}
	c.mu.Unlock()
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// accepted empties the collection into payloads of a size that NOTIFY carries.
func (c *changes) take() []string {
	c.mu.Lock()
	taken := c.pending
	c.pending = map[uuid.UUID]*change{}
	c.mu.Unlock()
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

// Run keeps this process's part of live updates going until ctx ends: it tells other processes what changed here, hears
// what changed elsewhere, and feeds the streams of Subscribe. Run it once in every process that sends, works jobs or serves
// streams. It returns ctx's error; trouble with the database is logged and tried again.
func (m *Messenger) Run(ctx context.Context) error {
	var schema string
	var indexed bool
	err := m.config.Pool.QueryRow(ctx, "select current_schema(), "+searchIndexed).Scan(&schema, &indexed)
	if err != nil {
		return fmt.Errorf("messenger: reach the database: %w", err)
	}
	if !indexed {
		m.config.Logger.WarnContext(ctx, "messenger: the inbox search is slow here: install the extensions btree_gin and pg_trgm, and run migrations.Up")
	}
	topic := schemaKey(schema)
	var parts sync.WaitGroup
	parts.Go(func() { m.notify(ctx, topic) })
	parts.Go(func() { m.listen(ctx, topic) })
	parts.Go(func() { m.poll(ctx) })
	parts.Wait()
	return ctx.Err()
}

// pause waits, and says whether to go on.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

func (m *Messenger) notify(ctx context.Context, topic string) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-m.changes.wake:
		}
		if !pause(ctx, coalesce) {
			return
		}
		payloads := m.changes.take()
		for len(payloads) > 0 {
			_, err := m.config.Pool.Exec(ctx, "select pg_notify($1, p) from unnest($2::text[]) p", topic, payloads)
			if err == nil {
				break
			}
			if ctx.Err() != nil {
				return
			}
			m.config.Logger.WarnContext(ctx, "messenger: live updates wait for the database", "error", err)
			if !pause(ctx, time.Second) {
				return
			}
		}
	}
}

func (m *Messenger) listen(ctx context.Context, topic string) {
	for ctx.Err() == nil {
		err := m.listenOnce(ctx, topic)
		if ctx.Err() != nil {
			return
		}
		m.config.Logger.WarnContext(ctx, "messenger: lost the connection that live updates come by", "error", err)
		pause(ctx, time.Second)
	}
}

func (m *Messenger) listenOnce(ctx context.Context, topic string) error {
	conn, err := m.config.Direct.Acquire(ctx)
	if err != nil {
		return err
	}
	own := conn.Hijack() // it listens for good: the pool must not hand it on
	defer func() { _ = own.Close(context.WithoutCancel(ctx)) }()
	if _, err := own.Exec(ctx, "listen "+pgx.Identifier{topic}.Sanitize()); err != nil {
		return err
	}
	m.hub.restart() // whatever happened since the last connection is not known
	for {
		notification, err := own.WaitForNotification(ctx)
		if err != nil {
			return err
		}
		var batch []change
		if json.Unmarshal([]byte(notification.Payload), &batch) != nil {
			m.hub.restart()
			continue
		}
		m.publish(ctx, batch)
	}
}

// publish gives a batch of changes to the streams that watch their inboxes.
func (m *Messenger) publish(ctx context.Context, batch []change) {
	numbered := m.hub.number(batch)
	var watched []numberedChange
	for _, n := range numbered {
		if m.hub.watched(n.inbox()) {
			watched = append(watched, n)
		}
	}
	if len(watched) == 0 {
		return
	}
	events, err := m.load(ctx, watched)
	if err != nil {
		m.config.Logger.WarnContext(ctx, "messenger: live updates can't be read", "error", err)
		m.hub.restart()
		return
	}
	for i, n := range watched {
		m.hub.send(n.inbox(), events[i])
	}
}

// load reads what changed, as it is now: the events of each change.
func (m *Messenger) load(ctx context.Context, list []numberedChange) ([][]LiveEvent, error) {
	var channelIDs, messageIDs []uuid.UUID
	for _, n := range list {
		channelIDs = append(channelIDs, n.Channel)
		messageIDs = append(messageIDs, n.Messages...)
	}
	found, err := collectList(m.config.Pool.Query(ctx, "select "+listColumns+noMatch+
		" from messenger_channels c where c.id = any($1::text[]::uuid[])", idsOf(channelIDs)))
	if err != nil {
		return nil, err
	}
	messages, err := collectMessages(m.config.Pool.Query(ctx, "select "+messageColumns+
		" from messenger_messages m where m.id = any($1::text[]::uuid[]) order by m.seq", idsOf(messageIDs)))
	if err != nil {
		return nil, err
	}
	channels := map[uuid.UUID]*Channel{}
	for _, row := range found {
		channel := row.channel(search.Query{})
		channels[row.ID] = &channel
	}
	inChannel := map[uuid.UUID][]rows.Message{}
	for _, row := range messages {
		inChannel[row.ChannelID] = append(inChannel[row.ChannelID], row)
	}
	events := make([][]LiveEvent, len(list))
	for i, n := range list {
		if n.Broadcast != uuid.Nil {
			broadcast, err := m.readBroadcast(ctx, n.Organisation, n.Broadcast)
			if err != nil {
				return nil, err
			}
			events[i] = append(events[i], LiveEvent{ID: n.before(), Kind: "broadcast", Broadcast: &broadcast})
		}
		if n.Reset {
			events[i] = append(events[i], LiveEvent{ID: n.before(), Kind: "reset"})
		}
		if channel := channels[n.Channel]; channel != nil {
			events[i] = append(events[i], LiveEvent{ID: n.before(), Kind: "channel", Channel: channel})
		}
		for _, row := range inChannel[n.Channel] {
			if slices.Contains(n.Messages, row.ID) {
				message := messageOf(row)
				events[i] = append(events[i], LiveEvent{ID: n.before(), Kind: "message", Message: &message})
			}
		}
		if last := len(events[i]) - 1; last >= 0 { // only who has had them all is past the change
			events[i][last].ID = n.id()
		}
	}
	return events, nil
}

// poll finds changes that were never notified, as those of a process that died before it could: an inbox whose counts or whose newest
// unread channel's time differ is reset. What changes neither, as a delivery's outcome or a further message in a channel that is done,
// is seen when the page is next fetched.
func (m *Messenger) poll(ctx context.Context) {
	var last int
	var seen map[inbox]string
	for pause(ctx, pollEvery) {
		poll, watched := m.hub.beginPoll()
		now, err := m.states(ctx, watched)
		if err != nil {
			continue
		}
		if !pause(ctx, underway) {
			return
		}
		m.hub.compare(last, seen, now)
		last, seen = poll, now
	}
}

func (m *Messenger) states(ctx context.Context, watched []inbox) (map[inbox]string, error) {
	organisations, staff := make([]string, len(watched)), make([]string, len(watched))
	for i, w := range watched {
		organisations[i], staff[i] = string(w.organisation), string(w.staff)
	}
	rows, err := m.config.Pool.Query(ctx, `select w.o, w.s, concat_ws(' ', i.unread, i.open, i.done, (select max(c.last_at) from messenger_channels c
			where c.organisation_id = w.o and c.staff_id = w.s and c.status = 'unread' and c.moved_to is null))
		from unnest($1::text[], $2::text[]) w (o, s) left join messenger_inboxes i on i.organisation_id = w.o and i.staff_id = w.s`,
		organisations, staff)
	if err != nil {
		return nil, err
	}
	now := map[inbox]string{}
	var at inbox
	var state string
	_, err = pgx.ForEachRow(rows, []any{&at.organisation, &at.staff, &state}, func() error {
		now[at] = state
		return nil
	})
	return now, err
}

// newEpoch names one unbroken run of event numbers.
func newEpoch() string {
	raw := make([]byte, 8)
	_, _ = rand.Read(raw) // never fails: crypto/rand ends the process instead
	return hex.EncodeToString(raw)
}

func parseEventID(id string) (epoch string, n int64, ok bool) {
	epoch, number, ok := strings.Cut(id, "-")
	n, err := strconv.ParseInt(number, 10, 64)
	return epoch, n, ok && err == nil
}
