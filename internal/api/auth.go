package api

import (
	"net/http"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"creditrun/internal/fault"
)

// bearer returns the token of a request; cookies are not looked at.
func bearer(r *http.Request) (secret string, ok bool) {
	scheme, secret, ok := strings.Cut(r.Header.Get("Authorization"), " ")
	secret = strings.TrimSpace(secret)
	return secret, ok && strings.EqualFold(scheme, "Bearer") && secret != ""
}

// language is the first of the wanted languages in which there are sentences.
func (a *API) language(r *http.Request) string {
	for wanted := range strings.SplitSeq(r.Header.Get("Accept-Language"), ",") {
		tag, _, _ := strings.Cut(strings.TrimSpace(wanted), ";")
		base, _, _ := strings.Cut(strings.ToLower(tag), "-")
		if slices.Contains(a.Texts.Languages(), base) {
			return base
		}
	}
	return "en"
}

// admit lets through who has every right an operation needs.
func (a *API) admit(ctx huma.Context, next func(huma.Context)) {
	c := callOf(ctx.Context())
	op, _ := ctx.Operation().Metadata[metadataKey].(operation)
	if !c.mayUse(op) {
		_, w := humago.Unwrap(ctx)
		c.refuse(w, fault.New(fault.Forbidden, "right_missing", nil))
		return
	}
	next(ctx)
}

// mayUse reports whether the visitor has what an operation needs.
func (c *call) mayUse(op operation) bool {
	if op.operator && !c.who.Operator {
		return false
	}
	for _, right := range op.needs {
		if !c.who.May(right) {
			return false
		}
	}
	return c.who.User.Active
}
