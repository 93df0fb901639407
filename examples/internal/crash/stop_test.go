package crash

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/adapters/smtp"
	"github.com/cmsmessenger/cmsmessenger/examples/internal/hosttest"
)

// mailCarrier is Messenger's own, to a server that asks for no encryption.
func mailCarrier(address string) (adapters.Sender, error) {
	config, err := smtp.ParseURL(address)
	if err != nil {
		return nil, fmt.Errorf("read a server's address: %w", err)
	}
	config.Domain, config.From = "host.example.org", smtp.Everyone(smtp.From{Address: "host@example.org"})
	sender, err := smtp.New(config)
	if err != nil {
		return nil, fmt.Errorf("smtp: %w", err)
	}
	return sender, nil
}

// slowMailServer takes a while over each message.
type slowMailServer struct{ *hosttest.MailServer }

func newSlowMailServer(t *testing.T, takes time.Duration) slowMailServer {
	t.Helper()
	return slowMailServer{hosttest.StartMailServer(t, map[string]any{"takes": takes.Milliseconds()})}
}

// taken counts what the server has taken, by the message's reference.
func (m slowMailServer) taken() map[string]int {
	var mails []struct {
		MessageID string `json:"messageId"`
	}
	m.Ask("/messages", map[string]any{"port": m.Port}, &mails)
	times := map[string]int{}
	for _, mail := range mails {
		reference, _, _ := strings.Cut(strings.TrimPrefix(mail.MessageID, "<"), "@")
		times[reference]++
	}
	return times
}

// deployment is a system with more workers beside its web and its worker process, and whose turn it is to be replaced.
type deployment struct {
	*system
	more []*hosttest.Host
	turn int
}

func newDeployment(s *system, more int) *deployment {
	s.t.Helper()
	d := &deployment{system: s}
	for range more {
		d.more = append(d.more, s.launch("worker"))
	}
	return d
}

func (d *deployment) processes() int { return 2 + len(d.more) }

// next has one process stop, as a deployment does, and starts another in its place.
func (d *deployment) next() {
	d.t.Helper()
	at := d.turn % d.processes()
	d.turn++
	if at < len(d.more) {
		require.Zero(d.t, d.more[at].Terminate(), "%s", d.more[at].Log)
		d.more[at] = d.launch("worker")
		return
	}
	role := []string{"worker", "web"}[at-len(d.more)]
	require.Zero(d.t, d.current(role).Terminate(), "%s", d.current(role).Log)
	d.restart(role)
}

// TestStoppedUnderLoad deploys eight processes one after the other, again and again for a minute, while staff send:
// each gets its SIGTERM with emails under way to a server that takes half a second over each and can't be asked
// afterwards. No message is left of which nobody knows whether it went out, none is lost, and none goes out twice.
func TestStoppedUnderLoad(t *testing.T) {
	t.Parallel()
	server := newSlowMailServer(t, 500*time.Millisecond)
	s := newSystem(t, bySMTP, fmt.Sprintf("CRASH_SMTP=smtp://127.0.0.1:%d?tls=none", server.Port))
	deployed := newDeployment(s, 6)
	began := time.Now()
	var sent atomic.Int64
	var people sync.WaitGroup
	stop, failures := make(chan struct{}), make(chan error, 4)
	channels := sync.Map{}
	for i := range 4 {
		people.Go(func() {
			for n := 0; !isClosed(stop); n++ {
				accepted, err := s.send((i+n)%clientCount, fmt.Sprintf("message %d-%d.", i, n))
				if err != nil {
					failures <- err
					return
				}
				channels.Store(accepted.Channel.ID, true)
				sent.Add(1)
				select {
				case <-stop:
				case <-time.After(time.Second):
				}
			}
		})
	}
	for deployed.turn < deployed.processes() || time.Since(began) < time.Minute {
		<-time.After(250 * time.Millisecond)
		deployed.next()
	}
	close(stop)
	people.Wait()
	close(failures)
	for err := range failures {
		require.NoError(t, err)
	}
	var open []string
	channels.Range(func(id, _ any) bool { open = append(open, id.(string)); return true })
	all, taken := s.settle(open...), server.taken()
	t.Logf("%d messages, %d stops", sent.Load(), deployed.turn)
	require.Len(t, all, int(sent.Load()), "nothing lost, nothing twice")
	for id, m := range all {
		require.Equal(t, "sent", m.Delivery.Status, "%s", m.Delivery.Reason)
		require.Equal(t, 1, taken[id])
	}
}
