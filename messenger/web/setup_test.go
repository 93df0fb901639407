package web_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/adapters/memory"
	"github.com/cmsmessenger/cmsmessenger/messenger"
	"github.com/cmsmessenger/cmsmessenger/messenger/web"
	"github.com/cmsmessenger/cmsmessenger/migrations/migrationtest"
)

const (
	north adapters.OrganisationID = "north"
	south adapters.OrganisationID = "south"
)

// world is the real service behind its HTTP, with a database schema of its own: amira owns channels, ben may act for her, chloe
// may look (and sends no texts), dev may neither, esther is of another organisation.
type world struct {
	*messenger.Messenger
	pool    *pgxpool.Pool
	staff   *memory.Staff
	clients *memory.Clients
	lists   *memory.Lists
	orgs    *memory.Organisations
	log     *safeBuffer
	url     string // of a server with the staff API under /messenger/api and the public part under /m
	numbers atomic.Int64
}

type safeBuffer struct {
	mu   sync.Mutex
	text strings.Builder
}

func (b *safeBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *safeBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

func setup(tb testing.TB, change ...func(*messenger.Config)) *world {
	tb.Helper()
	w := &world{
		pool: migrationtest.Pool(tb), staff: memory.NewStaff(), clients: memory.NewClients(), lists: memory.NewLists(), log: &safeBuffer{},
		orgs: memory.NewOrganisations(
			adapters.Organisation{ID: north, Name: "North Social Prescribing", Phone: "01632 960001"},
			adapters.Organisation{ID: south, Name: "South Social Prescribing"}),
	}
	both := []adapters.Medium{adapters.Email, adapters.SMS}
	for id, name := range map[adapters.StaffID]string{"amira": "Amira Shah", "ben": "Ben Hughes", "dev": "Dev Patel"} {
		w.staff.Add(adapters.Member{ID: id, Name: name, Organisation: north, Media: both})
	}
	w.staff.Add(adapters.Member{ID: "chloe", Name: "Chloe Martin", Organisation: north, Media: both[:1]},
		adapters.Member{ID: "esther", Name: "Esther Mensah", Organisation: south, Media: both})
	w.staff.Add(adapters.Member{ID: "ivy", Name: "Ivy Walsh", Organisation: north, Media: both}) // who gets what is handed over
	w.staff.Share("ben", adapters.Inbox{Staff: "amira", Name: "Amira Shah", MayAct: true})
	w.staff.Share("chloe", adapters.Inbox{Staff: "amira", Name: "Amira Shah"})
	config := messenger.Config{
		Pool: w.pool, Clients: w.clients, Staff: w.staff, Lists: w.lists, Colleagues: w.staff, Organisations: w.orgs, Record: memory.NewRecord(),
		Email: memory.NewSender("email"), SMS: memory.NewSender("sms"), PublicURL: "http://reply.example.org/m",
		LinkKeys: []messenger.LinkKey{{ID: "k1", Key: []byte("0123456789abcdef0123456789abcdef")}},
		Logger:   slog.New(slog.NewTextHandler(w.log, nil)),
	}
	for _, fn := range change {
		fn(&config)
	}
	var err error
	w.Messenger, err = messenger.New(config)
	require.NoError(tb, err)
	w.url = serve(tb, web.StaffHandler(w.Messenger), web.PublicHandler(w.Messenger, web.TrustedProxies(proxies()...)))
	return w
}

// proxies are those of the test's host: the tests themselves, and one behind them.
func proxies() []netip.Prefix {
	return []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("10.0.0.0/8")}
}

// signIn takes the staff member from a header, in place of a host's session.
func signIn(next http.Handler) http.Handler {
	return memory.SignedIn(func(r *http.Request) adapters.StaffID { return adapters.StaffID(r.Header.Get("X-Staff")) })(next)
}

func serve(tb testing.TB, staff, public http.Handler) string {
	tb.Helper()
	mux := http.NewServeMux()
	mux.Handle("/messenger/api/", signIn(http.StripPrefix("/messenger/api", asDocumented(tb, staff))))
	mux.Handle("/m/", http.StripPrefix("/m", public))
	server := httptest.NewServer(mux)
	tb.Cleanup(func() {
		server.CloseClientConnections()
		server.Close()
	})
	return server.URL
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   string
}

// call makes one request. Headers are name, value, …; a body is JSON unless a Content-Type says otherwise.
func call(tb testing.TB, who, method, url, body string, headers ...string) answer {
	tb.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, method, url, strings.NewReader(body))
	require.NoError(tb, err)
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	request.Header.Set("X-Staff", who)
	for i := 0; i+1 < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	response, err := client().Do(request)
	require.NoError(tb, err)
	defer func() { _ = response.Body.Close() }()
	if strings.HasPrefix(response.Header.Get("Content-Type"), "text/event-stream") {
		return answer{response.StatusCode, response.Header, ""}
	}
	text, err := io.ReadAll(response.Body)
	require.NoError(tb, err)
	return answer{response.StatusCode, response.Header, string(text)}
}

// client follows no redirects: a page's answer is looked at as it is.
func client() *http.Client {
	return &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

func (w *world) api(path string) string { return w.url + "/messenger/api" + path }

// thread is a channel of amira's with a client of its own, who replied.
type thread struct {
	w       *world
	client  adapters.ClientID
	channel messenger.Channel
	sent    messenger.Message
	reply   messenger.ReplyReceipt
	token   string
}

func (w *world) newClient() adapters.ClientID {
	n := w.numbers.Add(1)
	id := adapters.ClientID(fmt.Sprintf("c-%d", n))
	w.clients.Put(north, adapters.Client{
		ID: id, Name: fmt.Sprintf("Grace Okafor %d", n), FirstName: "Grace", NHSNumber: "9990010005", DateOfBirth: "1984-02-29",
		Email: fmt.Sprintf("grace%d@example.org", n), Phone: "07700 900123",
	})
	return id
}

func (w *world) newThread(tb testing.TB) thread {
	tb.Helper()
	amira := memory.SignIn(context.Background(), "amira")
	th := thread{w: w, client: w.newClient()}
	sent, err := w.Send(amira, messenger.SendParams{Client: th.client, Medium: adapters.Email, Subject: "Hello", Body: "How are you?"})
	require.NoError(tb, err)
	th.channel, th.sent = sent.Channel, sent.Message
	opened, err := w.Channel(amira, th.channel.ID)
	require.NoError(tb, err)
	th.token = opened.ReplyLink[strings.LastIndex(opened.ReplyLink, "/")+1:]
	th.reply, _, err = w.Reply(context.Background(), th.token, messenger.ReplyParams{Text: "Well, thank you."})
	require.NoError(tb, err)
	return th
}

func (w *world) exec(tb testing.TB, query string, args ...any) {
	tb.Helper()
	_, err := w.pool.Exec(context.Background(), query, args...)
	require.NoError(tb, err)
}

// stored counts every row of the module's.
func (w *world) stored(tb testing.TB) (rows int) {
	tb.Helper()
	err := w.pool.QueryRow(context.Background(), `select (select count(*) from messenger_channels) + (select count(*) from messenger_messages)
		+ (select count(*) from messenger_history) + (select count(*) from messenger_drafts) + (select count(*) from river_job)`).Scan(&rows)
	require.NoError(tb, err)
	return rows
}
