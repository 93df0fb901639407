package messenger

import (
	"context"
	"errors"
	"time"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/jobs"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/permits"
)

// callTimeout bounds a job's call of a provider or a record, unless the sender is adapters.Slow. It is long: who is
// slow is asked less at once (permits), and an answer that is given up was worked on in vain.
const callTimeout = time.Minute

// The ports that jobs have permits for, beside the media of the senders.
const (
	portRecord = "record"
	portEvents = "events"
	portAsked  = "asked " // and the medium: a sender that is asked what became of a message
)

// enter has a job call a port for an organisation. Without a permit it is jobs.After: the job holds no place while it
// waits.
func (m *Messenger) enter(
	ctx context.Context, port string, organisation adapters.OrganisationID,
) (*permits.Permit, error) {
	place := jobs.PlaceOf(ctx)
	permit, wait := m.permits.Enter(ctx,
		permits.Door{Port: port, Organisation: string(organisation)},
		permits.Queue{Name: place.Queue, Places: place.Of, Bulk: place.Bulk()})
	if permit == nil {
		return nil, jobs.After(wait)
	}
	return permit, nil
}

// news is what a call's error tells of whoever was called.
func news(ctx context.Context, err error) permits.News {
	switch {
	case err == nil:
		return permits.Answered
	case stopping(ctx):
		return permits.None
	case errors.Is(err, adapters.ErrBusy):
		return permits.Full
	case errors.Is(err, adapters.ErrWrongContact), errors.Is(err, adapters.ErrWrongContent),
		errors.Is(err, adapters.ErrObjected), errors.Is(err, adapters.ErrGuarded), errors.Is(err, adapters.ErrConfiguration),
		errors.Is(err, adapters.ErrNotFound), errors.Is(err, errors.ErrUnsupported):
		return permits.None
	default:
		return permits.Failed
	}
}

// stopping says whether a job's process is to end; the job's own time may be over without.
func stopping(ctx context.Context) bool { return errors.Is(ctx.Err(), context.Canceled) }

// stopTime is how long a call goes on once its process is to end: within the lease of an attempt, and with insistAtStop
// within the thirty seconds that an orchestrator gives a process.
const stopTime = 20 * time.Second

// calling is the context of a job's call of a port. The call may take longer than a run of the job: what ends with the
// job's time is no reason to cut off an answer that is on its way. Nor is a stop of the process, for stopTime: of a
// carrier that can't be asked afterwards nobody would know whether the message went out.
func calling(ctx context.Context, takes time.Duration) (context.Context, context.CancelFunc) {
	bound, cancel := context.WithTimeout(context.WithoutCancel(ctx), takes)
	stop := context.AfterFunc(ctx, func() {
		if stopping(ctx) {
			time.AfterFunc(stopTime, cancel)
		}
	})
	return bound, func() { stop(); cancel() }
}
