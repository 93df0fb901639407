package scale

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/examples/internal/hosttest"
	"github.com/cmsmessenger/cmsmessenger/migrations/migrationtest"
)

// system is several processes over one database behind PgBouncer, and the provider.
type system struct {
	t           *testing.T
	direct      *pgxpool.Pool
	provider    *provider
	environment []string

	roles []string
	mu    sync.Mutex
	hosts []*hosttest.Host
}

func newSystem(t *testing.T, roles ...string) *system {
	t.Helper()
	address := migrationtest.Database(t)
	direct, err := pgxpool.New(t.Context(), address)
	require.NoError(t, err)
	t.Cleanup(direct.Close)
	migrationtest.Up(t, direct)
	s := &system{t: t, direct: direct, provider: newProvider(t), roles: roles, hosts: make([]*hosttest.Host, len(roles))}
	s.environment = []string{
		"SCALE_PROVIDER=" + s.provider.url, "DIRECT_URL=" + address + "&pool_max_conns=4",
		"DATABASE_URL=" + pgBouncer(t, address) + "&pool_max_conns=6",
	}
	for i := range roles {
		s.start(i)
	}
	return s
}

// start starts a process in the place of one that has been killed, or for the first time.
func (s *system) start(i int) {
	s.t.Helper()
	name := fmt.Sprintf("%s %d", s.roles[i], i)
	host := hosttest.Launch(s.t, append([]string{hosttest.Role(s.roles[i]), "SCALE_NAME=" + name}, s.environment...))
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hosts[i] = host
}

func (s *system) host(i int) *hosttest.Host {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.hosts[i]
}

// try makes one request of a process.
func (s *system) try(ctx context.Context, i int, method, path, contentType, body string) (int, string, error) {
	return s.host(i).Request(ctx, method, path, contentType, body, "Idempotency-Key", uuid.NewString())
}

// ask makes a request of the API of a web process that must be answered as wanted, and reads the answer into into.
func (s *system) ask(i, want int, method, path string, body, into any) {
	s.t.Helper()
	var text []byte
	var err error
	if body != nil {
		text, err = json.Marshal(body)
		require.NoError(s.t, err)
	}
	status, answer, err := s.try(s.t.Context(), i, method, "/messenger/api"+path, "application/json", string(text))
	require.NoError(s.t, err)
	require.Equal(s.t, want, status, "%s %s: %s", method, path, answer)
	require.NoError(s.t, json.Unmarshal([]byte(answer), into))
}

// message and broadcast are what the API tells of them.
type message struct {
	ID, Direction, Body string
	Channel             string `json:"channel_id"`
	Delivery            struct{ Status string }
}

type broadcast struct {
	ID, State                              string
	Total, Queued, Sent, Failed, Cancelled int
	SkippedCount                           int `json:"skipped_count"`
}

func (b broadcast) sum() int { return b.SkippedCount + b.Queued + b.Sent + b.Failed + b.Cancelled }

// send sends an email to one client through a web process.
func (s *system) send(i, client int, body string) message {
	s.t.Helper()
	var sent struct{ Message message }
	s.ask(i, http.StatusAccepted, http.MethodPost, "/clients/"+clientID(client)+"/messages",
		map[string]string{"medium": "email", "subject": "Hello", "body": body}, &sent)
	return sent.Message
}

// broadcast sends an email to the first n clients.
func (s *system) broadcast(i, n int, body string) broadcast {
	s.t.Helper()
	ids := make([]string, n)
	for c := range ids {
		ids[c] = clientID(c)
	}
	var b broadcast
	s.ask(i, http.StatusAccepted, http.MethodPost, "/broadcasts",
		map[string]any{"medium": "email", "subject": "Reminder", "body": body, "client_ids": ids}, &b)
	return b
}

func (s *system) progress(i int, id string) (b broadcast) {
	s.t.Helper()
	s.ask(i, http.StatusOK, http.MethodGet, "/broadcasts/"+id, nil, &b)
	return b
}

// follow asks for a broadcast's progress until it is as wanted, and checks that it never goes backwards and always adds
// up.
func (s *system) follow(i int, id string, within time.Duration, wanted func(broadcast) bool) broadcast {
	s.t.Helper()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	past, late := broadcast{}, time.Now().Add(within)
	for {
		now := s.progress(i, id)
		require.Equal(s.t, now.Total, now.sum(), "%+v", now)
		require.GreaterOrEqual(s.t, now.Total-now.Queued, past.Total-past.Queued, "progress never goes backwards")
		if wanted(now) {
			return now
		}
		require.True(s.t, time.Now().Before(late), "%+v", now)
		past = now
		<-tick.C
	}
}

// number is one number from the database itself.
func (s *system) number(query string, arguments ...any) (n int) {
	s.t.Helper()
	require.NoError(s.t, s.direct.QueryRow(s.t.Context(), query, arguments...).Scan(&n))
	return n
}
