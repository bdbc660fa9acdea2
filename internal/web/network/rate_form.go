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
	ValidFrom string
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
	Starting string
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
			entry.Starting = e.Starting.In(v.Zone()).Format(time.RFC3339)
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
func (v *Visit) rateForm(f *page.FormState) rateForm {
	r := rateForm{
		Key: f.Text("key"), ValidFrom: f.Text("valid_from"), Currency: strings.ToUpper(f.Text("currency")), Step: f.Text("step"),
		Own: pricesFormIn(f, ownPrefix),
	}
	entries, _ := strconv.Atoi(f.Text("entries"))
	for i := range min(entries, page.MaxRows) {
		p := entryPrefix(i)
		r.Entries = append(r.Entries, entryForm{
			Prefix: p, Dated: f.Text(p+"kind") == "dated", Window: windowIn(f, p), Starting: f.Text(p + "starting"),
			Days: v.dayChoices(windowIn(f, p).Weekdays), Prices: pricesFormIn(f, p),
		})
	}
	return r
}

func pricesFormIn(f *page.FormState, prefix string) pricesForm {
	return pricesForm{
		Prefix: prefix, Energy: bandsIn(f, prefix+"energy"), Time: bandsIn(f, prefix+"time"),
		Fee: f.Text(prefix + "fee"), Grace: f.Text(prefix + "grace"), Threshold: f.Text(prefix + "threshold"),
	}
}

// rate is what a form means: its days begin at midnight in the operator's zone.
func (v *Visit) rate(f *page.FormState, r rateForm) tariffs.CostRate {
	rate := tariffs.CostRate{Key: r.Key, Currency: r.Currency, EnergyStepWh: f.With("step", "rate_step", r.Step).Whole(), Prices: pricesIn(f, r.Own)}
	if from := f.With("valid_from", "rate_valid_from", r.ValidFrom).Moment(); !from.IsZero() {
		rate.ValidFrom = from.In(v.Zone())
	}
	rate.Version, _ = strconv.Atoi(f.Text("number")) // for what is wrong with it
	for _, entry := range r.Entries {
		e := tariffs.ScheduleEntry{Prices: pricesIn(f, entry.Prices)}
		if entry.Dated {
			e.Starting = f.With(entry.Prefix+"starting", "rate_entry_starting", entry.Starting).Moment().In(v.Zone())
		} else {
			e.Window = entry.Window
		}
		rate.Schedule = append(rate.Schedule, e)
	}
	return rate
}

// pricesIn are what bands and fee mean; an empty band is none.
func pricesIn(f *page.FormState, r pricesForm) (p tariffs.Prices) {
	for i, b := range r.Energy {
		if b != (bandForm{}) {
			bound := boundIn(f, r.Prefix+"energy", "band_up_to_wh", r.Energy, i)
			p.Energy = append(p.Energy, tariffs.EnergyBand{UpToWh: bound, PerKWh: priceOfIn(f, r.Prefix+"energy", "band_per_kwh", b.Price, i)})
		}
	}
	for i, b := range r.Time {
		if b != (bandForm{}) {
			bound := boundIn(f, r.Prefix+"time", "band_up_to_min", r.Time, i)
			p.Time = append(p.Time, tariffs.TimeBand{UpToMin: bound, PerHour: priceOfIn(f, r.Prefix+"time", "band_per_hour", b.Price, i)})
		}
	}
	if r.Fee != "" {
		p.SessionFee = &tariffs.SessionFee{
			Amount:       money.Rate(f.With(r.Prefix+"fee", "fee_amount", r.Fee).Price(money.MicroDecimals)),
			GraceSeconds: f.With(r.Prefix+"grace", "fee_grace", r.Grace).Whole(),
			ThresholdWh:  f.With(r.Prefix+"threshold", "fee_threshold", r.Threshold).Whole(),
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

// boundIn reads the end of a band. The last one needs none: it is open.
func boundIn(f *page.FormState, name, label string, bands []bandForm, i int) int64 {
	end := f.With(fmt.Sprintf("%s_up[%d]", name, i+1), label, bands[i].UpTo)
	if bands[i].UpTo != "" {
		return end.Whole()
	}
	if slices.ContainsFunc(bands[i+1:], func(b bandForm) bool { return b != (bandForm{}) }) {
		end.Wrong("form_whole", 0)
		return 0
	}
	before := int64(0)
	for _, b := range bands[:i] {
		n, _ := strconv.ParseInt(b.UpTo, 10, 64)
		before = max(before, n)
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
