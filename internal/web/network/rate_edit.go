package network

import (
	"cmp"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/access"
	"creditrun/internal/fault"
	"creditrun/internal/snapshot"
	"creditrun/internal/web/page"
	"creditrun/tariffs"
)

// rateEditView is the editor of a cost rate.
type rateEditView struct {
	*page.FormState
	Form   rateForm
	New    bool
	Number int // of the version that the prices would become
	Of     int // version the form began with; 0: none
	WhatIf bool
	Curve  curveView
}

// NewRatePage shows the editor of a cost rate that is not there yet.
func (v *Visit) NewRatePage() error {
	b, err := v.Network()
	if err != nil {
		return err
	}
	typed := rateForm{ValidFrom: page.DayOrInstant("", v.Zone()), Currency: cmp.Or(b.Operator().Currency, "EUR"), Own: pricesForm{Prefix: ownPrefix, Energy: []bandForm{{}}}}
	return v.showRate(rateEditView{FormState: v.Form(""), Form: typed, New: true, Number: 1}, &tariffs.CostRate{Currency: typed.Currency})
}

// EditRatePage shows the editor with the version in force, or the one asked for.
func (v *Visit) EditRatePage() error {
	b, versions, err := v.rateSeen()
	if err != nil {
		return err
	}
	r, from := rateAsked(b, v, versions), v.nextDay()
	tried, err := v.triedRate(r.Key)
	if err != nil {
		return err
	}
	if tried != nil {
		tried.Version = r.Version
		r = tried
		if !tried.ValidFrom.IsZero() {
			from = entities.DateOf(tried.ValidFrom, v.Zone())
		}
	}
	typed := v.formOf(r)
	typed.ValidFrom = page.DayOrInstant(string(from), v.Zone())
	return v.showRate(rateEditView{FormState: v.Form(""), Form: typed, Number: nextNumber(versions), Of: r.Version}, r)
}

// triedRate are the prices of a cost rate that the answer to a question of what
// would be was about; nil where the address names none.
func (v *Visit) triedRate(key string) (*tariffs.CostRate, error) {
	id := v.R.FormValue("what_if")
	if id == "" {
		return nil, nil
	}
	task, err := v.tasks.whatIfs.Find(v.R.Context(), v.Name(), id)
	if err != nil || task == nil {
		return nil, err
	}
	ask := task.State().Value.Ask
	if ask.Kind != rateChange || ask.Rate != key {
		return nil, nil
	}
	tried := ask.Prices
	tried.Key = key
	return &tried, nil
}

// rateAsked is the version that the address names, else the one in force, else
// the last.
func rateAsked(b *snapshot.Snapshot, v *Visit, versions []*tariffs.CostRate) *tariffs.CostRate {
	for _, r := range versions {
		if v.R.FormValue("version") != "" && v.R.FormValue("version") == strconv.Itoa(r.Version) {
			return r
		}
	}
	if r, err := b.Book.Rate(versions[0].Key, v.Now()); err == nil {
		return r
	}
	return versions[len(versions)-1]
}

// nextNumber is the number of the version that would come next.
func nextNumber(versions []*tariffs.CostRate) int {
	last := 0
	for _, r := range versions {
		last = max(last, r.Version)
	}
	return last + 1
}

func (v *Visit) showRate(view rateEditView, rate *tariffs.CostRate) error {
	if err := v.See(view.FormState, page.Record(creditnotes.SectionRates, view.Form.Key)); err != nil {
		return err
	}
	view.Form.within(view.FormState)
	view.Curve = v.curve(v.Form(calculatorForm), rate)
	view.WhatIf = !view.New && v.May(access.Preview)
	title := v.Message("title_edit", "What", view.Form.Key)
	if view.New {
		title = v.Message("rate_new")
	}
	return v.ShowForm(view.FormState, "rate_edit", title, view)
}

// SaveRate stores the prices as a version from a date on, or changes the rows
// of the form and shows it again. What was credited keeps its version.
func (v *Visit) SaveRate() error {
	b, f, err := v.NetworkForm()
	if err != nil {
		return err
	}
	f.Input = rateInput
	typed, do := v.rateForm(f), f.Text("do")
	typed.change(v, do)
	rate := v.rate(f, typed)
	view := rateEditView{FormState: f, New: v.R.PathValue("key") == "", Of: int(f.At("of", "rate_version").Whole())}
	if !view.New {
		typed.Key, rate.Key = v.R.PathValue("key"), v.R.PathValue("key")
	}
	f.About("rate", rate.Key)
	versions := versionsOf(b, rate.Key)
	view.Number = nextNumber(versions)
	rate.Version = view.Number
	view.Form = typed
	if do != "" {
		view.FormState = v.Form("") // only its rows were changed
		return v.showRate(view, &rate)
	}
	if !view.New && len(versions) == 0 {
		return fault.New(fault.NotFound, "rate_not_found", fault.Args{"rate": rate.Key})
	}
	sent := rate
	sent.Version = 0 // the store counts
	config := &creditnotes.Configuration{Tariffs: tariffs.Config{CostRates: []tariffs.CostRate{sent}}}
	record := page.Record(creditnotes.SectionRates, rate.Key)
	if asked, err := v.asksFirst(b, f, v.affectedByRate(b, record, view.New, config, &rate)); asked || err != nil {
		return err
	}
	if !f.Ok() || f.Fail(v.SaveRecord(f, record, view.New, config)) {
		return v.showRate(view, &rate)
	}
	return v.Done(ratePath(rate.Key), "rate_saved", "Rate", rate.Key)
}

// affectedByRate is a new version of a cost rate; without a date it begins now.
func (v *Visit) affectedByRate(
	b *snapshot.Snapshot, record creditnotes.Record, isNew bool, config *creditnotes.Configuration, rate *tariffs.CostRate,
) *affected {
	a := &affected{
		record: record, isNew: isNew, config: config, since: rate.ValidFrom, reprice: rate.Key,
		title: v.Message("rate") + " " + rate.Key, change: []string{v.Message("affects_prices", "Price", v.priceInWords(rate))},
	}
	if a.since.IsZero() {
		a.since = v.Now()
	}
	if old, err := b.Book.Rate(rate.Key, a.since); err == nil {
		a.change = slices.Insert(a.change, 0, v.Message("affects_prices_before", "Price", v.priceInWords(old)))
	}
	return a
}

// ratePath is the address of a cost rate's page.
func ratePath(key string) string { return "/tariffs/rates/" + url.PathEscape(strings.TrimSpace(key)) }
