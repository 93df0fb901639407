package smtp_test

import (
	"bufio"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/adapters/smtp"
)

// startSecond starts the mail server of another author, which takes so many seconds over each mail, and returns its
// port and the mails that it takes, a line of JSON each.
func startSecond(t *testing.T, seconds string) (port int, mails *bufio.Reader) {
	t.Helper()
	certificate := os.Getenv(certificateVariable)
	// Debian's package belongs to Debian's Python, which need not be the first in PATH.
	python := "/usr/bin/python3"
	if _, err := os.Stat(python); err != nil {
		python = "python3"
	}
	peer := exec.CommandContext(t.Context(), python, filepath.Join("..", "..", "testpeers", "aiosmtpd_peer.py"),
		filepath.Join(filepath.Dir(certificate), "key.pem"), certificate, user, password, seconds)
	peer.Stderr = os.Stderr
	input, err := peer.StdinPipe()
	require.NoError(t, err)
	output, err := peer.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, peer.Start(),
		"this test needs Python 3 with aiosmtpd (Debian: python3-aiosmtpd; elsewhere: pip install aiosmtpd==1.4.3)")
	t.Cleanup(func() {
		_ = input.Close()
		_ = peer.Wait()
	})
	mails = bufio.NewReader(output)
	line, err := mails.ReadString('\n')
	require.NoError(t, err,
		"this test needs Python 3 with aiosmtpd (Debian: python3-aiosmtpd; elsewhere: pip install aiosmtpd==1.4.3)")
	port, err = strconv.Atoi(strings.TrimSpace(strings.TrimPrefix(line, "listening ")))
	require.NoError(t, err)
	return port, mails
}

func TestSecondOpinion(t *testing.T) {
	t.Parallel()
	port, mails := startSecond(t, "0")
	config := (&server{TLS: smtp.StartTLS, port: port}).config(t)
	config.Username, config.Password = user, password
	sender := newSender(t, config)
	for range 3 {
		sent := message()
		_, err := sender.Send(t.Context(), sent)
		require.NoError(t, err)
		line, err := mails.ReadString('\n')
		require.NoError(t, err)
		var got struct {
			From, MessageID, Subject, Author, Text, HTML string
			To, Options, Defects, Lines                  []string
			TLS                                          bool
		}
		require.NoError(t, json.Unmarshal([]byte(line), &got))
		require.True(t, got.TLS)
		require.Equal(t, "bounces@riverside.example.org", got.From)
		require.Equal(t, []string{sent.To}, got.To)
		require.NotContains(t, got.Options, "SMTPUTF8")
		require.Equal(t, "<"+sent.Reference+"@riverside.example.org>", got.MessageID)
		require.Equal(t, sent.Subject, got.Subject)
		require.Equal(t, sent.SenderName, got.Author)
		require.Equal(t, sent.Text, strings.TrimRight(got.Text, "\n"))
		require.Contains(t, got.HTML, `<a href="`+link+`">`)
		require.Contains(t, got.Lines, "Reply: "+link)
		require.Empty(t, got.Defects, "Python's email package finds nothing wrong with it")
	}
}

// A server that is well and merely slow, by another author: nothing that it took is told as unknown or as refused, and
// what it has no place for was not tried. So each mail stands there once.
func TestASlowServerOfAnotherAuthor(t *testing.T) {
	t.Parallel()
	port, mails := startSecond(t, "1")
	config := (&server{TLS: smtp.StartTLS, port: port}).config(t)
	config.Username, config.Password, config.Connections = user, password, 2
	sender := newSender(t, config)
	const sends = 10 // five seconds' work, and two a send's patience
	errs := make([]error, sends)
	var sending sync.WaitGroup
	for i := range sends {
		sent := message()
		sending.Go(func() {
			for errs[i] = adapters.ErrBusy; errors.Is(errs[i], adapters.ErrBusy); {
				_, errs[i] = sender.Send(t.Context(), sent)
			}
		})
	}
	sending.Wait()
	for _, err := range errs {
		require.NoError(t, err)
	}
	taken := map[string]bool{}
	for range sends {
		line, err := mails.ReadString('\n')
		require.NoError(t, err)
		var got struct{ MessageID string }
		require.NoError(t, json.Unmarshal([]byte(line), &got))
		require.False(t, taken[got.MessageID], "it came twice")
		taken[got.MessageID] = true
	}
}
