// Package admin shows and changes what an administrator looks after: settings,
// users, webhooks, the audit log, what an auditor is given, and the confirmation
// after a restore.
package admin

import (
	"time"

	"creditrun/creditnotes"
	"creditrun/internal/store"
	"creditrun/internal/tasks"
	"creditrun/internal/web/page"
	"creditrun/locales"
)

// Options are what the pages of the administration need. All are required.
type Options struct {
	Store *store.Store
	Tasks *tasks.Runner
	Texts *locales.Catalog
	Now   func() time.Time
	// PublicURL is the address under which browsers reach the pages; links in
	// mails begin with it.
	PublicURL string
	// CheckLogo reports why a file cannot be printed as the logo of documents.
	CheckLogo func(content []byte) error
	// PrintSample makes the PDF of a note that is kept nowhere.
	PrintSample func(n *creditnotes.Note) ([]byte, error)
}

// Pages are the pages of the administration.
type Pages struct {
	Options
	tasks struct {
		checks   *tasks.Kind[creditnotes.AuditChain] // of the audit log
		archives *tasks.Kind[creditnotes.KeptArchive]
	}
}

// checkLasts is how long the outcome of a check of the audit log is kept.
const checkLasts = 24 * time.Hour

// New makes the pages of the administration.
func New(o Options) *Pages {
	p := &Pages{Options: o}
	p.tasks.checks = tasks.NewKind[creditnotes.AuditChain](o.Tasks, tasks.Rule{Kind: "audit_check", AtOnce: 1, Newest: true, Keep: checkLasts})
	p.tasks.archives = tasks.NewKind[creditnotes.KeptArchive](o.Tasks, tasks.Rule{Kind: "archive", AtOnce: 1, Keep: checkLasts})
	return p
}

// Visit is one request to one of these pages.
type Visit struct {
	*page.Visit
	*Pages
}

// Visit makes a visit of a request.
func (p *Pages) Visit(v *page.Visit) *Visit { return &Visit{v, p} }
