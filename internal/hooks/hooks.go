// Package hooks posts events to webhooks, signed as Standard Webhooks 1.0
// describes. It knows one attempt: what is posted, when it is tried again and
// when it is given up is the store's.
package hooks

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// patience is how long one attempt may take in all.
const patience = 15 * time.Second

// Posting is one event on its way to one webhook.
type Posting struct {
	EventID string
	URL     string
	Secret  string // whsec_ and base64
	Body    string // JSON
}

// Reply is how a webhook has answered.
type Reply struct {
	Status   int    // of HTTP; 0: there was no answer
	Text     string // why there was no answer; what an answer says is no one's business here
	Accepted bool   // the event has arrived
	Gone     bool   // the webhook wants no events any more
}

// Sender posts events. It is safe for concurrent use.
type Sender struct {
	client *http.Client
	now    func() time.Time
}

// NewSender makes a sender; now is the clock of the signatures, and the networks
// are those that events may be posted to besides the open network. It uses no
// proxy: behind one the guard of the addresses would see the proxy's only.
func NewSender(now func() time.Time, networks Networks) *Sender {
	return newSender(now, dialer{networks: networks})
}

func newSender(now func() time.Time, d dialer) *Sender {
	return &Sender{now: now, client: &http.Client{
		Timeout: patience,
		Transport: &http.Transport{
			DialContext: d.dial, ForceAttemptHTTP2: true, TLSHandshakeTimeout: patience,
			IdleConnTimeout: 30 * time.Second, MaxResponseHeaderBytes: 64 << 10,
		},
		// A redirect would carry the event to an address that no one entered.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// Post makes one attempt. Any status of 2xx is success, and 410 means that the
// webhook is gone; everything else, also no answer, is to be tried again.
func (s *Sender) Post(ctx context.Context, p Posting) Reply {
	reply, err := s.post(ctx, p)
	if err != nil {
		return Reply{Text: reason(err)}
	}
	return reply
}

func (s *Sender) post(ctx context.Context, p Posting) (Reply, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, p.URL, strings.NewReader(p.Body))
	if err != nil {
		return Reply{}, err
	}
	timestamp := strconv.FormatInt(s.now().Unix(), 10)
	signature, err := sign(p.Secret, p.EventID, timestamp, p.Body)
	if err != nil {
		return Reply{}, err
	}
	for name, value := range map[string]string{
		"content-type": "application/json", "user-agent": "creditrun",
		"webhook-id": p.EventID, "webhook-timestamp": timestamp, "webhook-signature": signature,
	} {
		request.Header.Set(name, value)
	}
	response, err := s.client.Do(request)
	if err != nil {
		return Reply{}, err
	}
	defer response.Body.Close()
	// What counts is the status. The body is not even read: who may enter a
	// webhook must not be able to read pages of inner networks by it.
	return Reply{
		Status:   response.StatusCode,
		Accepted: response.StatusCode/100 == 2, Gone: response.StatusCode == http.StatusGone,
	}, nil
}

// sign is the header webhook-signature: v1 and the HMAC-SHA256 of id, time and
// body under the bytes of the secret.
func sign(secret, id, timestamp, body string) (string, error) {
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
	if err != nil {
		return "", errors.New("the secret is not base64")
	}
	mac := hmac.New(sha256.New, key)
	fmt.Fprintf(mac, "%s.%s.%s", id, timestamp, body)
	return "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil)), nil
}

// reason is why there was no answer, without the address, which may hold a
// token.
func reason(err error) string {
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		if wrapped.Timeout() {
			return fmt.Sprintf("no answer within %s", patience)
		}
		err = wrapped.Err
	}
	if errors.Is(err, errInner) {
		return errInner.Error()
	}
	return err.Error()
}
