package smtp_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/adapters/smtp"
	"github.com/cmsmessenger/cmsmessenger/internal/testpeer"
)

// The peer is one process for all tests; it makes a server for each. Its certificate and its address travel by
// environment from TestMain.
const (
	peerVariable        = "SMTP_TEST_PEER"
	certificateVariable = "SMTP_TEST_CERTIFICATE"
)

func TestMain(m *testing.M) { os.Exit(runTests(m)) }

func runTests(m *testing.M) int {
	folder, err := os.MkdirTemp("", "smtp")
	if err == nil {
		defer func() { _ = os.RemoveAll(folder) }()
		err = certify(folder)
	}
	if err == nil {
		err = os.Setenv(certificateVariable, filepath.Join(folder, "certificate.pem"))
	}
	if err != nil {
		_, _ = fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return testpeer.Main(m, peerVariable, "smtp.mjs", filepath.Join(folder, "key.pem"),
		filepath.Join(folder, "certificate.pem"))
}

// certify makes a certificate of our own for 127.0.0.1.
func certify(folder string) error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "127.0.0.1"},
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore:   time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
	}
	certificate, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return err
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return err
	}
	for name, block := range map[string]*pem.Block{
		"key.pem": {Type: "PRIVATE KEY", Bytes: secret}, "certificate.pem": {Type: "CERTIFICATE", Bytes: certificate},
	} {
		if err := os.WriteFile(filepath.Join(folder, name), pem.EncodeToMemory(block), 0o600); err != nil {
			return err
		}
	}
	return nil
}

// server is what smtp.mjs is told about a server to start.
type server struct {
	TLS      smtp.TLS        `json:"tls"`
	Auth     []string        `json:"auth,omitempty"`
	User     string          `json:"user,omitempty"`
	Password string          `json:"password,omitempty"`
	Token    string          `json:"token,omitempty"`
	Hide     map[string]bool `json:"hide,omitempty"`
	port     int
}

const (
	user     = "sender@riverside.example.org"
	password = "correct-horse-battery"
	token    = "ya29.a-token-of-ours"
)

// received is a mail as smtp-server took it and mailparser read it.
type received struct {
	EnvelopeFrom string            `json:"envelopeFrom"`
	EnvelopeTo   []string          `json:"envelopeTo"`
	MailArgs     map[string]any    `json:"mailArgs"`
	RcptArgs     map[string]string `json:"rcptArgs"`
	User         string            `json:"user"`
	Secure       bool              `json:"secure"`
	Protocol     string            `json:"protocol"`
	Hello        string            `json:"hello"`
	Raw          string            `json:"raw"`
	Subject      string            `json:"subject"`
	Text         string            `json:"text"`
	HTML         string            `json:"html"`
	MessageID    string            `json:"messageId"`
	From         []address         `json:"from"`
	To           []address         `json:"to"`
	ReplyTo      []address         `json:"replyTo"`
	Date         time.Time         `json:"date"`
	Attachments  int               `json:"attachments"`
	Headers      []string          `json:"headers"`
}

type address struct{ Address, Name string }

func start(tb testing.TB, s server) *server {
	tb.Helper()
	var answer struct{ Port int }
	control(tb, "/start", s, &answer)
	s.port = answer.Port
	tb.Cleanup(func() { s.control(tb, "/stop", nil) })
	return &s
}

func (s *server) control(tb testing.TB, operation string, answer any) {
	tb.Helper()
	control(tb, operation, map[string]int{"port": s.port}, answer)
}

func (s *server) messages(tb testing.TB, reference string) []received {
	tb.Helper()
	var messages []received
	control(tb, "/messages", map[string]any{"port": s.port, "reference": reference}, &messages)
	return messages
}

func (s *server) connections(tb testing.TB) int {
	tb.Helper()
	var answer struct{ Count int }
	s.control(tb, "/connections", &answer)
	return answer.Count
}

func control(tb testing.TB, operation string, question, answer any) {
	tb.Helper()
	body, err := json.Marshal(question)
	require.NoError(tb, err)
	request, err := http.NewRequestWithContext(context.Background(), http.MethodPost, os.Getenv(peerVariable)+operation,
		bytes.NewReader(body))
	require.NoError(tb, err)
	response, err := http.DefaultClient.Do(request)
	require.NoError(tb, err)
	defer func() { require.NoError(tb, response.Body.Close()) }()
	require.Equal(tb, http.StatusOK, response.StatusCode)
	if answer != nil {
		require.NoError(tb, json.NewDecoder(response.Body).Decode(answer))
	}
}

func roots(tb testing.TB) *x509.CertPool {
	tb.Helper()
	certificate, err := os.ReadFile(os.Getenv(certificateVariable))
	require.NoError(tb, err)
	pool := x509.NewCertPool()
	require.True(tb, pool.AppendCertsFromPEM(certificate))
	return pool
}

// config is how to send through a server.
func (s *server) config(tb testing.TB) smtp.Config {
	tb.Helper()
	return smtp.Config{
		Host: "127.0.0.1", Port: s.port, TLS: s.TLS, RootCAs: roots(tb), Domain: "riverside.example.org",
		From: smtp.Everyone(smtp.From{
			Address: "link-workers@riverside.example.org", Bounce: "bounces@riverside.example.org",
		}),
	}
}

func newSender(tb testing.TB, config smtp.Config) *smtp.Sender {
	tb.Helper()
	sender, err := smtp.New(config)
	require.NoError(tb, err)
	tb.Cleanup(func() { require.NoError(tb, sender.Close()) })
	return sender
}

const link = "https://nhs.example.org/m/r/k1-Zy3vQ8wLr5TnB2cXhJ6pMdFs-0123456789-abcdefghijklmnopqrstuvwxyz"

func message() adapters.Outgoing {
	id := uuid.New()
	return adapters.Outgoing{
		MessageID: id, Reference: id.String(), Organisation: "org-1", Medium: adapters.Email, To: "grace.okafor@example.org",
		NHSNumber: "9990000018", SenderName: "Riverside Link Workers – Café",
		Subject: "Café & walking group: Thursday, 10 o'clock, at the Riverside Centre",
		Text: "Dear Grace,\n\n.\nthe <b>walking</b> group meets – bring a coat & a friend.\n\nReply: " + link +
			"\n\nRiverside",
		Link: link, FirstTried: time.Date(2026, 3, 4, 10, 11, 12, 0, time.UTC),
	}
}
