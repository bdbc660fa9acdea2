// Package notes shows credit notes and sessions: the lists and their files, one
// note with its documents, mails and objections, one session with its history,
// why it was paid what it was, accounts with their statements
// and adjustments.
package notes

import (
	"time"

	"creditrun/creditnotes"
	"creditrun/internal/store"
	"creditrun/internal/web/page"
	"creditrun/locales"
)

// Pages are the pages of notes and sessions, and what they need.
type Pages struct {
	Store  *store.Store
	Runner *creditnotes.Runner
	Texts  *locales.Catalog
	Now    func() time.Time
}

// Visit is one request to one of these pages.
type Visit struct {
	*page.Visit
	*Pages
}

// Visit makes a visit of a request.
func (p *Pages) Visit(v *page.Visit) *Visit { return &Visit{v, p} }
