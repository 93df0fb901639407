package smtp

import (
	"html"
	"regexp"
	"strings"
	"unicode"

	"github.com/cmsmessenger/cmsmessenger/adapters"
)

// HTML is a message's text as a page, as Send puts it beside the plain text: in its language; every character escaped;
// paragraphs, line ends and columns of spaces kept; each line in the direction of its own first letter; and web
// addresses, the reply link among them, to be clicked.
func HTML(message adapters.Outgoing) string {
	var page strings.Builder
	page.WriteString("<!DOCTYPE html>\n<html" + langOf(message) + ">\n<head><meta charset=\"utf-8\"></head>\n<body>\n")
	for paragraph := range strings.SplitSeq(strings.Trim(message.Text, "\n"), "\n\n") {
		lines := strings.Split(strings.Trim(paragraph, "\n"), "\n")
		for i, line := range lines {
			words := strings.TrimLeft(line, " ")
			page.WriteString(`<p dir="auto"` + margins(i == 0, i == len(lines)-1) + ">" +
				strings.Repeat("&nbsp;", len(line)-len(words)) + htmlLine(words, message.Link) + "</p>\n")
		}
	}
	page.WriteString("</body>\n</html>\n")
	return page.String()
}

// margins keeps the lines of a paragraph together. Each is a block: in one block with others, a line would stand at the
// side where the first one begins.
func margins(first, last bool) string {
	switch {
	case first && last:
		return ""
	case first:
		return ` style="margin-bottom:0"`
	case last:
		return ` style="margin-top:0"`
	default:
		return ` style="margin:0"`
	}
}

// langOf has a screen reader speak in the message's language.
func langOf(message adapters.Outgoing) string {
	if message.Language == "" {
		return ""
	}
	return ` lang="` + html.EscapeString(message.Language) + `"`
}

// htmlLine takes the reply link as it stands: it is known where it ends.
func htmlLine(line, link string) string {
	before, after, found := strings.Cut(line, link)
	if link == "" || !found {
		return htmlWords(line)
	}
	return htmlWords(before) + anchor(link) + htmlWords(after)
}

// webAddress is what may be a web address in a text; what of it is the sentence's is cut off by addressEnd. Where
// sentences have no spaces, their own punctuation ends it.
var webAddress = regexp.MustCompile(`(?i)\bhttps?://[^\s<>"。，、；：！？（）「」『』【】《》〈〉]+`)

func htmlWords(words string) string {
	var out strings.Builder
	from := 0
	for _, found := range webAddress.FindAllStringIndex(words, -1) {
		address := words[found[0]:found[1]]
		address = address[:addressEnd(address)]
		if strings.HasSuffix(address, "//") { // a scheme and nothing else
			continue
		}
		out.WriteString(escaped(words[from:found[0]]) + anchor(address))
		from = found[0] + len(address)
	}
	return out.String() + escaped(words[from:])
}

// addressEnd is where an address ends that stands in a sentence: before its full stop, and before a bracket that was
// opened outside.
func addressEnd(address string) int {
	for {
		trimmed := strings.TrimRightFunc(address, endsSentence)
		if open, closing := brackets(trimmed); closing > open {
			trimmed = trimmed[:len(trimmed)-1]
		}
		if trimmed == address {
			return len(address)
		}
		address = trimmed
	}
}

// endsSentence says whether a sign behind an address is not of it: punctuation, of any script, and unseen signs.
func endsSentence(r rune) bool {
	if r <= unicode.MaxASCII {
		return strings.ContainsRune(".,;:!?'*_", r)
	}
	return unicode.IsPunct(r) || unicode.Is(unicode.Cf, r)
}

// brackets counts those of the kind that an address ends with; none when it ends with another sign.
func brackets(address string) (open, closing int) {
	for _, pair := range []string{"()", "[]", "{}"} {
		if strings.HasSuffix(address, pair[1:]) {
			return strings.Count(address, pair[:1]), strings.Count(address, pair[1:])
		}
	}
	return 0, 0
}

// anchor is a link. Its direction is its own: left to right, whatever stands around it.
func anchor(address string) string {
	address = html.EscapeString(address)
	return `<bdi dir="ltr"><a href="` + address + `">` + address + `</a></bdi>`
}

// spaces are those that a page would make one of.
var spaces = regexp.MustCompile(` {2,}|\t+`)

// escaped keeps columns: mail programs that know no white-space of style sheets keep spaces that don't break. The last
// of several does.
func escaped(words string) string {
	return spaces.ReplaceAllStringFunc(html.EscapeString(words), func(run string) string {
		run = strings.ReplaceAll(run, "\t", "    ")
		return strings.Repeat("&nbsp;", len(run)-1) + " "
	})
}
