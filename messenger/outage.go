package messenger

import (
	"context"
	"errors"
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// isOutage says whether an error is the database's trouble, which passes, and not a fault of ours: it can't be reached,
// it does not let us in, it does not answer in time, it starts, stops or recovers, it takes no more connections, its
// disk is full or fails, it is a standby, a time-out of its own has passed, or two transactions were in one another's
// way (https://www.postgresql.org/docs/current/errcodes-appendix.html).
func isOutage(err error) bool {
	var connect *pgconn.ConnectError
	var said *pgconn.PgError
	if !errors.As(err, &connect) && errors.As(err, &said) {
		passing := []string{"08", "40", "53", "57", "25006", "25P03", "25P04", "55P03", "58030"}
		return slices.ContainsFunc(passing, func(code string) bool { return strings.HasPrefix(said.Code, code) })
	}
	var network net.Error
	return connect != nil || errors.As(err, &network) || pgconn.Timeout(err) ||
		errors.Is(err, context.DeadlineExceeded) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, net.ErrClosed) || errors.Is(err, pgconn.ErrConnClosed)
}

// isDeadlock says that PostgreSQL ended a transaction because it and another waited for one another: nothing of it was
// done, and it is to be tried again
// (https://www.postgresql.org/docs/current/mvcc-serialization-failure-handling.html).
func isDeadlock(err error) bool {
	var said *pgconn.PgError
	return errors.As(err, &said) && said.Code == "40P01"
}

// isSilence says whether an outage is that nobody answers: to ask once more only has somebody wait for longer.
func isSilence(err error) bool {
	var said *pgconn.PgError
	return isOutage(err) && !errors.As(err, &said)
}

// outageLogEvery is how often an outage is in the log: it says once what is the matter, not once a request.
const outageLogEvery = 10 * time.Second

// outageLog is when the outage was last logged, and how many were not since.
type outageLog struct {
	mu     sync.Mutex
	logged time.Time
	silent int
}

// trouble says to whoever looks after the database what is the matter with it. The error beside it has PostgreSQL's
// code and words; of a full disk they name the file, and so the tablespace.
func trouble(err error) string {
	var said *pgconn.PgError
	if !errors.As(err, &said) {
		return "the database does not answer"
	}
	switch {
	case said.Code == "53100":
		return "a disk of the database is full"
	case said.Code == "53300":
		return "the database takes no more connections"
	case said.Code == "25006":
		return "the database can only be read: it is a standby"
	case strings.HasPrefix(said.Code, "53"):
		return "the database has not enough of what it needs"
	case strings.HasPrefix(said.Code, "57P"):
		return "the database starts or stops"
	default:
		return "the database could not do it now"
	}
}

// LogOutage logs trouble of the database's: at once, and then every ten seconds while it lasts, with how many
// operations met it.
func (m *Messenger) LogOutage(ctx context.Context, operation string, err error) {
	m.outages.mu.Lock()
	defer m.outages.mu.Unlock()
	now := m.ownNow()
	if now.Sub(m.outages.logged).Abs() < outageLogEvery {
		m.outages.silent++
		return
	}
	m.config.Logger.ErrorContext(ctx, "messenger: "+trouble(err),
		"operation", operation, "error", err, "more", m.outages.silent)
	m.outages.logged, m.outages.silent = now, 0
}
