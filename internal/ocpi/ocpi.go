// Package ocpi takes CDRs that roaming partners and hubs push over OCPI 2.2.1
// and 2.3.0 (formats.md §2): who may send, what is answered, and where the
// endpoints are. What a CDR means and where it is kept is the business of
// those who are handed in.
package ocpi

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"creditrun/internal/fault"
	"creditrun/internal/sessions"
)

// Prefix begins the paths of all endpoints.
const Prefix = "/ocpi/"

// MostBytes is how large a pushed CDR may be.
const MostBytes = 1 << 20

// versions are those whose CDRs are understood.
var versions = []string{"2.2.1", "2.3.0"}

// The status codes of OCPI 2.2.1, chapter 5.
const (
	statusSuccess       = 1000
	statusClient        = 2000 // generic client error
	statusInvalid       = 2001 // invalid or missing parameters
	statusUnknownPlace  = 2003 // unknown location
	statusServer        = 3000 // generic server error
	messageUnauthorised = "Token missing or unknown"
)

// Senders knows who may push. An unknown token is a Forbidden fault;
// any other error says that the token could not be looked up.
type Senders interface {
	Sender(ctx context.Context, token string) (name string, err error)
}

// Keeper keeps the session of a CDR, and the CDR as it was pushed.
type Keeper interface {
	// Keep takes a CDR. New reports that it was not there before in this form.
	// A NotFound fault says that its location is not known and that it is not
	// kept; our store keeps such sessions and holds them (domain.md §3.5).
	Keep(ctx context.Context, sender string, c CDR) (new bool, err error)
	// CDR returns what a sender pushed, in a version of OCPI and under a name;
	// anything else, what others pushed included, is a NotFound fault.
	CDR(ctx context.Context, sender, version, name string) (raw []byte, err error)
}

// CDR is a pushed CDR.
type CDR struct {
	Session sessions.Session
	Version string // of OCPI
	Name    string // country, party and id, such as DE*ABC*4711
	Raw     []byte // as it was pushed
}

// Handler answers peers.
type Handler struct {
	Senders Senders
	Keeper  Keeper
	Parse   func(raw []byte) (sessions.Session, error) // what is wrong with a CDR comes back as faults
	Words   func(err error) string                     // puts faults into words, in English
	Now     func() time.Time
	Log     *slog.Logger
	// BaseURL is where peers reach us, such as https://credit.example; the
	// addresses that are answered begin with it.
	BaseURL string
}

// ServeHTTP implements http.Handler for the paths below Prefix.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	for _, id := range []string{"X-Request-ID", "X-Correlation-ID"} {
		if value := r.Header.Get(id); value != "" {
			w.Header().Set(id, value)
		}
	}
	sender, err := h.sender(r)
	switch {
	case errors.Is(err, errNoToken), fault.Is(err, fault.Forbidden):
		w.Header().Set("WWW-Authenticate", "Token")
		h.answer(w, http.StatusUnauthorized, statusClient, messageUnauthorised, nil)
	case err != nil:
		h.fail(w, r, err)
	default:
		h.route(w, r, sender)
	}
}

var errNoToken = errors.New("no token was sent")

// sender asks who sent a request. From 2.2.1 on the token is base64; many send
// it as it is, so both are tried.
func (h *Handler) sender(r *http.Request) (string, error) {
	scheme, credentials, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	credentials = strings.TrimSpace(credentials)
	if !strings.EqualFold(scheme, "Token") || credentials == "" {
		return "", errNoToken
	}
	if decoded, err := base64.StdEncoding.DecodeString(credentials); err == nil && len(decoded) > 0 {
		name, err := h.Senders.Sender(r.Context(), strings.TrimSpace(string(decoded)))
		if !fault.Is(err, fault.Forbidden) {
			return name, err
		}
	}
	return h.Senders.Sender(r.Context(), credentials)
}

// route finds the endpoint of a path: versions, VERSION, VERSION/cdrs and
// VERSION/cdrs/ID.
func (h *Handler) route(w http.ResponseWriter, r *http.Request, sender string) {
	version, rest, _ := strings.Cut(strings.Trim(strings.TrimPrefix(r.URL.Path, Prefix), "/"), "/")
	module, id, _ := strings.Cut(rest, "/")
	switch {
	case version == "versions" && rest == "":
		h.get(w, r, h.versions())
	case !slices.Contains(versions, version):
		h.answer(w, http.StatusNotFound, statusClient, "No such endpoint; the versions of OCPI understood here are "+strings.Join(versions, " and "), nil)
	case rest == "":
		h.get(w, r, h.endpoints(version))
	case module != "cdrs":
		h.answer(w, http.StatusNotFound, statusClient, "No such endpoint", nil)
	case id != "" && r.Method == http.MethodGet:
		h.giveBack(w, r, version, sender, id)
	case id == "" && r.Method == http.MethodPost:
		h.take(w, r, version, sender)
	default:
		allow := http.MethodPost
		if id != "" {
			allow = http.MethodGet
		}
		h.refuseMethod(w, allow)
	}
}

func (h *Handler) get(w http.ResponseWriter, r *http.Request, data any) {
	if r.Method != http.MethodGet {
		h.refuseMethod(w, http.MethodGet)
		return
	}
	h.answer(w, http.StatusOK, statusSuccess, "Success", data)
}

func (h *Handler) refuseMethod(w http.ResponseWriter, allow string) {
	w.Header().Set("Allow", allow)
	h.answer(w, http.StatusMethodNotAllowed, statusClient, "Method not allowed", nil)
}

type versionJSON struct {
	Version string `json:"version"`
	URL     string `json:"url"`
}

func (h *Handler) versions() []versionJSON {
	list := make([]versionJSON, len(versions))
	for i, version := range versions {
		list[i] = versionJSON{version, h.url(version)}
	}
	return list
}

type endpointsJSON struct {
	Version   string         `json:"version"`
	Endpoints []endpointJSON `json:"endpoints"`
}

type endpointJSON struct {
	Identifier string `json:"identifier"`
	Role       string `json:"role"`
	URL        string `json:"url"`
}

func (h *Handler) endpoints(version string) endpointsJSON {
	return endpointsJSON{version, []endpointJSON{{"cdrs", "RECEIVER", h.url(version, "cdrs")}}}
}

func (h *Handler) url(parts ...string) string {
	return strings.TrimSuffix(h.BaseURL, "/") + Prefix + strings.Join(parts, "/")
}

// take stores a pushed CDR. Only what is no JSON at all is an error of HTTP;
// everything else is answered in the envelope (OCPI 2.2.1, chapter 5).
func (h *Handler) take(w http.ResponseWriter, r *http.Request, version, sender string) {
	raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, MostBytes))
	var tooLarge *http.MaxBytesError
	var tooSlow net.Error
	switch {
	case errors.As(err, &tooLarge):
		h.answer(w, http.StatusRequestEntityTooLarge, statusInvalid, "The CDR is too large", nil)
		return
	case errors.As(err, &tooSlow) && tooSlow.Timeout():
		h.answer(w, http.StatusRequestTimeout, statusClient, "The CDR arrived too slowly", nil)
		return
	case err != nil || !json.Valid(raw):
		h.answer(w, http.StatusBadRequest, statusInvalid, "The body is no JSON", nil)
		return
	}
	session, err := h.Parse(raw)
	if err != nil {
		h.refuse(w, r, err)
		return
	}
	name := nameOf(raw)
	isNew, err := h.Keeper.Keep(r.Context(), sender, CDR{session, version, name, raw})
	if err != nil {
		h.refuse(w, r, err)
		return
	}
	w.Header().Set("Location", h.url(version, "cdrs", url.PathEscape(name)))
	status := http.StatusOK
	if isNew {
		status = http.StatusCreated
	}
	h.answer(w, status, statusSuccess, "Success", nil)
}

// nameOf is by what a CDR is asked back. It is its own id: a credit CDR has
// another one than the session that it takes back.
func nameOf(raw []byte) string {
	var c struct {
		Country string `json:"country_code"`
		Party   string `json:"party_id"`
		ID      string `json:"id"`
	}
	_ = json.Unmarshal(raw, &c) // it was read before
	return strings.ToUpper(c.Country) + "*" + strings.ToUpper(c.Party) + "*" + strings.TrimSpace(c.ID)
}

// giveBack answers a sender who asks for a CDR at the address that its push was
// answered with (OCPI 2.2.1, chapter 10.2.2).
func (h *Handler) giveBack(w http.ResponseWriter, r *http.Request, version, sender, name string) {
	raw, err := h.Keeper.CDR(r.Context(), sender, version, name)
	switch {
	case fault.Is(err, fault.NotFound):
		h.answer(w, http.StatusNotFound, statusClient, "No CDR of yours has this address", nil)
	case err != nil:
		h.fail(w, r, err)
	default:
		h.answer(w, http.StatusOK, statusSuccess, "Success", json.RawMessage(raw))
	}
}

// refuse says what is wrong with a CDR.
func (h *Handler) refuse(w http.ResponseWriter, r *http.Request, err error) {
	switch {
	case fault.Is(err, fault.NotFound):
		h.answer(w, http.StatusOK, statusUnknownPlace, h.Words(err), nil)
	case fault.Is(err, fault.Invalid), fault.Is(err, fault.Usage):
		h.answer(w, http.StatusOK, statusInvalid, h.Words(err), nil)
	default:
		h.fail(w, r, err)
	}
}

// fail answers what is our own fault; the sender tries again later.
func (h *Handler) fail(w http.ResponseWriter, r *http.Request, err error) {
	h.Log.ErrorContext(r.Context(), "ocpi request failed", "path", r.URL.Path, "err", err)
	h.answer(w, http.StatusInternalServerError, statusServer, "Try again later", nil)
}

// envelope is every answer of OCPI.
type envelope struct {
	Data          any    `json:"data,omitempty"`
	StatusCode    int    `json:"status_code"`
	StatusMessage string `json:"status_message"`
	Timestamp     string `json:"timestamp"`
}

func (h *Handler) answer(w http.ResponseWriter, status, code int, message string, data any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	err := json.NewEncoder(w).Encode(envelope{data, code, message, h.Now().UTC().Format("2006-01-02T15:04:05Z")})
	if err != nil {
		h.Log.Warn("ocpi answer not sent", "err", err)
	}
}
