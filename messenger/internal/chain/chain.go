// Package chain seals the lines of a history, each to the one before it. It keeps nothing and reads no clock.
package chain

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"time"

	"github.com/google/uuid"
)

// Key is what an organisation's lines are sealed with.
type Key []byte

// NewKey derives an organisation's key from a secret of the host's, which serves other purposes too.
func NewKey(secret []byte, organisation string) Key {
	h := hmac.New(sha256.New, secret)
	h.Write([]byte("messenger history\x00" + organisation))
	return h.Sum(nil)
}

// Line is what a tag is of: all that a line says, but for its channel and its number, which are known to the database
// alone when it is written, and are in what Next makes of it. Inbox is the inbox's owner; a channel's line has none.
type Line struct {
	ID                  uuid.UUID
	Organisation, Inbox string
	At                  time.Time
	ActorKind, ActorID  string
	ActorName           string
	OnBehalfOf, Action  string
	Message             uuid.UUID // zero without
	Note                string
	Client              string // of a line of an inbox's that tells of one
}

// Tag is the line's, under a key: HMAC-SHA-256 (RFC 2104) of its parts, each after its length, so that no two lines
// have the same. The database keeps no tag but a hash of it, so that only who has the key can make it again.
func (key Key) Tag(l Line) []byte {
	h := hmac.New(sha256.New, key)
	at := binary.BigEndian.AppendUint64(nil, uint64(l.At.UnixMicro()))
	parts := []string{
		string(l.ID[:]), l.Organisation, l.Inbox, string(at), l.ActorKind, l.ActorID, l.ActorName, l.OnBehalfOf, l.Action,
		string(l.Message[:]), l.Note,
	}
	if l.Client != "" { // lines from before migration 59 have none
		parts = append(parts, l.Client)
	}
	for _, part := range parts {
		h.Write(binary.BigEndian.AppendUint32(nil, uint32(len(part)))) //nolint:gosec // far below
		h.Write([]byte(part))
	}
	return h.Sum(nil)
}

// Next is what stands with a line: SHA-256 of what stands with the line before, nothing for the first, its channel (no
// bytes for an inbox's), its number and its tag. The database makes the same: see migration 51.
func Next(before, channel []byte, seq int64, tag []byte) []byte {
	h := sha256.New()
	h.Write(before)
	h.Write(channel)
	h.Write(binary.BigEndian.AppendUint64(nil, uint64(seq))) //nolint:gosec // the same bits back and forth
	h.Write(tag)
	return h.Sum(nil)
}
