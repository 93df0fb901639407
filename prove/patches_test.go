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
	promises := map[string]bool{}
	for _, row := range regexp.MustCompile(`(?m)^\| (\d+) \|`).FindAllStringSubmatch(string(promised), -1) {
		promises[row[1]] = false
	}
	for _, patch := range patches {
		number := regexp.MustCompile(`^promise-0*(\d+)`).FindStringSubmatch(patch)[1]
		require.Contains(t, promises, number, patch)
		promises[number] = true
		command := exec.CommandContext(t.Context(), "git", "apply", "--check", filepath.Join("prove", patch))
		command.Dir = ".."
		said, err := command.CombinedOutput()
		require.NoError(t, err, "%s: %s", patch, said)
	}
	for number, proved := range promises {
		require.True(t, proved, "promise %s has no patch", number)
	}
}
