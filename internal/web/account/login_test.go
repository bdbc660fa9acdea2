package account

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"creditrun/internal/web/page"
)

func TestFailedLoginsCountForWhoFailed(t *testing.T) {
	proxies := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("::1/128")}
	for _, c := range []struct{ remote, forwarded, want string }{
		{"192.0.2.7:1234", "", "192.0.2.7"},
		{"192.0.2.7:1234", "198.51.100.9", "192.0.2.7"}, // anyone who it is, it is not our proxy
		{"10.0.0.1:1234", "198.51.100.9", "198.51.100.9"},
		{"[::ffff:10.0.0.1]:1234", "198.51.100.9", "198.51.100.9"},
		{"10.0.0.1:1234", "203.0.113.5, 198.51.100.9, 10.0.0.2", "198.51.100.9"}, // the first is a claim
		{"10.0.0.1:1234", "", "10.0.0.1"},
		{"[::1]:1234", "2001:db8::1", "2001:db8::1"},
	} {
		r := httptest.NewRequest(http.MethodPost, "/login", nil)
		r.RemoteAddr = c.remote
		if c.forwarded != "" {
			r.Header.Set("X-Forwarded-For", c.forwarded)
		}
		if got := clientAddress(r, proxies); got != c.want {
			t.Errorf("%s by way of %q: %s, want %s", c.remote, c.forwarded, got, c.want)
		}
	}
}

func TestFailuresAreCountedUnderShortKeys(t *testing.T) {
	if got := byName(strings.Repeat("ä", 5000)); len([]rune(got)) != len("name:")+longestName {
		t.Errorf("%d characters", len([]rune(got)))
	}
	if got := byName("a\x00b\xff"); got != "name:a?b?" {
		t.Errorf("%q", got)
	}
	proxies := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
	for from, want := range map[string]string{
		"192.0.2.7:1":                "addr:192.0.2.7",
		"[2001:db8:1:2:3:4:5:6]:1":   "addr:2001:db8:1:2::/64",
		"[2001:db8:1:2:ffff::1]:443": "addr:2001:db8:1:2::/64",
		"[::ffff:192.0.2.7]:1":       "addr:::ffff:192.0.2.7",
	} {
		r := httptest.NewRequest(http.MethodPost, "/login", nil)
		r.RemoteAddr = from
		v := &Visit{Visit: &page.Visit{R: r}, Pages: &Pages{Options: Options{Proxies: proxies}}}
		if got := v.byAddress(); got != want {
			t.Errorf("%s: %s, want %s", from, got, want)
		}
	}
}
