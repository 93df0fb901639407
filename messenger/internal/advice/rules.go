package advice

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/cmsmessenger/cmsmessenger/internal/segments"
)

// The pages that more than one rule is from.
const (
	govUK = "GOV.UK Service Manual, planning and writing text messages and emails: " +
		"https://www.gov.uk/service-manual/design/sending-emails-and-text-messages"
	nhsMessages = "NHS digital service manual, writing NHS messages: " +
		"https://service-manual.nhs.uk/content/writing-nhs-messages"
)

// serviceName: people act on a message when they see whom it is from; NHS: 'Send messages that patients trust', whose
// example begins with the practice's name. GOV.UK: a text begins with the name of the service.
func serviceName(t text) (rule, words, source string) {
	name := strings.ToLower(strings.Join(wordsOf(t.Service), " "))
	said := t.first(name) != "" || strings.Contains(strings.ToLower(t.Text), strings.ToLower(t.Service))
	if t.Private || name == "" || said {
		return "", "", ""
	}
	return "service_name", fmt.Sprintf("Nothing says who this is from. Name your service: %s.", t.Service), nhsMessages
}

// todayLater: NHS and GOV.UK write dates out. A word like 'today' moves with the day on which it is read: what goes out
// on another day than it was written says something else then.
func todayLater(t text) (rule, words, source string) {
	if sameDay(t.Now, t.Goes) {
		return "", "", ""
	}
	word := t.first(
		"today", "tonight", "tomorrow", "yesterday", "this morning", "this afternoon", "this evening",
		"heddiw", "heno", "yfory", "ddoe", // Welsh
	)
	if word == "" {
		return "", "", ""
	}
	return "today_later", fmt.Sprintf("This goes out on %s. Write the date instead of ‘%s’.", day(t.Goes), word),
		"NHS digital service manual, numbers, measurements, dates and time: " +
			"https://service-manual.nhs.uk/content/numbers-measurements-dates-time"
}

func sameDay(a, b time.Time) bool {
	return a.Year() == b.Year() && a.YearDay() == b.YearDay()
}

func day(t time.Time) string { return t.Format("Monday 2 January") }

// link: NHS, 'Send messages that patients trust': no third-party shortener, since nobody sees where it leads and it may
// stop working; addresses in full. That the connection is to be private is GOV.UK's, as for its own pages.
func link(t text) (rule, words, source string) {
	for field := range strings.FieldsSeq(t.written) {
		address := strings.ToLower(strings.TrimLeft(field, "<([{\"'‘“"))
		if at := strings.Index(address, "http"); at > 0 && !strings.ContainsAny(address[:at], "/?") { // "See:http://…"
			address = address[at:]
		}
		switch rest, plain := strings.CutPrefix(address, "http://"); {
		case isShort(strings.TrimPrefix(rest, "https://")):
			return "link", "This link is shortened: people can’t see where it leads. Write the whole address.", nhsMessages
		case plain && rest != "":
			return "link", "This link begins with http://, which is not private. Use one that begins with https://.", nhsMessages
		}
	}
	return "", "", ""
}

// isShort says whether an address without its scheme is a shortener's.
func isShort(address string) bool {
	host, path, _ := strings.Cut(strings.TrimPrefix(address, "www."), "/")
	if path == "" {
		return false
	}
	switch host {
	case "bit.ly", "bitly.com", "tinyurl.com", "t.co", "goo.gl", "ow.ly", "is.gd", "v.gd", "buff.ly", "rb.gy", "cutt.ly",
		"shorturl.at", "tiny.cc", "rebrand.ly", "t.ly", "s.id", "short.io", "bl.ink", "lnkd.in", "tiny.one", "shorturl.asia":
		return true
	}
	return false
}

// greeting: NHS and GOV.UK have an email begin with 'Dear' and the whole name, as a letter does. A text has no
// room, and a private message is no letter.
func greeting(t text) (rule, words, source string) {
	if t.SMS || t.Private {
		return "", "", ""
	}
	body := strings.TrimSpace(t.Body)
	begins := wordsOf(body[:min(len(body), 20)])
	if len(begins) == 0 {
		return "", "", ""
	}
	switch strings.ToLower(begins[0]) {
	case "hi", "hiya", "hey":
		return "greeting", "Begin an email with ‘Dear’ and their name.", govUK
	}
	return "", "", ""
}

// dearCharacter: 3GPP TS 23.038: one character that GSM-7 does not have makes the whole text UCS-2, with 70 characters
// a part for 160. It is told where the text is sent as more parts for it.
func dearCharacter(t text) (rule, words, source string) {
	if !t.SMS {
		return "", "", ""
	}
	counted := segments.Count(t.Text)
	if len(counted.Dear) == 0 {
		return "", "", ""
	}
	dear := strings.Join(counted.Dear, "")
	cheap := segments.Count(strings.Map(func(r rune) rune {
		if strings.ContainsRune(dear, r) {
			return 'x'
		}
		return r
	}, t.Text))
	if cheap.Segments >= counted.Segments {
		return "", "", ""
	}
	return "dear_character", fmt.Sprintf("‘%s’ makes this %d text messages instead of %d.", counted.Dear[0],
		counted.Segments, cheap.Segments), "3GPP TS 23.038, alphabets of text messages"
}

// capitals: NHS and GOV.UK write no words in capitals: they are harder to read and look like shouting. Two words or
// more with nine letters are words; less may be abbreviations (NHS GP).
func capitals(t text) (rule, words, source string) {
	var run, letters, longest int
	for _, word := range t.words {
		switch n := capitalLetters(word); n {
		case 0:
			run, letters, longest = 0, 0, 0
		case 1: // I, and a
		default:
			run, letters, longest = run+1, letters+n, max(longest, n)
		}
		if run > 1 && letters >= 9 && longest > 3 {
			return "capitals", "Words in capitals are hard to read and look like shouting. Use small letters.",
				"NHS digital service manual, formatting: https://service-manual.nhs.uk/content/formatting"
		}
	}
	return "", "", ""
}

// capitalLetters is how many letters a word has that is in capitals; 0 for any other.
func capitalLetters(word string) (n int) {
	for _, r := range word {
		switch {
		case unicode.IsUpper(r):
			n++
		case r != '\'':
			return 0
		}
	}
	return n
}

// outOfHours: GOV.UK: a message that need not go at once goes in business hours, when it is more likely to be read, and
// no text late at night. Whoever answers then also finds somebody.
func outOfHours(t text) (rule, words, source string) {
	if !t.Opens.After(t.Goes) {
		return "", "", ""
	}
	return "out_of_hours", fmt.Sprintf("This goes out outside your working hours. They begin on %s at %s.",
		day(t.Opens), t.Opens.Format("15:04")), govUK
}

// badNews: GOV.UK: some information is too sensitive for a text or an email; NHS: consider whether a text is the right
// channel for sensitive or clinical information. Who reads such words alone, on a phone that others may see, has nobody
// to ask.
func badNews(t text) (rule, words, source string) {
	if !t.SMS || t.Private {
		return "", "", ""
	}
	bad := t.first(
		"died", "death", "passed away", "bereavement", "dying", "terminal", "terminally", "palliative", "hospice",
		"tumour", "tumours", "malignant", "malignancy", "biopsy", "metastatic", "leukaemia", "lymphoma", "chemotherapy",
		"dementia", "alzheimer's", "parkinson's", "hiv", "hepatitis", "syphilis", "chlamydia", "gonorrhoea",
		"miscarriage", "stillborn", "stillbirth", "diagnosed", "diagnosis", "prognosis", "abnormal", "tested positive",
		"positive result", "result is positive", "results are positive", "test positive", "bad news",
	)
	if bad == "" && t.isPositive() {
		bad = "positive"
	}
	if bad == "" && strings.Contains(withoutScreening(t.flat), " cancer ") {
		bad = "cancer"
	}
	if bad == "" {
		return "", "", ""
	}
	return "bad_news", "This may be hard to read in a text, alone or over somebody’s shoulder. Send it as a private " +
		"message, or call.", govUK
}

// isPositive says whether a text says of a test or its result, a few words on, that it is positive: "came back
// positive".
func (t text) isPositive() bool {
	if t.first("positive") == "" {
		return false
	}
	words := strings.Fields(t.flat)
	for i, word := range words {
		if word != "positive" || i == 0 || !slices.Contains(beforePositive, words[i-1]) {
			continue
		}
		if slices.ContainsFunc(words[max(i-7, 0):i], func(w string) bool { return slices.Contains(tests, w) }) {
			return true
		}
	}
	return false
}

var (
	//nolint:gochecknoglobals // a constant
	beforePositive = strings.Fields("is are was were came come comes back out as shows showed returned reads both also")
	//nolint:gochecknoglobals // a constant
	tests = strings.Fields("test tests result results swab swabs sample samples smear scan screening bloods")
)

// withoutScreening leaves out what everybody is invited to.
func withoutScreening(flat string) string {
	return strings.NewReplacer(
		" cancer screening", " ", " cancer awareness", " ", " cancer support", " ", " cancer research", " ",
	).Replace(flat)
}
