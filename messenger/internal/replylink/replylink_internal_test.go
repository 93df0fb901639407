package replylink

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func FuzzLookups(f *testing.F) {
	keys := Keys{{"k1", []byte("0123456789abcdef0123456789abcdef")}, {"k2", []byte("fedcba9876543210fedcba9876543210")}}
	f.Add(keys[0].token(make([]byte, 16)))
	for _, s := range []string{"", "AAAAAAAAAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAAAAAAAA\n", "' or '1'='1' -- aaaaaaa", "éééééééééééééééééééééé"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		found := keys.Lookups(s)
		if len(s) != 22 || strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
			require.Nil(t, found, "the database is not asked for it")
			return
		}
		require.Len(t, found, len(keys))
		require.NotEqual(t, found[0], found[1])
	})
}

func TestALinkIsOpenedByItsOwnKeyAlone(t *testing.T) {
	t.Parallel()
	first, second := Key{"k1", []byte("0123456789abcdef0123456789abcdef")}, Key{"k2", []byte("fedcba9876543210fedcba9876543210")}
	link := Keys{first}.New()
	rotated := Keys{second, first}
	token := rotated.Token(link.KeyID, link.Nonce)
	require.Len(t, token, 22)
	require.Contains(t, rotated.Lookups(token), link.Lookup, "a new first key leaves the link as it is")
	require.NotContains(t, Keys{second}.Lookups(token), link.Lookup)
	require.Empty(t, Keys{second}.Token(link.KeyID, link.Nonce), "its key is gone")
	require.NotEqual(t, link, Keys{first}.New())
}

func TestAProofIsOfOneLinkAndEnds(t *testing.T) {
	t.Parallel()
	keys := Keys{{"k1", []byte("0123456789abcdef0123456789abcdef")}}
	now := time.Date(2026, 12, 1, 9, 0, 0, 0, time.UTC)
	link, other := keys.New(), keys.New()
	proof := keys.NewProof(link.Lookup, now.Add(time.Minute))
	require.True(t, keys.Proves(proof, link.Lookup, now))
	rotated := append(Keys{{"k2", []byte("fedcba9876543210fedcba9876543210")}}, keys...)
	require.False(t, rotated.Proves(proof, link.Lookup, now), "a former key proves nothing")
	require.False(t, keys.Proves(proof, other.Lookup, now))
	require.False(t, keys.Proves(proof, link.Lookup, now.Add(time.Minute)), "it is over")
	for _, forged := range []string{"", ".", proof[1:], "9" + proof, proof + "A", "x" + proof} {
		require.False(t, keys.Proves(forged, link.Lookup, now), forged)
	}
}

// A text is searched for tokens by their signs: each of base64url's is one, and no other byte.
func TestSigns(t *testing.T) {
	t.Parallel()
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_" // RFC 4648, table 2
	for c := range 256 {
		require.Equal(t, strings.IndexByte(alphabet, byte(c)) >= 0, IsSign(byte(c)), "%q", c)
	}
}
