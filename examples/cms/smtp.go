package main

import (
	"fmt"
	"net"
	"strings"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/adapters/smtp"
)

// mailDomain is a domain that nobody can own (RFC 2606).
const mailDomain = "cms.example.org"

// newSMTP reads SMTP_URL. Mail to a server on this very machine goes without TLS, whose certificate nobody would have
// signed, unless the URL says tls=starttls; to every other it goes with TLS or not at all.
func newSMTP(url string) (*smtp.Sender, error) {
	config, err := smtp.ParseURL(url)
	if err != nil {
		return nil, fmt.Errorf("cms: SMTP_URL: %w", err)
	}
	ip := net.ParseIP(config.Host)
	here := config.Host == "localhost" || ip != nil && ip.IsLoopback()
	if here && config.TLS == smtp.StartTLS && !strings.Contains(url, "tls=") {
		config.TLS = smtp.NoTLS
		if config.Port == 0 {
			config.Port = 25
		}
	}
	config.Domain = mailDomain
	config.From = smtp.Everyone(smtp.From{Address: "messages@" + mailDomain})
	sender, err := smtp.New(config)
	if err != nil {
		return nil, fmt.Errorf("cms: SMTP_URL: %w", err)
	}
	return sender, nil
}

// htmlOf is what a client's mail program shows of an email; a text message has none.
func htmlOf(message adapters.Outgoing) string {
	if message.Medium != adapters.Email {
		return ""
	}
	return smtp.HTML(message)
}
