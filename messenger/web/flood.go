package web

import (
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
)

const (
	floodLimit     = 600 // requests to the reply page in a minute from one address
	floodAddresses = 100_000
)

// flood counts requests by address, a minute at a time. It keeps floodAddresses at most. Beyond, addresses are
// counted by the network they are in: a flood from many is held, and who is in none of its networks passes.
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
		address = network(address)
	}
	f.counts[address]++
	return f.counts[address] <= floodLimit
}

// network is the network that an address is in, as registries hand them out: 65,536 IPv4 addresses, or an IPv6 /32.
// There are few enough of them to count them all.
func network(address netip.Prefix) netip.Prefix {
	bits := 16
	if address.Addr().Is6() {
		bits = 32
	}
	return netip.PrefixFrom(address.Addr(), bits).Masked()
}

// remote is whose requests are counted together: an IPv4 address, or the 64 bits of an IPv6 one that a household has.
// It is the peer's. Where that is a proxy which the host trusts, it is the last address in X-Forwarded-For that is
// not such a proxy's.
func remote(ctx huma.Context, trusted []netip.Prefix) netip.Prefix {
	peer, err := netip.ParseAddrPort(ctx.RemoteAddr())
	if err != nil {
		return netip.Prefix{}
	}
	address := peer.Addr().Unmap()
	forwarded := strings.Split(strings.Join(headers(ctx, "X-Forwarded-For"), ","), ",")
	for i := len(forwarded) - 1; i >= 0 && within(trusted, address); i-- {
		hop, ok := parseHop(forwarded[i])
		if !ok {
			break
		}
		address = hop.Unmap()
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

// parseHop reads an address as proxies write it: some with the port, an IPv6 one then in brackets.
func parseHop(written string) (netip.Addr, bool) {
	written = strings.Trim(strings.TrimSpace(written), `"`)
	if withPort, err := netip.ParseAddrPort(written); err == nil {
		return withPort.Addr(), true
	}
	hop, err := netip.ParseAddr(strings.TrimSuffix(strings.TrimPrefix(written, "["), "]"))
	return hop, err == nil
}

func within(networks []netip.Prefix, address netip.Addr) bool {
	return slices.ContainsFunc(networks, func(network netip.Prefix) bool { return network.Contains(address.WithZone("")) })
}
