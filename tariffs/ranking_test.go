package tariffs

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestRankingIsTheOrderOfThePricer compares the order that people are shown
// with the one in which a session's conditions were tried.
func TestRankingIsTheOrderOfThePricer(t *testing.T) {
	w := readWorld(t, `
rate r EUR
 energy 1:0.30
entity a
tariff lp
 purchase r from=2022-01-01
 purchase r from=2023-01-01 operating_company=a
 purchase r from=2022-01-01 power_type=AC
 purchase r from=2022-01-01 weekdays=1
 purchase r from=2022-01-01 power_type=AC weekdays=1
 purchase r from=2022-01-01 connector_type=IEC_62196_T2
 purchase r from=2022-01-01 position=2
 purchase r from=2022-01-01 station=ST-1
 purchase r from=2022-01-01 evse_id=DE*E1 to=2023-01-01
 purchase r from=2022-01-01 position=1
 purchase r from=2024-01-01
station ST-1 Europe/Berlin a@2022-01-01
connector DE*E1 IEC_62196_T2 AC
 assigned charge_point=lp from=2022-01-01
session S-1 internal DE*E1 2026-10-03T10:00:00+02:00 10kWh 1h
`)
	book := w.book()
	var d Decision
	if err := book.Pricer().Price(w.sessions[0], book.network.PlaceOf("DE*E1", 1), &d); err != nil {
		t.Fatal(err)
	}
	var tried, shown []string
	for _, step := range d.Path.Tried {
		if step.Rule == ChargePointRule {
			tried = append(tried, step.Condition)
		}
	}
	var turns []int
	for _, r := range Ranking(w.cfg.ChargePoint[0].Purchase, book.network.Zone()) {
		shown, turns = append(shown, r.String()), append(turns, r.Turn)
		if w.cfg.ChargePoint[0].Purchase[r.Number-1].String() != r.String() {
			t.Errorf("condition %d is shown as %q", r.Number, r.String())
		}
	}
	if diff := cmp.Diff(tried, shown); diff != "" {
		t.Errorf("order: tried -, shown +\n%s", diff)
	}
	if !slices.IsSorted(turns) || turns[len(turns)-1] != len(turns) {
		t.Errorf("turns are %v", turns)
	}
}

func TestEqualConditionsShareATurn(t *testing.T) {
	w := readWorld(t, `
tariff lp
 purchase r from=2022-01-01
 purchase s from=2022-01-01
 purchase t from=2021-01-01
`)
	var turns []int
	for _, r := range Ranking(w.cfg.ChargePoint[0].Purchase, w.network().Zone()) {
		turns = append(turns, r.Turn)
	}
	if diff := cmp.Diff([]int{1, 1, 3}, turns); diff != "" {
		t.Error(diff)
	}
}

func TestTheEntryThatBeganLastIsAssigned(t *testing.T) {
	w := readWorld(t, `
rate r EUR
entity a
tariff old
tariff new
station ST-1 Europe/Berlin a@2022-01-01
connector DE*E1 IEC_62196_T2 AC
 assigned charge_point=old from=2022-01-01
 assigned charge_point=new from=2024-01-01 to=2025-01-01
`)
	place := w.network().PlaceOf("DE*E1", 1)
	for moment, want := range map[string]string{
		"2021-12-31T23:59:59+01:00": "", "2022-01-01T00:00:00+01:00": "old", "2024-01-01T00:00:00+01:00": "new", "2025-01-01T00:00:00+01:00": "old",
	} {
		got := ""
		if a := AssignedAt(place, w.instant(moment)); a != nil {
			got = a.ChargePoint
		}
		if got != want {
			t.Errorf("at %s %q is assigned, want %q", moment, got, want)
		}
	}
}
