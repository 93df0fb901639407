package messenger

import (
	"bytes"
	"context"
	"fmt"
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
	At       time.Time      `json:"at"` // UTC
	Channels int            `json:"channels"`
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
	// version before may have run beside this one.
	SealedSince time.Time
	// Keys are link keys that there were, beside the LinkKeys of today.
	Keys []LinkKey
}

const (
	verifyAtOnce = 200 // histories
	mostBreaks   = 100
	sealedWithin = time.Hour
)

// VerifyHistory reads every history and says where one is not as it was written: a line changed, taken out, put in or
// put elsewhere. It needs each key that lines were sealed with: the first of LinkKeys at the time. It is for operators
// and asks nobody who they are, changes nothing, waits for nobody, and takes about a minute for a million lines. A
// second call looks again.
//
// The lines that an absence has ended by itself (ActionBack) were never written: they are read from the absence, which
// has no seal.
//
// It does not see what somebody does who has a key. Nor that the last lines of a history were cut off by somebody who
// set back its head (messenger_history_heads) as well, that a channel was taken away with all that tells of it, that a
// line was dated to before lines were sealed, or what became of lines from then.
func (m *Messenger) VerifyHistory(ctx context.Context, p VerifyParams) (HistoryVerified, error) {
	v := &verifier{m: m, since: p.SealedSince, keys: slices.Clone(m.links)}
	for _, key := range p.Keys {
		v.keys = append(v.keys, replylink.Key{ID: key.ID, Secret: key.Key})
	}
	v.At = m.now(ctx).UTC()
	if v.since.IsZero() {
		began, err := rows.One[time.Time](ctx, m.db(), rows.Raw(
			"select migrated_at from messenger_migrations where name = '20261101000051'",
		))
		if err != nil {
			return HistoryVerified{}, fmt.Errorf("messenger: look since when history is sealed: %w", err)
		}
		v.since = began.Add(sealedWithin)
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
	ID             *uuid.UUID // nil: there is no line
	At             time.Time
	ActorKind      string
	ActorID        string
	ActorName      string
	OnBehalfOf     adapters.StaffID
	Action         string
	MessageID      *uuid.UUID
	Note           string
	Seq            *int64
	Chain          []byte
	KeyID          *string
	HeadSeq        *int64
	HeadChain      []byte
}

func (l sealedLine) tag(key replylink.Key) []byte {
	return keyOf(key, l.OrganisationID).Tag(chain.Line{
		ID: *l.ID, Organisation: string(l.OrganisationID), Inbox: string(l.StaffID), At: l.At, ActorKind: l.ActorKind,
		ActorID: l.ActorID, ActorName: l.ActorName, OnBehalfOf: string(l.OnBehalfOf), Action: l.Action,
		Message: value(l.MessageID), Note: l.Note,
	})
}

// same says whether two lines are of one history.
func (l sealedLine) same(as sealedLine) bool {
	return l.ChannelID == as.ChannelID && (l.ChannelID != uuid.Nil ||
		l.StaffID == as.StaffID && l.OrganisationID == as.OrganisationID)
}

// channels goes through the histories of all channels, and of those of which a head alone is left.
func (v *verifier) channels(ctx context.Context) error {
	for after := uuid.Nil; ; {
		found, err := rows.List[sealedLine](ctx, v.m.db(), rows.File("verify_channels", rows.Args{
			"after": after, "limit": verifyAtOnce,
		}))
		if err != nil || len(found) == 0 {
			return err
		}
		v.Channels += v.each(found)
		after = found[len(found)-1].ChannelID
	}
}

func (v *verifier) inboxes(ctx context.Context) error {
	for organisation, staff := adapters.OrganisationID(""), adapters.StaffID(""); ; {
		found, err := rows.List[sealedLine](ctx, v.m.db(), rows.File("verify_inboxes", rows.Args{
			"organisation": organisation, "staff": staff, "limit": verifyAtOnce,
		}))
		if err != nil || len(found) == 0 {
			return err
		}
		v.Inboxes += v.each(found)
		last := found[len(found)-1]
		organisation, staff = last.OrganisationID, last.StaffID
	}
}

// each looks at one history after the other, and says how many there are.
func (v *verifier) each(lines []sealedLine) (n int) {
	for len(lines) > 0 {
		end := 1
		for end < len(lines) && lines[end].same(lines[0]) {
			end++
		}
		if found, why := v.firstBreak(lines[:end]); why != "" {
			v.Broken++
			found.Organisation, found.Channel, found.Inbox = lines[0].OrganisationID, lines[0].ChannelID, lines[0].StaffID
			if found.Why = why; len(v.Breaks) < mostBreaks {
				v.Breaks = append(v.Breaks, found)
			}
		}
		n, lines = n+1, lines[end:]
	}
	return n
}

// firstBreak goes along one history from its first line and counts the lines that are right. No why: it is whole.
func (v *verifier) firstBreak(lines []sealedLine) (at HistoryBreak, why BreakWhy) {
	var seq int64
	var before []byte
	var keyless HistoryBreak
	for _, line := range lines {
		if line.ID == nil {
			break
		}
		at.Line, at.Number = *line.ID, value(line.Seq)
		switch {
		case line.Seq == nil && line.At.Before(v.since):
			v.Unsealed++
			continue
		case line.Seq == nil:
			return at, BreakUnsealed
		case *line.Seq != seq+1:
			return HistoryBreak{Number: seq + 1}, BreakMissing
		}
		seq++
		i := slices.IndexFunc(v.keys, func(key replylink.Key) bool { return key.ID == value(line.KeyID) })
		if i < 0 {
			if keyless.Number == 0 {
				keyless = at
			}
			before = line.Chain
			continue
		}
		before = chain.Next(before, line.channel(), seq, line.tag(v.keys[i]))
		if !bytes.Equal(before, line.Chain) {
			return at, BreakChanged
		}
		v.Lines++
	}
	first := lines[0]
	if value(first.HeadSeq) != seq || !bytes.Equal(first.HeadChain, before) {
		return HistoryBreak{Number: seq + 1}, BreakCutOff
	}
	if keyless.Number != 0 {
		return keyless, BreakKey
	}
	return HistoryBreak{}, ""
}

func (l sealedLine) channel() []byte {
	if l.ChannelID == uuid.Nil {
		return nil
	}
	return l.ChannelID[:]
}
