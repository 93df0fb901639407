package browsertest_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/examples/internal/browsertest"
)

// Everything is asked of the page's own address, and leads there, whatever its <base> is: another path, another host.
func TestPagesWithABase(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	tab := browsertest.StartShell(t).Open(t, browsertest.Look{})
	for i, base := range []string{"/elsewhere/", "https://elsewhere.invalid/"} {
		goTo(t, tab, fmt.Sprintf("%s/page/%d?base=%s", s.url, i, base))
		shows(t, tab, 1)
		var links []string
		tab.Await(t, `(async () => {
			const { html } = await import(new URL('/ui/html.js', location.href));
			const links = html`+"`<a href=${'/clients/1'}></a><a href=${'?channel=2'}></a><a href=${'tel:111'}></a>`"+`;
			await customElements.whenDefined('messenger-overview');
			const overview = document.createElement('messenger-overview');
			document.querySelector('messenger-inbox').remove();
			return [...[...links.children].map((a) => a.href), overview.addressOf({ channel: '2' })];
		})()`, &links)
		page := fmt.Sprintf("%s/page/%d", s.url, i)
		require.Equal(t, []string{s.url + "/clients/1", page + "?channel=2", "tel:111", s.url + "/messages?channel=2"}, links)
		require.Eventually(t, func() bool { return s.open() == 1 }, time.Minute, 20*time.Millisecond, "the stream")
	}
	require.Equal(t, []string{strings.TrimPrefix(s.url, "http://")}, tab.Hosts())
	require.Empty(t, tab.Complaints())
}

// A page may bring the elements twice, from two addresses, as while a host is being updated: the first are used, whole,
// and one warning says so.
func TestTwoCopies(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	tab := browsertest.StartShell(t).Open(t, browsertest.Look{})
	goTo(t, tab, s.url+"/page/0")
	shows(t, tab, 1)
	var styles int
	tab.Await(t, `(async () => {
		const second = await import('/copy/messenger-elements.js');
		const { MessengerCompose } = await second.conversation;
		if (customElements.get('messenger-compose') !== MessengerCompose) throw new Error('another class');
		return document.querySelectorAll('link[rel="stylesheet"]').length;
	})()`, &styles)
	require.Equal(t, 1, styles)
	require.Equal(t, 1, s.open())
	require.Len(t, tab.Complaints(), 1)
	require.Contains(t, tab.Complaints()[0], "twice")
}
