package messenger

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/chain"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/replylink"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/rows"
)

// BreakWhy is what is wrong where a history's chain breaks.
type BreakWhy string

// What may be wrong.
const (
	BreakChanged  BreakWhy = "changed"  // the line, or its place, is not as it was written
	BreakMissing  BreakWhy = "missing"  // the line of that number is not there, or a number is there twice
	BreakCutOff   BreakWhy = "cut_off"  // lines at the end are not there, or the channel is not
	BreakUnsealed BreakWhy = "unsealed" // the line came past Messenger, or its seal was taken off
	BreakKey      BreakWhy = "key"      // no key is given that has the id of the one that sealed the line
)

// HistoryBreak is where a history is not as it was written, for the first time: what comes after it is not looked at.
// Lines whose key is not given are passed over: BreakKey is the first of those, where nothing else is wrong.
type HistoryBreak struct {
	Organisation adapters.OrganisationID `json:"organisation"`
	Channel      uuid.UUID               `json:"channel,omitzero"`
	Inbox        adapters.StaffID        `json:"inbox,omitempty"` // of an inbox's own history
	Line         uuid.UUID               `json:"line,omitzero"`   // zero: the line that is missing
	Number       int64                   `json:"number,omitempty"`
	Why          BreakWhy                `json:"why"`
}

// HistoryVerified is what VerifyHistory found. It has no word and no name of anybody's.
type HistoryVerified struct {
	At       time.Time      `json:"at"`       // UTC
	Channels int            `json:"channels"` // that have a history, or had one
	Inboxes  int            `json:"inboxes"`
	Lines    int            `json:"lines"`    // that are sealed and right
	Unsealed int            `json:"unsealed"` // from before lines were sealed: nothing is known of those
	Broken   int            `json:"broken"`   // histories with a break
	Breaks   []HistoryBreak `json:"breaks"`   // the first hundred
}

// OK says whether nothing is broken.
func (v HistoryVerified) OK() bool { return v.Broken == 0 }

// VerifyParams says which lines may have no seal.
type VerifyParams struct {
	// SealedSince is when every process began to seal lines. Zero: an hour after migration 51 ran, within which the
	// version before may have run beside this one; or ever, where all tables were made with it, within ten minutes.
	SealedSince time.Time
	// Keys are link keys that there were, beside the LinkKeys of today.
	Keys []LinkKey
}

const (
	mostBreaks   = 100
	sealedWithin = time.Hour
	madeWithin   = 10 * time.Minute
)

// VerifyHistory reads every history and says where one is not as it was written: a line changed, taken out, put in or
// put elsewhere. It needs each key that lines were sealed with: the first of LinkKeys at the time. It is for operators
// and asks nobody who they are, changes nothing, waits for nobody, and takes about a minute for a million lines. It
// reads a thousand lines at once and holds no more, however long a history is: one that is erased while it is read may
// be reported as cut off. A second call looks again.
//
// The lines that an absence has ended by itself (ActionBack) were never written: they are read from the absence, which
// has no seal.
//
// It does not see what somebody does who has a key. Nor that the last lines of a history were cut off by somebody who
// set back its head (messenger_history_heads) as well, or that a channel was taken away with all that tells of it.
// Where histories are older than seals, nor that a line was put into a channel or an inbox from before and dated to
// then, or what became of lines from then. The words of messages, and of which client a channel is, are under no seal:
// an edit of those is not seen.
func (m *Messenger) VerifyHistory(ctx context.Context, p VerifyParams) (HistoryVerified, error) {
	v := &verifier{m: m, since: p.SealedSince, keys: slices.Clone(m.links)}
	for _, key := range p.Keys {
		v.keys = append(v.keys, replylink.Key{ID: key.ID, Secret: key.Key})
	}
	v.At = m.now(ctx).UTC()
	if v.since.IsZero() {
		type began struct{ Made, Sealed time.Time }
		when, err := rows.One[began](ctx, m.db(), rows.Raw(`select h.migrated_at as made, s.migrated_at as sealed
			from messenger_migrations h, messenger_migrations s
			where h.name = '20261101000003' and s.name = '20261101000051'`))
		if err != nil {
			return HistoryVerified{}, fmt.Errorf("messenger: look since when history is sealed: %w", err)
		}
		if when.Sealed.Sub(when.Made) > madeWithin {
			v.since = when.Sealed.Add(sealedWithin)
		}
	}
	if err := v.channels(ctx); err != nil {
		return HistoryVerified{}, fmt.Errorf("messenger: verify history: %w", err)
	}
	if err := v.inboxes(ctx); err != nil {
		return HistoryVerified{}, fmt.Errorf("messenger: verify history of inboxes: %w", err)
	}
	return v.HistoryVerified, nil
}

type verifier struct {
	m *Messenger
	HistoryVerified
	since time.Time
	keys  []replylink.Key
}

// sealedLine is a line of a channel's history, or of an inbox's own, with where its chain ends.
type sealedLine struct {
	ChannelID      uuid.UUID // zero: an inbox's
	StaffID        adapters.StaffID
	OrganisationID adapters.OrganisationID
	ID             uuid.UUID
	At             time.Time
	ActorKind      string
	ActorID        string
	ActorName      string
	OnBehalfOf     adapters.StaffID
	Action         string
	MessageID      *uuid.UUID
	Note           string
	ClientID       adapters.ClientID // of an inbox's line that tells of one
	Seq            *int64
	Chain          []byte
	KeyID          *string
	HeadSeq        *int64
	HeadChain      []byte
}

func (l sealedLine) tag(key replylink.Key) []byte {
	return keyOf(key, l.OrganisationID).Tag(chain.Line{
		ID: l.ID, Organisation: string(l.OrganisationID), Inbox: string(l.StaffID), At: l.At, ActorKind: l.ActorKind,
		ActorID: l.ActorID, ActorName: l.ActorName, OnBehalfOf: string(l.OnBehalfOf), Action: l.Action,
		Message: value(l.MessageID), Note: l.Note, Client: string(l.ClientID),
	})
}

// sealedHead is where the chain of a history ends. Gone: no line of it is left.
type sealedHead struct {
	ChannelID      uuid.UUID // zero: an inbox's
	StaffID        adapters.StaffID
	OrganisationID adapters.OrganisationID
	Gone           bool
}

// same says whether two lines are of one history.
func (l sealedLine) same(as sealedLine) bool {
	return l.ChannelID == as.ChannelID && (l.ChannelID != uuid.Nil ||
		l.StaffID == as.StaffID && l.OrganisationID == as.OrganisationID)
}

// channels goes through the histories of all channels, and of those of which an end alone is left.
func (v *verifier) channels(ctx context.Context) error {
	err := v.lines(ctx, &v.Channels, func(after sealedLine) rows.Query {
		return rows.File("verify_channels", rows.Args{"channel": after.ChannelID, "seq": after.place(), "line": after.ID})
	})
	if err != nil {
		return err
	}
	return v.heads(ctx, &v.Channels, func(after sealedHead) rows.Query {
		return rows.File("verify_channel_heads", rows.Args{"channel": after.ChannelID})
	})
}

func (v *verifier) inboxes(ctx context.Context) error {
	err := v.lines(ctx, &v.Inboxes, func(after sealedLine) rows.Query {
		return rows.File("verify_inboxes", rows.Args{
			"organisation": after.OrganisationID, "staff": after.StaffID, "seq": after.place(), "line": after.ID,
		})
	})
	if err != nil {
		return err
	}
	return v.heads(ctx, &v.Inboxes, func(after sealedHead) rows.Query {
		return rows.File("verify_inbox_heads", rows.Args{"organisation": after.OrganisationID, "staff": after.StaffID})
	})
}

// lines goes along one history after the other, a page at once, and counts them in n.
func (v *verifier) lines(ctx context.Context, n *int, next func(after sealedLine) rows.Query) error {
	var one *history
	var after sealedLine
	for {
		found, err := rows.List[sealedLine](ctx, v.m.db(), next(after))
		if err != nil {
			return err
		}
		for _, line := range found {
			if one == nil || !one.last.same(line) {
				v.ended(one)
				one = &history{organisation: line.OrganisationID}
				*n++
			}
			one.last = line
			if one.at.Why == "" {
				v.add(one, line)
			}
		}
		if len(found) == 0 {
			v.ended(one)
			return nil
		}
		after = one.last
	}
}

// heads looks for the ends of chains of which no line is left: every other was looked at with its lines.
func (v *verifier) heads(ctx context.Context, n *int, next func(after sealedHead) rows.Query) error {
	var after sealedHead
	for {
		found, err := rows.List[sealedHead](ctx, v.m.db(), next(after))
		if err != nil || len(found) == 0 {
			return err
		}
		for _, head := range found {
			if head.Gone {
				*n++
				v.broken(HistoryBreak{
					Organisation: head.OrganisationID, Channel: head.ChannelID, Inbox: head.StaffID, Number: 1, Why: BreakCutOff,
				})
			}
		}
		after = found[len(found)-1]
	}
}

func (v *verifier) broken(at HistoryBreak) {
	v.Broken++
	if len(v.Breaks) < mostBreaks {
		v.Breaks = append(v.Breaks, at)
	}
}

// history is one of which some lines were looked at.
type history struct {
	organisation adapters.OrganisationID // the first line's
	last         sealedLine
	seq          int64 // of the last sealed line, whose chain is before
	before       []byte
	keyless      HistoryBreak
	at           HistoryBreak // no Why: it is whole so far
}

func (h *history) broken(at HistoryBreak, why BreakWhy) {
	at.Organisation, at.Channel, at.Inbox, at.Why = h.organisation, h.last.ChannelID, h.last.StaffID, why
	h.at = at
}

// add looks at the next line of a history that is whole so far, and counts it where it is right.
func (v *verifier) add(h *history, line sealedLine) {
	at := HistoryBreak{Line: line.ID, Number: value(line.Seq)}
	switch {
	case line.Seq == nil && line.At.Before(v.since) && madeAt(line.ChannelID).Before(v.since):
		v.Unsealed++
		return
	case line.Seq == nil:
		h.broken(at, BreakUnsealed)
		return
	case *line.Seq != h.seq+1:
		h.broken(HistoryBreak{Number: h.seq + 1}, BreakMissing)
		return
	}
	h.seq++
	i := slices.IndexFunc(v.keys, func(key replylink.Key) bool { return key.ID == value(line.KeyID) })
	if i < 0 {
		if h.keyless.Number == 0 {
			h.keyless = at
		}
		h.before = line.Chain
		return
	}
	h.before = chain.Next(h.before, line.channel(), h.seq, line.tag(v.keys[i]))
	if !bytes.Equal(h.before, line.Chain) {
		h.broken(at, BreakChanged)
		return
	}
	v.Lines++
}

// ended says what is wrong with a history whose lines were all looked at.
func (v *verifier) ended(h *history) {
	if h == nil {
		return
	}
	cutOff := value(h.last.HeadSeq) != h.seq || !bytes.Equal(h.last.HeadChain, h.before)
	switch {
	case h.at.Why != "":
	case cutOff:
		h.broken(HistoryBreak{Number: h.seq + 1}, BreakCutOff)
	case h.keyless.Number != 0:
		h.broken(h.keyless, BreakKey)
	default:
		return
	}
	v.broken(h.at)
}

// place is where a line without a number stands, too: before the first.
func (l sealedLine) place() int64 {
	if l.ID == uuid.Nil { // none: before all
		return math.MinInt64
	}
	return value(l.Seq)
}

func (l sealedLine) channel() []byte {
	if l.ChannelID == uuid.Nil {
		return nil
	}
	return l.ChannelID[:]
}

// madeAt is when a channel was made by its id, which its seals are made with and nobody sets back.
func madeAt(channel uuid.UUID) time.Time {
	if channel.Version() != 7 {
		return time.Time{}
	}
	return time.Unix(channel.Time().UnixTime())
}
