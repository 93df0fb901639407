package web

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"testing/iotest"

	"github.com/danielgtaylor/huma/v2/adapters/humago"
	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// unended is a body of which so much has come, and whose end has not.
type unended struct {
	io.Reader
	came  *sync.WaitGroup
	ended <-chan struct{}
}

func (u unended) Read(p []byte) (int, error) {
	n, err := u.Reader.Read(p)
	if err != nil {
		u.came.Done()
		<-u.ended
	}
	return n, err //nolint:wrapcheck // as it is
}

// What is held of bodies that nobody knows the senders of is bounded, for all and for an address. Who sends little by
// little holds little, however many they are, and an ordinary reply has its place whatever the others do.
func TestBodiesAreCountedByWhatHasCome(t *testing.T) {
	t.Parallel()
	address := func(n int) netip.Prefix {
		return netip.PrefixFrom(netip.AddrFrom4([4]byte{81, 99, byte(n >> 8), byte(n)}), 32)
	}
	const forms = bodiesOfOne / (maxBody - smallBody)
	for name, c := range map[string]struct {
		senders, addresses, bytes int
		one, other                messenger.Code // what a large body gets of the senders' own address, and of another
	}{
		"nobody":                        {0, 1, 0, "", ""},
		"a byte each, of one address":   {5000, 1, 1, "", ""},
		"a byte each, of many":          {5000, 5000, 1, "", ""},
		"little beyond a small body":    {5000, 5000, smallBody + 1, "", ""},
		"all but the end, of one":       {forms, 1, maxBody, messenger.CodeUnavailable, ""},
		"all but the end, of many":      {4 * forms, 4, maxBody, messenger.CodeUnavailable, messenger.CodeUnavailable},
		"a callback's most, of one":     {bodiesOfOne / (maxHook - smallBody), 1, maxHook, messenger.CodeUnavailable, ""},
		"small ones whole, of one":      {5000, 1, smallBody, "", ""},
		"what many addresses may, once": {64, 64, maxBody, messenger.CodeUnavailable, messenger.CodeUnavailable},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			held := newBodies()
			read := func(from netip.Prefix, body io.Reader) messenger.Code {
				request := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", io.NopCloser(body))
				_, refused := held.read(humago.NewContext(nil, request, httptest.NewRecorder()), from, maxBody)
				if refused != nil {
					require.NotEqual(t, refused.Code == messenger.CodeUnavailable, refused.GetHeaders().Get("Retry-After") == "")
					return refused.Code
				}
				return ""
			}
			text := bytes.Repeat([]byte("x"), maxBody)
			ended := make(chan struct{})
			var came, gone sync.WaitGroup
			for n := range c.senders {
				came.Add(1)
				gone.Go(func() {
					read(address(n%c.addresses), unended{bytes.NewReader(text[:c.bytes]), &came, ended})
				})
			}
			came.Wait()
			large := func() io.Reader { return bytes.NewReader(text[:maxBody/2]) }
			for range 3 {
				require.Equal(t, c.one, read(address(0), large()))
				require.Equal(t, c.other, read(address(60_000), large()))
				require.Empty(t, read(address(0), strings.NewReader(strings.Repeat("x", smallBody))), "an ordinary reply")
				require.Equal(t, messenger.CodeInvalid, read(address(0), iotest.ErrReader(io.ErrUnexpectedEOF)), "cut off")
			}
			close(ended)
			gone.Wait()
			require.Empty(t, read(address(0), large()))
			require.Zero(t, held.held, "all is given back")
			require.Empty(t, held.of)
		})
	}
}
