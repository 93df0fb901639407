package faults

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/examples/internal/hosttest"
)

// acknowledged is what people were told is done: 202 for what staff send, the receipt for what a client replies.
type acknowledged struct {
	mu         sync.Mutex
	sends      map[string]string // the text, by the message's id
	replies    map[string]bool   // by their texts
	broadcasts map[string]int    // how many they are to, by id
	failures   []error
}

func (a *acknowledged) count() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return len(a.sends) + len(a.replies)
}

func (a *acknowledged) note(err error, what func()) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if err != nil {
		a.failures = append(a.failures, err)
		return
	}
	what()
}

// load is people at work until it is stopped.
type load struct {
	acknowledged
	people sync.WaitGroup
	stop   chan struct{}
}

// startLoad has staff send emails and texts and write to all at once, and clients reply, each thing with words that
// nothing else has. Who sends to whom follows from the seed.
func (s *system) startLoad(seed uint64) *load {
	l := &load{stop: make(chan struct{})}
	l.sends, l.replies, l.broadcasts = map[string]string{}, map[string]bool{}, map[string]int{}
	// Whoever has begun goes on until there is an answer, also after the load has been stopped.
	ctx := context.WithoutCancel(s.t.Context())
	var channels []string
	for i := range clientCount {
		sent, err := s.person().Send(ctx, clientID(i), "email", fmt.Sprintf("first %d.", i))
		require.NoError(s.t, err)
		l.sends[sent.Message.ID] = fmt.Sprintf("first %d.", i)
		channels = append(channels, sent.Channel.ID)
	}
	work := func(worker uint64, rest time.Duration, do func(chance *rand.Rand, n int)) {
		chance := rand.New(rand.NewPCG(seed, worker))
		l.people.Go(func() {
			for n := 0; ; n++ {
				select {
				case <-l.stop:
					return
				case <-time.After(rest + rand.N(rest)):
				}
				do(chance, n)
			}
		})
	}
	person := s.person()
	for i := range 3 {
		work(uint64(i), 100*time.Millisecond, func(chance *rand.Rand, n int) {
			text, medium := fmt.Sprintf("message %d-%d.", i, n), []string{"email", "sms"}[chance.IntN(2)]
			sent, err := person.Send(ctx, clientID(chance.IntN(clientCount)), medium, text)
			l.note(err, func() { l.sends[sent.Message.ID] = text })
		})
	}
	work(3, 400*time.Millisecond, func(_ *rand.Rand, n int) {
		if n >= 20*clientCount { // a link takes twenty replies an hour
			return
		}
		text := fmt.Sprintf("reply %d.", n)
		err := person.Reply(ctx, channels[n%clientCount], text)
		l.note(err, func() { l.replies[text] = true })
	})
	work(4, 3*time.Second, func(chance *rand.Rand, n int) {
		var to []string
		for i := range clientCount {
			to = append(to, clientID(i))
		}
		to = to[:1+chance.IntN(clientCount)]
		id, err := person.Broadcast(ctx, "email", fmt.Sprintf("to all %d.", n), to)
		l.note(err, func() { l.broadcasts[id] = len(to) })
	})
	return l
}

// end waits for everybody to have their answer.
func (l *load) end(s *system) {
	s.t.Helper()
	close(l.stop)
	l.people.Wait()
	require.Empty(s.t, l.failures)
}

// more waits until so many more things were acknowledged, and says how long the first of them took.
func (l *load) more(s *system, n int) time.Duration {
	s.t.Helper()
	began, before, first := time.Now(), l.count(), time.Duration(0)
	for l.count() < before+n {
		if first == 0 && l.count() > before {
			first = time.Since(began)
		}
		require.Less(s.t, time.Since(began), hosttest.Patience, "people are answered again: %d of %d, the first after %v\n%s",
			l.count()-before, n, first, s.web.Log)
		<-time.After(5 * time.Millisecond)
	}
	return first
}
