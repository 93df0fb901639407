package messenger

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/internal/panics"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/rows"
)

// entriesAsked is of how many entries the record is asked at once.
const entriesAsked = 50

// reconcileRecord compares what was filed with what the record has. It is asked by key: of a list by time an entry
// would be missing that somebody changed since, and one be there that is no business of ours.
func (m *Messenger) reconcileRecord(ctx context.Context, made *Reconciled, until time.Time) error {
	lister, may := m.config.Record.(adapters.RecordLister)
	if !may {
		return nil
	}
	type entry struct {
		ID     uuid.UUID
		Medium adapters.Medium
	}
	filed, err := rows.List[entry](ctx, m.db(), rows.Raw(`select id, medium from messenger_messages
		where organisation_id = ? and record_status in ('saved', 'amended') and record_saved_at >= ? and record_saved_at < ?
		union all select id, '' from messenger_notes
		where organisation_id = ? and filing = 'saved' and at >= ? and at < ?`,
		rows.V(made.Organisation), rows.V(made.Since), rows.V(until),
		rows.V(made.Organisation), rows.V(made.Since), rows.V(until)))
	if err != nil {
		return err
	}
	for some := range slices.Chunk(filed, entriesAsked) {
		held, err := m.entriesOf(ctx, lister, made.Organisation, column(some, func(e entry) uuid.UUID { return e.ID }))
		switch {
		case errors.Is(err, errors.ErrUnsupported):
			return nil
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil:
			m.config.Logger.ErrorContext(ctx, "messenger: what was filed can't be compared with what the record has",
				"organisation", made.Organisation, "error", err)
			made.RecordFailed = true
			return nil
		}
		for _, one := range some {
			why := DiffersUnfiled
			switch held[one.ID] {
			case 0:
			case 1:
				made.Filed++
				continue
			default:
				why = DiffersTwice
			}
			made.Differences = append(made.Differences, Difference{one.ID, one.Medium, portRecord, why, one.Medium == ""})
		}
	}
	made.RecordAsked = true
	return nil
}

// entriesOf is how many entries the record has under each of some keys.
func (m *Messenger) entriesOf(
	ctx context.Context, lister adapters.RecordLister, organisation adapters.OrganisationID, keys []uuid.UUID,
) (map[uuid.UUID]int, error) {
	bound, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	list, err := panics.Try(func() ([]uuid.UUID, error) { return lister.Entries(bound, organisation, keys) })
	held := map[uuid.UUID]int{}
	for _, key := range list {
		held[key]++
	}
	return held, err
}

// recordDiffers has a message that was filed, by our word alone, or more than once, ask for a person; of a note it says
// that it is not there.
func (m *Messenger) recordDiffers(ctx context.Context, of Difference) error {
	if of.Medium == "" {
		if of.Why == DiffersTwice {
			return nil
		}
		return m.noteLost(ctx, of.Message)
	}
	reason := ReasonRecordLost
	if of.Why == DiffersTwice {
		reason = ReasonRecordTwice
	}
	read, err := m.read(ctx, of.Message)
	if err != nil {
		return unlessGone(err)
	}
	if read.RecordStatus != RecordSaved && read.RecordStatus != RecordAmended {
		return nil
	}
	return m.recordFailed(ctx, read.stored, reason)
}

// noteLost says of a note that the record does not have it, and tells the host.
func (m *Messenger) noteLost(ctx context.Context, id uuid.UUID) error {
	note, err := rows.One[rows.Note](ctx, m.db(), rows.All[rows.Note]().Where("n.id = ?", rows.V(id)))
	if err != nil {
		return unlessGone(err)
	}
	channel, err := readChannel(ctx, m.db(), note.OrganisationID, note.ChannelID)
	if err != nil {
		return err
	}
	return m.noteUnfiled(ctx, filedNote{Note: note, channel: channel}, NoteFiled)
}
