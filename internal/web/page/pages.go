package page

import (
	"fmt"
	"html/template"
	"sync"
)

// look is how pages are written: their language, with the numbers of a region
// (locales.WithNumbers), and the zone of their times; an empty zone is that of
// the operator.
type look struct{ lang, zone string }

// frameOf is what surrounds every page, and the parts that they share.
const frameOf = "layout"

// maxLooks is how many looks are kept parsed. There are more, as users choose
// zones; the memory that they take has to have an end.
const maxLooks = 40

// pages parses each page when it is first shown in a look. It is safe for
// concurrent use.
type pages struct {
	parse func(l look, name string) (*template.Template, error)

	mu    sync.Mutex
	known map[look]map[string]func() (*template.Template, error)
}

// page is a page in a look.
func (p *pages) page(l look, name string) (*template.Template, error) {
	p.mu.Lock()
	if p.known[l] == nil {
		if len(p.known) >= maxLooks || p.known == nil {
			p.known = map[look]map[string]func() (*template.Template, error){}
		}
		p.known[l] = map[string]func() (*template.Template, error){}
	}
	parse := p.known[l][name]
	if parse == nil {
		parse = sync.OnceValues(func() (*template.Template, error) { return p.parse(l, name) })
		p.known[l][name] = parse
	}
	p.mu.Unlock()
	return parse()
}

// parse parses a page, or what surrounds all of them.
func (s *Site) parse(l look, name string) (*template.Template, error) {
	if name == frameOf {
		return template.New("").Funcs(s.functions(l)).ParseFS(s.templates, "layout.html", "parts*.html")
	}
	frame, err := s.pages.page(l, frameOf)
	if err != nil {
		return nil, fmt.Errorf("layout: %w", err)
	}
	page, err := frame.Clone()
	if err != nil {
		return nil, err
	}
	return page.ParseFS(s.templates, name+".html")
}
