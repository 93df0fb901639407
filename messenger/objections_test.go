package messenger_test

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/adapters/memory"
	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// why is why an asker can't text a client; "" where they can.
func (b *bundle) why(t *testing.T, staff adapters.StaffID, client adapters.ClientID) messenger.Why {
	t.Helper()
	page, err := b.Client(as(t, staff), client)
	require.NoError(t, err)
	return page.Actions.SendSMS.Why
}

// told counts what the host heard of a kind about a client.
func (b *bundle) told(kind string, client adapters.ClientID) (n int) {
	for _, event := range b.events.Heard() {
		if event.Kind == kind && event.Client == client {
			n++
		}
	}
	return n
}

// A STOP holds for the number, whoever shares it and however it is written, and whatever the directory knows yet, until a
// START. The text is taken in as any other.
func TestAStopIsHeard(t *testing.T) {
	t.Parallel()
	b, text := inbound(t)
	b.clients.Put(north, adapters.Client{ID: "brother", Name: "Ade Okafor", Phone: "+44 (0)7700 900 123"})
	b.work(t)
	amira := as(t, "amira")
	sent := b.send(t, "amira", sms("grace", "Hello"))
	bens := b.send(t, "ben", sms("brother", "Hello"))
	later := sms("grace", "See you tomorrow")
	later.SendAfter = time.Now().Add(time.Hour)
	scheduled := b.send(t, "amira", later)
	eventually(t, func() bool { return healthCheck(t, b, "listener").OK }, "it listens")
	live := subscribe(t, b, "amira", "", "")

	text("07700 900123", " Stop all. ")
	require.Equal(t, sent.Channel.ID, until(t, live, "channel").Channel.ID, "told live")
	for staff, client := range map[adapters.StaffID]adapters.ClientID{"amira": "grace", "ben": "brother", "dev": "grace"} {
		require.Equal(t, messenger.WhyObjected, b.why(t, staff, client))
	}
	require.Equal(t, " Stop all. ", only(t, b, "amira").Body)
	require.Equal(t, "+447700900123", count1(t, b, "select from_number from messenger_unmatched"))
	for _, s := range []messenger.Sent{sent, bens} {
		opened, err := b.Channel(as(t, s.Channel.Staff), s.Channel.ID)
		require.NoError(t, err)
		require.Equal(t, messenger.Action{Why: messenger.WhyObjected}, opened.Actions.SendSMS)
		require.Equal(t, ":objected", b.actions(t, s.Channel)[len(b.actions(t, s.Channel))-1])
	}
	eventually(t, func() bool { return b.told("objected", "grace") == 1 && b.told("objected", "brother") == 1 }, "the host hears")

	_, err := b.Send(amira, sms("grace", "Hello again"))
	requireCode(t, messenger.CodeObjected, err)
	_, err = b.Check(amira, messenger.SendParams{Channel: sent.Channel.ID, Medium: adapters.SMS, Body: "Hello"})
	requireCode(t, messenger.CodeObjected, err)
	_, err = b.Send(amira, email("grace", "By email"))
	require.NoError(t, err, "it is of texts alone")
	p := messenger.BroadcastParams{
		Medium: adapters.SMS, Body: "Reminder", Clients: []adapters.ClientID{"grace", "phone", "brother"},
	}
	preview, err := b.PreviewBroadcast(amira, p)
	require.NoError(t, err)
	require.ElementsMatch(t, []messenger.Skipped{
		{Client: "grace", Why: messenger.WhyObjected}, {Client: "brother", Why: messenger.WhyObjected},
	}, preview.Skipped)

	exec(t, b, "update messenger_messages set send_after = now() where id = $1", scheduled.Message.ID)
	b.deliver(t, scheduled.Message.ID, 1)
	gone := b.message(t, scheduled.Channel, scheduled.Message.ID)
	require.Equal(t, messenger.DeliveryFailed, gone.Delivery.Status)
	require.Equal(t, messenger.ReasonObjected, gone.Delivery.Reason)
	require.Contains(t, b.row(t, sent.Channel).Attention, messenger.AttentionDeliveryFailed)
	_, err = b.Retry(amira, scheduled.Message.ID)
	requireCode(t, messenger.CodeObjected, err)

	text("+447700900123", "START")
	require.Empty(t, b.why(t, "amira", "grace"))
	require.Equal(t, ":objection_lifted", b.actions(t, sent.Channel)[len(b.actions(t, sent.Channel))-1])
	_, err = b.Retry(amira, scheduled.Message.ID)
	require.NoError(t, err)
	eventually(t, func() bool { return b.told("objection_lifted", "grace") == 1 }, "the host hears")
}

func count1(t *testing.T, b *bundle, query string) (text string) {
	t.Helper()
	require.NoError(t, b.pool.QueryRow(t.Context(), query).Scan(&text))
	return text
}

// Only a text that is the word and nothing else is one, and a provider's own word goes before it.
func TestWhatIsAStop(t *testing.T) {
	t.Parallel()
	for text, stops := range map[string]bool{
		"STOP": true, "stop": true, " Stop!\n": true, "\u200bSTOP\u200b": true, "“STOP”": true, "S T O P": true,
		"STOPALL": true, "stop all": true, "Unsubscribe.": true, "opt-out": true, "ＳＴＯＰ": true,
		"Please don't stop": false, "Stop by on Tuesday?": false, "I want to stop the tablets": false, "CANCEL": false,
		"": false, "Bus stop": false,
	} {
		b, say := inbound(t)
		say("+447700900123", text)
		require.Equal(t, stops, b.why(t, "amira", "grace") == messenger.WhyObjected, "%q", text)
	}
	b, hook := setupHook(t)
	say := func(text adapters.InboundText) {
		text.ProviderID, text.From, text.To = uuid.NewString(), "+447700900123", "+447700900999"
		_, err := b.Callback(t.Context(), "texts", hook.Request(nil, text))
		require.NoError(t, err)
	}
	say(adapters.InboundText{Text: "ARRÊT", Stop: true})
	require.Equal(t, messenger.WhyObjected, b.why(t, "amira", "grace"))
	say(adapters.InboundText{Text: "Encore", Start: true})
	require.Empty(t, b.why(t, "amira", "grace"))
}

func setupHook(t *testing.T, change ...func(*messenger.Config)) (*bundle, *memory.Callbacks) {
	t.Helper()
	hook := memory.NewCallbacks("sms", "a key of the provider's")
	return setup(t, append(change, withHook(hook))...), hook
}

// What was said last counts, in whatever order it comes and however often; and what the directory knows since goes
// before it.
func TestTheLastWordCounts(t *testing.T) {
	t.Parallel()
	b, hook := setupHook(t)
	now := time.Now().UTC().Truncate(time.Second)
	say := func(id, text string, at time.Time) {
		t.Helper()
		_, err := b.Callback(t.Context(), "texts", hook.Request(nil, adapters.InboundText{
			ProviderID: id, From: "+447700900123", To: "+447700900999", Text: text, At: at,
		}))
		require.NoError(t, err)
	}
	say("1", "START", now.Add(-time.Minute))
	say("2", "STOP", now.Add(-2*time.Minute)) // sent before, delivered after
	require.Empty(t, b.why(t, "amira", "grace"))
	say("3", "STOP", now.Add(24*time.Hour)) // a provider's clock is not believed beyond ours
	say("2", "STOP", now.Add(-2*time.Minute))
	require.Equal(t, messenger.WhyObjected, b.why(t, "amira", "grace"))
	say("4", "START", time.Time{})
	require.Empty(t, b.why(t, "amira", "grace"))
	say("3", "STOP", now.Add(24*time.Hour)) // a repeat
	require.Empty(t, b.why(t, "amira", "grace"))
	say("5", "STOP", time.Time{})
	require.Equal(t, messenger.WhyObjected, b.why(t, "amira", "grace"))

	grace := adapters.Client{ID: "grace", Name: "Grace Okafor", Phone: "07700 900123", TextsAgreed: time.Now().Add(time.Second)}
	b.clients.Put(north, grace)
	require.Empty(t, b.why(t, "amira", "grace"))
	sent := b.send(t, "amira", sms("grace", "Hello"))
	b.deliver(t, sent.Message.ID, 1)
	require.Equal(t, messenger.DeliverySent, b.message(t, sent.Channel, sent.Message.ID).Delivery.Status)
	grace.Phone = "07700 900199"
	grace.TextsAgreed = time.Time{}
	b.clients.Put(north, grace)
	require.Empty(t, b.why(t, "amira", "grace"), "another number")
	require.Zero(t, count(t, b.pool, "select count(*) from messenger_objections where organisation_id <> 'north'"))
}

// A carrier that refuses because of a STOP tells of the objection: the number is asked no more.
func TestACarriersRefusalIsAnObjection(t *testing.T) {
	t.Parallel()
	for name, refuse := range map[string]func(t *testing.T, b *bundle, hook *memory.Callbacks, sent messenger.Sent){
		"at once": func(t *testing.T, b *bundle, _ *memory.Callbacks, sent messenger.Sent) {
			t.Helper()
			b.sms.FailNext(adapters.ErrObjected)
			b.deliver(t, sent.Message.ID, 1)
		},
		"later": func(t *testing.T, b *bundle, hook *memory.Callbacks, sent messenger.Sent) {
			t.Helper()
			b.work(t)
			eventually(t, func() bool {
				return b.message(t, sent.Channel, sent.Message.ID).Delivery.Status == messenger.DeliverySent
			}, "it is sent")
			id := count1(t, b, "select provider_id from messenger_messages")
			_, err := b.Callback(t.Context(), "texts", hook.Request([]adapters.Receipt{{
				Reference: sent.Message.ID.String(), ProviderID: id, Status: adapters.Failed, Reason: adapters.ErrObjected,
			}}))
			require.NoError(t, err)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b, hook := setupHook(t)
			sent := b.send(t, "amira", sms("grace", "Hello"))
			refuse(t, b, hook, sent)
			eventually(t, func() bool {
				return b.message(t, sent.Channel, sent.Message.ID).Delivery.Reason == messenger.ReasonObjected
			}, "it failed")
			require.Equal(t, messenger.WhyObjected, b.why(t, "ben", "grace"))
			require.Contains(t, b.actions(t, sent.Channel), ":objected")
			require.Equal(t, 1, count(t, b.pool,
				"select count(*) from river_job where kind = 'messenger_tell_host' and args->>'kind' = 'objected'"))
			_, err := b.Send(as(t, "amira"), sms("grace", "Hello"))
			requireCode(t, messenger.CodeObjected, err)
		})
	}
}

// A STOP that is held counts once somebody says whose it is, and for nobody before.
func TestAHeldStop(t *testing.T) {
	t.Parallel()
	hook := memory.NewCallbacks("sms", "a key of the provider's")
	b := setup(t, func(c *messenger.Config) {
		c.Hooks = map[string]messenger.Hook{"texts": {
			Callbacks: hook, Organisation: func(adapters.InboundText) (adapters.OrganisationID, bool) { return "", false },
		}}
	})
	sent := b.send(t, "amira", sms("grace", "Hello"))
	_, err := b.Callback(t.Context(), "texts", hook.Request(nil, adapters.InboundText{
		ProviderID: "1", From: "+447700900123", To: "+447700900999", Text: "STOP",
	}))
	require.NoError(t, err)
	require.Empty(t, b.why(t, "amira", "grace"))
	held, err := b.HeldTexts(t.Context())
	require.NoError(t, err)
	require.NoError(t, b.ReleaseText(t.Context(), held[0].ID, north))
	require.Equal(t, messenger.WhyObjected, b.why(t, "amira", "grace"))
	require.Contains(t, b.actions(t, sent.Channel), ":objected")
}

// The host hears of a STOP from a number that nobody texted, by the text's id; the other organisation is none the wiser.
func TestAStopFromAStranger(t *testing.T) {
	t.Parallel()
	b, text := inbound(t)
	b.work(t)
	b.clients.Put(south, adapters.Client{ID: "south-2", Name: "Sam Roy", Phone: "07700 900150"})
	text("07700900150", "STOP")
	id := only(t, b, "amira").ID
	eventually(t, func() bool {
		for _, event := range b.events.Heard() {
			if event.Kind == "objected" && event.Organisation == north && event.Message == id && event.Channel == uuid.Nil {
				return true
			}
		}
		return false
	}, "the host hears of it")
	b.clients.Put(north, adapters.Client{ID: "stranger", Name: "Sam Roy", Phone: "07700 900150"})
	require.Equal(t, messenger.WhyObjected, b.why(t, "amira", "stranger"))
	require.Empty(t, b.why(t, "esther", "south-2"))
}
