package phone_test

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/internal/phone"
)

func TestParseAgreesWithTheVectors(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("testdata/vectors.json")
	require.NoError(t, err)
	var file struct {
		Vectors []struct {
			Input string
			E164  string // null becomes empty
			SMSOK bool   `json:"sms_ok"`
		}
	}
	require.NoError(t, json.Unmarshal(text, &file))
	require.Len(t, file.Vectors, 23)
	for _, vector := range file.Vectors {
		e164, smsOK := phone.Parse(vector.Input)
		require.Equal(t, vector.E164, e164, vector.Input)
		require.Equal(t, vector.SMSOK, smsOK, vector.Input)
	}
}

func TestParseNeverGuesses(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"07700 900123 or 07700 900456", "07700 900123/07700 900456", "07700 9OO123", "07700 900123 ext 4",
		"mum 07700 900123", "０７７００９００１２３", "07700 900123;", "Mob: 07700 900123",
		"tel:07700900123;ext=4", "sms:07700900123", "tel:tel:07700900123", "07700 900123, 07700 900456",
		"07700 900123 07700 900456",
		"07700 900123\n07700 900456", "07700 900123 +44", "07700+900123", "(07700 900123)(2)",
	} {
		_, smsOK := phone.Parse(text)
		require.False(t, smsOK, text)
	}
}

func TestParseAcceptsWhatIsPasted(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"07700\u00a0900\u00a0123", "07700–900–123", "\t07700 900123\r\n", "07700\u2011900123",
		"\u202a07700 900123\u202c", "tel:07700900123", "TEL:+44-7700-900123", "Tel: 07700 900123.",
		"07700\u200b900123,", "\ufeff07700\u00ad900123",
	} {
		e164, smsOK := phone.Parse(text)
		require.True(t, smsOK, "%q", text)
		require.Equal(t, "+447700900123", e164)
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"07700900123", "+44 (0)7700 900123", "", "((((", "+", "00", "\xff", "020 7946 0018", "+1 500 555 0006",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		e164, smsOK := phone.Parse(text)
		if e164 == "" {
			require.False(t, smsOK)
			return
		}
		require.Regexp(t, `^\+[0-9]{1,20}$`, e164)
		if smsOK {
			require.Regexp(t, `^\+447[0-9]{9}$`, e164)
			again, ok := phone.Parse(e164)
			require.Equal(t, e164, again)
			require.True(t, ok)
		}
	})
}
