package scale

import (
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/examples/internal/hosttest"
)

// TestFourWebFourWorkers runs four web and four worker processes over one database through PgBouncer in transaction
// mode: what is sent or replied at one web process reaches the browsers at all, every worker process takes its share,
// and nothing comes twice or gets lost.
func TestFourWebFourWorkers(t *testing.T) {
	t.Parallel()
	s := newSystem(t, webProcess, webProcess, webProcess, webProcess, worker, worker, poller, poller)
	require.Eventually(t, func() bool {
		hearing := 0
		for _, host := range s.hosts {
			hearing += strings.Count(host.Log.String(), "live updates are heard")
		}
		return hearing >= 8
	}, hosttest.Patience, 20*time.Millisecond, "every process listens")
	browsers := []*browser{s.open(0), s.open(1), s.open(2), s.open(3)}

	sent := s.sendEverywhere(6)
	for i, m := range sent {
		for _, b := range browsers {
			require.Eventually(t, func() bool { return b.shows(m, "sent") }, hosttest.Patience, 20*time.Millisecond,
				"message %d at %d", i, b.web)
		}
	}
	for web := range 4 {
		reply := s.reply(web, sent[web].Channel)
		for _, b := range browsers {
			require.Eventually(t, func() bool { return b.shows(reply, "received") }, hosttest.Patience, 20*time.Millisecond,
				"reply %d at %d", web, b.web)
		}
	}
	for _, b := range browsers {
		require.Zero(t, b.resets(), "all of it came by the stream")
	}

	open := s.provider.shut() // a process has room for fifty of these: the others are left for the other processes
	before := s.provider.shares()
	many := s.broadcast(1, 200, "To many.")
	shared := func() bool {
		now, shares := s.provider.shares(), 0
		for process := range now {
			if now[process] > before[process] {
				shares++
			}
		}
		return shares == 4
	}
	require.Eventually(t, shared, hosttest.Patience, 20*time.Millisecond, "every worker process takes a share")
	open()
	done := s.follow(2, many.ID, 2*hosttest.Patience, func(b broadcast) bool { return b.State == "sent" })
	require.Equal(t, 200, done.Sent)
	for word, want := range map[string]int{"To many.": 200, "To one.": 24} {
		got, repeated := s.provider.got(word)
		require.Equal(t, []int{want, 0}, []int{got, repeated}, word)
	}
	for _, b := range browsers {
		require.Eventually(t, func() bool {
			told := b.told()
			return len(told) > 0 && told[len(told)-1].Sent == 200 || b.resets() > 1 // the first when its messages were made
		}, hosttest.Patience, 20*time.Millisecond, "the broadcast's end reaches every browser")
		past := 0
		for _, now := range b.told() {
			require.Equal(t, now.Total, now.sum())
			require.GreaterOrEqual(t, now.Total-now.Queued, past, "progress never goes backwards on a stream")
			past = now.Total - now.Queued
		}
	}
	require.Eventually(t, func() bool {
		return s.number("select count(*) from river_job where state <> 'completed'") == 0
	}, hosttest.Patience, 50*time.Millisecond, "nothing is left over")
}

// sendEverywhere sends n messages through each web process at the same time, each to a client of its own.
func (s *system) sendEverywhere(n int) []message {
	s.t.Helper()
	sent := make([]message, 4*n)
	var parts sync.WaitGroup
	for web := range 4 {
		parts.Go(func() {
			for i := range n {
				sent[4*i+web] = s.send(web, 1000+4*i+web, "To one.")
			}
		})
	}
	parts.Wait()
	return sent
}

// reply answers a channel on the reply page of one web process, and returns the reply.
func (s *system) reply(web int, channel string) message {
	s.t.Helper()
	var opened struct {
		ReplyLink string `json:"reply_link"`
	}
	s.ask(web, http.StatusOK, http.MethodGet, "/channels/"+channel, nil, &opened)
	link, err := url.Parse(opened.ReplyLink)
	require.NoError(s.t, err)
	status, answer, err := s.try(s.t.Context(), web, http.MethodPost, link.Path,
		"application/x-www-form-urlencoded", "reply=Thank+you")
	require.NoError(s.t, err)
	require.Equal(s.t, http.StatusSeeOther, status, answer)
	var page struct{ Items []message }
	s.ask(web, http.StatusOK, http.MethodGet, "/channels/"+channel+"/messages?limit=1", nil, &page)
	require.Equal(s.t, "inbound", page.Items[0].Direction)
	return page.Items[0]
}
