// Package graphemes cuts texts between the signs that people see: an emoji of several characters, a flag, a letter with
// its marks. It knows of UAX 29's rules those that a short text meets: marks and joiners (GB9, GB9a), what is joined
// (GB11) and flags (GB12, GB13).
package graphemes

import "unicode"

const joiner = '\u200d'

// Cut is the first n characters of a text, fewer where the last sign would be cut in two.
func Cut(text string, n int) string {
	runes := []rune(text)
	if len(runes) <= n {
		return text
	}
	for n > 0 && !between(runes, n) {
		n--
	}
	return string(runes[:n])
}

// Whole is a text that was cut somewhere, without an emoji or a flag at its end, which may be half of one. A letter
// stays: without a mark it is still that letter.
func Whole(cut string) string {
	runes := []rune(cut)
	last := len(runes) - 1
	for last > 0 && !between(runes, last) {
		last--
	}
	if last < 0 || !unicode.IsSymbol(runes[last]) || runes[last] < unicode.MaxASCII {
		return cut
	}
	return string(runes[:last])
}

// between says whether one sign ends and another begins before the character at i.
func between(runes []rune, i int) bool {
	before, after := runes[i-1], runes[i]
	if extends(after) || before == joiner {
		return false
	}
	if !isFlag(before) || !isFlag(after) {
		return true
	}
	pairs := 0
	for j := i - 1; j >= 0 && isFlag(runes[j]); j-- {
		pairs++
	}
	return pairs%2 == 0
}

func extends(r rune) bool {
	return r == joiner || r == '\u200c' || unicode.IsMark(r) ||
		r >= 0x1f3fb && r <= 0x1f3ff || // skin tones
		r >= 0xe0020 && r <= 0xe007f // the tags of a flag of England
}

func isFlag(r rune) bool { return r >= 0x1f1e6 && r <= 0x1f1ff }
