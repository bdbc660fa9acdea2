package web

import (
	"strings"

	"creditrun/internal/snapshot"

	"creditrun/entities"
	"creditrun/internal/fault"
	"creditrun/internal/money"
	"creditrun/tariffs"
)

// rateInWords writes a version of a cost rate, one thing a line.
func (v *visit) rateInWords(r *tariffs.CostRate) []string {
	lines := v.pricesInWords(r.Currency, r.Prices)
	if len(lines) == 0 {
		lines = append(lines, v.message("rate_nothing"))
	}
	if r.EnergyStepWh > 1 {
		lines = append(lines, v.message("rate_in_steps", "Wh", v.Texts.Number(v.lang, r.EnergyStepWh, 0)))
	}
	for _, e := range r.Schedule {
		prices := strings.Join(v.pricesInWords(r.Currency, e.Prices), ", ")
		if prices == "" {
			prices = v.message("rate_nothing")
		}
		lines = append(lines, v.entryInWords(e)+": "+prices)
	}
	return lines
}

// entryInWords writes when an entry of a schedule applies.
func (v *visit) entryInWords(e tariffs.ScheduleEntry) string {
	if !e.Starting.IsZero() {
		at := e.Starting.In(v.zone())
		return v.message("rate_starting", "Moment", v.Texts.Date(v.lang, entities.DateOf(at, v.zone()))+" "+at.Format("15:04"))
	}
	return v.windowInWords(e.Window)
}

// pricesInWords writes bands and fee.
func (v *visit) pricesInWords(currency string, p tariffs.Prices) (lines []string) {
	if len(p.Energy) > 0 {
		var bands []string
		for i, b := range p.Energy {
			bound := v.Texts.Quantity(v.lang, money.Quantity(b.UpToWh)*money.PerWattHour)
			bands = append(bands, v.bandInWords(i, len(p.Energy), bound, "kWh", b.PerKWh))
		}
		lines = append(lines, strings.Join(bands, ", ")+" "+currency+"/kWh")
	}
	if len(p.Time) > 0 {
		var bands []string
		for i, b := range p.Time {
			bands = append(bands, v.bandInWords(i, len(p.Time), v.Texts.Number(v.lang, b.UpToMin, 0), "min", b.PerHour))
		}
		lines = append(lines, strings.Join(bands, ", ")+" "+currency+"/h")
	}
	if f := p.SessionFee; f != nil {
		lines = append(lines, v.message("rate_fee_is", "Amount", v.price(v.lang, f.Amount)+" "+currency,
			"Grace", v.Texts.Number(v.lang, f.GraceSeconds, 0), "Wh", v.Texts.Number(v.lang, f.ThresholdWh, 0)))
	}
	return lines
}

// bandInWords writes one of so many bands, of which the last has no end.
func (v *visit) bandInWords(i, of int, bound, unit string, price money.Rate) string {
	switch {
	case of == 1:
		return v.price(v.lang, price)
	case i == of-1:
		return v.message("rate_above", "Price", v.price(v.lang, price))
	}
	return v.message("rate_up_to", "Bound", bound+" "+unit, "Price", v.price(v.lang, price))
}

// filterInWords writes what a condition asks for, one filter a line. The
// operating company owns the station on the purchase side and issued the
// medium on the sales side (domain.md §5).
func (v *visit) filterInWords(f tariffs.Filter, sales bool) (lines []string) {
	add := func(key, value string) {
		if value != "" {
			lines = append(lines, v.message(key, "Value", value))
		}
	}
	add("filter_evse", f.EVSEID)
	add("filter_station", f.Station)
	add("filter_type", f.ConnectorType)
	add("filter_power", string(f.PowerType))
	company := "filter_owner"
	if sales {
		company = "filter_issuer"
	}
	if f.OperatingCompany != "" {
		add(company, v.entityName(f.OperatingCompany))
	}
	if !f.Window.IsZero() {
		lines = append(lines, v.windowInWords(f.Window))
	}
	if len(lines) == 0 {
		lines = append(lines, v.message("filter_none"))
	}
	return lines
}

// weekdayKeys name the days of the week, Monday first.
var weekdayKeys = [7]string{"weekday_1", "weekday_2", "weekday_3", "weekday_4", "weekday_5", "weekday_6", "weekday_7"}

// windowInWords writes a recurring time of the week.
func (v *visit) windowInWords(w tariffs.Window) string {
	days := v.message("every_day")
	if len(w.Weekdays) > 0 {
		var names []string
		for _, d := range w.Weekdays {
			names = append(names, v.message(weekdayKeys[d-1]))
		}
		days = strings.Join(names, ", ")
	}
	if w.From == "" && w.To == "" {
		return days
	}
	from, to := string(w.From), string(w.To)
	if from == "" {
		from = "00:00"
	}
	if to == "" {
		to = "24:00"
	}
	return days + " " + from + "–" + to
}

// ambiguities are the findings about conditions between which nothing decides,
// this month and in the year to come, by tariff.
func (v *visit) ambiguities(b *snapshot.Snapshot) map[string][]*fault.Fault {
	month := entities.MonthOf(v.Now(), v.zone())
	found := map[string][]*fault.Fault{}
	for _, f := range b.Book.Check(month.Start(v.zone()), month.AddMonths(12).End(v.zone()), nil) {
		if tariff, ok := f.Args["tariff"].(string); ok && f.Kind == fault.Conflict {
			found[tariff] = append(found[tariff], f)
		}
	}
	return found
}
