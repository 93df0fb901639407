// Package advice is what somebody who writes a message may want to know before it goes out: each rule is pure, has its
// source, and can be passed over. It refuses nothing, keeps nothing and logs nothing.
package advice

import (
	"strings"
	"time"
	"unicode"
)

// Advice is what a rule has to say of a message.
type Advice struct {
	Rule   string // its name
	Text   string // for who writes
	Source string // where the rule is from
}

// Message is what the rules look at. The placeholders of Subject and Body are filled.
type Message struct {
	SMS           bool // an email else
	Private       bool // its words stay behind the link, and Text is the notice
	Subject, Body string
	Text          string // the whole text as the carrier sends it
	Service       string // the name of who sends it; empty: not known
	DateOfBirth   string // the client's, "2006-01-02"; empty: not known
	// Now, Goes and Opens are in the organisation's zone: the present, when the message goes out, and when work is next
	// done after that: Goes itself in working hours.
	Now, Goes, Opens time.Time
}

// On is the advice on a message, in the order in which the rules are told. There is none on an empty body.
func On(m Message) (list []Advice) {
	t := read(m)
	if len(t.words) == 0 {
		return nil
	}
	for _, rule := range []func(text) (string, string, string){
		serviceName, todayLater, link, personalNumber, greeting, dearCharacter, capitals, readingAge, outOfHours, badNews,
	} {
		if name, words, source := rule(t); words != "" {
			list = append(list, Advice{name, words, source})
		}
	}
	return list
}

// text is a message taken apart once for all rules.
type text struct {
	Message
	written string   // subject and body
	words   []string // of written, as they stand, apostrophes straight
	flat    string   // the words in lower case, with a space before, between and after them
}

func read(m Message) text {
	written := m.Body
	if m.Subject != "" && strings.TrimSpace(m.Body) != "" {
		written = m.Subject + "\n" + m.Body
	}
	t := text{Message: m, written: written, words: wordsOf(written)}
	t.flat = " " + strings.ToLower(strings.Join(t.words, " ")) + " "
	return t
}

// wordsOf are the words of a text: letters, marks and digits, with the apostrophes between them.
func wordsOf(s string) (list []string) {
	for word := range strings.FieldsFuncSeq(strings.ReplaceAll(s, "’", "'"), func(r rune) bool {
		return r != '\'' && !unicode.IsLetter(r) && !unicode.IsMark(r) && !unicode.IsDigit(r)
	}) {
		if word = strings.Trim(word, "'"); word != "" {
			list = append(list, word)
		}
	}
	return list
}

// first is the first of some phrases, in lower case, that the text has as whole words; "" for none.
func (t text) first(phrases ...string) string {
	for _, phrase := range phrases {
		if strings.Contains(t.flat, " "+phrase+" ") {
			return phrase
		}
	}
	return ""
}
