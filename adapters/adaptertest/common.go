package adaptertest

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const (
	// patience is how long a call may take that ought to return at once.
	patience = 5 * time.Second
	// short is how long a context lives that is meant to end while a call waits.
	short = 300 * time.Millisecond
	// many is how many goroutines use an adapter at once.
	many = 16
)

// returns calls fn and fails the test at once when it does not return, or panics.
func returns(t *testing.T, what string, fn func()) {
	t.Helper()
	done := make(chan any, 1)
	go func() {
		defer func() { done <- recover() }()
		fn()
	}()
	select {
	case panicked := <-done:
		require.Nil(t, panicked, "%s must not panic", what)
	case <-time.After(patience):
		require.FailNow(t, "ignores its context",
			"the port asks: a call returns when its context ends; %s did not, for %v", what, patience)
	}
}

// endings calls fn with a context that has ended and, where the system behind can be stalled, with one that ends while
// it waits.
func endings(t *testing.T, what string, stall func() (release func()), fn func(ctx context.Context) error) {
	t.Helper()
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	returns(t, what+" under an ended context", func() { _ = fn(ended) })
	if stall == nil {
		return
	}
	release := stall()
	defer release()
	ctx, cancel := context.WithTimeout(t.Context(), short)
	defer cancel()
	var err error
	returns(t, what+" whose context ends while the system behind stalls", func() { err = fn(ctx) })
	require.Error(t, err,
		"the port asks: a call returns when its context ends; %s answered without the system behind", what)
	leaves(t, what, func(ctx context.Context) { _ = fn(ctx) })
}

// together calls fn from many goroutines at once and fails the test with the first error.
func together(t *testing.T, what string, fn func(i int) error) {
	t.Helper()
	errs := make([]error, many)
	start := make(chan struct{})
	var wait sync.WaitGroup
	for i := range many {
		wait.Go(func() {
			<-start
			errs[i] = fn(i)
		})
	}
	returns(t, what+" from many goroutines", func() {
		close(start)
		wait.Wait()
	})
	for _, err := range errs {
		require.NoError(t, err, "the port asks: all methods may be called from many goroutines at once; %s", what)
	}
}

// impersonal fails the test when an error's text holds any of words: names, addresses, numbers, texts, credentials.
func impersonal(t *testing.T, err error, words ...string) {
	t.Helper()
	if err == nil {
		return
	}
	silent(t, "an error", fmt.Sprintf("%v\n%+v", err, err), words...)
}

// silent fails the test when text holds any of words, case ignored. The failure does not repeat the text.
func silent(t *testing.T, what, text string, words ...string) {
	t.Helper()
	for i, word := range words {
		if word != "" && strings.Contains(strings.ToLower(text), strings.ToLower(word)) {
			require.FailNow(t, "personal data or a secret in "+what,
				"the port asks: errors never hold a name, a number, an address, a token or any text that a person wrote (word %d "+
					"of those looked for)", i)
		}
	}
}

// asked is how many queries fn made of the system behind.
func asked(queries func() int, fn func()) int {
	before := queries()
	fn()
	return queries() - before
}
