package main

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/examples/internal/hosttest"
	"github.com/cmsmessenger/cmsmessenger/migrations/migrationtest"
)

// receivedMail is one email as a mail server that is not ours took and read it.
type receivedMail struct {
	EnvelopeFrom string   `json:"envelopeFrom"`
	EnvelopeTo   []string `json:"envelopeTo"`
	User         string   `json:"user"`
	MessageID    string   `json:"messageId"`
	Subject      string   `json:"subject"`
	Text         string   `json:"text"`
	HTML         string   `json:"html"`
	Raw          string   `json:"raw"`
}

// mailServer takes the demonstration's mail.
type mailServer struct{ *hosttest.MailServer }

func newMailServer(t *testing.T, user, password string) mailServer {
	t.Helper()
	return mailServer{hosttest.StartMailServer(t, map[string]any{
		"auth": []string{"PLAIN", "LOGIN"}, "user": user, "password": password,
	})}
}

// TestStoryBySMTP tells the whole story with a real mail server, and reads what arrived there.
func TestStoryBySMTP(t *testing.T) {
	t.Parallel()
	server := newMailServer(t, "cms", "a-secret")
	host := startHost(t, migrationtest.Migrated(t), fmt.Sprintf("smtp://cms:a-secret@127.0.0.1:%d", server.Port))
	tellStory(t, host, outside{emailed: server.emailed})
	require.NotContains(t, host.Log.String(), "a-secret")
}

// emailed waits for the mail of a message and looks at how it came.
func (m mailServer) emailed(t *testing.T, messageID string) sentItem {
	t.Helper()
	mail := m.arrived(t, messageID)
	require.Len(t, mail.EnvelopeTo, 1, "the envelope names the client alone")
	require.Equal(t, "messages@"+mailDomain, mail.EnvelopeFrom)
	require.Contains(t, mail.User, "cms")
	require.NotEmpty(t, mail.Subject)
	for _, line := range strings.Split(mail.Raw, "\r\n") {
		require.LessOrEqual(t, len(line), 998, "RFC 5322, 2.1.1")
	}
	link := linkIn(t, mail.Text)
	require.Regexp(t, `(?m)^`+regexp.QuoteMeta(link)+`\s*$`, mail.Text, "the link stands whole on a line of its own")
	require.Contains(t, mail.HTML, `href="`+link+`"`)
	return sentItem{
		MessageID: uuid.MustParse(messageID), Medium: "email", To: mail.EnvelopeTo[0], Subject: mail.Subject, Text: mail.Text,
	}
}

// arrived waits for the mail of a message: its Message-ID is the message's reference, and there is one of it.
func (m mailServer) arrived(t *testing.T, messageID string) (found receivedMail) {
	t.Helper()
	reference := regexp.MustCompile(`^<` + regexp.QuoteMeta(messageID) + `(-\d+)?@[^>]+>$`)
	require.Eventually(t, func() bool {
		var all []receivedMail
		m.Ask("/messages", map[string]int{"port": m.Port}, &all)
		count := 0
		for _, mail := range all {
			if reference.MatchString(mail.MessageID) {
				found, count = mail, count+1
			}
		}
		require.LessOrEqual(t, count, 1)
		return count == 1
	}, patience, 50*time.Millisecond)
	return found
}
