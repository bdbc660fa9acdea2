package hooks

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"
)

const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

// local posts to this machine, where the tests answer.
func local() *Sender {
	return NewSender(clock, Networks{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")})
}

func clock() time.Time { return time.Unix(1614265330, 0) }

func TestSignaturesAreThoseOfTheStandard(t *testing.T) {
	// The example of the reference implementations of Standard Webhooks.
	got, err := sign(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", `{"test": 2432232314}`)
	if want := "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="; err != nil || got != want {
		t.Errorf("%s, %v, want %s", got, err, want)
	}
	if _, err := sign("whsec_???", "a", "1", "b"); err == nil {
		t.Error("a secret that is none signs")
	}
}

// answering is a webhook that answers in one way and keeps what it was asked.
func answering(t *testing.T, status int, body string, header ...string) (url string, asked *http.Request, got *string) {
	t.Helper()
	asked, got = new(http.Request), new(string)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		content, _ := io.ReadAll(r.Body)
		*asked, *got = *r, string(content)
		for i := 0; i < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}))
	t.Cleanup(s.Close)
	return s.URL, asked, got
}

func TestAnEventIsPostedSigned(t *testing.T) {
	url, asked, got := answering(t, 204, "")
	reply := local().Post(t.Context(), Posting{"evt_1", url + "/in", secret, `{"id":"evt_1"}`})
	if want := (Reply{Status: 204, Accepted: true}); reply != want {
		t.Fatalf("%+v", reply)
	}
	key, _ := base64.StdEncoding.DecodeString("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(asked.Header.Get("webhook-id") + "." + asked.Header.Get("webhook-timestamp") + "." + *got))
	for name, want := range map[string]string{
		"Content-Type": "application/json", "User-Agent": "creditrun", "webhook-id": "evt_1", "webhook-timestamp": "1614265330",
		"webhook-signature": "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil)),
	} {
		if asked.Header.Get(name) != want {
			t.Errorf("%s: %q, want %q", name, asked.Header.Get(name), want)
		}
	}
	if asked.Method != "POST" || asked.URL.Path != "/in" || *got != `{"id":"evt_1"}` {
		t.Errorf("%s %s %s", asked.Method, asked.URL, *got)
	}
}

func TestOnlyAStatusOfSuccessCounts(t *testing.T) {
	for status, want := range map[int]Reply{
		200: {Status: 200, Accepted: true}, 299: {Status: 299, Accepted: true},
		410: {Status: 410, Gone: true}, 404: {Status: 404}, 500: {Status: 500},
	} {
		url, _, _ := answering(t, status, "x")
		if got := local().Post(t.Context(), Posting{"evt_1", url, secret, "{}"}); got != want {
			t.Errorf("%d: %+v", status, got)
		}
	}
}

func TestRedirectsAreNotFollowed(t *testing.T) {
	target, asked, _ := answering(t, 200, "")
	url, _, _ := answering(t, 307, "", "Location", target)
	reply := local().Post(t.Context(), Posting{"evt_1", url, secret, "{}"})
	if reply.Status != 307 || reply.Accepted || asked.URL != nil {
		t.Errorf("%+v, asked %v", reply, asked.URL)
	}
}

func TestWhatAReceiverAnswersIsNotKept(t *testing.T) {
	url, _, _ := answering(t, 500, "<h1>an inner page</h1>")
	if got := local().Post(t.Context(), Posting{"evt_1", url, secret, "{}"}); got != (Reply{Status: 500}) {
		t.Errorf("%+v", got)
	}
}

func TestNoAnswerIsToldWithoutTheAddress(t *testing.T) {
	s := httptest.NewServer(nil)
	s.Close()
	got := local().Post(t.Context(), Posting{"evt_1", s.URL + "/token", secret, "{}"})
	if got.Status != 0 || got.Accepted || !strings.Contains(got.Text, "refused") || strings.Contains(got.Text, "token") {
		t.Errorf("%+v", got)
	}
}

func TestInnerAddressesAreRefused(t *testing.T) {
	for _, host := range []string{
		"10.0.0.1", "192.168.1.1", "172.16.0.1", "169.254.169.254", "[fe80::1]", "[fd00::1]", "224.0.0.1", "0.0.0.0", "[::]",
		"127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "[::ffff:10.0.0.1]", "[64:ff9b::a00:1]", "[2002:a00:1::]",
	} {
		got := NewSender(clock, nil).Post(t.Context(), Posting{"evt_1", "http://" + host + ":9", secret, "{}"})
		if got.Text != errInner.Error() {
			t.Errorf("%s: %+v", host, got)
		}
	}
}

func TestAddressesOfTheOpenNetworkAreTold(t *testing.T) {
	for text, want := range map[string]bool{
		"93.184.216.34": true, "2606:2800:220:1::1": true,
		"10.1.2.3": false, "172.31.0.1": false, "192.168.0.1": false, "127.0.0.1": false, "127.8.8.8": false, "0.0.0.0": false, "0.1.2.3": false,
		"100.64.0.1": false, "169.254.169.254": false, "192.0.0.8": false, "198.18.0.1": false, "224.0.0.1": false, "239.1.1.1": false,
		"240.0.0.1": false, "255.255.255.255": false, "::1": false, "::": false, "fe80::1": false, "fc00::1": false, "fd12::1": false,
		"ff02::1": false, "fec0::1": false, "100::1": false, "2001::1": false, "192.88.99.1": false, "64:ff9b::7f00:1": false, "64:ff9b:1::1": false, "2002:7f00:1::": false, "::127.0.0.1": false,
	} {
		if got := public(netip.MustParseAddr(text)); got != want {
			t.Errorf("%s: %t", text, got)
		}
	}
}

// What counts is the address at the moment of the connection, not the one that
// a name had when it was entered.
func TestANameThatResolvesToAnInnerAddressIsRefused(t *testing.T) {
	url, asked, _ := answering(t, 200, "")
	_, port, _ := net.SplitHostPort(strings.TrimPrefix(url, "http://"))
	toThisMachine := resolvingTo(t, [4]byte{127, 0, 0, 1})
	event := Posting{"evt_1", "http://hooks.example.com:" + port, secret, "{}"}
	if got := newSender(clock, dialer{resolver: toThisMachine}).Post(t.Context(), event); got.Text != errInner.Error() || asked.URL != nil {
		t.Errorf("%+v", got)
	}
	open := newSender(clock, dialer{Networks{netip.MustParsePrefix("127.0.0.1/32")}, toThisMachine})
	if got := open.Post(t.Context(), event); !got.Accepted {
		t.Errorf("allowed by the configuration: %+v", got)
	}
}

func TestHostsAreRefusedWhenTheyAreEntered(t *testing.T) {
	for host, want := range map[string]bool{
		"localhost": true, "LOCALHOST.": true, "a.localhost": true, "127.0.0.1": true, "::1": true, "::ffff:10.0.0.1": true, "10.0.0.1": true,
		"fe80::1%eth0": true, "hooks.example.com": false, "localhost.example.com": false, "93.184.216.34": false,
	} {
		if got := Networks(nil).Refuses(host); got != want {
			t.Errorf("%q: %t", host, got)
		}
	}
	inner := Networks{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("::1/128")}
	for host, want := range map[string]bool{"10.1.2.3": false, "::ffff:10.1.2.3": false, "localhost": false, "127.0.0.1": true, "192.168.0.1": true} {
		if got := inner.Refuses(host); got != want {
			t.Errorf("%q with networks: %t", host, got)
		}
	}
}

// resolvingTo is a resolver for which every name has this address.
func resolvingTo(t *testing.T, address [4]byte) *net.Resolver {
	t.Helper()
	server, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Close() })
	go func() {
		for question := make([]byte, 512); ; {
			n, from, err := server.ReadFrom(question)
			if err != nil {
				return
			}
			_, _ = server.WriteTo(dnsAnswer(question[:n], address), from)
		}
	}()
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "udp", server.LocalAddr().String())
	}}
}

// dnsAnswer answers a question for IPv4 addresses with one, any other with
// none (RFC 1035 §4.1).
func dnsAnswer(question []byte, address [4]byte) []byte {
	end := 12
	for question[end] != 0 {
		end += int(question[end]) + 1
	}
	end += 5 // the root, type and class
	answer := append([]byte{}, question[:end]...)
	answer[2], answer[3] = 0x81, 0x80 // an answer, with recursion
	copy(answer[4:12], []byte{0, 1, 0, 0, 0, 0, 0, 0})
	if question[end-3] != 1 {
		return answer
	}
	answer[7] = 1
	answer = append(answer, 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4)
	return append(answer, address[:]...)
}
