// Package network shows and changes who owns what and what is paid for it:
// entities, stations, partners, tariffs, cost rates, number ranges, tax accounts,
// and the changes that wait for a second person.
package network

import (
	"time"

	"creditrun/creditnotes"
	"creditrun/internal/store"
	"creditrun/internal/tasks"
	"creditrun/internal/web/page"
	"creditrun/locales"
)

// Options are what the pages of the network need. All are required.
type Options struct {
	Store  *store.Store
	Runner *creditnotes.Runner
	Tasks  *tasks.Runner
	Texts  *locales.Catalog
	Now    func() time.Time
}

// Pages are the pages of the network.
type Pages struct {
	Options
	tasks struct {
		whatIfs  *tasks.Kind[whatIf]
		previews *tasks.Kind[creditnotes.RepriceResult] // of reprices
		reprices *tasks.Kind[repriced]
	}
}

// answerLasts is how long the answer to a question of what would be is kept.
const answerLasts = 24 * time.Hour

// New makes the pages of the network.
func New(o Options) *Pages {
	p := &Pages{Options: o}
	p.tasks.whatIfs = tasks.NewKind[whatIf](o.Tasks, tasks.Rule{Kind: "what_if", AtOnce: 1, Newest: true, Keep: answerLasts})
	p.tasks.previews = tasks.NewKind[creditnotes.RepriceResult](o.Tasks, tasks.Rule{Kind: "reprice_preview", AtOnce: 1, Newest: true, Keep: answerLasts})
	p.tasks.reprices = tasks.NewKind[repriced](o.Tasks, tasks.Rule{Kind: "reprice", AtOnce: 1, Keep: answerLasts})
	return p
}

// Visit is one request to one of these pages.
type Visit struct {
	*page.Visit
	*Pages
}

// Visit makes a visit of a request.
func (p *Pages) Visit(v *page.Visit) *Visit { return &Visit{v, p} }
