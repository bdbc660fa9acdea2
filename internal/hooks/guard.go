package hooks

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"slices"
	"strings"
	"syscall"
	"time"
)

// Networks are those that events may be posted to besides the open network.
// There are none as a rule: anyone who may enter a webhook could otherwise have this
// process, which stands inside, call what cannot be reached from outside: a
// router, the database, the metadata service of a cloud.
type Networks []netip.Prefix

// Refuses reports whether a host of a URL is an address that events are never
// posted to. What a name leads to is not asked here, since it may be another
// address each time: that is looked at when the connection is made.
func (n Networks) Refuses(host string) bool {
	if name := strings.ToLower(strings.TrimSuffix(host, ".")); name == "localhost" || strings.HasSuffix(name, ".localhost") {
		return !n.allow(netip.AddrFrom4([4]byte{127, 0, 0, 1})) && !n.allow(netip.IPv6Loopback())
	}
	address, err := netip.ParseAddr(host)
	return err == nil && !n.allow(address)
}

// allow reports whether events may be posted to an address.
func (n Networks) allow(address netip.Addr) bool {
	address = address.Unmap().WithZone("")
	return public(address) || slices.ContainsFunc(n, func(network netip.Prefix) bool { return network.Contains(address) })
}

// dialer opens connections to addresses that events may go to. It looks at the
// address when the connection is made, after the name was resolved: looking at
// the URL is not enough, because a name of another person's may resolve to an
// inner address, and to another one each time it is asked for.
type dialer struct {
	networks Networks
	resolver *net.Resolver // nil: that of the system
}

// errInner is why events are not posted somewhere. It does not name the address,
// which people outside should not learn.
var errInner = errors.New("the address is one of this machine or of an inner network, which the configuration does not allow")

func (d dialer) dial(ctx context.Context, network, address string) (net.Conn, error) {
	guarded := net.Dialer{
		Timeout: patience, KeepAlive: 30 * time.Second, Resolver: d.resolver,
		Control: func(_, address string, _ syscall.RawConn) error {
			to, err := netip.ParseAddrPort(address)
			if err != nil {
				return err
			}
			if !d.networks.allow(to.Addr()) {
				return errInner
			}
			return nil
		},
	}
	return guarded.DialContext(ctx, network, address)
}

// inner are the networks beyond those that net/netip has a word for, by the
// registries of special addresses (IANA): shared and reserved ones, and those
// that lead to an IPv4 address inside an IPv6 one.
var inner = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"),
	netip.MustParsePrefix("100.64.0.0/10"),
	netip.MustParsePrefix("192.0.0.0/24"),
	netip.MustParsePrefix("192.88.99.0/24"),
	netip.MustParsePrefix("198.18.0.0/15"),
	netip.MustParsePrefix("240.0.0.0/4"),
	netip.MustParsePrefix("::/96"),
	netip.MustParsePrefix("64:ff9b::/96"),
	netip.MustParsePrefix("64:ff9b:1::/48"),
	netip.MustParsePrefix("100::/64"),
	netip.MustParsePrefix("2001::/23"),
	netip.MustParsePrefix("2002::/16"),
	netip.MustParsePrefix("5f00::/16"),
	netip.MustParsePrefix("fec0::/10"),
}

// public reports whether an address belongs to the open network.
func public(address netip.Addr) bool {
	for _, network := range inner {
		if network.Contains(address) {
			return false
		}
	}
	return address.IsGlobalUnicast() && !address.IsPrivate()
}
