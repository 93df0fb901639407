package web

import (
	"errors"
	"io"
	"net/netip"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
)

const (
	maxHook    = 64 << 10         // bytes of a callback
	publicRead = 10 * time.Second // for the body of somebody who is not signed in
	unreadRest = time.Second      // for a body that is not looked at

	// smallBody is what a connection costs the server anyway: an ordinary reply or callback is never held up by others.
	smallBody = 4 << 10
	// bodiesHeld is how many bytes beyond are held at once for people who are not signed in, and bodiesOfOne for those
	// of them at one address.
	bodiesHeld  = 64 << 20
	bodiesOfOne = bodiesHeld / 4
)

var errNoRoom = errors.New("web: too much is held of bodies")

// bodies counts the bytes that are held of bodies while they are read: it is what has come that costs, not how many
// send, so that who sends a byte at a time takes nobody's place.
type bodies struct {
	mu   sync.Mutex
	held int
	of   map[netip.Prefix]int
}

func newBodies() *bodies { return &bodies{of: map[netip.Prefix]int{}} }

// read is readBody for those whom nobody knows. They have ten seconds, whatever the host's server gives; what there is
// no room for is to come again.
func (b *bodies) read(ctx huma.Context, from netip.Prefix, most int) ([]byte, *messengerProblem) {
	reader := ctx.BodyReader()
	if reader == nil {
		return nil, nil
	}
	counted := &countedBody{Reader: reader, in: b, from: from}
	defer counted.release()
	_ = ctx.SetReadDeadline(time.Now().Add(publicRead)) //nolint:forbidigo // a socket's deadline is wall-clock time
	body, refused := readUpTo(counted, most)
	if refused == nil {
		_ = ctx.SetReadDeadline(time.Time{}) // the connection may serve another request
	} else {
		unread(ctx)
	}
	return body, refused
}

// take says whether there is room for so many bytes more of an address, and holds it.
func (b *bodies) take(from netip.Prefix, bytes int) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.held+bytes > bodiesHeld || b.of[from]+bytes > bodiesOfOne {
		return false
	}
	b.held += bytes
	b.of[from] += bytes
	return true
}

func (b *bodies) giveBack(from netip.Prefix, bytes int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.held -= bytes
	if b.of[from] -= bytes; b.of[from] == 0 {
		delete(b.of, from)
	}
}

// countedBody is a body whose bytes are counted as they come.
type countedBody struct {
	io.Reader
	in    *bodies
	from  netip.Prefix
	came  int
	taken int
}

func (c *countedBody) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.came += n
	if more := c.came - smallBody - c.taken; more > 0 {
		if !c.in.take(c.from, more) {
			return 0, errNoRoom
		}
		c.taken += more
	}
	return n, err //nolint:wrapcheck // io.EOF is its end
}

func (c *countedBody) release() { c.in.giveBack(c.from, c.taken) }
