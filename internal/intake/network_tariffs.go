package intake

import (
	"slices"
	"strconv"
	"time"

	"creditrun/entities"
	"creditrun/tariffs"
)

// costRate decodes one version of a cost rate. A key may occur several times
// with different valid_from. A day without a time begins in the operator's
// zone, or in UTC when the file has no operator.
func costRate(m *mapping, seen unique, zone *time.Location) tariffs.CostRate {
	m.require("key", "currency")
	r := tariffs.CostRate{
		Key:          m.word("key"),
		ValidFrom:    read(m, "valid_from", expMoment, momentIn(zone)),
		Currency:     read(m, "currency", expCurrency, parseCurrency),
		EnergyStepWh: m.whole("energy_step_wh", 0, 0),
		Prices:       prices(m),
		Schedule:     each(m, "schedule", scheduleEntry),
	}
	seen.checkAs(m, "key", r.Key+" "+r.ValidFrom.Format(time.RFC3339Nano), r.Key)
	return r
}

// momentIn makes a parser of instants that takes a day for its midnight.
func momentIn(zone *time.Location) func(string) (time.Time, error) {
	return func(s string) (time.Time, error) {
		if day, err := entities.ParseDate(s); err == nil {
			return parseInstant(day.In(zone).UTC().Format(time.RFC3339))
		}
		return parseInstant(s)
	}
}

func prices(m *mapping) tariffs.Prices {
	p := tariffs.Prices{Energy: each(m, "energy", energyBand), Time: each(m, "time", timeBand)}
	if in, ok := m.nested("session_fee"); ok {
		in.require("amount")
		p.SessionFee = &tariffs.SessionFee{
			Amount:       decimal(in, "amount", expRate, parsePriceRate),
			GraceSeconds: in.whole("grace_s", 0, 0),
			ThresholdWh:  in.whole("threshold_wh", 0, 0),
		}
		in.done()
	}
	return p
}

func energyBand(m *mapping) tariffs.EnergyBand {
	m.require("up_to_wh", "per_kwh")
	return tariffs.EnergyBand{UpToWh: m.whole("up_to_wh", 0, 0), PerKWh: decimal(m, "per_kwh", expRate, parsePriceRate)}
}

func timeBand(m *mapping) tariffs.TimeBand {
	m.require("up_to_min", "per_hour")
	return tariffs.TimeBand{UpToMin: m.whole("up_to_min", 0, 0), PerHour: decimal(m, "per_hour", expRate, parsePriceRate)}
}

func scheduleEntry(m *mapping) tariffs.ScheduleEntry {
	e := tariffs.ScheduleEntry{
		Window:   window(m),
		Starting: read(m, "starting", expInstant, parseInstant),
		Prices:   prices(m),
	}
	if m.line > 0 && m.has("starting") == m.hasWindow() {
		m.d.add(m.line, m.path, "either starting, or weekdays and from/to", either(m.has("starting")))
	}
	return e
}

func either(both bool) string {
	if both {
		return "both"
	}
	return "neither"
}

func (m *mapping) hasWindow() bool { return m.has("weekdays") || m.has("from") || m.has("to") }

// window decodes a recurring time. Weekdays may stand without times; from and
// to only together.
func window(m *mapping) tariffs.Window {
	w := tariffs.Window{
		Weekdays: words(m, "weekdays", "a weekday from 1 (Monday) to 7", parseWeekday),
		From:     read(m, "from", expClock, parseClock),
		To:       read(m, "to", expClock+" or 24:00", parseClosing),
	}
	if m.has("from") != m.has("to") {
		m.d.add(m.line, m.path, "from and to together", "one of them")
	}
	sorted := slices.Sorted(slices.Values(w.Weekdays))
	if len(slices.Compact(sorted)) != len(w.Weekdays) {
		m.d.add(m.line, m.at("weekdays"), "every weekday once", "one twice")
	}
	return w
}

func parseWeekday(s string) (int, error) {
	day, err := strconv.Atoi(s)
	if err != nil || day < 1 || day > 7 || len(s) != 1 {
		return 0, errSyntax
	}
	return day, nil
}

func communityTariff(m *mapping) tariffs.CommunityTariff {
	m.require("name", "versions")
	t := tariffs.CommunityTariff{Key: m.word("key"), Name: m.text("name"), Versions: each(m, "versions", communityVersion)}
	slices.SortStableFunc(t.Versions, func(a, b tariffs.CommunityVersion) int {
		return a.From.In(time.UTC).Compare(b.From.In(time.UTC))
	})
	return t
}

func communityVersion(m *mapping) tariffs.CommunityVersion {
	m.require("purchase")
	return tariffs.CommunityVersion{From: m.moment("from"), Purchase: m.word("purchase")}
}

func chargePointTariff(m *mapping) tariffs.ChargePointTariff {
	m.require("name")
	return tariffs.ChargePointTariff{
		Key: m.word("key"), Name: m.text("name"),
		Purchase: each(m, "purchase", condition), Sales: each(m, "sales", condition),
	}
}

func salesTariff(m *mapping) tariffs.SalesTariff {
	m.require("name")
	return tariffs.SalesTariff{Key: m.word("key"), Name: m.text("name"), Sales: each(m, "sales", condition)}
}

func condition(m *mapping) tariffs.Condition {
	m.require("rate")
	c := tariffs.Condition{
		Rate: m.word("rate"), From: m.moment("from"), To: m.moment("to"),
		Position: int(m.whole("position", 0, 0)),
	}
	interval(m, c.From, c.To, time.UTC)
	if in, ok := m.nested("when"); ok {
		c.When = filter(in)
		in.done()
	}
	return c
}

func filter(m *mapping) tariffs.Filter {
	return tariffs.Filter{
		EVSEID: m.word("evse_id"), Station: m.word("station"),
		ConnectorType:    read(m, "connector_type", expWord, matching[string](wordSyntax)),
		PowerType:        powerType(m),
		OperatingCompany: m.word("operating_company"),
		Window:           window(m),
	}
}

func powerType(m *mapping) entities.PowerType {
	parse, expected := oneOf(entities.AC, entities.DC)
	return read(m, "power_type", expected, parse)
}

// interval reports an interval that ends before it begins.
func interval(m *mapping, from, to entities.Moment, zone *time.Location) {
	if !ordered(from, to, zone) {
		m.d.add(m.line, m.at("to"), "a moment after from", string(to))
	}
}
