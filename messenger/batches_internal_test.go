package messenger

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/stretchr/testify/require"
)

// gated keeps its first batch until it is opened, and remembers the size of each.
type gated struct {
	*batches[int]
	begun, open chan struct{}
	mu          sync.Mutex
	sizes       []int
}

// newGated ends every batch with a negative number in it by fault.
func newGated(fault func() error) *gated {
	g := &gated{begun: make(chan struct{}), open: make(chan struct{})}
	var once sync.Once
	g.batches = &batches[int]{do: func(ctx context.Context, list []int, _ bool) error {
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
	calls.Go(func() { require.NoError(t, g.call(ctx, 0)) })
	<-g.begun
	for i, n := range list {
		calls.Go(func() { errs[i] = g.call(ctx, n) })
	}
	require.Eventually(t, func() bool {
		g.batches.mu.Lock()
		defer g.batches.mu.Unlock()
		return len(g.waiting) == len(list)
	}, 10*time.Second, time.Millisecond)
	close(g.open)
	calls.Wait()
	return errs
}

// Whoever comes while a batch is under way is in the next, with all others; and once nothing waits, a call is a batch of its own.
func TestBatchesGather(t *testing.T) {
	t.Parallel()
	g := newGated(nil)
	ctx, over := context.WithCancel(t.Context())
	over() // a batch outlives the time of a job in it
	require.Equal(t, make([]error, 9), g.callAll(t, ctx, 1, 2, 3, 4, 5, 6, 7, 8, 9))
	require.NoError(t, g.call(ctx, 10))
	require.Equal(t, []int{1, 9, 1}, g.sizes)
}

// A fault of one is not the others': they are done alone. Where the database is not there, all are told at once.
func TestBatchesFault(t *testing.T) {
	t.Parallel()
	refused := &pgconn.PgError{Code: "23514"}
	g := newGated(func() error { return refused })
	require.Equal(t, []error{nil, refused, nil}, g.callAll(t, t.Context(), 1, -2, 3))
	require.Equal(t, []int{1, 3, 1, 1, 1}, g.sizes)

	gone := errors.New("no connection")
	g = newGated(func() error { return gone })
	require.Equal(t, []error{gone, gone, gone}, g.callAll(t, t.Context(), 1, -2, 3))
	require.Equal(t, []int{1, 3}, g.sizes)
}

// A panic is the error of whose it is, and the process lives on.
func TestBatchesPanic(t *testing.T) {
	t.Parallel()
	g := newGated(func() error { panic("no such thing") })
	errs := g.callAll(t, t.Context(), 1, -2, 3)
	require.NoError(t, errs[0])
	require.ErrorIs(t, errs[1], errPanicked)
	require.ErrorContains(t, errs[1], "no such thing")
	require.ErrorContains(t, errs[1], "batches_internal_test.go", "where it was")
	require.NoError(t, errs[2])
	require.NoError(t, g.call(t.Context(), 4))
}

// One that has to wait is waited for by nobody: neither by those of its batch nor by who comes later.
func TestBatchesWaitForNobody(t *testing.T) {
	t.Parallel()
	begun, free := make(chan struct{}), make(chan struct{})
	b := &batches[int]{do: func(_ context.Context, list []int, alone bool) error {
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
	go func() { stuck <- b.call(context.Background(), -1) }()
	<-begun
	for i := range 2 {
		go func() { others <- b.call(context.Background(), i) }()
	}
	require.Eventually(t, func() bool { return len(others) == 2 }, 5*time.Second, time.Millisecond)
	require.Empty(t, stuck)
	close(free)
	require.NoError(t, <-stuck)
	require.NoError(t, errors.Join(<-others, <-others))
}

// All batches take what they lock in one order.
func TestLockOrder(t *testing.T) {
	t.Parallel()
	var early, late uuid.UUID
	early[0], late[0] = 1, 2
	row := func(broadcast *uuid.UUID, first, last byte) messageRow {
		r := messageRow{BroadcastID: broadcast}
		r.ID[0], r.ID[15] = first, last
		return r
	}
	want := []messageRow{row(nil, 1, 2), row(&early, 2, 0xf1), row(&early, 3, 0x01), row(&early, 1, 0x02), row(&late, 1, 0x01)}
	given := []messageRow{want[4], want[2], want[3], want[1], want[0]}
	require.Equal(t, want, inLockOrder(given, func(r messageRow) messageRow { return r }))
	require.Equal(t, want[4], given[0], "the caller's list stays as it was")
}
