package messenger

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"regexp"
)

// A reply link's token is 128 bits: HMAC-SHA256 of 16 random bytes under a link key, cut to 16 bytes (RFC 2104, section 5). The
// database keeps the random bytes and a keyed hash of the token, so that without the keys it can neither rebuild a link nor
// tell whether one is right; a new first key leaves links already sent as they are.
type link struct {
	nonce  []byte
	keyID  string
	lookup []byte
}

func mac(key []byte, purpose string, data []byte) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte("messenger " + purpose + "\x00"))
	h.Write(data)
	return h.Sum(nil)
}

func newLink(keys []LinkKey) link {
	nonce := make([]byte, 16)
	_, _ = rand.Read(nonce) // never fails: crypto/rand ends the process instead
	first := keys[0]
	return link{nonce, first.ID, lookup(first, token(first, nonce))}
}

func token(key LinkKey, nonce []byte) string {
	return base64.RawURLEncoding.EncodeToString(mac(key.Key, "token", nonce)[:16])
}

func lookup(key LinkKey, token string) []byte { return mac(key.Key, "lookup", []byte(token)) }

// lookups are what a token may stand under in the database, one a key; none for what can't be a token.
func lookups(keys []LinkKey, token string) [][]byte {
	if !tokenForm.MatchString(token) {
		return nil
	}
	found := make([][]byte, len(keys))
	for i, key := range keys {
		found[i] = lookup(key, token)
	}
	return found
}

var tokenForm = regexp.MustCompile(`^[A-Za-z0-9_-]{22}$`)

// replyURL is the link of a channel, or "" when the key that made it is gone.
func (m *Messenger) replyURL(publicURL, keyID string, nonce []byte) string {
	for _, key := range m.config.LinkKeys {
		if key.ID == keyID {
			return publicURL + "/r/" + token(key, nonce)
		}
	}
	return ""
}
