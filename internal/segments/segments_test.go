package segments_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/internal/segments"
)

func TestCountAgreesWithTheVectors(t *testing.T) {
	t.Parallel()
	var file struct {
		Vectors []struct {
			Name, Text, Encoding string
			Units, Segments      int
		}
	}
	read(t, "testdata/segment-vectors.json", &file)
	require.Len(t, file.Vectors, 29)
	for _, vector := range file.Vectors {
		counted := segments.Count(vector.Text)
		require.Equal(t, vector.Encoding, counted.Encoding, vector.Name)
		require.Equal(t, vector.Units, counted.Units, vector.Name)
		require.Equal(t, vector.Segments, counted.Segments, vector.Name)
		require.Equal(t, vector.Encoding == segments.UCS2, len(counted.Dear) > 0, vector.Name)
	}
}

// TestTables compares the encoding of each character of the first three planes with the published tables.
func TestTables(t *testing.T) {
	t.Parallel()
	type character struct{ Char string }
	var tables struct{ Basic, Extension []character }
	read(t, "testdata/gsm7.json", &tables)
	require.Len(t, tables.Basic, 128)
	require.Len(t, tables.Extension, 10)
	cost := map[string]int{}
	for _, c := range tables.Basic {
		cost[c.Char] = 1
	}
	for _, c := range tables.Extension {
		cost[c.Char] = 2
	}
	for r := rune(1); r < 0x20000; r++ {
		if utf16.IsSurrogate(r) {
			continue
		}
		char := string(r)
		counted := segments.Count(char)
		if cost[char] == 0 {
			require.Equal(t, segments.UCS2, counted.Encoding, "%U", r)
			require.Equal(t, []string{char}, counted.Dear)
			continue
		}
		require.Equal(t, segments.Counted{Encoding: segments.GSM7, Units: cost[char], Segments: 1}, counted, "%U", r)
	}
}

func TestDearOnesStandOnceInTheirOrder(t *testing.T) {
	t.Parallel()
	require.Equal(t, []string{"ŷ", "😀"}, segments.Count("Sut dŷch chi? 😀 ŷ").Dear)
}

func TestPartsKeepCharactersWhole(t *testing.T) {
	t.Parallel()
	// 152 septets and an escaped character do not share a part, and 66 units and an emoji do not either.
	require.Equal(t, 3, segments.Count(strings.Repeat(strings.Repeat("a", 152)+"€", 2)+"a").Segments)
	require.Equal(t, 3, segments.Count(strings.Repeat(strings.Repeat("ŵ", 66)+"😀", 2)+"ŵ").Segments)
}

func FuzzCount(f *testing.F) {
	for _, seed := range []string{"", "Hello", "€", "😀", strings.Repeat("a", 161), "it’s", "\xff", "\x1b"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		counted := segments.Count(text)
		most, several := 160, 153
		if counted.Encoding == segments.UCS2 {
			most, several = 70, 67
			require.Equal(t, len(utf16.Encode([]rune(text))), counted.Units)
			require.Contains(t, string([]rune(text)), counted.Dear[0])
		}
		switch {
		case text == "":
			require.Zero(t, counted.Segments)
		case counted.Units <= most:
			require.Equal(t, 1, counted.Segments)
		default:
			// Each part but the last is full, or one unit short for a character that did not fit.
			require.GreaterOrEqual(t, counted.Segments, (counted.Units+several-1)/several)
			require.LessOrEqual(t, counted.Segments, (counted.Units+several-2)/(several-1))
		}
	})
}

func read(t *testing.T, name string, into any) {
	t.Helper()
	text, err := os.ReadFile(name)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text, into))
}
