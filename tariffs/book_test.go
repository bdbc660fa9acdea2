package tariffs

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"creditrun/entities"
	"creditrun/internal/fault"
	"creditrun/internal/money"
)

// sound is a configuration in which nothing is wrong; each case breaks it once.
const sound = `
entity a
rate r EUR
  energy 200:0 300:0.90
  time 1:2
  fee 1 grace 0 threshold 0
community COM r@2022-01-01
tariff lp
  purchase r from=2022-01-01
  sales r from=2022-01-01
station ST-1 Europe/Berlin a@2022-01-01
  connector DE*E1 CHADEMO DC
    assigned charge_point=lp community=COM from=2022-01-01
`

func TestEverythingWrongIsAFault(t *testing.T) {
	cases := []struct {
		want  string // key and arguments
		spoil func(*world)
	}{
		{`rate_bands_same_bound bound=200 field=energy rate=r version=1`, func(w *world) { w.cfg.CostRates[0].Energy[1].UpToWh = 200 }},
		{`rate_bands_same_bound bound=1 field=time rate=r version=1`, func(w *world) {
			w.cfg.CostRates[0].Time = append(w.cfg.CostRates[0].Time, TimeBand{UpToMin: 1})
		}},
		{`rate_price_negative field=energy price=-0.9 rate=r version=1`, func(w *world) { w.cfg.CostRates[0].Energy[1].PerKWh = -900_000 }},
		{`rate_price_negative field=session_fee price=-1 rate=r version=1`, func(w *world) { w.cfg.CostRates[0].SessionFee.Amount = -1_000_000 }},
		{`rate_fee_limit_negative field=session_fee.grace_s rate=r value=-1 version=1`, func(w *world) { w.cfg.CostRates[0].SessionFee.GraceSeconds = -1 }},
		{`rate_fee_limit_negative field=session_fee.threshold_wh rate=r value=-1 version=1`, func(w *world) { w.cfg.CostRates[0].SessionFee.ThresholdWh = -1 }},
		{`rate_bound_negative bound=-5 field=time rate=r version=1`, func(w *world) { w.cfg.CostRates[0].Time[0].UpToMin = -5 }},
		{`rate_energy_step_out_of_range max=1000000000 rate=r step=-1 version=1`, func(w *world) { w.cfg.CostRates[0].EnergyStepWh = -1 }},
		{`rate_energy_step_out_of_range max=1000000000 rate=r step=1000000001 version=1`, func(w *world) { w.cfg.CostRates[0].EnergyStepWh = 1_000_000_001 }},
		{`rate_currency_unknown currency=XYZ rate=r version=1`, func(w *world) { w.cfg.CostRates[0].Currency = "XYZ" }},
		{`rate_version_twice rate=r version=1`, func(w *world) { w.cfg.CostRates = append(w.cfg.CostRates, w.cfg.CostRates[0]) }},
		{`rate_without_key rate= version=0`, func(w *world) { w.cfg.CostRates = append(w.cfg.CostRates, CostRate{Currency: "EUR"}) }},
		{`schedule_mixed rate=r version=1`, schedule(ScheduleEntry{Starting: noon}, ScheduleEntry{Window: Window{From: "22:00"}})},
		{`schedule_entry_both field=schedule[1] rate=r version=1`, schedule(ScheduleEntry{Starting: noon, Window: Window{From: "22:00"}})},
		{`schedule_entry_without_time field=schedule[1] rate=r version=1`, schedule(ScheduleEntry{})},
		{`schedule_same_start field=schedule[2] other=schedule[1] rate=r starting=2026-10-03T12:00:00Z version=1`,
			schedule(ScheduleEntry{Starting: noon}, ScheduleEntry{Starting: noon})},
		{`schedule_windows_overlap field=schedule[2] other=schedule[1] rate=r version=1`,
			schedule(ScheduleEntry{Window: Window{Weekdays: []int{7}, From: "22:00", To: "06:00"}}, ScheduleEntry{Window: Window{Weekdays: []int{1}, To: "08:00"}})},
		{`rate_bands_same_bound bound=1 field=schedule[1].energy rate=r version=1`,
			schedule(ScheduleEntry{Starting: noon, Prices: Prices{Energy: []EnergyBand{{UpToWh: 1}, {UpToWh: 1}}}})},
		{`weekday_unknown field=schedule[1] name=r rate=r version=1 weekday=0`, schedule(ScheduleEntry{Window: Window{Weekdays: []int{0}}})},
		{`weekday_unknown field=purchase[1].when name=lp tariff=lp weekday=8`, spoiled(func(c *Condition) { c.When.Weekdays = []int{8} })},
		{`weekday_twice field=purchase[1].when name=lp tariff=lp weekday=2`, spoiled(func(c *Condition) { c.When.Weekdays = []int{2, 2} })},
		{`clock_time_invalid field=purchase[1].when name=lp tariff=lp time=7:00`, spoiled(func(c *Condition) { c.When.Window.To = "7:00" })},
		{`clock_time_invalid field=purchase[1].when name=lp tariff=lp time=24:00`, spoiled(func(c *Condition) { c.When.Window.From = "24:00" })},
		{`tariff_rate_missing field=purchase[1] tariff=lp`, spoiled(func(c *Condition) { c.Rate = "" })},
		{`tariff_rate_unknown field=purchase[1] rate=x tariff=lp`, spoiled(func(c *Condition) { c.Rate = "x" })},
		{`tariff_rate_unknown field=sales[1] rate=x tariff=lp`, func(w *world) { w.cfg.ChargePoint[0].Sales[0].Rate = "x" }},
		{`tariff_rate_unknown field=versions[1] rate=x tariff=COM`, func(w *world) { w.cfg.Community[0].Versions[0].Purchase = "x" }},
		{`tariff_rate_unknown field=sales[1] rate=x tariff=emp`, func(w *world) {
			w.cfg.Sales = []SalesTariff{{Key: "emp", Sales: []Condition{{Rate: "x"}}}}
		}},
		{`tariff_moment_invalid field=purchase[1].to tariff=lp value=soon`, spoiled(func(c *Condition) { c.To = "soon" })},
		{`condition_period_empty field=purchase[1] from=2022-01-01 tariff=lp to=2022-01-01`, spoiled(func(c *Condition) { c.To = "2022-01-01" })},
		{`condition_power_type_unknown field=purchase[1] tariff=lp value=AC/DC`, spoiled(func(c *Condition) { c.When.PowerType = "AC/DC" })},
		{`condition_position_negative field=purchase[1] position=-1 tariff=lp`, spoiled(func(c *Condition) { c.Position = -1 })},
		{`charge_point_tariff_twice tariff=lp`, func(w *world) { w.cfg.ChargePoint = append(w.cfg.ChargePoint, w.cfg.ChargePoint[0]) }},
		{`charge_point_tariff_without_key`, func(w *world) { w.cfg.ChargePoint = append(w.cfg.ChargePoint, ChargePointTariff{}) }},
		{`community_tariff_twice tariff=COM`, func(w *world) { w.cfg.Community = append(w.cfg.Community, w.cfg.Community[0]) }},
		{`community_tariff_without_version tariff=COM2`, func(w *world) { w.cfg.Community = append(w.cfg.Community, CommunityTariff{Key: "COM2"}) }},
		{`community_versions_same_start field=versions[2] from=2022-01-01 tariff=COM`, func(w *world) {
			c := &w.cfg.Community[0]
			c.Versions = append(c.Versions, c.Versions[0])
		}},
		{`sales_tariff_twice tariff=emp`, func(w *world) { w.cfg.Sales = []SalesTariff{{Key: "emp"}, {Key: "emp"}} }},
		{`connector_charge_point_tariff_unknown connector=1 evse=DE*E1 from=2022-01-01 station=ST-1 tariff=x`, func(w *world) {
			w.connectors[0].Tariffs[0].ChargePoint = "x"
		}},
		{`connector_community_tariff_unknown connector=1 evse=DE*E1 from=2022-01-01 station=ST-1 tariff=x`, func(w *world) {
			w.connectors[0].Tariffs[0].Community = "x"
		}},
		{`connector_tariffs_same_start connector=1 evse=DE*E1 from=2022-01-01T00:00:00+01:00 station=ST-1`, func(w *world) {
			w.connectors[0].Tariffs = append(w.connectors[0].Tariffs, entities.ConnectorTariff{From: "2022-01-01T00:00:00+01:00", Community: "COM"})
		}},
		{`discount_out_of_range discount=100.01`, func(w *world) { w.discount = 10_001 }},
		{`discount_out_of_range discount=-0.01`, func(w *world) { w.discount = -1 }},
	}
	for _, c := range cases {
		t.Run(c.want, func(t *testing.T) {
			w := readWorld(t, sound)
			c.spoil(w)
			_, err := NewBook(w.cfg, w.network(), w.discount)
			faults := fault.Of(err)
			var got []string
			for _, f := range faults {
				got = append(got, f.Error())
				if f.Kind != fault.Invalid {
					t.Errorf("%s is %s", f.Key, f.Kind)
				}
			}
			if diff := cmp.Diff([]string{c.want}, got); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

func schedule(entries ...ScheduleEntry) func(*world) {
	return func(w *world) { w.cfg.CostRates[0].Schedule = entries }
}

func spoiled(spoil func(*Condition)) func(*world) {
	return func(w *world) { spoil(&w.cfg.ChargePoint[0].Purchase[0]) }
}

func TestAllFaultsComeAtOnce(t *testing.T) {
	w := readWorld(t, sound)
	w.cfg.CostRates[0].Currency = "XYZ"
	w.cfg.ChargePoint[0].Purchase[0].Rate = "x"
	w.connectors[0].Tariffs[0].Community = "x"
	_, err := NewBook(w.cfg, w.network(), 20_000)
	if faults := fault.Of(err); len(faults) != 4 {
		t.Errorf("got %v", err)
	}
}

func TestBookDoesNotSeeLaterChanges(t *testing.T) {
	w := readWorld(t, busy+"session S-1 community DE*E1 2026-10-03T10:00:00+02:00 10kWh 1h\n")
	book := w.book()
	w.cfg.CostRates[0].Energy[0].PerKWh = money.Rate(9_000_000)
	w.cfg.Community[0].Versions[0].Purchase = "night"
	var d Decision
	if err := book.Pricer().Price(w.sessions[0], book.network.PlaceOf("DE*E1", 1), &d); err != nil || d.Total != 3_150_000 {
		t.Errorf("got %s, %v", d.Total, err)
	}
}

const checked = `
entity a
entity b
rate r EUR
  energy 1:1
community COM r
tariff tie
  purchase r from=2026-01-01 power_type=DC
  purchase r from=2026-01-01 power_type=DC to=2026-06-01
  purchase r from=2026-01-01 power_type=AC
tariff apart
  purchase r from=2026-01-01 operating_company=a
  purchase r from=2026-01-01 operating_company=b
  purchase r from=2026-01-01 weekdays=1,2 position=1
  purchase r from=2026-01-01 weekdays=1,2 position=2
  purchase r from=2026-01-01 hours=22:00-06:00
  purchase r from=2026-01-01 hours=06:00-22:00
tariff filters
  purchase r evse_id=DE*GONE
  purchase r station=ST-GONE
  purchase r operating_company=gone
tariff sales-only
  sales r
station ST-1 Europe/Berlin a@2022-01-01
  connector DE*E1 CHADEMO DC
    assigned charge_point=tie from=2026-01-01
  connector DE*E2 CHADEMO DC
    assigned charge_point=apart
  connector DE*E3 CHADEMO DC
  connector DE*E4 CHADEMO DC
    assigned charge_point=sales-only
  connector DE*E5 CHADEMO DC
    assigned community=COM from=2026-03-31
station ST-2 Europe/Berlin cpo@2022-01-01
  connector DE*OWN CHADEMO DC
`

func TestCheckFindsWhatWouldHoldSessions(t *testing.T) {
	book := readWorld(t, checked).book()
	media := []entities.Medium{
		{UID: "04A1B2C3D4", Issuer: "a"}, {UID: "04A1B2C3D5", Issuer: "a"}, {UID: "04A1B2C3D6", Issuer: "b", SalesTariff: "gone"},
	}
	month := func(m time.Month) []string {
		from := time.Date(2026, m, 1, 0, 0, 0, 0, book.network.Zone())
		var found []string
		for _, f := range book.Check(from, from.AddDate(0, 1, 0), media) {
			found = append(found, f.Error())
		}
		return found
	}
	want := []string{
		"condition_evse_unknown field=purchase[1] tariff=filters value=DE*GONE",
		"condition_station_unknown field=purchase[2] tariff=filters value=ST-GONE",
		"condition_company_unknown field=purchase[3] tariff=filters value=gone",
		"conditions_may_be_ambiguous connector=1 evse=DE*E1 first=purchase[1] first_condition=power_type=DC from=2026-01-01 " +
			"second=purchase[2] second_condition=power_type=DC from=2026-01-01 to=2026-06-01 tariff=tie",
		"connector_without_tariff connector=1 evse=DE*E3 station=ST-1",
		"connector_without_purchase_price connector=1 evse=DE*E4 station=ST-1",
		"only_community count=1 entity=a station=ST-1",
		"charge_point_tariff_without_sales tariff=apart",
		"charge_point_tariff_without_purchase tariff=sales-only",
		"charge_point_tariff_without_sales tariff=tie",
		"medium_sales_tariff_unknown entity=b medium=…C3D6 tariff=gone",
		"media_without_sales_tariff count=2 entity=a",
	}
	if diff := cmp.Diff(want, month(time.March)); diff != "" {
		t.Errorf("March: -want +got\n%s", diff)
	}
	june := slices.DeleteFunc(slices.Clone(want), func(s string) bool { return strings.HasPrefix(s, "conditions_may") })
	if diff := cmp.Diff(june, month(time.June)); diff != "" {
		t.Errorf("June, when the tie is over: -want +got\n%s", diff)
	}
	february := slices.Insert(slices.Clone(want), 6, "connector_without_tariff connector=1 evse=DE*E5 station=ST-1")
	february = slices.DeleteFunc(february, func(s string) bool { return strings.HasPrefix(s, "only_community") })
	if diff := cmp.Diff(february, month(time.February)); diff != "" {
		t.Errorf("February, before the COMMUNITY tariff: -want +got\n%s", diff)
	}
}

// TestCheckForeseesEveryAmbiguity compares the static finding with pricing.
func TestCheckForeseesEveryAmbiguity(t *testing.T) {
	w := readWorld(t, checked)
	book := w.book()
	from := time.Date(2026, 1, 1, 0, 0, 0, 0, book.network.Zone())
	foreseen := map[any]bool{}
	for _, f := range book.Check(from, from.AddDate(1, 0, 0), nil) {
		if f.Key == "conditions_may_be_ambiguous" {
			foreseen[f.Args["tariff"]] = true
		}
	}
	list, places := manySessions(book.network, 5000)
	pricer := book.Pricer()
	for i, s := range list {
		s.Start = s.Start.AddDate(0, -8, 0)
		var d Decision
		if err := pricer.Price(s, places[i], &d); err != nil && !foreseen[fault.Of(err)[0].Args["tariff"]] {
			t.Fatalf("not foreseen: %v", err)
		}
	}
}

// A sales tariff that media have needs a price in the month; one without media needs
// none.
func TestCheckFindsSalesTariffsThatChargeNothing(t *testing.T) {
	w := readWorld(t, checked)
	w.cfg.Sales = []SalesTariff{
		{Key: "ended", Sales: []Condition{{Rate: "r", From: "2025-01-01", To: "2026-03-01"}}}, {Key: "runs", Sales: []Condition{{Rate: "r", From: "2025-01-01"}}}, {Key: "unused"},
	}
	book := w.book()
	from := time.Date(2026, time.March, 1, 0, 0, 0, 0, book.network.Zone())
	var found []string
	for _, f := range book.Check(from, from.AddDate(0, 1, 0), []entities.Medium{{UID: "1", Issuer: "a", SalesTariff: "ended"}, {UID: "2", Issuer: "a", SalesTariff: "runs"}}) {
		if strings.HasPrefix(f.Key, "sales_tariff") {
			found = append(found, f.Error())
		}
	}
	if diff := cmp.Diff([]string{"sales_tariff_without_price tariff=ended"}, found); diff != "" {
		t.Error(diff)
	}
}
