package messenger

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/live"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/rows"
)

const (
	// sorterStays is how long somebody counts as one who sorts texts after they were last seen: longer than a holiday.
	sorterStays = 30 * 24 * time.Hour
	// sorterNoted is how often a process writes that it has seen one.
	sorterNoted = 24 * time.Hour
)

// textSorters is what this process has written of who sorts texts: it writes again what has changed, or is a day old.
type textSorters struct {
	mu    sync.Mutex
	noted map[live.Person]notedSorter
}

type notedSorter struct {
	sorts, given bool
	at           time.Time
}

// sortsTexts says whether a member sorts the texts that no channel claims: the host gave it to them, or has given it to
// nobody of the organisation, and they may send texts.
func (m *Messenger) sortsTexts(ctx context.Context, member adapters.Member) (bool, error) {
	texts := slices.Contains(member.Media, adapters.SMS)
	if err := m.noteSorter(ctx, member, texts); err != nil {
		return false, err
	}
	if member.SortsTexts || !texts {
		return member.SortsTexts, nil
	}
	given, err := rows.List[adapters.StaffID](ctx, m.db(), rows.Limit(rows.Select[rows.TextSorter]().Column("staff_id").
		Where("s.organisation_id = ? AND s.given", rows.V(member.Organisation)).
		Where("s.seen_at > ?", rows.V(m.now(ctx).Add(-sorterStays))), 1))
	return len(given) == 0, err
}

// stillSorts says whether it is as it was that a member sorts texts.
func (m *Messenger) stillSorts(ctx context.Context, member adapters.Member, before bool) bool {
	sorts, err := m.sortsTexts(ctx, member)
	return err == nil && sorts == before
}

// noteSorter writes that a member was seen who sorts texts or may, or who does so no more.
func (m *Messenger) noteSorter(ctx context.Context, member adapters.Member, texts bool) error {
	by := live.Person{Organisation: member.Organisation, Staff: member.ID}
	now := notedSorter{member.SortsTexts || texts, member.SortsTexts, m.now(ctx)}
	m.sorters.mu.Lock()
	before, known := m.sorters.noted[by]
	m.sorters.mu.Unlock()
	if known && before.sorts == now.sorts && before.given == now.given && now.at.Sub(before.at) < sorterNoted {
		return nil
	}
	var write rows.Query = rows.Delete[rows.TextSorter]().
		Where("organisation_id = ? AND staff_id = ?", rows.V(member.Organisation), rows.V(member.ID))
	if now.sorts {
		write = rows.Insert(&rows.TextSorter{
			OrganisationID: member.Organisation, StaffID: member.ID, Given: now.given, SeenAt: now.at,
		}).On("CONFLICT (organisation_id, staff_id) DO UPDATE")
	}
	if _, err := rows.Exec(ctx, m.config.Pool, write); err != nil {
		return err
	}
	m.sorters.mu.Lock()
	defer m.sorters.mu.Unlock()
	m.sorters.noted[by] = now
	return nil
}
