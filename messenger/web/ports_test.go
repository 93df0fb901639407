package web_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/adapters/memory"
	"github.com/cmsmessenger/cmsmessenger/messenger"
	"github.com/cmsmessenger/cmsmessenger/messenger/web"
)

// hung is a host's staff system that never answers for one of them.
type hung struct {
	*memory.Staff
	who   adapters.StaffID
	asked int // answered calls of Current
}

func (h *hung) Current(ctx context.Context) (adapters.Member, error) {
	member, err := h.Staff.Current(ctx)
	if member.ID == h.who {
		<-ctx.Done()
		return adapters.Member{}, ctx.Err()
	}
	h.asked++
	return member, err
}

// A staff system that never answers is waited for for five seconds, once a request, and holds up nobody else's.
func TestAHungStaffPort(t *testing.T) {
	t.Parallel()
	pool, err := pgxpool.New(t.Context(), "postgres:///unused") // /lists asks no database
	require.NoError(t, err)
	t.Cleanup(pool.Close)
	synctest.Test(t, func(t *testing.T) {
		staff := &hung{Staff: memory.NewStaff(), who: "amira"}
		staff.Add(adapters.Member{ID: "amira", Organisation: north}, adapters.Member{ID: "ben", Organisation: north})
		m, err := messenger.New(messenger.Config{
			Pool: pool, Clients: memory.NewClients(), Staff: staff, Lists: memory.NewLists(), Email: memory.NewSender("email"),
			PublicURL: "https://reply.example.org/m", Logger: slog.New(slog.DiscardHandler), Now: time.Now,
			LinkKeys: []messenger.LinkKey{{ID: "k1", Key: []byte("0123456789abcdef0123456789abcdef")}},
		})
		require.NoError(t, err)
		handler := signIn(web.StaffHandler(m))
		began := time.Now()
		ask := func(who string) (answer, time.Duration) {
			request := httptest.NewRequest(http.MethodGet, "/lists", nil)
			request.Header.Set("X-Staff", who)
			recorder := httptest.NewRecorder()
			handler.ServeHTTP(recorder, request)
			body, err := io.ReadAll(recorder.Body)
			require.NoError(t, err)
			return answer{recorder.Code, recorder.Header(), string(body)}, time.Since(began)
		}
		type result struct {
			answer
			after time.Duration
		}
		waiting := make(chan result, 1)
		go func() {
			got, after := ask("amira")
			waiting <- result{got, after}
		}()
		synctest.Wait()
		got, after := ask("ben")
		require.Equal(t, 200, got.status, got.body)
		require.Zero(t, after)
		require.Equal(t, 1, staff.asked, "a request asks once")
		late := <-waiting
		require.Equal(t, "unavailable", requireProblem(t, late.answer))
		require.Equal(t, 503, late.status)
		require.NotEmpty(t, late.header.Get("Retry-After"))
		require.Equal(t, 5*time.Second, late.after)
	})
}

// silent is a host's staff system that can't say whose inboxes somebody may open.
type silent struct{ *memory.Staff }

func (silent) Inboxes(context.Context, adapters.Member, ...adapters.StaffID) ([]adapters.Inbox, error) {
	return nil, errors.New("no answer")
}

// What is not there is asked about as what is not to be seen is: the two are told apart neither by time nor by a fault.
func TestNotThereIsLikeNotToBeSeen(t *testing.T) {
	t.Parallel()
	w := setup(t, func(c *messenger.Config) {
		staff, _ := c.Staff.(*memory.Staff)
		c.Staff = silent{staff}
	})
	th := w.newThread(t)
	const unknown = "0199a1a1-0000-7000-8000-000000000000"
	for _, id := range []string{unknown, th.channel.ID.String()} {
		for _, path := range []string{"/channels/" + id, "/channels/" + id + "/messages", "/channels/" + id + "/history"} {
			got := call(t, "dev", http.MethodGet, w.api(path), "")
			require.Equal(t, "unavailable", requireProblem(t, got), path)
		}
	}
	for _, path := range []string{"/messages/" + unknown, "/messages/" + th.sent.ID.String()} {
		got := call(t, "dev", http.MethodPost, w.api(path+"/cancel"), "")
		require.Equal(t, "unavailable", requireProblem(t, got), path)
	}
	for _, id := range []string{unknown, w.newBroadcast(t).String()} {
		got := call(t, "dev", http.MethodGet, w.api("/broadcasts/"+id), "")
		require.Equal(t, "unavailable", requireProblem(t, got))
	}
}
