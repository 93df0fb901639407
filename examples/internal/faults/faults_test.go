package faults

import (
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/examples/internal/hosttest"
	"github.com/cmsmessenger/cmsmessenger/internal/testpeer"
)

// fault is one trial. do lays the fault and returns once it is over.
type fault struct {
	name, what string
	chosen     bool          // it belongs to the choice that every run of the tests has
	mail       time.Duration // how long the mail server takes that emails go by; zero: they go by Notify
	settings   []string      // of the database server
	pair       bool          // the database has a synchronous standby
	patroni    bool          // the database is three nodes under Patroni, etcd and HAProxy
	small      bool          // the database is on a small disk
	do         func(s *system)
}

func allFaults() []fault {
	return append(databaseFaults(), append(outsideFaults(), hostFaults()...)...)
}

// TestFaults lays each fault at a host under load. With FAULTS=all it lays them all and writes their rows of the
// report, else those of the choice. FAULTS_SEED is the seed; by default the day's.
func TestFaults(t *testing.T) {
	all := os.Getenv("FAULTS") == "all"
	seed := uint64(time.Now().YearDay())
	if given := os.Getenv("FAULTS_SEED"); given != "" {
		var err error
		seed, err = strconv.ParseUint(given, 10, 64)
		require.NoError(t, err)
	}
	fhir := testpeer.Start(t, "fhir-server.mjs")
	for _, f := range allFaults() {
		if !all && !f.chosen {
			continue
		}
		t.Run(f.name, func(t *testing.T) {
			made := trial{commit: commit(t), began: time.Now(), seed: seed}
			if all {
				tell(t, f, made) // that it did not hold, where all ends here
				defer func() { tell(t, f, made) }()
			}
			made.counts, made.held = try(t, f, fhir, seed), true
			t.Logf("%+v", made)
		})
	}
}

// try lays a fault at a host under load and counts.
func try(t *testing.T, f fault, fhir string, seed uint64) counts {
	t.Helper()
	began := time.Now()
	at := func(what string) { t.Logf("%s at %.1f s", what, time.Since(began).Seconds()) }
	s := newSystem(t, f, fhir, seed)
	at("the host is up")
	l := s.startLoad(seed)
	l.more(s, 20)
	at("the load is on")
	f.do(s)
	at("the fault is over")
	first := l.more(s, 20)
	l.end(s)
	at("the load is over")
	took := s.settle()
	at("it has settled")
	require.False(t, s.web.Gone() || s.worker.Gone(), "a process ended by itself")
	c := s.compare(l)
	c.first, c.settled = first, took
	return c
}

func databaseFaults() []fault {
	return []fault{{
		name: "PostgreSQL killed", chosen: true,
		what: "three times SIGKILL to the server and all its processes, each two seconds after it came back",
		do: func(s *system) {
			for range 3 {
				s.server.Kill()
				s.server.Start()
				s.moved()
				<-time.After(2 * time.Second)
			}
		},
	}, {
		name: "PostgreSQL restarted",
		what: "a fast shutdown, five seconds without, and a start",
		do: func(s *system) {
			s.server.Stop()
			<-time.After(5 * time.Second)
			s.server.Start()
			s.moved()
		},
	}, {
		name: "Failed over: the server killed", pair: true,
		what: "the primary killed; the address moved to its synchronous standby, which is promoted after five seconds",
		do: func(s *system) {
			s.server.Kill()
			s.failOver()
		},
	}, {
		name: "Failed over: the machine gone", pair: true,
		what: "the primary silent, every packet lost; the rest likewise",
		do: func(s *system) {
			s.database.Stall()
			s.failOver()
			s.server.Kill()
		},
	}, {
		name: "Patroni: the leader killed", patroni: true,
		what: "of three nodes under Patroni, etcd and HAProxy the leader's machine, twice, once the one before is back",
		do: func(s *system) {
			s.patroni.KillLeader()
			s.patroni.KillLeader()
		},
	}, {
		name: "Patroni: the leader without etcd", patroni: true,
		what: "of such three the leader's Patroni loses etcd, while its server is well and all connections to it are",
		do:   func(s *system) { s.patroni.CutOffLeader() },
	}, {
		name: "Patroni: switched over", patroni: true,
		what: "of such three the synchronous standby takes the leader's place as an operator has it do, and back",
		do: func(s *system) {
			s.patroni.SwitchOver()
			s.patroni.SwitchOver()
		},
	}, {
		name: "Disk full", small: true, settings: []string{"max_wal_size=64MB", "min_wal_size=32MB"},
		what: "no byte left on the disk of tables and log for eight seconds; a server that gives up is started again",
		do:   diskFull,
	}, {
		name: "Connections cut silently", chosen: true,
		what: "every open connection to the database carries nothing more and stays open, three times",
		do: func(s *system) {
			for range 3 {
				s.database.Stall()
				<-time.After(4 * time.Second)
			}
		},
	}, {
		name: "max_connections reached", settings: []string{"max_connections=40"},
		what: "others have every connection there is, and the processes lose theirs, for eight seconds",
		do:   hoard,
	}, {
		name: "Restored elsewhere", chosen: true,
		what: "pg_dump under load; what it has is restored into another database and another schema, where the host goes on",
		do:   restoredElsewhere,
	}}
}

// moved has the processes find the server where it is now.
func (s *system) moved() {
	s.address = s.server.URL()
	s.database.MoveTo(s.server.Address())
}

// failOver promotes the standby and moves the address to it.
func (s *system) failOver() {
	s.t.Helper()
	<-time.After(5 * time.Second)
	s.database.MoveTo(s.pair.StandbyAddress())
	s.address = s.pair.StandbyURL()
	s.pair.Promote()
}

// hoard takes every connection that the server has.
func hoard(s *system) {
	s.t.Helper()
	settings, err := pgxpool.ParseConfig(s.address)
	require.NoError(s.t, err)
	settings.MaxConns = 100
	pool, err := pgxpool.NewWithConfig(s.t.Context(), settings)
	require.NoError(s.t, err)
	defer pool.Close()
	var held []*pgxpool.Conn
	defer func() {
		for _, conn := range held {
			conn.Release()
		}
	}()
	for until := time.Now().Add(lasts); time.Now().Before(until); {
		conn, err := pool.Acquire(s.t.Context())
		if err == nil {
			held = append(held, conn)
			continue
		}
		require.ErrorContains(s.t, err, "too many clients")
		_, err = held[0].Exec(s.t.Context(), `select pg_terminate_backend(pid) from pg_stat_activity
			where backend_type = 'client backend' and pid <> all($1)`, pidsOf(held))
		require.NoError(s.t, err)
	}
	require.GreaterOrEqual(s.t, len(held), 37)
}

func pidsOf(held []*pgxpool.Conn) (pids []int32) {
	for _, conn := range held {
		pids = append(pids, int32(conn.Conn().PgConn().PID()))
	}
	return pids
}

func outsideFaults() []fault {
	meets := func(w func(s *system) *way, now trouble) func(s *system) {
		return func(s *system) {
			w(s).set(now)
			<-time.After(lasts)
			w(s).set(well)
			require.Positive(s.t, w(s).troubled())
		}
	}
	carrier, filing := func(s *system) *way { return s.carrier }, func(s *system) *way { return s.filing }
	faults := []fault{{
		name: "Provider slow", what: "GOV.UK Notify is well, takes two at a time and a second over each, for eight seconds",
		do: meets(carrier, slow),
	}, {
		name: "Mail server slow", mail: time.Second,
		what: "an SMTP server takes a second over each email, all the while",
		do:   func(*system) { <-time.After(lasts) },
	}, {
		name: "Record slow", what: "the FHIR server is well, takes two at a time and a second over each, for eight seconds",
		do: meets(filing, slow),
	}}
	for _, peer := range []struct {
		name, is string
		of       func(s *system) *way
	}{{"Provider", "GOV.UK Notify", carrier}, {"Record", "the FHIR server", filing}} {
		for _, each := range []struct {
			now  trouble
			does string
		}{
			{hangs, "gives no answer; half of the calls reach it before"},
			{garbage, "answers 201 and a page of something else; half of the calls reach it before"},
			{resets, "resets the connection in the middle of its answer; half of the calls reach it before"},
		} {
			faults = append(faults, fault{
				name: peer.name + " " + string(each.now), chosen: each.now == resets,
				what: peer.is + " " + each.does + ", for eight seconds", do: meets(peer.of, each.now),
			})
		}
	}
	return append(faults, fault{
		name: "Provider away for an hour",
		what: "nobody is there for as many tries as an hour has: what waits for its next one is not kept waiting",
		do:   func(s *system) { s.awayFor(carrier(s), "messenger_deliver", 14) },
	}, fault{
		name: "Record away for a day",
		what: "nobody is there for as many tries as a day has: what waits for its next one is not kept waiting",
		do:   func(s *system) { s.awayFor(filing(s), "messenger_write_record", 150) },
	})
}

// awayFor has a peer be away until one message has met nobody so many times, and from then on what waits is not kept
// waiting.
func (s *system) awayFor(peer *way, kind string, tries int) {
	s.t.Helper()
	peer.set(away)
	s.hastened = kind
	s.run(`create function public.shortened() returns trigger language plpgsql as
			$$ begin new.until = now(); return new; end $$;
		create trigger shortened before insert or update on messenger_pauses
			for each row execute function public.shortened()`)
	for late := time.Now().Add(5 * time.Minute); peer.tries() < tries; {
		require.True(s.t, time.Now().Before(late), "%d tries of %d", peer.tries(), tries)
		s.hasten()
		<-time.After(50 * time.Millisecond)
	}
	peer.set(well)
	s.t.Logf("one message met nobody %d times", peer.tries())
}

// hasten has the jobs that wait longest not wait, where a fault is to be long.
func (s *system) hasten() {
	s.t.Helper()
	if s.hastened == "" {
		return
	}
	s.run(`update river_job set state = 'available', scheduled_at = created_at where state in ('retryable', 'scheduled')
		and id in (select id from river_job where state <> 'completed' and kind = '` + s.hastened + `' order by id limit 10)`)
}

func hostFaults() []fault {
	return []fault{{
		name: "Two versions",
		what: "the version before beside this one: web of this and worker of that, the other way round, and this one again",
		do:   twoVersions,
	}}
}

// twoVersions has processes of the version before over the tables of this one, as a deployment has them for a while.
func twoVersions(s *system) {
	s.t.Helper()
	before := buildBefore(s.t)
	old := func(role string) *hosttest.Host {
		return hosttest.LaunchProgram(s.t, before,
			append([]string{hosttest.Role(role), "DATABASE_URL=" + s.through()}, s.environment...))
	}
	for _, next := range []struct {
		role string
		host func(role string) *hosttest.Host
	}{{"worker", old}, {"web", old}, {"worker", s.launch}, {"web", s.launch}} {
		s.replace(next.role, next.host(next.role))
		<-time.After(5 * time.Second)
	}
	s.sealedSince = time.Now()
}
