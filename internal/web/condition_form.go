package web

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"creditrun/internal/snapshot"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/tariffs"
)

// chargePointForm is a charge-point tariff as it is typed in.
type chargePointForm struct {
	Key, Name string
	New       bool
	Seen      string
	Sides     []conditionSide
	Types     []choice
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
	Rates      []choice
	From, To   string
	EVSE       string
	Station    string
	Type       string
	Power      []choice
	Company    string
	Days       []choice
	Start, End string
	Position   string
	Filtered   bool // there is a filter to be seen
}

// purchaseSide and salesSide name the sides as a network file does.
const (
	purchaseSide = "purchase"
	salesSide    = "sales"
)

// chargePointFormPage shows the form; the key "new" that of no tariff yet.
func (v *visit) chargePointFormPage() error {
	if v.r.PathValue("key") == "new" {
		b, err := v.network()
		if err != nil {
			return err
		}
		from := entities.Moment(v.today())
		return v.showChargePointForm(b, tariffs.ChargePointTariff{Purchase: []tariffs.Condition{{From: from}}}, nil)
	}
	b, t, err := v.chargePointSeen()
	if err != nil {
		return err
	}
	return v.showChargePointForm(b, *t, nil)
}

func (v *visit) showChargePointForm(b *snapshot.Snapshot, t tariffs.ChargePointTariff, problem error) error {
	seen, err := v.seen(record(creditnotes.SectionChargePoint, t.Key), problem)
	if err != nil {
		return err
	}
	view := chargePointForm{Key: t.Key, Name: t.Name, New: v.r.PathValue("key") == "new", Seen: seen}
	view.Sides = []conditionSide{
		{purchaseSide, v.conditionRows(b, t.Purchase, purchaseSide)},
		{salesSide, v.conditionRows(b, t.Sales, salesSide)},
	}
	view.Types = plainChoices("", connectorTypes(b)[2:]...)
	title := t.Key
	if view.New {
		title = v.message("tariff_new_charge_point")
	}
	if problem != nil {
		return v.retry(problem, "tariff_edit", title, view)
	}
	return v.show("tariff_edit", title, view)
}

func (v *visit) conditionRows(b *snapshot.Snapshot, list []tariffs.Condition, side string) []conditionRow {
	rows := make([]conditionRow, len(list))
	for i, c := range list {
		row := conditionRow{
			Prefix: fmt.Sprintf("%s_%d_", side, i), Number: i + 1, Rates: rateChoices(b, c.Rate), From: string(c.From), To: string(c.To),
			EVSE: c.When.EVSEID, Station: c.When.Station, Type: c.When.ConnectorType, Company: c.When.OperatingCompany,
			Start: string(c.When.From), End: string(c.When.To), Filtered: !c.When.IsZero(),
		}
		for _, power := range []entities.PowerType{"", entities.AC, entities.DC} {
			row.Power = append(row.Power, choice{Value: string(power), Text: string(power), Chosen: power == c.When.PowerType})
		}
		row.Days = v.dayChoices(c.When.Weekdays)
		if c.Position != 0 {
			row.Position = strconv.Itoa(c.Position)
		}
		rows[i] = row
	}
	for _, c := range tariffs.Ranking(list, v.zone()) {
		rows[c.Number-1].Turn = c.Turn
	}
	return rows
}

// dayChoices offers the days of the week.
func (v *visit) dayChoices(chosen []int) (days []choice) {
	for d := 1; d <= 7; d++ {
		days = append(days, choice{Value: strconv.Itoa(d), Text: v.message(weekdayKeys[d-1]), Chosen: slices.Contains(chosen, d)})
	}
	return days
}

// saveChargePoint stores the tariff, or adds or removes a condition in the
// form and shows it again.
func (v *visit) saveChargePoint() error {
	b, in, err := v.networkForm()
	if err != nil {
		return err
	}
	t := tariffs.ChargePointTariff{Key: v.r.PathValue("key"), Name: in.text("name")}
	isNew := t.Key == "new"
	if isNew {
		t.Key = in.text("key")
	}
	t.Purchase, t.Sales = in.conditions(purchaseSide), in.conditions(salesSide)
	if do := in.text("do"); do != "" {
		editConditions(&t, do, entities.Moment(v.today()))
		return v.showChargePointForm(b, t, nil)
	}
	if known := func(have tariffs.ChargePointTariff) bool { return have.Key == t.Key }; !isNew && !slices.ContainsFunc(b.Config.Tariffs.ChargePoint, known) {
		return v.nowhere()
	}
	if err := in.faults.Err(); err != nil {
		return v.showChargePointForm(b, t, err)
	}
	config := &creditnotes.Configuration{Tariffs: tariffs.Config{ChargePoint: []tariffs.ChargePointTariff{t}}}
	if err := v.saveRecord(record(creditnotes.SectionChargePoint, t.Key), isNew, config); err != nil {
		return v.showChargePointForm(b, t, err)
	}
	return v.done("/tariffs/charge-point/"+url.PathEscape(t.Key), "tariff_saved", "Tariff", t.Key)
}

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

// conditions reads the conditions of one side.
func (f *formReader) conditions(side string) (list []tariffs.Condition) {
	rows, _ := strconv.Atoi(f.text(side + "_rows"))
	for i := range min(rows, mostRows) {
		p := fmt.Sprintf("%s_%d_", side, i)
		list = append(list, tariffs.Condition{
			Rate: f.text(p + "rate"), From: f.moment("tariff_from", f.text(p+"from")), To: f.moment("tariff_until", f.text(p+"to")),
			When: tariffs.Filter{
				EVSEID: f.text(p + "evse"), Station: f.text(p + "station"), ConnectorType: f.text(p + "type"),
				PowerType: entities.PowerType(f.text(p + "power")), OperatingCompany: f.text(p + "company"),
				Window: f.window(p),
			},
			Position: int(f.whole("condition_position", f.text(p+"position"))),
		})
	}
	return list
}

// mostRows is far above what anybody types into one form.
const mostRows = 500

// window reads weekdays and hours.
func (f *formReader) window(prefix string) tariffs.Window {
	w := tariffs.Window{From: tariffs.ClockTime(f.text(prefix + "start")), To: tariffs.ClockTime(f.text(prefix + "end"))}
	for _, d := range f.values[prefix+"day"] {
		if n, err := strconv.Atoi(d); err == nil {
			w.Weekdays = append(w.Weekdays, n)
		}
	}
	if len(w.Weekdays) == 7 && (w.From != "" || w.To != "") {
		w.Weekdays = nil // every day
	}
	return w
}
