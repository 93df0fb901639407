package scale

import (
	"math/rand/v2"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/examples/internal/hosttest"
)

// TestBroadcastOverProcesses cancels a broadcast half-way, meets a provider's limit in another, and kills workers at
// random in a third.
func TestBroadcastOverProcesses(t *testing.T) {
	t.Parallel()
	s := newSystem(t, webProcess, worker, worker, poller, poller)
	s.cancelHalfWay()
	s.meetLimit()
	s.killAtRandom()
}

// cancelHalfWay cancels while the provider keeps its answers back: what it has goes on, all else stops.
func (s *system) cancelHalfWay() {
	s.t.Helper()
	open, reached := func() {}, make(chan struct{})
	s.provider.once(300, func() {
		open = s.provider.shut()
		close(reached)
	})
	b := s.broadcast(0, 2000, "Cancelled half-way.")
	s.await(reached)
	var cancelled broadcast
	s.ask(0, http.StatusOK, http.MethodPost, "/broadcasts/"+b.ID+"/cancel", nil, &cancelled)
	require.Equal(s.t, "cancelled", cancelled.State)
	open()
	b = s.follow(0, b.ID, 2*hosttest.Patience, func(b broadcast) bool { return b.Queued == 0 })
	got, repeated := s.provider.got("half-way")
	require.Equal(s.t, []int{got, 0, 2000 - got, 0}, []int{b.Sent, b.Failed, b.Cancelled, repeated})
	require.Greater(s.t, b.Cancelled, 1000, "what had not gone out")
}

// meetLimit lets the provider take nothing for a while: all processes together leave it alone, and the database too.
func (s *system) meetLimit() {
	s.t.Helper()
	var began time.Time
	require.NoError(s.t, s.direct.QueryRow(s.t.Context(), "select now()").Scan(&began))
	s.provider.once(100, func() { s.provider.pause(7) })
	b := s.broadcast(0, 1000, "Limited.")
	b = s.follow(0, b.ID, 3*hosttest.Patience, func(b broadcast) bool { return b.State == "sent" })
	got, repeated := s.provider.got("Limited.")
	require.Equal(s.t, []int{1000, 1000, 0}, []int{b.Sent, got, repeated})
	const atOnce = 4 * 50 // the workers of all four processes: who is on the way already can't know
	refused := s.provider.refusals()
	require.Positive(s.t, refused)
	require.LessOrEqual(s.t, refused, atOnce, "calls while the provider takes nothing")
	snoozed := s.number("select coalesce(sum((metadata->>'snoozes')::int), 0) from river_job where created_at >= $1",
		began)
	require.LessOrEqual(s.t, snoozed, 4*atOnce, "jobs that went round through the database for it")
	attempts := s.number("select sum(attempts) from messenger_messages where broadcast_id = $1", b.ID)
	require.LessOrEqual(s.t, attempts, 1000+atOnce, "attempts")
	s.t.Logf("a limit of 7 s over 4 processes: %d calls refused, %d jobs put off, %d attempts of 1,000 messages", refused,
		snoozed, attempts)
}

// rescued is how long a dead process may hold a job, the fan-out itself at worst: River looks every half a minute for
// what has run for half a minute, and its leader may have died as well.
const rescued = 3 * time.Minute

// killAtRandom kills worker processes while they work: everybody gets it once, and a single message waits for none of
// it.
func (s *system) killAtRandom() {
	s.t.Helper()
	before := s.provider.shares()
	type death struct {
		victim int
		open   func() // lets the provider answer again
	}
	dead := make(chan death, 3)
	for _, at := range []int{200, 1000, 1800} {
		s.provider.once(at, func() {
			d := death{1 + rand.IntN(4), s.provider.shut()}
			s.host(d.victim).Kill()
			dead <- d
		})
	}
	b := s.broadcast(0, 3000, "Whatever happens.")
	for range 3 {
		select {
		case d := <-dead:
			s.start(d.victim)
			s.sendMeanwhile(b.ID)
			d.open()
		case <-time.After(rescued):
			require.FailNow(s.t, "nothing goes out", "%+v", s.progress(0, b.ID))
		}
	}
	b = s.follow(0, b.ID, rescued, func(b broadcast) bool { return b.State == "sent" })
	got, repeated := s.provider.got("Whatever happens.")
	require.Equal(s.t, []int{3000, 3000, 0}, []int{b.Sent, got, repeated})
	after, shares := s.provider.shares(), 0
	for process := range after {
		if after[process] > before[process] {
			shares++
		}
	}
	require.Equal(s.t, 4, shares, "every process takes a share: %v", after)
}

// sendMeanwhile sends one message, which goes out while the broadcast has others waiting and all of its workers wait
// for the provider.
func (s *system) sendMeanwhile(broadcast string) {
	s.t.Helper()
	before, _ := s.provider.got("Just you.")
	s.send(0, 3500, "Just you.")
	require.Eventually(s.t, func() bool {
		now, _ := s.provider.got("Just you.")
		return now == before+1
	}, hosttest.Patience, 5*time.Millisecond, "a single message")
	require.Positive(s.t, s.progress(0, broadcast).Queued, "it waits for no broadcast")
}

func (s *system) await(reached <-chan struct{}) {
	s.t.Helper()
	select {
	case <-reached:
	case <-time.After(2 * hosttest.Patience):
		require.FailNow(s.t, "the moment never came")
	}
}
