package hosttest

import (
	"bytes"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/internal/testpeer"
)

// MailServer is npm's smtp-server, told and asked by HTTP.
type MailServer struct {
	Port int `json:"port"` // on 127.0.0.1

	t       *testing.T
	control string
}

// StartMailServer starts one without encryption, which ends with the test.
func StartMailServer(t *testing.T, settings map[string]any) *MailServer {
	t.Helper()
	key, certificate := keyAndCertificate(t)
	m := &MailServer{t: t, control: testpeer.Start(t, "smtp.mjs", key, certificate)}
	settings = maps.Clone(settings)
	settings["tls"] = "none"
	m.Ask("/start", settings, m)
	return m
}

// Ask has the peer answer a question of testpeers/smtp.mjs.
func (m *MailServer) Ask(path string, question, answer any) {
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

// keyAndCertificate are those of httptest, in files: the peer wants some, though no test here needs any.
func keyAndCertificate(t *testing.T) (key, certificate string) {
	t.Helper()
	server := httptest.NewTLSServer(nil)
	defer server.Close()
	pair := server.TLS.Certificates[0]
	private, err := x509.MarshalPKCS8PrivateKey(pair.PrivateKey)
	require.NoError(t, err)
	key, certificate = filepath.Join(t.TempDir(), "key.pem"), filepath.Join(t.TempDir(), "certificate.pem")
	for file, block := range map[string]*pem.Block{
		key: {Type: "PRIVATE KEY", Bytes: private}, certificate: {Type: "CERTIFICATE", Bytes: pair.Certificate[0]},
	} {
		require.NoError(t, os.WriteFile(file, pem.EncodeToMemory(block), 0o600))
	}
	return key, certificate
}
