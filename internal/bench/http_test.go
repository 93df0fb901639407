package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger/web"
)

// serve puts a handler behind a sign-in that believes a header, and returns its address and a client for eight callers.
func serve(b *testing.B, handler http.Handler) (address string, client *http.Client) {
	b.Helper()
	server := httptest.NewServer(signedInByHeader(handler))
	b.Cleanup(server.Close)
	return server.URL, &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: eight}}
}

func signedInByHeader(handler http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		handler.ServeHTTP(w, r.WithContext(as(r.Context(), adapters.StaffID(r.Header.Get("X-Staff")))))
	})
}

func call(client *http.Client, r *http.Request, s int) error {
	r.Header.Set("X-Staff", string(staffID(s)))
	response, err := client.Do(r)
	if err != nil {
		return err
	}
	defer response.Body.Close() //nolint:errcheck // only read
	said, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode >= 300 {
		return fmt.Errorf("%d: %s", response.StatusCode, said)
	}
	return err
}

func get(ctx context.Context, client *http.Client, address string, s int) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	return call(client, r, s)
}

// narrowRow is the least that a list could show of a channel.
type narrowRow struct {
	ID         uuid.UUID `json:"id"`
	ClientName string    `json:"client_name"`
	Status     string    `json:"status"`
	LastAt     time.Time `json:"last_at"`
}

// fullRow is as much as the contract's list shows of a channel's own row.
type fullRow struct {
	narrowRow

	Organisation   string    `json:"organisation_id"`
	Staff          string    `json:"staff_id"`
	Client         string    `json:"client_id"`
	UnreadCount    int       `json:"unread_count"`
	RepliesAllowed bool      `json:"replies_allowed"`
	CreatedAt      time.Time `json:"created_at"`
	UpdatedAt      time.Time `json:"updated_at"`
	LastID         uuid.UUID `json:"last_id"`
	Direction      string    `json:"direction"`
	Medium         string    `json:"medium"`
	Preview        string    `json:"preview"`
	At             time.Time `json:"at"`
}

const (
	narrowColumns = "id, client_name, status, last_at"
	fullColumns   = narrowColumns + `, organisation_id, staff_id, client_id, unread_count,
		replies_off_why is null, created_at, updated_at,
		last_message_id, last_direction, last_medium, last_preview, last_created_at`
)

type plainPage[T any] struct{ Body struct{ Items []T } }

// plainHandler is the limit of a page over HTTP: Huma and a select of 50 rows by an index.
func plainHandler[T any](w *world, columns string) http.Handler {
	mux := http.NewServeMux()
	api := humago.New(mux, huma.DefaultConfig("limit", "1"))
	huma.Get(api, "/{staff}", func(ctx context.Context, in *struct {
		Staff string `path:"staff"`
	},
	) (*plainPage[T], error) {
		rows, err := w.pool.Query(ctx, "select "+columns+` from messenger_channels where organisation_id = $1
			and staff_id = $2 and moved_to is null order by status desc, last_at desc, id desc limit 50`, organisation, in.Staff)
		if err != nil {
			return nil, err
		}
		page := &plainPage[T]{}
		page.Body.Items, err = pgx.CollectRows(rows, pgx.RowToStructByPos[T])
		return page, err
	})
	return mux
}

func (w *world) besidePlain(
	b *testing.B, limit string, handler http.Handler, read func(address string, client *http.Client) error,
) figure {
	b.Helper()
	first, last := w.someInbox(clusterSize)
	address, client := serve(b, web.StaffHandler(w.Messenger))
	plain, plainClient := serve(b, handler)
	return w.beside(b, limit, func() sample {
		return hammer(b, eight, func(int) error { return read(address, client) })
	}, func() sample {
		return hammer(b, eight, func(int) error {
			return get(b.Context(), plainClient, plain+"/"+string(staffID(between(first, last))), first)
		})
	})
}

const oneSelect = "Huma, one select of 50"

func (w *world) benchInboxHTTP(b *testing.B) figure {
	b.Helper()
	return w.benchInboxPage(b, oneSelect, plainHandler[narrowRow](w, narrowColumns))
}

// benchInboxHTTPFull has a limit that answers as many bytes as we do.
func (w *world) benchInboxHTTPFull(b *testing.B) figure {
	b.Helper()
	return w.benchInboxPage(b, oneSelect+", all fields", plainHandler[fullRow](w, fullColumns))
}

func (w *world) benchInboxPage(b *testing.B, limit string, handler http.Handler) figure {
	b.Helper()
	first, last := w.someInbox(clusterSize)
	return w.besidePlain(b, limit, handler, func(address string, client *http.Client) error {
		s := between(first, last)
		return get(b.Context(), client, fmt.Sprintf("%s/inboxes/%s/channels", address, staffID(s)), s)
	})
}

func (w *world) benchThreadHTTP(b *testing.B) figure {
	b.Helper()
	owners := w.owners()
	return w.besidePlain(b, oneSelect, plainHandler[narrowRow](w, narrowColumns),
		func(address string, client *http.Client) error {
			c := rand.IntN(w.data.channels)
			return get(b.Context(), client, fmt.Sprintf("%s/channels/%s/messages", address, channelID(c)), int(owners[c]))
		})
}

// benchSendHTTP is a send over HTTP beside the service's.
func (w *world) benchSendHTTP(b *testing.B) figure {
	b.Helper()
	owners, writers := w.owners(), newWriters(eight)
	address, client := serve(b, web.StaffHandler(w.Messenger))
	return w.beside(b, "the service's send", func() sample {
		return hammer(b, eight, func(i int) error {
			c := writers[i].random.IntN(w.data.channels)
			raw, err := json.Marshal(map[string]any{"medium": "email", "subject": "Hello", "body": body(writers[i].zipf, nil)})
			if err != nil {
				return err
			}
			r, err := http.NewRequestWithContext(b.Context(), http.MethodPost,
				fmt.Sprintf("%s/channels/%s/messages", address, channelID(c)),
				bytes.NewReader(raw))
			if err != nil {
				return err
			}
			r.Header.Set("Content-Type", "application/json")
			r.Header.Set("Idempotency-Key", uuid.NewString())
			return call(client, r, int(owners[c]))
		})
	}, func() sample {
		return hammer(b, eight, func(i int) error {
			_, _, err := w.send(b.Context(), w.Messenger, owners, writers[i])
			return err
		})
	})
}
