package page

import (
	"bytes"
	"fmt"
	"html/template"
	"net/http"
	"slices"
	"strings"
)

// frame is what surrounds every page.
type frame struct {
	Title     string
	Lang      string
	Theme     string   // light, dark, or empty: what the system prefers
	Languages []Choice // others that the visitor may have pages in
	Path      string   // of this page, for the forms that come back to it
	Login     string   // of the visitor; empty: no one has logged in
	Entity    string   // name of the visitor's entity
	Menu      []MenuItem
	Flash     string
	Faults    []ProblemLine
	Unsaved   bool // the page answers a form, which was not saved
	Main      template.HTML
}

// MenuItem is one entry of the menu.
type MenuItem struct {
	Path, Key string
	Beside    []string // pages that belong to it without being under its address
	Section   string   // message of the section that it is in; empty: none
	Begins    bool     // it is the first one of its section
	Current   bool
}

// under reports whether an address is that of a page, or below it.
func under(address string, pages ...string) bool {
	return slices.ContainsFunc(pages, func(page string) bool {
		return address == page || page != "/" && strings.HasPrefix(address, page+"/")
	})
}

// menuFor is the part of the menu that the visitor may open.
func (v *Visit) menuFor() (items []MenuItem) {
	if v.Who == nil {
		return nil
	}
	section := ""
	for _, item := range v.menu {
		if v.CanOpen(item.Path) {
			item.Begins = item.Section != section
			section = item.Section
			item.Current = under(v.R.URL.Path, item.Path) || under(v.R.URL.Path, item.Beside...)
			items = append(items, item)
		}
	}
	return items
}

// Show writes a whole page: everything or, when it cannot be made, nothing.
func (v *Visit) Show(page, title string, view any) error {
	f := v.frame(title)
	main, err := v.Render(page, "main", view)
	if err != nil {
		return err
	}
	return v.write(page, "layout", f.around(main, v.Faults))
}

// frame is what surrounds a page of the visitor.
func (v *Visit) frame(title string) *frame {
	f := &frame{
		Title: title, Lang: v.Words(), Theme: v.theme(), Path: v.R.URL.RequestURI(), Menu: v.menuFor(),
		Flash:   v.sessions.PopString(v.R.Context(), keyFlash),
		Unsaved: v.Who != nil && v.R.Method == http.MethodPost,
	}
	for _, lang := range v.OfferedLanguages() {
		if lang != f.Lang {
			f.Languages = append(f.Languages, Choice{Value: lang, Text: v.texts.LanguageName(lang, lang)})
		}
	}
	if v.Who != nil {
		f.Login = v.Who.User.Name
		f.Entity = v.EntityName(v.Who.User.Entity)
	}
	return f
}

// around puts the frame around the main part of a page, with what is wrong on
// top.
func (f *frame) around(main *bytes.Buffer, faults []ProblemLine) *frame {
	f.Main, f.Faults = template.HTML(main.String()), faults
	return f
}

// ShowAs is show with the title of a message.
func (v *Visit) ShowAs(page, titleKey string, view any) error {
	title := v.Message(titleKey)
	return v.Show(page, title, view)
}

// ShowList shows a page with a list, with what is wrong with what its address
// asks for, or with a form of it, on top.
func (v *Visit) ShowList(page, titleKey string, view any, problem error) error {
	title := v.Message(titleKey)
	if problem != nil {
		return v.Retry(problem, page, title, view)
	}
	return v.Show(page, title, view)
}

// Part writes a part of a page that the browser puts in the place of the old
// one.
func (v *Visit) Part(page, name string, view any) error { return v.write(page, name, view) }

func (v *Visit) write(page, name string, data any) error {
	out, err := v.Render(page, name, data)
	if err != nil {
		return err
	}
	v.W.Header().Set("Content-Type", "text/html; charset=utf-8")
	v.W.WriteHeader(v.Status)
	_, _ = out.WriteTo(v.W) // the browser may have gone
	return nil
}

// Render makes the text of a page, or of a part of it.
func (v *Visit) Render(page, name string, data any) (*bytes.Buffer, error) {
	t, err := v.pages.page(look{v.Lang, v.zoneName}, page)
	if err != nil {
		return nil, fmt.Errorf("page %s: %w", page, err)
	}
	var out bytes.Buffer
	if err := t.ExecuteTemplate(&out, name, data); err != nil {
		return nil, fmt.Errorf("page %s: %w", page, err)
	}
	return &out, nil
}

// EntityName names an entity; the key where there is none of that key.
func (v *Visit) EntityName(key string) string {
	if b, err := v.Snapshot(v.R.Context()); err == nil && b.Network != nil {
		if e := b.Network.Tree.Entity(key); e != nil {
			return e.Name
		}
	}
	return key
}
