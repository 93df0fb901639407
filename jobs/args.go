// Package jobs is all that Messenger knows of River, its job queue: the jobs' names and arguments, how they come into
// a transaction, what an error means to the queue, and the settings a host's River client needs.
//
// A host registers the workers and starts its client as it does for its own jobs:
//
//	workers := river.NewWorkers()
//	jobs.AddWorkers(workers, m.Jobs()) // m is the *messenger.Messenger
//	client, err := river.NewClient(riverpgxv5.New(pool), jobs.Configure(&river.Config{Workers: workers}, m.Jobs()))
//
// Start that client with a context that outlives the signal to stop, and end it with its Stop, which waits for the jobs
// under way. When their context ends all the same, nothing new is begun, and what a provider or the record has been
// handed goes on for 20 seconds and its answer is written: where the carrier can't be asked, nobody would know
// otherwise whether it went out. A process that ends by itself waits for the client's Stopped.
//
// Job arguments hold ids only: River keeps, shows and logs them.
package jobs

import (
	"time"

	"github.com/google/uuid"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"
)

// Args is a job's kind and arguments.
type Args = river.JobArgs

// maxAttempts is beyond what any job reaches: Messenger itself decides when it gives up, in the transaction that says
// so on the message. River discarding a job would lose a message without a word.
const maxAttempts = 30000

// Deliver hands a message to its provider.
type Deliver struct {
	Message uuid.UUID `json:"message_id"`
}

// Kind names the job.
func (Deliver) Kind() string { return "messenger_deliver" }

// InsertOpts chooses the queue.
func (Deliver) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: QueueDeliver, MaxAttempts: maxAttempts}
}

// WriteRecord files a message in the clinical record.
type WriteRecord struct {
	Message uuid.UUID `json:"message_id"`
}

// Kind names the job.
func (WriteRecord) Kind() string { return "messenger_write_record" }

// InsertOpts chooses the queue.
func (WriteRecord) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: QueueRecord, MaxAttempts: maxAttempts}
}

// AmendRecord corrects a filed message after its delivery took another turn.
type AmendRecord struct {
	Message uuid.UUID `json:"message_id"`
}

// Kind names the job.
func (AmendRecord) Kind() string { return "messenger_amend_record" }

// InsertOpts chooses the queue.
func (AmendRecord) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: QueueRecord, MaxAttempts: maxAttempts}
}

// FileNote files a note of staff in the clinical record.
type FileNote struct {
	Note uuid.UUID `json:"note_id"`
}

// Kind names the job.
func (FileNote) Kind() string { return "messenger_file_note" }

// InsertOpts chooses the queue.
func (FileNote) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: QueueRecord, MaxAttempts: maxAttempts}
}

// TellHost tells the host's own notification centre that something happened.
type TellHost struct {
	Event   uuid.UUID `json:"event_id"`
	What    string    `json:"kind"`
	Channel uuid.UUID `json:"channel_id"`
	// Message is zero when the event is the channel's own. Without a channel it is a text that no channel claims.
	Message uuid.UUID `json:"message_id"`
}

// Kind names the job.
func (TellHost) Kind() string { return "messenger_tell_host" }

// InsertOpts chooses the queue.
func (TellHost) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: QueueEvents, MaxAttempts: maxAttempts}
}

// ApplyReceipt applies what a provider called back with. It holds the provider's word and ids, nothing of a person.
type ApplyReceipt struct {
	Reference  string    `json:"reference"` // Outgoing.Reference
	ProviderID string    `json:"provider_id"`
	Via        string    `json:"via"`
	Hook       string    `json:"hook"` // by which it came, as the host names it; empty: the provider was asked
	Status     string    `json:"status"`
	Reason     string    `json:"reason"` // with status failed: a delivery's reason
	At         time.Time `json:"at"`
	Listed     bool      `json:"listed,omitempty"`  // it is how the message stands in the provider's list
	Contact    string    `json:"contact,omitempty"` // by which of its own contact details the provider reached the client
}

// Kind names the job.
func (ApplyReceipt) Kind() string { return "messenger_apply_receipt" }

// InsertOpts chooses the queue.
func (ApplyReceipt) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: QueueEvents, MaxAttempts: maxAttempts}
}

// AskReceipt asks a provider what became of a message that it took, in case its callback was missed.
type AskReceipt struct {
	Message uuid.UUID `json:"message_id"`
}

// Kind names the job.
func (AskReceipt) Kind() string { return "messenger_ask_receipt" }

// InsertOpts chooses the queue.
func (AskReceipt) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: QueueEvents, MaxAttempts: maxAttempts}
}

// FanOut makes a broadcast's messages, a batch at a time, and cancels them when the broadcast was cancelled.
type FanOut struct {
	Broadcast uuid.UUID `json:"broadcast_id"`
}

// Kind names the job.
func (FanOut) Kind() string { return "messenger_fan_out" }

// InsertOpts chooses the queue.
func (FanOut) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: QueueBulk, MaxAttempts: maxAttempts}
}

// HandOver hands over an inbox to a colleague, channel by channel.
type HandOver struct {
	Handover uuid.UUID `json:"handover_id"`
}

// Kind names the job.
func (HandOver) Kind() string { return "messenger_hand_over" }

// InsertOpts chooses the queue.
func (HandOver) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: QueueEvents, MaxAttempts: maxAttempts}
}

// StaffLeft hands over the inbox of somebody who left where there is somebody to take it, and cancels what is still
// scheduled there.
type StaffLeft struct {
	Organisation string    `json:"organisation_id"`
	Staff        string    `json:"staff_id"`
	To           string    `json:"to_staff_id"` // empty: nobody takes it
	Handover     uuid.UUID `json:"handover_id"` // of what To takes
}

// Kind names the job.
func (StaffLeft) Kind() string { return "messenger_staff_left" }

// InsertOpts chooses the queue.
func (StaffLeft) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: QueueEvents, MaxAttempts: maxAttempts}
}

// RenameClients has the names of these clients follow the host's directory. It holds ids only.
type RenameClients struct {
	Organisation string   `json:"organisation_id"`
	Clients      []string `json:"client_ids"`
}

// Kind names the job.
func (RenameClients) Kind() string { return "messenger_rename_clients" }

// InsertOpts chooses the queue.
func (RenameClients) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: QueueEvents, MaxAttempts: maxAttempts}
}

// TellOverdue looks for replies that nobody has read in time, and tells who is to be told. Configure has it come every
// minute; a host whose replies are overdue within four minutes or less adds TellOverdueEvery. However often it is
// ordered, one at most waits, and one of TellOverdueEvery's.
type TellOverdue struct{}

// Kind names the job.
func (TellOverdue) Kind() string { return "messenger_tell_overdue" }

// InsertOpts chooses the queue, and has one that waits or runs stand for all.
func (TellOverdue) InsertOpts() river.InsertOpts { return one() }

// RecheckScheduled asks of what goes out on the next working day whether it can, so that somebody mends in time what
// can't. Configure has it come every ten minutes. However often it is ordered, one at most waits.
type RecheckScheduled struct{}

// Kind names the job.
func (RecheckScheduled) Kind() string { return "messenger_recheck_scheduled" }

// InsertOpts chooses the queue, and has one that waits or runs stand for all.
func (RecheckScheduled) InsertOpts() river.InsertOpts { return one() }

// Reconcile compares what went out for an organisation with what its providers have. Without an organisation, as
// Configure has it come every hour, it orders one for each that this night's result is still due of.
type Reconcile struct {
	Organisation string `json:"organisation_id"`
}

// Kind names the job.
func (Reconcile) Kind() string { return "messenger_reconcile" }

// InsertOpts chooses the queue, and has one that waits or runs stand for all of its organisation.
func (Reconcile) InsertOpts() river.InsertOpts {
	opts := one()
	opts.UniqueOpts.ByArgs = true
	return opts
}

// one has a job that waits or runs stand for all of its kind.
func one() river.InsertOpts {
	return river.InsertOpts{Queue: QueueEvents, MaxAttempts: maxAttempts, UniqueOpts: river.UniqueOpts{
		ByState: []rivertype.JobState{
			rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateRunning, rivertype.JobStateRetryable,
			rivertype.JobStateScheduled,
		},
	}}
}
