package web_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"os"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// cut is a database that can be taken away and given back.
type cut struct {
	pool *pgxpool.Pool
	gone atomic.Bool
}

// setupCut is setup for a service whose connections cut carries.
func setupCut(t *testing.T, change ...func(*messenger.Config)) (*world, *cut) {
	t.Helper()
	c := &cut{}
	w := setup(t, append(change, func(config *messenger.Config) {
		settings := config.Pool.Config()
		dial := settings.ConnConfig.DialFunc
		settings.ConnConfig.DialFunc = func(ctx context.Context, network, address string) (net.Conn, error) {
			if c.gone.Load() {
				return nil, &net.OpError{Op: "dial", Net: network, Err: errors.New("connection refused")}
			}
			return dial(ctx, network, address)
		}
		var err error
		c.pool, err = pgxpool.NewWithConfig(t.Context(), settings)
		require.NoError(t, err)
		t.Cleanup(c.pool.Close)
		config.Pool = c.pool
	})...)
	return w, c
}

func (c *cut) away() {
	c.gone.Store(true)
	c.pool.Reset()
}

func (c *cut) back() { c.gone.Store(false) }

// A page that can't do its work is still the page: with all that was typed, to be sent again, once.
func TestAFaultLosesNoWords(t *testing.T) {
	t.Parallel()
	w, database := setupCut(t)
	w.checkDateOfBirth(t, "")
	th := w.newThread(t)
	address := w.url + "/m/r/" + th.token
	key := formKey.FindStringSubmatch(call(t, "", http.MethodGet, address, "").body)[1]
	fields := map[string]string{"key": key, "reply": "ten minutes' typing", "day": "29", "month": "Feb", "year": "1984"}
	requireKept := func(name string, status int) {
		t.Helper()
		for _, action := range []string{"send", "show"} {
			fields["action"] = action
			got := post(t, address, fields)
			require.Equal(t, status, got.status, name)
			requirePageHeaders(t, got)
			require.Contains(t, got.body, "ten minutes&#39; typing</textarea>", name)
			require.Contains(t, got.body, "Nothing is lost", name)
			require.NotContains(t, got.body, "has not been sent", name)
			require.NotContains(t, got.body, "{staff}", name)
			require.Contains(t, got.body, `value="`+key+`"`, name)
			for _, typed := range []string{`value="29"`, `value="Feb"`, `value="1984"`} {
				require.Contains(t, got.body, typed, name)
			}
		}
	}

	database.away()
	requireKept("the database is away", 503)
	got := post(t, address, fields)
	require.NotEmpty(t, got.header.Get("Retry-After"))
	got = call(t, "", http.MethodGet, address, "")
	require.Equal(t, 503, got.status)
	require.Contains(t, got.body, "Sorry, there is a problem")
	require.NotContains(t, got.body, "has not been sent")
	for _, path := range []string{"/me", "/inboxes/amira/channels", "/channels/" + th.channel.ID.String()} {
		got = call(t, "amira", http.MethodGet, w.api(path), "")
		require.Equal(t, "unavailable", requireProblem(t, got), path)
		require.NotEmpty(t, got.header.Get("Retry-After"), path)
		require.NotContains(t, got.body, "Nothing was changed", path)
	}
	database.back()

	w.exec(t, "alter table messenger_channels rename to hidden")
	requireKept("a fault of ours where the link is looked up", 500)
	w.exec(t, "alter table hidden rename to messenger_channels")
	w.exec(t, "alter table messenger_history rename to hidden")
	fields["action"] = "send"
	require.Equal(t, 500, post(t, address, fields).status, "a fault of ours where the reply is stored")
	w.exec(t, "alter table hidden rename to messenger_history")

	fields["action"] = "send"
	require.Equal(t, 303, post(t, address, fields).status)
	require.Equal(t, 303, post(t, address, fields).status)
	require.Equal(t, 1, strings.Count(strings.Join(w.replies(t, th), "\n"), "typing"), "it is sent once")
}

// Names stand apart from the words round them, which may run the other way, and are text whatever they look like.
func TestNamesRunTheirOwnWay(t *testing.T) {
	t.Parallel()
	w := setup(t)
	north := w.organisation(t)
	north.Name = "خدمة <b>الشمال"
	north.Words = map[string]string{"urgent_heading": "Not <i>here</i>", "reply_to": "Goes to {staff}, {organisation}."}
	w.orgs.Put(north)
	th := w.newThread(t)
	page := call(t, "", http.MethodGet, w.url+"/m/r/"+th.token, "")
	require.Equal(t, 200, page.status)
	require.Contains(t, page.body, "Goes to <bdi>Amira Shah</bdi>, <bdi>خدمة &lt;b&gt;الشمال</bdi>.")
	require.Contains(t, page.body, `on <bdi><a href="tel:+441632960001">01632 960001</a></bdi>`)
	require.Contains(t, page.body, "Not &lt;i&gt;here&lt;/i&gt;")
	require.Contains(t, page.body, "<title>Your reply</title>", "a title names nobody")
	template, err := os.ReadFile("ui/pages/reply.html")
	require.NoError(t, err)
	blocks := regexp.MustCompile(`<p class="reply-(?:subject|message)"[^<>]*>`).FindAllString(string(template), -1)
	require.NotEmpty(t, blocks)
	for _, block := range blocks {
		require.Contains(t, block, `dir="auto"`)
	}
}
