package messenger

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"
)

// search is what a person searches an inbox for; the zero value is no search.
type search struct{ terms []term }

// term is one word as it was typed, folded.
type term struct {
	text  string   // for names: matches anywhere in them
	words []string // for messages: each must begin a word
}

func parseSearch(query string) (search, error) {
	query, err := plain("q", query)
	if err != nil {
		return search{}, err
	}
	if utf8.RuneCountInString(query) > maxQuery {
		return search{}, invalid("q", "Search for 200 characters or fewer.")
	}
	var s search
	var signs []term // the & of "tea & cake": no message is found by it, so it counts only where there is nothing else
	for _, typed := range strings.Fields(fold(query)) {
		if t := (term{typed, words(typed)}); len(t.words) > 0 {
			s.terms = append(s.terms, t)
		} else {
			signs = append(signs, t)
		}
	}
	if len(s.terms) == 0 {
		s.terms = signs
	}
	return s, nil
}

// prefixes is the tsquery that finds messages with all of these words, or with any. Words are letters and digits: nothing
// in them is an operator.
func prefixes(list []string, operator string) string {
	quoted := make([]string, len(list))
	for i, word := range list {
		quoted[i] = "'" + word + "':*"
	}
	return strings.Join(quoted, operator)
}

var likeEscape = strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`) //nolint:gochecknoglobals // built once, as a regexp; never changed

const (
	// splitTerms is for how many terms a search is planned apart by where they are found.
	splitTerms = 2
	// sampled channels say whether what is searched for is common: found in commonIn of them or more.
	sampled, commonIn = 8, 3
	// walkedPages is how many pages of channels are then walked through.
	walkedPages = 4
)

// found is a search's condition, in the two forms that selectMatches needs.
type found struct {
	here []string // each to be asked of one channel at a time
	ways []string // together the same by indexes, each a way to match
}

// search keeps the channels in which every term is found, in the name or in some message. $2 is the inbox's staff member
// (newInboxQuery): by the channel's own, the planner would hash the matches of every inbox there is.
func (q *inboxQuery) search(s search) {
	var all []string
	f := found{ways: []string{""}}
	for _, t := range s.terms {
		name := q.condition("c.client_name_folded like %s", "%"+likeEscape.Replace(t.text)+"%")
		if len(t.words) == 0 { // signs only
			q.conditions = append(q.conditions, name)
			continue
		}
		all = append(all, t.words...)
		wanted := prefixes(t.words, " & ")
		// OFFSET keeps it a question about one channel's messages: by the index of words each would be answered from the whole inbox
		here := q.condition("("+name+` or exists (select 1 from (select w.words from messenger_messages w where w.channel_id = c.id offset 0) w
			where w.words @@ %s::tsquery))`, wanted)
		f.here = append(f.here, here)
		if len(f.here) > splitTerms {
			for i := range f.ways {
				f.ways[i] += " and " + here
			}
			continue
		}
		message := q.condition("exists (select 1 from messenger_messages w where w.channel_id = c.id and w.staff_id = $2 and w.words @@ %s::tsquery)",
			wanted)
		ways := make([]string, 0, 2*len(f.ways))
		for _, way := range f.ways {
			ways = append(ways, way+" and "+name, way+" and "+message)
		}
		f.ways = ways
	}
	if len(all) > 0 {
		q.found, q.matched = f, prefixes(all, " | ")
	}
}

// selectMatches selects a page of the channels that match, of those that are the inbox's as channels says.
//
// 'In the name or in a message' leaves the planner nothing but a walk through the whole inbox, and what it knows of an inbox's
// words is too little to tell when a walk is best. So: when a few of the first channels match, a walk fills the page soon. Else,
// and when it did not, each way to match is a select of its own, by the names' index or the words', cut to a page; the rest
// is a union of pages. The conditions on the counts are outside of each select, so that it is not even begun in vain.
func (f found) selectMatches(channels, order string, limit int) string {
	here := strings.Join(f.here, " and ")
	parts := make([]string, len(f.ways))
	for i, way := range f.ways {
		parts[i] = fmt.Sprintf("select * from (%s%s%s limit %d) c where (select count(*) from walked) < %d", channels, way, order, limit, limit)
	}
	return fmt.Sprintf(`with sample as (select count(*) n from (%s%s limit %d) c where %s),
		walked as (select * from (%s and (select n from sample) >= %d%s limit %d) c where %s%s limit %d)
		select * from (select * from walked union %s) c%s limit %d`,
		channels, order, sampled, here, channels, commonIn, order, walkedPages*limit, here, order, limit,
		strings.Join(parts, " union "), order, limit)
}

// match says why a row was found.
func (s search) match(r listRow) *Match {
	if len(s.terms) == 0 {
		return nil
	}
	name, inName := fold(r.ClientName), true
	var wanted []string
	for _, t := range s.terms {
		if !strings.Contains(name, t.text) {
			inName = false
			wanted = append(wanted, t.words...)
		}
	}
	if inName || r.MatchID == uuid.Nil {
		return &Match{Field: "name", Excerpt: r.ClientName}
	}
	return &Match{Field: "message", Message: r.MatchID, Excerpt: excerpt(r.MatchBody, wanted)}
}

// excerpt is the part of a text around the first word that begins with one of these.
func excerpt(text string, wanted []string) string {
	start := 0
	fields := strings.Fields(text)
	for i, field := range fields {
		if beginsAny(words(field), wanted) {
			start = max(0, i-8)
			break
		}
	}
	rest := strings.Join(fields[start:], " ")
	short := cut(rest, previewLength)
	if start > 0 {
		short = "…" + short
	}
	if len(rest) > previewLength && utf8.RuneCountInString(rest) > previewLength {
		short += "…"
	}
	return short
}

func beginsAny(list, wanted []string) bool {
	for _, word := range list {
		for _, w := range wanted {
			if strings.HasPrefix(word, w) {
				return true
			}
		}
	}
	return false
}
