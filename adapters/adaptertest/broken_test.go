package adaptertest_test

import (
	"context"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// brokenVariable names a broken adapter to a child process, which then runs its suite and nothing else.
const brokenVariable = "ADAPTERTEST_BROKEN"

// A broken adapter breaks one must of its port; says is part of the failure that names it.
type broken struct {
	name, says string
	run        func(t *testing.T)
}

func allBroken() []broken {
	all := brokenClients()
	for _, more := range [][]broken{
		brokenLists(), brokenStaff(), brokenColleagues(), brokenOrganisations(), brokenEvents(), brokenSenders(),
		brokenFinders(),
		brokenCallbacks(), brokenRecords(),
	} {
		all = append(all, more...)
	}
	return all
}

// leaky returns when its context ends, and leaves its call behind.
func leaky[T any](ctx context.Context, call func(context.Context) (T, error)) (answer T, err error) {
	type result struct {
		answer T
		err    error
	}
	done := make(chan result, 1)
	go func() {
		answer, err := call(context.WithoutCancel(ctx))
		done <- result{answer, err}
	}()
	select {
	case r := <-done:
		return r.answer, r.err
	case <-ctx.Done():
		return answer, ctx.Err()
	}
}

// TestSuitesFail runs each suite against broken adapters, each in a process of its own since it fails there.
func TestSuitesFail(t *testing.T) {
	t.Parallel()
	if name := os.Getenv(brokenVariable); name != "" {
		all := allBroken()
		all[slices.IndexFunc(all, func(b broken) bool { return b.name == name })].run(t)
		return
	}
	// The children mostly wait, so more of them run at once than there are processors.
	places := make(chan struct{}, 16)
	var wait sync.WaitGroup
	defer wait.Wait()
	checks := []func(){}
	for _, b := range allBroken() {
		finished := make(chan struct{})
		var output []byte
		var err error
		wait.Go(func() {
			defer close(finished)
			places <- struct{}{}
			defer func() { <-places }()
			child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestSuitesFail$", "-test.timeout=1m")
			child.Env = append(os.Environ(), brokenVariable+"="+b.name)
			output, err = child.CombinedOutput()
		})
		checks = append(checks, func() {
			t.Run(b.name, func(t *testing.T) {
				<-finished
				var exit *exec.ExitError
				require.ErrorAs(t, err, &exit, "the suite passes this adapter:\n%s", output)
				require.Equal(t, 1, exit.ExitCode(), "%s", output)
				require.Contains(t, string(output), b.says)
				require.NotContains(t, string(output), "panic:", "a suite fails, it does not panic")
			})
		})
	}
	perSuite := map[string]int{}
	for _, b := range allBroken() {
		suite, _, _ := strings.Cut(b.name, " ")
		perSuite[suite]++
	}
	for suite, count := range perSuite {
		require.GreaterOrEqual(t, count, 6, "broken adapters for %s", suite)
	}
	for _, check := range checks {
		check()
	}
}
