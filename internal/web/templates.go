package web

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"path"
	"slices"
	"strings"
	"sync"
)

//go:embed templates/*.html
var templates embed.FS

// pageKey names a page in a language.
type pageKey struct{ lang, name string }

// parsePages parses the frame of the pages in every language, and says how to
// parse each page: that is done when it is first shown.
func (s *Server) parsePages() (map[pageKey]func() (*template.Template, error), error) {
	names, err := fs.Glob(templates, "templates/*.html")
	if err != nil {
		return nil, err
	}
	pages := map[pageKey]func() (*template.Template, error){}
	for _, lang := range s.Texts.PageLanguages() {
		frame, err := template.New("").Funcs(s.functions(lang)).ParseFS(templates, "templates/layout.html", "templates/parts*.html")
		if err != nil {
			return nil, fmt.Errorf("layout: %w", err)
		}
		for _, file := range names {
			name := strings.TrimSuffix(path.Base(file), ".html")
			pages[pageKey{lang, name}] = sync.OnceValues(func() (*template.Template, error) {
				page, err := frame.Clone()
				if err != nil {
					return nil, err
				}
				return page.ParseFS(templates, file)
			})
		}
	}
	return pages, nil
}

// frame is what surrounds every page.
type frame struct {
	Title   string
	Lang    string
	Theme   string // light, dark, or empty: what the system prefers
	Path    string // of this page, for the forms that come back to it
	Login   string // of the visitor; empty: nobody
	Entity  string // name of the visitor's entity
	Menu    []menuItem
	Flash   string
	Faults  []problemLine
	Unsaved bool // the page answers a form, which was not saved
	Assets  *assets
	Main    template.HTML
}

// menuItem is one entry of the menu.
type menuItem struct {
	Path, Key string
	Current   bool
}

// menu lists what can be opened, in the order of a month's work.
var menu = []menuItem{
	{Path: "/", Key: "menu_home"},
	{Path: "/runs", Key: "menu_runs"},
	{Path: "/notes", Key: "menu_notes"},
	{Path: "/sessions", Key: "menu_sessions"},
	{Path: "/entities", Key: "menu_entities"},
	{Path: "/stations", Key: "menu_stations"},
	{Path: "/tariffs", Key: "menu_tariffs"},
	{Path: "/settings", Key: "menu_settings"},
	{Path: "/ranges", Key: "menu_ranges"},
	{Path: "/taxes", Key: "menu_taxes"},
	{Path: "/users", Key: "menu_users"},
	{Path: "/audit", Key: "menu_audit"},
}

// beside are the pages that belong to an entry of the menu without being under
// its address.
var beside = map[string][]string{"/settings": {"/partners", "/webhooks"}, "/entities": {"/changes"}}

// under reports whether an address is that of a page, or below it.
func under(address string, pages ...string) bool {
	return slices.ContainsFunc(pages, func(page string) bool {
		return address == page || page != "/" && strings.HasPrefix(address, page+"/")
	})
}

// menuFor is the part of the menu that the visitor may open.
func (v *visit) menuFor() (items []menuItem) {
	if v.who == nil {
		return nil
	}
	for _, item := range menu {
		if v.canOpen(item.Path) {
			item.Current = under(v.r.URL.Path, item.Path) || under(v.r.URL.Path, beside[item.Path]...)
			items = append(items, item)
		}
	}
	return items
}

// show writes a whole page: everything or, when it cannot be made, nothing.
func (v *visit) show(page, title string, view any) error {
	f := v.frame(title)
	main, err := v.render(page, "main", view)
	if err != nil {
		return err
	}
	return v.write(page, "layout", f.around(main, v.faults))
}

// frame is what surrounds a page of the visitor.
func (v *visit) frame(title string) *frame {
	f := &frame{
		Title: title, Lang: v.lang, Theme: v.theme(), Path: v.r.URL.RequestURI(), Menu: v.menuFor(),
		Flash: v.sessions.PopString(v.r.Context(), keyFlash), Assets: v.assets,
		Unsaved: v.who != nil && v.r.Method == http.MethodPost,
	}
	if v.who != nil {
		f.Login = v.who.User.Name
		f.Entity = v.entityName(v.who.User.Entity)
	}
	return f
}

// around puts the frame around the main part of a page, with what is wrong on
// top.
func (f *frame) around(main *bytes.Buffer, faults []problemLine) *frame {
	f.Main, f.Faults = template.HTML(main.String()), faults
	return f
}

// showAs is show with the title of a message.
func (v *visit) showAs(page, titleKey string, view any) error {
	title := v.message(titleKey)
	return v.show(page, title, view)
}

// showList shows a page with a list, with what is wrong with what its address
// asks for, or with a form of it, on top.
func (v *visit) showList(page, titleKey string, view any, problem error) error {
	title := v.message(titleKey)
	if problem != nil {
		return v.retry(problem, page, title, view)
	}
	return v.show(page, title, view)
}

// part writes a part of a page that the browser puts in the place of the old
// one.
func (v *visit) part(page, name string, view any) error { return v.write(page, name, view) }

func (v *visit) write(page, name string, data any) error {
	out, err := v.render(page, name, data)
	if err != nil {
		return err
	}
	v.w.Header().Set("Content-Type", "text/html; charset=utf-8")
	v.w.WriteHeader(v.status)
	_, _ = out.WriteTo(v.w) // the browser may have gone
	return nil
}

// render makes the text of a page, or of a part of it.
func (v *visit) render(page, name string, data any) (*bytes.Buffer, error) {
	parse := v.pages[pageKey{v.lang, page}]
	if parse == nil {
		return nil, errors.New("no page " + page)
	}
	t, err := parse()
	if err != nil {
		return nil, fmt.Errorf("page %s: %w", page, err)
	}
	var out bytes.Buffer
	if err := t.ExecuteTemplate(&out, name, data); err != nil {
		return nil, fmt.Errorf("page %s: %w", page, err)
	}
	return &out, nil
}

// entityName names an entity; the key where there is none of that key.
func (v *visit) entityName(key string) string {
	if b, err := v.snapshot(v.r.Context()); err == nil && b.Network != nil {
		if e := b.Network.Tree.Entity(key); e != nil {
			return e.Name
		}
	}
	return key
}
