package network

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/snapshot"
	"creditrun/internal/web/page"
	"creditrun/tariffs"
)

// chargePointForm is a charge-point or a sales tariff as it is typed in.
type chargePointForm struct {
	*page.FormState
	Key, Name string
	Until     entities.Date
	New       bool
	Tab, Path string // of the overview, and of the tariff
	Title     string
	Sides     []conditionSide
	Types     []page.Choice

	Entities, Stations, Connectors page.Offered
}

// conditionSide is the purchase or the sales side.
type conditionSide struct {
	Side string
	Rows []conditionRow
}

// conditionRow is one condition in the form. Turn is when it would be tried; 0
// while that is not known.
type conditionRow struct {
	Prefix     string // of the names of its fields
	Number     int
	Turn       int
	Rates      []page.Choice
	From, To   page.MomentInput
	EVSE       string
	Station    string
	Type       string
	Power      []page.Choice
	Company    string
	Days       []page.Choice
	Start, End string
	Position   string
	Filtered   bool // there is a filter to be seen
}

// purchaseSide and salesSide name the sides as a network file does.
const (
	purchaseSide = "purchase"
	salesSide    = "sales"
)

// ChargePointFormPage shows the form; the key "new" that of no tariff yet.
func (v *Visit) ChargePointFormPage() error {
	if v.R.PathValue("key") == "new" {
		b, err := v.Network()
		if err != nil {
			return err
		}
		from := entities.Moment(v.Today())
		return v.showChargePointForm(b, v.Form(""), tariffs.ChargePointTariff{Purchase: []tariffs.Condition{{From: from}}})
	}
	b, t, err := v.chargePointSeen()
	if err != nil {
		return err
	}
	return v.showChargePointForm(b, v.Form(""), *t)
}

func (v *Visit) showChargePointForm(b *snapshot.Snapshot, f *page.FormState, t tariffs.ChargePointTariff) error {
	if err := v.See(f, page.Record(creditnotes.SectionChargePoint, t.Key)); err != nil {
		return err
	}
	view := chargePointForm{FormState: f, Key: t.Key, Name: t.Name, Until: t.Until, New: v.R.PathValue("key") == "new", Tab: chargePointTab, Path: "/tariffs/charge-point/", Title: "tariff_new_charge_point"}
	view.Sides = []conditionSide{
		{purchaseSide, v.conditionRows(b, t.Purchase, purchaseSide)},
		{salesSide, v.conditionRows(b, t.Sales, salesSide)},
	}
	v.offerFilters(b, &view)
	title := v.Message("title_edit", "What", t.Key)
	if view.New {
		title = v.Message("tariff_new_charge_point")
	}
	return v.ShowForm(f, "tariff_edit", title, view)
}

// offerFilters fills in what the filters of a condition offer.
func (v *Visit) offerFilters(b *snapshot.Snapshot, view *chargePointForm) {
	view.Types = page.PlainChoices("", connectorTypes(b)[2:]...)
	view.Entities, view.Stations, view.Connectors = v.Offer(b, page.OfferedEntities), v.Offer(b, page.OfferedStations), v.Offer(b, page.OfferedConnectors)
}

func (v *Visit) conditionRows(b *snapshot.Snapshot, list []tariffs.Condition, side string) []conditionRow {
	rows := make([]conditionRow, len(list))
	for i, c := range list {
		row := conditionRow{
			Prefix: conditionPrefix(side, i), Number: i + 1, Rates: rateChoices(b, c.Rate), From: page.DayOrInstant(string(c.From), v.Zone()), To: page.DayOrInstant(string(c.To), v.Zone()),
			EVSE: c.When.EVSEID, Station: c.When.Station, Type: c.When.ConnectorType, Company: c.When.OperatingCompany,
			Start: string(c.When.From), End: string(c.When.To), Filtered: !c.When.IsZero(),
		}
		for _, power := range []entities.PowerType{"", entities.AC, entities.DC} {
			row.Power = append(row.Power, page.Choice{Value: string(power), Text: string(power), Chosen: power == c.When.PowerType})
		}
		row.Days = v.dayChoices(c.When.Weekdays)
		if c.Position != 0 {
			row.Position = strconv.Itoa(c.Position)
		}
		rows[i] = row
	}
	for _, c := range tariffs.Ranking(list, v.Zone()) {
		rows[c.Number-1].Turn = c.Turn
	}
	return rows
}

// dayChoices offers the days of the week.
func (v *Visit) dayChoices(chosen []int) (days []page.Choice) {
	for d := 1; d <= 7; d++ {
		days = append(days, page.Choice{Value: strconv.Itoa(d), Text: v.Message(weekdayKeys[d-1]), Chosen: slices.Contains(chosen, d)})
	}
	return days
}

// SaveChargePoint stores the tariff, or adds or removes a condition in the
// form and shows it again.
func (v *Visit) SaveChargePoint() error {
	b, f, err := v.NetworkForm()
	if err != nil {
		return err
	}
	f.Input = conditionInput
	t := tariffs.ChargePointTariff{Key: v.R.PathValue("key"), Name: f.Text("name"), Until: untilIn(f)}
	isNew := t.Key == "new"
	if isNew {
		t.Key = f.Text("key")
	}
	f.About("tariff", t.Key)
	t.Purchase, t.Sales = v.conditionsIn(f, purchaseSide), v.conditionsIn(f, salesSide)
	if do := f.Text("do"); do != "" {
		editConditions(&t, do, entities.Moment(v.Today()))
		return v.showChargePointForm(b, v.Form(""), t) // only its rows were changed
	}
	if known := func(have tariffs.ChargePointTariff) bool { return have.Key == t.Key }; !isNew && !slices.ContainsFunc(b.Config.Tariffs.ChargePoint, known) {
		return v.Nowhere()
	}
	config := &creditnotes.Configuration{Tariffs: tariffs.Config{ChargePoint: []tariffs.ChargePointTariff{t}}}
	record := page.Record(creditnotes.SectionChargePoint, t.Key)
	stored := tariffs.ChargePointTariff{}
	for _, have := range b.Config.Tariffs.ChargePoint {
		if have.Key == t.Key {
			stored = have
		}
	}
	a := &affected{record: record, isNew: isNew, config: config, title: v.Message("charge_point_tariff") + " " + t.Key}
	a.since = firstChange(slices.Concat(stored.Purchase, stored.Sales), slices.Concat(t.Purchase, t.Sales), v.Zone())
	if asked, err := v.asksFirst(b, f, a); asked || err != nil {
		return err
	}
	if !f.Ok() || f.Fail(v.SaveRecord(f, record, isNew, config)) {
		return v.showChargePointForm(b, f, t)
	}
	return v.Done("/tariffs/charge-point/"+url.PathEscape(t.Key), "tariff_saved", "Tariff", t.Key)
}

// conditionInput is the input of a field of a tariff: "purchase[2].rate" is
// purchase_1_rate.
func conditionInput(field string) string {
	side, rest, ok := strings.Cut(field, "[")
	number, field, _ := strings.Cut(rest, "]")
	n, err := strconv.Atoi(number)
	if !ok || err != nil {
		return side
	}
	field = strings.TrimPrefix(field, ".")
	if named, ok := map[string]string{"power_type": "power", "when": "start"}[field]; ok {
		field = named
	}
	return conditionPrefix(side, n-1) + field
}

// conditionPrefix begins the names of the inputs of a condition, counted from 0.
func conditionPrefix(side string, i int) string { return fmt.Sprintf("%s_%d_", side, i) }

// editConditions does what a button of the form says: "add purchase" or
// "remove purchase 2", counted from 0.
func editConditions(t *tariffs.ChargePointTariff, do string, today entities.Moment) {
	words := strings.Fields(do)
	if len(words) < 2 {
		return
	}
	list := &t.Purchase
	if words[1] == salesSide {
		list = &t.Sales
	}
	switch {
	case words[0] == "add":
		*list = append(*list, tariffs.Condition{From: today})
	case len(words) == 3:
		if i, err := strconv.Atoi(words[2]); err == nil && i >= 0 && i < len(*list) {
			*list = slices.Delete(*list, i, i+1)
		}
	}
}

// conditionsIn reads the conditions of one side.
func (v *Visit) conditionsIn(f *page.FormState, side string) (list []tariffs.Condition) {
	rows, _ := strconv.Atoi(f.Text(side + "_rows"))
	for i := range min(rows, page.MaxRows) {
		p := conditionPrefix(side, i)
		list = append(list, tariffs.Condition{
			Rate: f.Text(p + "rate"), From: f.At(p+"from", "tariff_from").MomentIn(v.Zone()), To: f.At(p+"to", "tariff_until").MomentIn(v.Zone()),
			When: tariffs.Filter{
				EVSEID: f.Text(p + "evse"), Station: f.Text(p + "station"), ConnectorType: f.Text(p + "type"),
				PowerType: entities.PowerType(f.Text(p + "power")), OperatingCompany: f.Text(p + "company"),
				Window: windowIn(f, p),
			},
			Position: int(f.At(p+"position", "condition_position").Whole()),
		})
	}
	return list
}

// windowIn reads weekdays and hours.
func windowIn(f *page.FormState, prefix string) tariffs.Window {
	w := tariffs.Window{From: tariffs.ClockTime(f.Text(prefix + "start")), To: tariffs.ClockTime(f.Text(prefix + "end"))}
	for _, d := range f.All(prefix + "day") {
		if n, err := strconv.Atoi(d); err == nil {
			w.Weekdays = append(w.Weekdays, n)
		}
	}
	if len(w.Weekdays) == 7 && (w.From != "" || w.To != "") {
		w.Weekdays = nil // every day
	}
	return w
}
