package crash

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/examples/internal/hosttest"
	"github.com/cmsmessenger/cmsmessenger/migrations/migrationtest"
)

// settled is how long after the last restart nothing may be under way any more.
const settled = 90 * time.Second

// system is a web and a worker process over one database, and the outside.
type system struct {
	t           *testing.T
	outside     *outside
	environment []string

	mu          sync.Mutex
	web, worker *hosttest.Host
}

func newSystem(t *testing.T, carrier string, more ...string) *system {
	t.Helper()
	address := migrationtest.Database(t)
	pool, err := pgxpool.New(t.Context(), address)
	require.NoError(t, err)
	defer pool.Close()
	migrationtest.Up(t, pool)
	s := &system{t: t, outside: newOutside(t)}
	s.environment = []string{"DATABASE_URL=" + address, "CRASH_DOUBLE=" + s.outside.url, "CRASH_CARRIER=" + carrier}
	s.environment = append(s.environment, more...)
	s.web, s.worker = s.launch("web"), s.launch("worker")
	return s
}

func (s *system) launch(role string) *hosttest.Host {
	s.t.Helper()
	return hosttest.Launch(s.t, append([]string{hosttest.Role(role)}, s.environment...))
}

func (s *system) current(role string) *hosttest.Host {
	s.mu.Lock()
	defer s.mu.Unlock()
	if role == "web" {
		return s.web
	}
	return s.worker
}

// restart starts a process that has been killed, or kills it first.
func (s *system) restart(role string) {
	s.t.Helper()
	s.current(role).Kill()
	host := s.launch(role)
	s.mu.Lock()
	defer s.mu.Unlock()
	if role == "web" {
		s.web = host
	} else {
		s.worker = host
	}
}

// killAt kills a process at a moment.
func (s *system) killAt(role, what, word string) (reached <-chan struct{}) {
	return s.outside.at(what, word, func() { s.current(role).Kill() })
}

func (s *system) await(reached <-chan struct{}, what string) {
	s.t.Helper()
	select {
	case <-reached:
	case <-time.After(hosttest.Patience):
		require.FailNow(s.t, "the moment never came", "%s\n%s", what, s.current("worker").Log)
	}
}

// try makes one request of the web process; a process that has been killed is an error.
func (s *system) try(
	ctx context.Context, method, path, contentType, body string, headers ...string,
) (int, string, error) {
	return s.current("web").Request(ctx, method, path, contentType, body, headers...)
}

// person tries again until the web process answers.
func (s *system) person() hosttest.Person {
	return hosttest.Person{Host: func() *hosttest.Host { return s.current("web") }, Tries: settled}
}

// insist repeats a request until the web process answers it, as a browser's user would.
func (s *system) insist(want int, method, path, contentType, body string, headers ...string) (string, error) {
	return s.person().Insist(s.t.Context(), want, method, path, contentType, body, headers...)
}

// send sends an email to a client, as often as it takes, and returns what was accepted.
func (s *system) send(client int, body string) (hosttest.Sent, error) {
	return s.person().Send(s.t.Context(), string(clientID(client)), "email", body)
}

func (s *system) mustSend(client int, body string) hosttest.Sent {
	s.t.Helper()
	accepted, err := s.send(client, body)
	require.NoError(s.t, err)
	return accepted
}

// replyForm opens a channel's reply page and returns its path and its form, filled in.
func (s *system) replyForm(channel, text string) (path, form string, err error) {
	return s.person().ReplyForm(s.t.Context(), channel, text)
}

// reply presses Send on the reply page until the receipt comes.
func (s *system) reply(channel, text string) error {
	return s.person().Reply(s.t.Context(), channel, text)
}

// message is one message as the API tells of it.
type message struct {
	ID, Direction, Body string
	Delivery            struct{ Status, Reason string }
	Record              struct{ Status, Reason string }
}

// underWay tells whether somebody else than a person is to do something with the message.
func (m message) underWay() bool {
	return m.Delivery.Status == "queued" || m.Delivery.Status == "sending" ||
		m.Record.Status == "pending" && m.Record.Reason != "delivery_unknown"
}

// thread is a channel's whole thread.
func (s *system) thread(channel string) (all []message) {
	s.t.Helper()
	cursor := ""
	for {
		answer, err := s.insist(http.StatusOK, http.MethodGet,
			"/messenger/api/channels/"+channel+"/messages?limit=100&cursor="+url.QueryEscape(cursor), "", "")
		require.NoError(s.t, err)
		var page struct {
			Items []message
			Next  string
		}
		require.NoError(s.t, json.NewDecoder(bytes.NewBufferString(answer)).Decode(&page))
		all = append(all, page.Items...)
		if cursor = page.Next; cursor == "" {
			return all
		}
	}
}

// settle waits until nothing in the channels is under way, and returns their messages by id.
func (s *system) settle(channels ...string) map[string]message {
	s.t.Helper()
	all, waiting, late := map[string]message{}, "", time.Now().Add(settled)
	tick := time.NewTicker(250 * time.Millisecond)
	defer tick.Stop()
	for {
		waiting = ""
		for _, channel := range channels {
			for _, m := range s.thread(channel) {
				all[m.ID] = m
				if m.underWay() {
					waiting = fmt.Sprintf("%+v", m)
				}
			}
		}
		if waiting == "" {
			return all
		}
		require.True(s.t, time.Now().Before(late), "not settled %v after the last restart: %s\n%s", settled, waiting,
			s.current("worker").Log)
		<-tick.C
	}
}
