// Package upload takes files in: the network, sessions, collections, top-ups and
// custom records. A file is looked at first and taken in when the visitor says
// so; what of it cannot be read comes back as a file.
package upload

import (
	"time"

	"creditrun/internal/store"
	"creditrun/internal/tasks"
	"creditrun/internal/web/page"
	"creditrun/locales"
)

// Options are what the pages need. All are required.
type Options struct {
	Store *store.Store
	Tasks *tasks.Runner
	Texts *locales.Catalog
}

// Pages are the pages of uploads.
type Pages struct {
	Options
	work *tasks.Kind[Outcome]
}

// uploadLasts is how long what became of an uploaded file can be looked at.
const uploadLasts = 24 * time.Hour

// New makes the pages.
func New(o Options) *Pages {
	return &Pages{o, tasks.NewKind[Outcome](o.Tasks, tasks.Rule{Kind: "upload", AtOnce: 1, Keep: uploadLasts})}
}

// Visit is one request to one of these pages.
type Visit struct {
	*page.Visit
	*Pages
}

// Visit makes a visit of a request.
func (p *Pages) Visit(v *page.Visit) *Visit { return &Visit{v, p} }
