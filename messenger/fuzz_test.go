package messenger

import (
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

func FuzzCursor(f *testing.F) {
	f.Add("")
	f.Add(cursor{List: "inbox all", Status: Open, At: time.Date(2026, 1, 2, 3, 4, 5, 6000, time.UTC), ID: uuid.Max, N: -1}.String())
	f.Add("eyJsIjoiaW5ib3ggYWxsIiwidCI6IjAwMDAtMDEtMDFUMDA6MDA6MDArMjM6NTkifQ")
	f.Add("eyJsIjoiaW5ib3ggYWxsIiwibiI6OTIyMzM3MjAzNjg1NDc3NTgwOH0")
	f.Fuzz(func(t *testing.T, s string) {
		c, ok, err := parseCursor(s, "inbox all")
		switch {
		case err != nil:
			require.Equal(t, CodeInvalid, CodeOf(err))
			require.NotContains(t, err.Error(), "json", "nothing of how it is made")
		case ok:
			require.Equal(t, s, c.String())
			require.Equal(t, "inbox all", c.List)
		default:
			require.Empty(t, s)
		}
	})
}

func FuzzFormKey(f *testing.F) {
	f.Add("", "Hello", "Hello")
	f.Add("AAAAAAAAAAAAAAAAAAAAAA", "Hello", "Hello\x00")
	f.Fuzz(func(t *testing.T, key, one, other string) {
		answered := uuid.Max
		p := ReplyParams{FormKey: key}
		a := checkedReply{ReplyParams: p, text: one}.formKey(answered)
		b := checkedReply{ReplyParams: p, text: other}.formKey(answered)
		require.Equal(t, one == other, a == b)
		require.Len(t, a, 43, "fits its index whatever was sent")
	})
}

func FuzzPlaceholders(f *testing.F) {
	for _, s := range []string{"", "Dear {{first_name}}", "{{ reply_link }}", "{{{first_name}}}", "{{}}", "{{first_name", "{{a{{first_name}}}}", "}}{{"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		filled, err := fill(text, map[string]string{"first_name": "{{staff_name}}", "staff_name": "Amira", "organisation": "North"})
		if err != nil {
			require.Equal(t, CodeUnknownPlaceholder, CodeOf(err))
			return
		}
		require.NotContains(t, strings.ReplaceAll(filled, "{{staff_name}}", ""), "{{first_name}}}", "each place is filled once")
		if !strings.Contains(text, "{{") {
			require.Equal(t, text, filled)
		}
	})
}
