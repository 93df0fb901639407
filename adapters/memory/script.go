package memory

import (
	"context"
	"sync"
)

// Script makes an adapter misbehave on purpose, and counts its calls. Every adapter of this package has one; its zero
// value lets everything through.
type Script struct {
	mu      sync.Mutex
	calls   int
	next    []error
	always  error
	release chan struct{}
}

// FailNext lets the next calls, one each, return these errors before they do anything; nil lets a call through. Errors
// of an earlier FailNext that are still waiting come first.
func (s *Script) FailNext(errs ...error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.next = append(s.next, errs...)
}

// FailAll lets every call return err before it does anything, after those of FailNext; FailAll(nil) ends it.
func (s *Script) FailAll(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.always = err
}

// Hold lets every call from now on wait, until release is called or the call's context ends. Holding twice is once;
// releasing twice does nothing.
func (s *Script) Hold() (release func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.release == nil {
		s.release = make(chan struct{})
	}
	held := s.release
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.release == held {
			close(held)
			s.release = nil
		}
	}
}

// Calls is how many calls have come to the adapter, failed and waiting ones included.
func (s *Script) Calls() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls
}

// step is what every port method does first: count, wait and fail as scripted.
func (s *Script) step(ctx context.Context) error {
	s.mu.Lock()
	s.calls++
	held := s.release
	s.mu.Unlock()
	if held != nil {
		select {
		case <-held:
		case <-ctx.Done():
		}
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.next) > 0 {
		err := s.next[0]
		s.next = s.next[1:]
		return err
	}
	return s.always
}
