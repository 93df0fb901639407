package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"
)

// A patch that no longer applies proves nothing: whoever moves the code it breaks renews it.
func TestEveryPatchApplies(t *testing.T) {
	t.Parallel()
	patches, err := filepath.Glob("promise-*.patch")
	require.NoError(t, err)
	promised, err := os.ReadFile("../docs/promises.md")
	require.NoError(t, err)
	require.Len(t, patches, len(regexp.MustCompile(`(?m)^\| \d+ \|`).FindAll(promised, -1)), "one for each promise")
	for _, patch := range patches {
		command := exec.CommandContext(t.Context(), "git", "apply", "--check", filepath.Join("prove", patch))
		command.Dir = ".."
		said, err := command.CombinedOutput()
		require.NoError(t, err, "%s: %s", patch, said)
	}
}
