package web

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/money"
	"creditrun/tariffs"
)

// sample is the documented sample of domain.md §4.2 as the editor sends it.
var sample = []string{
	"currency", "EUR", "energy", "90", "minutes", "60", "start", "2026-11-12T10:00",
	"own_energy_up", "0.1", "own_energy_price", "0", "own_energy_up", "0.101", "own_energy_price", "40.4",
	"own_energy_up", "0.102", "own_energy_price", "0.4", "own_energy_up", "100", "own_energy_price", "0.4",
}

func with(fields []string, more ...string) []string {
	return append(append([]string{}, fields...), more...)
}

func versionsIn(c *creditnotes.Configuration, key string) (list []tariffs.CostRate) {
	for _, r := range c.Tariffs.CostRates {
		if r.Key == key {
			list = append(list, r)
		}
	}
	return list
}

func TestTheCalculatorGivesTheWorkedSamples(t *testing.T) {
	w := newWorld(t)
	anna, before := w.as("anna"), w.version()
	anna.post("/tariffs/rates/curve", sample...).shows(t, "36.000000", "€36.00", "35.9592", "<polyline")
	anna.post("/tariffs/rates/curve", with(sample, "own_fee", "2.42")...).shows(t, "38.420000", "€38.42")
	if w.version() != before {
		t.Error("the curve changed the configuration")
	}
}

func TestTheCalculatorAgreesWithPriceOf(t *testing.T) {
	w := newWorld(t)
	anna := w.as("anna")
	berlin, err := time.LoadLocation("Europe/Berlin")
	must(t, err)
	for _, rate := range w.configured().Tariffs.CostRates {
		for _, start := range []string{"2026-11-11T14:05", "2026-11-11T23:30"} {
			at, err := time.ParseInLocation("2006-01-02T15:04", start, berlin)
			must(t, err)
			want, err := tariffs.PriceOf(&rate, 33_333_000, 95*60, at, berlin)
			must(t, err)
			query := url.Values{"version": {strconv.Itoa(rate.Version)}, "energy": {"33.333"}, "minutes": {"95"}, "start": {start}}
			anna.get("/tariffs/rates/"+rate.Key+"?"+query.Encode()).shows(t, want.Energy.String(), want.Time.String(), want.Fee.String(), want.Total.String())
		}
	}
}

func TestBadPricesAreSaidAtTheForm(t *testing.T) {
	w := newWorld(t)
	anna, before := w.as("anna"), w.version()
	bad := map[string][]string{
		"at most 6 decimals":            {"own_energy_up", "1", "own_energy_price", "0.1234567"},
		"two bands in energy":           {"own_energy_up", "5", "own_energy_price", "1", "own_energy_up", "5", "own_energy_price", "2"},
		"is not a length of time":       {"own_time_up", "1.5 s", "own_time_price", "1"},
		"is not a currency code":        {"currency", "XXQ"},
		"“later” is not a date":         {"valid_from", "later"},
		"per kWh is missing":            {"own_energy_up", "7", "own_energy_price", ""},
		"does not say when it applies":  {"entries", "1", "e0_kind", "window"},
		"99:00 is not a time of day":    {"entries", "1", "e0_kind", "window", "e0_start", "99:00"},
		"the price -1 in":               {"own_fee", "-1"},
		"the energy step of 2000000000": {"step", "2000000"},
	}
	for want, fields := range bad {
		form := with([]string{"key", "x"}, fields...)
		if fields[0] != "currency" {
			form = with(form, "currency", "EUR")
		}
		if p := anna.post("/tariffs/rates/new", form...); p.status != http.StatusUnprocessableEntity || !strings.Contains(p.body, want) {
			t.Errorf("%v: status %d, wanted %q", fields, p.status, want)
		}
		if p := anna.post("/tariffs/rates/curve", form...); fields[0] != "valid_from" && (p.status != http.StatusOK || !strings.Contains(p.body, want)) {
			t.Errorf("%v: the curve does not say %q", fields, want)
		}
	}
	if w.version() != before {
		t.Error("bad input changed the configuration")
	}
}

func TestANewCostRateIsStored(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		anna := w.as("anna")
		anna.get("/tariffs/rates/new").shows(t, "New cost rate", `value="EUR"`, "<polyline")
		anna.post("/tariffs/rates/new", "key", "fine", "currency", "eur", "step", "0.1",
			"own_energy_up", "20", "own_energy_price", "0.36", "own_energy_up", "", "own_energy_price", "0.33", "own_energy_up", "", "own_energy_price", "",
			"own_time_up", "60", "own_time_price", "0", "own_time_up", "", "own_time_price", "6",
			"own_fee", "0.5", "own_grace", "2 min", "own_threshold", "0.5",
			"entries", "1", "e0_kind", "window", "e0_day", "6", "e0_day", "7", "e0_start", "22:00", "e0_end", "06:00", "e0_energy_up", "", "e0_energy_price", "0.2").
			shows(t, "Cost rate fine is saved", "up to 20 kWh 0.36, above 0.33 EUR/kWh", "Sat, Sun 22:00–06:00: 0.20 EUR/kWh")
		want := []tariffs.CostRate{{
			Key: "fine", Version: 1, Currency: "EUR", EnergyStepWh: 100,
			Prices: tariffs.Prices{
				Energy:     []tariffs.EnergyBand{{UpToWh: 20000, PerKWh: 360_000}, {UpToWh: 20001, PerKWh: 330_000}},
				Time:       []tariffs.TimeBand{{UpToMin: 60}, {UpToMin: 61, PerHour: 6_000_000}},
				SessionFee: &tariffs.SessionFee{Amount: 500_000, GraceSeconds: 120, ThresholdWh: 500},
			},
			Schedule: []tariffs.ScheduleEntry{{
				Window: tariffs.Window{Weekdays: []int{6, 7}, From: "22:00", To: "06:00"},
				Prices: tariffs.Prices{Energy: []tariffs.EnergyBand{{UpToWh: 1, PerKWh: 200_000}}},
			}},
		}}
		if diff := cmp.Diff(want, versionsIn(w.configured(), "fine")); diff != "" {
			t.Error(diff)
		}
		anna.post("/tariffs/rates/new", "key", "fine", "currency", "EUR").refuses(t, http.StatusConflict, "fine is taken")
	})
}

func TestNewPricesMakeAVersionAndLeaveTheCreditedOnes(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		anna := w.as("anna")
		anna.get("/tariffs/rates/com-ac/edit").shows(t, `value="0.38"`, `value="2026-11-13"`)
		before := versionsIn(w.configured(), "com-ac")
		anna.save("/tariffs/rates/com-ac/edit", "/tariffs/rates/com-ac/edit", "currency", "EUR", "valid_from", "2027-01-01",
			"own_energy_up", "1", "own_energy_price", "0.40").shows(t, "0.40 EUR/kWh", "1 Jan 2027")
		after := versionsIn(w.configured(), "com-ac")
		if len(after) != len(before)+1 || cmp.Diff(before, after[:len(before)]) != "" {
			t.Fatalf("versions were %v, are %v", before, after)
		}
		if last := after[len(before)]; last.Energy[0].PerKWh != 400_000 || !last.ValidFrom.Equal(entities.Date("2027-01-01").In(last.ValidFrom.Location()).Add(-time.Hour)) {
			t.Errorf("the new version is %v", last)
		}
	})
}

func TestRowsOfBandsComeAndGoWithoutAScript(t *testing.T) {
	w := newWorld(t)
	anna, before := w.as("anna"), w.version()
	post := func(do string) reply {
		return anna.post("/tariffs/rates/new", with(sample, "key", "x", "entries", "1", "e0_kind", "dated", "do", do)...)
	}
	count := func(p reply, field string) int { return strings.Count(p.body, `name="`+field+`"`) }
	if p := post("add own_energy"); count(p, "own_energy_up") != 5 {
		t.Errorf("%d bands after adding one to four", count(p, "own_energy_up"))
	}
	if p := post("remove own_energy 1"); count(p, "own_energy_up") != 3 || strings.Contains(p.body, `value="40.4"`) {
		t.Error("the second band was not removed")
	}
	if p := post("add e0_time"); count(p, "e0_time_up") != 1 {
		t.Error("no band was added to the entry")
	}
	if p := post("add window"); !strings.Contains(p.body, `name="e1_kind" value="window"`) {
		t.Error("no window was added")
	}
	if p := post("remove entry 0"); strings.Contains(p.body, "e0_kind") {
		t.Error("the entry was not removed")
	}
	if p := post("remove own_energy 99"); count(p, "own_energy_up") != 4 {
		t.Error("a band that is not there was removed")
	}
	if w.version() != before {
		t.Error("showing the form again changed the configuration")
	}
}

// asked waits for the answer to a question of what would be.
func (b *browser) asked(t *testing.T, fields ...string) reply {
	t.Helper()
	p := b.post("/tariffs/what-if", fields...)
	for p.status == http.StatusOK && p.header.Get("Refresh") != "" {
		time.Sleep(20 * time.Millisecond)
		p = b.get(p.path)
	}
	return p
}

func TestWhatIfSaysWhatTheRunnerSays(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		felix, before := w.as("felix"), w.version()
		changes := map[string]struct {
			fields []string
			change func(c *creditnotes.Configuration) error
		}{
			"another discount": {
				[]string{"kind", "discount", "month", "2026-10", "discount", "25"},
				func(c *creditnotes.Configuration) error { c.Settings.CommunityDiscount = 2500; return nil },
			},
			"another cost rate for a COMMUNITY tariff": {
				[]string{"kind", "community", "month", "2026-10", "community", "COM-AC", "rate", "com-dc"},
				func(c *creditnotes.Configuration) error {
					for i := range c.Tariffs.Community {
						if t := &c.Tariffs.Community[i]; t.Key == "COM-AC" {
							t.Versions[0].Purchase = "com-dc"
						}
					}
					return nil
				},
			},
			"other prices of a version": {
				[]string{"kind", "rate", "month", "2026-10", "key", "flat", "of", "1", "currency", "EUR", "own_energy_up", "1", "own_energy_price", "0.5"},
				func(c *creditnotes.Configuration) error {
					for i := range c.Tariffs.CostRates {
						if r := &c.Tariffs.CostRates[i]; r.Key == "flat" {
							r.Energy[0].PerKWh = 500_000
						}
					}
					return nil
				},
			},
		}
		for name, c := range changes {
			t.Run(name, func(t *testing.T) {
				want, err := w.server.Runner.WhatIf(t.Context(), "2026-10", c.change)
				must(t, err)
				p := felix.asked(t, c.fields...)
				different := false
				for _, e := range append(want.Effects, want.Totals...) {
					different = different || e.Difference != 0
					for _, a := range []money.Amount{e.Before, e.After, e.Difference} {
						p.shows(t, w.server.Texts.Amount("en", e.Currency, a))
					}
				}
				if !different {
					t.Error("the change makes no difference")
				}
			})
		}
		if w.version() != before {
			t.Error("asking changed the configuration")
		}
	})
}

func TestBadQuestionsAreSaidAtTheForm(t *testing.T) {
	w := newWorld(t)
	felix := w.as("felix")
	for want, fields := range map[string][]string{
		"at most 2 decimals":    {"kind", "discount", "month", "2026-10", "discount", "1.234"},
		"“soon” is not a month": {"kind", "discount", "month", "soon", "discount", "10"},
		"120":                   {"kind", "discount", "month", "2026-10", "discount", "120"},
		"no cost rate is named": {"kind", "community", "month", "2026-10", "community", "COM-AC"},
		"two bands in energy":   {"kind", "rate", "month", "2026-10", "key", "flat", "of", "1", "currency", "EUR", "own_energy_up", "5", "own_energy_price", "1", "own_energy_up", "5", "own_energy_price", "2"},
	} {
		felix.post("/tariffs/what-if", fields...).refuses(t, http.StatusUnprocessableEntity, want)
	}
	if p := felix.post("/tariffs/what-if", "kind", "rate", "month", "2026-10", "key", "nothing", "of", "1", "currency", "EUR"); p.status != http.StatusNotFound {
		t.Errorf("a cost rate that is not there gives status %d", p.status)
	}
	felix.get("/tariffs/what-if?kind=rate&rate=flat").shows(t, `name="own_energy_price"`, `value="0.31"`)
}

func TestAnswersBelongToWhoAsked(t *testing.T) {
	w := newWorld(t)
	answer := w.as("felix").asked(t, "kind", "discount", "month", "2026-10", "discount", "25")
	if p := w.as("anna").get(answer.path); p.path != "/tariffs/what-if" || !strings.Contains(p.body, "no longer kept") {
		t.Errorf("somebody else sees the answer at %s", p.path)
	}
}
