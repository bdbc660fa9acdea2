package api

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"creditrun/internal/fault"
	"creditrun/internal/flow"
)

// takeIn reads the whole body of a request before anything is done with it, up
// to what the operation allows: no transaction waits for a caller, and a body
// that is too large is refused before it is kept anywhere. From then on the
// operation has its time, unless it streams.
func (a *API) takeIn(ctx huma.Context, next func(huma.Context)) {
	r, w := humago.Unwrap(ctx)
	c := callOf(ctx.Context())
	op, _ := ctx.Operation().Metadata[metadataKey].(operation)
	if changes(r.Method) {
		done, err := c.spool(op, r)
		if err != nil {
			w.Header().Set("Connection", "close") // the rest of the body is not wanted
			c.refuse(w, err)
			return
		}
		defer done()
	}
	if !streams[op.id] {
		lasting, cancel := context.WithTimeout(c.ctx, requestLasts)
		defer cancel()
		c.ctx = lasting
	}
	next(ctx)
}

// spool takes the body of a request in; done forgets it. Files need a place at
// the gate.
func (c *call) spool(op operation, r *http.Request) (done func(), err error) {
	most := op.mostBody()
	if r.ContentLength > most {
		return nil, &http.MaxBytesError{Limit: most}
	}
	leave := func() {}
	if files[op.id] > 0 {
		if leave, err = c.place(); err != nil {
			return nil, err
		}
	}
	sum := fingerprint(r)
	body, err := flow.Spool(r.Body, most, sum)
	if err != nil {
		leave()
		if fault.Is(err, fault.Unavailable) { // the operator has to know of a full disk, too
			c.Log.Warn("upload given up", "user", c.name(), "err", err)
		}
		return nil, err
	}
	c.sum = hex.EncodeToString(sum.Sum(nil))
	r.Body = body
	c.r.Body = body
	return func() {
		if err := body.Close(); err != nil {
			c.Log.Warn("temporary file", "err", err)
		}
		leave()
	}, nil
}

// fingerprint covers everything in which two requests may differ, once the body
// has been written to it, too.
func fingerprint(r *http.Request) hash.Hash {
	sum := sha256.New()
	fmt.Fprintf(sum, "%s %s\n%s\n", r.Method, r.URL.RequestURI(), r.Header.Get("Content-Type"))
	for _, condition := range []string{"If-Match", "If-None-Match"} {
		for _, value := range r.Header.Values(condition) {
			fmt.Fprintf(sum, "%s: %s\n", condition, value)
		}
	}
	return sum
}
