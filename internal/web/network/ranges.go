package network

import (
	"net/url"
	"slices"
	"strconv"

	"creditrun/creditnotes"
	"creditrun/internal/access"
	"creditrun/internal/fault"
	"creditrun/internal/web/page"
	"creditrun/numbering"
)

// rangesView lists the number ranges.
type rangesView struct {
	List   *page.List
	Ranges []rangeLine
	Change bool // the visitor may change them
}

// rangeLine is one range with the numbers it would give.
type rangeLine struct {
	numbering.Range
	Last string // the number given last; empty: none, or each recipient has its own
	Next string // the number that comes next, dated today; empty: each recipient has its own
	Used string // the setting it is chosen in: credit_note or cancellation
	Path string // empty: the visitor may not change it
}

// Ranges lists the number ranges.
func (v *Visit) Ranges() error {
	b, err := v.Snapshot(v.R.Context())
	if err != nil {
		return err
	}
	l := page.NewList(v.R.URL.Query(), page.ListOptions{Path: "/ranges", Order: "key", Size: page.RowsPerPage, Empty: "ranges_none"})
	var lines []rangeLine
	for _, r := range b.Config.NumberRanges {
		line, err := v.rangeLine(r, b.Config.Settings)
		if err != nil {
			return err
		}
		lines = append(lines, line)
	}
	lines = page.Rows(l, lines, rangeColumns...)
	return v.ShowList("ranges", "menu_ranges", rangesView{l, lines, v.May(access.ChangeTariffs)}, l.Err())
}

var rangeColumns = []page.Column[rangeLine]{
	{Head: page.Head{Key: "key", Message: "range_key"}, By: page.ByText(func(r rangeLine) string { return r.Key })},
	{Head: page.Head{Key: "name", Message: "range_name"}, By: page.ByText(func(r rangeLine) string { return r.Name })},
	{Head: page.Head{Key: "pattern", Message: "range_pattern"}, By: page.ByText(func(r rangeLine) string { return r.Pattern })},
	{Head: page.Head{Message: "range_last"}},
	{Head: page.Head{Message: "range_following"}},
	{Head: page.Head{Message: "range_valid_for"}},
	{Head: page.Head{Key: "reset", Message: "range_reset"}, By: page.ByText(func(r rangeLine) string { return string(r.Reset) })},
	{Head: page.Head{Key: "scope", Message: "range_scope"}, By: page.ByText(func(r rangeLine) string { return string(r.Scope) })},
	{Head: page.Head{Message: "range_state"}},
}

func (v *Visit) rangeLine(r numbering.Range, settings creditnotes.Settings) (line rangeLine, err error) {
	line = rangeLine{Range: r, Path: v.LinkIfAllowed("/ranges/" + url.PathEscape(r.Key))}
	if line.Last, line.Next, err = v.NumbersOf(&r); err != nil {
		return line, err
	}
	switch r.Key {
	case settings.NumberRange:
		line.Used = string(numbering.CreditNote)
	case settings.CancellationRange:
		line.Used = string(numbering.Cancellation)
	case settings.InvoiceRange:
		line.Used = string(numbering.Invoice)
	}
	return line, nil
}

// rangeView is the form of one range.
type rangeView struct {
	*page.FormState
	Range    numbering.Range
	New      bool
	Last     string // the number given last
	Next     string // that comes next, dated today
	Types    []page.Choice
	Resets   []page.Choice
	Scopes   []page.Choice
	Warnings []string
	Delete   *deletion // nil: a new one
}

// RangePage shows the form of a range; the key "new" that of none yet.
func (v *Visit) RangePage() error {
	b, err := v.Snapshot(v.R.Context())
	if err != nil {
		return err
	}
	key := v.R.PathValue("key")
	if key == "new" {
		return v.showRange(v.Form(""), numbering.Range{
			Next: 1, Reset: numbering.ResetYearly, Scope: numbering.ScopeIssuer, Active: true, ValidFor: []numbering.DocumentType{numbering.CreditNote},
		}, true)
	}
	found := b.Config.Range(key)
	if found == nil {
		return fault.New(fault.NotFound, "setting_range_unknown", fault.Args{"range": key})
	}
	return v.showRange(v.Form(""), *found, false)
}

func (v *Visit) showRange(f *page.FormState, r numbering.Range, isNew bool) error {
	if err := v.See(f, page.Record(creditnotes.SectionRanges, r.Key)); err != nil {
		return err
	}
	view := rangeView{FormState: f, Range: r, New: isNew}
	var err error
	if view.Last, view.Next, err = v.NumbersOf(&r); err != nil {
		return err
	}
	for _, t := range []numbering.DocumentType{numbering.CreditNote, numbering.Cancellation, numbering.Invoice} {
		view.Types = append(view.Types, page.Choice{Value: string(t), Chosen: slices.Contains(r.ValidFor, t)})
	}
	for _, reset := range []numbering.Reset{numbering.ResetNever, numbering.ResetYearly, numbering.ResetMonthly} {
		view.Resets = append(view.Resets, page.Choice{Value: string(reset), Chosen: r.Reset == reset})
	}
	for _, scope := range []numbering.Scope{numbering.ScopeIssuer, numbering.ScopeRecipient} {
		view.Scopes = append(view.Scopes, page.Choice{Value: string(scope), Chosen: r.Scope == scope})
	}
	for _, warning := range r.Warnings() {
		view.Warnings = append(view.Warnings, v.Texts.PageFault(v.Lang, warning))
	}
	title := v.Message("range_new")
	if !isNew {
		title = r.Key
		var err error
		if view.Delete, err = v.deletionOf(creditnotes.SectionRanges, r.Key, "/ranges/"+url.PathEscape(r.Key)); err != nil {
			return err
		}
	}
	return v.ShowForm(f, "range", title, view)
}

// SaveRange stores what the form says: a new range, or changes of the one of
// the address. Numbers that were given are not touched
// by it: the counters go on.
func (v *Visit) SaveRange() error {
	f, key, isNew := v.Form(""), v.R.PathValue("key"), v.R.PathValue("key") == "new"
	if isNew {
		key = f.Text("key")
	}
	f.About("range", key)
	r := numbering.Range{
		Key: key, Name: f.Text("name"), Pattern: f.Text("pattern"),
		Reset: numbering.Reset(f.Text("reset")), Scope: numbering.Scope(f.Text("scope")), Active: f.Checked("active"),
	}
	for _, t := range f.All("valid_for") {
		r.ValidFor = append(r.ValidFor, numbering.DocumentType(t))
	}
	r.Next, _ = strconv.ParseInt(f.Text("next"), 10, 64) // 0 where it is none: the check of the range says so
	config := &creditnotes.Configuration{NumberRanges: []numbering.Range{r}}
	if f.Fail(v.SaveRecord(f, page.Record(creditnotes.SectionRanges, r.Key), isNew, config)) {
		return v.showRange(f, r, isNew)
	}
	return v.Done("/ranges", "range_saved", "Key", r.Key)
}
