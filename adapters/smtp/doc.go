// Package smtp carries email through a mail server by SMTP submission (RFC 6409).
//
// It needs a server that takes mail from this host, an address that the server lets us send from, and a domain for
// Message-IDs. TLS 1.2 or later with a checked certificate is required: by STARTTLS, or from the first byte. A server
// asks for a user name and password (PLAIN or LOGIN), for an OAuth 2 token (XOAUTH2, as Microsoft 365 and with it
// NHSmail do), or for nothing.
//
//	sender, err := smtp.New(smtp.Config{
//		Host:     "smtp.office365.com",
//		Username: "link-workers@riverside.example.org",
//		Token:    tokens.Token, // func(context.Context) (string, error), which caches
//		Domain:   "riverside.example.org",
//		From: smtp.Everyone(smtp.From{
//			Address: "link-workers@riverside.example.org", // Microsoft 365: the mailbox that signs in
//		}),
//	})
//	if err != nil {
//		return err
//	}
//	defer sender.Close()
//	m, err := messenger.New(messenger.Config{Email: sender, …})
//
// A client gets the plain text, and beside it the same text as HTML in which the reply link can be clicked. In the
// plain text the link stands whole on its line, unbroken on the wire too where the server takes 8-bit text, which all
// but museum pieces do.
//
// # What it cannot do
//
// Plain SMTP neither drops repeats nor can be asked what became of a message, so this is no adapters.Finder: when the
// connection is lost between the end of a message and the server's answer, the outcome is unknown, Messenger does not
// send again, and a person decides. Every attempt carries the same Message-ID, <Reference@Domain>, so that a mailbox
// which got two can tell.
//
// A server that took a message has not delivered it: receipts say sent, never delivered. What comes back later, a
// bounce, goes to the address From.Bounce; nobody reads it here. Bounces are asked to hold the headers only (RFC 3461)
// and not the client's text.
//
// There is no standard way for a server to say until when it takes nothing more: a limited rate comes without a time,
// and a used-up allowance with a quarter of an hour. What each answer means is in answers.go.
package smtp
