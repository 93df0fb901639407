package live

import (
	"context"
	"encoding/json"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
)

const (
	coalesce  = 30 * time.Millisecond // performance.md, section 1: NOTIFY in every send costs 29 %
	pollEvery = 15 * time.Second      // NOTIFY keeps nothing: see poll
	underway  = time.Second           // how long a NOTIFY may take, coalesced and all, before its poll takes it for lost
)

// Run tells other processes what changed here, hears what changed elsewhere, and feeds the streams, until ctx ends. topic
// names the schema's NOTIFY channel. It returns ctx's error; trouble with the database is logged and tried again.
func (h *Hub[E]) Run(ctx context.Context, topic string) error {
	var parts sync.WaitGroup
	parts.Go(func() { h.notify(ctx, topic) })
	parts.Go(func() { h.listen(ctx, topic) })
	parts.Go(func() { h.poll(ctx) })
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

func (h *Hub[E]) notify(ctx context.Context, topic string) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-h.pending.wake:
		}
		if !pause(ctx, coalesce) {
			return
		}
		payloads := h.pending.take()
		for len(payloads) > 0 {
			_, err := h.config.Pool.Exec(ctx, "select pg_notify($1, p) from unnest($2::text[]) p", topic, payloads)
			if err == nil {
				break
			}
			if ctx.Err() != nil {
				return
			}
			h.config.Logger.WarnContext(ctx, "messenger: live updates wait for the database", "error", err)
			if !pause(ctx, time.Second) {
				return
			}
		}
	}
}

func (h *Hub[E]) listen(ctx context.Context, topic string) {
	for ctx.Err() == nil {
		err := h.listenOnce(ctx, topic)
		if ctx.Err() != nil {
			return
		}
		h.config.Logger.WarnContext(ctx, "messenger: lost the connection that live updates come by", "error", err)
		pause(ctx, time.Second)
	}
}

func (h *Hub[E]) listenOnce(ctx context.Context, topic string) error {
	conn, err := h.config.Direct.Acquire(ctx)
	if err != nil {
		return err
	}
	own := conn.Hijack() // it listens for good: the pool must not hand it on
	defer func() { _ = own.Close(context.WithoutCancel(ctx)) }()
	if _, err := own.Exec(ctx, "listen "+pgx.Identifier{topic}.Sanitize()); err != nil {
		return err
	}
	h.restart() // whatever happened since the last connection is not known
	for {
		notification, err := own.WaitForNotification(ctx)
		if err != nil {
			return err
		}
		var batch []Change
		if json.Unmarshal([]byte(notification.Payload), &batch) != nil {
			h.restart()
			continue
		}
		h.publish(ctx, batch)
	}
}

// publish gives a batch of changes to the streams that watch their inboxes.
func (h *Hub[E]) publish(ctx context.Context, batch []Change) {
	numbered := h.number(batch)
	var watched []Numbered
	for _, n := range numbered {
		if h.watched(n.Inbox()) {
			watched = append(watched, n)
		}
	}
	if len(watched) == 0 {
		return
	}
	events, err := h.reader.Load(ctx, watched)
	if err != nil {
		h.config.Logger.WarnContext(ctx, "messenger: live updates can't be read", "error", err)
		h.restart()
		return
	}
	for i, n := range watched {
		h.send(n.Inbox(), events[i])
	}
}

// poll finds changes that were never notified, as those of a process that died before it could: an inbox whose counts or whose newest
// unread channel's time differ is reset. What changes neither, as a delivery's outcome or a further message in a channel that is done,
// is seen when the page is next fetched.
func (h *Hub[E]) poll(ctx context.Context) {
	var last int
	var seen map[Inbox]string
	for pause(ctx, pollEvery) {
		poll, watched := h.beginPoll()
		now, err := h.reader.States(ctx, watched)
		if err != nil {
			continue
		}
		if !pause(ctx, underway) {
			return
		}
		h.compare(last, seen, now)
		last, seen = poll, now
	}
}
