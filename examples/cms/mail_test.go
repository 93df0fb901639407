package main

import (
	"bytes"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/internal/testpeer"
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

// mailServer is npm's smtp-server, told and asked by HTTP.
type mailServer struct {
	t       *testing.T
	control string
	Port    int `json:"port"`
}

func newMailServer(t *testing.T, user, password string) *mailServer {
	t.Helper()
	key, certificate := keyAndCertificate(t)
	m := &mailServer{t: t, control: testpeer.Start(t, "smtp.mjs", key, certificate)}
	m.ask("/start", map[string]any{"tls": "none", "auth": []string{"PLAIN", "LOGIN"}, "user": user, "password": password},
		m)
	return m
}

func (m *mailServer) ask(path string, question, answer any) {
	m.t.Helper()
	body, err := json.Marshal(question)
	require.NoError(m.t, err)
	request, err := http.NewRequestWithContext(m.t.Context(), http.MethodPost, m.control+path, bytes.NewReader(body))
	require.NoError(m.t, err)
	response, err := http.DefaultClient.Do(request)
	require.NoError(m.t, err)
	defer func() { _ = response.Body.Close() }()
	require.NoError(m.t, json.NewDecoder(response.Body).Decode(answer))
}

// keyAndCertificate are those of httptest, in files: the peer wants some, though this test needs none.
func keyAndCertificate(t *testing.T) (key, certificate string) {
	t.Helper()
	server := httptest.NewTLSServer(nil)
	defer server.Close()
	pair := server.TLS.Certificates[0]
	private, err := x509.MarshalPKCS8PrivateKey(pair.PrivateKey)
	require.NoError(t, err)
	key, certificate = filepath.Join(t.TempDir(), "key.pem"), filepath.Join(t.TempDir(), "certificate.pem")
	require.NoError(t, os.WriteFile(key, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}), 0o600))
	require.NoError(t,
		os.WriteFile(certificate, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: pair.Certificate[0]}), 0o600))
	return key, certificate
}

// TestStoryBySMTP tells the whole story with a real mail server, and reads what arrived there.
func TestStoryBySMTP(t *testing.T) {
	t.Parallel()
	server := newMailServer(t, "cms", "a-secret")
	host := startHost(t, migrationtest.Database(t), fmt.Sprintf("smtp://cms:a-secret@127.0.0.1:%d", server.Port))
	tellStory(t, host, outside{emailed: server.emailed})
	require.NotContains(t, host.Log.String(), "a-secret")
}

// emailed waits for the mail of a message and looks at how it came.
func (m *mailServer) emailed(t *testing.T, messageID string) sentItem {
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
func (m *mailServer) arrived(t *testing.T, messageID string) (found receivedMail) {
	t.Helper()
	reference := regexp.MustCompile(`^<` + regexp.QuoteMeta(messageID) + `(-\d+)?@[^>]+>$`)
	require.Eventually(t, func() bool {
		var all []receivedMail
		m.ask("/messages", map[string]int{"port": m.Port}, &all)
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
