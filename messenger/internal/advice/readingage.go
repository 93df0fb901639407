package advice

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// oldest is the reading age that the NHS writes for at most, 9 to 11.
const oldest = 11

// readingAge is told of texts long enough to be measured: a few words say nothing of how somebody writes. NHS digital
// service manual, health literacy: readability tools help to find what is hard, and prove nothing.
func readingAge(t text) (rule, words, source string) {
	age, known := ageOf(t.Body)
	if !known || age <= oldest || !isEnglish(t.words) {
		return "", "", ""
	}
	return "reading_age", fmt.Sprintf("This reads as for somebody of %d or older. Many read less easily: use shorter "+
			"sentences and simpler words.", age),
		"NHS digital service manual, health literacy: https://service-manual.nhs.uk/content/health-literacy"
}

// ageOf is the age at which somebody reads a text easily, by the Automated Readability Index: E. A. Smith and R. J.
// Senter, Automated Readability Index, AMRL-TR-66-220, Wright-Patterson Air Force Base 1967. It has the grade of an
// American school from letters a word and words a sentence, and no syllables, which a program guesses; in grade 1 one
// is six, hence 5 more. Part years are left out. It was made for English: a text with many other letters has none.
//
// A line is a sentence's end. Lines of fewer than four words (a greeting, a name), links and numbers do not count.
func ageOf(body string) (age int, known bool) {
	const fewest = 30 // words
	var letters, words, sentences, other int
	for line := range strings.Lines(body) {
		w, l, s, o := measure(line)
		if w < 4 {
			continue
		}
		letters, words, sentences, other = letters+l, words+w, sentences+s, other+o
	}
	if words < fewest || other > letters/10 {
		return 0, false
	}
	grade := 4.71*float64(letters)/float64(words) + 0.5*float64(words)/float64(sentences) - 21.43
	return min(int(grade+5), 25), true
}

// isEnglish says whether one word in twenty is among the commonest of English: Welsh, Polish and others have few such.
func isEnglish(words []string) bool {
	common := 0
	for _, word := range words {
		switch strings.ToLower(word) {
		case "the", "to", "of", "and", "you", "your", "for", "is", "we", "will", "with":
			common++
		}
	}
	return common*20 >= len(words)
}

// measure counts a line: its words, their letters, how many of those are not English, and its sentences.
func measure(line string) (words, letters, sentences, other int) {
	open := false // whether words stand since the last sentence's end
	for field := range strings.FieldsSeq(line) {
		n, strange := lettersOf(field)
		if n > 0 {
			words, letters, other, open = words+1, letters+n, other+strange, true
		}
		last, _ := utf8.DecodeLastRuneInString(strings.TrimRight(field, "\"'’”)"))
		if open && (last == '.' || last == '!' || last == '?') {
			sentences, open = sentences+1, false
		}
	}
	if open {
		sentences++
	}
	return words, letters, sentences, other
}

// lettersOf counts the letters of a word, and those beside them that English does not have; none of a link or number.
func lettersOf(word string) (n, strange int) {
	if strings.Contains(word, "://") || strings.ContainsAny(word, "@0123456789") || strings.HasPrefix(word, "{{") {
		return 0, 0
	}
	for _, r := range word {
		if unicode.IsLetter(r) {
			n++
			if r > unicode.MaxASCII {
				strange++
			}
		}
	}
	return n, strange
}
