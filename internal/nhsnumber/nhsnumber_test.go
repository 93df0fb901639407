package nhsnumber_test

import (
	"encoding/json"
	"os"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/internal/nhsnumber"
)

func TestParseAgreesWithOurVectors(t *testing.T) {
	t.Parallel()
	var vectors struct {
		Checksum []struct {
			Input string
			Valid bool `json:"checksum_valid"`
		}
		Normalise []struct {
			Input  string
			Expect *string
		}
		Display []struct{ Input, Display string }
		Pool    []string `json:"synthetic_999_pool"`
	}
	read(t, "testdata/vectors.json", &vectors)
	require.Len(t, vectors.Checksum, 17)
	require.Len(t, vectors.Normalise, 9)
	require.Len(t, vectors.Pool, 40)

	for _, vector := range vectors.Checksum {
		number, ok := nhsnumber.Parse(vector.Input)
		want := vector.Valid && vector.Input != "0000000000"
		require.Equal(t, want, ok, vector.Input)
		if want {
			require.Equal(t, vector.Input, number)
		}
	}
	for _, vector := range vectors.Normalise {
		number, ok := nhsnumber.Parse(vector.Input)
		if vector.Expect == nil {
			require.False(t, ok, vector.Input)
			require.Empty(t, number)
			continue
		}
		require.True(t, ok, vector.Input)
		require.Equal(t, *vector.Expect, number)
	}
	for _, vector := range vectors.Display {
		require.Equal(t, vector.Display, nhsnumber.Format(vector.Input))
	}
	for _, number := range vectors.Pool {
		_, ok := nhsnumber.Parse(number)
		require.True(t, ok, number)
	}
}

func TestParseAgreesWithThePublicVectors(t *testing.T) {
	t.Parallel()
	var vectors struct {
		Checksums []struct {
			Identifier string
			Checksum   *int
		} `json:"calculate_checksum"`
		Standardise []struct{ Input, Output string }
		IsValid     []struct {
			Input string
			Valid bool
		} `json:"is_valid"`
	}
	read(t, "testdata/nhs_number_cases.json", &vectors)
	require.Len(t, vectors.Checksums, 5)
	require.Len(t, vectors.Standardise, 7)
	require.Len(t, vectors.IsValid, 8)

	for _, vector := range vectors.Checksums {
		for digit := range 10 {
			_, ok := nhsnumber.Parse(vector.Identifier + strconv.Itoa(digit))
			require.Equal(t, vector.Checksum != nil && *vector.Checksum == digit, ok, "%s%d", vector.Identifier, digit)
		}
	}
	for _, vector := range vectors.Standardise {
		number, _ := nhsnumber.Parse(vector.Input)
		require.Equal(t, vector.Output, number, vector.Input)
	}
	// These two differ on purpose: nobody has the number of zeroes, and the dates inside Scottish numbers are Scotland's
	// business, not the check digit's.
	ours := map[string]bool{"0000000000": false, "0113011113": true}
	for _, vector := range vectors.IsValid {
		want := vector.Valid
		if different, ok := ours[vector.Input]; ok {
			want = different
		}
		_, ok := nhsnumber.Parse(vector.Input)
		require.Equal(t, want, ok, vector.Input)
	}
}

func TestParseAcceptsWhatIsPasted(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"999\u00a0000\u00a00018", "999–000–0018", "999\u2011000\u20110018", "\t999 000 0018\r\n",
		"\u2066999 000 0018\u2069", "999\u200b000\u200b0018", "999 000 0018.", "9990000018,",
	} {
		number, ok := nhsnumber.Parse(text)
		require.True(t, ok, "%q", text)
		require.Equal(t, "9990000018", number)
	}
}

func TestPasted(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"999-000-0018", "999 000 0018.", "NHS No: 999 000 0018", "NHS number 999/000/0018",
		"(999 000 0018)", "“999.000.0018”;",
		"９９９ ０００ ００１８", "nhs#9990000018", "\u2066NHS 999\u00ad000\u200b0018\u2069", "*999*000*0018*",
		"Rhif GIG: 999 000 0018", "Rhif y GIG 9990000018", "N.H.S. No. 999 000 0018",
		"999 000 0018 (NHS)", "NHS ID 9990000018", "٩٩٩ ٠٠٠ ٠٠١٨", "NHS: ९९९-०००-००१८",
	} {
		number, ok := nhsnumber.Pasted(text)
		require.True(t, ok, "%q", text)
		require.Equal(t, "9990000018", number)
	}
	for _, text := range []string{
		"", "999 000", "999 000 0019", "Grace 999 000 0018", "999 000 0018 or 999 000 0026", "99900000181",
		"9990000018 Nhsima", "NHS Grace 999 000 0018", "999%20000%200018", "NHS", "no 0000000000",
	} {
		number, ok := nhsnumber.Pasted(text)
		require.False(t, ok, "%q", text)
		require.Empty(t, number)
	}
}

func TestFormat(t *testing.T) {
	t.Parallel()
	require.Equal(t, "999 000 0018", nhsnumber.Format("9990000018"))
	require.Empty(t, nhsnumber.Format(""))
	require.Equal(t, "999", nhsnumber.Format("999"))
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{"9990000018", "999 000 0018", "", "0000000000", "９９９０５４８６０９", "\xff999"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		number, ok := nhsnumber.Parse(text)
		if !ok {
			require.Empty(t, number)
			return
		}
		require.Regexp(t, `^[0-9]{10}$`, number)
		again, ok := nhsnumber.Parse(nhsnumber.Format(number))
		require.True(t, ok)
		require.Equal(t, number, again)
		// A check digit finds every single wrong digit.
		wrong := []byte(number)
		wrong[len(text)%10] = '0' + (wrong[len(text)%10]-'0'+1)%10
		_, ok = nhsnumber.Parse(string(wrong))
		require.False(t, ok)
	})
}

func read(t *testing.T, name string, into any) {
	t.Helper()
	text, err := os.ReadFile(name)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text, into))
}
