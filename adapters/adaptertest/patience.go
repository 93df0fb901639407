package adaptertest

import (
	"bytes"
	"context"
	"fmt"
	"reflect"
	"regexp"
	"runtime/pprof"
	"strconv"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// harnessPatience is how long one function of a harness may take.
const harnessPatience = 10 * time.Second

// patient returns a harness whose functions fail the test by their name when they do not return. Without, one that
// blocks would hang the suite until Go ends it, and nobody would know which.
func patient[H any](t *testing.T, harness H) H {
	t.Helper()
	bound(t, reflect.ValueOf(&harness).Elem())
	return harness
}

func bound(t *testing.T, harness reflect.Value) {
	t.Helper()
	for i := range harness.NumField() {
		field, name := harness.Field(i), harness.Type().Field(i).Name
		switch {
		case field.Kind() == reflect.Struct && harness.Type().Field(i).Anonymous:
			bound(t, field) // a harness within a harness
		case field.Kind() == reflect.Func && !field.IsNil():
			own := reflect.ValueOf(field.Interface())
			field.Set(reflect.MakeFunc(own.Type(), func(arguments []reflect.Value) (results []reflect.Value) {
				within(t, harnessPatience, "the harness's "+name+" does not return",
					fmt.Sprintf("the harness must not block: %s did not return for %v", name, harnessPatience),
					func() { results = call(own, arguments) })
				return results
			}))
		}
	}
}

func call(function reflect.Value, arguments []reflect.Value) []reflect.Value {
	if function.Type().IsVariadic() {
		return function.CallSlice(arguments)
	}
	return function.Call(arguments)
}

// within calls fn on a goroutine of its own, whose panic and whose failure of the test are this one's.
func within(t *testing.T, limit time.Duration, failure, says string, fn func()) {
	t.Helper()
	done := make(chan any, 1)
	go func() {
		defer func() { done <- recover() }()
		fn()
	}()
	select {
	case panicked := <-done:
		if panicked != nil {
			panic(panicked)
		}
		if t.Failed() {
			t.FailNow() // it has said why
		}
	case <-time.After(limit):
		require.FailNow(t, failure, "%s", says)
	}
}

// leaves calls fn many times at once, each with a context that ends while the system behind stalls, and fails the test
// when each has left a goroutine behind that waits on: while a system is down every call would leave one, until the
// host has no memory. A goroutine that belongs to a connection, which a pool keeps, is no such: there are fewer.
func leaves(t *testing.T, what string, fn func(ctx context.Context)) {
	t.Helper()
	mark := uuid.NewString()
	returns(t, what+" many times", func() {
		ended := make(chan struct{})
		for range many {
			go pprof.Do(context.Background(), pprof.Labels("adaptertest", mark), func(context.Context) {
				defer func() { ended <- struct{}{} }()
				ctx, cancel := context.WithTimeout(t.Context(), short)
				defer cancel()
				fn(ctx)
			})
		}
		for range many {
			<-ended
		}
	})
	left := func() bool { return marked(mark) < many }
	require.Eventually(t, left, patience, 20*time.Millisecond,
		"the port asks: a call leaves nothing behind when its context ends; %s left a goroutine each time", what)
}

// marked counts the goroutines that were begun under a mark: they inherit it.
func marked(mark string) (count int) {
	var profile bytes.Buffer
	if pprof.Lookup("goroutine").WriteTo(&profile, 1) != nil {
		return 0
	}
	with := regexp.MustCompile(`(?m)^(\d+) @.*\n# labels: .*"adaptertest":"` + mark + `"`)
	for _, found := range with.FindAllSubmatch(profile.Bytes(), -1) {
		n, _ := strconv.Atoi(string(found[1])) // digits by the pattern
		count += n
	}
	return count
}
