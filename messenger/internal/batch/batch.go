// Package batch does together what many goroutines want at the same time.
package batch

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/cmsmessenger/cmsmessenger/internal/panics"
)

// Batches does in one go what many workers ask of the database at the same time: one round trip and one commit for all.
// What is asked for while a batch is under way is the next batch. Nothing waits for more to come: alone it is done at
// once.
type Batches[T any] struct {
	// Do does all of the list or nothing: then it returns an error and may be called again. Unless it is for one alone, it
	// does not wait long for a lock, but returns the database's refusal.
	Do func(ctx context.Context, list []T, alone bool) error

	mu      sync.Mutex
	waiting []waiting[T]
	busy    bool
}

type waiting[T any] struct {
	wanted T
	done   chan error
}

// Call returns once what is wanted is done, or failed. It outlives ctx: nothing is taken out of a batch under way.
func (b *Batches[T]) Call(ctx context.Context, wanted T) error {
	w := waiting[T]{wanted, make(chan error, 1)}
	b.mu.Lock()
	b.waiting = append(b.waiting, w)
	idle := !b.busy
	b.busy = true
	b.mu.Unlock()
	if idle {
		go b.run(context.WithoutCancel(ctx))
	}
	return <-w.done
}

// Waiting is how many wait for the batch after the one under way.
func (b *Batches[T]) Waiting() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.waiting)
}

// run does batch after batch until nothing waits.
func (b *Batches[T]) run(ctx context.Context) {
	for {
		b.mu.Lock()
		batch := b.waiting
		b.waiting = nil
		b.busy = len(batch) > 0
		b.mu.Unlock()
		if len(batch) == 0 {
			return
		}
		b.finish(ctx, batch)
	}
}

// errPanicked is a panic of what a batch called: out of a goroutine it would end the host's process.
var errPanicked = errors.New("panic")

// finish does one batch. What fails as a batch, by the database's refusal or a panic, is done again one by one, all at
// the same time and waited for by nobody else: a fault of one, or a lock that one waits for, must not be the others'.
// Where the database does not answer there is nothing to try again.
func (b *Batches[T]) finish(ctx context.Context, batch []waiting[T]) {
	list := make([]T, len(batch))
	for i, w := range batch {
		list[i] = w.wanted
	}
	err := b.try(ctx, list, false)
	var refused *pgconn.PgError
	again := errors.As(err, &refused) || errors.Is(err, errPanicked)
	for i, w := range batch {
		if again {
			go func() { w.done <- b.try(ctx, list[i:i+1:i+1], true) }()
			continue
		}
		w.done <- err
	}
}

func (b *Batches[T]) try(ctx context.Context, list []T, alone bool) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%w: %w", errPanicked, panics.Told(p))
		}
	}()
	return b.Do(ctx, list, alone)
}
