package web_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/adapters/memory"
	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// Unknown, malformed, off and replaced links are one page, for every method, before anything else is looked at.
func TestLinkThatDoesNotWork(t *testing.T) {
	t.Parallel()
	w := setup(t)
	amira := memory.SignIn(t.Context(), "amira")
	off, replaced := w.newThread(t), w.newThread(t)
	_, err := w.SetReplies(amira, off.channel.ID, false)
	require.NoError(t, err)
	_, err = w.RenewLink(amira, replaced.channel.ID)
	require.NoError(t, err)
	stored := w.stored(t)
	tokens := []string{
		off.token, replaced.token, "AAAAAAAAAAAAAAAAAAAAAA", "x", marker + "%00", marker + "%ff", marker + "%2f..%2f", off.token[:21],
		strings.Repeat("A", 5000), off.token + "=", "%20", "'%22%3Cscript%3E",
	}
	first := call(t, "", http.MethodGet, w.url+"/m/r/"+off.token, "")
	require.Contains(t, first.body, "This page is not available")
	require.Contains(t, first.body, "get in touch")
	require.NotContains(t, first.body, "North")
	for _, token := range tokens {
		address := w.url + "/m/r/" + token
		for name, got := range map[string]answer{
			"GET":        call(t, "", http.MethodGet, address, ""),
			"sent":       call(t, "", http.MethodGet, address+"?sent="+off.reply.ID.String()+"&x=%ff", ""),
			"POST":       post(t, address, map[string]string{"reply": marker}),
			"show":       post(t, address, map[string]string{"action": "show", "day": "29", "month": "2", "year": "1984"}),
			"2 MB":       call(t, "", http.MethodPost, address, strings.Repeat("x", 2<<20), "Content-Type", "text/plain"),
			"with proof": call(t, "", http.MethodGet, address, "", "Cookie", "messenger_proof=1.x; __Host-messenger_proof="+marker),
		} {
			require.Equal(t, 404, got.status, "%s %s", name, token)
			require.Equal(t, first.body, got.body, "%s %s", name, token)
			requirePageHeaders(t, got)
			require.Empty(t, got.header.Values("Set-Cookie"))
		}
		head := call(t, "", http.MethodHead, address, "")
		require.Equal(t, 404, head.status, token)
	}
	require.Equal(t, stored, w.stored(t))
	require.NotContains(t, w.log.String(), off.token)
	require.NotContains(t, w.log.String(), "a port did not answer", "no organisation is asked for whose the link would be")
}

// A host with one organisation has its own words there, and is not named: it might be to a client to whom it must not be.
func TestLinkThatDoesNotWorkAtOneOrganisation(t *testing.T) {
	t.Parallel()
	w := setup(t, func(c *messenger.Config) {
		c.Organisations = adapters.OneOrganisation(adapters.Organisation{
			Name: "North Social Prescribing", Phone: "01632 960001", Colour: "#A3124B", Logo: []byte(logo),
			Words: map[string]string{"gone_title": "Nid yw ar gael"},
		})
	})
	got := call(t, "", http.MethodGet, w.url+"/m/r/x", "")
	require.Equal(t, 404, got.status)
	require.Contains(t, got.body, "Nid yw ar gael")
	require.Contains(t, got.body, "To get in touch")
	for _, names := range []string{"North", "01632", "<img", "A3124B", "a3124b"} {
		require.NotContains(t, got.body, names)
	}
}

// meanwhile is an organisation port during whose next call something else happens.
type meanwhile struct {
	adapters.Organisations
	happens func()
}

func (m *meanwhile) Get(ctx context.Context, id adapters.OrganisationID) (adapters.Organisation, error) {
	if happens := m.happens; happens != nil {
		m.happens = nil
		happens()
	}
	return m.Organisations.Get(ctx, id)
}

// A link that is switched off while a reply is on its way stores nothing, and gives nothing away.
func TestLinkSwitchedOffMeanwhile(t *testing.T) {
	t.Parallel()
	port := &meanwhile{}
	w := setup(t, func(c *messenger.Config) {
		port.Organisations = c.Organisations
		c.Organisations = port
	})
	th := w.newThread(t)
	port.happens = func() {
		_, err := w.SetReplies(memory.SignIn(context.Background(), "amira"), th.channel.ID, false)
		require.NoError(t, err)
	}
	got := post(t, w.url+"/m/r/"+th.token, map[string]string{"reply": "too late"})
	require.Equal(t, 404, got.status)
	require.Contains(t, got.body, "This page is not available")
	require.Equal(t, []string{"Well, thank you."}, w.replies(t, th))
}
