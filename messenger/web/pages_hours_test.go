package web_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/adapters/memory"
	"github.com/cmsmessenger/cmsmessenger/calendar"
	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// spoken is a page's text as a client reads it.
func spoken(page answer) string {
	return strings.NewReplacer("<bdi>", "", "</bdi>", "").Replace(page.body)
}

// The page says who reads a reply and by when, as the organisation's calendar has it, and outside hours says so once.
func TestThePageSpeaksByTheCalendar(t *testing.T) {
	t.Parallel()
	always := map[time.Weekday][]calendar.Interval{}
	for day := time.Sunday; day <= time.Saturday; day++ {
		always[day] = []calendar.Interval{{From: 0, Until: 24 * time.Hour}}
	}
	for name, c := range map[string]struct {
		now    string // in UTC
		change func(*adapters.Organisation)
		says   string
		closed string // "" within working hours
	}{
		"two hours are over today": {"2026-12-01T14:00:00Z", func(o *adapters.Organisation) {
			o.ReadWithin = 2 * time.Hour
		}, "reads replies until 5pm today.", ""},
		"a working day is over tomorrow": {"2026-12-01T14:00:00Z", nil, "reads replies by Wednesday 2 December, 5pm.", ""},
		"as the day begins":              {"2026-12-01T09:00:00Z", nil, "reads replies until 5pm today.", ""},
		"before the day begins": {
			"2026-12-01T07:59:00Z", nil, "reads replies until 5pm today.",
			"They begin again on Tuesday 1 December at 9am.",
		},
		"on a Friday evening": {
			"2026-12-04T18:00:00Z", nil, "reads replies by Monday 7 December, 5pm.",
			"They begin again on Monday 7 December at 9am.",
		},
		"over Christmas, when Boxing Day is kept on Monday": {
			"2026-12-24T16:59:00Z", nil,
			"reads replies by Tuesday 29 December, 5pm.", "",
		},
		"Scotland works on Easter Monday": {"2027-03-25T17:30:00Z", func(o *adapters.Organisation) {
			o.Calendar.Division = calendar.Scotland
		}, "reads replies by Monday 29 March, 5pm.", "They begin again on Monday 29 March at 9am."},
		"by the clocks of the summer": {"2026-07-01T08:00:00Z", nil, "reads replies until 5pm today.", ""},
		"at half past": {"2026-12-01T08:00:00Z", func(o *adapters.Organisation) {
			o.Calendar.Week = map[time.Weekday][]calendar.Interval{time.Tuesday: {{From: 8 * time.Hour, Until: 17*time.Hour + 30*time.Minute}}}
		}, "reads replies until 5:30pm today.", ""},
		"at midday": {"2026-12-01T08:00:00Z", func(o *adapters.Organisation) {
			o.Calendar.Week = map[time.Weekday][]calendar.Interval{time.Tuesday: {{From: 8 * time.Hour, Until: 12 * time.Hour}}}
			o.ReadWithin = time.Hour
		}, "reads replies until midday today.", ""},
		"day and night": {"2026-12-05T21:00:00Z", func(o *adapters.Organisation) {
			o.Calendar.Week, o.Calendar.Division, o.ReadWithin = always, calendar.NoBankHolidays, time.Hour
		}, "reads replies until midnight today.", ""},
		"a calendar that can't be is the usual one": {"2026-12-01T09:00:00Z", func(o *adapters.Organisation) {
			o.Calendar.Week, o.ReadWithin = map[time.Weekday][]calendar.Interval{}, -time.Hour
		}, "reads replies until 5pm today.", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			now, err := time.Parse(time.RFC3339, c.now)
			require.NoError(t, err)
			w := setup(t, func(config *messenger.Config) { config.Now = func() time.Time { return now } })
			th := w.newThread(t)
			if c.change != nil {
				w.changed(t, c.change)
			}
			address := w.url + "/m/r/" + th.token
			page := spoken(call(t, "", http.MethodGet, address, ""))
			require.Contains(t, page, "Amira Shah at North Social Prescribing "+c.says)
			require.Equal(t, 1, strings.Count(page, "reads replies"))
			before, _, _ := strings.Cut(page, "<textarea")
			if c.closed == "" {
				require.NotContains(t, page, "outside our working hours")
			} else {
				require.Contains(t, before, "It is outside our working hours. "+c.closed)
				require.Equal(t, 1, strings.Count(page, "outside our working hours"), "once")
			}
			receipt := spoken(call(t, "", http.MethodGet, address+"?sent="+th.reply.ID.String(), ""))
			require.Contains(t, receipt, c.says)
			require.NotContains(t, receipt, "outside our working hours")
		})
	}
}

// The same form sent again shows the receipt, which says when the reply was read once it is.
func TestAReceiptSaysWhenItWasRead(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 7, 1, 10, 0, 0, 0, time.UTC)
	w := setup(t, func(c *messenger.Config) { c.Now = func() time.Time { return now } })
	th := w.newThread(t)
	address := w.url + "/m/r/" + th.token
	form := map[string]string{"key": "a-form-of-ten", "reply": "Thank you"}
	opened := func() string {
		sent := post(t, address, form)
		require.Equal(t, 303, sent.status, sent.body)
		return spoken(call(t, "", http.MethodGet, address+sent.header.Get("Location"), ""))
	}
	receipt := opened()
	require.Contains(t, receipt, "reads replies by Thursday 2 July, 5pm.")
	require.NotContains(t, receipt, "read 1")
	now = now.Add(32 * time.Hour)
	require.NotContains(t, opened(), "reads replies", "what was promised is over, and is not promised again")
	now = time.Date(2026, 7, 3, 13, 5, 0, 0, time.UTC)
	amira := memory.SignIn(t.Context(), "amira")
	page, err := w.Messages(amira, th.channel.ID, messenger.PageParams{})
	require.NoError(t, err)
	require.NoError(t, w.Read(amira, th.channel.ID, page.Items[0].ID, false))
	receipt = opened()
	require.Contains(t, receipt, "It was read 14:05 on 3 July 2026.", "by the organisation's clocks")
	require.NotContains(t, receipt, "reads replies")
	require.Len(t, w.replies(t, th), 2, "sent three times, kept once")
	w.changed(t, func(o *adapters.Organisation) {
		o.TimeZone, o.Words = "America/New_York", map[string]string{"sent_read": "Darllenwyd {read_at}."}
	})
	require.Contains(t, opened(), "Darllenwyd 09:05.")
}

// Who writes to a restricted client is named nowhere on their page.
func TestARestrictedClientsPageNamesNobody(t *testing.T) {
	t.Parallel()
	w := setup(t)
	th := w.newThread(t)
	w.clients.Put(north, adapters.Client{ID: th.client, Name: "Grace Okafor", Email: "grace@example.org", Restricted: true})
	for _, path := range []string{"", "?sent=" + th.reply.ID.String()} {
		page := spoken(call(t, "", http.MethodGet, w.url+"/m/r/"+th.token+path, ""))
		require.Contains(t, page, "Replies to North Social Prescribing are read ")
		require.NotContains(t, page, "Amira")
		require.NotContains(t, page, "reads replies")
		require.NotContains(t, page, "Your reply goes to", "it would name the organisation twice, or nobody")
	}
}

// Whom the reply goes to, who reads it meanwhile and who wrote are three people's names.
func TestThePageKeepsItsNamesApart(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.checkDateOfBirth(t, "")
	th := w.newThread(t)
	w.exec(t, "update messenger_messages set delivery_status = 'sent', sent_at = created_at, author_name = 'Dev Patel' "+
		"where id = $1", th.sent.ID)
	amira := memory.SignIn(t.Context(), "amira")
	_, err := w.SetAbsence(amira, "amira", messenger.AbsenceParams{From: w.Now(amira), Cover: "ben"})
	require.NoError(t, err)
	page := spoken(post(t, w.url+"/m/r/"+th.token, date("29", "2", "1984", "show")))
	require.Contains(t, page, "Your reply goes to Amira Shah at North Social Prescribing.")
	require.Contains(t, page, "Ben Hughes at North Social Prescribing reads replies")
	require.Contains(t, page, "Message from Dev Patel, ")
}

// Staff see what the client is told, and when working hours come next.
func TestAnOpenedChannelSaysByWhenItIsRead(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ now, at, until, next string }{
		"within hours":    {"2026-12-01T14:00:00Z", "2026-12-02T17:00:00Z", "2026-12-01T17:00:00Z", "2026-12-02T09:05:00Z"},
		"on Friday night": {"2026-12-04T18:00:00Z", "2026-12-07T17:00:00Z", "", "2026-12-07T09:05:00Z"},
		"in summer":       {"2026-07-01T18:00:00Z", "2026-07-02T16:00:00Z", "", "2026-07-02T08:05:00Z"},
		"early":           {"2026-12-01T08:00:00Z", "2026-12-01T17:00:00Z", "", "2026-12-01T09:05:00Z"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			now, err := time.Parse(time.RFC3339, c.now)
			require.NoError(t, err)
			w := setup(t, func(config *messenger.Config) { config.Now = func() time.Time { return now } })
			th := w.newThread(t)
			opened := w.get(t, "amira", "/channels/"+th.channel.ID.String())
			require.Equal(t, object{"staff_name": "Amira Shah", "at": c.at}, opened["read_by_when"])
			working := object{"next_send_at": c.next}
			if c.until != "" {
				working["until"] = c.until
			}
			require.Equal(t, working, opened["working_hours"])
			require.Equal(t, working, w.get(t, "amira", "/clients/"+string(th.client))["working_hours"])
		})
	}
}
