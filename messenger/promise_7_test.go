package messenger_test

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// A link gives nothing away without proof; off is off at once; the database alone opens no link.
func TestPromise7ALinkGivesNothingAway(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.orgs.Put(adapters.Organisation{ID: north, Name: "North", PublicURL: "https://north.example.org/m", CheckDateOfBirth: true})
	sent := b.send(t, "amira", email("grace", "Dear {{first_name}}, your walking group: {{reply_link}}"))
	b.deliver(t, sent.Message.ID, 1)
	b.file(t, sent.Message.ID, 1)
	token := b.token(t, sent.Channel)
	require.Contains(t, b.email.Outbox()[0].Text, token)

	page, err := b.ReplyPage(t.Context(), token, "")
	require.NoError(t, err)
	require.True(t, page.AskDateOfBirth)
	shown, err := json.Marshal(page)
	require.NoError(t, err)
	for _, secret := range []string{"Grace", "Okafor", "walking", "1984", "9990010005", "example.org\"", "grace", "Riverside"} {
		require.NotContains(t, strings.ReplaceAll(string(shown), "north.example.org", ""), secret)
	}
	proof, err := b.ProveDateOfBirth(t.Context(), token, messenger.DateOfBirth{Day: "29", Month: "2", Year: "1984"})
	require.NoError(t, err)
	page, err = b.ReplyPage(t.Context(), token, proof)
	require.NoError(t, err)
	require.Equal(t, "Grace", page.FirstName)
	require.NotContains(t, page.Answering.Body, token)

	// What people paste is kept no more than what Messenger writes, and another client's link becomes the reader's own.
	pasted := "https://north.example.org/m/r/" + token
	again := b.send(t, "amira", email("sian", "Answer at "+pasted+", please"))
	require.Equal(t, "Answer at {{reply_link}}, please", again.Message.Body)
	b.deliver(t, again.Message.ID, 1)
	require.NotContains(t, b.email.Outbox()[1].Text, token)
	require.Contains(t, b.email.Outbox()[1].Text, b.token(t, again.Channel))
	_, err = b.Send(as(t, "amira"), messenger.SendParams{Client: "grace", Medium: adapters.Email, Subject: pasted, Body: "Hello"})
	requireCode(t, messenger.CodeInvalid, err)
	_, err = b.SaveDraft(as(t, "amira"), "grace", messenger.Draft{Medium: adapters.SMS, Body: strings.TrimPrefix(pasted, "https://")})
	require.NoError(t, err)
	_, _, err = b.Reply(t.Context(), token, messenger.ReplyParams{Text: "You wrote: " + pasted, FormKey: "quoted"})
	require.NoError(t, err)
	_, err = b.SendBroadcast(as(t, "amira"), messenger.BroadcastParams{
		Medium: adapters.Email, Subject: "Hello", Body: "Answer at " + pasted, Clients: []adapters.ClientID{"sian"},
	})
	require.NoError(t, err)

	everything := databaseText(t, b)
	require.NotContains(t, everything, token)
	require.Contains(t, everything, "walking")
	for _, filing := range b.record.Filings() {
		require.NotContains(t, filing.Entry.Text, token)
	}
	for _, guess := range guesses(t, b) {
		_, err := b.ReplyPage(t.Context(), guess, "")
		requireCode(t, messenger.CodeNotFound, err)
	}
	stranger := b.with(t, func(c *messenger.Config) {
		c.LinkKeys = []messenger.LinkKey{{ID: "k1", Key: []byte("another key than the host's own!")}}
	})
	_, err = stranger.ReplyPage(t.Context(), token, "")
	requireCode(t, messenger.CodeNotFound, err)
	rebuilt, err := stranger.Channel(as(t, "amira"), sent.Channel.ID)
	require.NoError(t, err)
	require.NotContains(t, rebuilt.ReplyLink, token)

	_, err = b.SetReplies(as(t, "amira"), sent.Channel.ID, false)
	require.NoError(t, err)
	_, off := b.ReplyPage(t.Context(), token, proof)
	_, never := b.ReplyPage(t.Context(), "AAAAAAAAAAAAAAAAAAAAAA", "")
	_, malformed := b.ReplyPage(t.Context(), "a'b", "")
	require.Equal(t, never, off, "off, unknown and malformed are the same")
	require.Equal(t, never, malformed)
	_, _, err = b.Reply(t.Context(), token, messenger.ReplyParams{Text: "Hello"})
	require.Equal(t, never, err)
	_, err = b.ProveDateOfBirth(t.Context(), token, messenger.DateOfBirth{})
	require.Equal(t, never, err)
}

// databaseText is every row of every table of the schema, River's too.
func databaseText(t *testing.T, b *bundle) string {
	t.Helper()
	rows, err := b.pool.Query(t.Context(), "select tablename from pg_tables where schemaname = current_schema()")
	require.NoError(t, err)
	tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
	require.NoError(t, err)
	var all strings.Builder
	for _, table := range tables {
		var text string
		err := b.pool.QueryRow(t.Context(), "select coalesce(string_agg(x::text, E'\\n'), '') from "+pgx.Identifier{table}.Sanitize()+" x").Scan(&text)
		require.NoError(t, err)
		all.WriteString(text)
	}
	return all.String()
}

// guesses are all that somebody with the channels' rows alone could try as a token.
func guesses(t *testing.T, b *bundle) (list []string) {
	t.Helper()
	rows, err := b.pool.Query(t.Context(), "select * from messenger_channels")
	require.NoError(t, err)
	values, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) ([]any, error) { return row.Values() })
	require.NoError(t, err)
	raw := 0
	for _, value := range values[0] {
		switch v := value.(type) {
		case string:
			list = append(list, v)
		case []byte:
			raw++
			list = append(list, string(v), hex.EncodeToString(v))
			for at := 0; at+16 <= len(v); at++ {
				list = append(list, base64.RawURLEncoding.EncodeToString(v[at:at+16]))
			}
		}
	}
	require.Equal(t, 2, raw, "nonce and lookup")
	return list
}
