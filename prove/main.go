// Command prove shows that the test of each promise can fail. Each argument is a patch that breaks the code behind one
// promise. Above its first "diff" line the patch names what it is about:
//
//	Promise: 1. What is promised, in a sentence.
//	Package: ./messenger
//	Test: TestNothingIsSentTwice
//
// (Test may be repeated: each one named must then fail.) In a temporary copy of the working tree, which is removed at
// the end, the tests must pass; with the patch applied they must fail. A patch after which the code does not compile,
// or the test does not come to its end, shows nothing and counts as an error. Two copies are for all patches, each
// taken back before the next, so that only what a patch changes is compiled anew. Run it from the root of the
// repository.
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
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// testTimeout bounds one run of tests, compilation included.
const testTimeout = 10 * time.Minute

// atOnce is how many patches are proved at a time: one compiles while the other's test waits.
const atOnce = 2

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, ".", os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		stop()
		os.Exit(1)
	}
}

// run proves every patch in a copy of root, goes on after one that fails, and returns all that failed.
func run(ctx context.Context, root string, patches []string) (failures error) {
	if len(patches) == 0 {
		return errors.New("prove: no patches named")
	}
	top, err := os.MkdirTemp("", "prove-")
	if err != nil {
		return err
	}
	defer func() { failures = errors.Join(failures, os.RemoveAll(top)) }()
	var folders []string
	for i := range min(atOnce, len(patches)) {
		folder := filepath.Join(top, strconv.Itoa(i))
		if err := errors.Join(os.Mkdir(folder, 0o700), copyTree(folder, root)); err != nil {
			return err
		}
		folders = append(folders, folder)
	}
	all, failures := read(patches)
	before, next := passing(ctx, folders[0], all), make(chan patch)
	var (
		running sync.WaitGroup
		mu      sync.Mutex
	)
	for _, folder := range folders {
		running.Go(func() {
			for p := range next {
				err := p.prove(ctx, folder, before[p.pkg])
				mu.Lock()
				if err != nil {
					failures = errors.Join(failures, fmt.Errorf("%s: %w", p.file, err))
				} else {
					fmt.Printf("proved  %s\n", p.file)
				}
				mu.Unlock()
			}
		})
	}
	for _, p := range all {
		next <- p
	}
	close(next)
	running.Wait()
	return failures
}

// read reads the patches that can be read, and says what is wrong with the others.
func read(files []string) (all []patch, failures error) {
	for _, file := range files {
		text, err := os.ReadFile(file) //nolint:gosec // the patch named on the command line
		if err != nil {
			failures = errors.Join(failures, err)
			continue
		}
		p, err := parse(string(text))
		if err != nil {
			failures = errors.Join(failures, fmt.Errorf("%s: %w", file, err))
			continue
		}
		p.file, p.text = file, text
		all = append(all, p)
	}
	return all, failures
}

// passing runs the tests of all patches in the copy as it is, each package's together, and returns what they printed.
func passing(ctx context.Context, folder string, all []patch) (printed map[string]string) {
	tests := map[string][]string{}
	for _, p := range all {
		tests[p.pkg] = append(tests[p.pkg], p.tests...)
	}
	printed = map[string]string{}
	for pkg, names := range tests {
		printed[pkg] = test(ctx, folder, pkg, names)
	}
	return printed
}

var (
	errBefore  = errors.New("the test does not pass without the patch")
	errAfter   = errors.New("the test does not fail with the patch: it guards nothing, or the patch breaks nothing")
	errCompile = errors.New("the patch does not apply, or the code does not compile with it")
)

// prove shows that the tests a patch names have passed in the copy without it and fail with it, and takes it back.
func (p patch) prove(ctx context.Context, folder, before string) (failure error) {
	for _, name := range p.tests {
		if !strings.Contains(before, "--- PASS: "+name+" ") {
			return fmt.Errorf("%w: %s\n%s", errBefore, name, before)
		}
	}
	if err := apply(ctx, folder, p.text); err != nil {
		return err
	}
	defer func() { failure = errors.Join(failure, apply(ctx, folder, p.text, "--reverse")) }()
	out := test(ctx, folder, p.pkg, p.tests)
	if strings.Contains(out, "[build failed]") || strings.Contains(out, "[setup failed]") {
		return fmt.Errorf("%w\n%s", errCompile, out)
	}
	for _, name := range p.tests {
		if !strings.Contains(out, "--- FAIL: "+name+" ") {
			return fmt.Errorf("%w: %s\n%s", errAfter, name, out)
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

// patch is a patch file, and what its head says.
type patch struct {
	file  string
	text  []byte
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

// test runs tests of one package of the copy and returns what they printed. Their results are read from there, since an
// exit status does not tell a test that failed from one that is not there or does not compile.
func test(ctx context.Context, folder, pkg string, names []string) string {
	ctx, cancel := context.WithTimeout(ctx, testTimeout)
	defer cancel()
	only := "^(" + strings.Join(names, "|") + ")$"
	//nolint:gosec // the project's own patches
	cmd := exec.CommandContext(ctx, "go", "test", "-count=1", "-v", "-vet=off", "-parallel=8", "-run", only, pkg)
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
