package web_test

import (
	"fmt"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// The 21st reply of an hour is answered in words, with what was typed and when to try again.
func TestAFloodOfRepliesLosesNoWords(t *testing.T) {
	t.Parallel()
	w := setup(t)
	th := w.newThread(t)
	address := w.url + "/m/r/" + th.token
	for i := range messenger.MostReplies - len(w.replies(t, th)) {
		require.Equal(t, 303, post(t, address, map[string]string{"reply": fmt.Sprint("Reply ", i)}).status)
	}
	page := post(t, address, map[string]string{"reply": "I can <b>not</b> breathe", "key": "abcdefgh"})
	require.Equal(t, 429, page.status)
	requirePageHeaders(t, page)
	require.Contains(t, page.body, "I can &lt;b&gt;not&lt;/b&gt; breathe</textarea>")
	require.Contains(t, page.body, `value="abcdefgh"`)
	require.Contains(t, page.body, "has not been sent")
	require.Regexp(t, `press Send reply again after \d{1,2}:\d{2}(am|pm)`, page.body)
	require.Contains(t, page.body, "01632 960001", "another way to get in touch")
	seconds, err := strconv.Atoi(page.header.Get("Retry-After"))
	require.NoError(t, err)
	require.InDelta(t, 3600-90, seconds, 91)
	require.Len(t, w.replies(t, th), messenger.MostReplies)
}
