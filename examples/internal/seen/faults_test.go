package seen

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/adapters/memory"
	"github.com/cmsmessenger/cmsmessenger/messenger"
	"github.com/cmsmessenger/cmsmessenger/messenger/web"
	"github.com/cmsmessenger/cmsmessenger/messengertest"
)

// panicky has ports of a host's panic with all that they know: the one whose name it holds, once.
type panicky struct{ next atomic.Value }

func (p *panicky) at(port string, what any) {
	if p.next.CompareAndSwap(port, "") {
		panic(what)
	}
}

type panickySender struct {
	*memory.Sender
	p *panicky
}

func (s panickySender) Send(ctx context.Context, message adapters.Outgoing) (adapters.Receipt, error) {
	s.p.at("sender", message)
	return s.Sender.Send(ctx, message)
}

type panickyRecord struct {
	*memory.Record
	p *panicky
}

func (r panickyRecord) Write(ctx context.Context, entry adapters.Entry) (adapters.Filed, error) {
	r.p.at("record", entry.Text)
	return r.Record.Write(ctx, entry)
}

type panickyClients struct {
	*memory.Clients
	p *panicky
}

func (c panickyClients) Get(
	ctx context.Context, organisation adapters.OrganisationID, ids []adapters.ClientID,
) (map[adapters.ClientID]adapters.Client, error) {
	found, err := c.Clients.Get(ctx, organisation, ids)
	c.p.at("clients", found)
	return found, err
}

func (c panickyClients) Search(
	ctx context.Context, organisation adapters.OrganisationID, letters string, limit int,
) ([]adapters.Client, error) {
	c.p.at("search", letters)
	return c.Clients.Search(ctx, organisation, letters, limit)
}

// put puts the ports in place of a host's.
func (p *panicky) put(c *messenger.Config) {
	p.next.Store("")
	c.Email = panickySender{c.Email.(*memory.Sender), p}
	c.Record = panickyRecord{c.Record.(*memory.Record), p}
	c.Clients = panickyClients{c.Clients.(*memory.Clients), p}
}

// byPanics has each of the ports panic in a job, in a request of staff and on the reply page.
func (s *seeing) byPanics(t *testing.T, mark map[string]string, p *panicky) {
	t.Helper()
	send := func() messenger.Sent {
		return s.Send(messenger.SendParams{
			Client: "marked", Medium: adapters.Email, Subject: mark["subject"], Body: mark["words"],
		})
	}
	sent := send()
	p.next.Store("sender")
	s.Settle()
	s.Reply(sent.Channel, mark["reply"])
	p.next.Store("record")
	s.Settle()
	send()
	p.next.Store("clients")
	s.Settle()
	opened, err := s.Channel(s.As(messengertest.Amira), sent.Channel.ID)
	require.NoError(t, err)
	for _, request := range []struct {
		handler            http.Handler
		port, method, path string
		body               string
	}{
		{s.staff(), "search", http.MethodGet, "/clients?q=" + url.QueryEscape(mark["name"]), ""},
		{s.staff(), "clients", http.MethodPost, "/clients/marked/messages", `{"medium":"sms","body":"` + mark["sms"] + `"}`},
		{
			web.PublicHandler(s.Messenger), "clients", http.MethodGet,
			opened.ReplyLink[strings.Index(opened.ReplyLink, "/r/"):], "",
		},
	} {
		p.next.Store(request.port)
		r := httptest.NewRequest(request.method, request.path, strings.NewReader(request.body))
		r.Header.Set("Content-Type", "application/json")
		require.PanicsWithValue(t, http.ErrAbortHandler, func() {
			request.handler.ServeHTTP(httptest.NewRecorder(), r)
		}, "%s is broken off as net/http is told to, without a word", request.path)
	}
	told := s.log.String()
	for _, what := range []string{
		"a panic with a adapters.Outgoing", "a panic with a string", "a panic with a map",
		"panickySender.Send", "panickyRecord.Write", "panickyClients.Get", "panickyClients.Search",
	} {
		require.Contains(t, told, what, "who looks after the host learns of it")
	}
}

// byDatabase has the database refuse what it is given, in a request and in a job, by errors that hold all of it.
func (s *seeing) byDatabase(t *testing.T, mark map[string]string) {
	t.Helper()
	do := func(sql string) {
		_, err := s.Config.Pool.Exec(t.Context(), sql)
		require.NoError(t, err)
	}
	do(`create table taken (body text primary key);
		create function fault() returns trigger language plpgsql as $$ begin
			if new.body like '% twice' then
				insert into taken values (new.body); -- 23505, whose detail is the key
			elsif new.body like '% cancelled' then
				perform pg_cancel_backend(pg_backend_pid()), pg_sleep(10); -- 57014
			end if;
			return new;
		end $$;
		create trigger fault before insert or update on messenger_messages for each row execute function fault()`)
	staff := s.staff()
	send := func(body string) int {
		r := httptest.NewRequest(http.MethodPost, "/clients/marked/messages",
			strings.NewReader(`{"medium":"email","subject":"`+mark["subject"]+`","body":"`+mark["words"]+body+`"}`))
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		staff.ServeHTTP(w, r)
		return w.Code
	}
	require.Equal(t, http.StatusAccepted, send(" twice"))
	require.Equal(t, http.StatusInternalServerError, send(" twice"))
	require.GreaterOrEqual(t, send(" cancelled"), 500)
	s.Settle() // the delivery can't be written down
	do(`drop trigger fault on messenger_messages`)
	told := s.told()
	require.Contains(t, told, "23505")
	require.Contains(t, told, "57014")
	var failed int
	require.NoError(t, s.Config.Pool.QueryRow(t.Context(),
		"select count(*) from river_job where errors::text like '%23505%'").Scan(&failed))
	require.Positive(t, failed, "a job has met it too")
}
