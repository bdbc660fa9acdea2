package api

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"creditrun/internal/store"
)

// What a request may be repeated with, and how the answer says that it was.
const (
	keyHeader      = "Idempotency-Key"
	replayedHeader = "Idempotency-Replayed"
	mostKey        = 255
)

// changes reports whether a method may change something.
func changes(method string) bool {
	return method == http.MethodPost || method == http.MethodPut || method == http.MethodPatch || method == http.MethodDelete
}

// once carries out a request with an idempotency key once, and answers its
// repetitions as it answered the first time. Only what was done is kept: a
// request that was refused may be sent again.
func (a *API) once(ctx huma.Context, next func(huma.Context)) {
	r, w := humago.Unwrap(ctx)
	c := callOf(ctx.Context())
	key := r.Header.Get(keyHeader)
	if key == "" || !changes(r.Method) {
		next(ctx)
		return
	}
	if len(key) > mostKey {
		c.refuse(w, c.invalid("header."+keyHeader, fmt.Sprintf("expected at most %d characters", mostKey)))
		return
	}
	user := c.who.User.ID
	answer, err := a.Store.BeginRequest(c.ctx, user, key, c.sum)
	if err != nil {
		c.refuse(w, err)
		return
	}
	if answer == nil {
		answer, err = c.first(ctx.Operation(), user, key, next, w.Header())
		if err != nil {
			c.refuse(w, err)
			return
		}
	} else {
		w.Header().Set(replayedHeader, "true")
	}
	if answer.ContentType != "" {
		w.Header().Set("Content-Type", answer.ContentType)
	}
	w.WriteHeader(answer.Status)
	_, _ = w.Write(answer.Body) // the client has disconnected
}

// first carries a request out and keeps its answer. It goes on when the caller
// goes away, who will ask again with the same key.
func (c *call) first(
	op *huma.Operation, user int64, key string, next func(huma.Context), header http.Header,
) (*store.StoredAnswer, error) {
	lasting, cancel := context.WithTimeout(context.WithoutCancel(c.ctx), requestLasts)
	defer cancel()
	kept := false
	defer func() {
		if !kept {
			if err := c.Store.AbandonRequest(lasting, user, key); err != nil {
				c.Log.Error("idempotency key", "err", err)
			}
		}
	}()
	again := *c
	again.ctx = lasting
	again.r = c.r.WithContext(context.WithValue(lasting, callKey{}, &again))
	answer := &recorder{header: http.Header{}, status: http.StatusOK}
	next(humago.NewContext(op, again.r, answer))
	maps.Copy(header, answer.header)
	result := &store.StoredAnswer{Status: answer.status, ContentType: answer.header.Get("Content-Type"), Body: answer.body.Bytes()}
	if answer.status >= http.StatusBadRequest {
		return result, nil
	}
	if err := c.Store.FinishRequest(lasting, user, key, *result); err != nil {
		return nil, err
	}
	kept = true
	return result, nil
}

// recorder keeps an answer instead of sending it.
type recorder struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (r *recorder) Header() http.Header { return r.header }

func (r *recorder) Write(p []byte) (int, error) { return r.body.Write(p) }

func (r *recorder) WriteHeader(status int) { r.status = status }
