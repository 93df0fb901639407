package messenger

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/live"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/rows"
)

// LiveEvent is one live update of an inbox. Kind "channel" carries the list row as it stands, "message" the message,
// "broadcast" a broadcast's progress, "unmatched" how many texts no channel claims, "present" who else has a channel
// open and "gone" who has it open no more, and "reset" asks the reader to fetch again what it shows. ID resumes a
// stream behind it.
type LiveEvent struct {
	ID, Kind  string
	Channel   *Channel
	Message   *Message
	Broadcast *Broadcast
	Unmatched *int // how many texts wait for a person, up to 1,000, as Me.UnmatchedCount
	Present   *Present

	staff  adapters.StaffID  // whose inbox it is of
	client adapters.ClientID // whose channel it is of
}

// runPause is how long Run waits before it asks a database again that was in trouble when it began.
const runPause = time.Second

// Run keeps this process's part of live updates going until ctx ends: it tells other processes what changed here, hears
// what changed elsewhere, and feeds the streams of Subscribe. Run it once in every process that sends, works jobs or
// serves streams; a second beside it returns an error at once. The streams end with it, so that http.Server.Shutdown
// does not wait for them. It returns ctx's error; trouble with the database is logged and tried again, and what it
// refuses at the start, as a role that may not read, is an error.
func (m *Messenger) Run(ctx context.Context) error {
	if !m.running.CompareAndSwap(false, true) { // streams would get everything twice
		return errors.New("messenger: Run runs already in this process")
	}
	defer m.running.Store(false)
	defer m.hub.Stop() // before it is a hub's too: it may end while it looks for its tables
	at, err := m.whereabouts(ctx)
	for isOutage(err) && !letsNobodyIn(err) && pause(ctx, runPause) {
		m.LogOutage(ctx, "begin live updates", err)
		at, err = m.whereabouts(ctx)
	}
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		return fmt.Errorf("messenger: reach the database: %w", err)
	}
	m.warn(ctx, at)
	began := m.now(ctx)
	m.began.Store(&began)
	stop, err := m.gauges()
	if err != nil {
		return err
	}
	defer stop()
	looking := make(chan struct{})
	go func() {
		defer close(looking)
		m.clock.keepLooking(ctx)
	}()
	defer func() { <-looking }()
	return m.hub.Run(ctx, at.Topic)
}

// whereabouts is where Messenger's tables are, and how they are there.
type whereabouts struct {
	Topic         string
	Indexed, Owns bool
}

func (m *Messenger) whereabouts(ctx context.Context) (whereabouts, error) {
	ctx, cancel := bounded(ctx)
	defer cancel()
	return rows.One[whereabouts](ctx, m.db(), rows.File("topic", nil))
}

// letsNobodyIn says whether the database refuses the role, or there is none by that name: at the start that is the
// settings', and does not pass.
func letsNobodyIn(err error) bool {
	var said *pgconn.PgError
	return errors.As(err, &said) && (strings.HasPrefix(said.Code, "28") || said.Code == "3D000")
}

// Subscribe streams what changes in an inbox: the asker's own when staff is empty, or a colleague's that they may open;
// and in more of them, each by the same rule. Of a colleague's inbox it leaves out the clients that the asker may not
// see. That they looked stands in the inbox's history, and in a channel's once a message of it was told, a line an
// hour. The asker's own inbox comes with what changes in those that they cover, marked CoveredFor, and with how many
// texts wait that channels there claim. Who sorts texts is told how many wait at all.
//
// It starts from now, or behind lastEventID with what has changed since, or with a reset when that is not known any
// more. Each event comes at least once. The channel is closed when ctx or this process's Run ends, or within 30 seconds
// of the asker losing the permission for any of the inboxes, or of beginning or ceasing to sort texts or to cover
// somebody: then subscribe again, and fetch again. Run must run in this process. A person may have ten streams in a
// process, over all their sessions. Errors: CodeNotSignedIn, CodeNotFound, CodeTooManyRequests, CodeUnavailable (Run
// has ended).
func (m *Messenger) Subscribe(
	ctx context.Context, staff adapters.StaffID, lastEventID string, more ...adapters.StaffID,
) (<-chan LiveEvent, error) {
	member, err := m.signedIn(ctx) // also where a request knows already: a stream begins again within one
	if err != nil {
		return nil, err
	}
	if began, err := m.current(ctx); err != nil || began.ID != member.ID || began.Organisation != member.Organisation {
		return nil, fail(CodeNotSignedIn, "Somebody else has signed in. Load the page again.")
	}
	var at []live.Inbox
	for _, staff := range append([]adapters.StaffID{staff}, more...) {
		inbox := live.Inbox{Organisation: member.Organisation, Staff: cmp.Or(staff, member.ID)}
		if _, err := m.toLookIn(ctx, member, inbox.Staff); err != nil {
			return nil, err
		}
		if !slices.Contains(at, inbox) {
			at = append(at, inbox)
		}
	}
	// whom the asker covers is asked before the stream begins: what changes meanwhile has it ask again
	covering, err := m.covering(ctx, member)
	if err != nil {
		return nil, err
	}
	own := slices.Contains(at, live.Inbox{Organisation: member.Organisation, Staff: member.ID})
	for _, one := range covering {
		inbox := live.Inbox{Organisation: member.Organisation, Staff: one.Staff}
		if own && !slices.Contains(at, inbox) {
			at = append(at, inbox)
		}
	}
	if own {
		if err := m.lookedAt(ctx, member, covering); err != nil {
			return nil, err
		}
	}
	sorts, err := m.sortsTexts(ctx, member)
	if err != nil {
		return nil, err
	}
	watched := slices.Clone(at)
	if sorts {
		watched = append(watched, live.Texts(member.Organisation))
	}
	by := live.Person{Organisation: member.Organisation, Staff: member.ID}
	events, err := m.hub.Subscribe(ctx, by, watched, lastEventID, func() bool {
		now, err := m.signedIn(ctx)
		return err == nil && now.ID == member.ID && now.Organisation == member.Organisation &&
			m.stillSorts(ctx, now, sorts) && (!own || m.stillCovers(ctx, now, covering)) &&
			!slices.ContainsFunc(at, func(inbox live.Inbox) bool {
				_, err := m.toLookIn(ctx, now, inbox.Staff) // a stream that goes on looks again
				return err != nil
			})
	})
	switch {
	case errors.Is(err, live.ErrTooManyStreams):
		return nil, tooManyStreams()
	case errors.Is(err, live.ErrStopped):
		return nil, fail(CodeUnavailable, "This server stops now. Try again in a moment.")
	case err != nil:
		return nil, err
	}
	var marked []adapters.StaffID
	if own {
		marked = ownersOf(covering)
	}
	watches := column(at, func(inbox live.Inbox) adapters.StaffID { return inbox.Staff })
	var claims []adapters.StaffID
	if own && !sorts {
		claims = append(slices.Clone(marked), member.ID)
	}
	return m.asSeen(ctx, member, watching{append(watches, member.ID), marked, claims}, events), nil
}

// LiveID is the id of what changed last, as this process heard it: a stream of Subscribe that goes on behind it, or
// ends before its first event and is resumed from it, misses nothing that changes from now on.
func (m *Messenger) LiveID() string { return m.hub.Position() }

// stillCovers says whether it is as it was whom a member covers.
func (m *Messenger) stillCovers(ctx context.Context, member adapters.Member, before []Covering) bool {
	now, err := m.covering(ctx, member)
	return err == nil && slices.Equal(ownersOf(now), ownersOf(before))
}
