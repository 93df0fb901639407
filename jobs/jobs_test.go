package jobs_test

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivertype"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/jobs"
	"github.com/cmsmessenger/cmsmessenger/migrations/migrationtest"
)

// handler answers every job with err and keeps what it was called with.
type handler struct {
	err   error
	calls chan string
}

func (h handler) note(kind string, id uuid.UUID, attempt int) error {
	if attempt == 1 {
		h.calls <- kind + " " + id.String()
	}
	return h.err
}

func (h handler) Deliver(_ context.Context, id uuid.UUID, n int) error {
	return h.note("deliver", id, n)
}

func (h handler) WriteRecord(_ context.Context, id uuid.UUID, n int) error {
	return h.note("write", id, n)
}

func (h handler) AmendRecord(_ context.Context, id uuid.UUID, n int) error {
	return h.note("amend", id, n)
}

func (h handler) FileNote(_ context.Context, id uuid.UUID, n int) error {
	return h.note("file note", id, n)
}

func (h handler) AskReceipt(_ context.Context, id uuid.UUID, n int) error {
	return h.note("ask", id, n)
}

func (h handler) FanOut(_ context.Context, id uuid.UUID, n int) error {
	return h.note("fan out", id, n)
}

func (h handler) HandOver(_ context.Context, id uuid.UUID, n int) error {
	return h.note("hand over", id, n)
}

func (h handler) StaffLeft(_ context.Context, left jobs.StaffLeft, n int) error {
	return h.note("left", left.Handover, n)
}

// TellOverdue comes by itself, beside the jobs that a test orders.
func (handler) TellOverdue(context.Context, int) error { return nil }

// RecheckScheduled comes by itself too.
func (handler) RecheckScheduled(context.Context, int) error { return nil }

func (handler) Reconcile(context.Context, string, int) error { return nil }

func (h handler) RenameClients(_ context.Context, change jobs.RenameClients, n int) error {
	return h.note("rename", uuid.MustParse(change.Clients[0]), n)
}

func (handler) Now(context.Context) time.Time { return time.Now() }

func (h handler) TellHost(_ context.Context, e jobs.TellHost, n int) error {
	return h.note("tell", e.Event, n)
}

func (h handler) ApplyReceipt(_ context.Context, r jobs.ApplyReceipt, n int) error {
	return h.note("apply", uuid.MustParse(r.Reference), n)
}

func start(t *testing.T, h jobs.Handler) (*river.Client[pgx.Tx], func(...jobs.Args)) {
	t.Helper()
	pool := migrationtest.Pool(t)
	workers := river.NewWorkers()
	jobs.AddWorkers(workers, h)
	client, err := river.NewClient(riverpgxv5.New(pool), jobs.Configure(&river.Config{
		Workers: workers, PeriodicJobs: []*river.PeriodicJob{jobs.TellOverdueEvery(time.Hour)},
	}, h))
	require.NoError(t, err)
	inserter, err := jobs.NewInserter("", nil)
	require.NoError(t, err)
	require.NoError(t, client.Start(context.Background()))
	t.Cleanup(func() { require.NoError(t, client.StopAndCancel(context.Background())) })
	return client, func(list ...jobs.Args) {
		require.NoError(t, pgx.BeginFunc(t.Context(), pool, func(tx pgx.Tx) error {
			for _, args := range list {
				require.NoError(t, inserter.Insert(t.Context(), tx, args, time.Time{}))
			}
			return inserter.InsertBulk(t.Context(), tx, time.Time{}, list...)
		}))
	}
}

// Every kind of job, from either queue, reaches its method with its own id.
func TestEachJobReachesItsMethod(t *testing.T) {
	t.Parallel()
	h := handler{calls: make(chan string, 20)}
	_, insert := start(t, h)
	id := uuid.Must(uuid.NewV7())
	insert(jobs.Deliver{Message: id}, jobs.WriteRecord{Message: id}, jobs.AmendRecord{Message: id},
		jobs.FileNote{Note: id}, jobs.TellHost{Event: id},
		jobs.ApplyReceipt{Reference: id.String()}, jobs.AskReceipt{Message: id}, jobs.FanOut{Broadcast: id},
		jobs.HandOver{Handover: id}, jobs.StaffLeft{Handover: id}, jobs.RenameClients{Clients: []string{id.String()}})
	times := map[string]int{}
	for range 22 {
		call := <-h.calls
		require.True(t, strings.HasSuffix(call, id.String()), call)
		times[strings.TrimSuffix(call, " "+id.String())]++
	}
	require.Equal(t, map[string]int{
		"deliver": 2, "write": 2, "amend": 2, "file note": 2, "tell": 2, "apply": 2, "ask": 2, "fan out": 2,
		"hand over": 2, "left": 2, "rename": 2,
	}, times)
}

// What comes by itself comes as soon as somebody works, whatever was ordered while nobody did: each kind, and a host's
// own look for replies that nobody read, due in the same moment.
func TestWhatComesByItselfComesAtOnce(t *testing.T) {
	t.Parallel()
	client, _ := start(t, handler{calls: make(chan string, 20)})
	events, stop := client.Subscribe(river.EventKindJobCompleted)
	defer stop()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	ended := map[string]int{}
	for ended[(jobs.TellOverdue{}).Kind()] < 2 || len(ended) < 3 {
		select {
		case event := <-events:
			ended[event.Job.Kind]++
		case <-ctx.Done():
			require.Fail(t, "not all came", "%v", ended)
		}
	}
}

// One look that waits stands for all that are ordered meanwhile.
func TestOverdueRepliesAreLookedForByOne(t *testing.T) {
	t.Parallel()
	pool := migrationtest.Pool(t)
	inserter, err := jobs.NewInserter("", nil)
	require.NoError(t, err)
	for range 3 {
		require.NoError(t, pgx.BeginFunc(t.Context(), pool, func(tx pgx.Tx) error {
			return inserter.Insert(t.Context(), tx, jobs.TellOverdue{}, time.Time{})
		}))
	}
	var waiting int
	require.NoError(t, pool.QueryRow(t.Context(), "select count(*) from river_job").Scan(&waiting))
	require.Equal(t, 1, waiting)
}

// What a handler answers decides what becomes of the job.
func TestVerdict(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		err  error
		want rivertype.JobState
		in   time.Duration // how long until the next run, about
	}{
		"nil ends it":              {nil, rivertype.JobStateCompleted, 0},
		"After runs it again then": {jobs.After(time.Hour), rivertype.JobStateScheduled, time.Hour},
		"After survives being wrapped": {
			errors.Join(errors.New("why"), jobs.After(time.Hour)), rivertype.JobStateScheduled, time.Hour,
		},
		"any other error is tried again":    {errors.New("passing"), rivertype.JobStateAvailable, 0},
		"a panic-like nil pause is at once": {jobs.After(-time.Second), rivertype.JobStateAvailable, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := handler{err: c.err, calls: make(chan string, 20)}
			client, insert := start(t, h)
			events, stop := client.Subscribe(river.EventKindJobCompleted, river.EventKindJobFailed, river.EventKindJobSnoozed)
			defer stop()
			insert(jobs.WriteRecord{Message: uuid.Must(uuid.NewV7())})
			event := <-events
			for comesByItself(event.Job.Kind) {
				event = <-events
			}
			if c.want == rivertype.JobStateAvailable {
				require.Contains(t, []rivertype.JobState{rivertype.JobStateAvailable, rivertype.JobStateRetryable}, event.Job.State)
				return
			}
			require.Equal(t, c.want, event.Job.State)
			if c.in > 0 {
				require.WithinDuration(t, time.Now().Add(c.in), event.Job.ScheduledAt, time.Minute)
			}
		})
	}
}

// River keeps and shows arguments: they hold ids, and a provider's own word, nothing of a person.
func TestArgumentsHoldIDsOnly(t *testing.T) {
	t.Parallel()
	raw, err := json.Marshal([]jobs.Args{
		jobs.Deliver{},
		jobs.WriteRecord{},
		jobs.AmendRecord{},
		jobs.AskReceipt{},
		jobs.FanOut{},
		jobs.HandOver{},
		jobs.StaffLeft{},
		jobs.FileNote{},
		jobs.TellHost{},
		jobs.RenameClients{},
		jobs.TellOverdue{},
		jobs.RecheckScheduled{},
	})
	require.NoError(t, err)
	require.JSONEq(t, `[{"message_id":"ID"},{"message_id":"ID"},{"message_id":"ID"},{"message_id":"ID"},{"broadcast_id":"ID"},{"handover_id":"ID"},
		{"organisation_id":"","staff_id":"","to_staff_id":"","handover_id":"ID"},
		{"note_id":"ID"},
		{"event_id":"ID","kind":"","channel_id":"ID","message_id":"ID"},
		{"organisation_id":"","client_ids":null}, {}, {}]`, strings.ReplaceAll(string(raw), uuid.Nil.String(), "ID"))
}

// A host's own settings stand; what is missing is filled in.
func TestConfigureKeepsTheHostsSettings(t *testing.T) {
	t.Parallel()
	config := jobs.Configure(&river.Config{
		Queues:     map[string]river.QueueConfig{"own": {MaxWorkers: 3}, jobs.QueueBulk: {MaxWorkers: 7}},
		JobTimeout: 5 * time.Minute,
	}, nil)
	require.Equal(t, 3, config.Queues["own"].MaxWorkers)
	require.Equal(t, 7, config.Queues[jobs.QueueBulk].MaxWorkers)
	require.Positive(t, config.Queues[jobs.QueueDeliver].MaxWorkers)
	require.Equal(t, 5*time.Minute, config.JobTimeout)
	require.Zero(t, config.RescueStuckJobsAfter, "jobs that may run five minutes must not be rescued after half a one")
	plain := jobs.Configure(&river.Config{}, nil)
	require.Equal(t, 30*time.Second, plain.RescueStuckJobsAfter)
}

// comesByItself says of a job's kind that Configure has it come.
func comesByItself(kind string) bool {
	own := []string{(jobs.TellOverdue{}).Kind(), (jobs.RecheckScheduled{}).Kind(), (jobs.Reconcile{}).Kind()}
	return slices.Contains(own, kind)
}

// hangs is a handler whose deliveries end with their context alone.
type hangs struct {
	handler
	began chan struct{}
}

func (h hangs) Deliver(ctx context.Context, _ uuid.UUID, _ int) error {
	h.began <- struct{}{}
	<-ctx.Done()
	return ctx.Err()
}

// A stop does not wait for a delivery that hangs: soon its context ends, within what docs/stop.md leaves for that.
func TestAStopEndsWhatHangs(t *testing.T) {
	t.Parallel()
	h := hangs{handler{calls: make(chan string, 20)}, make(chan struct{}, 2)}
	client, insert := start(t, h)
	insert(jobs.Deliver{Message: uuid.New()})
	<-h.began
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	require.NoError(t, client.Stop(ctx))
}

// A job of Messenger's that nobody here has a worker for comes again within minutes, and the host's as River has it.
func TestAJobOfANewerVersionComesAgainSoon(t *testing.T) {
	t.Parallel()
	policy := jobs.Configure(&river.Config{}, handler{}).RetryPolicy
	job := &rivertype.JobRow{Kind: "messenger_of_a_newer_version", Attempt: 20, Errors: make([]rivertype.AttemptError, 19)}
	require.WithinRange(t, policy.NextRetry(job), time.Now().Add(9*time.Minute), time.Now().Add(15*time.Minute))
	job.Kind = "host_report"
	require.Greater(t, time.Until(policy.NextRetry(job)), 24*time.Hour)
	own := &river.DefaultClientRetryPolicy{}
	require.Same(t, own, jobs.Configure(&river.Config{RetryPolicy: own}, handler{}).RetryPolicy)
}
