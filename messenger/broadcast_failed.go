package messenger

import (
	"context"

	"github.com/google/uuid"

	"github.com/cmsmessenger/cmsmessenger/adapters"
)

// mostRetried is how many messages one call of RetryBroadcast is about: as many as are tried again in some seconds.
const mostRetried = 500

// ownBroadcast is where the messages of a broadcast may be found by who sent it. To everybody else it is not there, who
// may act in the sender's inbox too: they find its messages with Attention.
func (m *Messenger) ownBroadcast(ctx context.Context, id uuid.UUID) (needing, error) {
	s, err := m.atBroadcast(ctx, id, mayLook)
	if err == nil && s.access != isOwner {
		err = notFound()
	}
	if err != nil {
		return needing{}, err
	}
	q, err := m.needing(ctx, s.member, AttentionParams{Broadcast: id})
	q.failed = true
	return q, err
}

// failedOf is a page of those that failed, and of which nobody knows.
func (m *Messenger) failedOf(ctx context.Context, q needing, p PageParams, most int) (Page[Needed], error) {
	list := "failed " + q.broadcast.String()
	from, later, err := parseCursor(p.Cursor, list)
	if err != nil {
		return Page[Needed]{}, err
	}
	if !later {
		from = newest()
	}
	found, err := m.neededInInboxes(ctx, q, from, most+1)
	if err != nil {
		return Page[Needed]{}, err
	}
	return page(found, most, func(n Needed) cursor { return cursor{List: list, At: n.Since, ID: n.ID} }), nil
}

// BroadcastFailed returns a page of the messages of the asker's own broadcast that failed, or of which nobody knows,
// each as Attention has it, the one that failed last first. One that was tried again or resolved is none of them any
// more, and one whose channel was handed over is there for who may open the receiver's inbox. Errors: CodeNotFound (a
// colleague's broadcast too), CodeInvalid, CodeUnavailable.
func (m *Messenger) BroadcastFailed(ctx context.Context, id uuid.UUID, p PageParams) (Page[Needed], error) {
	limit, err := p.limit()
	if err != nil {
		return Page[Needed]{}, err
	}
	q, err := m.ownBroadcast(ctx, id)
	if err != nil {
		return Page[Needed]{}, err
	}
	found, err := m.failedOf(ctx, q, p, limit)
	if err != nil {
		return Page[Needed]{}, err
	}
	return found, m.lookedAtNeeded(ctx, q, found.Items)
}

// RetryBroadcast tries the messages of the asker's own broadcast again that BroadcastFailed has, each for itself as Act
// does it, and answers in that order. It takes 500 of them; with more Next is the cursor to go on with. Where something
// that it asks does not answer, those that are left have CodeUnavailable too, without being tried. A second call is
// about those that still need it. Errors: CodeNotFound (a colleague's broadcast too), CodeInvalid (the cursor),
// CodeUnavailable; then nothing is tried.
func (m *Messenger) RetryBroadcast(ctx context.Context, id uuid.UUID, cursor string) (Page[ActResult], error) {
	return m.retryBroadcast(ctx, id, cursor, mostRetried)
}

func (m *Messenger) retryBroadcast(
	ctx context.Context, id uuid.UUID, cursor string, most int,
) (Page[ActResult], error) {
	q, err := m.ownBroadcast(ctx, id)
	if err != nil {
		return Page[ActResult]{}, err
	}
	found, err := m.failedOf(ctx, q, PageParams{Cursor: cursor}, most)
	if err != nil {
		return Page[ActResult]{}, err
	}
	return Page[ActResult]{m.retryAll(ctx, q.member, found.Items), found.Next}, nil
}

func (m *Messenger) retryAll(ctx context.Context, member adapters.Member, list []Needed) []ActResult {
	results, silent := make([]ActResult, len(list)), false
	for i, one := range list {
		if silent {
			results[i] = ActResult{one.ID, CodeUnavailable}
			continue
		}
		results[i] = m.actOnOne(ctx, member, one.ID, ActParams{Do: ActRetry})
		silent = results[i].Code == CodeUnavailable
	}
	return results
}
