package network

import (
	"net/url"
	"slices"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/snapshot"
	"creditrun/internal/web/page"
	"creditrun/tariffs"
)

// SalesFormPage shows the form of a sales tariff; the key "new" that of none
// yet.
func (v *Visit) SalesFormPage() error {
	b, err := v.Network()
	if err != nil {
		return err
	}
	key := v.R.PathValue("key")
	if key == "new" {
		return v.showSalesForm(b, v.Form(""), tariffs.SalesTariff{Sales: []tariffs.Condition{{From: entities.Moment(v.Today())}}})
	}
	for _, t := range b.Config.Tariffs.Sales {
		if t.Key == key {
			return v.showSalesForm(b, v.Form(""), t)
		}
	}
	return v.Nowhere()
}

func (v *Visit) showSalesForm(b *snapshot.Snapshot, f *page.FormState, t tariffs.SalesTariff) error {
	if err := v.See(f, page.Record(creditnotes.SectionSales, t.Key)); err != nil {
		return err
	}
	view := chargePointForm{FormState: f, Key: t.Key, Name: t.Name, Until: t.Until, New: v.R.PathValue("key") == "new", Tab: salesTab, Path: "/tariffs/sales/", Title: "tariff_new_sales"}
	view.Sides = []conditionSide{{salesSide, v.conditionRows(b, t.Sales, salesSide)}}
	v.offerFilters(b, &view)
	title := t.Key
	if view.New {
		title = v.Message(view.Title)
	}
	return v.ShowForm(f, "tariff_edit", title, view)
}

// SaveSales stores the tariff, or adds or removes a condition in the form and
// shows it again.
func (v *Visit) SaveSales() error {
	b, f, err := v.NetworkForm()
	if err != nil {
		return err
	}
	f.Input = conditionInput
	t := tariffs.SalesTariff{Key: v.R.PathValue("key"), Name: f.Text("name"), Until: untilIn(f)}
	isNew := t.Key == "new"
	if isNew {
		t.Key = f.Text("key")
	}
	f.About("tariff", t.Key)
	t.Sales = v.conditionsIn(f, salesSide)
	if do := f.Text("do"); do != "" {
		edited := tariffs.ChargePointTariff{Sales: t.Sales}
		editConditions(&edited, do, entities.Moment(v.Today()))
		t.Sales = edited.Sales
		return v.showSalesForm(b, v.Form(""), t) // only its rows were changed
	}
	if known := func(have tariffs.SalesTariff) bool { return have.Key == t.Key }; !isNew && !slices.ContainsFunc(b.Config.Tariffs.Sales, known) {
		return v.Nowhere()
	}
	config := &creditnotes.Configuration{Tariffs: tariffs.Config{Sales: []tariffs.SalesTariff{t}}}
	record := page.Record(creditnotes.SectionSales, t.Key)
	var stored []tariffs.Condition
	for _, have := range b.Config.Tariffs.Sales {
		if have.Key == t.Key {
			stored = have.Sales
		}
	}
	a := &affected{record: record, isNew: isNew, config: config, title: v.Message("affects_sales_tariff") + " " + t.Key, since: firstChange(stored, t.Sales, v.Zone())}
	if asked, err := v.asksFirst(b, f, a); asked || err != nil {
		return err
	}
	if !f.Ok() || f.Fail(v.SaveRecord(f, record, isNew, config)) {
		return v.showSalesForm(b, f, t)
	}
	return v.Done("/tariffs/sales/"+url.PathEscape(t.Key), "tariff_saved", "Tariff", t.Key)
}
