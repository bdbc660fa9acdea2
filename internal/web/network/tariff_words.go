package network

import (
	"strings"

	"creditrun/entities"
	"creditrun/internal/fault"
	"creditrun/internal/money"
	"creditrun/internal/snapshot"
	"creditrun/tariffs"
)

// rateInWords writes a version of a cost rate, one thing a line.
func (v *Visit) rateInWords(r *tariffs.CostRate) []string {
	lines := v.pricesInWords(r.Currency, r.Prices)
	if len(lines) == 0 {
		lines = append(lines, v.Message("rate_nothing"))
	}
	if r.EnergyStepWh > 1 {
		lines = append(lines, v.Message("rate_in_steps", "Wh", v.Texts.Number(v.Lang, r.EnergyStepWh, 0)))
	}
	for _, e := range r.Schedule {
		prices := strings.Join(v.pricesInWords(r.Currency, e.Prices), ", ")
		if prices == "" {
			prices = v.Message("rate_nothing")
		}
		lines = append(lines, v.entryInWords(e)+": "+prices)
	}
	return lines
}

// entryInWords writes when an entry of a schedule applies.
func (v *Visit) entryInWords(e tariffs.ScheduleEntry) string {
	if !e.Starting.IsZero() {
		at := e.Starting.In(v.Zone())
		return v.Message("rate_starting", "Moment", v.Texts.Date(v.Lang, entities.DateOf(at, v.Zone()))+" "+at.Format("15:04"))
	}
	return v.windowInWords(e.Window)
}

// pricesInWords writes bands and fee.
func (v *Visit) pricesInWords(currency string, p tariffs.Prices) (lines []string) {
	if len(p.Energy) > 0 {
		var bands []string
		for i, b := range p.Energy {
			bound := v.Texts.Quantity(v.Lang, money.Quantity(b.UpToWh)*money.PerWattHour)
			bands = append(bands, v.bandInWords(i, len(p.Energy), bound, "kWh", b.PerKWh))
		}
		lines = append(lines, strings.Join(bands, ", ")+" "+currency+"/kWh")
	}
	if len(p.Time) > 0 {
		var bands []string
		for i, b := range p.Time {
			bands = append(bands, v.bandInWords(i, len(p.Time), v.Texts.Number(v.Lang, b.UpToMin, 0), "min", b.PerHour))
		}
		lines = append(lines, strings.Join(bands, ", ")+" "+currency+"/h")
	}
	if f := p.SessionFee; f != nil {
		lines = append(lines, v.Message("rate_fee_is", "Amount", v.Price(v.Lang, f.Amount)+" "+currency,
			"Grace", v.Texts.Number(v.Lang, f.GraceSeconds, 0), "Wh", v.Texts.Number(v.Lang, f.ThresholdWh, 0)))
	}
	return lines
}

// bandInWords writes one of so many bands, of which the last has no end.
func (v *Visit) bandInWords(i, of int, bound, unit string, price money.Rate) string {
	switch {
	case of == 1:
		return v.Price(v.Lang, price)
	case i == of-1:
		return v.Message("rate_above", "Price", v.Price(v.Lang, price))
	}
	return v.Message("rate_up_to", "Bound", bound+" "+unit, "Price", v.Price(v.Lang, price))
}

// filterInWords writes what a condition asks for, one filter a line. The
// operating company owns the station on the purchase side and issued the
// medium on the sales side (domain.md §5).
func (v *Visit) filterInWords(f tariffs.Filter, sales bool) (lines []string) {
	add := func(key, value string) {
		if value != "" {
			lines = append(lines, v.Message(key, "Value", value))
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
		add(company, v.EntityName(f.OperatingCompany))
	}
	if !f.Window.IsZero() {
		lines = append(lines, v.windowInWords(f.Window))
	}
	if len(lines) == 0 {
		lines = append(lines, v.Message("filter_none"))
	}
	return lines
}

// weekdayKeys name the days of the week, Monday first.
var weekdayKeys = [7]string{"weekday_1", "weekday_2", "weekday_3", "weekday_4", "weekday_5", "weekday_6", "weekday_7"}

// windowInWords writes a recurring time of the week.
func (v *Visit) windowInWords(w tariffs.Window) string {
	days := v.Message("every_day")
	if len(w.Weekdays) > 0 {
		var names []string
		for _, d := range w.Weekdays {
			names = append(names, v.Message(weekdayKeys[d-1]))
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
func (v *Visit) ambiguities(b *snapshot.Snapshot) map[string][]*fault.Fault {
	month := entities.MonthOf(v.Now(), v.Zone())
	found := map[string][]*fault.Fault{}
	for _, f := range b.Book.Check(month.Start(v.Zone()), month.AddMonths(12).End(v.Zone()), nil) {
		if tariff, ok := f.Args["tariff"].(string); ok && f.Kind == fault.Conflict {
			found[tariff] = append(found[tariff], f)
		}
	}
	return found
}
