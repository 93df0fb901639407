package main

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

const (
	breaking = `diff --git a/tiny.go b/tiny.go
--- a/tiny.go
+++ b/tiny.go
@@ -2,4 +2,4 @@
 package tiny
 
 // Twice is n, twice.
-func Twice(n int) int { return n + n }
+func Twice(n int) int { return n }
`
	uncompilable = `diff --git a/tiny.go b/tiny.go
--- a/tiny.go
+++ b/tiny.go
@@ -2,4 +2,4 @@
 package tiny
 
 // Twice is n, twice.
-func Twice(n int) int { return n + n }
+func Twice(n int) int { return m }
`
	inapplicable = `diff --git a/tiny.go b/tiny.go
--- a/tiny.go
+++ b/tiny.go
@@ -2,2 +2,2 @@
 package tiny
-not there
+never there
`
)

func TestProve(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		tests, diff string
		want        error
	}{
		"a test that guards its promise":      {"Test: TestTwice\n", breaking, nil},
		"a test that notices nothing":         {"Test: TestBlind\n", breaking, errAfter},
		"one of two tests notices nothing":    {"Test: TestTwice\nTest: TestBlind\n", breaking, errAfter},
		"a test that always fails":            {"Test: TestBroken\n", breaking, errBefore},
		"a test that is not there":            {"Test: TestMissing\n", breaking, errBefore},
		"code that does not compile any more": {"Test: TestTwice\n", uncompilable, errCompile},
		"a patch for other code":              {"Test: TestTwice\n", inapplicable, errCompile},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := write(t, "Promise: 1. Twice is twice.\nPackage: .\n"+c.tests+"\n"+c.diff)
			err := run(t.Context(), "testdata/tiny", []string{file})
			require.ErrorIs(t, err, c.want)
		})
	}
	t.Run("a patch that does not say what it breaks", func(t *testing.T) {
		t.Parallel()
		patches := []string{write(t, "Package: .\n"+breaking)}
		require.ErrorContains(t, run(t.Context(), "testdata/tiny", patches), "Promise")
	})
}

func TestEachPatchIsTakenBackBeforeTheNext(t *testing.T) {
	t.Parallel()
	patch := write(t, "Promise: 1. Twice is twice.\nPackage: .\nTest: TestTwice\n\n"+breaking)
	require.NoError(t, run(t.Context(), "testdata/tiny", []string{patch, patch}))
}

func TestRunNamesEveryPatchThatFailed(t *testing.T) {
	t.Parallel()
	head := "Promise: 1. Twice is twice.\nPackage: .\nTest: TestBlind\n"
	blind, missing := write(t, head+breaking), filepath.Join(t.TempDir(), "missing.patch")
	err := run(t.Context(), "testdata/tiny", []string{blind, missing})
	require.ErrorContains(t, err, blind)
	require.ErrorContains(t, err, missing)
	require.Error(t, run(t.Context(), "testdata/tiny", nil), "nothing proved is no success")
}

func TestInterruptedProofLeavesNoCopy(t *testing.T) {
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	file := write(t, "Promise: 1. Twice is twice.\nPackage: .\nTest: TestTwice\n\n"+breaking)
	require.Error(t, run(ctx, "testdata/tiny", []string{file}))
	left, err := os.ReadDir(temp)
	require.NoError(t, err)
	require.Empty(t, left)
}

func write(t *testing.T, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "promise-1.patch")
	require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
	return file
}
