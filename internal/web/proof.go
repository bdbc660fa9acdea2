package web

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"encoding/json"

	"creditrun/internal/proof"
	"creditrun/internal/web/page"
)

// checkPage proves documents in a browser, without a network: one file that can be
// saved.
//
//go:embed proof/check.html
var checkPage []byte

// checkPolicy lets the page run its own script and load nothing.
var checkPolicy = "default-src 'none'; script-src " + sourceHash("script") + "; style-src " + sourceHash("style") +
	"; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"

// sourceHash is how a policy names what stands in an element of the page.
func sourceHash(element string) string {
	_, rest, _ := bytes.Cut(checkPage, []byte("<"+element+">"))
	content, _, _ := bytes.Cut(rest, []byte("</"+element+">"))
	sum := sha256.Sum256(content)
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}

// proofPage is for readers of documents, who have no login.
func (s *Server) proofPage(v *page.Visit) error {
	h := v.W.Header()
	h.Set("Content-Security-Policy", checkPolicy)
	h.Set("Content-Type", "text/html; charset=utf-8")
	_, err := v.W.Write(checkPage)
	return err
}

// mostHeads is how many heads are published at once: those of twenty years.
const mostHeads = 240

// proofHeads publishes the signed heads, for everyone alike: who compares them with
// the own sees that the operator shows all the same.
func (s *Server) proofHeads(v *page.Visit) error {
	ring, err := s.Store.ProofRing(v.R.Context())
	if err != nil {
		return err
	}
	heads, err := s.Store.PublicHeads(v.R.Context(), mostHeads)
	if err != nil {
		return err
	}
	v.W.Header().Set("Content-Type", page.TypeJSON)
	return json.NewEncoder(v.W).Encode(proof.Log{Ring: *ring, Heads: heads})
}
