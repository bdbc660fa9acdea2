package web

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"creditrun/internal/money"
	"creditrun/tariffs"
)

// rateForm is a cost rate as it is typed in.
type rateForm struct {
	Key       string
	ValidFrom string
	Currency  string
	Step      string
	Own       pricesForm
	Entries   []entryForm
}

// pricesForm are bands and fee.
type pricesForm struct {
	Prefix                string // of the names of the fields
	Energy, Time          []bandForm
	Fee, Grace, Threshold string
}

// bandForm is one band.
type bandForm struct{ UpTo, Price string }

// entryForm is one entry of the schedule: a weekly window or a dated one.
type entryForm struct {
	Prefix   string
	Dated    bool
	Days     []choice
	Window   tariffs.Window
	Starting string
	Prices   pricesForm
}

// ownPrefix begins the names of the fields of the rate's own prices.
const ownPrefix = "own_"

func entryPrefix(i int) string { return fmt.Sprintf("e%d_", i) }

// formOf writes a version into the form.
func (v *visit) formOf(r *tariffs.CostRate) rateForm {
	form := rateForm{Key: r.Key, Currency: r.Currency, Own: pricesFormOf(ownPrefix, r.Prices)}
	if r.EnergyStepWh > 0 {
		form.Step = strconv.FormatInt(r.EnergyStepWh, 10)
	}
	for i, e := range r.Schedule {
		p := entryPrefix(i)
		entry := entryForm{
			Prefix: p, Days: v.dayChoices(e.Weekdays), Window: e.Window,
			Dated: !e.Starting.IsZero(), Prices: pricesFormOf(p, e.Prices),
		}
		if entry.Dated {
			entry.Starting = e.Starting.In(v.zone()).Format(time.RFC3339)
		}
		form.Entries = append(form.Entries, entry)
	}
	return form
}

func pricesFormOf(prefix string, p tariffs.Prices) pricesForm {
	form := pricesForm{Prefix: prefix}
	for _, b := range p.Energy {
		form.Energy = append(form.Energy, bandForm{strconv.FormatInt(b.UpToWh, 10), b.PerKWh.String()})
	}
	for _, b := range p.Time {
		form.Time = append(form.Time, bandForm{strconv.FormatInt(b.UpToMin, 10), b.PerHour.String()})
	}
	if f := p.SessionFee; f != nil {
		form.Fee, form.Grace, form.Threshold = f.Amount.String(), strconv.FormatInt(f.GraceSeconds, 10), strconv.FormatInt(f.ThresholdWh, 10)
	}
	return form
}

// rateForm reads the form of a cost rate as it was typed.
func (f *formReader) rateForm() rateForm {
	form := rateForm{
		Key: f.text("key"), ValidFrom: f.text("valid_from"), Currency: strings.ToUpper(f.text("currency")), Step: f.text("step"),
		Own: f.pricesForm(ownPrefix),
	}
	entries, _ := strconv.Atoi(f.text("entries"))
	for i := range min(entries, mostRows) {
		p := entryPrefix(i)
		form.Entries = append(form.Entries, entryForm{
			Prefix: p, Dated: f.text(p+"kind") == "dated", Window: f.window(p), Starting: f.text(p + "starting"),
			Days: f.v.dayChoices(f.window(p).Weekdays), Prices: f.pricesForm(p),
		})
	}
	return form
}

func (f *formReader) pricesForm(prefix string) pricesForm {
	return pricesForm{
		Prefix: prefix, Energy: f.bands(prefix + "energy"), Time: f.bands(prefix + "time"),
		Fee: f.text(prefix + "fee"), Grace: f.text(prefix + "grace"), Threshold: f.text(prefix + "threshold"),
	}
}

// rate is what a form means.
func (f *formReader) rate(form rateForm) tariffs.CostRate {
	r := tariffs.CostRate{Key: form.Key, Currency: form.Currency, EnergyStepWh: f.whole("rate_step", form.Step), Prices: f.prices(form.Own)}
	r.ValidFrom = f.validFrom(form.ValidFrom)
	r.Version, _ = strconv.Atoi(f.text("number")) // for what is wrong with it
	for _, entry := range form.Entries {
		e := tariffs.ScheduleEntry{Prices: f.prices(entry.Prices)}
		if entry.Dated {
			e.Starting = f.moment("rate_entry_starting", entry.Starting).In(f.v.zone())
		} else {
			e.Window = entry.Window
		}
		r.Schedule = append(r.Schedule, e)
	}
	return r
}

// prices are what bands and fee mean; an empty band is none.
func (f *formReader) prices(form pricesForm) (p tariffs.Prices) {
	for i, b := range form.Energy {
		if b != (bandForm{}) {
			bound := f.bound("band_up_to_wh", form.Energy, i)
			p.Energy = append(p.Energy, tariffs.EnergyBand{UpToWh: bound, PerKWh: f.priceOf("band_per_kwh", b.Price)})
		}
	}
	for i, b := range form.Time {
		if b != (bandForm{}) {
			bound := f.bound("band_up_to_min", form.Time, i)
			p.Time = append(p.Time, tariffs.TimeBand{UpToMin: bound, PerHour: f.priceOf("band_per_hour", b.Price)})
		}
	}
	if form.Fee != "" {
		p.SessionFee = &tariffs.SessionFee{
			Amount: f.priceOf("fee_amount", form.Fee), GraceSeconds: f.whole("fee_grace", form.Grace), ThresholdWh: f.whole("fee_threshold", form.Threshold),
		}
	}
	return p
}

// bands reads the rows of bands as they were typed.
func (f *formReader) bands(name string) (bands []bandForm) {
	bounds, prices := f.values[name+"_up"], f.values[name+"_price"]
	for i := range min(len(bounds), len(prices), mostRows) {
		bands = append(bands, bandForm{strings.TrimSpace(bounds[i]), strings.TrimSpace(prices[i])})
	}
	return bands
}

// bound reads the end of a band. The last one needs none: it is open.
func (f *formReader) bound(field string, bands []bandForm, i int) int64 {
	if bands[i].UpTo != "" || slices.ContainsFunc(bands[i+1:], func(b bandForm) bool { return b != (bandForm{}) }) {
		if bands[i].UpTo == "" {
			f.add("form_whole", field, "", 0)
		}
		return f.whole(field, bands[i].UpTo)
	}
	before := int64(0)
	for _, b := range bands[:i] {
		n, _ := strconv.ParseInt(b.UpTo, 10, 64)
		before = max(before, n)
	}
	return before + 1
}

// priceOf reads a price; a band without one is a slip, not free of charge.
func (f *formReader) priceOf(field, value string) money.Rate {
	if value == "" {
		f.add("form_decimal", field, value, money.MicroDecimals)
	}
	return money.Rate(f.decimal(field, value, money.MicroDecimals))
}

// change does what a button of the form says: "add own_energy",
// "remove own_energy 2", "add window", "add dated" or "remove entry 0".
func (f *rateForm) change(v *visit, do string) {
	words := strings.Fields(do)
	if len(words) < 2 {
		return
	}
	i := -1
	if len(words) == 3 {
		i, _ = strconv.Atoi(words[2])
	}
	switch what := words[1]; {
	case what == "window" || what == "dated":
		p := entryPrefix(len(f.Entries))
		f.Entries = append(f.Entries, entryForm{Prefix: p, Dated: what == "dated", Days: v.dayChoices(nil), Prices: pricesForm{Prefix: p, Energy: []bandForm{{}}}})
	case what == "entry":
		if words[0] == "remove" && i >= 0 && i < len(f.Entries) {
			f.Entries = slices.Delete(f.Entries, i, i+1)
			for j := range f.Entries {
				f.Entries[j].Prefix = entryPrefix(j)
				f.Entries[j].Prices.Prefix = entryPrefix(j)
			}
		}
	default:
		f.changeBands(words[0], what, i)
	}
}

// changeBands adds an empty band, or removes one.
func (f *rateForm) changeBands(do, what string, i int) {
	for _, prices := range f.all() {
		for name, bands := range map[string]*[]bandForm{"energy": &prices.Energy, "time": &prices.Time} {
			switch {
			case prices.Prefix+name != what:
			case do == "add":
				*bands = append(*bands, bandForm{})
			case i >= 0 && i < len(*bands):
				*bands = slices.Delete(*bands, i, i+1)
			}
		}
	}
}

// all are the prices of the rate itself and of its schedule.
func (f *rateForm) all() []*pricesForm {
	list := []*pricesForm{&f.Own}
	for i := range f.Entries {
		list = append(list, &f.Entries[i].Prices)
	}
	return list
}
