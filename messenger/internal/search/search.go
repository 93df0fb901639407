// Package search holds how people search an inbox: which words a text has, what a query asks for, what of a text is
// shown where it was found, and which way through the database is the cheaper. It is pure: the caller reads and asks
// the database.
//
// A text is compared by its folded words. Messages keep theirs when they are written (Words), as channels keep the
// folded name of their client (Fold). A word of a query matches anywhere in a name, and from its start in a message; in
// scripts that write no spaces between words it matches anywhere in both.
package search

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Query is what a person searches an inbox for; the zero value is no search.
type Query struct {
	Terms []Term
	Words int // that are asked for, each counted once
}

// Term is what was typed between two spaces: "o'neil", "12:30", "&". A client's name has it when each of its words is
// somewhere in the name; a message when each of its words begins one of the message's.
type Term struct {
	name, words []string // no words where there are signs alone
	// By the rules of before.go, where those read the term otherwise.
	nameBefore, wordsBefore []string
	nameSince, wordsSince   []string
}

// Parse reads what was typed: literal text, which has no operators. Punctuation around a word counts for nothing, and
// what is typed twice is asked once. A title in brackets (the "(Mrs)" of "OKAFOR, Grace (Mrs)") and signs alone (the &
// of "tea & cake") count only where there is nothing else.
func Parse(typed string) Query {
	if q := parse(withoutTitle(typed)); q.InMessages() {
		return q
	}
	return parse(typed)
}

func parse(typed string) Query {
	var terms, signs []Term
	for _, text := range strings.Fields(norm.NFKD.String(apostrophes.Replace(typed))) {
		switch t := newTerm(text); {
		case len(t.words) > 0:
			terms = append(terms, t)
		case len(t.name) > 0:
			signs = append(signs, t)
		}
	}
	if len(terms) == 0 {
		terms = signs
	}
	return newQuery(terms)
}

// titles are in brackets: known ones anywhere, and whatever words stand last behind a surname, a comma and a forename.
var (
	title = regexp.MustCompile(
		`(?i)[(\[（]\s*(?:mr|mrs|ms|miss|mx|dr|prof|professor|rev|sir|dame|lord|lady|master)\.?\s*[)\]）]`)
	surnameFirst = regexp.MustCompile(`^([^,()\[\]（）]+,[^,()\[\]（）]+)[(\[（][\pL\pM./\s]+[)\]）][\s.,;]*$`)
)

func withoutTitle(typed string) string {
	return title.ReplaceAllString(surnameFirst.ReplaceAllString(typed, "$1"), " ")
}

func newQuery(terms []Term) Query {
	var q Query
	words, asked := newDistinct(), newDistinct()
	for _, t := range terms {
		for _, part := range split(strings.Join(t.name, " ")) {
			words.add(part.text)
		}
		if len(t.words) == 0 {
			words.add(t.name...)
		}
		if key := strings.Join(t.name, " ") + "\n" + strings.Join(t.words, " "); !asked.seen[key] {
			asked.add(key)
			q.Terms = append(q.Terms, t)
		}
	}
	q.Words = len(words.list)
	return q
}

func newTerm(typed string) Term {
	folded, since, before := Fold(typed), foldSince(typed), foldBefore(typed)
	t := Term{name: nameWords(folded), words: wanted(folded)}
	if len(t.words) == 0 && folded != "" {
		t.name = []string{folded}
		return t
	}
	if words := wordsBefore(before); !slices.Equal(words, t.words) {
		t.wordsBefore = words
	}
	if words := nameWords(before); !slices.Equal(words, t.name) {
		t.nameBefore = words
	}
	if since != folded {
		t.nameSince, t.wordsSince = nameWords(since), wanted(since)
	}
	return t
}

// wanted are the words of a folded text that are looked for in messages.
func wanted(folded string) []string {
	var words []string
	for _, part := range split(folded) {
		part.text = cutWord(part.text)
		if part.unspaced {
			grams, reach := part.grams()
			words = append(words, grams[:reach]...)
		} else {
			words = append(words, part.text)
		}
	}
	return words
}

// nameWords are what of a folded text is looked for in names: the words, an apostrophe within one left where it is.
func nameWords(folded string) []string {
	var words []string
	for _, word := range strings.FieldsFunc(folded, func(r rune) bool { return r != '\'' && apart(r) }) {
		if word = strings.Trim(word, "'"); word != "" {
			words = append(words, word)
		}
	}
	return words
}

// Name is what was typed as a directory is asked for it: the words as they are written, without what is not seen,
// without punctuation round them, without a title in brackets. Where nothing else is left, what was typed.
func Name(typed string) string {
	seen := strings.TrimSpace(strings.Map(func(r rune) rune {
		if unseen(r) {
			return -1
		}
		return r
	}, apostrophes.Replace(typed)))
	var words []string
	for _, text := range strings.Fields(withoutTitle(seen)) {
		between := func(r rune) bool { return !inName(r) && !strings.ContainsRune("'’‘ʼ-‐‑–.", r) }
		for _, word := range strings.FieldsFunc(text, between) {
			if word = strings.TrimFunc(word, func(r rune) bool { return !inName(r) }); word != "" {
				words = append(words, word)
			}
		}
	}
	if len(words) == 0 {
		return seen
	}
	return strings.Join(words, " ")
}

func inName(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) }

// InMessages says whether messages can be found by the query: signs alone are in names only.
func (q Query) InMessages() bool { return len(q.Terms) > 0 && len(q.Terms[0].words) > 0 }

// NotInName returns the words of the terms that a client's name does not have, and whether it has every term.
func (q Query) NotInName(name string) (words []string, all bool) {
	name, all = Fold(name), true
	for _, t := range q.Terms {
		if slices.ContainsFunc(t.name, func(word string) bool { return !strings.Contains(name, word) }) {
			words, all = append(words, t.words...), false
		}
	}
	return words, all
}

// Likes are patterns of SQL's LIKE: a folded name has the term when it matches every pattern of one of the lists.
func (t Term) Likes() [][]string {
	lists := [][]string{likes(t.name)}
	for _, earlier := range [][]string{t.nameBefore, t.nameSince} {
		if len(earlier) > 0 {
			lists = append(lists, likes(earlier))
		}
	}
	return lists
}

func likes(words []string) []string {
	patterns := make([]string, len(words))
	for i, word := range words {
		patterns[i] = "%" + likeEscape.Replace(word) + "%"
	}
	return patterns
}

//nolint:gochecknoglobals // built once, as a regexp; never changed
var likeEscape = strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`)

// TSQuery is the tsquery that finds messages by a term, with something before each of its words. Words are letters,
// digits and marks: nothing in them is an operator.
func (t Term) TSQuery(before string) string {
	query := tsquery(t.words, before)
	if len(t.wordsSince) > 0 {
		query += " | " + tsquery(t.wordsSince, before)
	}
	if len(t.wordsBefore) > 0 {
		query += " | " + tsquery(t.wordsBefore, before) + " & !'" + before + byTheseRules + "'"
	}
	return query
}

func tsquery(words []string, before string) string {
	quoted := make([]string, len(words))
	for i, word := range words {
		quoted[i] = "'" + before + word + "':*"
	}
	return strings.Join(quoted, " & ") // binds more tightly than |
}
