package smtp_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/adapters/adaptertest"
	"github.com/cmsmessenger/cmsmessenger/adapters/smtp"
)

func TestSenderConforms(t *testing.T) {
	t.Parallel()
	recipients := map[adaptertest.Outcome]string{
		adaptertest.Accepted: "grace.okafor", adaptertest.WrongContact: "rcpt-550~5.1.1+no+such+mailbox",
		adaptertest.WrongContent: "data-554~5.6.0+not+this",
		adaptertest.RateLimited:  "rcpt-450~4.7.28+too+much+mail", adaptertest.ServerError: "data-451",
		adaptertest.TimeoutBefore: "silent-before", adaptertest.TimeoutAfter: "silent-after",
		adaptertest.DroppedAfter: "drop-after",
	}
	adaptertest.Sender(t, func(t *testing.T) adaptertest.SenderHarness {
		server := start(t, server{TLS: smtp.StartTLS, Auth: []string{"PLAIN"}, User: user, Password: password})
		config := server.config(t)
		config.Username, config.Password = user, password
		return adaptertest.SenderHarness{
			Sender: newSender(t, config), Medium: adapters.Email, Secrets: []string{password},
			Arrange: func(t *testing.T, message *adapters.Outgoing, outcome adaptertest.Outcome) bool {
				t.Helper()
				switch recipient, ok := recipients[outcome]; {
				case ok:
					message.To = recipient + "@example.org"
				case outcome == adaptertest.Misconfigured:
					server.control(t, "/refuse", nil)
				case outcome == adaptertest.Down:
					server.control(t, "/stop", nil)
				default:
					return false
				}
				return true
			},
			Carried: func(t *testing.T, reference string) int { return len(server.messages(t, reference)) },
			Text:    func(t *testing.T, reference string) string { return server.messages(t, reference)[0].Text },
		}
	})
}

func TestSenderIsNoFinder(t *testing.T) {
	t.Parallel()
	_, finds := any(&smtp.Sender{}).(adapters.Finder)
	require.False(t, finds, "plain SMTP can't be asked, and does not drop repeats")
}

func TestAMailFollowsThoseBeforeIt(t *testing.T) {
	t.Parallel()
	server := start(t, server{TLS: smtp.StartTLS})
	sent := message()
	sent.Follows = []string{"first", "last-2"}
	_, err := newSender(t, server.config(t)).Send(t.Context(), sent)
	require.NoError(t, err)
	raw := server.messages(t, "")[0].Raw
	require.Contains(t, raw, "\r\nReferences: <first@riverside.example.org> <last-2@riverside.example.org>\r\n")
	require.Contains(t, raw, "\r\nIn-Reply-To: <last-2@riverside.example.org>\r\n")
	sent.Follows = []string{"no> id"}
	_, err = newSender(t, server.config(t)).Send(t.Context(), sent)
	require.ErrorIs(t, err, adapters.ErrWrongContent)
}

func TestMailAsReceived(t *testing.T) {
	t.Parallel()
	server := start(t, server{TLS: smtp.StartTLS})
	sent := message()
	receipt, err := newSender(t, server.config(t)).Send(t.Context(), sent)
	require.NoError(t, err)
	require.NotEmpty(t, receipt.ProviderID, "the queue id that the server said")
	require.Equal(t, adapters.Receipt{
		Reference: sent.Reference, ProviderID: receipt.ProviderID, Via: "smtp", Status: adapters.Sent,
	}, receipt)

	mails := server.messages(t, "")
	require.Len(t, mails, 1)
	got := mails[0]
	require.Equal(t, "bounces@riverside.example.org", got.EnvelopeFrom)
	require.Equal(t, []string{sent.To}, got.EnvelopeTo)
	require.Equal(t, "<"+sent.Reference+"@riverside.example.org>", got.MessageID)
	require.NotContains(t, got.Raw, "\nReferences:", "it is a first one")
	require.Equal(t, "riverside.example.org", got.Hello)
	require.Equal(t, sent.Subject, got.Subject)
	require.Equal(t, []address{{Address: "link-workers@riverside.example.org", Name: sent.SenderName}}, got.From)
	require.Equal(t, []address{{Address: sent.To}}, got.To)
	require.Empty(t, got.ReplyTo)
	require.Zero(t, got.Attachments)
	require.True(t, sent.FirstTried.Equal(got.Date), "every attempt is the same mail")
	require.True(t, got.Secure)
	require.Contains(t, got.Headers, "Auto-Submitted: auto-generated")
	require.Contains(t, got.Headers, "X-Auto-Response-Suppress: DR, RN, NRN, OOF, AutoReply",
		"failure reports are wanted (MS-OXCMAIL 2.1.3.2.20)")
	require.Equal(t, "HDRS", got.MailArgs["RET"], "a bounce does not carry the client's text")
	require.Equal(t, "FAILURE", got.RcptArgs["NOTIFY"])
	require.NotContains(t, got.MailArgs, "SMTPUTF8", "not asked for when addresses are ASCII")

	require.Equal(t, sent.Text, strings.TrimRight(got.Text, "\n"), "the text to the letter, a lone dot included")
	require.Contains(t, strings.Split(got.Raw, "\r\n"), "Reply: "+link, "the link is whole on its line on the wire too")
	require.Contains(t, got.HTML, `<a href="`+link+`">`+link+`</a>`)
	require.Contains(t, got.HTML, "the &lt;b&gt;walking&lt;/b&gt; group meets – bring a coat &amp; a friend.")
	require.NotContains(t, got.HTML, "<b>")
}

func TestLinkIsWholeWithout8BitMIME(t *testing.T) {
	t.Parallel()
	server := start(t, server{TLS: smtp.StartTLS, Hide: map[string]bool{"hide8BITMIME": true, "hideDSN": true}})
	sent := message()
	sent.Text += "\n" + strings.Repeat("long ", 400)
	_, err := newSender(t, server.config(t)).Send(t.Context(), sent)
	require.NoError(t, err)
	got := server.messages(t, sent.Reference)[0]
	require.Equal(t, strings.TrimSpace(sent.Text), strings.TrimSpace(got.Text),
		"quoted-printable, and read as it was written")
	require.NotContains(t, got.MailArgs, "RET")
	for line := range strings.SplitSeq(got.Raw, "\r\n") {
		require.LessOrEqual(t, len(line), 998)
	}
}

func TestLongLines(t *testing.T) {
	t.Parallel()
	server := start(t, server{TLS: smtp.StartTLS})
	sent := message()
	sent.Text = strings.Repeat("Ωmega ", 500) + "\n" + link
	_, err := newSender(t, server.config(t)).Send(t.Context(), sent)
	require.NoError(t, err)
	got := server.messages(t, sent.Reference)[0]
	require.Contains(t, strings.Split(got.Text, "\n"), link)
	for line := range strings.SplitSeq(got.Raw, "\r\n") {
		require.LessOrEqual(t, len(line), 998)
		require.NotContains(t, line, "\r")
	}
}

func TestNoBareCarriageReturn(t *testing.T) {
	t.Parallel()
	server := start(t, server{TLS: smtp.StartTLS})
	sent := message()
	sent.Text = "one\rtwo\r.\rthree\r\nfour"
	_, err := newSender(t, server.config(t)).Send(t.Context(), sent)
	require.NoError(t, err)
	raw := server.messages(t, sent.Reference)[0].Raw
	require.Contains(t, raw, "one\r\ntwo\r\n.\r\nthree\r\nfour")
	require.NotContains(t, strings.ReplaceAll(raw, "\r\n", "\n"), "\r",
		"a bare CR is a line end to some servers: none passes")
}

func TestSubjects(t *testing.T) {
	t.Parallel()
	server := start(t, server{TLS: smtp.StartTLS})
	sender := newSender(t, server.config(t))
	for _, subject := range []string{
		"Hello", "Ω", "=?odd?=", strings.Repeat("walking group ", 20) + "today", strings.Repeat("é", 200),
		strings.Repeat("👍🏽 ", 50) + "!",
	} {
		sent := message()
		sent.Subject = subject
		_, err := sender.Send(t.Context(), sent)
		require.NoError(t, err)
		got := server.messages(t, sent.Reference)[0]
		require.Equal(t, subject, got.Subject)
		header, _, _ := strings.Cut(got.Raw, "\r\n\r\n")
		for line := range strings.SplitSeq(header, "\r\n") {
			require.LessOrEqual(t, len(line), 78)
			require.NotEqual(t, "Subject:", strings.TrimSpace(line), "the line is not broken before the text")
		}
	}
}

func TestEncryptionAndSigningIn(t *testing.T) {
	t.Parallel()
	tokens := func(context.Context) (string, error) { return token, nil }
	for name, test := range map[string]struct {
		server server
		signIn func(c *smtp.Config)
		user   string
	}{
		"STARTTLS, nobody": {server{TLS: smtp.StartTLS}, func(*smtp.Config) {}, ""},
		"implicit TLS":     {server{TLS: smtp.Implicit}, func(*smtp.Config) {}, ""},
		"no TLS, loopback": {server{TLS: smtp.NoTLS}, func(*smtp.Config) {}, ""},
		"PLAIN": {server{TLS: smtp.StartTLS, Auth: []string{"LOGIN", "PLAIN"}}, func(c *smtp.Config) {
			c.Username, c.Password = user, password
		}, "PLAIN " + user},
		"PLAIN on implicit": {server{TLS: smtp.Implicit, Auth: []string{"PLAIN"}}, func(c *smtp.Config) {
			c.Username, c.Password = user, password
		}, "PLAIN " + user},
		"LOGIN": {server{TLS: smtp.StartTLS, Auth: []string{"LOGIN"}}, func(c *smtp.Config) {
			c.Username, c.Password = user, password
		}, "LOGIN " + user},
		"XOAUTH2": {server{TLS: smtp.StartTLS, Auth: []string{"PLAIN", "XOAUTH2"}}, func(c *smtp.Config) {
			c.Username, c.Token = user, tokens
		}, "XOAUTH2 " + user},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test.server.User, test.server.Password, test.server.Token = user, password, token
			server := start(t, test.server)
			config := server.config(t)
			test.signIn(&config)
			sent := message()
			_, err := newSender(t, config).Send(t.Context(), sent)
			require.NoError(t, err)
			got := server.messages(t, sent.Reference)[0]
			require.Equal(t, test.user, got.User)
			require.Equal(t, test.server.TLS != smtp.NoTLS, got.Secure)
		})
	}
}

func TestOurConfigurationAtFault(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		server server
		change func(c *smtp.Config)
	}{
		"wrong password": {server{TLS: smtp.StartTLS, Auth: []string{"PLAIN"}}, func(c *smtp.Config) {
			c.Username, c.Password = user, "another"
		}},
		"wrong token": {server{TLS: smtp.StartTLS, Auth: []string{"XOAUTH2"}}, func(c *smtp.Config) {
			c.Username, c.Token = user, badToken
		}},
		"no token": {server{TLS: smtp.StartTLS, Auth: []string{"XOAUTH2"}}, func(c *smtp.Config) {
			c.Username, c.Token = user, noToken
		}},
		"password unasked": {server{TLS: smtp.StartTLS}, func(c *smtp.Config) {
			c.Username, c.Password = user, password
		}},
		"mechanism missing": {server{TLS: smtp.StartTLS, Auth: []string{"XOAUTH2"}}, func(c *smtp.Config) {
			c.Username, c.Password = user, password
		}},
		"sign-in forgotten":               {server{TLS: smtp.StartTLS, Auth: []string{"PLAIN"}}, func(*smtp.Config) {}},
		"no STARTTLS":                     {server{TLS: smtp.NoTLS}, func(c *smtp.Config) { c.TLS = smtp.StartTLS }},
		"unknown certificate":             {server{TLS: smtp.StartTLS}, func(c *smtp.Config) { c.RootCAs = nil }},
		"unknown certificate on implicit": {server{TLS: smtp.Implicit}, func(c *smtp.Config) { c.RootCAs = nil }},
		"implicit to a plain port":        {server{TLS: smtp.NoTLS}, func(c *smtp.Config) { c.TLS = smtp.Implicit }},
		"another host's certificate":      {server{TLS: smtp.StartTLS}, func(c *smtp.Config) { c.Host = "localhost" }},
		"organisation without an address": {server{TLS: smtp.StartTLS}, func(c *smtp.Config) {
			c.From = func(adapters.OrganisationID) (smtp.From, bool) { return smtp.From{}, false }
		}},
		"address that is none": {server{TLS: smtp.StartTLS}, func(c *smtp.Config) {
			c.From = smtp.Everyone(smtp.From{Address: "Riverside"})
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test.server.User, test.server.Password, test.server.Token = user, password, token
			server := start(t, test.server)
			config := server.config(t)
			test.change(&config)
			_, err := newSender(t, config).Send(t.Context(), message())
			require.ErrorIs(t, err, adapters.ErrConfiguration)
			for _, secret := range []string{user, password, token, "another", "expired-token", "grace", "token source"} {
				require.NotContains(t, err.Error(), secret)
			}
			require.Empty(t, server.messages(t, ""))
		})
	}
}

func badToken(context.Context) (string, error) { return "expired-token", nil }

func noToken(context.Context) (string, error) {
	return "", fmt.Errorf("token source refused %s: %w", token, adapters.ErrConfiguration)
}

func TestAnswersOfTheServer(t *testing.T) {
	t.Parallel()
	server := start(t, server{TLS: smtp.StartTLS})
	sender := newSender(t, server.config(t))
	limited := errors.New("rate limited")
	for to, want := range map[string]error{
		"rcpt-550":                          adapters.ErrWrongContact,
		"rcpt-550~5.1.1+unknown+user":       adapters.ErrWrongContact,
		"rcpt-553~5.1.3+syntax":             adapters.ErrWrongContact,
		"rcpt-501~5.1.3+syntax":             adapters.ErrWrongContact,
		"rcpt-550~5.7.1+relaying+denied":    adapters.ErrConfiguration,
		"rcpt-530~5.7.0+sign+in+first":      adapters.ErrConfiguration,
		"rcpt-503~bad+sequence":             adapters.ErrConfiguration,
		"rcpt-552~5.2.2+mailbox+full":       adapters.ErrNotSent,
		"rcpt-450~4.2.0+greylisted":         adapters.ErrNotSent,
		"rcpt-451~4.3.0+try+later":          adapters.ErrNotSent,
		"rcpt-421~4.4.2+closing":            adapters.ErrNotSent,
		"rcpt-450~4.7.28+flood":             limited,
		"rcpt-452~4.5.3+too+many+messages":  limited,
		"data-451~4.3.0+try+later":          adapters.ErrNotSent,
		"data-452~4.3.1+no+space":           adapters.ErrNotSent,
		"data-421~4.3.2+throttled":          limited,
		"data-554~5.6.0+not+this":           adapters.ErrWrongContent,
		"data-550":                          adapters.ErrWrongContent,
		"data-552~5.3.4+too+large":          adapters.ErrWrongContent,
		"data-550~5.7.60+may+not+send+as":   adapters.ErrConfiguration,
		"data-550~5.7.26+not+authenticated": adapters.ErrConfiguration,
		"data-550~5.1.1+unknown+after+all":  adapters.ErrWrongContact,
		"data-554~5.7.1+looks+like+spam":    adapters.ErrWrongContent,
	} {
		sent := message()
		sent.To = to + "@example.org"
		_, err := sender.Send(t.Context(), sent)
		var limit *adapters.RateLimitError
		if errors.Is(want, limited) {
			require.ErrorAs(t, err, &limit, to)
			require.NotErrorIs(t, err, adapters.ErrNotSent, to)
		} else {
			require.ErrorIs(t, err, want, to)
			require.NotErrorAs(t, err, &limit, to)
		}
		require.NotContains(t, err.Error(), "example.org", "the server's words are not repeated")
		_, err = sender.Send(t.Context(), message())
		require.NoError(t, err, "the next message goes, after %s", to)
	}
}

func TestRefusedBeforeConnecting(t *testing.T) {
	t.Parallel()
	server := start(t, server{TLS: smtp.StartTLS})
	sender := newSender(t, server.config(t))
	for name, test := range map[string]struct {
		change func(m *adapters.Outgoing)
		want   error
	}{
		"CR LF in the subject": {func(m *adapters.Outgoing) {
			m.Subject = "Hello\r\nBcc: everybody@example.com"
		}, adapters.ErrWrongContent},
		"LF in the subject": {func(m *adapters.Outgoing) {
			m.Subject = "Hello\nBcc: everybody@example.com"
		}, adapters.ErrWrongContent},
		"CR in the name": {func(m *adapters.Outgoing) {
			m.SenderName = "Riverside\rBcc: everybody@example.com"
		}, adapters.ErrWrongContent},
		"NUL in the text":       {func(m *adapters.Outgoing) { m.Text = "a\x00b" }, adapters.ErrWrongContent},
		"bad UTF-8 in the text": {func(m *adapters.Outgoing) { m.Text = "a\xffb" }, adapters.ErrWrongContent},
		"no address":            {func(m *adapters.Outgoing) { m.To = "" }, adapters.ErrWrongContact},
		"two addresses": {func(m *adapters.Outgoing) {
			m.To = "grace@example.org, everybody@example.com"
		}, adapters.ErrWrongContact},
		"address with a name": {
			func(m *adapters.Outgoing) { m.To = "Grace <grace@example.org>" }, adapters.ErrWrongContact,
		},
		"address with CR LF": {func(m *adapters.Outgoing) {
			m.To = "grace@example.org\r\nRCPT TO:<everybody@example.com>"
		}, adapters.ErrWrongContact},
		"address with options": {
			func(m *adapters.Outgoing) { m.To = "grace@example.org> NOTIFY=NEVER" }, adapters.ErrWrongContact,
		},
		"text message":          {func(m *adapters.Outgoing) { m.Medium = adapters.SMS }, adapters.ErrConfiguration},
		"reference with spaces": {func(m *adapters.Outgoing) { m.Reference = "a b" }, adapters.ErrWrongContent},
	} {
		t.Run(name, func(t *testing.T) {
			sent := message()
			test.change(&sent)
			_, err := sender.Send(t.Context(), sent)
			require.ErrorIs(t, err, test.want)
			require.NotContains(t, err.Error(), "example")
		})
	}
	require.Zero(t, server.connections(t))
}

func TestAddressesBeyondASCII(t *testing.T) {
	t.Parallel()
	knows := start(t, server{TLS: smtp.StartTLS})
	sent := message()
	sent.To = "zoë@example.org"
	_, err := newSender(t, knows.config(t)).Send(t.Context(), sent)
	require.NoError(t, err)
	got := knows.messages(t, sent.Reference)[0]
	require.Equal(t, []string{sent.To}, got.EnvelopeTo)
	require.Contains(t, got.MailArgs, "SMTPUTF8")

	knowsNot := start(t, server{TLS: smtp.StartTLS, Hide: map[string]bool{"hideSMTPUTF8": true}})
	_, err = newSender(t, knowsNot.config(t)).Send(t.Context(), sent)
	require.ErrorIs(t, err, adapters.ErrWrongContact)
	require.Empty(t, knowsNot.messages(t, ""))
}
