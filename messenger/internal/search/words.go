package search

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/cmsmessenger/cmsmessenger/internal/pasted"
)

// undecomposed are the letters that Unicode takes for letters of their own and a keyboard without them writes
// otherwise, and the apostrophes and hyphens that a word processor puts for the plain ones.
var undecomposed = strings.NewReplacer( //nolint:gochecknoglobals // built once, as a regexp; never changed
	"ł", "l", "ø", "o", "đ", "d", "ð", "d", "ħ", "h", "ı", "i", "ŧ", "t", "þ", "th",
	"æ", "ae", "œ", "oe", "ß", "ss", "’", "'", "‘", "'", "ʼ", "'", "‐", "-", "–", "-")

// apostrophes are other signs that people type for one, and what Hebrew has.
var apostrophes = strings.NewReplacer( //nolint:gochecknoglobals // built once, as a regexp; never changed
	"`", "'", "´", "'", "′", "'", "ʻ", "'", "‛", "'", "׳", "'")

// Fold is text as a search compares it: without case, without the accents and points of Latin, Greek, Cyrillic, Arabic
// and Hebrew letters, without what is not seen, with the digits of every script as 0 to 9, and with one for each of the
// Arabic letters that keyboards have in several forms. The marks of other scripts are part of their words: in them a
// vowel is written so.
func Fold(s string) string { return fold(s, sameSign) }

// fold takes the signs of a text for those that same makes of them.
func fold(s string, same func(rune) rune) string {
	if isASCII(s) {
		// most texts: the rest would change nothing, at ten times the cost
		return strings.ToLower(strings.ReplaceAll(s, "`", "'"))
	}
	var b strings.Builder
	var letter rune // that a mark belongs to; 0 where there is none
	for _, r := range norm.NFKD.String(apostrophes.Replace(s)) {
		r = same(r)
		switch {
		case unseen(r):
		case unicode.IsMark(r):
			if letter != 0 && !unicode.In(letter, accented...) {
				b.WriteRune(r)
			}
		default:
			letter = 0
			if unicode.IsLetter(r) || unicode.IsDigit(r) {
				letter = r
			}
			b.WriteRune(foldCase(r))
		}
	}
	return undecomposed.Replace(b.String())
}

// arabic are the letters that a keyboard for another language writes otherwise (the ی, ک and ہ of Persian and Urdu),
// and that people write for each other at a word's end (ى for ي, ه for ة).
var arabic = map[rune]rune{ //nolint:gochecknoglobals // a table
	'ى': 'ي', 'ی': 'ي', 'ے': 'ي', 'ک': 'ك', 'ٱ': 'ا', 'ة': 'ه', 'ۃ': 'ه', 'ہ': 'ه', 'ھ': 'ه', 'ە': 'ه',
}

// drawnOut are the signs that lengthen the stroke between two letters: tatweel, and those of N'Ko and Mongolian.
const drawnOut = "\u0640\u07fa\u0883\u0884\u0885\u180a"

// sameSign is the sign that one counts as: nothing seen for what only lengthens a stroke.
func sameSign(r rune) rune {
	switch {
	case r < utf8.RuneSelf:
		return r
	case unicode.IsDigit(r):
		return pasted.Digit(r)
	case strings.ContainsRune(drawnOut, r):
		return softHyphen
	}
	if letter := arabic[r]; letter != 0 {
		return letter
	}
	return r
}

func isASCII(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r >= utf8.RuneSelf })
}

// foldCase is Unicode's case folding of one letter, but for ß, which undecomposed has: ς and Σ become σ.
func foldCase(r rune) rune { return unicode.ToLower(unicode.ToUpper(r)) }

// unseen says that a sign has no look of its own: format characters, such as a soft hyphen or a zero width joiner, and
// what Unicode calls default ignorable (UAX 44, DerivedCoreProperties).
func unseen(r rune) bool {
	return r >= utf8.RuneSelf &&
		unicode.In(r, unicode.Cf, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point)
}

var (
	// accented are the scripts whose readers leave accents and points out.
	accented = []*unicode.RangeTable{ //nolint:gochecknoglobals // a constant
		unicode.Latin, unicode.Greek, unicode.Cyrillic, unicode.Arabic, unicode.Hebrew, unicode.Common, unicode.Inherited,
	}
	// unspaced are the scripts that write words without spaces between them.
	unspaced = []*unicode.RangeTable{ //nolint:gochecknoglobals // a constant
		unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar,
	}
)

const (
	softHyphen = '\u00ad' // is not seen
	// maxWord is how much of one word a search compares, in bytes: PostgreSQL keeps 2,046 of a lexeme.
	maxWord = 200
	// gram is how many characters of a run without spaces are kept from each of its letters on.
	gram = 5
	// maxWords is how many bytes the words of a text may have, each with the digit that the index puts before it:
	// PostgreSQL's tsvector holds 1,048,575. The longest messages have fewer, or nearly: what is beyond is not found.
	maxWords = 1_000_000
	// byTheseRules stands among the words of a text that earlier rules would have read otherwise: see before.go.
	byTheseRules = "."
)

// Words are the distinct folded words of a text, as they are kept to be found by: letters, digits and marks. Of a run
// in a script without spaces they are its first five characters from each letter on, so that it is found from anywhere.
func Words(s string) []string {
	kept := newDistinct()
	foreign := false
	for _, part := range split(Fold(s)) {
		if part.unspaced {
			grams, _ := part.grams()
			kept.add(grams...)
		} else {
			kept.add(cutWord(part.text))
		}
		foreign = foreign || readOtherwise(part.text)
	}
	if foreign {
		kept.add(byTheseRules)
	}
	return kept.list
}

// distinct collects words, each once.
type distinct struct {
	seen  map[string]bool
	list  []string
	bytes int
}

func newDistinct() *distinct { return &distinct{seen: map[string]bool{}, list: []string{}} }

func (d *distinct) add(words ...string) {
	for _, word := range words {
		if d.seen[word] || d.bytes+len(word)+1 > maxWords {
			continue
		}
		d.seen[word] = true
		d.list = append(d.list, word)
		d.bytes += len(word) + 1
	}
}

// part is a word, or a run of words in a script without spaces.
type part struct {
	text     string
	unspaced bool
}

// split returns the words and runs of a folded text in their order.
func split(folded string) []part {
	var parts []part
	start, last := 0, between
	end := func(at int) {
		if last != between {
			parts = append(parts, part{folded[start:at], last == inRun})
		}
	}
	for at, r := range folded {
		kind := kindOf(r, last)
		if kind != last {
			end(at)
			start, last = at, kind
		}
	}
	end(len(folded))
	return parts
}

type kind int

const (
	between kind = iota // of words
	inWord
	inRun // of a script without spaces
)

// kindOf is what a folded sign is after one of another kind.
func kindOf(r rune, after kind) kind {
	switch {
	case r < utf8.RuneSelf:
		if 'a' <= r && r <= 'z' || '0' <= r && r <= '9' {
			return inWord
		}
		return between
	case unicode.IsMark(r):
		return after
	case !unicode.IsLetter(r) && !unicode.IsDigit(r):
		return between
	case unicode.In(r, unspaced...):
		return inRun
	case after == inRun && unicode.Is(unicode.Common, r): // as the ー of ノート
		return inRun
	default:
		return inWord
	}
}

// grams are the first characters of a run from each letter on; reach is how many of them it takes to have all of the
// run.
func (p part) grams() (list []string, reach int) {
	var starts []int // of each character, and the end
	for at := range p.text {
		starts = append(starts, at)
	}
	starts = append(starts, len(p.text))
	for i, at := range starts[:len(starts)-1] {
		if r, _ := utf8.DecodeRuneInString(p.text[at:]); unicode.IsMark(r) {
			continue
		}
		end := starts[min(i+gram, len(starts)-1)]
		list = append(list, p.text[at:end])
		if reach == 0 && end == len(p.text) {
			reach = len(list)
		}
	}
	return list, reach
}

// apart says that a folded sign belongs to no word.
func apart(r rune) bool { return kindOf(r, between) == between && !unicode.IsMark(r) }

func cutWord(word string) string {
	for len(word) > maxWord {
		_, size := utf8.DecodeLastRuneInString(word)
		word = word[:len(word)-size]
	}
	return word
}
