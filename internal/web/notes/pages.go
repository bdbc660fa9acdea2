// Package notes shows credit notes and sessions: the lists and their files, one
// note with its documents, mails and objections, one session with its history,
// why it was paid what it was, accounts with their statements
// and adjustments.
package notes

import (
	"time"

	"creditrun/creditnotes"
	"creditrun/internal/store"
	"creditrun/internal/tasks"
	"creditrun/internal/web/page"
	"creditrun/locales"
)

// Options are what the pages need.
type Options struct {
	Store  *store.Store
	Runner *creditnotes.Runner
	Tasks  *tasks.Runner
	Texts  *locales.Catalog
	Now    func() time.Time
}

// Pages are the pages of notes and sessions, and what they need.
type Pages struct {
	Options
	banks     *tasks.Kind[store.BankResult]
	journals  *tasks.Kind[exportedJournal]
	reminders *tasks.Kind[sentReminders]
}

// uploadLasts is how long what became of an uploaded file can be looked at.
const uploadLasts = 24 * time.Hour

// New makes the pages.
func New(o Options) *Pages {
	return &Pages{o,
		tasks.NewKind[store.BankResult](o.Tasks, tasks.Rule{Kind: "bank_file", AtOnce: 2, Keep: uploadLasts}),
		tasks.NewKind[exportedJournal](o.Tasks, tasks.Rule{Kind: "journal", AtOnce: 1, Keep: uploadLasts}),
		tasks.NewKind[sentReminders](o.Tasks, tasks.Rule{Kind: "reminders", AtOnce: 1, Keep: uploadLasts}),
	}
}

// Visit is one request to one of these pages.
type Visit struct {
	*page.Visit
	*Pages
}

// Visit makes a visit of a request.
func (p *Pages) Visit(v *page.Visit) *Visit { return &Visit{v, p} }
