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
	texts := randomTexts()
	for i, line := range counted(t, texts, "segments.mjs") {
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

// TestTheComponentCountsTheSame compares with what staff see while they write: the vectors, and the same thousand
// texts.
func TestTheComponentCountsTheSame(t *testing.T) {
	t.Parallel()
	var file struct{ Vectors []struct{ Text string } }
	read(t, "testdata/segment-vectors.json", &file)
	texts := randomTexts()
	for _, vector := range file.Vectors {
		texts = append(texts, vector.Text)
	}
	for i, line := range counted(t, texts, "component-segments.mjs") {
		var said segments.Counted
		require.NoError(t, json.Unmarshal([]byte(line), &said))
		if len(said.Dear) == 0 {
			said.Dear = nil
		}
		require.Equal(t, segments.Count(texts[i]), said, texts[i])
	}
}

func randomTexts() []string {
	random := rand.New(rand.NewPCG(1, 2))
	alphabets := [][]string{{"a", "é", "\n", "@"}, {"a", "€", "[", "é"}, {"a", "ŵ", "’"}, {"ŷ", "😀", "a", "€"}}
	texts := make([]string, 1000)
	for i := range texts {
		alphabet := alphabets[i%len(alphabets)]
		for range 1 + random.IntN(500) {
			texts[i] += alphabet[random.IntN(len(alphabet))]
		}
	}
	return texts
}

// counted is what a program of testpeers says of each text, a line of JSON each.
func counted(t *testing.T, texts []string, program string) []string {
	t.Helper()
	var input strings.Builder
	for _, text := range texts {
		line, err := json.Marshal(text)
		require.NoError(t, err)
		input.Write(append(line, '\n'))
	}
	lines := strings.Split(strings.TrimSpace(testpeer.Output(t, input.String(), program)), "\n")
	require.Len(t, lines, len(texts))
	return lines
}
