package smtp_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
)

// What a server's refusal means, by the command that it answers.
var refusals = []struct { //nolint:gochecknoglobals // a table
	command string // RCPT, "." for the message, and so on
	answer  string
	want    error
}{
	// A mailbox that takes nothing now: that message waits, and nobody else's.
	{"RCPT", "452 4.2.2 too many messages in mailbox", adapters.ErrNotSent},
	{"RCPT", "450 4.2.1 too many messages to this recipient", adapters.ErrNotSent},
	{"RCPT", "450 4.2.1 The user you are trying to contact is receiving mail too quickly.", adapters.ErrNotSent},
	{
		"RCPT", "450 4.2.1 The user you are trying to contact is receiving mail at a rate that prevents additional messages",
		adapters.ErrNotSent,
	},
	{".", "452 4.2.2 The email account that you tried to reach is over quota.", adapters.ErrNotSent},
	{".", "432 4.3.2 STOREDRV.Deliver; recipient thread limit exceeded", adapters.ErrNotSent},
	{"RCPT", "451 4.3.2 recipient rate limited", adapters.ErrNotSent},
	{"RCPT", "450 4.7.1 too many messages to this recipient, try again", adapters.ErrNotSent},
	{"RCPT", "450 4.7.1 <x>: Recipient address rejected: Greylisted", adapters.ErrNotSent},
	{"RCPT", "452 too many messages in that mailbox", adapters.ErrNotSent},
	{"RCPT", "450 4.1.1 unverified recipient", adapters.ErrNotSent},
	{"RCPT", "552 5.2.2 mailbox full", adapters.ErrNotSent},
	{".", "552 5.2.2 The email account that you tried to reach is over quota.", adapters.ErrNotSent},
	{".", "550 5.2.121 Recipient's per hour message receive limit from specific sender exceeded", adapters.ErrNotSent},
	{".", "550 5.2.122 Recipient's per hour message receive limit exceeded", adapters.ErrNotSent},
	{
		"RCPT", "550 5.2.1 The user you are trying to contact is receiving mail at a rate that prevents additional messages",
		adapters.ErrNotSent,
	},
	{
		".", "451 4.7.321 starttls-not-supported: Destination mail server must support TLS to receive mail.",
		adapters.ErrNotSent,
	},
	{".", "550 5.4.300 Message expired", adapters.ErrNotSent},
	{"RCPT", "554 5.3.1 mail system full", adapters.ErrNotSent},
	{"RCPT", "552 exceeded storage allocation", adapters.ErrNotSent},
	{"RCPT", "552 <x> mailbox size limit exceeded", adapters.ErrNotSent},
	{".", "554 Quota violation", adapters.ErrNotSent},
	{
		".", "554 5.2.0 STOREDRV.Deliver.Exception:QuotaExceededException.MapiExceptionShutoffQuotaExceeded",
		adapters.ErrNotSent,
	},
	{"RCPT", "421 4.7.0 IP not in whitelist for RCPT domain, closing connection", adapters.ErrNotSent},
	{"RCPT", "421 4.4.5 Server busy, try again later.", adapters.ErrNotSent},
	{"MAIL", "451 4.3.0 Temporary System Problem. Try again later", adapters.ErrNotSent},

	// Words that go on in the next line, with the code once more or without, and codes that say nothing.
	{".", "550-Sorry, no\r\n550 such user here", adapters.ErrWrongContact},
	{".", "450-4.2.1 Peak SMTP relay\r\n450-4.2.1  limit exceeded\r\n450 4.2.1 for customer", errQuota},
	{"RCPT", "451-4.7.1 Too\r\n451 4.7.1 many messages, try later", errLimit},
	{".", "554 5.0.0 User unknown", adapters.ErrWrongContact},
	{".", "550 5.0.350 Remote server returned an error: mailbox unavailable", adapters.ErrWrongContact},
	{"RCPT", "552 5.0.0 mailbox full", adapters.ErrNotSent},
	{".", "554 5.2.0 STOREDRV.Submission.Exception:OutboundSpamException", adapters.ErrConfiguration},
	{".", "554-Transaction failed\r\n554 Reject due to policy restrictions.", adapters.ErrConfiguration},
	{".", "550 SC-001 Mail rejected for policy reasons.", adapters.ErrConfiguration},
	{".", "554 Account suspended. Contact support.", adapters.ErrConfiguration},
	{".", "571 5.7.1 Delivery not authorized, message refused", adapters.ErrConfiguration},
	{".", "421 4.7.0 This message does not pass authentication checks (SPF and DKIM)", adapters.ErrConfiguration},
	{".", "550 Monthly quota exceeded. Upgrade your plan", errQuota},
	{"RCPT", "553 sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)", adapters.ErrConfiguration},
	{"RCPT", "553 sorry, that domain isn't in my list of allowed rcpthosts", adapters.ErrConfiguration},
	{"RCPT", "511 sorry, nobody of that name (#5.1.1)", adapters.ErrWrongContact},
	{".", "552 sorry, that goes over my databytes limit (#5.3.4)", adapters.ErrWrongContent},
	{".", "554 sorry, try somewhere else (#5.2.2)", adapters.ErrNotSent},
	{"RCPT", "450-#4.2.0 Graylisted,\r\n450 #4.2.0 too many recipients", adapters.ErrNotSent},

	// The client's address is not read as words.
	{"RCPT", "550 No such user: sender.grace@example.org", adapters.ErrWrongContact},
	{"RCPT", "550 5.1.0 unknown user <dkim.spam@relay.example.org>", adapters.ErrWrongContact},
	{"RCPT", "450 4.2.0 <too.many@example.org>: Greylisted", adapters.ErrNotSent},
	{".", "554 5.7.1 <relay@example.org> looks like spam", adapters.ErrWrongContent},

	// How fast, or how much, we send: everybody waits.
	{".", "421 4.3.2 throttled", errLimit},
	{
		"RCPT", "421 4.7.0 [TSS04] Messages from 192.0.2.1 temporarily deferred due to unexpected volume or user complaints",
		errLimit,
	},
	{"RCPT", "452 4.5.3 too many messages", errLimit},
	{".", "432 4.3.2 STOREDRV.ClientSubmit; sender thread limit exceeded", errLimit},
	{"MAIL", "432 4.3.2 Concurrent connections limit exceeded", errLimit},
	{".", "451 4.7.500 Access denied, please try again later", errLimit},
	{".", "451 4.7.651 Access denied, please try again later", errLimit},
	{
		".", "421 4.7.28 Our system has detected an unusual rate of unsolicited mail originating from your IP address.",
		errLimit,
	},
	{"RCPT", "450 too frequent connects from you", errLimit},
	{"RCPT", "450 4.2.1 Peak SMTP relay limit exceeded for customer.", errQuota},
	{"RCPT", "550 5.4.5 Daily user sending limit exceeded", errQuota},
	{".", "550 5.4.5 Daily user sending limit exceeded", errQuota},
	{".", "550 5.4.5 Daily SMTP relay limit exceeded for user.", errQuota},
	{"MAIL", "550 5.4.5 Daily sending quota exceeded", errQuota},
	{".", "550 5.7.1 Daily SMTP relay limit exceeded for customer.", errQuota},
	{".", "550 5.7.1 Email quota exceeded.", errQuota},
	{
		".", "550 5.1.90 Your message can't be sent because you've reached your daily limit for message recipients", errQuota,
	},
	{".", "550 5.2.2 Submission quota exceeded", errQuota},
	{".", "550 You have reached a limit: at most 300 messages in 30 minutes", errQuota},
	{"RCPT", "450 Requested mail action not taken: mailbox unavailable. Mail send limit exceeded.", errQuota},
	{"MAIL", "451 Authentication failed: Maximum credits exceeded", errQuota},
	{".", "451 You have exceeded your messaging limits", errQuota},
	{"RCPT", "550 Daily sending quota exceeded", errQuota},
	{".", "454 Throttling failure: Daily message quota exceeded.", errQuota},
	{".", "554 5.2.0 STOREDRV.Submission.Exception:SubmissionQuotaExceededException; Failed to process message", errQuota},
	{
		".", "550 5.7.233 Your message can't be sent because your tenant has exceeded its external recipient rate limit",
		errQuota,
	},
	{".", "550 5.7.508 Access denied, [2001:db8::1] has exceeded permitted limits within 2001:db8::/64 range", errLimit},

	// Our own sender, account and reputation: neither the client's address nor the words.
	{"RCPT", "550 5.1.8 Access denied, bad outbound sender", adapters.ErrConfiguration},
	{".", "550 5.1.8 Access denied, bad outbound sender AS(42004)", adapters.ErrConfiguration},
	{"RCPT", "553 5.1.7 the sender's address has no domain", adapters.ErrConfiguration},
	{"RCPT", "450 4.1.8 Sender address rejected: Domain not found", adapters.ErrConfiguration},
	{".", "550 5.1.0 Sender denied", adapters.ErrConfiguration},
	{"RCPT", "550 5.1.1 <x>: Sender address rejected: User unknown", adapters.ErrConfiguration},
	{".", "550 5.1.20 Multiple From addresses are not allowed without Sender address", adapters.ErrConfiguration},
	{".", "550 5.7.708 Service unavailable. Access denied, traffic not accepted from this IP", adapters.ErrConfiguration},
	{".", "550 5.7.501 Access denied, spam abuse detected", adapters.ErrConfiguration},
	{".", "550 5.7.502 Access denied, banned sender", adapters.ErrConfiguration},
	{".", "550 5.7.705 Access denied, tenant has exceeded threshold", adapters.ErrConfiguration},
	{
		".", "550 5.7.750 Service unavailable. Client blocked from sending from unregistered domains",
		adapters.ErrConfiguration,
	},
	{".", "550 5.7.800 Access denied, banned sender", adapters.ErrConfiguration},
	{".", "550 5.7.606 Access denied, banned sending IP [192.0.2.1]", adapters.ErrConfiguration},
	{
		".", "550 5.7.509 Access denied, sending domain example.org does not pass DMARC verification",
		adapters.ErrConfiguration,
	},
	{
		".", "550 5.7.513 Service unavailable, Client host [192.0.2.1] blocked by example.org using Customer Block list",
		adapters.ErrConfiguration,
	},
	{".", "550 5.7.60 Client does not have permissions to send as this sender", adapters.ErrConfiguration},
	{".", "554 5.2.252 SendAsDenied", adapters.ErrConfiguration},
	{".", "554 5.2.0 STOREDRV.Submission.Exception:SendAsDeniedException", adapters.ErrConfiguration},
	{".", "550 5.7.26 This mail is unauthenticated", adapters.ErrConfiguration},
	{".", "421 4.7.29 This message was sent without TLS", adapters.ErrConfiguration},
	{
		".", "421 4.7.30 Your email has been rate limited because DKIM authentication didn't pass",
		adapters.ErrConfiguration,
	},
	{".", "421 4.7.32 blocked because the From: header isn't aligned", adapters.ErrConfiguration},
	{
		"RCPT", "550 #5.7.1 Your access to submit messages to this e-mail system has been rejected.",
		adapters.ErrConfiguration,
	},
	{"RCPT", "550 Anti-Spoofing policy - Inbound not allowed", adapters.ErrConfiguration},
	{"RCPT", "550 Administrative prohibition - envelope blocked", adapters.ErrConfiguration},
	{"RCPT", "550 Access denied", adapters.ErrConfiguration},
	{".", "554 Message rejected: Email address is not verified.", adapters.ErrConfiguration},
	{".", "450 4.7.26 must pass either SPF or DKIM validation, this message is not signed", adapters.ErrConfiguration},
	{
		".", "550 5.7.1 Our system has detected an unusual rate of unsolicited mail originating from your IP address.",
		adapters.ErrConfiguration,
	},
	{
		".", "554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.org",
		adapters.ErrConfiguration,
	},
	{"RCPT", "550 5.7.1 Unable to relay", adapters.ErrConfiguration},
	{
		"RCPT", "553 5.7.2 [TSS09] All messages from 192.0.2.1 will be permanently deferred; Retrying will NOT succeed.",
		adapters.ErrConfiguration,
	},
	{".", "554 Message rejected: Sending paused for this account.", adapters.ErrConfiguration},
	{".", "550 Your account has been suspended", adapters.ErrConfiguration},
	{".", "554 Domain example.org is not allowed to send: please activate it", adapters.ErrConfiguration},
	{"RCPT", "554 5.7.1 <x>: Relay access denied", adapters.ErrConfiguration},
	{"RCPT", "550 5.4.1 Relay Access Denied", adapters.ErrConfiguration},
	{"RCPT", "550 relaying denied", adapters.ErrConfiguration},
	{"RCPT", "550 sender domain not found", adapters.ErrConfiguration},
	{"MAIL", "530 5.7.57 Client was not authenticated to send anonymous mail during MAIL FROM", adapters.ErrConfiguration},
	{"MAIL", "550 5.7.1 sender may not", adapters.ErrConfiguration},
	{"EHLO", "550 5.7.506 Access Denied, Bad HELO", adapters.ErrConfiguration},
	{"", "554 5.7.1 no mail from you", adapters.ErrConfiguration},
	{"RCPT", "503 5.5.1 bad sequence", adapters.ErrConfiguration},
	{"DATA", "550 no", adapters.ErrConfiguration},

	// The client's address.
	{"RCPT", "550 5.1.1 The email account that you tried to reach does not exist.", adapters.ErrWrongContact},
	{
		".", "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup",
		adapters.ErrWrongContact,
	},
	{"RCPT", "550 5.4.1 Recipient address rejected: Access denied. AS(201806281)", adapters.ErrWrongContact},
	{".", "550 5.4.1 All recipient addresses rejected : Access denied", adapters.ErrWrongContact},
	{".", "550 5.7.1 RESOLVER.RST.AuthRequired; authentication required", adapters.ErrWrongContact},
	{".", "550 5.7.129 RESOLVER.RST.RestrictedToRecipientsPermission; not authorized", adapters.ErrWrongContact},
	{"RCPT", "550 #5.1.0 Address rejected.", adapters.ErrWrongContact},
	{".", "554 delivery error: dd This user doesn't have an account here [0]", adapters.ErrWrongContact},
	{".", "550 This account has been disabled or discontinued", adapters.ErrWrongContact},
	{"RCPT", "550 5.5.0 Requested action not taken: mailbox unavailable", adapters.ErrWrongContact},
	{"RCPT", "553 5.1.2 We weren't able to find the recipient domain.", adapters.ErrWrongContact},
	{"RCPT", "550 5.2.1 The email account that you tried to reach is disabled.", adapters.ErrWrongContact},
	{".", "550 5.7.134 Sender was not authenticated for mailbox", adapters.ErrWrongContact},
	{".", "550 5.7.124 Sender not in allowed-senders list", adapters.ErrWrongContact},
	{"RCPT", "550 5.7.504 Recipient address rejected: Access denied", adapters.ErrWrongContact},
	{"RCPT", "550 5.3.0 User unknown", adapters.ErrWrongContact},
	{".", "550 5.5.0 Requested actions not taken as the mailbox is unavailable", adapters.ErrWrongContact},
	{"RCPT", "550 User account suspended", adapters.ErrWrongContact},
	{"RCPT", "554 5.4.4 Host or domain name not found", adapters.ErrWrongContact},
	{".", "550 5.4.310 DNS domain does not exist", adapters.ErrWrongContact},
	{"RCPT", "550 no such user here", adapters.ErrWrongContact},
	{"RCPT", "501 5.5.4 Invalid Address", adapters.ErrWrongContact},

	// The words.
	{".", "550 5.7.1 Our system has detected that this message is likely unsolicited mail.", adapters.ErrWrongContent},
	{".", "554 5.7.1 looks like spam", adapters.ErrWrongContent},
	{".", "550 5.7.350 Remote server returned message detected as spam -> 554 Spam", adapters.ErrWrongContent},
	{
		".", "552 5.7.0 This message was blocked because its content presents a potential security issue.",
		adapters.ErrWrongContent,
	},
	{".", "552 5.2.3 Your message exceeded Google's message size limits.", adapters.ErrWrongContent},
	{".", "554 5.6.0 Mail message is malformed. Not accepted.", adapters.ErrWrongContent},
	{".", "554 5.6.11 Invalid characters", adapters.ErrWrongContent},
	{"MAIL", "552 5.3.4 message too big for system", adapters.ErrWrongContent},
	{".", "554 no", adapters.ErrWrongContent},
}

var (
	errLimit = errors.New("a limited rate")
	errQuota = errors.New("a used-up allowance")
)

func TestWhatRefusalsMean(t *testing.T) {
	t.Parallel()
	server := startScripted(t)
	for _, test := range refusals {
		name := test.command + " " + test.answer
		server.says(map[string]string{test.command: test.answer})
		if test.command == "EHLO" {
			server.says(map[string]string{"EHLO": test.answer, "HELO": test.answer})
		}
		sender := newSender(t, server.config(t))
		_, err := sender.Send(t.Context(), message())
		require.Error(t, err, name)
		var limited *adapters.RateLimitError
		switch {
		case errors.Is(test.want, errLimit), errors.Is(test.want, errQuota):
			require.ErrorAs(t, err, &limited, name)
			require.Equal(t, errors.Is(test.want, errQuota), !limited.Until.IsZero(), name)
		default:
			require.NotErrorAs(t, err, &limited, name)
		}
		for _, one := range []error{
			adapters.ErrWrongContact, adapters.ErrWrongContent, adapters.ErrConfiguration, adapters.ErrNotSent,
		} {
			require.Equal(t, errors.Is(test.want, one), errors.Is(err, one), "%s means %v", name, err)
		}
		server.says(nil)
		_, err = sender.Send(t.Context(), message())
		require.NoError(t, err, "the next message goes, after %s", name)
	}
}

func TestAServerThatTakesItsTime(t *testing.T) {
	t.Parallel()
	server := startScripted(t)
	server.takes(map[string]time.Duration{".": 2500 * time.Millisecond})
	config := server.config(t)
	config.Connections = 1
	sender := newSender(t, config)
	first := make(chan error, 1)
	go func() {
		_, err := sender.Send(t.Context(), message())
		first <- err
	}()
	require.Eventually(t, func() bool {
		return strings.HasPrefix(strings.Join(server.commands(), " "), "EHLO")
	}, 20*time.Second, time.Millisecond)

	// The wait for a connection is none of the second's time: it is told that there is none, and nothing of it has been
	// tried.
	_, err := sender.Send(t.Context(), message())
	require.ErrorIs(t, err, adapters.ErrBusy)
	require.ErrorIs(t, err, adapters.ErrNotSent)
	require.NoError(t, <-first, "the server took it, however late it says so")
	require.Len(t, server.messages(), 1)
	require.Greater(t, sender.Takes(), 10*time.Minute, "a server may take ten minutes over the final dot")
}

func TestOnlyALostAnswerToTheMessageIsUnknown(t *testing.T) {
	t.Parallel()
	for _, command := range []string{"", "EHLO", "MAIL", "RCPT", "DATA", "."} {
		server := startScripted(t)
		server.takes(map[string]time.Duration{command: time.Second})
		ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
		_, err := newSender(t, server.config(t)).Send(ctx, message())
		cancel()
		require.Error(t, err)
		require.Equal(t, command != ".", errors.Is(err, adapters.ErrNotSent), "silent at %q", command)
	}
}

func TestDomainsBeyondASCII(t *testing.T) {
	t.Parallel()
	server := startScripted(t, "8BITMIME")
	config := server.config(t)
	sender := newSender(t, config)
	for to, want := range map[string]string{
		"grace@bücher.example":   "RCPT TO:<grace@xn--bcher-kva.example>",
		"grace@BÜCHER.example":   "RCPT TO:<grace@xn--bcher-kva.example>",
		"grace@例え.example":       "RCPT TO:<grace@xn--r8jz45g.example>",
		"grace@straße.example":   "RCPT TO:<grace@xn--strae-oqa.example>",
		"grace@mail.example.org": "RCPT TO:<grace@mail.example.org>",
	} {
		sent := message()
		sent.To = to
		_, err := sender.Send(t.Context(), sent)
		require.NoError(t, err, to)
		require.Contains(t, server.commands(), want)
		require.Contains(t, server.messages()[len(server.messages())-1], "To: <"+strings.TrimPrefix(want, "RCPT TO:<"))
	}
	sent := message()
	sent.To = "zoë@example.org"
	_, err := sender.Send(t.Context(), sent)
	require.ErrorIs(t, err, adapters.ErrWrongContact, "only the part before the sign needs a server that takes it")
}

func TestSenderNames(t *testing.T) {
	t.Parallel()
	server := start(t, server{TLS: "starttls"})
	sender := newSender(t, server.config(t))
	for _, name := range []string{
		`Bob\`, `A" <x@example.com>, "B`, "Shah, Amira", "غريس", "O'Neil (Riverside)", "=?odd?=",
	} {
		sent := message()
		sent.SenderName = name
		_, err := sender.Send(t.Context(), sent)
		require.NoError(t, err, name)
		require.Equal(t, []address{{Address: "link-workers@riverside.example.org", Name: name}},
			server.messages(t, sent.Reference)[0].From)
	}
}
