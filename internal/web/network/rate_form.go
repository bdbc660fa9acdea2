package network

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"creditrun/internal/money"
	"creditrun/internal/web/page"
	"creditrun/tariffs"
)

// rateForm is a cost rate as it is typed in.
type rateForm struct {
	*page.FormState
	Key       string
	ValidFrom page.MomentInput
	Currency  string
	Step      string
	Own       pricesForm
	Entries   []entryForm
}

// pricesForm are bands and fee.
type pricesForm struct {
	*page.FormState
	Prefix                string // of the names of the fields
	Energy, Time          []bandForm
	Fee, Grace, Threshold string
}

// bandForm is one band.
type bandForm struct{ UpTo, Price string }

// entryForm is one entry of the schedule: a weekly window or a dated one.
type entryForm struct {
	*page.FormState
	Prefix   string
	Dated    bool
	Days     []page.Choice
	Window   tariffs.Window
	Starting page.MomentInput
	Prices   pricesForm
}

// ownPrefix begins the names of the fields of the rate's own prices.
const ownPrefix = "own_"

func entryPrefix(i int) string { return fmt.Sprintf("e%d_", i) }

// within makes the cost rate a part of the form of a page.
func (r *rateForm) within(f *page.FormState) {
	f.Input = rateInput
	r.FormState = f
	for i := range r.Entries {
		r.Entries[i].FormState = f
	}
	for _, prices := range r.prices() {
		prices.FormState = f
	}
}

// rateInput is the input of a field of a cost rate.
func rateInput(field string) string {
	prefix := ownPrefix
	if number, rest, ok := strings.Cut(strings.TrimPrefix(field, "schedule["), "]"); ok {
		n, _ := strconv.Atoi(number)
		prefix, field = entryPrefix(n-1), strings.TrimPrefix(rest, ".")
	}
	switch field {
	case "energy_step_wh":
		return "step"
	case "key", "currency":
		return field
	case "session_fee":
		return prefix + "fee"
	case "session_fee.grace_s":
		return prefix + "grace"
	case "session_fee.threshold_wh":
		return prefix + "threshold"
	}
	return prefix + field
}

// formOf writes a version into the form.
func (v *Visit) formOf(r *tariffs.CostRate) rateForm {
	form := rateForm{Key: r.Key, Currency: r.Currency, Own: v.pricesFormOf(ownPrefix, r.Prices)}
	form.Step = v.FigureOf(r.EnergyStepWh, wattHourDecimals)
	for i, e := range r.Schedule {
		p := entryPrefix(i)
		entry := entryForm{
			Prefix: p, Days: v.dayChoices(e.Weekdays), Window: e.Window,
			Dated: !e.Starting.IsZero(), Prices: v.pricesFormOf(p, e.Prices),
			Starting: page.Instant(e.Starting, v.Zone()),
		}
		form.Entries = append(form.Entries, entry)
	}
	return form
}

// wattHourDecimals are the decimals of a kWh that watt-hours are.
const wattHourDecimals = 3

// kWh writes watt-hours as a field shows them.
func (v *Visit) kWh(wattHours int64) string {
	return v.Figure(money.FormatTrimmed(wattHours, wattHourDecimals))
}

// pricesFormOf writes bands and fee into the form, the bands in the order in
// which they apply. The last one has no end, whatever is stored (domain.md §4.2).
func (v *Visit) pricesFormOf(prefix string, p tariffs.Prices) pricesForm {
	form := pricesForm{Prefix: prefix}
	p = tariffs.InOrder(p)
	for i, b := range p.Energy {
		band := bandForm{Price: v.Figure(b.PerKWh.String())}
		if i+1 < len(p.Energy) {
			band.UpTo = v.kWh(b.UpToWh)
		}
		form.Energy = append(form.Energy, band)
	}
	for i, b := range p.Time {
		band := bandForm{Price: v.Figure(b.PerHour.String())}
		if i+1 < len(p.Time) {
			band.UpTo = page.Span(b.UpToMin * 60)
		}
		form.Time = append(form.Time, band)
	}
	if f := p.SessionFee; f != nil {
		form.Fee, form.Grace, form.Threshold = v.Figure(f.Amount.String()), page.Span(f.GraceSeconds), v.kWh(f.ThresholdWh)
	}
	return form
}

// rateForm reads the form of a cost rate as it was typed.
func (v *Visit) rateForm(f *page.FormState) rateForm {
	r := rateForm{
		Key: f.Text("key"), ValidFrom: page.DayOrInstant(f.Text("valid_from"), v.Zone()), Currency: strings.ToUpper(f.Text("currency")), Step: f.Text("step"),
		Own: pricesFormIn(f, ownPrefix),
	}
	entries, _ := strconv.Atoi(f.Text("entries"))
	for i := range min(entries, page.MaxRows) {
		p := entryPrefix(i)
		r.Entries = append(r.Entries, entryForm{
			Prefix: p, Dated: f.Text(p+"kind") == "dated", Window: windowIn(f, p), Starting: startingIn(f, p, v.Zone()),
			Days: v.dayChoices(windowIn(f, p).Weekdays), Prices: pricesFormIn(f, p),
		})
	}
	return r
}

// startingIn is the input for the instant from which a dated entry applies.
func startingIn(f *page.FormState, prefix string, zone *time.Location) page.MomentInput {
	if text := f.Text(prefix + "starting"); text != "" {
		return page.DayOrInstant(text, zone)
	}
	return page.Instant(time.Time{}, zone)
}

func pricesFormIn(f *page.FormState, prefix string) pricesForm {
	return pricesForm{
		Prefix: prefix, Energy: bandsIn(f, prefix+"energy"), Time: bandsIn(f, prefix+"time"),
		Fee: f.Text(prefix + "fee"), Grace: f.Text(prefix + "grace"), Threshold: f.Text(prefix + "threshold"),
	}
}

// rate is what a form means: its days begin at midnight in the operator's zone.
func (v *Visit) rate(f *page.FormState, r rateForm) tariffs.CostRate {
	rate := tariffs.CostRate{Key: r.Key, Currency: r.Currency, EnergyStepWh: f.With("step", "rate_step", r.Step).Positive(wattHourDecimals), Prices: pricesIn(f, r.Own)}
	if from := f.With("valid_from", "rate_valid_from", r.ValidFrom.Value).MomentIn(v.Zone()); !from.IsZero() {
		rate.ValidFrom = from.In(v.Zone())
	}
	rate.Version, _ = strconv.Atoi(f.Text("number")) // for what is wrong with it
	for _, entry := range r.Entries {
		e := tariffs.ScheduleEntry{Prices: pricesIn(f, entry.Prices)}
		if entry.Dated {
			e.Starting = f.With(entry.Prefix+"starting", "rate_entry_starting", entry.Starting.Value).MomentIn(v.Zone()).In(v.Zone())
		} else {
			e.Window = entry.Window
		}
		rate.Schedule = append(rate.Schedule, e)
	}
	return rate
}

// pricesIn are what bands and fee mean; an empty band is none.
func pricesIn(f *page.FormState, r pricesForm) (p tariffs.Prices) {
	before := int64(0)
	for i, b := range r.Energy {
		if b != (bandForm{}) {
			bound := boundIn(f, r.Prefix+"energy", "band_up_to_kwh", r.Energy, i, before, wattHours)
			p.Energy = append(p.Energy, tariffs.EnergyBand{UpToWh: bound, PerKWh: priceOfIn(f, r.Prefix+"energy", "band_per_kwh", b.Price, i)})
			before = max(before, bound)
		}
	}
	before = 0
	for i, b := range r.Time {
		if b != (bandForm{}) {
			bound := boundIn(f, r.Prefix+"time", "band_up_to_min", r.Time, i, before, page.Typed.Minutes)
			p.Time = append(p.Time, tariffs.TimeBand{UpToMin: bound, PerHour: priceOfIn(f, r.Prefix+"time", "band_per_hour", b.Price, i)})
			before = max(before, bound)
		}
	}
	if r.Fee != "" {
		p.SessionFee = &tariffs.SessionFee{
			Amount:       money.Rate(f.With(r.Prefix+"fee", "fee_amount", r.Fee).Price(money.MicroDecimals)),
			GraceSeconds: f.With(r.Prefix+"grace", "fee_grace", r.Grace).Seconds(),
			ThresholdWh:  f.With(r.Prefix+"threshold", "fee_threshold", r.Threshold).Positive(wattHourDecimals),
		}
	}
	return p
}

// bandsIn reads the rows of bands as they were typed.
func bandsIn(f *page.FormState, name string) (bands []bandForm) {
	bounds, prices := f.All(name+"_up"), f.All(name+"_price")
	for i := range min(len(bounds), len(prices), page.MaxRows) {
		bands = append(bands, bandForm{strings.TrimSpace(bounds[i]), strings.TrimSpace(prices[i])})
	}
	return bands
}

// wattHours reads kWh as watt-hours.
func wattHours(t page.Typed) int64 { return t.Positive(wattHourDecimals) }

// boundIn reads the end of a band, which is above those before it. The last one
// needs none: it is open.
func boundIn(f *page.FormState, name, label string, bands []bandForm, i int, before int64, read func(page.Typed) int64) int64 {
	end := f.With(fmt.Sprintf("%s_up[%d]", name, i+1), label, bands[i].UpTo)
	switch {
	case bands[i].UpTo != "":
		return read(end)
	case slices.ContainsFunc(bands[i+1:], func(b bandForm) bool { return b != (bandForm{}) }):
		end.Missing()
		return 0
	}
	return before + 1
}

// priceOfIn reads the price of a band.
func priceOfIn(f *page.FormState, name, label, value string, i int) money.Rate {
	return money.Rate(f.With(fmt.Sprintf("%s_price[%d]", name, i+1), label, value).Price(money.MicroDecimals))
}

// change does what a button of the form says: "add own_energy",
// "remove own_energy 2", "add window", "add dated" or "remove entry 0".
func (f *rateForm) change(v *Visit, do string) {
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
		f.Entries = append(f.Entries, entryForm{Prefix: p, Dated: what == "dated", Starting: page.Instant(time.Time{}, v.Zone()), Days: v.dayChoices(nil), Prices: pricesForm{Prefix: p, Energy: []bandForm{{}}}})
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
	for _, prices := range f.prices() {
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

// prices are those of the rate itself and of its schedule.
func (f *rateForm) prices() []*pricesForm {
	list := []*pricesForm{&f.Own}
	for i := range f.Entries {
		list = append(list, &f.Entries[i].Prices)
	}
	return list
}
