package network

import (
	"strings"

	"creditrun/entities"
	"creditrun/internal/fault"
	"creditrun/internal/money"
	"creditrun/internal/snapshot"
	"creditrun/internal/web/page"
	"creditrun/tariffs"
)

// rateInWords writes a version of a cost rate, one thing a line.
func (v *Visit) rateInWords(r *tariffs.CostRate) []string {
	lines := v.pricesInWords(r.Currency, r.Prices)
	if len(lines) == 0 {
		lines = append(lines, v.Message("rate_nothing"))
	}
	if r.EnergyStepWh > 1 {
		lines = append(lines, v.Message("rate_in_steps", "Energy", v.energyInWords(r.EnergyStepWh)))
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
	p = tariffs.InOrder(p)
	var energy, time []bandInWords
	for _, b := range p.Energy {
		energy = append(energy, bandInWords{v.energyInWords(b.UpToWh) + " kWh", b.PerKWh})
	}
	for _, b := range p.Time {
		time = append(time, bandInWords{page.Span(b.UpToMin * 60), b.PerHour})
	}
	if len(energy) > 0 {
		lines = append(lines, v.bandsInWords(energy, currency+"/kWh"))
	}
	if len(time) > 0 {
		lines = append(lines, v.bandsInWords(time, currency+"/h"))
	}
	if p.SessionFee != nil {
		lines = append(lines, v.feeInWords(p.SessionFee, currency))
	}
	return lines
}

// energyInWords writes watt-hours in kWh with the decimals that they need.
func (v *Visit) energyInWords(wattHours int64) string {
	value, decimals := wattHours, wattHourDecimals
	for decimals > 0 && value%10 == 0 {
		value, decimals = value/10, decimals-1
	}
	return v.Texts.Number(v.Lang, value, decimals)
}

// bandInWords is a band with its end, which counts for all but the last.
type bandInWords struct {
	end   string
	price money.Rate
}

// bandsInWords writes bands in their order. What is free up to a bound is said by
// where the price begins.
func (v *Visit) bandsInWords(bands []bandInWords, unit string) string {
	if len(bands) == 2 && bands[0].price == 0 {
		return v.Message("rate_from", "Price", v.Price(v.Lang, bands[1].price)+" "+unit, "Bound", bands[0].end)
	}
	var words []string
	for i, b := range bands {
		price := v.Price(v.Lang, b.price)
		switch {
		case i+1 < len(bands):
			price = v.Message("rate_up_to", "Bound", b.end, "Price", price)
		case i > 0:
			price = v.Message("rate_above", "Price", price)
		}
		words = append(words, price)
	}
	return strings.Join(words, ", ") + " " + unit
}

// feeInWords writes a session fee and when it is due.
func (v *Visit) feeInWords(f *tariffs.SessionFee, currency string) string {
	key := "rate_fee_plain"
	switch {
	case f.GraceSeconds > 0 && f.ThresholdWh > 0:
		key = "rate_fee_is"
	case f.GraceSeconds > 0:
		key = "rate_fee_grace"
	case f.ThresholdWh > 0:
		key = "rate_fee_energy"
	}
	return v.Message(key, "Amount", v.Price(v.Lang, f.Amount)+" "+currency, "Grace", page.Span(f.GraceSeconds), "Energy", v.energyInWords(f.ThresholdWh))
}

// priceInWords writes a version of a cost rate in one line.
func (v *Visit) priceInWords(r *tariffs.CostRate) string {
	prices := strings.Join(v.pricesInWords(r.Currency, r.Prices), " + ")
	if prices == "" {
		prices = v.Message("rate_nothing")
	}
	if len(r.Schedule) > 0 {
		prices += " · " + v.Message("rate_scheduled", "Count", len(r.Schedule))
	}
	return prices
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
