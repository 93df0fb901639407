// Package panics says of a panic what may be told. One in a host's code may hold anything: a name, or what a person
// wrote.
package panics

import (
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
)

// Told is what may be told of what recover gave: where it was, and its type, or its text where the runtime wrote that.
// Call it in the deferred function that recovers.
func Told(p any) error {
	var ours runtime.Error
	if err, is := p.(error); is && errors.As(err, &ours) {
		return fmt.Errorf("a panic: %w\n%s", ours, debug.Stack())
	}
	return fmt.Errorf("a panic with a %T\n%s", p, debug.Stack())
}

// Try is call, whose panic is an error as Told has it.
func Try[T any](call func() (T, error)) (answer T, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = Told(p)
		}
	}()
	return call()
}
