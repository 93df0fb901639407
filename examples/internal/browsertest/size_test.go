package browsertest_test

import (
	"bytes"
	"compress/gzip"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestSize keeps all scripts and styles together, each compressed on its own as it travels, under 60 kB.
func TestSize(t *testing.T) {
	t.Parallel()
	total := 0
	for _, pattern := range []string{"*.js", "*.css"} {
		files, err := filepath.Glob(filepath.Join(ui, pattern))
		require.NoError(t, err)
		require.NotEmpty(t, files)
		for _, file := range files {
			text, err := os.ReadFile(file)
			require.NoError(t, err)
			var packed bytes.Buffer
			writer := gzip.NewWriter(&packed)
			_, err = writer.Write(text)
			require.NoError(t, err)
			require.NoError(t, writer.Close())
			total += packed.Len()
		}
	}
	t.Logf("scripts and styles: %d bytes compressed", total)
	require.Less(t, total, 60_000)
}
