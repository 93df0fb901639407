package web

import (
	"net/netip"
	"strings"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
)

const (
	floodLimit     = 600 // requests to the reply page in a minute from one address
	floodAddresses = 100_000
)

// flood counts requests by address, a minute at a time. It keeps floodAddresses at most: those beyond pass uncounted, since
// refusing them would shut out clients.
type flood struct {
	now    func() time.Time
	mu     sync.Mutex
	minute time.Time
	counts map[netip.Prefix]int
}

func newFlood(now func() time.Time) *flood {
	return &flood{now: now, counts: map[netip.Prefix]int{}}
}

func (f *flood) allows(address netip.Prefix) bool {
	if !address.IsValid() {
		return true
	}
	minute := f.now().Truncate(time.Minute)
	f.mu.Lock()
	defer f.mu.Unlock()
	if !minute.Equal(f.minute) {
		f.minute, f.counts = minute, map[netip.Prefix]int{}
	}
	if _, known := f.counts[address]; !known && len(f.counts) >= floodAddresses {
		return true
	}
	f.counts[address]++
	return f.counts[address] <= floodLimit
}

// remote is whose requests are counted together: an IPv4 address, or the 64 bits of an IPv6 one that a household has. Behind
// a proxy, an address that is not public, it is the last public one that the proxies wrote down; a public peer is believed
// nothing about others.
func remote(ctx huma.Context) netip.Prefix {
	peer, err := netip.ParseAddrPort(ctx.RemoteAddr())
	if err != nil {
		return netip.Prefix{}
	}
	address := peer.Addr().Unmap()
	if internal(address) {
		forwarded := strings.Split(strings.Join(headers(ctx, "X-Forwarded-For"), ","), ",")
		for i := len(forwarded) - 1; i >= 0; i-- {
			hop, err := netip.ParseAddr(strings.TrimSpace(forwarded[i]))
			if err != nil {
				break
			}
			address = hop.Unmap()
			if !internal(address) {
				break
			}
		}
	}
	bits := 32
	if address.Is6() {
		bits = 64
	}
	prefix, err := address.WithZone("").Prefix(bits)
	if err != nil {
		return netip.Prefix{}
	}
	return prefix
}

func internal(address netip.Addr) bool {
	return address.IsLoopback() || address.IsPrivate() || address.IsLinkLocalUnicast()
}
