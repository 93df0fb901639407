package web_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
)

func joanna() adapters.Client {
	return adapters.Client{
		ID: "c-1903", Name: "Joanna Marsh", FirstName: "Joanna", DateOfBirth: "1988-03-04", Phone: "07700 900403",
		Needs: []string{"large print"}, Language: "cy",
		SafeContact: &adapters.SafeContact{
			Media: []adapters.Medium{adapters.SMS}, NoWords: true, NeutralSender: true, Note: "Never ring.",
			WhoElse: "Her brother", ReviewedAt: time.Date(2026, 10, 1, 9, 0, 0, 0, time.UTC),
			Hours: []adapters.SafeHours{{Days: []time.Weekday{time.Tuesday}, From: 10 * time.Hour, Until: 12 * time.Hour}},
		},
	}
}

// The card, the needs and the language stand with the client, by the contract's names.
func TestSafeContactIsShown(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.clients.Put(north, joanna())
	client := requireShape(t, "id name date_of_birth phone restricted deceased safe_contact needs language",
		w.get(t, "amira", "/clients/c-1903")["client"])
	require.Equal(t, []any{"large print"}, client["needs"])
	require.Equal(t, "cy", client["language"])
	require.Equal(t, object{
		"media": []any{"sms"}, "hours": []any{object{"days": []any{"tue"}, "from": "10:00", "to": "12:00"}},
		"neutral_sender": true, "no_words": true, "shared_phone": false, "who_else_reads": "Her brother",
		"note": "Never ring.", "reviewed_at": "2026-10-01T09:00:00Z",
	}, client["safe_contact"])
}
