package messenger

import (
	"context"
	"encoding/binary"
	"log/slog"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/cmsmessenger/cmsmessenger/messenger/internal/rows"
)

// Now is the present by the database's clock, in UTC. It decides what Messenger does by time, so that a process whose
// own clock is wrong does as the others do.
func (m *Messenger) Now(ctx context.Context) time.Time { return m.now(ctx) }

// now is the present by the database's clock, cut to what PostgreSQL keeps.
func (m *Messenger) now(ctx context.Context) time.Time {
	m.clock.look(ctx)
	return m.clock.now()
}

// ownNow is the present by this process's own clock, for what stays in it.
func (m *Messenger) ownNow() time.Time { return m.clock.own() }

func (m *Messenger) newID() uuid.UUID { return m.clock.newID() }

// between is a time that somebody else tells of what was done since then and until now, in UTC: their clock may be
// wrong. Where they do not tell, it is now.
func between(since, told, now time.Time) time.Time {
	switch {
	case told.IsZero() || told.After(now):
		return now
	case told.Before(since):
		return since.UTC()
	default:
		return told.UTC()
	}
}

const (
	clockLooks  = time.Minute     // how often the database's clock is looked at
	clockTries  = 5 * time.Second // how soon again while it has not been seen
	wrongClock  = time.Minute     // how far off a clock has to be for somebody to be told
	clockWasSet = time.Second     // a process's own clock that jumped as far was set, or the machine has slept
)

// clock is the database's clock as this process knows it.
type clock struct {
	own    func() time.Time // this process's
	from   *pgxpool.Pool    // of the database; nil: the own one decides
	logger *slog.Logger

	looking sync.Mutex // held by who asks

	mu     sync.Mutex
	ahead  time.Duration // how far own is ahead of the database's
	known  bool
	looked time.Time // by own; zero: never
	since  time.Time // when own was seen to be wrong; zero while it is right
	lastID uint64    // time of the latest id: milliseconds, and 12 bits of one
}

// newClock goes by the database's clock, unless the host has set one that decides.
func newClock(set func() time.Time, pool *pgxpool.Pool, logger *slog.Logger) *clock {
	if set != nil {
		return &clock{own: set}
	}
	return &clock{own: time.Now, from: pool, logger: logger} //nolint:forbidigo // beside the database's
}

// now is the present, cut to what PostgreSQL keeps. It asks nobody.
func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.own().Add(-c.ahead).UTC().Truncate(time.Microsecond)
}

// nowOfDatabase is the present by the database's clock, and whether that is so: until a process has been able to ask,
// now goes by its own.
func (c *clock) nowOfDatabase(ctx context.Context) (now time.Time, known bool) {
	c.look(ctx)
	known, _ = c.due()
	return c.now(), known
}

// newID is a UUIDv7 (RFC 9562, with a fraction of the millisecond: section 6.2, method 3) of the present, later than
// the one before: the history is in the order of ids.
func (c *clock) newID() uuid.UUID {
	const second = 1000 << 12
	id, now := uuid.New(), c.now()
	//nolint:gosec // a time of this age
	stamp := uint64(now.UnixMilli())<<12 | uint64(now.Nanosecond()%1e6)<<12/1e6
	c.mu.Lock()
	if c.lastID >= stamp && c.lastID < stamp+second { // unless the clock was put right
		stamp = c.lastID + 1
	}
	c.lastID = stamp
	c.mu.Unlock()
	binary.BigEndian.PutUint64(id[:8], stamp>>12<<16|7<<12|stamp&0xfff)
	return id
}

// idAt is an id that stands among those of another time.
func idAt(at time.Time) uuid.UUID {
	id := uuid.New()
	binary.BigEndian.PutUint64(id[:8], uint64(at.UnixMilli())<<16|7<<12)
	return id
}

// look asks the database for its time where that has not been done for a minute. While somebody asks already, what is
// known holds on. Without an answer too, until the next look.
func (c *clock) look(ctx context.Context) {
	known, due := c.due()
	if !due {
		return
	}
	takes := 2 * time.Second
	if known {
		takes = time.Second
		if !c.looking.TryLock() {
			return
		}
	} else {
		c.looking.Lock()
	}
	defer c.looking.Unlock()
	if _, due := c.due(); !due {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), takes)
	defer cancel()
	c.learn(c.ask(ctx))
}

// ask is the database's time, between two moments of the own clock. It is asked twice: the first time may take longer,
// and the narrower the better.
func (c *clock) ask(ctx context.Context) (asked, database, answered time.Time, err error) {
	err = c.from.AcquireFunc(ctx, func(conn *pgxpool.Conn) error {
		for range 2 {
			asked = c.own()
			if database, err = rows.One[time.Time](ctx, conn, rows.Raw("select clock_timestamp()")); err != nil {
				return err
			}
			answered = c.own()
		}
		return nil
	})
	return asked, database, answered, err
}

// due says whether it is time to look, and whether anything is known.
func (c *clock) due() (known, due bool) {
	if c.from == nil {
		return true, false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.own()
	gone := now.Sub(c.looked) // by the monotonic clock
	wasSet := (now.Round(0).Sub(c.looked.Round(0)) - gone).Abs() > clockWasSet
	rest := clockLooks
	if !c.known {
		rest = clockTries
	}
	return c.known, c.looked.IsZero() || gone > rest || wasSet
}

// learn takes the database's time, which was asked for and answered between two moments of the own clock. What is known
// holds on while it agrees with that, so that a clock that is right is left as it is.
func (c *clock) learn(asked, database, answered time.Time, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.looked = c.own()
	if err != nil {
		return
	}
	most, least := answered.Sub(database), asked.Round(0).Sub(database)
	if !c.known || c.ahead < least || c.ahead > most {
		c.ahead = 0
		if least > 0 || most < 0 {
			c.ahead = least + (most-least)/2
		}
	}
	c.known = true
	if wrong := c.ahead.Abs() > wrongClock; wrong != !c.since.IsZero() {
		c.since = time.Time{}
		if wrong {
			c.since = database.UTC()
			c.logger.Error("messenger: this process's clock is wrong: what is decided by time goes by the database's",
				"ahead", c.ahead.Round(time.Second).String())
		} else {
			c.logger.Info("messenger: this process's clock is right again")
		}
	}
}

// wrong is how far the own clock is ahead of the database's, and since when that is more than a minute; zero while it
// is not.
func (c *clock) wrong() (ahead time.Duration, since time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.ahead, c.since
}

// keepLooking looks again and again until ctx ends, so that a process with nothing to do says that its clock is wrong.
func (c *clock) keepLooking(ctx context.Context) {
	for c.look(ctx); pause(ctx, clockLooks); c.look(ctx) {
	}
}
