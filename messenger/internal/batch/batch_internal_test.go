package batch

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/stretchr/testify/require"
)

// gated keeps its first batch until it is opened, and remembers the size of each.
type gated struct {
	*Batches[int]
	begun, open chan struct{}
	mu          sync.Mutex
	sizes       []int
}

// newGated ends every batch with a negative number in it by fault.
func newGated(fault func() error) *gated {
	g := &gated{begun: make(chan struct{}), open: make(chan struct{})}
	var once sync.Once
	g.Batches = &Batches[int]{Do: func(ctx context.Context, list []int, _ bool) error {
		once.Do(func() {
			close(g.begun)
			<-g.open
		})
		g.mu.Lock()
		defer g.mu.Unlock()
		g.sizes = append(g.sizes, len(list))
		if slices.Min(list) < 0 {
			return fault()
		}
		return ctx.Err()
	}}
	return g
}

// callAll calls with 0 and, while that is under way, with all of list at once; it returns their errors in list's order.
func (g *gated) callAll(t *testing.T, ctx context.Context, list ...int) []error {
	t.Helper()
	errs := make([]error, len(list))
	var calls sync.WaitGroup
	var first error
	calls.Go(func() { first = g.Call(ctx, 0) })
	<-g.begun
	for i, n := range list {
		calls.Go(func() { errs[i] = g.Call(ctx, n) })
	}
	synctest.Wait() // all of them wait, or are in a batch
	require.Equal(t, len(list), g.Waiting())
	close(g.open)
	calls.Wait()
	require.NoError(t, first)
	return errs
}

// Whoever comes while a batch is under way is in the next, with all others; and once nothing waits, a call is a batch of its own.
func TestBatchesGather(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := newGated(nil)
		ctx, over := context.WithCancel(t.Context())
		over() // a batch outlives the time of a job in it
		require.Equal(t, make([]error, 9), g.callAll(t, ctx, 1, 2, 3, 4, 5, 6, 7, 8, 9))
		require.NoError(t, g.Call(ctx, 10))
		require.Equal(t, []int{1, 9, 1}, g.sizes)
	})
}

// A fault of one is not the others': they are done alone. Where the database is not there, all are told at once.
func TestBatchesFault(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		refused := &pgconn.PgError{Code: "23514"}
		g := newGated(func() error { return refused })
		require.Equal(t, []error{nil, refused, nil}, g.callAll(t, t.Context(), 1, -2, 3))
		require.Equal(t, []int{1, 3, 1, 1, 1}, g.sizes)

		gone := errors.New("no connection")
		g = newGated(func() error { return gone })
		require.Equal(t, []error{gone, gone, gone}, g.callAll(t, t.Context(), 1, -2, 3))
		require.Equal(t, []int{1, 3}, g.sizes)
	})
}

// A panic is the error of whose it is, and the process lives on.
func TestBatchesPanic(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := newGated(func() error { panic("no such thing") })
		errs := g.callAll(t, t.Context(), 1, -2, 3)
		require.NoError(t, errs[0])
		require.ErrorIs(t, errs[1], errPanicked)
		require.ErrorContains(t, errs[1], "string")
		require.NotContains(t, errs[1].Error(), "no such thing", "a host's may hold anything")
		require.ErrorContains(t, errs[1], "batch_internal_test.go", "where it was")
		require.NoError(t, errs[2])
		require.NoError(t, g.Call(t.Context(), 4))
	})
}

// One that has to wait is waited for by nobody: neither by those of its batch nor by who comes later.
func TestBatchesWaitForNobody(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		begun, free := make(chan struct{}), make(chan struct{})
		b := &Batches[int]{Do: func(_ context.Context, list []int, alone bool) error {
			if slices.Min(list) >= 0 {
				return nil
			}
			if !alone {
				close(begun)
				return &pgconn.PgError{Code: "55P03"}
			}
			<-free
			return nil
		}}
		stuck, others := make(chan error, 1), make(chan error, 2)
		go func() { stuck <- b.Call(context.Background(), -1) }()
		<-begun
		for i := range 2 {
			go func() { others <- b.Call(context.Background(), i) }()
		}
		synctest.Wait()
		require.Len(t, others, 2)
		require.Empty(t, stuck)
		close(free)
		require.NoError(t, <-stuck)
		require.NoError(t, errors.Join(<-others, <-others))
	})
}
