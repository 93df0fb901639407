package search

import (
	"cmp"
	"math"
	"slices"
	"strings"
)

// A search of an inbox has two ways. The index of words finds what has a word wherever it is, and reads what the other
// inboxes in the same sixteenth of the index have of it. A walk looks through the inbox's channels, the newest first,
// until the page is full. With
//
//	postings    messages of all inboxes that have the rarest word of the search
//	share       of all messages that have it
//	perChannel  messages of a channel
//	channels    of this inbox
//	page        matching channels that are wanted
//
// and one entry of the index as the unit of cost,
//
//	index = postings / buckets  +  messageCost × share × perChannel × channels
//	walk  = channelCost × min(channels, page / (1 − (1 − share)^perChannel))
//
// The index costs the entries read, and then each match of this inbox; a walk the channels until enough have the word.
//
// A walk is begun where advantage × walk ≤ index, and goes on for index / channelCost channels: where it promised too
// much, the index is asked after all, and the search has cost twice the index at most.
//
// Measured at ten million messages, ten to a channel, on a machine whose memory did not hold them all: 0.3 microseconds
// an entry, 36 a message found with its channel, 180 a channel walked.
const (
	// fewPostings is in how many messages of all inboxes a word may be for the index to be asked whatever the inbox's
	// size: a sixteenth of them is 1,250 entries, less than half a millisecond.
	fewPostings = 20_000
	buckets     = 16 // over which messenger_inbox_bucket spreads the inboxes: the index is asked for a word in one
	channelCost = 600
	messageCost = 120
	// advantage is by how much a walk has to promise to be cheaper: it may find fewer than the average inbox has.
	advantage = 1.4
)

// Statistics are what the database knows of the words of all inboxes together. They are never changed once made.
type Statistics struct {
	indexed              bool
	messages, perChannel float64
	common               []commonWord // in order
}

type commonWord struct {
	word  string
	share float64 // of messages
}

// NewStatistics makes statistics of what PostgreSQL keeps: whether the index of words can be used, how many messages
// there are and how many of a channel, and the words that most messages have (a thousand at its default settings) with
// their shares, which may be longer.
func NewStatistics(indexed bool, messages, perChannel float64, words []string, shares []float64) *Statistics {
	s := &Statistics{indexed: indexed, messages: messages, perChannel: perChannel}
	for i, word := range words {
		s.common = append(s.common, commonWord{word, shares[i]})
	}
	slices.SortFunc(s.common, func(a, b commonWord) int { return cmp.Compare(a.word, b.word) })
	return s
}

// Rarity tells how rare the rarest term of a query is, in all inboxes, roughly.
type Rarity struct {
	Term       int     // of the query
	postings   float64 // messages; none for a word that is not common, and no end of them without an index of words
	share      float64 // of messages
	perChannel float64 // messages of a channel
}

// Rarest finds the term that the fewest messages have. Without the index of words, whose extensions a host may refuse,
// any walk is shorter than a look into it.
func (s *Statistics) Rarest(q Query) Rarity {
	r := Rarity{share: 1, postings: math.Inf(1), perChannel: s.perChannel}
	if !s.indexed {
		return r
	}
	for i, t := range q.Terms {
		share := s.ofAll(t.words)
		for _, earlier := range [][]string{t.wordsBefore, t.wordsSince} {
			if len(earlier) > 0 {
				share = min(share+s.ofAll(earlier), 1)
			}
		}
		if share*s.messages < r.postings {
			r.Term, r.share, r.postings = i, share, share*s.messages
		}
	}
	return r
}

// ofAll is of how many messages have words that begin with each of these, at most.
func (s *Statistics) ofAll(words []string) float64 {
	least := 1.0
	for _, word := range words {
		least = min(least, s.share(word))
	}
	return least
}

// share is of how many messages have words that begin so.
func (s *Statistics) share(beginning string) (share float64) {
	first, _ := slices.BinarySearchFunc(s.common, beginning, func(w commonWord, beginning string) int {
		return cmp.Compare(w.word, beginning)
	})
	for _, w := range s.common[first:] {
		if !strings.HasPrefix(w.word, beginning) {
			break
		}
		share += w.share
	}
	return min(share, 1)
}

// Rare says that the index is asked at once, whatever the inbox's size.
func (r Rarity) Rare() bool { return r.postings <= fewPostings }

// Walk is how many of an inbox's channels are to be looked through for a page of matches before the index is asked:
// none where that is as cheap.
func (r Rarity) Walk(channels, page int) int {
	index := r.postings/buckets + messageCost*r.share*r.perChannel*float64(channels)
	needed := min(float64(channels), float64(page)/(1-math.Pow(1-r.share, r.perChannel)))
	if advantage*channelCost*needed > index {
		return 0
	}
	return int(min(float64(channels), index/channelCost))
}
