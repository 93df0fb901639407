package faults

import (
	"fmt"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/examples/internal/hosttest"
	"github.com/cmsmessenger/cmsmessenger/internal/devpg/devpgtest"
	"github.com/cmsmessenger/cmsmessenger/internal/proxytest"
	"github.com/cmsmessenger/cmsmessenger/migrations/migrationtest"
)

const (
	// lasts is how long a fault lasts that has no end of its own.
	lasts = 8 * time.Second
	// settled is how long after a fault's end nothing may be under way any more, and how long people go on trying.
	settled = 2 * time.Minute
)

// system is a web and a worker process, their database, and what they reach outside.
type system struct {
	t           *testing.T
	server      *devpgtest.Server
	pair        *devpgtest.Pair    // where a fault has two nodes: server is the first
	patroni     *devpgtest.Patroni // where it has three: there is no server beside
	database    *proxytest.Proxy   // what the processes reach the database by
	address     string             // of the database itself
	notify      *notify
	mail        *hosttest.MailServer // nil: emails go by Notify
	record      *record
	carrier     *way // to Notify
	filing      *way // to the record
	environment []string
	hastened    string    // the kind of jobs that are not kept waiting
	sealedSince time.Time // no process of a version that seals no lines ran after it

	mu          sync.Mutex
	web, worker *hosttest.Host
}

// newSystem starts a host over a database server, with the FHIR peer at an address for its record.
func newSystem(t *testing.T, f fault, fhir string, seed uint64) *system {
	t.Helper()
	s := &system{t: t, notify: newNotify(), record: newRecord(t, fhir), sealedSince: time.Unix(0, 0)}
	s.carrier, s.filing = newWay(t, s.notify, seed), newWay(t, s.record, seed)
	s.environment = []string{"FAULTS_NOTIFY=" + s.carrier.url, "FAULTS_RECORD=" + s.filing.url}
	if f.mail > 0 {
		s.mail = hosttest.StartMailServer(t, map[string]any{"takes": f.mail.Milliseconds()})
		s.environment = append(s.environment, fmt.Sprintf("FAULTS_SMTP=smtp://127.0.0.1:%d?tls=none", s.mail.Port))
	}
	switch {
	case f.patroni:
		s.patroni = devpgtest.StartPatroni(t)
	case f.pair:
		s.pair = devpgtest.StartPair(t)
		s.server = s.pair.Primary
	case f.small:
		s.server = devpgtest.Own(t, smallDisk(t), f.settings...)
	default:
		s.server = devpgtest.Own(t, "", f.settings...)
	}
	if s.patroni != nil {
		s.address = s.patroni.URL()
	} else {
		s.address = s.server.URL()
	}
	s.database = proxytest.Start(t, devpgtest.AddressOf(t, s.address))
	pool, err := pgxpool.New(t.Context(), s.address)
	require.NoError(t, err)
	defer pool.Close()
	migrationtest.Up(t, pool)
	s.web, s.worker = s.launch("web"), s.launch("worker")
	return s
}

// through is the address of the database by the way that the processes have.
func (s *system) through() string {
	address, err := url.Parse(s.address)
	require.NoError(s.t, err)
	address.Host = fmt.Sprintf("127.0.0.1:%d", s.database.Port())
	return address.String()
}

func (s *system) launch(role string) *hosttest.Host {
	s.t.Helper()
	return hosttest.Launch(s.t, append([]string{hosttest.Role(role), "DATABASE_URL=" + s.through()}, s.environment...))
}

// stop stops both processes as a deployment does.
func (s *system) stop() {
	s.t.Helper()
	for _, host := range []*hosttest.Host{s.web, s.worker} {
		require.Zero(s.t, host.Terminate(), "%s", host.Log)
	}
}

// start starts both where stop has stopped them.
func (s *system) start() {
	s.t.Helper()
	web, worker := s.launch("web"), s.launch("worker")
	s.mu.Lock()
	defer s.mu.Unlock()
	s.web, s.worker = web, worker
}

// replace has another process in the place of one, which is stopped.
func (s *system) replace(role string, host *hosttest.Host) {
	s.t.Helper()
	s.mu.Lock()
	place := &s.web
	if role == "worker" {
		place = &s.worker
	}
	before := *place
	*place = host
	s.mu.Unlock()
	require.Zero(s.t, before.Terminate(), "%s", before.Log)
}

// person tries again until the web process answers.
func (s *system) person() hosttest.Person {
	return hosttest.Person{Tries: settled, Host: func() *hosttest.Host {
		s.mu.Lock()
		defer s.mu.Unlock()
		return s.web
	}}
}

// query asks the database itself, by a connection of its own.
func (s *system) query(text string) (n int) {
	s.t.Helper()
	n, err := s.ask(text)
	require.NoError(s.t, err)
	return n
}

func (s *system) ask(text string, args ...any) (n int, err error) {
	conn, err := pgx.Connect(s.t.Context(), s.address)
	if err != nil {
		return 0, err
	}
	defer func() { _ = conn.Close(s.t.Context()) }()
	return n, conn.QueryRow(s.t.Context(), text, args...).Scan(&n)
}

// run has the database do something.
func (s *system) run(statement string) {
	s.t.Helper()
	conn, err := pgx.Connect(s.t.Context(), s.address)
	require.NoError(s.t, err)
	defer func() { _ = conn.Close(s.t.Context()) }()
	_, err = conn.Exec(s.t.Context(), statement)
	require.NoError(s.t, err)
}

// settle waits until nothing is under way and nobody has done anything for that, and says how long it took.
func (s *system) settle() time.Duration {
	s.t.Helper()
	began := time.Now()
	late := began.Add(settled)
	for {
		n := s.query(`select (select count(*) from messenger_messages where delivery_status in ('queued', 'sending')
				or record_status = 'pending' and record_reason <> 'delivery_unknown')
			+ (select count(*) from messenger_broadcasts where fanned_out < total)`)
		if n == 0 {
			return time.Since(began)
		}
		require.True(s.t, time.Now().Before(late), "%d things not settled\n%s", n, s.worker.Log)
		s.hasten()
		<-time.After(100 * time.Millisecond)
	}
}
