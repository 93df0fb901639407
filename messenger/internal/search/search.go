// Package search holds how people search an inbox: which words a text has, what a query asks for, what of a text is
// shown where it was found, and which way through the database is the cheaper. It is pure: the caller reads and asks
// the database.
//
// A text is compared by its folded words, letters and digits without case and accents. Messages keep theirs when they
// are written (Words), as channels keep the folded name of their client (Fold). A word of a query matches anywhere in a
// name, and from its start in a message.
package search

import "strings"

// Query is what a person searches an inbox for; the zero value is no search.
type Query struct{ Terms []Term }

// Term is one word as it was typed, folded: "o'neil", "&".
type Term struct {
	Text  string   // for names: found anywhere in them
	Words []string // for messages: each must begin a word of the message; none of signs alone
}

// Parse reads what was typed: literal text, which has no operators.
func Parse(typed string) Query {
	var q Query
	var signs []Term // the & of "tea & cake": no message is found by it, so it counts only where there is nothing else
	for _, text := range strings.Fields(Fold(typed)) {
		if t := (Term{text, Words(text)}); len(t.Words) > 0 {
			q.Terms = append(q.Terms, t)
		} else {
			signs = append(signs, t)
		}
	}
	if len(q.Terms) == 0 {
		q.Terms = signs
	}
	return q
}

// InMessages says whether messages can be found by the query: signs alone are in names only.
func (q Query) InMessages() bool { return len(q.Terms) > 0 && len(q.Terms[0].Words) > 0 }

// NotInName returns the words of the terms that a client's name does not have, and whether it has every term.
func (q Query) NotInName(name string) (words []string, all bool) {
	name, all = Fold(name), true
	for _, t := range q.Terms {
		if !strings.Contains(name, t.Text) {
			words, all = append(words, t.Words...), false
		}
	}
	return words, all
}

// TSQuery is the tsquery that finds messages by a term, with something before each of its words. Words are letters and
// digits: nothing in them is an operator.
func (t Term) TSQuery(before string) string {
	quoted := make([]string, len(t.Words))
	for i, word := range t.Words {
		quoted[i] = "'" + before + word + "':*"
	}
	return strings.Join(quoted, " & ")
}

// Like is the pattern of SQL's LIKE that finds a term anywhere in a folded name.
func (t Term) Like() string { return "%" + likeEscape.Replace(t.Text) + "%" }

//nolint:gochecknoglobals // built once, as a regexp; never changed
var likeEscape = strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`)
