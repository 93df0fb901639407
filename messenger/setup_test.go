package messenger_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/adapters/memory"
	"github.com/cmsmessenger/cmsmessenger/jobs"
	"github.com/cmsmessenger/cmsmessenger/messenger"
	"github.com/cmsmessenger/cmsmessenger/migrations/migrationtest"
)

// bundle is a Messenger over memory adapters and a database schema of its own.
type bundle struct {
	*messenger.Messenger
	pool    *pgxpool.Pool
	clients *memory.Clients
	staff   *memory.Staff
	email   *memory.Sender
	sms     *memory.Sender
	record  *memory.Record
	events  *memory.Events
	lists   *memory.Lists
	orgs    *memory.Organisations
	config  messenger.Config
}

const (
	north adapters.OrganisationID = "north"
	south adapters.OrganisationID = "south"
)

// setup has amira, ben (may open and act) and chloe (may open, no texts), dev (may not), in north, and esther in south.
func setup(t *testing.T, change ...func(*messenger.Config)) *bundle {
	t.Helper()
	b := &bundle{
		pool: migrationtest.Pool(t), clients: memory.NewClients(), staff: memory.NewStaff(), email: memory.NewSender("email"),
		sms: memory.NewSender("sms"), record: memory.NewRecord(), events: memory.NewEvents(), lists: memory.NewLists(),
		orgs: memory.NewOrganisations(
			adapters.Organisation{ID: north, Name: "North Social Prescribing", PublicURL: "https://north.example.org/m"},
			adapters.Organisation{ID: south, Name: "South Social Prescribing", PublicURL: "https://south.example.org/m"}),
	}
	both := []adapters.Medium{adapters.Email, adapters.SMS}
	for id, name := range map[adapters.StaffID]string{"amira": "Amira Shah", "ben": "Ben Hughes", "dev": "Dev Patel"} {
		b.staff.Add(adapters.Member{ID: id, Name: name, Organisation: north, Media: both})
	}
	b.staff.Add(adapters.Member{ID: "chloe", Name: "Chloe Martin", Organisation: north, Media: both[:1]},
		adapters.Member{ID: "esther", Name: "Esther Mensah", Organisation: south, Media: both})
	b.staff.Share("ben", adapters.Inbox{Staff: "amira", Name: "Amira Shah", MayAct: true})
	b.staff.Share("chloe", adapters.Inbox{Staff: "amira", Name: "Amira Shah"})
	b.clients.Put(north,
		adapters.Client{
			ID: "grace", Name: "Grace Okafor", FirstName: "Grace", NHSNumber: "9990010005", DateOfBirth: "1984-02-29",
			GP: adapters.GP{Name: "Riverside Surgery", ODSCode: "A12345"}, Email: "grace@example.org", Phone: "07700 900123",
		},
		adapters.Client{ID: "sian", Name: "Siân ap Rhys", Email: "sian@example.org", DateOfBirth: "1990-01-02"},
		adapters.Client{ID: "phone", Name: "Piotr Nowak", Phone: "07700 900124"},
		adapters.Client{ID: "dead", Name: "Dorothy Gale", Email: "dorothy@example.org", Deceased: true},
		adapters.Client{ID: "secret", Name: "Rosa Lind", Email: "rosa@example.org", DateOfBirth: "1975-07-05", Restricted: true},
		adapters.Client{ID: "objects", Name: "Omar Aziz", Email: "omar@example.org", Phone: "07700 900125", Objects: []adapters.Medium{adapters.SMS}})
	b.clients.Put(south, adapters.Client{ID: "south-1", Name: "Sofia Rossi", Email: "sofia@example.org", Phone: "07700 900126"})
	b.config = messenger.Config{
		Pool: b.pool, Clients: b.clients, Staff: b.staff, Email: b.email, SMS: b.sms, Record: b.record, Events: b.events, Lists: b.lists,
		Colleagues:    b.staff,
		Organisations: b.orgs, LinkKeys: []messenger.LinkKey{{ID: "k1", Key: []byte("0123456789abcdef0123456789abcdef")}},
		Logger: slog.New(slog.DiscardHandler),
	}
	for _, fn := range change {
		fn(&b.config)
	}
	var err error
	b.Messenger, err = messenger.New(b.config)
	require.NoError(t, err)
	return b
}

// as is a context of a signed-in staff member.
func as(t *testing.T, staff adapters.StaffID) context.Context {
	t.Helper()
	return memory.SignIn(t.Context(), staff)
}

// work starts Messenger's jobs and live updates until the test ends.
func (b *bundle) work(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	workers := river.NewWorkers()
	jobs.AddWorkers(workers, b.Jobs())
	client, err := river.NewClient(riverpgxv5.New(b.pool), jobs.Configure(&river.Config{Workers: workers, Logger: b.config.Logger}, b.Jobs()))
	require.NoError(t, err)
	require.NoError(t, client.Start(ctx))
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = b.Run(ctx)
	}()
	t.Cleanup(func() {
		stop, stopped := context.WithTimeout(context.Background(), 10*time.Second)
		defer stopped()
		require.NoError(t, client.StopAndCancel(stop))
		cancel()
		<-done
	})
}

func email(client adapters.ClientID, body string) messenger.SendParams {
	return messenger.SendParams{Client: client, Medium: adapters.Email, Subject: "Hello", Body: body}
}

// send sends and fails the test if it can't.
func (b *bundle) send(t *testing.T, staff adapters.StaffID, p messenger.SendParams) messenger.Sent {
	t.Helper()
	sent, err := b.Send(as(t, staff), p)
	require.NoError(t, err)
	return sent
}

// token is what a client finds in the link of the last message they got.
func (b *bundle) token(t *testing.T, channel messenger.Channel) string {
	t.Helper()
	opened, err := b.Channel(as(t, channel.Staff), channel.ID)
	require.NoError(t, err)
	require.NotEmpty(t, opened.ReplyLink)
	return opened.ReplyLink[len(opened.ReplyLink)-22:]
}

// fanOut makes a broadcast's messages in as many runs as a busy machine takes for them.
func (b *bundle) fanOut(t *testing.T, broadcast uuid.UUID) error {
	t.Helper()
	for {
		err := b.Jobs().FanOut(t.Context(), broadcast, 1)
		if err == nil || err.Error() != jobs.After(0).Error() {
			return err
		}
	}
}

func (b *bundle) reply(t *testing.T, channel messenger.Channel, text string) messenger.ReplyReceipt {
	t.Helper()
	receipt, _, err := b.Reply(t.Context(), b.token(t, channel), messenger.ReplyParams{Text: text})
	require.NoError(t, err)
	return receipt
}

// messages is the thread, oldest first.
func (b *bundle) thread(t *testing.T, channel messenger.Channel) []messenger.Message {
	t.Helper()
	page, err := b.Messages(as(t, channel.Staff), channel.ID, messenger.PageParams{Limit: 100})
	require.NoError(t, err)
	list := page.Items
	for i, j := 0, len(list)-1; i < j; i, j = i+1, j-1 {
		list[i], list[j] = list[j], list[i]
	}
	return list
}

func requireCode(t *testing.T, code messenger.Code, err error) {
	t.Helper()
	require.Error(t, err)
	require.Equal(t, code, messenger.CodeOf(err), "%v", err)
}

// eventually waits for a condition, for a minute at the most, and asks for it on the test's own goroutine: it may use require.
func eventually(t *testing.T, condition func() bool, message string) {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(time.Minute); !condition(); <-tick.C {
		require.True(t, time.Now().Before(deadline), message)
	}
}

func count(t *testing.T, pool *pgxpool.Pool, query string, args ...any) (n int) {
	t.Helper()
	require.NoError(t, pool.QueryRow(t.Context(), query, args...).Scan(&n))
	return n
}
