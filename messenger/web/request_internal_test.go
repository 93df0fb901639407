package web

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/danielgtaylor/huma/v2/adapters/humago"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/messenger"
)

func TestSoundEscapes(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		`"plain"`: true, `"\n\"\\"`: true, `"\u00e9"`: true, `"\ud83d\ude00"`: true, `"\uD83D\uDE00"`: true, `"\\u0000"`: true, `"\\\\ud800"`: true,
		`"\u0000"`: false, `"\\\u0000"`: false, `"\ud83d"`: false, `"\ud83dx"`: false, `"\ude00"`: false, `"\ude00\ud83d"`: false,
		`"\ud83d\ud83d\ude00"`: false, `"\ud83d\n"`: false, `"\ud83d\u0041"`: false, `{"\u0000": 1}`: false,
	} {
		require.True(t, json.Valid([]byte(text)), text)
		require.Equal(t, want, soundEscapes([]byte(text)), text)
	}
}

// What soundEscapes lets through, encoding/json decodes without replacing anything.
func FuzzSoundEscapes(f *testing.F) {
	for _, seed := range []string{`a`, `\ud83d\ude00`, `\\ud800`, `\ud800`, `\u0000`, `\ufffd`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		raw := []byte(`"` + text + `"`)
		var decoded string
		if !plain(raw) || strings.Contains(strings.ToLower(text), `\ufffd`) || strings.Contains(text, "\ufffd") ||
			json.Unmarshal(raw, &decoded) != nil {
			return
		}
		require.Equal(t, !strings.ContainsAny(decoded, "\ufffd\x00"), soundEscapes(raw), text)
	})
}

func TestParseQuery(t *testing.T) {
	t.Parallel()
	values, sound := parseQuery("a=1;2&b&c=%C3%A9+x&a=3")
	require.True(t, sound)
	require.Equal(t, map[string][]string{"a": {"1;2", "3"}, "b": {""}, "c": {"é x"}}, map[string][]string(values))
	for _, query := range []string{"a=%", "a=%zz", "%ff=1", "a=%00", "a=\xff"} {
		_, sound := parseQuery(query)
		require.False(t, sound, query)
	}
}

// Every code has the status of its class, and the list is as long as the contract's.
func TestCodes(t *testing.T) {
	t.Parallel()
	require.Len(t, codes(), 31)
	for _, code := range codes() {
		require.Equal(t, code == messenger.CodeInternal, statusOf(code) == http.StatusInternalServerError, code)
	}
	require.Equal(t, http.StatusInternalServerError, statusOf("unheard_of"))
}

func TestRemote(t *testing.T) {
	t.Parallel()
	trusted := []netip.Prefix{
		netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128"),
	}
	for _, row := range []struct{ peer, forwarded, want string }{
		{"203.0.113.9:1", "", "203.0.113.9/32"},
		{"203.0.113.9:1", "198.51.100.7", "203.0.113.9/32"},           // a peer that nobody named is believed nothing
		{"192.168.1.5:1", "198.51.100.7", "192.168.1.5/32"},           // nor is a private one
		{"10.0.0.1:1", "198.51.100.7, 192.168.1.5", "192.168.1.5/32"}, // a client with a private address, behind our proxy
		{"10.0.0.1:1", "", "10.0.0.1/32"},
		{"10.0.0.1:1", "198.51.100.7", "198.51.100.7/32"},
		{"127.0.0.1:1", "1.1.1.1, 198.51.100.7, 10.0.0.9", "198.51.100.7/32"}, // what the outermost proxy saw
		{"127.0.0.1:1", "198.51.100.7, nonsense", "127.0.0.1/32"},
		{"[::1]:1", "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"},
		{"[::ffff:10.0.0.1]:1", "::ffff:198.51.100.7", "198.51.100.7/32"},
		{"[fe80::1%eth0]:1", "", "fe80::/64"},
		{"10.0.0.1:1", "1.1.1.1, 198.51.100.7:49152", "198.51.100.7/32"}, // as an application gateway writes it
		{"10.0.0.1:1", "198.51.100.7, 10.0.0.9:443", "198.51.100.7/32"},
		{"[::1]:1", "[2001:db8:1:2:3:4:5:6]:443", "2001:db8:1:2::/64"},
		{"[::1]:1", `"[2001:db8:1:2::6]"`, "2001:db8:1:2::/64"},
		{"10.0.0.1:1", "198.51.100.7:port", "10.0.0.1/32"},
	} {
		request := httptest.NewRequest(http.MethodGet, "/", nil)
		request.RemoteAddr = row.peer
		request.Header.Set("X-Forwarded-For", row.forwarded)
		require.Equal(t, row.want, remote(humago.NewContext(nil, request, nil), trusted).String(), row.peer)
		host := netip.MustParseAddrPort(row.peer).Addr().Unmap().WithZone("")
		require.True(t, remote(humago.NewContext(nil, request, nil), nil).Contains(host), "where nobody is named no header is read")
	}
}

// An address may load 600 pages a minute; the memory for addresses is bounded, and beyond it networks are counted.
func TestFloodIsBounded(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	f := newFlood(func() time.Time { return now })
	one := netip.MustParsePrefix("198.51.100.7/32")
	for range floodLimit {
		require.True(t, f.allows(one))
	}
	require.False(t, f.allows(one))
	now = now.Add(time.Minute)
	require.True(t, f.allows(one))
	for i := range floodAddresses + 10 {
		address := netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)})
		require.True(t, f.allows(netip.PrefixFrom(address, 32)))
	}
	require.Len(t, f.counts, floodAddresses+1)
	require.True(t, f.allows(netip.Prefix{}))
	last := netip.AddrFrom4([4]byte{203, 0, 113, 0})
	held := 0
	for range 2 * floodLimit { // the memory is full, and each request comes from another address of one network
		last = last.Next()
		if !f.allows(netip.PrefixFrom(last, 32)) {
			held++
		}
	}
	require.Equal(t, floodLimit, held)
	require.True(t, f.allows(netip.MustParsePrefix("198.51.100.9/32")), "who is elsewhere is not shut out")
}

// Every word that a page asks for is there.
func TestPagesHaveTheirWords(t *testing.T) {
	t.Parallel()
	words := replyWordsUsed(t)
	for _, word := range words {
		require.Contains(t, messengerWords(), word)
	}
	require.Greater(t, len(words), 25)
}
