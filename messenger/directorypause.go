package messenger

import (
	"context"
	"errors"
	"time"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/rows"
)

const (
	// directoryPause stands for the medium in the pauses of the directory.
	directoryPause adapters.Medium = "directory"
	// directoryAsked is how often a job asks a directory that does not answer, at the latest: see jobs.Backoff.
	directoryAsked = 15 * time.Minute
)

// askDirectory is directory for what goes on without an asker. That the directory does not answer stands among the
// pauses until it does: each message is tried on by itself, and nothing else is held up.
func (m *Messenger) askDirectory(
	ctx context.Context, organisation adapters.OrganisationID, ids ...adapters.ClientID,
) (map[adapters.ClientID]adapters.Client, error) {
	found, err := m.directory(ctx, organisation, ids...)
	key := pauseKey{organisation, directoryPause}
	left, _ := m.pauses.known(key, m.ownNow())
	switch {
	case err != nil && ctx.Err() == nil && left < directoryAsked/2:
		m.pauses.set(ctx, m, key, pausing{why: WaitingDirectory}, directoryAsked, directoryAsked)
	case err == nil && left > 0:
		m.endPause(ctx, key)
	}
	return found, err
}

// endPause ends a pause because what it is of answers again, and has what waited tried.
func (m *Messenger) endPause(ctx context.Context, key pauseKey) {
	ctx = context.WithoutCancel(ctx)
	_, err := rows.Exec(ctx, m.db(), rows.Delete[rows.Pause]().
		Where("organisation_id = ? AND medium = ?", rows.V(key.OrganisationID), rows.V(key.Medium)))
	m.pauses.over(key)
	if err = errors.Join(err, m.wake(ctx, key.Medium)); err != nil {
		m.config.Logger.WarnContext(ctx, "messenger: a pause was not ended", "of", key.Medium, "error", err)
	}
}
