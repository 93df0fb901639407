package seen

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/adapters/memory"
	"github.com/cmsmessenger/cmsmessenger/messenger"
	"github.com/cmsmessenger/cmsmessenger/messenger/web"
	"github.com/cmsmessenger/cmsmessenger/messengertest"
)

var refusal = adapters.ErrWrongContact //nolint:gochecknoglobals // a sentinel

// marks are what nobody else writes: names, addresses, numbers, and the words of staff and clients.
func marks() map[string]string {
	return map[string]string{
		"name": "Quillfeather Marrowby", "first name": "Quillfeather", "NHS number": "9990019762", "address": "quillfeather@",
		"number": "7700900777", "date of birth": "1947-11-23", "staff's name": "Zephyrine Oldacre",
		"subject": "subjectmark", "words": "wordmark", "reply": "replymark", "note": "notemark", "search": "searchmark",
		"override": "overridemark", "text": "textmark", "template": "templatemark",
		"sms": "smsmark", "private": "privatemark", "draft": "draftmark", "broadcast": "broadcastmark",
		"handover": "handovermark", "assigned": "assignedmark",
	}
}

// No word, name, number, address or token comes into a log, a span, a metric or a job, whichever way a message goes and
// whatever goes wrong.
func TestNothingToldHoldsAWord(t *testing.T) {
	t.Parallel()
	hook := memory.NewCallbacks("sms", "a key for callbacks")
	panics := &panicky{}
	s := newSeeing(t, panics.put, func(c *messenger.Config) {
		c.Hooks = map[string]messenger.Hook{
			"sms": {Callbacks: hook, Organisation: messenger.AllTextsFor(messengertest.Organisation)},
		}
	})
	mark := marks()
	s.Clients.Put(messengertest.Organisation, adapters.Client{
		ID: "marked", Name: mark["name"], FirstName: mark["first name"], NHSNumber: mark["NHS number"],
		DateOfBirth: mark["date of birth"], Email: mark["address"] + "example.org", Phone: "0" + mark["number"],
	})
	s.Staff.Add(adapters.Member{
		ID: messengertest.Amira, Name: mark["staff's name"], Organisation: messengertest.Organisation,
		Manages: true, Exports: true, Media: []adapters.Medium{adapters.Email, adapters.SMS},
	})
	var tokens []string
	for _, fault := range []error{
		nil, adapters.ErrWrongContact, adapters.ErrWrongContent, adapters.ErrConfiguration, adapters.ErrNotSent,
		adapters.ErrObjected, &adapters.RateLimitError{}, errors.New("connection reset"),
	} {
		if fault != nil {
			s.Email.FailNext(fault)
			s.Record.FailNext(fault)
			s.Events.FailNext(fault)
		}
		sent := s.Send(messenger.SendParams{
			Client: "marked", Medium: adapters.Email, Subject: mark["subject"], Body: mark["words"],
			Override: mark["override"],
		})
		s.Settle()
		opened, err := s.Channel(s.As(messengertest.Amira), sent.Channel.ID)
		require.NoError(t, err)
		tokens = append(tokens, path.Base(opened.ReplyLink))
		if fault != nil {
			s.Record.FailNext(fault)
		}
		s.Reply(sent.Channel, mark["reply"])
		s.Settle()
	}
	s.Clients.FailNext(errors.New("the directory is down"))
	_, err := s.Messenger.Send(s.As(messengertest.Amira), messenger.SendParams{
		Client: "marked", Medium: adapters.SMS, Body: mark["words"],
	})
	require.Error(t, err)
	s.byHTTP(t, mark)
	s.byDatabase(t, mark)
	s.byPanics(t, mark, panics)
	s.byStaff(t, mark)
	text := hook.Request(nil, adapters.InboundText{
		ProviderID: "one", From: "+44" + mark["number"], To: "+447700900999", Text: mark["text"], At: time.Now(),
	})
	_, err = s.Callback(t.Context(), "sms", text)
	require.NoError(t, err)
	s.Settle()
	s.reached(t, mark)
	s.byOthers(t, mark, tokens[len(tokens)-1])

	told := strings.ToLower(s.told())
	require.Greater(t, strings.Count(told, "messenger_deliver"), 8, "there is something to look at")
	require.Contains(t, told, "a message was not sent")
	for what, word := range mark {
		require.NotContains(t, told, strings.ToLower(word), what)
	}
	for _, token := range tokens {
		require.NotContains(t, told, strings.ToLower(token), "a token")
	}
}

// staff is the API as Amira has it who is signed in.
func (s *seeing) staff() http.Handler {
	signedIn := memory.SignedIn(func(*http.Request) adapters.StaffID { return messengertest.Amira })
	return signedIn(web.StaffHandler(s.Messenger))
}

// byStaff writes what staff write beside plain messages, each in its place.
func (s *seeing) byStaff(t *testing.T, mark map[string]string) {
	t.Helper()
	sent := s.Send(messenger.SendParams{Client: "marked", Medium: adapters.SMS, Body: mark["sms"]})
	s.Send(messenger.SendParams{
		Client: "marked", Medium: adapters.Email, Subject: mark["subject"], Body: mark["private"], Private: true,
	})
	staff := s.staff()
	channel := "/channels/" + sent.Channel.ID.String()
	for i, request := range []struct {
		method, path, body string
		status             int
	}{
		{"POST", channel + "/notes", `{"kind":"note","text":"` + mark["note"] + `","file":true}`, 201},
		{"PUT", "/clients/marked/draft", `{"medium":"sms","body":"` + mark["draft"] + `"}`, 200},
		{"POST", "/templates", `{"scope":"own","medium":"sms","title":"` + mark["template"] + `","body":"Hello"}`, 201},
		{"GET", "/clients/marked/export", "", 200},
		{"POST", "/broadcasts", `{"medium":"sms","body":"` + mark["broadcast"] + `","reply_link":false,` +
			`"client_ids":["marked"]}`, 202},
		{"POST", channel + "/handover", `{"to":"ben","take_unread":true,"note":"` + mark["handover"] + `"}`, 200},
	} {
		r := httptest.NewRequest(request.method, request.path, strings.NewReader(request.body))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Idempotency-Key", "act-"+strconv.Itoa(i))
		w := httptest.NewRecorder()
		staff.ServeHTTP(w, r)
		require.Equal(t, request.status, w.Code, "%s %s: %s", request.method, request.path, w.Body)
	}
}

// byOthers is what becomes of it all: proofs of a client, a text put with them and taken out again, a client who is
// another, and a colleague who leaves.
func (s *seeing) byOthers(t *testing.T, mark map[string]string, token string) {
	t.Helper()
	amira := s.As(messengertest.Amira)
	born := strings.Split(mark["date of birth"], "-")
	_, err := s.ProveDateOfBirth(t.Context(), token, messenger.DateOfBirth{Day: born[2], Month: born[1], Year: "1948"})
	require.Error(t, err)
	proof, err := s.ProveDateOfBirth(t.Context(), token,
		messenger.DateOfBirth{Day: born[2], Month: born[1], Year: born[0]})
	require.NoError(t, err)
	asked, err := s.Messenger.Send(amira, messenger.SendParams{
		Client: "marked", Medium: adapters.Email, Subject: mark["subject"], Body: mark["words"],
		Expects: messenger.ExpectsAcknowledgement, ExpectBy: time.Now().AddDate(0, 0, 3).Format(time.DateOnly),
	})
	require.NoError(t, err)
	s.Settle()
	_, err = s.Remind(amira, asked.Message.ID)
	require.NoError(t, err)
	s.Settle()
	require.NoError(t, s.Acknowledge(t.Context(), token, proof))
	texts, err := s.Unmatched(amira, messenger.PageParams{})
	require.NoError(t, err)
	require.NotEmpty(t, texts.Items)
	_, err = s.Assign(amira, texts.Items[0].ID, messenger.AssignParams{Client: "marked", Reason: mark["assigned"]})
	require.NoError(t, err)
	s.Settle()
	_, err = s.Unassign(amira, texts.Items[0].ID, mark["assigned"])
	require.NoError(t, err)
	s.Clients.Put(messengertest.Organisation, adapters.Client{ID: "same", Name: mark["name"], Phone: "0" + mark["number"]})
	require.NoError(t, s.ClientMerged(t.Context(), messengertest.Organisation, "marked", "same"))
	require.NoError(t, s.StaffLeft(t.Context(), messengertest.Organisation, messengertest.Amira, ""))
	s.Settle()
}

// reached holds that the marks were written where they belong, so that they could be told at all.
func (s *seeing) reached(t *testing.T, mark map[string]string) {
	t.Helper()
	for table, kinds := range map[string][]string{
		"messenger_messages":          {"subject", "words", "reply", "sms", "private", "broadcast"},
		"messenger_notes":             {"note"},
		"messenger_history":           {"handover"},
		"messenger_drafts":            {"draft"},
		"messenger_template_versions": {"template"},
		"messenger_unmatched":         {"text", "number"},
		"messenger_channels":          {"name"},
	} {
		for _, kind := range kinds {
			var there bool
			require.NoError(t, s.Config.Pool.QueryRow(t.Context(),
				"select exists (select from "+table+" x where to_jsonb(x)::text like '%'||$1||'%')", mark[kind]).Scan(&there))
			require.True(t, there, "%s is in %s", kind, table)
		}
	}
	require.Contains(t, s.SMS.Outbox()[0].To, mark["number"])
}

// byHTTP asks what holds words in its URL or its body, well and badly.
func (s *seeing) byHTTP(t *testing.T, mark map[string]string) {
	t.Helper()
	staff := s.staff()
	public := web.PublicHandler(s.Messenger)
	for _, request := range []struct{ method, path, body string }{
		{"GET", "/clients?q=" + url.QueryEscape(mark["name"]), ""},
		{"GET", "/inboxes/amira/channels?q=" + mark["search"], ""},
		{"POST", "/clients/marked/messages", `{"medium":"` + mark["words"] + `","body":"` + mark["words"] + `"}`},
		{"POST", "/clients/marked/messages", `{"` + mark["words"]},
		{"POST", "/clients/" + mark["words"] + "/messages", `{"medium":"sms","body":"x"}`},
		{"GET", "/nowhere/" + mark["words"], ""},
	} {
		r := httptest.NewRequest(request.method, request.path, strings.NewReader(request.body))
		r.Header.Set("Content-Type", "application/json")
		staff.ServeHTTP(httptest.NewRecorder(), r)
	}
	form := url.Values{"reply": {mark["reply"]}}.Encode()
	for _, place := range []string{"/r/" + mark["words"], "/hooks/sms", "/hooks/" + mark["words"]} {
		r := httptest.NewRequest(http.MethodPost, place, strings.NewReader(form))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		public.ServeHTTP(httptest.NewRecorder(), r)
	}
}
