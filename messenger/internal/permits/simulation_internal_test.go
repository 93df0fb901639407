package permits

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// The time of these tests is made up (testing/synctest): minutes pass in milliseconds, and are always the same.

// gives is how long a caller waits for an answer.
const gives = time.Minute

// side is the other side: it answers so many calls at once, in the order they came, and goes on with those whose callers
// have gone.
type side struct {
	places chan struct{}
	takes  func() time.Duration

	mu              sync.Mutex
	taken, answered int
	longest         time.Duration
}

func newSide(atOnce int, takes func() time.Duration) *side {
	return &side{places: make(chan struct{}, atOnce), takes: takes}
}

var sms = Door{"sms", "north"} //nolint:gochecknoglobals // the door of most tests

func always(d time.Duration) func() time.Duration { return func() time.Duration { return d } }

// call says whether an answer came in time.
func (s *side) call() News {
	began, done := time.Now(), make(chan struct{})
	go func() {
		s.places <- struct{}{}
		<-time.After(s.takes())
		<-s.places
		close(done)
	}()
	timer := time.NewTimer(gives)
	defer timer.Stop()
	s.mu.Lock()
	s.taken++
	s.mu.Unlock()
	select {
	case <-timer.C:
		return Failed
	case <-done:
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answered++
	s.longest = max(s.longest, time.Since(began))
	return Answered
}

// river is a queue as River works it: it looks for due jobs every 200 ms, and after 20 as long as there are more than it
// has places for. Those that were to wait longer than five seconds it moves at its next look at them, every five.
type river struct {
	permits *Permits
	queue   Queue

	mu     sync.Mutex
	due    []*job
	more   bool
	busy   int
	rounds int
	done   sync.WaitGroup
}

type job struct {
	at   time.Time
	door Door
	side *side
	took func(time.Duration) // nil: nobody asks
	made time.Time
}

func newRiver(name string) *river {
	return &river{permits: &Permits{}, queue: Queue{Name: name, Places: 50}}
}

func (r *river) add(n int, door Door, s *side, took func(time.Duration)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.done.Add(n)
	for range n {
		r.due = append(r.due, &job{at: time.Now(), made: time.Now(), door: door, side: s, took: took})
	}
}

func (r *river) start(t *testing.T) (stopped func()) {
	t.Helper()
	stop := make(chan struct{})
	go func() {
		for tick := 0; ; tick++ {
			select {
			case <-stop:
				return
			case <-time.After(20 * time.Millisecond):
				r.fetch(t, tick%10 == 0)
			}
		}
	}()
	stopped = sync.OnceFunc(func() { close(stop) })
	t.Cleanup(stopped)
	return stopped
}

func (r *river) fetch(t *testing.T, poll bool) {
	t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	if !poll && !r.more || r.busy == r.queue.Places {
		return
	}
	slices.SortStableFunc(r.due, func(a, b *job) int { return cmp.Compare(a.at.UnixNano(), b.at.UnixNano()) })
	for len(r.due) > 0 && r.busy < r.queue.Places && !r.due[0].at.After(time.Now()) {
		j := r.due[0]
		r.due = r.due[1:]
		r.busy++
		r.rounds++
		go r.work(t, j)
	}
	r.more = r.busy == r.queue.Places
}

func (r *river) work(t *testing.T, j *job) {
	t.Helper()
	permit, wait := r.permits.Enter(t.Context(), j.door, r.queue)
	again := wait
	if permit != nil {
		permit.Begin()
		came := j.side.call()
		permit.Leave(came)
		again = 0
		if came == Failed {
			again = time.Second
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.busy--
	if permit != nil && again == 0 {
		if j.took != nil {
			j.took(time.Since(j.made))
		}
		r.done.Done()
		return
	}
	j.at = time.Now().Add(again)
	if again > 5*time.Second {
		j.at = j.at.Truncate(5 * time.Second).Add(5 * time.Second)
	}
	r.due = append(r.due, j)
}

// run has n jobs done by one process, and returns how long that took.
func run(t *testing.T, n int, s *side) (took time.Duration, r *river) {
	t.Helper()
	r = newRiver("singles")
	began := time.Now()
	r.add(n, sms, s, func(d time.Duration) { took = max(took, d) })
	r.start(t)
	r.done.Wait()
	require.Zero(t, r.permits.door(sms).under)
	return time.Since(began), r
}

// Whatever the other side's pace: nine tenths of what it allows, no answer given up, and no more rounds through the
// database than one in some seconds a job.
func TestAnyPace(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		takes  time.Duration
		atOnce int
		jobs   int
	}{
		{2 * time.Second, 8, 450},
		{9 * time.Second, 30, 500},
		{time.Second, 4, 500},
		{4 * time.Second, 4, 500},
		{9 * time.Second, 8, 200},
		{9 * time.Second, 2, 60},
		{9 * time.Second, 1, 40},
		{4 * time.Second, 1, 60},
		{2 * time.Second, 30, 1000},
		{20 * time.Second, 10, 200},
		{50 * time.Millisecond, 2, 2000},
		{300 * time.Millisecond, 1, 300},
	} {
		t.Run(fmt.Sprint(c.takes, " an answer, ", c.atOnce, " at once"), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newSide(c.atOnce, always(c.takes))
				took, r := run(t, c.jobs, s)
				allows := c.takes * time.Duration(c.jobs) / time.Duration(c.atOnce)
				t.Logf("%.2f of its pace, longest %v, %d rounds in %v", allows.Seconds()/took.Seconds(), s.longest, r.rounds, took)
				require.Greater(t, allows.Seconds()/took.Seconds(), 0.9)
				require.Equal(t, c.jobs, s.taken, "no answer was given up")
				require.Less(t, r.rounds, 4*c.jobs+int(took.Seconds())*40)
			})
		})
	}
}

// A pace that changes: from quick to slow and back, and to fewer at once.
func TestAPaceThatChanges(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		s := newSide(8, func() time.Duration {
			if now := time.Since(began); now > time.Minute && now < 4*time.Minute {
				return 9 * time.Second
			}
			return time.Second
		})
		// A minute of 8 a second, three of 8 in nine, the rest of 8 a second.
		took, _ := run(t, 480+160+480, s)
		t.Logf("%v, longest %v", took, s.longest)
		require.Less(t, took, (5*time.Minute)*10/9)
		require.Equal(t, 1120, s.taken)
	})
}

// Answers that differ by nature are no line: a quick and a slow half, and a long tail.
func TestAnswersThatDiffer(t *testing.T) {
	t.Parallel()
	for name, takes := range map[string]func(*rand.Rand) time.Duration{
		"two ways": func(r *rand.Rand) time.Duration {
			return []time.Duration{50 * time.Millisecond, 4 * time.Second}[r.IntN(2)]
		},
		"a long tail": func(r *rand.Rand) time.Duration {
			return min(time.Duration(r.ExpFloat64()*float64(2*time.Second)), 30*time.Second)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				random := rand.New(rand.NewPCG(1, 2))
				var mu sync.Mutex
				s := newSide(20, func() time.Duration {
					mu.Lock()
					defer mu.Unlock()
					return takes(random)
				})
				took, r := run(t, 600, s)
				t.Logf("%v, longest %v, alone %v at %v", took, s.longest, r.permits.door(sms).alone, r.permits.door(sms).at)
				require.Less(t, took, 90*time.Second) // of 60
			})
		})
	}
}

// Four processes, and a broadcast beside what a person sends, share what there is.
func TestFourProcesses(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newSide(8, always(2*time.Second))
		var all []*river
		began := time.Now()
		for range 4 {
			r := newRiver("singles")
			r.add(100, sms, s, nil)
			r.start(t)
			all = append(all, r)
		}
		<-time.After(time.Minute) // all four have work yet
		s.mu.Lock()
		answered := s.answered
		s.mu.Unlock()
		for _, r := range all {
			r.done.Wait()
		}
		t.Logf("%d in a minute, %v, longest %v", answered, time.Since(began), s.longest)
		require.GreaterOrEqual(t, answered, 240*9/10, "of 8 in two seconds")
		// Whoever is left alone at the end finds out first that there is room.
		require.Less(t, time.Since(began), 100*time.Second*10/7)
		require.Equal(t, 400, s.taken)
	})
}

// One that hangs has its share of the places, however many organisations call it: what is quick beside it is not held up.
func TestBesideWhatHangs(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		hangs, quick := newSide(1000, always(time.Hour)), newSide(50, always(50*time.Millisecond))
		r := newRiver("singles")
		for i := range 30 {
			r.add(20, Door{"email", fmt.Sprint("organisation ", i)}, hangs, nil)
		}
		stop := r.start(t)
		var beside time.Duration
		for range 100 {
			<-time.After(time.Second)
			r.add(1, sms, quick, func(took time.Duration) { beside = max(beside, took) })
		}
		<-time.After(5 * time.Second)
		stop()
		t.Logf("beside %v, %d rounds", beside, r.rounds)
		<-time.After(2 * time.Hour) // until nothing is under way
		require.Equal(t, 100, quick.answered)
		require.Less(t, beside, 2*time.Second)
		require.Less(t, r.rounds, 105*150)
	})
}

// A broadcast has what is left by what people send.
func TestABroadcastGivesWay(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newSide(8, always(2*time.Second))
		singles, bulk := newRiver("singles"), newRiver("bulk")
		bulk.permits, bulk.queue.Bulk = singles.permits, true
		began := time.Now()
		bulk.add(400, sms, s, nil)
		singles.start(t)
		bulk.start(t)
		var longest time.Duration
		for range 20 {
			<-time.After(3 * time.Second)
			singles.add(1, sms, s, func(took time.Duration) { longest = max(longest, took) })
		}
		bulk.done.Wait()
		t.Logf("%v, the longest of a person's %v", time.Since(began), longest)
		require.Less(t, longest, 10*time.Second)
		require.Less(t, time.Since(began), 105*time.Second*10/9)
	})
}
