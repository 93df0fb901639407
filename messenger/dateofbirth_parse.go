package messenger

import (
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/cmsmessenger/cmsmessenger/messenger/internal/search"
)

// parse is the date as a directory writes it. It takes whatever can be read in one way only: digits of any script, with
// the ending of an ordinal ("29th", "1.", "2月"), and a month by its name in the page's language or in English, in full
// or short. words are the page's.
func (d DateOfBirth) parse(words map[string]string) (string, bool) {
	day, dayRead := number(d.Day)
	month, monthRead := monthNumber(d.Month, words)
	year, yearRead := number(d.Year)
	if !dayRead || !monthRead || !yearRead || year < 1000 || year > 9999 {
		return "", false
	}
	date := time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
	if date.Day() != day || int(date.Month()) != month {
		return "", false
	}
	return date.Format(time.DateOnly), true
}

const (
	maxDigits  = 4 // of a year
	maxOrdinal = 4 // letters after a number: "nd", "ème", "ydd"
)

// isPunctuation says whether a sign round a number or a name says nothing: "29/", "(Feb)".
func isPunctuation(r rune) bool {
	return unicode.IsSpace(r) || unicode.IsPunct(r) || unicode.IsSymbol(r)
}

// number reads digits and the ending of an ordinal.
func number(typed string) (n int, ok bool) {
	text := strings.TrimLeftFunc(search.Fold(typed), func(r rune) bool {
		return isPunctuation(r) && r != '+' && !unicode.Is(unicode.Dash, r) // a sign is no part of a date
	})
	end, digits := len(text), 0
	for i, r := range text {
		if !unicode.IsDigit(r) {
			end = i
			break
		}
		n, digits = n*10+int(r-'0'), digits+1 // Fold makes every script's digits 0 to 9
		if digits > maxDigits {
			return 0, false
		}
	}
	ending := []rune(strings.TrimFunc(text[end:], isPunctuation))
	for _, r := range ending {
		if !unicode.IsLetter(r) && !unicode.IsMark(r) {
			return 0, false
		}
	}
	return n, digits > 0 && len(ending) <= maxOrdinal
}

// monthNumber reads a month by its number or its name, and by both where they are of one month: "8 Feb" is none.
func monthNumber(typed string, words map[string]string) (int, bool) {
	n, isNumber := number(typed)
	name := []rune(strings.TrimFunc(search.Fold(typed), func(r rune) bool {
		return isPunctuation(r) || isNumber && unicode.IsDigit(r)
	}))
	for _, language := range []map[string]string{words, replyWords(), welshWords()} {
		if named := monthNamed(name, language); named > 0 {
			return named, !isNumber || named == n
		}
	}
	for _, language := range []map[string]string{words, replyWords(), welshWords()} {
		if named := monthMisspelt(name, language); named > 0 {
			return named, !isNumber || named == n
		}
	}
	return n, isNumber
}

const (
	leastOfMonth  = 3 // letters that a short name of a month has at the least
	mostInflected = 3 // letters in which a name may end otherwise: a page has "lutego" where somebody writes "luty"
)

// monthNamed is the month that shares the most first letters with name: the name in full, cut short, or with another
// ending. It is 0 where that is none, or more than one.
func monthNamed(name []rune, words map[string]string) int {
	found, most := 0, leastOfMonth-1
	for n := 1; n <= 12; n++ {
		month := []rune(search.Fold(words["month_"+strconv.Itoa(n)]))
		if string(month) == string(name) && len(name) > 0 {
			return n
		}
		shared := sharedStart(name, month)
		short := shared == len(name)
		inflected := max(len(name), len(month))-shared <= mostInflected
		switch {
		case !short && !inflected, shared < most, shared < leastOfMonth:
		case shared == most:
			found = 0
		default:
			found, most = n, shared
		}
	}
	return found
}

// leastOfSlip is how many letters a name with a slip in it has at the least.
const leastOfSlip = 5

// monthMisspelt is the month whose name in full has one slip in it, or 0 where that is none, or more than one.
func monthMisspelt(name []rune, words map[string]string) (found int) {
	for n := 1; n <= 12; n++ {
		if !isSlipOf(name, []rune(search.Fold(words["month_"+strconv.Itoa(n)]))) {
			continue
		}
		if found > 0 {
			return 0
		}
		found = n
	}
	return found
}

// isSlipOf says that a name is another with one letter behind its first left out, put in or mistaken, or two in the
// other order.
func isSlipOf(name, whole []rune) bool {
	same := sharedStart(name, whole)
	if same == 0 || len(name) < leastOfSlip || len(whole) < leastOfSlip {
		return false
	}
	a, b := name[same:], whole[same:]
	for len(a) > 0 && len(b) > 0 && a[len(a)-1] == b[len(b)-1] {
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	swapped := len(a) == 2 && len(b) == 2 && a[0] == b[1] && a[1] == b[0]
	return swapped || len(a) <= 1 && len(b) <= 1
}

func sharedStart(a, b []rune) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}
