package segments_test

import (
	"encoding/json"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/internal/segments"
	"github.com/cmsmessenger/cmsmessenger/internal/testpeer"
)

// TestCountAgreesWithTwoLibraries compares a thousand texts around the limits with Twilio's calculator and split-sms.
func TestCountAgreesWithTwoLibraries(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	alphabets := [][]string{{"a", "é", "\n", "@"}, {"a", "€", "[", "é"}, {"a", "ŵ", "’"}, {"ŷ", "😀", "a", "€"}}
	texts := make([]string, 1000)
	var input strings.Builder
	for i := range texts {
		alphabet := alphabets[i%len(alphabets)]
		for range 1 + random.IntN(500) {
			texts[i] += alphabet[random.IntN(len(alphabet))]
		}
		line, err := json.Marshal(texts[i])
		require.NoError(t, err)
		input.Write(append(line, '\n'))
	}
	lines := strings.Split(strings.TrimSpace(testpeer.Output(t, input.String(), "segments.mjs")), "\n")
	require.Len(t, lines, len(texts))
	for i, line := range lines {
		var said struct {
			Calculator, Split struct {
				Encoding string
				Segments int
			}
		}
		require.NoError(t, json.Unmarshal([]byte(line), &said))
		counted := segments.Count(texts[i])
		require.Equal(t, counted.Segments, said.Calculator.Segments, texts[i])
		require.Equal(t, counted.Segments, said.Split.Segments, texts[i])
		require.Equal(t, counted.Encoding, said.Calculator.Encoding)
	}
}
