package search

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/cmsmessenger/cmsmessenger/internal/graphemes"
)

const (
	// leadIn is how many words of a text stand before the one that was found: a row of a list shows some forty
	// characters, and what was searched for must be among them.
	leadIn = 2
	// stretch is how many characters of a script without spaces count as a word here.
	stretch = 4
)

// Excerpt is this many characters on one line of the first of these texts that has a word which begins with one of
// those wanted, from shortly before that word; where none has, of the first text. "…" stands for what is left out
// before and after.
func Excerpt(wanted []string, characters int, texts ...string) string {
	for _, text := range texts {
		line := oneLine(text)
		starts := stretches(line)
		for i, start := range starts {
			if !beginsAny(Words(line[start:reach(line, starts, i)]), wanted) {
				continue
			}
			if i <= leadIn {
				return shorten(line, characters)
			}
			return "…" + shorten(line[starts[i-leadIn]:], characters)
		}
	}
	return shorten(oneLine(texts[0]), characters)
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

// stretches are where the words of a line begin, and in a script without spaces every fourth character.
func stretches(line string) []int {
	var starts []int
	since := stretch
	afterSpace := true
	for at, r := range line {
		switch {
		case r == ' ':
			afterSpace = true
			continue
		case afterSpace:
		case since >= stretch && unicode.IsLetter(r) && unicode.In(r, unspaced...):
		default:
			since++
			continue
		}
		starts, since, afterSpace = append(starts, at), 1, false
	}
	return starts
}

// reach is where the text ends that is looked at for a stretch: at the next one, or where no space is between them, as
// far into that as a run's words go.
func reach(line string, starts []int, i int) int {
	if i == len(starts)-1 {
		return len(line)
	}
	end := starts[i+1]
	if line[end-1] == ' ' {
		return end
	}
	further, _, _ := strings.Cut(line[end:], " ")
	for n := range further {
		if utf8.RuneCountInString(further[:n]) == gram {
			return end + n
		}
	}
	return end + len(further)
}

// shorten cuts a text to n characters, none of what people see in two, and says so.
func shorten(s string, n int) string {
	if short := graphemes.Cut(s, n); len(short) < len(s) {
		return short + "…"
	}
	return s
}

func beginsAny(words, wanted []string) bool {
	for _, word := range words {
		for _, w := range wanted {
			if strings.HasPrefix(word, w) {
				return true
			}
		}
	}
	return false
}
