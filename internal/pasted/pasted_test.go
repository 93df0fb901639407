package pasted_test

import (
	"testing"
	"unicode"

	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/internal/pasted"
)

func TestClean(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ text, scheme, want string }{
		{"\u202a07700\u00a0900 123\u202c", "tel", "07700900123"},
		{"TEL:07700900123", "tel", "07700900123"},
		{"07700900123\ufe0f", "tel", "07700900123"},
		{"\u3164grace\u034f@example.org\u2800", "mailto", "grace@example.org"},
		{"grace@exam\U000e0101ple.org\uffa0", "mailto", "grace@example.org"},
		{" t\u200bel:\u2066+44 7700 900123\u2069.", "tel", "+447700900123"},
		{"mailto:grace@example.org,", "MAILTO", "grace@example.org"},
		{"tel:tel:1", "tel", "tel:1"},
		{"tel:", "tel", ""},
		{"tel://07700900123", "tel", "07700900123"},
		{"tel:%2B447700900123", "tel", "+447700900123"},
		{"tel:%zz", "tel", "%zz"},
		{"MAILTO://grace%40example.org.", "mailto", "grace@example.org"},
		{"%2B447700900123", "tel", "%2B447700900123"},
		{"1.,", "", "1."},
		{"sms:1", "tel", "sms:1"},
		{"téλ:1", "tel", "téλ:1"},
		{"tel", "tel", "tel"},
		{"", "tel", ""},
	} {
		require.Equal(t, c.want, pasted.Clean(c.text, c.scheme), "%q", c.text)
	}
}

// Unicode has the digits of each script in a row of ten: Digit goes by it.
func TestDigitsOfEveryScript(t *testing.T) {
	t.Parallel()
	next := rune(0)
	for r := rune(0); r <= unicode.MaxRune; r++ {
		switch {
		case unicode.IsDigit(r):
			require.Equal(t, '0'+next, pasted.Digit(r), "%U", r)
			next = (next + 1) % 10
		case next != 0:
			t.Fatalf("%U ends a row that is not of ten", r)
		}
	}
}
