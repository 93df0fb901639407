package crash

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestKilledAtNamedPoints kills the worker before a provider's call, at it, after its answer, and before, at and after
// the filing, once each, for every kind of carrier. All three wait for the rescue of their jobs together.
func TestKilledAtNamedPoints(t *testing.T) {
	t.Parallel()
	var killed []*killing
	for _, kind := range []string{dropsRepeats, canBeAsked, neither} {
		k := &killing{system: newSystem(t, kind), kind: kind, messages: map[string]string{}}
		k.killAll()
		killed = append(killed, k)
	}
	for _, k := range killed {
		k.check()
	}
}

type killing struct {
	*system
	kind     string
	channels []string
	messages map[string]string // by the point at which the worker was killed
}

func (k *killing) killAll() {
	k.t.Helper()
	for i, point := range []string{"before sending", "sent", "after sending", "before filing", "filed", "after filing"} {
		word := fmt.Sprintf("killed-%d.", i)
		reached := k.killAt("worker", point, word)
		accepted := k.mustSend(i, "This one is "+word)
		k.channels, k.messages[point] = append(k.channels, accepted.Channel.ID), accepted.Message.ID
		k.await(reached, point)
		k.restart("worker")
	}
}

func (k *killing) check() {
	k.t.Helper()
	all := k.settle(k.channels...)
	require.Len(k.t, all, len(k.messages), "nothing lost")
	requireOnce(k.t, k.system, k.kind, all)
	for point, id := range k.messages {
		status, reason, record := "sent", "", "saved"
		if k.kind == neither && slices.Contains([]string{"before sending", "sent", "after sending"}, point) {
			status, reason, record = "unknown", "no_answer", "pending"
		}
		m := all[id]
		require.Equal(k.t, []string{status, reason, record}, []string{m.Delivery.Status, m.Delivery.Reason, m.Record.Status},
			"%s, %s", k.kind, point)
	}
}

// requireOnce counts: what was sent reached the provider once and the record once, and nothing else did.
func requireOnce(t *testing.T, s *system, kind string, all map[string]message) {
	t.Helper()
	calls, filed := s.outside.times("sent"), s.outside.times("filed")
	for reference, times := range calls {
		require.Contains(t, all, reference, "a call for no message: nothing is sent under another reference")
		if kind == dropsRepeats {
			require.Len(t, s.outside.texts("sent", reference), 1, "a repeat is the same message under the same reference")
		} else {
			require.Equal(t, 1, times, "sent twice")
		}
	}
	for key := range filed {
		require.Contains(t, all, key, "an entry for no message")
		require.Len(t, s.outside.texts("filed", key), 1, "a repeat is the same entry under the same key")
	}
	for id, m := range all {
		if m.Direction == "outbound" && m.Delivery.Status == "sent" {
			require.Contains(t, calls, id, "said to be sent, and was not")
		}
		if m.Record.Status == "saved" {
			require.Contains(t, filed, id, "said to be filed, and was not")
		}
	}
}

// TestKilledDuringReply kills the web process while it takes a reply: the client presses Send again, and there is one.
func TestKilledDuringReply(t *testing.T) {
	t.Parallel()
	s := newSystem(t, canBeAsked)
	channel := s.mustSend(0, "Hello").Channel.ID
	for i := range 6 {
		text := fmt.Sprintf("Reply %d.", i)
		path, form, err := s.replyForm(channel, text)
		require.NoError(t, err)
		if i == 0 {
			reached := s.killAt("web", "replying", "")
			go func() { _, _, _ = s.try(t.Context(), "POST", path, "application/x-www-form-urlencoded", form) }()
			s.await(reached, "replying")
		} else {
			answered := make(chan struct{})
			go func() {
				defer close(answered)
				_, _, _ = s.try(t.Context(), "POST", path, "application/x-www-form-urlencoded", form)
			}()
			select {
			case <-answered: // and the answer is taken for lost
			case <-time.After(rand.N(12 * time.Millisecond)):
			}
		}
		s.restart("web")
		_, err = s.insist(303, "POST", path, "application/x-www-form-urlencoded", form)
		require.NoError(t, err)
	}
	all := s.settle(channel)
	requireOnce(t, s, canBeAsked, all)
	replies := map[string]int{}
	for _, m := range all {
		if m.Direction == "inbound" {
			replies[m.Body]++
			require.Equal(t, "saved", m.Record.Status)
		}
	}
	require.Len(t, replies, 6, "nothing lost")
	for text, times := range replies {
		require.Equal(t, 1, times, "%s", text)
	}
}

// TestKilledUnderLoad kills web and worker at random while staff send and clients reply.
func TestKilledUnderLoad(t *testing.T) {
	t.Parallel()
	s := newSystem(t, canBeAsked)
	var channels []string
	for i := range clientCount {
		channels = append(channels, s.mustSend(i, "Hello").Channel.ID)
	}
	var sending, replying atomic.Int64
	stop := make(chan struct{})
	var people sync.WaitGroup
	failures := make(chan error, 100)
	for i := range 6 {
		people.Go(func() {
			for n := 0; !isClosed(stop); n++ {
				var err error
				// a link takes twenty replies an hour, and two reply
				if client := (i + n) % clientCount; i%3 == 2 && n < 9*clientCount {
					err = s.reply(channels[client], fmt.Sprintf("reply %d-%d.", i, n))
					replying.Add(1)
				} else {
					_, err = s.send(client, fmt.Sprintf("message %d-%d.", i, n))
					sending.Add(1)
				}
				if err != nil {
					failures <- err
					return
				}
			}
		})
	}
	for i := range 10 {
		<-time.After(200*time.Millisecond + rand.N(500*time.Millisecond))
		s.restart([]string{"worker", "web"}[i%2])
	}
	close(stop)
	people.Wait()
	close(failures)
	for err := range failures {
		require.NoError(t, err)
	}
	all := s.settle(channels...)
	requireOnce(t, s, canBeAsked, all)
	t.Logf("%d messages and %d replies", sending.Load(), replying.Load())
	require.Len(t, all, clientCount+int(sending.Load()+replying.Load()), "nothing lost, nothing twice")
	texts := map[string]bool{}
	for _, m := range all {
		if m.Body != "Hello" {
			require.False(t, texts[m.Body], "twice: %s", m.Body)
			texts[m.Body] = true
		}
		require.Contains(t, []string{"sent", "received"}, m.Delivery.Status)
		require.Equal(t, "saved", m.Record.Status)
	}
}

func isClosed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// TestRecordDown takes the record away for a while: everything is filed once afterwards.
func TestRecordDown(t *testing.T) {
	t.Parallel()
	s := newSystem(t, canBeAsked)
	s.outside.setRecordDown(true)
	var channels []string
	for i := range clientCount {
		channels = append(channels, s.mustSend(i, "Hello").Channel.ID)
		require.NoError(t, s.reply(channels[i], "Thank you."))
	}
	require.Eventually(t, func() bool { return len(s.outside.times("sent")) == clientCount }, settled, 50*time.Millisecond,
		"a dead record does not delay a delivery")
	for i := range 3 {
		reached := s.outside.at("before filing", "", func() {})
		s.await(reached, strings.Repeat("another try ", i+1))
	}
	require.Empty(t, s.outside.times("filed"))
	s.restart("worker")
	s.outside.setRecordDown(false)
	all := s.settle(channels...)
	require.Len(t, all, 2*clientCount)
	requireOnce(t, s, canBeAsked, all)
	for id, m := range all {
		require.Equal(t, "saved", m.Record.Status)
		require.Equal(t, 1, s.outside.times("filed")[id])
	}
}
