package messenger

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"strings"

	"github.com/cmsmessenger/cmsmessenger/messenger/internal/replylink"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/rows"
)

// urlSigns are what the beginning of a link is made of.
const urlSigns = `:/.-_~%@?=&#+;\` +
	"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

// kept is a text fit to be kept and sent: with stands where it had a link that opens a channel, whosever, or the token
// of one alone. Nothing else is taken out: what may be a token is looked up.
func (m *Messenger) kept(ctx context.Context, q rows.Querier, text, with string) (string, error) {
	if !mayHoldToken(text) {
		return text, nil
	}
	for again := true; again; {
		again = false
		for _, reads := range readings(text) {
			found, err := m.liveTokens(ctx, q, reads.text)
			if err != nil {
				return text, err
			}
			if again = len(found) > 0; again {
				text = reads.without(found, text, with)
				break
			}
		}
	}
	return text, nil
}

// without is the text as it was written with what stands there instead of the links whose tokens begin at these places
// of what was read.
func (r asRead) without(tokens []int, text, with string) string {
	var out strings.Builder
	from := 0
	for _, at := range tokens {
		if r.from[at] < from { // within what has been taken out
			continue
		}
		before := text[from:r.from[at]]
		if at >= len("/r/") && strings.EqualFold(r.text[at-len("/r/"):at], "/r/") {
			before = strings.TrimRight(text[from:r.from[at-len("/r/")]], urlSigns)
		}
		out.WriteString(before + with)
		from = r.to[at+replylink.TokenLength-1]
	}
	return out.String() + text[from:]
}

// keptID is an id of somebody else's as it is kept: a digest where it has a link in it, since things are told apart by
// it.
func (m *Messenger) keptID(ctx context.Context, q rows.Querier, id string) (string, error) {
	kept, err := m.kept(ctx, q, id, "")
	if err == nil && kept != id {
		sum := sha256.Sum256([]byte(id))
		kept = base64.RawURLEncoding.EncodeToString(sum[:])
	}
	return kept, err
}

// haveLink says whether one of several short texts has a link in it that kept would take out, by one question for all.
func (m *Messenger) haveLink(ctx context.Context, q rows.Querier, texts []string) (bool, error) {
	lookups := map[string][][]byte{}
	for _, text := range texts {
		if !mayHoldToken(text) {
			continue
		}
		for _, reads := range readings(text) {
			m.lookUpTokens(reads.text, lookups)
		}
	}
	live, err := whichLive(ctx, q, lookups)
	return len(live) > 0, err
}

// lookUpTokens adds, of what may be a token in a text, by what it would be found.
func (m *Messenger) lookUpTokens(text string, lookups map[string][][]byte) (places []int) {
	places = replylink.Places(text)
	for _, place := range places {
		token := text[place : place+replylink.TokenLength]
		if lookups[token] == nil {
			lookups[token] = m.links.Lookups(token)
		}
	}
	return places
}

// whichLive are those of the lookups that open a channel.
func whichLive(ctx context.Context, q rows.Querier, lookups map[string][][]byte) (map[string]bool, error) {
	var asked [][]byte
	for _, of := range lookups {
		asked = append(asked, of...)
	}
	if len(asked) == 0 {
		return nil, nil
	}
	found, err := rows.List[[]byte](ctx, q, rows.Select[rows.Channel]().Column("link_lookup").
		Where("c.link_lookup = any(?)", rows.V(asked)))
	live := make(map[string]bool, len(found))
	for _, lookup := range found {
		live[string(lookup)] = true
	}
	return live, err
}

// liveTokens is where tokens of links that open a channel begin in a text.
func (m *Messenger) liveTokens(ctx context.Context, q rows.Querier, text string) (at []int, err error) {
	lookups := map[string][][]byte{}
	places := m.lookUpTokens(text, lookups)
	live, err := whichLive(ctx, q, lookups)
	if err != nil || len(live) == 0 {
		return nil, err
	}
	end := 0
	for _, place := range places {
		for _, lookup := range lookups[text[place:place+replylink.TokenLength]] {
			if live[string(lookup)] && place >= end {
				at, end = append(at, place), place+replylink.TokenLength
			}
		}
	}
	return at, nil
}
