package hooks

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"syscall"
	"time"
)

// dialer opens connections to addresses that events may go to.
//
// Whoever may enter a webhook could otherwise have this process, which stands
// inside, call what cannot be reached from outside: a router, the database, the
// metadata service of a cloud. Looking at the URL is not enough, because a name
// of theirs may resolve to an inner address, and to another one each time it is
// asked for. So the address is looked at when the connection is made, after
// the name was resolved.
//
// The exception is a URL that names this machine itself, for development: it
// reaches loopback addresses and nothing else.
type dialer struct {
	resolver *net.Resolver // nil: that of the system
}

func (d dialer) dial(ctx context.Context, network, address string) (net.Conn, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	may := allowed(host)
	guarded := net.Dialer{
		Timeout: patience, KeepAlive: 30 * time.Second, Resolver: d.resolver,
		Control: func(_, address string, _ syscall.RawConn) error {
			to, err := netip.ParseAddrPort(address)
			if err != nil {
				return err
			}
			if !may(to.Addr().Unmap()) {
				return fmt.Errorf("events are not posted to %s, an address of an inner network", to.Addr())
			}
			return nil
		},
	}
	return guarded.DialContext(ctx, network, address)
}

// allowed tells which addresses a URL with this host may reach.
func allowed(host string) func(netip.Addr) bool {
	address, err := netip.ParseAddr(host)
	if host == "localhost" || err == nil && address.Unmap().IsLoopback() {
		return netip.Addr.IsLoopback
	}
	return public
}

// inner are the networks beyond those that net/netip has a word for, by the
// registries of special addresses (IANA): shared and reserved ones, and those
// that lead to an IPv4 address inside an IPv6 one.
var inner = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"),
	netip.MustParsePrefix("100.64.0.0/10"),
	netip.MustParsePrefix("192.0.0.0/24"),
	netip.MustParsePrefix("198.18.0.0/15"),
	netip.MustParsePrefix("240.0.0.0/4"),
	netip.MustParsePrefix("::/96"),
	netip.MustParsePrefix("64:ff9b::/96"),
	netip.MustParsePrefix("64:ff9b:1::/48"),
	netip.MustParsePrefix("2002::/16"),
	netip.MustParsePrefix("fec0::/10"),
}

// public tells whether an address belongs to the open network.
func public(address netip.Addr) bool {
	for _, network := range inner {
		if network.Contains(address) {
			return false
		}
	}
	return address.IsGlobalUnicast() && !address.IsPrivate()
}
