package inbound_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters/internal/inbound"
)

func TestNumber(t *testing.T) {
	t.Parallel()
	for written, want := range map[string]string{
		"447700900123":                   "+447700900123",
		"+447700900123":                  "+447700900123",
		"07700900123":                    "+447700900123",
		"00447700900123":                 "+447700900123",
		" 07700 900 123 ":                "+447700900123",
		"+33612345678":                   "+33612345678",
		"353871234567":                   "+353871234567",
		"33612345678":                    "+33612345678",
		"7700900123":                     "+447700900123",
		"60006":                          "60006",
		"4477":                           "4477",
		"NHSNoReply":                     "NHSNoReply",
		"44 7700 900123":                 "+447700900123",
		"\u202a+44 (0)7700 900123\u202c": "+447700900123",
		"tel:+447700900123":              "+447700900123",
		"Riverside":                      "Riverside",
		"":                               "",
	} {
		require.Equal(t, want, inbound.Number(written), written)
	}
}

func TestAsksToStop(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"STOP", "stop", " Stop. ", "STOP!!!", "“Stop”", "Stop all", "unsubscribe", "opt-out", "STOP\n", "\u200bSTOP", "ＳＴＯＰ",
		"STOP STOP STOP", "Stop!\nSTOP!", "STOP 🛑", "S.T.O.P.", "st\u00adop",
		"Stop please", "Please STOP.", "stop, thank you!", "Stop texting me", "Please stop sending me these messages, thanks",
		"STOP ALL TEXTS", "Unsubscribe me pls", "Opt me out", "Stopiwch, os gwelwch yn dda", "Stóp", "Stop. Please stop.",
		"STOP NOW", "Stop contacting me", "Hello, please stop sending any further texts", "Stop messaging us now!",
	} {
		require.True(t, inbound.AsksToStop(text), text)
	}
	for _, text := range []string{
		"", "Please stop by on Thursday", "The pain did not stop", "STOP 2", "Cancel", "bus stop", "🙂",
		"🛑", "Stop start", "nonstop", "Stop smoking?", "Please", "Thank you", "Don't stop texting me", "Stop the tablets",
		"Did your texts stop?", "Stop my tablets", "texts please",
		"Hello", "Now please", "Stop to see us", "I want to stop now",
	} {
		require.False(t, inbound.AsksToStop(text), text)
	}
	require.True(t, inbound.AsksToStop("Cancel", "CANCEL"))
	require.False(t, inbound.AsksToStop("Cancel please", "CANCEL"), "an answer about an appointment")
}

func TestAsksToStart(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"START", " start. ", "Unstop", "opt in"} {
		require.True(t, inbound.AsksToStart(text), text)
	}
	for _, text := range []string{"", "STOP", "Yes", "When do we start?", "start 2"} {
		require.False(t, inbound.AsksToStart(text), text)
	}
	require.True(t, inbound.AsksToStart("Yes!", "YES"))
}
