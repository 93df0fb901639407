package messenger

import (
	"strings"
	"unicode/utf8"
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

// search keeps the channels in which every term is found, in the name or in some message. EXISTS leaves it to the
// planner to walk the inbox for a common word or the index for a rare one. $2 is the inbox's staff member (newInboxQuery): by
// the channel's own, the planner would hash the matches of every inbox there is.
func (q *inboxQuery) search(s search) {
	var all []string
	for _, t := range s.terms {
		like := "%" + likeEscape.Replace(t.text) + "%"
		if len(t.words) == 0 { // signs only
			q.where("c.client_name_folded like %s", like)
			continue
		}
		all = append(all, t.words...)
		q.where(`(c.client_name_folded like %s or exists (select 1 from messenger_messages w
			where w.channel_id = c.id and w.staff_id = $2 and w.words @@ %s::tsquery))`, like, prefixes(t.words, " & "))
	}
	if len(all) > 0 {
		q.matched = prefixes(all, " | ")
	}
}

// excerptLength is how many characters of a message a search shows.
const excerptLength = 140

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
	if inName || r.MatchID == nil {
		return &Match{Field: "name", Excerpt: r.ClientName}
	}
	return &Match{Field: "message", Message: *r.MatchID, Excerpt: excerpt(*r.MatchBody, wanted)}
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
	short := cut(rest, excerptLength)
	if start > 0 {
		short = "…" + short
	}
	if len(rest) > excerptLength && utf8.RuneCountInString(rest) > excerptLength {
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
