package live

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

const (
	coalesce  = 30 * time.Millisecond // performance.md, section 1: NOTIFY in every send costs 29 %
	pollEvery = 10 * time.Second      // NOTIFY keeps nothing: see poll
	underway  = time.Second           // how long a NOTIFY may take, coalesced and all, before its poll takes it for lost
	again     = time.Second           // from what failed to the next try

	// A connection may be dead and say nothing: its backend is stopped, or a firewall has forgotten it. So the listener
	// asks after proveEvery of silence, and gives the answer proveWithin. With a new connection that is 15 seconds at the
	// worst.
	proveEvery  = 5 * time.Second
	proveWithin = 3 * time.Second
	// answerWithin is for the questions to the pool. What takes longer is asked again, on another connection.
	answerWithin = 3 * time.Second
)

// Run tells other processes what changed here, hears what changed elsewhere, and feeds the streams, until ctx ends; the
// streams end then too. What changed here by then is told first, and what changes after it at once. topic names the
// schema's NOTIFY channel. It returns ctx's error; trouble with the database is logged and tried again.
func (h *Hub[E]) Run(ctx context.Context, topic string) error {
	h.mu.Lock()
	h.stopped = false
	h.mu.Unlock()
	var parts sync.WaitGroup
	parts.Go(func() {
		<-ctx.Done()
		h.Stop()
	})
	parts.Go(func() { h.notify(ctx) })
	parts.Go(func() { h.listen(ctx, topic) })
	parts.Go(func() { h.poll(ctx) })
	parts.Wait()
	h.tellLast()
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

// within runs fn, which keeps to its context, for no longer than d.
func within(ctx context.Context, d time.Duration, fn func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	return fn(ctx)
}

func (h *Hub[E]) notify(ctx context.Context) {
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
			err := h.tell(ctx, payloads)
			if err == nil {
				break
			}
			h.config.Logger.WarnContext(ctx, "messenger: live updates wait for the database", "error", err)
			if !pause(ctx, again) {
				return
			}
		}
	}
}

// tell is not cut off by the end of ctx.
func (h *Hub[E]) tell(ctx context.Context, payloads []string) error {
	return within(context.WithoutCancel(ctx), answerWithin, func(ctx context.Context) error {
		return h.reader.Notify(ctx, payloads)
	})
}

// tellLast tells what nobody will any more.
func (h *Hub[E]) tellLast() {
	ctx := context.Background()
	if payloads := h.pending.take(); len(payloads) > 0 {
		if err := h.tell(ctx, payloads); err != nil {
			h.config.Logger.WarnContext(ctx, "messenger: a last live update was not told: the poll tells it", "error", err)
		}
	}
}

// listen hears changes for as long as ctx lives, by one connection after another.
func (h *Hub[E]) listen(ctx context.Context, topic string) {
	for ctx.Err() == nil {
		err := h.listenOnce(ctx, topic)
		if ctx.Err() != nil {
			return
		}
		if h.setHearing(false) { // told once, not at each try
			h.config.Logger.WarnContext(ctx, "messenger: there is no connection that live updates come by", "error", err)
		}
		pause(ctx, again)
	}
}

func (h *Hub[E]) listenOnce(ctx context.Context, topic string) error {
	conn, err := h.connect(ctx)
	if err != nil {
		return err
	}
	defer closeSoon(ctx, conn)
	if err := within(ctx, proveWithin, func(ctx context.Context) error {
		_, err := conn.Exec(ctx, "listen "+pgx.Identifier{topic}.Sanitize())
		return err
	}); err != nil {
		return err
	}
	h.restart() // whatever happened since the last connection is not known
	if h.setHearing(true) {
		h.config.Logger.InfoContext(ctx, "messenger: live updates are heard")
	}
	for {
		notification, err := hear(ctx, conn)
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

// connect makes a connection on a new socket, as the pool would. One that the pool has may be dead and not know it.
func (h *Hub[E]) connect(ctx context.Context) (conn *pgx.Conn, err error) {
	pool := h.config.Direct.Config()
	config := pool.ConnConfig
	if config.ConnectTimeout <= 0 || config.ConnectTimeout > proveWithin {
		config.ConnectTimeout = proveWithin // for each host of the address
	}
	hosts := 1 + len(config.Fallbacks)
	err = within(ctx, time.Duration(hosts+1)*proveWithin, func(ctx context.Context) error {
		if pool.BeforeConnect != nil {
			if err := pool.BeforeConnect(ctx, config); err != nil {
				return fmt.Errorf("before connecting: %w", err)
			}
		}
		if conn, err = pgx.ConnectConfig(ctx, config); err != nil {
			return err
		}
		if pool.AfterConnect == nil {
			return nil
		}
		if err := pool.AfterConnect(ctx, conn); err != nil {
			closeSoon(ctx, conn)
			return fmt.Errorf("after connecting: %w", err)
		}
		return nil
	})
	return conn, err
}

// closeSoon closes a connection that may be dead.
func closeSoon(ctx context.Context, conn *pgx.Conn) {
	_ = within(context.WithoutCancel(ctx), time.Second, conn.Close)
}

// hear waits for the next notification, and returns an error once the connection does not prove that it still carries
// any.
func hear(ctx context.Context, conn *pgx.Conn) (notification *pgconn.Notification, err error) {
	for {
		err = within(ctx, proveEvery, func(ctx context.Context) error {
			notification, err = conn.WaitForNotification(ctx)
			return err
		})
		if err == nil || ctx.Err() != nil || !pgconn.Timeout(err) {
			return notification, err
		}
		if err = within(ctx, proveWithin, conn.Ping); err != nil {
			return nil, fmt.Errorf("it was silent, and then did not answer: %w", err)
		}
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
	var events [][]E
	err := within(ctx, answerWithin, func(ctx context.Context) (err error) {
		events, err = h.reader.Load(ctx, watched)
		return err
	})
	if err != nil {
		h.config.Logger.WarnContext(ctx, "messenger: live updates can't be read", "error", err)
		h.restart()
		return
	}
	for i, n := range watched {
		h.send(n.Inbox(), events[i])
		if n.Cover {
			h.askAgain(n.Inbox())
		}
	}
}

// poll finds changes that were never heard of, as those of a process that died before it could notify, and those that
// come while there is no connection to listen by. An inbox whose counts, or whose newest unread channel's time, differ
// is reset. What changes neither, as a delivery's outcome or a further message in a channel that is done, is seen when
// the page is next fetched.
func (h *Hub[E]) poll(ctx context.Context) {
	var last int
	var seen map[Inbox]string
	wait := pollEvery
	for pause(ctx, wait) {
		poll, watched := h.beginPoll()
		var now map[Inbox]string
		err := within(ctx, answerWithin, func(ctx context.Context) (err error) {
			now, err = h.reader.States(ctx, watched)
			return err
		})
		if err != nil {
			wait = again
			continue
		}
		if !pause(ctx, underway) {
			return
		}
		h.compare(last, seen, now)
		last, seen, wait = poll, now, pollEvery
	}
}
