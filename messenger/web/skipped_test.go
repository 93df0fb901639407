package web_test

import (
	"encoding/json"
	"net/http"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

// Every reason for which somebody gets nothing of a broadcast has words on the page, and the API's document names those that no action
// has.
func TestSkippedReasonsAreNamed(t *testing.T) {
	t.Parallel()
	words, err := os.ReadFile("ui/strings-late.js")
	require.NoError(t, err)
	for _, why := range []string{"no_address", "objected", "deceased", "restricted", "not_found", "invalid", "replies_off"} {
		require.Contains(t, string(words), "skipped_"+why+":")
	}
	var doc struct {
		Components struct {
			Schemas map[string]struct {
				Properties map[string]struct{ Description string }
			}
		}
	}
	require.NoError(t, json.Unmarshal([]byte(call(t, "", http.MethodGet, setup(t).api("/openapi.json"), "").body), &doc))
	said := doc.Components.Schemas["MessengerSkipped"].Properties["why"].Description
	require.Contains(t, said, "not_found")
	require.Contains(t, said, "invalid")
	require.Contains(t, said, "replies_off")
}
