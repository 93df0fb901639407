package messenger_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/adapters/memory"
	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// inbound is a Messenger to which a test can text, without a text yet.
func inbound(t *testing.T, change ...func(*messenger.Config)) (*bundle, func(from, text string)) {
	t.Helper()
	hook := memory.NewCallbacks("sms", "a key of the provider's")
	b := setup(t, append(change, withHook(hook))...)
	n := 0
	return b, func(from, text string) {
		t.Helper()
		n++
		_, err := b.Callback(t.Context(), "texts", hook.Request(nil, adapters.InboundText{
			ProviderID: string(rune('a' + n)), From: from, To: "+447700900999", Text: text,
		}))
		require.NoError(t, err)
	}
}

// only is the one text that an asker's list has.
func only(t *testing.T, b *bundle, staff adapters.StaffID) messenger.Unmatched {
	t.Helper()
	page, err := b.Unmatched(as(t, staff), messenger.PageParams{})
	require.NoError(t, err)
	require.Len(t, page.Items, 1)
	return page.Items[0]
}

// A restricted client's number is nobody's to read, and their words are for who may act in the channel that texted them:
// whoever else looks sees that there is a text.
func TestARestrictedClientsTextIsTheirs(t *testing.T) {
	t.Parallel()
	b, text := inbound(t)
	b.clients.Put(north, adapters.Client{ID: "refuge", Name: "Mohammed Begum", Phone: "07700 900103", DateOfBirth: "1990-01-02", Restricted: true})
	b.staff.Add(adapters.Member{ID: "fay", Name: "Fay Grant", Organisation: north, SortsTexts: true})
	p := sms("refuge", "Please ring.")
	p.Override = "safety plan"
	sent := b.send(t, "amira", p)
	text("+447700900103", "I am at the refuge in Leeds")
	for who, reads := range map[adapters.StaffID]bool{
		"amira": true, "ben": true, "chloe": false, "dev": false, "fay": false,
	} {
		seen := only(t, b, who)
		require.NotContains(t, seen.From, "900", who)
		require.Equal(t, reads, seen.MayAssign, who)
		if reads {
			require.Equal(t, "•••103", seen.From, who)
			require.Equal(t, "I am at the refuge in Leeds", seen.Body, who)
			require.Equal(t, sent.Channel.ID, seen.Candidates[0].Channel, who)
			continue
		}
		require.Empty(t, seen.From, who)
		require.Empty(t, seen.Body, who)
		require.Empty(t, seen.Candidates, who)
		require.Equal(t, "+447700900999", seen.To, who)
		_, err := b.Assign(as(t, who), seen.ID, messenger.AssignParams{Client: "phone", Reason: "A guess"})
		requireCode(t, messenger.CodeNotFound, err)
	}
	for _, from := range []string{
		"447700900103", "07700900103", "7700900103", "00447700900103", "+44 (0)7700 900103", "tel:+447700900103",
		"07700-900-103", "\u202a+447700900103\u202c", "+44\u00a07700\u00a0900103", "+4407700900103",
	} {
		text(from, "I am at the refuge in Leeds")
	}
	for who, reads := range map[adapters.StaffID]bool{"amira": true, "chloe": false, "fay": false} {
		page, err := b.Unmatched(as(t, who), messenger.PageParams{})
		require.NoError(t, err)
		for _, seen := range page.Items {
			require.Equal(t, reads, seen.Body != "", "%s: a number of any notation is theirs", who)
			require.Equal(t, map[bool]string{true: "•••103"}[reads], seen.From, who)
		}
	}
}

// A number from which a text was put into a channel is that client's from then on, though nothing went there: the next
// text is theirs, by all the rules for the numbers that texts went to, until the first is taken out again.
func TestANumberIsWhoseTextsWereAssigned(t *testing.T) {
	t.Parallel()
	waiting := messenger.AttentionParams{Reason: messenger.AttentionUnmatched}
	assigned := func(
		t *testing.T, restricted bool,
	) (*bundle, func(from, text string), messenger.Unmatched, messenger.Message) {
		t.Helper()
		b, text := inbound(t)
		b.clients.Put(north, adapters.Client{
			ID: "refuge", Name: "Mohammed Begum", Email: "m@example.org", DateOfBirth: "1990-01-02", Restricted: restricted,
		})
		p := email("refuge", "Please ring.")
		p.Override = "safety plan"
		sent := b.send(t, "amira", p)
		text("+447700900150", "This is my new number")
		first := only(t, b, "amira")
		message, err := b.Assign(as(t, "amira"), first.ID,
			messenger.AssignParams{Channel: sent.Channel.ID, Reason: "He rang"})
		require.NoError(t, err)
		return b, text, first, message
	}
	t.Run("restricted", func(t *testing.T) {
		t.Parallel()
		b, text, first, message := assigned(t, true)
		text("+447700900150", "I am at the refuge in Leeds")
		text("+447700900151", "Another's")
		for who, reads := range map[adapters.StaffID]bool{"amira": true, "ben": true, "chloe": false, "dev": false} {
			page, err := b.Unmatched(as(t, who), messenger.PageParams{})
			require.NoError(t, err)
			require.Len(t, page.Items, 2)
			seen := page.Items[1]
			require.Equal(t, reads, seen.MayAssign, who)
			require.Equal(t, reads, seen.Body != "", who)
			require.Equal(t, map[bool]string{true: "•••150"}[reads], seen.From, who)
			require.Equal(t, reads, len(seen.Candidates) == 1 && seen.Candidates[0].Channel == message.Channel, who)
		}
		counted := func(who adapters.StaffID) int {
			page, err := b.Attention(as(t, who), waiting)
			require.NoError(t, err)
			return len(page.Items)
		}
		require.Equal(t, 2, counted("amira"))
		_, err := b.Unassign(as(t, "amira"), first.ID, "It was not his")
		require.NoError(t, err)
		page, err := b.Unmatched(as(t, "dev"), messenger.PageParams{})
		require.NoError(t, err)
		require.Len(t, page.Items, 3)
		for _, seen := range page.Items {
			require.NotEmpty(t, seen.Body, "it is nobody's number again")
		}
	})
	t.Run("not restricted", func(t *testing.T) {
		t.Parallel()
		b, text, _, message := assigned(t, false)
		text("+447700900150", "Can we meet?")
		require.Equal(t, message.Channel, only(t, b, "amira").Candidates[0].Channel)
		require.Equal(t, "Can we meet?", only(t, b, "ben").Body)
		require.Empty(t, only(t, b, "dev").Body, "it is not for who sorts texts any more")
	})
	t.Run("who does not sort texts", func(t *testing.T) {
		t.Parallel()
		b, text, _, message := assigned(t, false)
		b.staff.Add(adapters.Member{ID: "fay", Name: "Fay Grant", Organisation: north, SortsTexts: true})
		_, err := b.Unmatched(as(t, "fay"), messenger.PageParams{})
		require.NoError(t, err)
		b.live(t)
		told := func(events <-chan messenger.LiveEvent, want int) {
			t.Helper()
			for *until(t, events, "unmatched").Unmatched != want {
			}
		}
		amira, looks := subscribe(t, b, "amira", "", ""), subscribe(t, b, "ben", "amira", "")
		text("+447700900150", "Can we meet?")
		told(amira, 1)
		text("+447700900151", "Another's")
		counts := func(want map[adapters.StaffID]int) {
			for who, n := range want {
				me, err := b.Me(as(t, who))
				require.NoError(t, err)
				require.Equal(t, n, me.UnmatchedCount, who)
				page, err := b.Attention(as(t, who), waiting)
				require.NoError(t, err)
				require.Len(t, page.Items, n, who)
			}
		}
		counts(map[adapters.StaffID]int{"amira": 1, "dev": 0, "fay": 2})
		b.staff.Share("dev", adapters.Inbox{Staff: "amira", MayAct: true})
		from := b.Now(t.Context()).Add(-time.Hour)
		_, err = b.SetAbsence(as(t, "amira"), "amira", messenger.AbsenceParams{From: from, Cover: "dev"})
		require.NoError(t, err)
		counts(map[adapters.StaffID]int{"amira": 1, "dev": 1, "fay": 2})
		dev, fay := subscribe(t, b, "dev", "", ""), subscribe(t, b, "fay", "", "")
		text("+447700900150", "Are you there?")
		told(dev, 2)
		told(amira, 2)
		told(fay, 3)
		counts(map[adapters.StaffID]int{"amira": 2, "dev": 2, "fay": 3})
		page, err := b.Unmatched(as(t, "dev"), messenger.PageParams{})
		require.NoError(t, err)
		latest := page.Items[0].ID
		_, err = b.Assign(as(t, "dev"), latest, messenger.AssignParams{Channel: message.Channel, Reason: "He rang"})
		require.NoError(t, err)
		told(dev, 1)
		_, err = b.Unassign(as(t, "amira"), latest, "")
		require.NoError(t, err)
		told(dev, 2)
		for event := next(t, looks); event.Message == nil; event = next(t, looks) {
			require.NotEqual(t, "unmatched", event.Kind, "whose inbox it is not, nor covers it")
		}
	})
}

// One number of two clients, one of them restricted, is as the restricted one's: the words may be theirs. So is the number
// of a client whom the asker's directory does not show.
func TestANumberSharedWithARestrictedClient(t *testing.T) {
	t.Parallel()
	for name, other := range map[string]func(b *bundle){
		"restricted": func(b *bundle) {
			b.clients.Put(north, adapters.Client{ID: "partner", Name: "Rosa Lind", Phone: "07700 900123", Restricted: true})
		},
		"hidden": func(b *bundle) {
			b.clients.MaySee = func(ctx context.Context, _ adapters.OrganisationID, client adapters.Client) bool {
				_, err := b.staff.Current(ctx)
				return err != nil || client.ID != "partner"
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b, text := inbound(t)
			b.clients.Put(north, adapters.Client{ID: "partner", Name: "Rosa Lind", Phone: "07700 900123"})
			b.send(t, "dev", sms("grace", "Hello Grace"))
			theirs := b.send(t, "amira", sms("partner", "Hello Rosa"))
			text("+447700900123", "It is me")
			require.Equal(t, "It is me", only(t, b, "dev").Body, "his client's, perhaps")
			require.Len(t, only(t, b, "dev").Candidates, 1, "of amira's inbox he knows nothing")
			require.Equal(t, "+447700900123", only(t, b, "dev").From)
			other(b)
			seen := only(t, b, "dev")
			require.Empty(t, seen.Body)
			require.Empty(t, seen.From)
			require.Len(t, seen.Candidates, 1)
			require.NotEqual(t, theirs.Channel.ID, seen.Candidates[0].Channel)
			require.Equal(t, "•••123", only(t, b, "amira").From)
			require.Equal(t, "It is me", only(t, b, "amira").Body, "she may act for both")
		})
	}
}

// The text of a client whom the directory has no more is for who sorts texts, beside the owner of their thread: else
// nobody would read it once the owner has left. Their number stays masked, since nobody can tell whether they were
// restricted.
func TestTheTextOfARemovedClientIsRead(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(b *bundle)
		reads  []adapters.StaffID
	}{
		"removed": {
			func(b *bundle) { b.clients.Remove(north, "partner") }, []adapters.StaffID{"amira", "ben", "dev"},
		},
		"removed, and the owner left": {
			func(b *bundle) {
				b.clients.Remove(north, "partner")
				b.staff.Remove("amira")
			},
			[]adapters.StaffID{"ben", "dev"},
		},
		"removed, and another given the sorting": {
			func(b *bundle) {
				b.clients.Remove(north, "partner")
				b.staff.Add(adapters.Member{ID: "fay", Name: "Fay Grant", Organisation: north, SortsTexts: true})
				_, _ = b.Unmatched(memory.SignIn(context.Background(), "fay"), messenger.PageParams{})
			},
			[]adapters.StaffID{"amira", "fay"},
		},
		"hidden from all but the owner": {
			func(b *bundle) {
				b.clients.MaySee = func(ctx context.Context, _ adapters.OrganisationID, client adapters.Client) bool {
					_, err := b.staff.Current(ctx)
					return err != nil || client.ID != "partner"
				}
			},
			[]adapters.StaffID{"amira"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b, text := inbound(t)
			b.clients.Put(north, adapters.Client{ID: "partner", Name: "Rosa Lind", Phone: "07700 900123"})
			b.send(t, "amira", sms("partner", "Hello Rosa"))
			text("+447700900123", "I can't breathe")
			c.change(b)
			var reads []adapters.StaffID
			for _, who := range []adapters.StaffID{"amira", "ben", "chloe", "dev", "fay"} {
				page, err := b.Unmatched(as(t, who), messenger.PageParams{})
				if messenger.CodeOf(err) == messenger.CodeNotSignedIn {
					continue
				}
				require.NoError(t, err)
				seen := page.Items[0]
				require.Equal(t, map[bool]string{true: "•••123"}[seen.MayAssign], seen.From, who)
				if seen.MayAssign {
					require.Equal(t, "I can't breathe", seen.Body)
					reads = append(reads, who)
				}
			}
			require.Equal(t, c.reads, reads)
			last := reads[len(reads)-1]
			_, err := b.Assign(as(t, last), only(t, b, last).ID, messenger.AssignParams{Client: "phone", Reason: "They rang"})
			require.NoError(t, err)
		})
	}
}

// A text that a channel claims is for who may act there, and any other for who sorts texts: whoever may send them, until
// the host gives it to somebody.
func TestWhoSortsTexts(t *testing.T) {
	t.Parallel()
	b, text := inbound(t)
	text("+447700900777", "Who is it?")
	reads := func() (who []adapters.StaffID) {
		for _, staff := range []adapters.StaffID{"amira", "ben", "chloe", "dev", "fay"} {
			if only(t, b, staff).MayAssign {
				require.Equal(t, "Who is it?", only(t, b, staff).Body)
				who = append(who, staff)
				continue
			}
			require.Empty(t, only(t, b, staff).Body)
		}
		return who
	}
	fay := adapters.Member{ID: "fay", Name: "Fay Grant", Organisation: north}
	b.staff.Add(fay)
	require.Equal(t, []adapters.StaffID{"amira", "ben", "dev"}, reads())
	fay.SortsTexts = true
	b.staff.Add(fay)
	b.staff.Add(adapters.Member{ID: "gus", Name: "Gus Hill", Organisation: south, SortsTexts: true})
	_, err := b.Unmatched(as(t, "gus"), messenger.PageParams{})
	require.NoError(t, err)
	require.Equal(t, []adapters.StaffID{"amira", "ben", "dev", "fay"}, reads(), "she had not been seen")
	require.Equal(t, []adapters.StaffID{"fay"}, reads())
	other := b.with(t, func(*messenger.Config) {}) // another process
	require.False(t, only(t, other, "dev").MayAssign)
	fay.SortsTexts = false
	b.staff.Add(fay)
	reads()
	require.Equal(t, []adapters.StaffID{"amira", "ben", "dev"}, reads(), "nobody has it any more")
}

// Into a channel that never texted that number it goes with a reason alone, which the history keeps.
func TestAssigningAsksForAReason(t *testing.T) {
	t.Parallel()
	b, text := inbound(t)
	grace, piotr := b.send(t, "amira", sms("grace", "Hello")), b.send(t, "amira", email("sian", "Hello"))
	text("+447700900123", "Thank you")
	id := only(t, b, "amira").ID
	for _, reason := range []string{"", " ", "\u200b\n"} {
		_, err := b.Assign(as(t, "amira"), id, messenger.AssignParams{Channel: piotr.Channel.ID, Reason: reason})
		requireCode(t, messenger.CodeConfirmationRequired, err)
		_, err = b.Assign(as(t, "amira"), id, messenger.AssignParams{Client: "phone", Reason: reason})
		requireCode(t, messenger.CodeConfirmationRequired, err)
	}
	require.Equal(t, id, only(t, b, "amira").ID, "nothing was done")
	require.Equal(t, 2, count(t, b.pool, "select count(*) from messenger_channels"))
	_, err := b.Assign(as(t, "amira"), id, messenger.AssignParams{Channel: grace.Channel.ID})
	require.NoError(t, err)
	_, err = b.Unassign(as(t, "amira"), id, "")
	require.NoError(t, err)
	message, err := b.Assign(as(t, "amira"), id, messenger.AssignParams{Channel: piotr.Channel.ID, Reason: " Her son wrote "})
	require.NoError(t, err)
	history, err := b.History(as(t, "amira"), piotr.Channel.ID, messenger.PageParams{})
	require.NoError(t, err)
	require.Equal(t, messenger.ActionAssigned, history.Items[0].Action)
	require.Equal(t, "Her son wrote", history.Items[0].Note)
	require.Equal(t, message.ID, history.Items[0].Message)
}

// plainHook reads what a provider sends as it is, as an adapter of a host's own may.
type plainHook struct{ text adapters.InboundText }

func (h *plainHook) Callback(adapters.CallbackRequest) (adapters.Callback, error) {
	return adapters.Callback{Inbound: []adapters.InboundText{h.text}}, nil
}

// A restricted client decides for all who share their number, however many were texted there since, and however a
// provider writes it.
func TestAManyTimesSharedNumberIsGuarded(t *testing.T) {
	t.Parallel()
	hook := &plainHook{}
	b := setup(t, func(c *messenger.Config) {
		c.Hooks = map[string]messenger.Hook{"texts": {Callbacks: hook, Organisation: messenger.AllTextsFor(north)}}
	})
	b.clients.Put(north, adapters.Client{
		ID: "secret", Name: "Rosa Lind", DateOfBirth: "1990-01-02", Phone: "07700 900160", Restricted: true,
	})
	p := sms("secret", "Please ring.")
	p.Override = "safety plan"
	b.send(t, "amira", p)
	for i := range 11 {
		id := adapters.ClientID(fmt.Sprint("resident-", i))
		b.clients.Put(north, adapters.Client{ID: id, Name: fmt.Sprint("Resident ", i), Phone: "+44 7700 900160"})
		for range 25 {
			b.send(t, "dev", sms(id, "Hello"))
		}
	}
	for i, from := range []string{"+447700900160", "447700900160", "07700 900160", "0044 7700 900160"} {
		hook.text = adapters.InboundText{
			ProviderID: fmt.Sprint(i), From: from, To: "+447700900999", Text: "I am at the refuge in Leeds",
		}
		_, err := b.Callback(t.Context(), "texts", adapters.CallbackRequest{})
		require.NoError(t, err)
	}
	for _, who := range []adapters.StaffID{"dev", "chloe"} {
		page, err := b.Unmatched(as(t, who), messenger.PageParams{})
		require.NoError(t, err)
		require.Len(t, page.Items, 4)
		for _, text := range page.Items {
			require.Empty(t, text.From, who)
			require.Empty(t, text.Body, who)
			require.False(t, text.MayAssign)
			require.LessOrEqual(t, len(text.Candidates), 10)
			for _, c := range text.Candidates {
				require.NotEqual(t, adapters.ClientID("secret"), c.Client)
			}
		}
	}
	own, err := b.Unmatched(as(t, "amira"), messenger.PageParams{})
	require.NoError(t, err)
	require.Equal(t, "•••160", own.Items[0].From)
	require.NotEmpty(t, own.Items[0].Body)
}
