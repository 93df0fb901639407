package messenger_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// whereExported says of each table whether an export has it, or why it does not.
func whereExported() map[string]string {
	return map[string]string{
		"messenger_channels":             "yes",
		"messenger_messages":             "yes",
		"messenger_history":              "yes",
		"messenger_notes":                "yes",
		"messenger_drafts":               "yes",
		"messenger_unmatched":            "yes",
		"messenger_objections":           "yes",
		"messenger_broadcasts":           "yes",
		"messenger_broadcast_recipients": "yes",
		"messenger_template_versions":    "yes",
		"messenger_handovers":            "yes",
		"messenger_handover_channels":    "yes",
		"messenger_templates":            "whose a template is: its words are its versions'",
		"messenger_template_uses":        "counts of staff",
		"messenger_inboxes":              "counts of staff",
		"messenger_inbox_history":        "of inboxes: of a client only that they were exported while they had no channel",
		"messenger_history_heads":        "seals the history",
		"messenger_inbox_history_heads":  "seals the history",
		"messenger_broadcast_counts":     "counts",
		"messenger_pauses":               "of providers",
		"messenger_text_sorters":         "of staff",
		"messenger_absences":             "of staff",
		"messenger_leavers":              "of staff",
		"messenger_reconciliations":      "of messages' ids alone: what came of it is on the message",
		"messenger_made_once":            "ids of what is exported, and digests",
		"messenger_migrations":           "of the tables",
		"messenger_migration_locks":      "of the tables",
	}
}

// marks makes a word of its own for each place in which something of the client may stand.
type marks map[string]string

func (m marks) of(place string) string {
	m[place] = fmt.Sprintf("mark%dx", len(m)+1)
	return m[place]
}

// withEverything is a client of whom every table that an export has has something, each with a mark of its own.
func withEverything(t *testing.T, b *bundle) (marks, messenger.Channel) {
	t.Helper()
	amira, m := as(t, "amira"), marks{}
	template, err := b.CreateTemplate(amira, messenger.TemplateParams{
		Scope: "own", Medium: adapters.Email, Title: m.of("template title"), Subject: "Hello",
		Body: "How " + m.of("template"),
	})
	require.NoError(t, err)
	p := email("grace", "Hello "+m.of("message"))
	p.Template, p.Subject = template.ID, "About "+m.of("subject")
	sent := b.send(t, "amira", p)
	private := email("grace", "Privately "+m.of("private body"))
	private.Private, private.Subject = true, "Secret "+m.of("private subject")
	b.send(t, "amira", private)
	b.reply(t, sent.Channel, "Thank you "+m.of("reply"))
	b.send(t, "amira", sms("grace", "Text "+m.of("text")))
	failed := b.failed(t, email("grace", "Again "+m.of("failed")))
	_, err = b.Resolve(amira, failed.Message.ID,
		messenger.ResolveParams{Of: "delivery", Note: "By phone " + m.of("history's note")})
	require.NoError(t, err)
	_, err = b.AddNote(amira, sent.Channel.ID,
		messenger.NoteParams{Kind: messenger.KindNote, Text: "Careful " + m.of("internal note")})
	require.NoError(t, err)
	_, err = b.SaveDraft(amira, "grace",
		messenger.Draft{Medium: adapters.Email, Body: "Not yet " + m.of("internal draft")})
	require.NoError(t, err)
	exec(t, b, `insert into messenger_unmatched (id, organisation_id, hook, provider_id, from_number, to_number, body, at,
			received_at, assigned_at, assigned_by, message_id)
		values (gen_random_uuid(), 'north', 'texts', 'p1', '+447700900123', $2, 'Thank you', now(), now(), now(),
			'amira', $1)`,
		failed.Message.ID, m.of("number that was texted"))
	exec(t, b, `insert into messenger_objections (organisation_id, number, objects, at)
		values ('north', '+447700900123', true, now())`)
	m["objection"] = `"objects": true`
	exec(t, b, `insert into messenger_unmatched (id, organisation_id, hook, provider_id, from_number, to_number, body, at,
			received_at)
		values (gen_random_uuid(), 'north', 'texts', 'p2', '+447700900123', $1, 'Whose is it?', now(), now())`,
		m.of("internal, of an unsorted text"))
	_, err = b.SendBroadcast(amira, messenger.BroadcastParams{
		Medium: adapters.Email, Subject: "To all " + m.of("a broadcast's subject"), Body: "Hello " + m.of("a broadcast"),
		SendAfter: time.Now().Add(time.Hour), Clients: []adapters.ClientID{"grace"},
	})
	require.NoError(t, err)
	exec(t, b, `update messenger_broadcasts set cancelled_at = now(), cancelled_by_id = 'amira', cancelled_by_name = $1`,
		m.of("who cancelled a broadcast"))
	exec(t, b, "update messenger_messages set provider_id = $2 where id = $1", sent.Message.ID, m.of("the provider's id"))
	exec(t, b, "update messenger_template_versions set by_name = $1", m.of("who wrote a template"))
	exec(t, b, "update messenger_drafts set send_local = $1, private = true", m.of("internal time of a draft"))
	exec(t, b, "update messenger_broadcast_recipients set why = $1", m.of("why a broadcast was not for them"))
	exec(t, b, `insert into messenger_handovers (id, organisation_id, staff_id, to_staff_id, by_kind, by_id, by_name,
			on_behalf_of, note, take_unread, total, created_at)
		values ('00000000-0000-0000-0000-000000000009', 'north', 'ben', 'amira', 'staff', 'ben', 'Ben Hughes', $2, $1, false,
			1, now())`,
		"Please "+m.of("internal handover"), m.of("internal, for whom a handover was made"))
	exec(t, b, "insert into messenger_handover_channels values ('00000000-0000-0000-0000-000000000009', 0, $1, null)",
		sent.Channel.ID)
	return m, sent.Channel
}

// An export has something of each table that has anything of a client; a new table that nobody thought of fails.
func TestExportKnowsEveryTable(t *testing.T) {
	t.Parallel()
	b := setup(t)
	mayExport(t, b)
	where := whereExported()
	for _, table := range namesOf(t, b, `select relname::text from pg_class
		where relnamespace = current_schema()::regnamespace
		and relkind in ('r', 'p') and relname like 'messenger\_%'`) {
		require.NotEmpty(t, where[table], "a table that is not in whereExported: say whether an export of a client has it")
		delete(where, table)
	}
	require.Empty(t, where, "tables that are no more")

	m, channel := withEverything(t, b)
	for table, answer := range whereExported() {
		if answer == "yes" {
			require.Positive(t, count(t, b.pool, "select count(*) from "+table), "the made-up client has nothing in %s", table)
		}
	}
	made, err := b.ExportClient(as(t, "fay"), "grace", messenger.ExportForStaff)
	require.NoError(t, err)
	require.True(t, made.Internal.Drafts[0].Private, "it prints as private")
	inner, err := made.JSON()
	require.NoError(t, err)
	page, err := made.HTML()
	require.NoError(t, err)
	made, err = b.ExportClient(as(t, "fay"), "grace", messenger.ExportForClient)
	require.NoError(t, err)
	outer, err := made.JSON()
	require.NoError(t, err)
	outerPage, err := made.HTML()
	require.NoError(t, err)
	for place, mark := range m {
		internal := strings.HasPrefix(place, "internal")
		require.Contains(t, string(inner), mark, place)
		require.Equal(t, !internal, strings.Contains(string(outer), mark), "%s, for the client", place)
		if place != "objection" {
			require.Contains(t, string(page), mark, "%s, on the page", place)
			require.Equal(t, !internal, strings.Contains(string(outerPage), mark), "%s, on the client's page", place)
		}
	}
	require.Contains(t, string(page), "wants no texts")
	for _, secret := range []string{b.token(t, channel), "link_nonce", "link_lookup"} {
		require.NotContains(t, string(inner)+string(page), secret)
	}
	require.Contains(t, b.actions(t, channel), "fay:exported")
	require.True(t, b.verified(t).OK())
	exportsEveryColumn(t, b)
}

// An export is for who Exports, of their own organisation, and leaves a line; what must not be shown it does not have.
func TestWhoMayExport(t *testing.T) {
	t.Parallel()
	b := setup(t)
	mayExport(t, b)
	b.send(t, "amira", email("grace", "Hello"))
	b.send(t, "ben", email("grace", "Hello"))
	_, err := b.ExportClient(as(t, "amira"), "grace", messenger.ExportForStaff)
	requireCode(t, messenger.CodeForbidden, err)
	for _, client := range []adapters.ClientID{"south-1", "nobody"} {
		_, err = b.ExportClient(as(t, "fay"), client, messenger.ExportForStaff)
		requireCode(t, messenger.CodeNotFound, err)
		_, err = b.ExportClient(as(t, "amira"), client, messenger.ExportForStaff)
		requireCode(t, messenger.CodeNotFound, err)
	}
	_, err = b.ExportClient(as(t, "fay"), "grace", "anybody")
	requireCode(t, messenger.CodeInvalid, err)
	require.Zero(t, count(t, b.pool, "select count(*) from messenger_history where action = 'exported'"))

	made, err := b.ExportClient(as(t, "fay"), "grace", messenger.ExportForStaff)
	require.NoError(t, err)
	require.Len(t, made.Channels, 2, "of all staff")
	require.Equal(t, "grace@example.org", made.Channels[0].Messages[0].Delivery.To)
	require.Equal(t, 2, count(t, b.pool,
		"select count(*) from messenger_history where action = 'exported' and note = 'staff'"))
	_, err = b.ExportClient(as(t, "fay"), "sian", messenger.ExportForClient)
	require.NoError(t, err)
	require.Equal(t, 1, count(t, b.pool,
		"select count(*) from messenger_inbox_history where action = 'exported' and staff_id = 'fay'"),
		"who has no channel is exported all the same")
	lines, err := b.InboxHistory(as(t, "fay"), "fay", messenger.PageParams{})
	require.NoError(t, err)
	require.Equal(t, adapters.ClientID("sian"), lines.Items[0].Client)
	require.Equal(t, "client", lines.Items[0].Note)

	b.clients.Put(north, adapters.Client{ID: "grace", Name: "Grace Okafor", Email: "grace@example.org", Restricted: true})
	made, err = b.ExportClient(as(t, "fay"), "grace", messenger.ExportForStaff)
	require.NoError(t, err)
	text, err := made.JSON()
	require.NoError(t, err)
	require.NotContains(t, string(text), "@example.org")
}

// An operator exports also whom the directory has no more; of whom nothing is kept there is no export.
func TestOperatorsExport(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.send(t, "amira", email("grace", "Hello"))
	b.clients.Remove(north, "grace")
	made, err := b.ExportClientOf(t.Context(), north, "grace", messenger.ExportForStaff, "op-1")
	require.NoError(t, err)
	require.Len(t, made.Channels, 1)
	require.Empty(t, made.Channels[0].Messages[0].Delivery.To)
	require.Equal(t, 1, count(t, b.pool,
		"select count(*) from messenger_history where action = 'exported' and actor_kind = 'system' and actor_id = 'op-1'"))
	_, err = b.ExportClientOf(t.Context(), north, "grace", messenger.ExportForStaff, "")
	requireCode(t, messenger.CodeInvalid, err)
	_, err = b.SaveDraft(as(t, "amira"), "sian", messenger.Draft{Medium: adapters.Email, Body: "Hello"})
	require.NoError(t, err)
	_, err = b.ExportClientOf(t.Context(), north, "sian", messenger.ExportForStaff, "op-1")
	require.NoError(t, err)
	noChannel := "select count(*) from messenger_inbox_history where action = 'exported' and actor_id = 'op-1'"
	require.Equal(t, 1, count(t, b.pool, noChannel+" and client_id = 'sian' and note = 'staff'"),
		"of a client without a channel, too, it is known who exported, whom, and for whom")
	exec(t, b, `insert into messenger_objections (organisation_id, number, objects, at)
		values ('north', '+447700900321', true, now())`)
	b.clients.Put(north, adapters.Client{ID: "theo", Name: "Theo Novak", Phone: "+447700900321"})
	made, err = b.ExportClientOf(t.Context(), north, "theo", messenger.ExportForStaff, "op-1")
	require.NoError(t, err)
	require.Len(t, made.Objections, 1)
	require.Equal(t, 1, count(t, b.pool, noChannel+" and client_id = 'theo'"), "whatever was read out of a client")
	exec(t, b, "alter table messenger_inbox_history disable trigger user")
	for _, do := range []string{"client_id = 'grace'", "note = 'client'"} {
		exec(t, b, "update messenger_inbox_history set "+do+" where client_id = 'theo'")
		require.Equal(t, messenger.BreakChanged, b.verified(t).Breaks[0].Why, do)
		exec(t, b, "update messenger_inbox_history set client_id = 'theo', note = 'staff' where client_id <> 'sian'")
	}
	_, err = b.ExportClientOf(t.Context(), north, "nobody", messenger.ExportForStaff, "op-1")
	requireCode(t, messenger.CodeNotFound, err)
	_, err = b.ExportClientOf(t.Context(), south, "grace", messenger.ExportForStaff, "op-1")
	requireCode(t, messenger.CodeNotFound, err)
	require.Equal(t, 2, count(t, b.pool, noChannel), "nothing was exported")
	require.True(t, b.verified(t).OK())
}

// An export has what two clients were who turned out to be one: also where the channel of one became part of the
// other's, or is the other's since.
func TestAnExportHasWhatWasJoined(t *testing.T) {
	t.Parallel()
	b := setup(t)
	mayExport(t, b)
	b.clients.Put(north, adapters.Client{ID: "third", Name: "Third Okafor", Email: "third@example.org"})
	own := b.send(t, "amira", email("grace", "Hello")).Channel
	joined := b.send(t, "amira", email("sian", "Hello, Sian"))
	renamed := b.send(t, "ben", email("third", "Hello")).Channel
	_, err := b.Channel(as(t, "ben"), joined.Channel.ID)
	require.NoError(t, err)
	broadcast := func(staff adapters.StaffID, client adapters.ClientID) uuid.UUID {
		sent, err := b.SendBroadcast(as(t, staff), messenger.BroadcastParams{
			Medium: adapters.Email, Subject: "To some", Body: "Hello", Clients: []adapters.ClientID{client},
		})
		require.NoError(t, err)
		return sent.ID
	}
	skipped, reached := broadcast("amira", "sian"), broadcast("ben", "third")
	exec(t, b, "update messenger_broadcast_recipients set why = 'no_address' where broadcast_id = $1", skipped)
	require.NoError(t, b.fanOut(t, reached))
	require.NoError(t, b.ClientMerged(t.Context(), north, "third", "sian"))
	b.merge(t)

	made, err := b.ExportClient(as(t, "fay"), "grace", messenger.ExportForClient)
	require.NoError(t, err)
	history := map[uuid.UUID][]string{}
	for _, channel := range made.Channels {
		for _, line := range channel.History {
			history[channel.ID] = append(history[channel.ID], line.Actor.ID+":"+line.Action)
		}
	}
	require.Subset(t, history[joined.Channel.ID], []string{"amira:created", "amira:sent", "ben:looked", "fay:exported"})
	require.Contains(t, history[own.ID], ":joined")
	require.Contains(t, history[renamed.ID], ":joined")
	require.Subset(t, made.Client.Names, []string{"Grace Okafor", "Siân ap Rhys"})
	why := map[uuid.UUID]string{}
	for _, sent := range made.Broadcasts {
		why[sent.ID] = sent.Why
	}
	require.Equal(t, map[uuid.UUID]string{skipped: "no_address", reached: ""}, why)

	listed, err := b.ClientChannels(t.Context(), north, "grace")
	require.NoError(t, err)
	require.Len(t, listed, len(made.Channels))
}

// What staff wrote to one another goes to no client; why they did something does.
func TestWhichNotesOfTheHistoryAreInternal(t *testing.T) {
	t.Parallel()
	b := setup(t)
	mayExport(t, b)
	code, err := os.ReadFile("history.go")
	require.NoError(t, err)
	sent := b.send(t, "ben", email("grace", "Hello"))
	actions := regexp.MustCompile(`HistoryAction += "(\w+)"`).FindAllStringSubmatch(string(code), -1)
	require.Greater(t, len(actions), 30)
	for _, action := range actions {
		exec(t, b, `insert into messenger_history (id, organisation_id, channel_id, at, actor_kind, actor_id, actor_name,
				on_behalf_of, action, note)
			values (gen_random_uuid(), 'north', $1, now(), 'staff', 'ben', 'Ben Hughes', '', $2, 'because')`,
			sent.Channel.ID, action[1])
	}
	_, err = b.Handover(as(t, "ben"), sent.Channel.ID, messenger.HandoverParams{To: "amira", Note: "Careful, a big dog"})
	require.NoError(t, err)
	notes := func(to messenger.ExportFor) (map[string]string, string) {
		made, err := b.ExportClient(as(t, "fay"), "grace", to)
		require.NoError(t, err)
		notes := map[string]string{}
		for _, line := range made.Channels[0].History {
			notes[line.Action] += line.Note
		}
		text, err := made.JSON()
		require.NoError(t, err)
		return notes, string(text)
	}
	inner, text := notes(messenger.ExportForStaff)
	require.Contains(t, text, "Careful, a big dog")
	outer, text := notes(messenger.ExportForClient)
	require.NotContains(t, text, "Careful")
	for _, action := range actions {
		require.Contains(t, inner[action[1]], "because", action[1])
		if internal := action[1] == "handed_over"; internal {
			require.Empty(t, outer[action[1]])
		} else {
			require.Contains(t, outer[action[1]], "because", action[1])
		}
	}
}

func namesOf(t *testing.T, b *bundle, query string) (list []string) {
	t.Helper()
	found, err := b.pool.Query(t.Context(), query)
	require.NoError(t, err)
	for found.Next() {
		var text string
		require.NoError(t, found.Scan(&text))
		list = append(list, text)
	}
	require.NoError(t, found.Err())
	return list
}

func TestMain(m *testing.M) {
	flag.Bool("update", false, "write docs/export.schema.json anew")
	flag.Parse()
	os.Exit(m.Run())
}

// An export is as its schema says, which other programs go by: docs/export.schema.json.
func TestExportHasItsSchema(t *testing.T) {
	t.Parallel()
	registry := huma.NewMapRegistry("#/$defs/", huma.DefaultSchemaNamer)
	whole := registry.Schema(reflect.TypeFor[messenger.ClientExport](), true, "")
	text, err := json.MarshalIndent(map[string]any{
		"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "All that Messenger keeps of a client",
		"$ref": whole.Ref, "$defs": registry.Map(),
	}, "", "  ")
	require.NoError(t, err)
	const file = "../docs/export.schema.json"
	if flag.Lookup("update").Value.String() == "true" {
		require.NoError(t, os.WriteFile(file, append(text, '\n'), 0o600))
	}
	kept, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, string(kept), string(text)+"\n", "behind: go test ./messenger -run TestExportHasItsSchema -update")

	b := setup(t)
	mayExport(t, b)
	withEverything(t, b)
	for _, to := range []messenger.ExportFor{messenger.ExportForStaff, messenger.ExportForClient} {
		made, err := b.ExportClient(as(t, "fay"), "grace", to)
		require.NoError(t, err)
		raw, err := made.JSON()
		require.NoError(t, err)
		var v any
		require.NoError(t, json.Unmarshal(raw, &v))
		result := &huma.ValidateResult{}
		huma.Validate(registry, whole, huma.NewPathBuffer(nil, 0), huma.ModeReadFromServer, v, result)
		require.Empty(t, result.Errors)
	}
}
