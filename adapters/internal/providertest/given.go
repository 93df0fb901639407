package providertest

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/adapters"
)

// The client of every [Message].
const (
	Phone     = "+447700900123"
	NHSNumber = "9990000018"
)

// Message is a message of these words to the client by SMS, in a conversation of its own, tried for the first time
// then.
func Message(words string, firstTried time.Time) adapters.Outgoing {
	id := uuid.New()
	return adapters.Outgoing{
		MessageID: id, Reference: id.String(), Organisation: "riverside", Medium: adapters.SMS, To: Phone,
		NHSNumber: NHSNumber, Text: words, FirstTried: firstTried,
	}
}

// PrivateKey is a new RSA key in PEM, as the API platform of the NHS wants one. Making it takes a while.
func PrivateKey(t *testing.T) []byte {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	return pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)})
}
