// Package replylink makes the secrets that clients hold: the token of a reply link, and the proof that a visitor knew
// the client's date of birth. It is all of Messenger's cryptography. It keeps nothing and reads no clock.
package replylink

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Key is a secret of the host's, of 32 bytes at least.
type Key struct {
	ID     string // stands in the database beside what the key made
	Secret []byte
}

// Keys are a host's keys: the first makes what is new, all open what was made before.
type Keys []Key

// Link is what the database keeps of a reply link.
//
// The token itself is 128 bits: HMAC-SHA256 of the nonce under a key, cut to 16 bytes (RFC 2104, section 5). Without
// the keys nobody can make a token of a Link, nor tell whether a token is right. A new first key leaves earlier links
// as they are.
type Link struct {
	Nonce  []byte // 16 random bytes
	KeyID  string
	Lookup []byte // a keyed hash of the token, by which a visitor's token is found
}

// New makes a link that nobody has yet.
func (keys Keys) New() Link {
	nonce := make([]byte, 16)
	_, _ = rand.Read(nonce) // never fails: crypto/rand ends the process instead
	first := keys[0]
	return Link{nonce, first.ID, first.lookup(first.token(nonce))}
}

// Token is the token of a link, or "" when the key that made it is gone.
func (keys Keys) Token(keyID string, nonce []byte) string {
	for _, key := range keys {
		if key.ID == keyID {
			return key.token(nonce)
		}
	}
	return ""
}

// Lookups are what a token may stand under in the database, one a key. They are nil for what can't be a token.
func (keys Keys) Lookups(token string) [][]byte {
	if !tokenForm.MatchString(token) {
		return nil
	}
	found := make([][]byte, len(keys))
	for i, key := range keys {
		found[i] = key.lookup(token)
	}
	return found
}

// TokenLength is how many signs a token has: 16 bytes in base64url (RFC 4648).
const TokenLength = 22

var tokenForm = regexp.MustCompile(`^[A-Za-z0-9_-]{22}$`)

// IsSign says whether tokens have this sign.
func IsSign(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_'
}

// Places are where in a text a token may begin. Its last sign holds two bits, so that it is one of four.
func Places(text string) (places []int) {
	run := 0
	for i := range len(text) {
		if !IsSign(text[i]) {
			run = 0
			continue
		}
		if run++; run >= TokenLength && strings.IndexByte("AQgw", text[i]) >= 0 {
			places = append(places, i+1-TokenLength)
		}
	}
	return places
}

// NewProof says, until that time, that its holder knew the date of birth behind the link with this lookup. Nothing of
// it is stored: it is bound to the link as it is, and ends by itself.
func (keys Keys) NewProof(lookup []byte, until time.Time) string {
	end := strconv.FormatInt(until.Unix(), 10)
	return end + "." + keys[0].proof(lookup, end)
}

// Proves says whether proof is NewProof's for this link by the first key, and not over: whoever has got hold of a
// former key makes none, and after a rotation a client types the date once more.
func (keys Keys) Proves(proof string, lookup []byte, now time.Time) bool {
	end, sum, ok := strings.Cut(proof, ".")
	seconds, err := strconv.ParseInt(end, 10, 64)
	if !ok || err != nil || now.Unix() >= seconds {
		return false
	}
	return hmac.Equal([]byte(sum), []byte(keys[0].proof(lookup, end)))
}

func (key Key) token(nonce []byte) string {
	return base64.RawURLEncoding.EncodeToString(key.mac("token", nonce)[:16])
}

func (key Key) lookup(token string) []byte { return key.mac("lookup", []byte(token)) }

func (key Key) proof(lookup []byte, end string) string {
	return base64.RawURLEncoding.EncodeToString(key.mac("proof", append([]byte(end+"."), lookup...)))
}

// mac keeps what is made for one purpose from serving another.
func (key Key) mac(purpose string, data []byte) []byte {
	h := hmac.New(sha256.New, key.Secret)
	h.Write([]byte("messenger " + purpose + "\x00"))
	h.Write(data)
	return h.Sum(nil)
}
