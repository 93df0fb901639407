package messenger

import (
	"context"
	"time"
)

const (
	// insistFor is how long a worker goes on trying to write down what a provider or the record has answered: longer than
	// a database takes to come back that was restarted, or whose standby was promoted.
	insistFor = 5 * time.Minute
	// insistAtStop is how long it does once its process is to end.
	insistAtStop = 5 * time.Second
	insistPause  = 2 * time.Second
)

// insist writes what only this worker knows: the database's trouble is waited out, since nobody could find it out
// again. It goes on though the job's own time is over. write is called again after an error that may have been a
// success.
func (m *Messenger) insist(ctx context.Context, write func(context.Context) error) error {
	on, cancel := context.WithTimeout(context.WithoutCancel(ctx), insistFor)
	defer cancel()
	stopped := context.AfterFunc(ctx, func() {
		if stopping(ctx) {
			time.AfterFunc(insistAtStop, cancel)
		}
	})
	defer stopped()
	for wait := 50 * time.Millisecond; ; wait = min(2*wait, insistPause) {
		err := write(context.WithoutCancel(ctx))
		if err == nil || !isOutage(err) && CodeOf(err) != CodeOutcomeUnknown {
			return err
		}
		m.LogOutage(ctx, "write an answer", err)
		if !pause(on, wait) {
			return err
		}
	}
}
