package messenger_test

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/messenger"
)

func TestCountTextsAgreesWithTheVectors(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("../internal/segments/testdata/segment-vectors.json")
	require.NoError(t, err)
	var file struct {
		Vectors []struct {
			Name, Text string
			Segments   int
		}
	}
	require.NoError(t, json.Unmarshal(data, &file))
	require.NotEmpty(t, file.Vectors)
	for _, vector := range file.Vectors {
		require.Equal(t, vector.Segments, messenger.CountTexts(vector.Text), vector.Name)
	}
}
