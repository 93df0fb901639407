package smtp

import (
	"fmt"
	"net/textproto"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/cmsmessenger/cmsmessenger/adapters"
)

// meaning is what a server's refusal says of a message.
type meaning string

const (
	contact meaning = "the recipient's address" // it can never be reached
	content meaning = "the message"             // it will never be taken as it is
	account meaning = "our account, address or reputation"
	again   meaning = "this message for now" // its own affair: nobody else's message waits for it
	pace    meaning = "how fast we send"
	quota   meaning = "how much we send" // used up for hours
)

// quotaPause is how long nothing is tried once an allowance is used up. No server says until when, and most count the
// last 24 hours: asked again sooner, some count the asking too.
const quotaPause = 15 * time.Minute

// error is the meaning as the port says it.
func (m meaning) error(now time.Time) error {
	switch m {
	case contact:
		return adapters.ErrWrongContact
	case content:
		return adapters.ErrWrongContent
	case account:
		return adapters.ErrConfiguration
	case pace:
		return &adapters.RateLimitError{}
	case quota:
		return &adapters.RateLimitError{Until: now.Add(quotaPause)}
	case again:
	}
	return adapters.ErrNotSent
}

// answer is a row of what servers say. The first row that fits decides.
type answer struct {
	class         int    // 4 or 5, the first digit of the reply; 0: either
	subject       int    // the second number of an enhanced code, or anyCode or noCode
	detail, until int    // the third number, from and to
	words         string // only with one of these, between bars, in lower case; empty: whatever the words
	means         meaning
}

const (
	anyCode = -1  // with any enhanced code, or none
	noCode  = -2  // without one
	last    = 999 // the greatest number that RFC 3463 lets a code have
)

// words that tell apart what has one code for several things.
const (
	// our own allowance, whatever else is said
	ourQuota = "send limit|sending limit|sending quota|submission quota|submissionquota|relay limit|messaging limit|" +
		"credits exceeded"
	aboutQuota = ourQuota + "|daily|monthly|upgrade your plan|email quota|message limit exceeded|hourly limit|" +
		"per hour|messages per day|recipient rate limit|limit for message recipients|you have reached|you've reached"
	aboutMailbox = "mailbox|recipient|this user|the user|receiving mail|account that you tried|storedrv.deliver|" +
		"greylist|graylist"
	aboutPace = "rate limit|rate-limit|ratelimit|too many|too much|throttl|too fast|too frequent|too quickly|slow down|" +
		"unusual rate|unexpected volume|temporarily deferred|concurrent|exceeded permitted limits|sender thread limit"
	noSuchUser = "user unknown|unknown user|no such user|no such mailbox|no such recipient|unknown recipient|" +
		"does not exist|doesn't exist|user doesn't have|unknown local"
	unknownThere = noSuchUser + "|not found|mailbox unavailable|mailbox is unavailable|recipient address rejected|" +
		"recipient addresses rejected|invalid recipient|no mailbox here|mailbox is disabled|mailbox disabled|" +
		"this account has been disabled"
	fullMailbox = "mailbox full|mailbox is full|mailbox size|quota|out of storage"
	// our own account, domain or address, whatever else is said
	refusesUs = "your account|your domain|for this account|is not allowed to send|permanently deferred"
	aboutUs   = refusesUs + "|relay|sender|spf|dkim|dmarc|reverse dns|ptr record|your ip|from this ip|sending ip|" +
		"originating from|" +
		"client host|blocked using|blocklist|blacklist|block list|banned|spamhaus|reputation|authenticat|spoof|" +
		"not authorized|not verified|access denied|rcpthosts|policy restrictions|policy reasons|" +
		"local policy|administrative prohibition|sign in|unregistered domain"
	aboutText = "spam|unsolicited|virus|malware|content|phish|attachment|message rejected|message refused|not rfc|" +
		"malformed"
	tooLarge = "too large|too big|size limit|exceeds size|maximum size|message size|length exceeds"
)

// early is what servers say before they are told a recipient: all is about us, but for a size that they are told with
// the sender.
var early = []answer{ //nolint:gochecknoglobals // a table
	{5, 3, 4, 4, "", content},
	{5, 2, 3, 3, "", content},
	{5, anyCode, 0, 0, tooLarge, content},
	{0, anyCode, 0, 0, aboutQuota, quota},
	{5, 4, 5, 5, "", quota},
	{5, 1, 90, 90, "", quota},
	{0, anyCode, 0, 0, aboutPace, pace},
	{4, 3, 2, 2, "", pace},
	{4, 7, 28, 28, "", pace},
	{4, 7, 500, 899, "", pace},
	{4, 7, 8, 14, "", account}, // RFC 4954: the way to sign in has changed, or is too weak
	{4, anyCode, 0, 0, "", again},
	{5, anyCode, 0, 0, "", account},
}

// answers is what servers say when they refuse a recipient or a message: RFC 3463 and RFC 5321 4.2, the IANA registry
// of enhanced codes (RFC 7372 for SPF and DKIM, RFC 6531 for addresses beyond ASCII), and what Exchange and Gmail
// document:
// https://learn.microsoft.com/exchange/mail-flow-best-practices/non-delivery-reports-in-exchange-online
// and https://support.google.com/a/answer/3726730. Exchange says most of it only after the message. A refusal of our
// account, address, reputation or quota says nothing of the client's address, and nothing of the words.
var answers = []answer{ //nolint:gochecknoglobals // a table
	// X.1, addresses.
	{0, 1, 7, 8, "", account},   // the sender's: Exchange's 'bad outbound sender'
	{5, 1, 20, 20, "", account}, // several From without a Sender
	{5, 1, 90, 90, "", quota},
	{5, 1, 0, 0, "sender", account},
	{5, 1, 0, last, "sender verify|sender address rejected", account},
	{4, 1, 0, last, "", again},
	{5, 1, 0, last, "", contact},

	// X.2, the recipient's mailbox: no reason for anybody else to wait, unless the words are about our own account.
	{0, 2, 0, last, ourQuota, quota},
	{5, 2, 252, 252, "", account},
	{5, 2, 0, last, "sendasdenied|send as|sender not allowed|storedrv.submission|outboundspam", account},
	{0, 2, 121, 122, "", again}, // as many as this mailbox takes in an hour
	{5, 2, 1, 1, "receiving mail|at a rate|too many", again},
	{5, 2, 1, 1, "", contact}, // disabled
	{5, 2, 3, 3, "", content}, // too long for it
	{5, 2, 4, 4, "", contact}, // a list that can't be expanded
	{0, 2, 0, last, "", again},

	// X.3, the mail system.
	{4, 3, 2, 2, aboutMailbox, again}, // Exchange: recipient thread limit exceeded
	{4, 3, 2, 2, "", pace},
	{5, 3, 0, 0, unknownThere, contact},
	{5, 3, 0, 0, aboutUs, account},
	{5, 3, 0, 2, "", again}, // full, or not taking anything
	{5, 3, 4, 4, "", content},
	{5, 3, 0, last, "", account},

	// X.4, network and routing. Gmail uses X.4.5 for the day's allowance, Exchange X.4.1 for two things.
	{5, 4, 5, 5, "", quota},
	{5, 4, 1, 1, unknownThere, contact},
	{5, 4, 1, 1, "", account},
	{5, 4, 4, 4, "", contact},     // no such domain
	{5, 4, 310, 310, "", contact}, // the same, by Exchange
	{5, 4, 6, 6, "", account},     // a loop
	{5, 4, 11, 20, "", account},
	{0, 4, 0, last, "", again},

	// X.5, the protocol.
	{0, 5, 3, 3, "transaction", again},
	{0, 5, 3, 3, "", pace}, // there is one recipient each, so it is about all
	{5, 5, 0, last, unknownThere, contact},

	// X.6, the content, but for two of RFC 6531's, which are about an address beyond ASCII.
	{5, 6, 7, 7, "", contact},
	{5, 6, 9, 9, "", contact},
	{5, 6, 0, last, "", content},

	// X.7, policy and security: ours to mend, unless the recipient takes mail from nobody like us, or it is the words.
	{5, 7, 232, 236, "", quota}, // a tenant's external recipients of the day
	{5, 7, 508, 508, "", pace},
	{0, 7, 28, 28, "", pace},
	{5, 7, 0, last, aboutQuota, quota},
	{4, 7, 0, 1, "authentication checks|spf |dkim|dmarc", account},
	{4, 7, 20, 40, "", account}, // 29 to 40: Gmail's, for TLS, DKIM, From and DMARC
	{0, 7, 321, 325, "", again}, // the recipient's server has no good TLS
	{4, 7, 500, 899, "", pace},
	{5, 7, 2, 2, aboutUs, account}, // Yahoo
	{5, 7, 2, 2, "", contact},      // a list that we may not send to
	{5, 7, 12, 13, "", contact},
	{5, 7, 17, 18, "", contact}, // RFC 7293: somebody else's by now
	{5, 7, 124, 124, "", contact},
	{5, 7, 133, 136, "", contact},
	{5, 7, 504, 505, "", contact},
	{5, 7, 0, last, "resolver.rst", contact}, // Exchange: this recipient takes mail from few
	{5, 7, 0, 1, noSuchUser, contact},
	{5, 7, 0, 1, aboutUs, account},
	{5, 7, 0, 1, aboutText, content},
	{5, 7, 6, 7, "", content},     // RFC 3463: it was changed on its way
	{5, 7, 350, 350, "", content}, // Exchange: another server took it for spam
	{5, 7, 0, last, "", account},

	// Where the code does not say it, the words may.
	{0, anyCode, 0, 0, ourQuota, quota},
	{4, anyCode, 0, 0, aboutMailbox, again},
	{4, anyCode, 0, 0, aboutQuota, quota},
	{4, anyCode, 0, 0, aboutPace, pace},
	{4, anyCode, 0, 0, "", again}, // greylisting, a full disk, a busy server: RFC 5321 4.2.1, nothing was taken
	{5, noCode, 0, 0, "sender", account},
	{5, noCode, 0, 0, unknownThere, contact},
	{5, anyCode, 0, 0, aboutQuota, quota},
	{5, noCode, 0, 0, fullMailbox, again},
	{5, anyCode, 0, 0, tooLarge, content},
	{5, anyCode, 0, 0, aboutUs, account},
}

// replies is what a permanent refusal means that no row knows, by its number (RFC 5321 4.2.2): of a recipient, and of a
// message.
var replies = map[int]struct{ recipient, message meaning }{ //nolint:gochecknoglobals // a table
	500: {account, account}, 502: {account, account}, 503: {account, account}, 504: {account, account},
	530: {account, account}, 535: {account, account}, 555: {account, account},
	523: {content, content}, // several servers say 'too large' by it
	552: {again, content},   // more than there is room for: in a mailbox, or for one message
}

// accountEnded is an account that may send no more.
var accountEnded = regexp.MustCompile(
	`\baccount (?:(?:is|has been|was) )?(?:suspended|disabled|blocked|locked|not active|inactive)`)

// address is one in an answer: the client's may have any of the words in it.
var address = regexp.MustCompile(`[^\s<>"]*@[^\s<>"]*`)

// brokenLine is where an answer goes on in its next line, which may begin with the code again.
var brokenLine = regexp.MustCompile(`\s*\n\s*(?:#?[245]\.\d{1,3}\.\d{1,3}\s+)?|\s{2,}`)

// wordsOf is an answer's words in one line and in lower case, without addresses.
func wordsOf(answer string) string {
	return strings.ToLower(address.ReplaceAllLiteralString(brokenLine.ReplaceAllLiteralString(answer, " "), ""))
}

// enhanced is a status code of RFC 3463 at the beginning of an answer; some servers put a # before it.
var enhanced = regexp.MustCompile(`^#?[245]\.(\d{1,3})\.(\d{1,3})(?:\s|$)`)

// atTheEnd is one where qmail puts it: "sorry, no mailbox here by that name. (#5.1.1)".
var atTheEnd = regexp.MustCompile(`\(#[245]\.(\d{1,3})\.(\d{1,3})\)\s*$`)

// refusal is what a server's own answer means.
func refusal(at stage, reply *textproto.Error, now time.Time) error {
	status, subject, detail := "", noCode, 0
	found := enhanced.FindStringSubmatch(reply.Msg)
	if found == nil {
		found = atTheEnd.FindStringSubmatch(reply.Msg)
	}
	if found != nil {
		status = " " + strings.Trim(found[0], "()# \r\n")
		subject, _ = strconv.Atoi(found[1])
		detail, _ = strconv.Atoi(found[2])
	}
	if subject == 0 { // RFC 3463: other or undefined, which says no more than no code
		subject = noCode
	}
	means := meaningOf(at, reply.Code, subject, detail, wordsOf(reply.Msg))
	return fmt.Errorf("smtp: refused when %s (%d%s), for %s: %w", at, reply.Code, status, means, means.error(now))
}

func meaningOf(at stage, code, subject, detail int, text string) meaning {
	rows := answers
	if at.isEarly() {
		rows = early
	}
	for _, row := range rows {
		if row.fits(code/100, subject, detail, text) {
			return row.means
		}
	}
	known, ok := replies[code]
	switch {
	case ok && at == addressing:
		return known.recipient
	case ok:
		return known.message
	case at == addressing:
		return contact
	case at == beginning, subject == 5: // nobody has seen the message, or it is the protocol
		return account
	case accountEnded.MatchString(text): // of a recipient they said so when they were named
		return account
	default:
		return content
	}
}

func (a answer) fits(class, subject, detail int, text string) bool {
	return (a.class == 0 || a.class == class) && a.hasCode(subject, detail) && a.hasWords(text)
}

func (a answer) hasCode(subject, detail int) bool {
	if a.subject == anyCode || a.subject == noCode {
		return a.subject == anyCode || subject == noCode
	}
	return a.subject == subject && a.detail <= detail && detail <= a.until
}

func (a answer) hasWords(text string) bool {
	for word := range strings.SplitSeq(a.words, "|") {
		if strings.Contains(text, word) {
			return true
		}
	}
	return false
}
