// Command prove shows that the test of each promise can fail. Each argument is a patch that breaks the code behind one
// promise. Above its first "diff" line the patch names what it is about:
//
//	Promise: 1. What is promised, in a sentence.
//	Package: ./messenger
//	Test: TestNothingIsSentTwice
//
// (Test may be repeated: each one named must then fail.) In a temporary copy of the working tree, which is removed at
// the end, the tests must pass; with the patch applied they must fail. A patch after which the code does not compile,
// or the test does not come to its end, shows nothing and counts as an error. One copy is for all patches, each taken
// back before the next, so that only what a patch changes is compiled anew. Run it from the root of the repository.
package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"time"
)

// testTimeout bounds one run of a promise's tests, compilation included.
const testTimeout = 5 * time.Minute

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, ".", os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		stop()
		os.Exit(1)
	}
}

// run proves every patch in one copy of root, goes on after one that fails, and returns all that failed.
func run(ctx context.Context, root string, patches []string) (failures error) {
	if len(patches) == 0 {
		return errors.New("prove: no patches named")
	}
	folder, err := os.MkdirTemp("", "prove-")
	if err != nil {
		return err
	}
	defer func() { failures = errors.Join(failures, os.RemoveAll(folder)) }()
	if err := copyTree(folder, root); err != nil {
		return err
	}
	for _, file := range patches {
		if err := prove(ctx, folder, file); err != nil {
			failures = errors.Join(failures, fmt.Errorf("%s: %w", file, err))
			continue
		}
		fmt.Printf("proved  %s\n", file)
	}
	return failures
}

var (
	errBefore  = errors.New("the test does not pass without the patch")
	errAfter   = errors.New("the test does not fail with the patch: it guards nothing, or the patch breaks nothing")
	errCompile = errors.New("the patch does not apply, or the code does not compile with it")
)

// prove shows that the tests a patch names pass in the copy without it and fail with it, and takes it back.
func prove(ctx context.Context, folder, file string) (failure error) {
	text, err := os.ReadFile(file) //nolint:gosec // the patch named on the command line
	if err != nil {
		return err
	}
	p, err := parse(string(text))
	if err != nil {
		return err
	}
	for _, test := range p.tests {
		if out := p.test(ctx, folder, test); !strings.Contains(out, "--- PASS: "+test) {
			return fmt.Errorf("%w: %s\n%s", errBefore, test, out)
		}
	}
	if err := apply(ctx, folder, text); err != nil {
		return err
	}
	defer func() { failure = errors.Join(failure, apply(ctx, folder, text, "--reverse")) }()
	for _, test := range p.tests {
		out := p.test(ctx, folder, test)
		switch {
		case strings.Contains(out, "--- FAIL: "+test):
		case strings.Contains(out, "[build failed]"), strings.Contains(out, "[setup failed]"):
			return fmt.Errorf("%w\n%s", errCompile, out)
		default:
			return fmt.Errorf("%w: %s\n%s", errAfter, test, out)
		}
	}
	return ctx.Err()
}

// apply changes the copy by a patch.
func apply(ctx context.Context, folder string, patch []byte, options ...string) error {
	//nolint:gosec // the options above
	command := exec.CommandContext(ctx, "git", append(append([]string{"apply"}, options...), "-")...)
	command.Dir = folder
	command.Env = append(os.Environ(), "GIT_CEILING_DIRECTORIES="+filepath.Dir(folder)) // the copy is no repository
	command.Stdin = bytes.NewReader(patch)
	if out, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %w %s", errCompile, err, out)
	}
	return nil
}

// patch is the head of a patch file.
type patch struct {
	pkg   string
	tests []string
}

func parse(text string) (patch, error) {
	head, _, found := strings.Cut(text, "\ndiff ")
	if !found {
		return patch{}, errors.New("no diff in the patch")
	}
	var p patch
	promise := ""
	for line := range strings.Lines(head) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
		switch name {
		case "Promise":
			promise = value
		case "Package":
			p.pkg = value
		case "Test":
			p.tests = append(p.tests, value)
		}
	}
	if promise == "" || p.pkg == "" || len(p.tests) == 0 {
		return patch{}, errors.New("one of the lines Promise, Package and Test is missing from the head of the patch")
	}
	return p, nil
}

// test runs one test of the copy and returns what it printed. Its result is read from there, since an exit status does
// not tell a test that failed from one that is not there or does not compile.
func (p patch) test(ctx context.Context, folder, name string) string {
	ctx, cancel := context.WithTimeout(ctx, testTimeout)
	defer cancel()
	//nolint:gosec // the project's own patches
	cmd := exec.CommandContext(ctx, "go", "test", "-count=1", "-v", "-run", "^"+regexp.QuoteMeta(name)+"$", p.pkg)
	cmd.Dir = folder
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // the test binary ends along with 'go test'
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = time.Second
	out, _ := cmd.CombinedOutput()
	return string(out)
}

// copyTree copies a source tree without what is hidden, built or installed.
func copyTree(to, from string) error {
	return filepath.WalkDir(from, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		name := entry.Name()
		switch {
		case rel == ".":
			return nil
		case entry.IsDir() && (strings.HasPrefix(name, ".") || name == "node_modules" || name == "bin"):
			return filepath.SkipDir
		case entry.IsDir():
			return os.Mkdir(filepath.Join(to, rel), 0o755) //nolint:gosec // a folder like any other of the source
		case !entry.Type().IsRegular():
			return nil
		}
		content, err := os.ReadFile(path) //nolint:gosec // nobody else changes the working tree
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(to, rel), content, info.Mode().Perm()) //nolint:gosec // into a folder made here
	})
}
