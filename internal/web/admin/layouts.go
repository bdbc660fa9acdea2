package admin

import (
	"fmt"
	"strings"

	"creditrun/creditnotes"
	"creditrun/internal/access"
	"creditrun/internal/fault"
	"creditrun/internal/snapshot"
	"creditrun/internal/web/page"
)

// layoutsView lists the layouts of documents.
type layoutsView struct {
	*page.FormState
	Change  bool
	Layouts []layoutLine
	Key     string // of a new one, as entered
}

// layoutLine is one layout in the list.
type layoutLine struct {
	Key, Name string
	Chosen    int  // by how many entities
	Standard  bool // of documents whose recipient chose none
}

// Layouts lists the layouts.
func (v *Visit) Layouts() error { return v.showLayouts(v.Form("")) }

func (v *Visit) showLayouts(f *page.FormState) error {
	b, err := v.Snapshot(v.R.Context())
	if err != nil {
		return err
	}
	settings, chosen := b.Config.Settings, map[string]int{}
	for i := range b.Config.Entities {
		chosen[b.Config.Entities[i].Layout]++
	}
	view := layoutsView{FormState: f, Change: v.May(access.ChangeSettings), Key: f.Text("key")}
	for _, key := range settings.LayoutKeys() {
		l := settings.Layouts[key]
		view.Layouts = append(view.Layouts, layoutLine{Key: key, Name: l["name"], Chosen: chosen[key], Standard: settings.Layout == key})
	}
	return v.ShowForm(f, "layouts", v.Message("layouts_title"), view)
}

// AddLayout begins a layout with a key and a name.
func (v *Visit) AddLayout() error {
	f := v.Form("")
	key := f.Text("key")
	f.Input = func(string) string { return "key" }
	empty := ""
	one := creditnotes.Setting{Key: creditnotes.LayoutSetting(key, "name"), Value: f.Text("name"), Seen: &empty}
	if one.Value == "" {
		one.Value = key
	}
	if _, _, err := v.Store.ChangeSettings(v.R.Context(), v.Name(), []creditnotes.Setting{one}); f.Fail(err) {
		return v.showLayouts(f)
	}
	return v.Redirect(page.LayoutPath(key))
}

// layoutView is the form of one layout.
type layoutView struct {
	*page.FormState
	Key, Title string
	Change     bool
	NameField  settingField
	Color      settingField
	Logo       string // SHA-256
	Texts      []layoutText
	Languages  []page.Choice // to preview
}

// layoutText is one kind of text in all languages: those that are always shown and
// the others.
type layoutText struct {
	Name          string
	Shown, Others []settingField
}

// LayoutPage shows a layout.
func (v *Visit) LayoutPage() error { return v.showLayout(v.Form("")) }

func (v *Visit) showLayout(f *page.FormState) error {
	b, err := v.Snapshot(v.R.Context())
	if err != nil {
		return err
	}
	key := v.R.PathValue("key")
	l := b.Config.Settings.Layouts[key]
	if !l.IsThere() {
		return v.Nowhere()
	}
	field := func(name string) settingField {
		one := settingField{FormState: f, Key: name, Was: l[name], Value: l[name]}
		if was, ok := f.Was(name); ok {
			one.Was, one.Value = was, f.Text(name)
		}
		return one
	}
	view := layoutView{FormState: f, Key: key, Title: l["name"], Change: v.May(access.ChangeSettings), NameField: field("name"), Color: field("color"), Logo: l["logo"]}
	for _, name := range creditnotes.LayoutTexts() {
		view.Texts = append(view.Texts, v.layoutText(name, b, field))
	}
	for _, lang := range v.Texts.Languages() {
		view.Languages = append(view.Languages, page.Choice{Value: lang, Text: v.Message(languageLabel(lang)), Chosen: lang == b.Config.Settings.Language})
	}
	return v.ShowForm(f, "layout_edit", v.Message("layout_title"), view)
}

func (v *Visit) layoutText(name string, b *snapshot.Snapshot, field func(string) settingField) layoutText {
	text := layoutText{Name: name}
	for _, lang := range v.Texts.Languages() {
		one := field(name + "." + lang)
		one.Lang, one.Message = lang, languageLabel(lang)
		if one.Value != "" || lang == b.Config.Settings.Language {
			text.Shown = append(text.Shown, one)
		} else {
			text.Others = append(text.Others, one)
		}
	}
	return text
}

// layoutFields are the names of the fields that a form of a layout sends as text.
func (v *Visit) layoutFields() []string {
	fields := []string{"name", "color"}
	for _, name := range creditnotes.LayoutTexts() {
		for _, lang := range v.Texts.Languages() {
			fields = append(fields, name+"."+lang)
		}
	}
	return fields
}

// sentLayout is a layout as the form says it: what is not sent stays.
func (v *Visit) sentLayout(f *page.FormState, l creditnotes.Layout) creditnotes.Layout {
	sent := creditnotes.Layout{"logo": l["logo"]}
	for _, field := range v.layoutFields() {
		sent[field] = l[field]
		if len(f.All(field)) > 0 {
			sent[field] = strings.ReplaceAll(f.Text(field), "\r\n", "\n")
		}
	}
	if f.Checked("color_standing") {
		sent["color"] = ""
	}
	return sent
}

// SaveLayout stores what the visitor changed of a layout: all of it or, when
// something is wrong with it, nothing.
func (v *Visit) SaveLayout() error {
	settings, err := v.Store.Settings(v.R.Context())
	if err != nil {
		return err
	}
	key, f := v.R.PathValue("key"), v.Form("")
	now := settings.Layouts[key]
	if !now.IsThere() {
		return v.Nowhere()
	}
	f.Input = func(field string) string { return strings.TrimPrefix(field, creditnotes.LayoutSetting(key, "")) }
	sent, entered := v.sentLayout(f, now), map[string]entry{}
	f.Fail(v.logoEntry(f, entered))
	if logo, ok := entered["logo"]; ok {
		sent["logo"] = logo.value
	}
	var list []creditnotes.Setting
	for _, field := range page.SortedKeys(sent) {
		if sent[field] == now[field] {
			continue
		}
		seen := now[field]
		if was, ok := f.Was(field); ok {
			seen = strings.ReplaceAll(was, "\r\n", "\n")
		}
		list = append(list, creditnotes.Setting{Key: creditnotes.LayoutSetting(key, field), Value: sent[field], Seen: &seen})
	}
	changed := 0
	if f.Ok() {
		changed, _, err = v.Store.ChangeSettings(v.R.Context(), v.Name(), list)
		f.Fail(err)
	}
	if !f.Ok() {
		return v.showLayout(f)
	}
	return v.Done(page.LayoutPath(key), "settings_saved", "Count", changed)
}

// PreviewLayout shows a sample of a document with a layout as the form has it, or as
// it is kept.
func (v *Visit) PreviewLayout() error {
	b, err := v.Snapshot(v.R.Context())
	if err != nil {
		return err
	}
	f, key := v.Form(""), v.R.PathValue("key")
	settings := b.Config.Settings
	kept := settings.Layouts[key]
	if !kept.IsThere() || b.Operator() == nil {
		return v.Nowhere()
	}
	language := f.Text("preview")
	if !v.Texts.Supports(language) {
		language = settings.Language
	}
	look := settings.LookOfLayout(key, v.sentLayout(f, kept), language)
	note := creditnotes.SampleNote(b.Operator(), b.Day(v.Now()), language, look)
	if note.Logo, err = v.logoToPreview(f, settings.Logo, look.Logo); err != nil {
		return err
	}
	content, err := v.PrintSample(note)
	if err != nil {
		return fault.Wrap(fault.Invalid, "setting_value", fault.Args{"key": creditnotes.LayoutSetting(key, "color"), "value": look.Color, "expected": "#0b5563"}, err)
	}
	h := v.W.Header()
	h.Set("Content-Type", "application/pdf")
	h.Set("Content-Disposition", fmt.Sprintf("inline; filename=%q", "preview.pdf"))
	h.Set("Content-Security-Policy", page.FileCSP)
	h.Set("Cache-Control", "no-store")
	_, _ = v.W.Write(content) // the browser may have gone
	return nil
}

// logoToPreview is the file of the logo that a form would give a layout: the one that
// is sent, else that of the settings where the form takes the layout's away, else the
// layout's.
func (v *Visit) logoToPreview(f *page.FormState, standing, kept string) ([]byte, error) {
	if f.Checked("logo_none") {
		kept = standing
	} else if sent, err := v.sentLogo(); err != nil || len(sent) > 0 {
		return sent, err
	}
	if kept == "" {
		return nil, nil
	}
	return v.Store.Asset(v.R.Context(), kept)
}
