package web

import (
	"cmp"
	"net/url"
	"strconv"
	"strings"

	"creditrun/internal/snapshot"

	"creditrun/creditnotes"
	"creditrun/internal/access"
	"creditrun/internal/fault"
	"creditrun/tariffs"
)

// rateEditView is the editor of a cost rate.
type rateEditView struct {
	Form   rateForm
	New    bool
	Seen   string
	Number int // of the version that the prices would become
	Of     int // version the form began with; 0: none
	WhatIf bool
	Curve  curveView
}

// newRatePage shows the editor of a cost rate that is not there yet.
func (v *visit) newRatePage() error {
	b, err := v.network()
	if err != nil {
		return err
	}
	form := rateForm{Currency: cmp.Or(b.Operator().Currency, "EUR"), Own: pricesForm{Prefix: ownPrefix, Energy: []bandForm{{}}}}
	return v.showRate(rateEditView{Form: form, New: true, Number: 1}, &tariffs.CostRate{Currency: form.Currency}, nil)
}

// editRatePage shows the editor with the version in force, or the one asked for.
func (v *visit) editRatePage() error {
	b, versions, err := v.rateSeen()
	if err != nil {
		return err
	}
	r := rateAsked(b, v, versions)
	form := v.formOf(r)
	form.ValidFrom = string(v.nextDay())
	return v.showRate(rateEditView{Form: form, Number: nextNumber(versions), Of: r.Version}, r, nil)
}

// rateAsked is the version that the address names, else the one in force, else
// the last.
func rateAsked(b *snapshot.Snapshot, v *visit, versions []*tariffs.CostRate) *tariffs.CostRate {
	for _, r := range versions {
		if v.r.FormValue("version") != "" && v.r.FormValue("version") == strconv.Itoa(r.Version) {
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

func (v *visit) showRate(view rateEditView, rate *tariffs.CostRate, problem error) error {
	in, err := v.reader()
	if err != nil {
		return err
	}
	if view.Seen, err = v.seen(record(creditnotes.SectionRates, view.Form.Key), problem); err != nil {
		return err
	}
	view.Curve = v.curve(in, rate)
	view.WhatIf = !view.New && v.may(access.Preview)
	title := view.Form.Key
	if view.New {
		title = v.message("rate_new")
	}
	if problem != nil {
		return v.retry(problem, "rate_edit", title, view)
	}
	return v.show("rate_edit", title, view)
}

// saveRate stores the prices as a version from a date on, or changes the rows
// of the form and shows it again. What was credited keeps its version.
func (v *visit) saveRate() error {
	b, in, err := v.networkForm()
	if err != nil {
		return err
	}
	form, do := in.rateForm(), in.text("do")
	form.change(v, do)
	rate := in.rate(form)
	view := rateEditView{New: v.r.PathValue("key") == "", Of: int(in.whole("rate_version", in.text("of")))}
	if !view.New {
		form.Key, rate.Key = v.r.PathValue("key"), v.r.PathValue("key")
	}
	versions := versionsOf(b, rate.Key)
	view.Number = nextNumber(versions)
	rate.Version = view.Number
	view.Form = form
	if do != "" {
		return v.showRate(view, &rate, nil)
	}
	if !view.New && len(versions) == 0 {
		return fault.New(fault.NotFound, "rate_not_found", fault.Args{"rate": rate.Key})
	}
	if err := in.faults.Err(); err != nil {
		return v.showRate(view, &rate, err)
	}
	rate.Version = 0 // the store counts
	config := &creditnotes.Configuration{Tariffs: tariffs.Config{CostRates: []tariffs.CostRate{rate}}}
	if err := v.saveRecord(record(creditnotes.SectionRates, rate.Key), view.New, config); err != nil {
		return v.showRate(view, &rate, err)
	}
	return v.done(ratePath(rate.Key), "rate_saved", "Rate", rate.Key)
}

// ratePath is the address of a cost rate's page.
func ratePath(key string) string { return "/tariffs/rates/" + url.PathEscape(strings.TrimSpace(key)) }
