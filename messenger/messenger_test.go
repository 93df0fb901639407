package messenger_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/adapters/memory"
	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// A host that prints or logs what it gave to New shows no key: alone, in a Config, by whatever verb, as text or as JSON.
func TestALinkKeyIsNeverPrinted(t *testing.T) {
	t.Parallel()
	const secret = "a-secret-of-thirty-two-bytes-long"
	key := messenger.LinkKey{ID: "k1", Key: []byte(secret)}
	config := messenger.Config{LinkKeys: []messenger.LinkKey{key}}

	forms := []string{secret, fmt.Sprintf("%x", secret), fmt.Sprintf("%d", []byte(secret)), fmt.Sprintf("%#v", []byte(secret))}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		for _, value := range []any{key, &key, config, config.LinkKeys} {
			said := fmt.Sprintf(verb, value)
			for _, form := range forms {
				require.NotContains(t, said, form, verb)
			}
		}
	}
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("text", "key", key, "keys", config.LinkKeys)
	slog.New(slog.NewJSONHandler(&log, nil)).Info("json", "key", key, "keys", config.LinkKeys)
	raw, err := json.Marshal(config.LinkKeys)
	require.NoError(t, err)
	log.Write(raw)
	pool, err := pgxpool.New(t.Context(), "postgres://nobody@127.0.0.1:1/nowhere") // none of this comes to the database
	require.NoError(t, err)
	t.Cleanup(pool.Close)
	m, err := messenger.New(messenger.Config{
		Pool: pool, Clients: memory.NewClients(), Staff: memory.NewStaff(), Email: memory.NewSender("memory"),
		PublicURL: "https://nhs.example.org/m", LinkKeys: config.LinkKeys,
	})
	require.NoError(t, err)
	slog.New(slog.NewTextHandler(&log, nil)).Info("text", "messenger", m)
	_, _ = fmt.Fprintf(&log, "%v %+v %#v %s %x", m, m, m, m, m)
	for _, form := range append(forms, "YS1zZWNyZXQ") { // base64, as JSON has bytes
		require.NotContains(t, log.String(), form)
	}
	require.Contains(t, log.String(), "k1")
}

// countingStaff counts how often the host is asked who is signed in.
type countingStaff struct {
	adapters.Staff
	asked int
}

func (s *countingStaff) Current(ctx context.Context) (adapters.Member, error) {
	s.asked++
	return s.Staff.Current(ctx)
}

// A request that knows its member asks the host once; another Messenger's member is nobody.
func TestAMemberIsAskedForOnceARequest(t *testing.T) {
	t.Parallel()
	staff := &countingStaff{}
	b := setup(t, func(c *messenger.Config) { staff.Staff, c.Staff = c.Staff, staff })
	ctx := as(t, "amira")
	member, err := b.Current(ctx)
	require.NoError(t, err)
	ctx = b.WithMember(ctx, member)
	_, err = b.Me(ctx)
	require.NoError(t, err)
	require.Equal(t, 1, staff.asked)
	other := setup(t)
	_, err = other.Me(b.WithMember(t.Context(), member))
	requireCode(t, messenger.CodeNotSignedIn, err)
}

// The smallest example host had a key in its source once: a host that kept it signs with what anybody can read.
func TestTheExamplesKeyIsRefused(t *testing.T) {
	t.Parallel()
	keys := []messenger.LinkKey{{ID: "1", Key: []byte("32 bytes of the host's secret store")}}
	_, err := messenger.New(messenger.Config{LinkKeys: keys})
	require.ErrorContains(t, err, "a LinkKey is the example's")
}

// New says of each thing that can't work what it is: a sender that the host's settings left a pointer to nothing, which
// would break off in a job, and an address whose links would lead nowhere.
func TestNewSaysWhatCannotWork(t *testing.T) {
	t.Parallel()
	hook := messenger.Hook{Callbacks: memory.NewCallbacks("sms", "key"), Organisation: messenger.AllTextsFor(north)}
	for fault, config := range map[string]messenger.Config{
		"SMS is a pointer to nothing: set it only where there is one": {SMS: (*memory.Sender)(nil)},
		"PublicURL has a query or fragment":                           {PublicURL: "https://nhs.example.org/m?x=1"},
		`Hooks["a/b"] can't be called at /hooks/a/b`:                  {Hooks: map[string]messenger.Hook{"a/b": hook}},
	} {
		_, err := messenger.New(config)
		require.ErrorContains(t, err, fault)
	}
}

func TestNobodyMaySendWhatTheHostDoesNotHave(t *testing.T) {
	t.Parallel()
	b := setup(t)
	me, err := b.Me(as(t, "amira"))
	require.NoError(t, err)
	require.ElementsMatch(t, []adapters.Medium{adapters.Email, adapters.SMS}, me.Member.Media)
	host := b.with(t, func(config *messenger.Config) { config.Email = nil })
	me, err = host.Me(as(t, "amira"))
	require.NoError(t, err)
	require.Equal(t, []adapters.Medium{adapters.SMS}, me.Member.Media)
}
