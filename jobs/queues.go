package jobs

import (
	"time"

	"github.com/riverqueue/river"
)

// The queues. They are apart so that a provider that does not answer delays neither the record nor the host's events,
// and a broadcast delays no single message.
const (
	QueueDeliver    = "messenger_deliver"
	QueueRecord     = "messenger_record"
	QueueEvents     = "messenger_events"
	QueueBulk       = "messenger_bulk"        // broadcasts: their fan-out and their deliveries
	QueueBulkRecord = "messenger_bulk_record" // and their filing
)

// Queues are the queues' names.
func Queues() []string {
	return []string{QueueDeliver, QueueRecord, QueueEvents, QueueBulk, QueueBulkRecord}
}

// cooldown is the shortest time between two looks at a queue, and between two words to its workers.
const cooldown = 20 * time.Millisecond

// bulkCooldown is shorter: measured, a broadcast by SMTP went out at 2,100 messages a second with it, and at 1,900 with
// cooldown.
const bulkCooldown = 10 * time.Millisecond

// poll is how long a message can wait for its delivery when the word of it came just too soon after another's.
const poll = 200 * time.Millisecond

// overdueEvery is how often it is looked for replies that nobody has read in time.
const overdueEvery = time.Minute

// recheckEvery is how often it is looked for what goes out on the next working day.
const recheckEvery = 10 * time.Minute

// reconcileEvery is how often it is looked whether a night's reconciliation is still due.
const reconcileEvery = time.Hour

// MayStayAway is for how long each of the periodic jobs may not have ended well before somebody should look: three of
// its intervals, and ten minutes at least.
func MayStayAway() map[Args]time.Duration {
	return map[Args]time.Duration{
		TellOverdue{}: max(3*overdueEvery, 10*time.Minute), RecheckScheduled{}: 3 * recheckEvery,
		Reconcile{}: 3 * reconcileEvery,
	}
}

// TellOverdueEvery has TellOverdue come sooner than Configure's minute, for the PeriodicJobs of a host's river.Config:
// a reply that is overdue within minutes is not to be told late by more than a quarter of its time.
func TellOverdueEvery(interval time.Duration) *river.PeriodicJob {
	opts := one()
	opts.UniqueOpts.ByQueue = true // not Configure's own key: River orders what is due together, all or none
	return river.NewPeriodicJob(
		river.PeriodicInterval(interval),
		func() (river.JobArgs, *river.InsertOpts) { return TellOverdue{}, &opts },
		&river.PeriodicJobOpts{RunOnStart: true},
	)
}

// softStop is how long a stop lets jobs end before it ends their contexts. A call of a provider goes on for 20 seconds
// then, and its answer has 5 to be written: within the 30 that an orchestrator gives a process.
const softStop = 3 * time.Second

// Configure adds to a host's River settings what Messenger's jobs need, and returns config: the queues, each unless
// config has it already, the periodic jobs TellOverdue, RecheckScheduled and Reconcile, a plugin that tells each job
// how many places its queue has, so that what hangs takes no more than its share, and where they are zero
// JobTimeout and SoftStopTimeout, which hold for the host's own jobs too, RescueStuckJobsAfter, and where it is nil
// RetryPolicy. h is AddWorkers's: River goes by
// its clock, the database's, unless config has another, so that a process whose own clock is wrong does no harm. The
// queues are Messenger's alone: jobs of the host's own need theirs in config, river.QueueDefault for those that name
// none, or nobody works them. A queue starts at most MaxWorkers / FetchCooldown jobs a second
// (https://riverqueue.com/docs, and measured): 20 ms keeps a single message quick.
//
// A process killed while it works leaves its jobs marked as running; River finds them after RescueStuckJobsAfter, an
// hour by default. 30 s is safe for jobs whose timeout is known to River to be shorter; River leaves longer ones
// alone by their own timeout.
//
// A job of Messenger's that this version has no worker for, as of a newer one that is back tomorrow, comes again as all
// of them do, ten minutes later at most; by River's own policy it would soon be hours. The host's own jobs keep that.
func Configure(config *river.Config, h Handler) *river.Config {
	if config.Queues == nil {
		config.Queues = map[string]river.QueueConfig{}
	}
	for name, workers := range map[string]int{
		QueueDeliver: 50, QueueRecord: 50, QueueEvents: 10, QueueBulk: 50, QueueBulkRecord: 50,
	} {
		if _, set := config.Queues[name]; !set {
			queue := river.QueueConfig{MaxWorkers: workers, FetchCooldown: cooldown}
			switch name {
			case QueueDeliver:
				queue.FetchPollInterval = poll // somebody looks on; the other queues have River's second
			case QueueBulk:
				queue.FetchCooldown = bulkCooldown
			}
			config.Queues[name] = queue
		}
	}
	config.Plugins = append(config.Plugins, tellPlaces(config))
	config.PeriodicJobs = append(config.PeriodicJobs, river.NewPeriodicJob(
		river.PeriodicInterval(overdueEvery),
		func() (river.JobArgs, *river.InsertOpts) { return TellOverdue{}, nil },
		&river.PeriodicJobOpts{RunOnStart: true}, // what became due while nobody worked
	), river.NewPeriodicJob(
		river.PeriodicInterval(recheckEvery),
		func() (river.JobArgs, *river.InsertOpts) { return RecheckScheduled{}, nil },
		&river.PeriodicJobOpts{RunOnStart: true},
	), river.NewPeriodicJob(
		river.PeriodicInterval(reconcileEvery),
		func() (river.JobArgs, *river.InsertOpts) { return Reconcile{}, nil },
		&river.PeriodicJobOpts{RunOnStart: true},
	))
	if config.Test.Time == nil && h != nil {
		config.Test.Time = clock{h}
	}
	if config.JobTimeout == 0 {
		config.JobTimeout = Timeout
	}
	if config.SoftStopTimeout == 0 {
		config.SoftStopTimeout = softStop
	}
	if config.RetryPolicy == nil && h != nil {
		config.RetryPolicy = retries{clock: clock{h}}
	}
	if config.RescueStuckJobsAfter == 0 && config.JobTimeout <= 30*time.Second {
		config.RescueStuckJobsAfter = 30 * time.Second
	}
	return config
}
