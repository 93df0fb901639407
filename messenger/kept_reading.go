package messenger

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"html"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/cmsmessenger/cmsmessenger/messenger/internal/replylink"
)

// asRead is a text as a program reads it that opens the links in it, and from where to where each of its bytes stands
// in the text as it was written.
type asRead struct {
	text     string
	from, to []int
}

// encodings are the ways to write a character otherwise: per cent (RFC 3986, however often over again, and JavaScript's
// old escape), an entity (HTML, which needs no semicolon after a number), an escape (JSON, JavaScript, C, Perl,
// Markdown) and quoted-printable (RFC 2045).
var encodings = regexp.MustCompile(`^(?:%u[0-9A-Fa-f]{4}|%(?:25)*[0-9A-Fa-f]{2}|` +
	`&#(?:[0-9]{1,31}|[xX][0-9A-Fa-f]{1,31});?|&[0-9A-Za-z]{1,31};|` +
	`\\[ux]\{[0-9A-Fa-f]{1,8}\}|\\U[0-9A-Fa-f]{8}|\\u[0-9A-Fa-f]{4}|\\x[0-9A-Fa-f]{2}|\\[0-7]{3}|\\[nrt/_\\-]|` +
	`=[0-9A-Fa-f]{2})`)

// hyphened is a character as some mail filters write one of a link within theirs: with a hyphen for per cent. A token
// may have the same signs as they are, so that it is read apart.
var hyphened = regexp.MustCompile(`^-[0-9A-F]{2}`)

// packed are runs in either alphabet of base64, or in that of base16 (RFC 4648), as long as a token is in it: other
// mail filters write the link within theirs so, two of them in a row one within the other.
var packed = []struct { //nolint:gochecknoglobals // a constant
	runs *regexp.Regexp
	says func(run string) []byte
}{
	{regexp.MustCompile(`[A-Za-z0-9_-]{30,}`), ofBase64},
	{regexp.MustCompile(`[A-Za-z0-9+/]{30,}`), ofBase64},
	{regexp.MustCompile(`(?:[0-9A-Fa-f]{2}){22,}`), ofBase16},
}

func ofBase64(run string) []byte {
	if len(run)%4 == 1 { // one sign alone says nothing
		run = run[:len(run)-1]
	}
	said, _ := base64.RawStdEncoding.DecodeString(standard.Replace(run))
	return said
}

func ofBase16(run string) []byte {
	said, _ := hex.DecodeString(run)
	return said
}

// standard writes one alphabet of base64 in the other.
var standard = strings.NewReplacer("-", "+", "_", "/") //nolint:gochecknoglobals // built once, as a regexp

// mayHoldToken says whether a text can have a token in it, however it is written: whether as many signs as one has
// stand together. Most texts have no word that long, and cost no more than this look.
func mayHoldToken(text string) bool {
	return isLong(text) || strings.Contains(text, "<") && isLong(tags.ReplaceAllLiteralString(text, ""))
}

func isLong(text string) bool {
	run, lineBegins := 0, false
	for i := range len(text) {
		sign, _ := utf8.DecodeRuneInString(text[i:])
		switch c := text[i]; {
		case isLineEnd(sign):
			lineBegins = true
		case lineBegins && isIndent(sign), endsLine(text[i:]), c >= utf8.RuneSelf: // the rest of a broken word may follow
		case c == '+', c == '/', c < ' ': // as base64 has them; and nobody sees a control character
		case replylink.IsSign(c) || strings.IndexByte(`%&#;=\{}`, c) >= 0:
			lineBegins = false
			if run++; run >= replylink.TokenLength {
				return true
			}
		default:
			run, lineBegins = 0, false
		}
	}
	return false
}

// isLineEnd says whether a sign ends a line (UAX 14).
func isLineEnd(sign rune) bool {
	return sign >= '\n' && sign <= '\r' || sign == '\u0085' || sign == '\u2028' || sign == '\u2029'
}

// softBreak is a line's end that an = or a backslash before it takes back.
var softBreak = regexp.MustCompile(`^\r?\n`)

// mostTrailing are the spaces that are looked at before a line's end.
const mostTrailing = 20

// endsLine says whether a text begins with spaces before a line's end, as programs put where they break one (RFC 3676).
func endsLine(text string) bool {
	if text[0] != ' ' {
		return false
	}
	sign, _ := utf8.DecodeRuneInString(strings.TrimLeft(text[:min(len(text), mostTrailing)], " \t"))
	return isLineEnd(sign)
}

// isIndent says whether a program that quotes puts this sign before a line.
func isIndent(sign rune) bool {
	return unicode.IsSpace(sign) || strings.ContainsRune(">|:#*»›", sign)
}

// mostLayers and mostPacked are how often a text may be encoded over again.
const (
	mostLayers = 4
	mostPacked = 2
)

// readings are a text as it is, and as one reads it whose links may be encoded, over again too, broken over lines or
// have signs in them that nobody sees. Each counts: "?t=5B" may be what it says or an encoded sign.
func readings(text string) []asRead {
	r := asRead{text: text, from: make([]int, len(text)), to: make([]int, len(text))}
	for i := range text {
		_, size := utf8.DecodeRuneInString(text[i:])
		for k := range size {
			r.from[i+k], r.to[i+k] = i, i+size
		}
	}
	list := []asRead{r}
	for range mostLayers {
		next := list[len(list)-1].decoded(encodings)
		if next.text == list[len(list)-1].text {
			break
		}
		list = append(list, next)
	}
	for _, r := range list {
		for _, next := range []asRead{r.decoded(hyphened), r.said(tags, func(string) []byte { return nil })} {
			if next.text != r.text {
				list = append(list, next)
			}
		}
		list = append(list, r.unpacked(mostPacked)...)
	}
	return list
}

// unpacked are the readings of what runs of a text say, and of what runs in that say.
func (r asRead) unpacked(times int) (list []asRead) {
	for _, packing := range packed {
		next := r.said(packing.runs, packing.says)
		if next.text == r.text {
			continue
		}
		decoded := next.decoded(encodings)
		list = append(list, next, decoded)
		if times > 1 {
			list = append(list, decoded.unpacked(times-1)...)
		}
	}
	return list
}

// decoded is the text with what is written in this way as the characters that are meant.
func (r asRead) decoded(encodings *regexp.Regexp) (next asRead) {
	var out strings.Builder
	put := func(s string, from, to int) {
		out.WriteString(s)
		for range len(s) {
			next.from, next.to = append(next.from, r.from[from]), append(next.to, r.to[to-1])
		}
	}
	for i := 0; i < len(r.text); {
		sign, size := utf8.DecodeRuneInString(r.text[i:])
		broken := strings.ContainsRune(`=\`, sign) && softBreak.MatchString(r.text[i+size:])
		if broken || isLineEnd(sign) || sign == '\t' || endsLine(r.text[i:]) {
			for isIndent(sign) || isLineEnd(sign) || broken {
				i, broken = i+size, false
				sign, size = utf8.DecodeRuneInString(r.text[i:])
			}
			continue
		}
		if unseen := unseenAt(r.text[i:]); unseen > 0 {
			i += unseen
			continue
		}
		if strings.ContainsRune("%&\\=-", sign) {
			if written := encodings.FindString(r.text[i:]); written != "" {
				if meant := decode(written); meant != "" {
					put(meant, i, i+len(written))
					i += len(written)
					continue
				}
			}
		}
		put(r.text[i:i+size], i, i+size)
		i += size
	}
	next.text = out.String()
	return next
}

// said is the text with what its runs say, without the noughts that UTF-16 has.
func (r asRead) said(runs *regexp.Regexp, says func(string) []byte) (next asRead) {
	var out strings.Builder
	put := func(s string, from, to []int) {
		out.WriteString(s)
		next.from, next.to = append(next.from, from...), append(next.to, to...)
	}
	at := 0
	for _, run := range runs.FindAllStringIndex(r.text, -1) {
		put(r.text[at:run[0]], r.from[at:run[0]], r.to[at:run[0]])
		at = run[1]
		said := bytes.ReplaceAll(says(r.text[run[0]:run[1]]), []byte{0}, nil)
		for range said {
			next.from, next.to = append(next.from, r.from[run[0]]), append(next.to, r.to[run[1]-1])
		}
		out.Write(said)
	}
	put(r.text[at:], r.from[at:], r.to[at:])
	next.text = out.String()
	return next
}

// unseenEncoded is what nobody sees, encoded: an entity or an escape.
var unseenEncoded = regexp.MustCompile(`^(?:&#?[0-9A-Za-z]{1,31};|` +
	`[%\\]u[0-9A-Fa-f]{4}|\\[ux]\{[0-9A-Fa-f]{1,8}\}|\\U[0-9A-Fa-f]{8}|\\x[0-9A-Fa-f]{2})`)

// encodedByte is a byte of a sign beyond ASCII, per cent or quoted-printable.
var encodedByte = regexp.MustCompile(`^[%=](?:25)*([89A-Fa-f][0-9A-Fa-f])`)

// tags are HTML's, which nobody sees either: a link may go on behind one, or stand in it.
var tags = regexp.MustCompile(`<[/!A-Za-z][^<>]*>`)

// unseenAt is how long what a text begins with is that nobody sees, 0 where somebody does.
func unseenAt(text string) int {
	sign, size := utf8.DecodeRuneInString(text)
	if unseen(sign) {
		return size
	}
	if !strings.ContainsRune("%&=\\", sign) {
		return 0
	}
	if written := unseenEncoded.FindString(text); written != "" {
		if sign, _ := utf8.DecodeRuneInString(meaningOf(written)); unseen(sign) {
			return len(written)
		}
		return 0
	}
	at := 0
	for said := []byte{}; len(said) < utf8.UTFMax; {
		found := encodedByte.FindStringSubmatchIndex(text[at:])
		if found == nil {
			break
		}
		one, _ := hex.DecodeString(text[at+found[2] : at+found[3]])
		said, at = append(said, one...), at+found[1]
		if sign, _ := utf8.DecodeRune(said); sign != utf8.RuneError && unseen(sign) {
			return at
		}
	}
	return 0
}

// meaningOf is what an entity or an escape stands for; U+FFFD, which is seen, where it stands for nothing.
func meaningOf(written string) string {
	if written[0] == '&' {
		return html.UnescapeString(written)
	}
	code, _ := strconv.ParseInt(strings.Trim(written, `%\uUx{}`), 16, 32)
	return string(rune(code))
}

func unseen(sign rune) bool {
	return sign == '\u2800' || unicode.IsControl(sign) ||
		unicode.In(sign, unicode.Cf, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)
}

// ended are letters that stand for what separates lines and columns, behind a backslash.
var ended = strings.NewReplacer("n", "\n", "r", "\n", "t", "\t") //nolint:gochecknoglobals // built once, as a regexp

// decode is the sign that an encoding stands for: one of ASCII, of which links are made, or "".
func decode(written string) string {
	digits, base := strings.Trim(written, `%=-\uUx{}`), 16
	switch {
	case written[0] == '&':
		if meant := html.UnescapeString(written); len(meant) == 1 {
			return meant
		}
		return ""
	case written[0] == '%' && written[1] != 'u':
		digits = written[len(written)-2:]
	case written[0] == '\\' && len(written) == 2:
		return ended.Replace(written[1:])
	case written[0] == '\\' && written[1] <= '7':
		base = 8
	}
	code, err := strconv.ParseUint(digits, base, 32)
	if err != nil || code == 0 || code >= utf8.RuneSelf {
		return ""
	}
	return string(rune(code))
}
