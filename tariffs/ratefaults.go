package tariffs

import (
	"fmt"
	"slices"
	"time"

	"creditrun/internal/fault"
	"creditrun/internal/money"
)

// faults collects what is wrong. Every fault carries the particulars of the
// thing that is being looked at.
type faults struct {
	list  fault.List
	about fault.Args
	name  string // key of the cost rate or tariff
}

// add reports an Invalid fault and returns it; more are pairs of a name and a
// value. A "field" among them is where the fault is, unless it is set more
// exactly.
func (f *faults) add(key string, more ...any) *fault.Fault {
	args := fault.Args{}
	for k, v := range f.about {
		args[k] = v
	}
	for i := 0; i+1 < len(more); i += 2 {
		args[fmt.Sprint(more[i])] = more[i+1]
	}
	field, _ := args["field"].(string)
	found := fault.New(fault.Invalid, key, args).At(field)
	f.list = append(f.list, found)
	return found
}

// maxEnergyStepWh is far above any session, and far below what overflows.
const maxEnergyStepWh = 1_000_000_000

// rateFaults lists what is wrong with one version of a cost rate.
func rateFaults(r *CostRate) fault.List {
	f := &faults{about: fault.Args{"rate": r.Key, "version": r.Version}, name: r.Key}
	if r.Key == "" {
		f.add("rate_without_key").At("key")
	}
	if _, known := money.Digits(r.Currency); !known {
		f.add("rate_currency_unknown", "currency", r.Currency).At("currency")
	}
	if r.EnergyStepWh < 0 || r.EnergyStepWh > maxEnergyStepWh {
		f.add("rate_energy_step_out_of_range", "step", r.EnergyStepWh, "max", int64(maxEnergyStepWh)).At("energy_step_wh")
	}
	f.prices("", r.Prices)
	f.schedule(r.Schedule)
	return f.list
}

// prices checks bands and fee; field is where they stand in the cost rate.
func (f *faults) prices(field string, p Prices) {
	bounds := map[int64]bool{}
	for _, b := range p.Energy {
		f.band(field+"energy", bounds, b.UpToWh, b.PerKWh)
	}
	clear(bounds)
	for _, b := range p.Time {
		f.band(field+"time", bounds, b.UpToMin, b.PerHour)
	}
	fee := p.SessionFee
	if fee == nil {
		return
	}
	if fee.Amount < 0 {
		f.add("rate_price_negative", "field", field+"session_fee", "price", fee.Amount.String())
	}
	if fee.GraceSeconds < 0 {
		f.add("rate_fee_limit_negative", "field", field+"session_fee.grace_s", "value", fee.GraceSeconds)
	}
	if fee.ThresholdWh < 0 {
		f.add("rate_fee_limit_negative", "field", field+"session_fee.threshold_wh", "value", fee.ThresholdWh)
	}
}

func (f *faults) band(field string, seen map[int64]bool, bound int64, price money.Rate) {
	if seen[bound] {
		f.add("rate_bands_same_bound", "field", field, "bound", bound)
	}
	seen[bound] = true
	if bound < 0 {
		f.add("rate_bound_negative", "field", field, "bound", bound)
	}
	if price < 0 {
		f.add("rate_price_negative", "field", field, "price", price.String())
	}
}

// schedule checks that the entries are all recurring or all dated, and that at
// most one is in force at any moment (domain.md §4.5).
func (f *faults) schedule(entries []ScheduleEntry) {
	isRecurring, isDated, sound := false, false, true
	for i, e := range entries {
		where := field("schedule", i+1)
		before := len(f.list)
		f.window(where, e.Window)
		sound = sound && len(f.list) == before
		f.prices(where+".", e.Prices)
		switch window, starts := !e.Window.IsZero(), !e.Starting.IsZero(); {
		case window && starts:
			f.add("schedule_entry_both", "field", where)
		case !window && !starts:
			f.add("schedule_entry_without_time", "field", where)
		default:
			isRecurring, isDated = isRecurring || window, isDated || starts
		}
	}
	switch {
	case isRecurring && isDated:
		f.add("schedule_mixed")
	case isDated:
		f.sameStart(entries)
	case isRecurring && sound:
		f.overlaps(entries)
	}
}

func (f *faults) sameStart(entries []ScheduleEntry) {
	for i, a := range entries {
		for j, b := range entries[:i] {
			if !a.Starting.IsZero() && a.Starting.Equal(b.Starting) {
				f.add("schedule_same_start", "field", field("schedule", i+1),
					"other", field("schedule", j+1), "starting", a.Starting.Format(time.RFC3339))
			}
		}
	}
}

func (f *faults) overlaps(entries []ScheduleEntry) {
	for i, a := range entries {
		for j, b := range entries[:i] {
			if !a.Window.IsZero() && !b.Window.IsZero() && a.Window.compile().overlaps(b.Window.compile()) {
				f.add("schedule_windows_overlap", "field", field("schedule", i+1),
					"other", field("schedule", j+1))
			}
		}
	}
}

// window checks weekdays and clock times, of cost rates and of tariffs.
func (f *faults) window(field string, w Window) {
	for i, d := range w.Weekdays {
		if d < 1 || d > 7 {
			f.add("weekday_unknown", "name", f.name, "field", field, "weekday", d)
		}
		if slices.Contains(w.Weekdays[:i], d) {
			f.add("weekday_twice", "name", f.name, "field", field, "weekday", d)
		}
	}
	for _, c := range []ClockTime{w.From, w.To} {
		if _, ok := c.seconds(); c != "" && !ok {
			f.add("clock_time_invalid", "name", f.name, "field", field, "time", string(c))
		}
	}
	if w.From == "24:00" {
		f.add("clock_time_invalid", "name", f.name, "field", field, "time", string(w.From))
	}
}
