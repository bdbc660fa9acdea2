package web

import (
	"net/url"
	"slices"
	"strconv"

	"creditrun/creditnotes"
	"creditrun/internal/access"
	"creditrun/internal/fault"
	"creditrun/numbering"
)

// rangesView lists the number ranges.
type rangesView struct {
	List   *List
	Ranges []rangeLine
	Change bool // the visitor may change them
}

// rangeLine is one range with the numbers it would give.
type rangeLine struct {
	numbering.Range
	Example string // the number it begins with, dated today
	Used    string // the setting it is chosen in: credit_note or cancellation
	Path    string // empty: the visitor may not change it
}

// ranges lists the number ranges.
func (v *visit) ranges() error {
	b, err := v.snapshot(v.r.Context())
	if err != nil {
		return err
	}
	l := NewList(v.r.URL.Query(), ListOptions{Path: "/ranges", Order: "key", Size: rowsPerPage, Empty: "ranges_none"})
	var lines []rangeLine
	for _, r := range b.Config.NumberRanges {
		lines = append(lines, v.rangeLine(r, b.Config.Settings))
	}
	lines = Rows(l, lines, rangeColumns...)
	return v.showList("ranges", "menu_ranges", rangesView{l, lines, v.may(access.ChangeTariffs)}, l.Err())
}

var rangeColumns = []Column[rangeLine]{
	{Head{Key: "key", Message: "range_key"}, ByText(func(r rangeLine) string { return r.Key })},
	{Head{Key: "name", Message: "range_name"}, ByText(func(r rangeLine) string { return r.Name })},
	{Head{Key: "pattern", Message: "range_pattern"}, ByText(func(r rangeLine) string { return r.Pattern })},
	{Head: Head{Message: "range_example"}},
	{Head: Head{Message: "range_valid_for"}},
	{Head{Key: "reset", Message: "range_reset"}, ByText(func(r rangeLine) string { return string(r.Reset) })},
	{Head{Key: "scope", Message: "range_scope"}, ByText(func(r rangeLine) string { return string(r.Scope) })},
	{Head: Head{Message: "range_state"}},
}

func (v *visit) rangeLine(r numbering.Range, settings creditnotes.Settings) rangeLine {
	line := rangeLine{Range: r, Example: r.Example(v.today()), Path: v.linkIfAllowed("/ranges/" + url.PathEscape(r.Key))}
	switch r.Key {
	case settings.NumberRange:
		line.Used = string(numbering.CreditNote)
	case settings.CancellationRange:
		line.Used = string(numbering.Cancellation)
	}
	return line
}

// rangeView is the form of one range.
type rangeView struct {
	*form
	Range    numbering.Range
	New      bool
	Example  string
	Types    []choice
	Resets   []choice
	Scopes   []choice
	Warnings []string
}

// rangePage shows the form of a range; the key "new" that of none yet.
func (v *visit) rangePage() error {
	b, err := v.snapshot(v.r.Context())
	if err != nil {
		return err
	}
	key := v.r.PathValue("key")
	if key == "new" {
		return v.showRange(v.form(""), numbering.Range{
			Next: 1, Reset: numbering.ResetYearly, Scope: numbering.ScopeIssuer, Active: true, ValidFor: []numbering.DocumentType{numbering.CreditNote},
		}, true)
	}
	found := b.Config.Range(key)
	if found == nil {
		return fault.New(fault.NotFound, "setting_range_unknown", fault.Args{"range": key})
	}
	return v.showRange(v.form(""), *found, false)
}

func (v *visit) showRange(f *form, r numbering.Range, isNew bool) error {
	if err := v.see(f, record(creditnotes.SectionRanges, r.Key)); err != nil {
		return err
	}
	view := rangeView{form: f, Range: r, New: isNew, Example: r.Example(v.today())}
	for _, t := range []numbering.DocumentType{numbering.CreditNote, numbering.Cancellation, numbering.Invoice} {
		view.Types = append(view.Types, choice{Value: string(t), Chosen: slices.Contains(r.ValidFor, t)})
	}
	for _, reset := range []numbering.Reset{numbering.ResetNever, numbering.ResetYearly, numbering.ResetMonthly} {
		view.Resets = append(view.Resets, choice{Value: string(reset), Chosen: r.Reset == reset})
	}
	for _, scope := range []numbering.Scope{numbering.ScopeIssuer, numbering.ScopeRecipient} {
		view.Scopes = append(view.Scopes, choice{Value: string(scope), Chosen: r.Scope == scope})
	}
	for _, warning := range r.Warnings() {
		view.Warnings = append(view.Warnings, v.Texts.Fault(v.lang, warning))
	}
	title := r.Key
	if isNew {
		title = v.message("range_new")
	}
	return v.showForm(f, "range", title, view)
}

// saveRange stores what the form says: a new range, or changes of the one of
// the address. Numbers that were given are not touched
// by it: the counters go on.
func (v *visit) saveRange() error {
	f, key, isNew := v.form(""), v.r.PathValue("key"), v.r.PathValue("key") == "new"
	if isNew {
		key = f.text("key")
	}
	f.about("range", key)
	r := numbering.Range{
		Key: key, Name: f.text("name"), Pattern: f.text("pattern"),
		Reset: numbering.Reset(f.text("reset")), Scope: numbering.Scope(f.text("scope")), Active: f.checked("active"),
	}
	for _, t := range f.all("valid_for") {
		r.ValidFor = append(r.ValidFor, numbering.DocumentType(t))
	}
	r.Next, _ = strconv.ParseInt(f.text("next"), 10, 64) // 0 where it is none: the check of the range says so
	config := &creditnotes.Configuration{NumberRanges: []numbering.Range{r}}
	if f.fail(v.saveRecord(f, record(creditnotes.SectionRanges, r.Key), isNew, config)) {
		return v.showRange(f, r, isNew)
	}
	return v.done("/ranges", "range_saved", "Key", r.Key)
}
