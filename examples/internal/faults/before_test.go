package faults

import (
	_ "embed"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// before names the commit that stands for the version before. What is released moves it on.
//
//go:embed before.txt
var before string

// buildBefore builds the host of this package over the version before, and returns the program.
func buildBefore(t *testing.T) string {
	t.Helper()
	commit := strings.TrimSpace(before)
	tree, top := t.TempDir(), strings.TrimSpace(output(t, ".", "git", "rev-parse", "--show-toplevel"))
	archive := exec.CommandContext(t.Context(), "git", "-C", top, "archive", commit)
	unpack := exec.CommandContext(t.Context(), "tar", "-x", "-C", tree)
	var said strings.Builder
	archive.Stderr = &said
	pipe, err := archive.StdoutPipe()
	require.NoError(t, err)
	unpack.Stdin = pipe
	require.NoError(t, archive.Start())
	unpacked := unpack.Run()
	require.NoError(t, archive.Wait(), "the commit of before.txt is not here: in a shallow clone fetch it, "+
		"'git fetch --unshallow' say: %s", &said)
	require.NoError(t, unpacked)
	folder := filepath.Join(tree, "examples", "internal", "faults")
	require.NoError(t, os.RemoveAll(folder))
	require.NoError(t, os.Mkdir(folder, 0o750))
	for _, name := range []string{"doc.go", "host_test.go"} {
		text, err := os.ReadFile(name)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(folder, name), text, 0o600))
	}
	program := filepath.Join(tree, "before")
	output(t, folder, "go", "test", "-c", "-o", program, ".")
	return program
}

func output(t *testing.T, folder, name string, arguments ...string) string {
	t.Helper()
	command := exec.CommandContext(t.Context(), name, arguments...)
	command.Dir = folder
	out, err := command.Output()
	require.NoError(t, err, "%s", arguments)
	return string(out)
}
