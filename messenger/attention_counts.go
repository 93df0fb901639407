package messenger

import (
	"context"
	"slices"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/rows"
)

// countTexts counts the texts that wait, up to 1,000.
func (m *Messenger) countTexts(ctx context.Context, q needing) (int, error) {
	waiting, err := m.textsThatWait(ctx, q, newest(), 1)
	if err != nil || len(waiting) == 0 {
		return 0, err
	}
	return min(waiting[0].N, mostAttention), nil
}

// countNeeded counts the rows by reason, as far as the asker may see them.
func (m *Messenger) countNeeded(ctx context.Context, q needing) (map[Attention]int, error) {
	type counted struct {
		StaffID  adapters.StaffID
		ClientID adapters.ClientID
		Reason   Attention
		N        int
	}
	found, err := rows.List[counted](ctx, m.db(), rows.File("attention_counts", rows.Args{
		"organisation": q.member.Organisation, "inboxes": q.inboxes(), "paused": q.paused, "broadcast": q.broadcast,
	}))
	if err != nil {
		return nil, err
	}
	colleagues := slices.DeleteFunc(slices.Clone(found), func(c counted) bool { return q.allowed[c.StaffID] == isOwner })
	visible, err := m.sees(ctx, seat{member: q.member, access: mayLook},
		column(colleagues, func(c counted) adapters.ClientID { return c.ClientID })...)
	if err != nil {
		return nil, err
	}
	counts := map[Attention]int{}
	for _, c := range found {
		if q.allowed[c.StaffID] == isOwner || visible.has(c.ClientID) {
			counts[c.Reason] += c.N
		}
	}
	if q.whole {
		counts[AttentionWaiting] += len(q.pauses)
		if counts[AttentionUnmatched], err = m.countTexts(ctx, q); err != nil {
			return nil, err
		}
	}
	for reason, n := range counts {
		counts[reason] = min(n, mostAttention)
		if n == 0 {
			delete(counts, reason)
		}
	}
	return counts, nil
}
