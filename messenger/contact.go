package messenger

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/internal/nhsnumber"
	"github.com/cmsmessenger/cmsmessenger/internal/pasted"
	"github.com/cmsmessenger/cmsmessenger/internal/phone"
)

// address is where a medium reaches a client, in the form it is sent and compared in; "" when there is none.
func address(client adapters.Client, medium adapters.Medium) string {
	switch medium {
	case adapters.Email:
		return emailAddress(client.Email)
	case adapters.SMS:
		if e164, ok := phone.Parse(client.Phone); ok {
			return e164
		}
	case adapters.Web:
	}
	return ""
}

// emailAddress reads an address as it was recorded: with format characters, spaces round it and beside its @, as a
// "mailto:" link, with a full stop or comma after it. It is "" for what can't be an address (RFC 5321, section 4.1.2,
// with RFC 6531's characters), for a quoted local part, which few servers take, and for more than an address: a space
// between two words of "mum grace@example.org" left out would write to a stranger.
func emailAddress(recorded string) string {
	if !utf8.ValidString(recorded) || twoWords(recorded) {
		return ""
	}
	email := pasted.Clean(recorded, "mailto")
	local, domain, _ := strings.Cut(email, "@")
	// RFC 5321, section 4.5.3.1: a local part of 64 octets, a path of 256 with its brackets.
	domain = asMailed(domain)
	if len(local) > 64 || len(local)+1+len(domain) > 254 || !isLocalPart(local) || !isDomain(domain) {
		return ""
	}
	return email
}

// twoWords says that a space stands between two words, neither of which is an @.
func twoWords(recorded string) bool {
	text := strings.TrimFunc(recorded, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	text = strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, text)
	words := strings.Fields(text)
	for i := 1; i < len(words); i++ {
		if !strings.HasSuffix(words[i-1], "@") && !strings.HasPrefix(words[i], "@") &&
			!strings.EqualFold(words[i-1], "mailto:") {
			return true
		}
	}
	return false
}

// isLocalPart says whether a text is a dot-string of RFC 5321.
func isLocalPart(local string) bool {
	for atom := range strings.SplitSeq(local, ".") {
		if atom == "" || strings.ContainsFunc(atom, func(r rune) bool {
			return !isLabelSign(r) && !strings.ContainsRune("!#$%&'*+/=?^_`{|}~", r)
		}) {
			return false
		}
	}
	return true
}

// asMailed is a domain as mail goes to it, in letters of any script that a domain may have (RFC 5891), or "".
func asMailed(domain string) string {
	if !strings.ContainsFunc(domain, func(r rune) bool { return r >= utf8.RuneSelf }) {
		return domain
	}
	if strings.ContainsFunc(domain, func(r rune) bool { return r != '.' && !isLabelSign(r) }) {
		return ""
	}
	ascii, err := idna.Lookup.ToASCII(domain)
	if err != nil {
		return ""
	}
	return ascii
}

// isDomain says whether a text is a name of the domain name system that mail can go to: two labels at least.
func isDomain(domain string) bool {
	labels := strings.Split(domain, ".")
	for _, label := range labels {
		if label == "" || len(label) > 63 || strings.HasPrefix(label, "-") || strings.HasSuffix(label, "-") ||
			strings.ContainsFunc(label, func(r rune) bool { return !isLabelSign(r) }) {
			return false
		}
	}
	return len(labels) > 1 && strings.Trim(labels[len(labels)-1], "0123456789") != ""
}

func isLabelSign(r rune) bool {
	return r == '-' || unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r)
}

// mask shows where a message went without saying it: "g•••@example.org", "•••123".
func mask(address string) string {
	if at := strings.LastIndexByte(address, '@'); at > 0 {
		first, _ := utf8.DecodeRuneInString(address)
		return string(first) + "•••" + address[at:]
	}
	if len(address) > 6 {
		return "•••" + address[len(address)-3:]
	}
	return ""
}

// shownEmail and shownPhone are what staff read: the address or number that is written to, or else what was recorded.
func shownEmail(client adapters.Client) string {
	if email := emailAddress(client.Email); email != "" {
		return email
	}
	return strings.TrimSpace(client.Email)
}

func shownPhone(client adapters.Client) string {
	if e164, _ := phone.Parse(client.Phone); e164 != "" {
		return e164
	}
	return client.Phone
}

// nhsNumber is a client's valid NHS number, or "".
func nhsNumber(client adapters.Client) string {
	number, _ := nhsnumber.Parse(client.NHSNumber)
	return number
}

// firstName is what a message calls a client: the directory's first name, without one the whole name, and without any
// the service's own word. The first word of a name is no first name: "OKAFOR, Grace (Mrs)", "Dr. O'Neil", "Nguyen Van
// An".
func firstName(client adapters.Client, organisation adapters.Organisation) string {
	for _, name := range []string{client.FirstName, client.Name} {
		if strings.ContainsFunc(name, unicode.IsLetter) && !blank(name) { // "." and "?" stand for none
			return strings.TrimSpace(name)
		}
	}
	return Words(organisation)["first_name"]
}
