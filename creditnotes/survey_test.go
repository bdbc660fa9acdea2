package creditnotes_test

import (
	"errors"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/money"
	"creditrun/internal/sessions"
	"creditrun/tariffs"
)

func (w *world) monthSoFar(month entities.Month) *creditnotes.MonthSoFar {
	w.T.Helper()
	m, err := w.Runner.MonthSoFar(w.T.Context(), month)
	if err != nil {
		w.T.Fatal(err)
	}
	return m
}

func tally(sessions int64, wh money.Quantity, euro money.Micros) creditnotes.Tally {
	return creditnotes.Tally{Sessions: sessions, Energy: wh * money.PerWattHour, Owed: map[string]money.Micros{"EUR": euro}}
}

func counted(sessions int64, wh money.Quantity) creditnotes.Count {
	return creditnotes.Count{Sessions: sessions, Energy: wh * money.PerWattHour}
}

// month of the worked example with a border on each side.
func borders() []sessions.Session {
	return append(workedExample(),
		charge("S-7", "ST-9", "2026-10-31 23:30", "50"), // ends in November
		charge("S-8", "ST-9", "2026-09-30 23:30", "2"),  // ends on the first
		charge("S-9", "ST-9", "2026-09-30 10:00", "4"),  // late
		charge("S-10", "NOWHERE", "2026-10-05 10:00", "1"),
	)
}

func TestMonthSoFarIsAddedUpByTheDayOnWhichSessionsEnd(t *testing.T) {
	tell(t, func(t *testing.T, w *world) {
		w.Charged(borders()...)
		m := w.monthSoFar("2026-10")
		days := map[entities.Date]creditnotes.Tally{}
		for _, d := range m.Days {
			if d.Owed != nil {
				days[d.Day] = d.Tally
			}
		}
		for what, diff := range map[string]string{
			"days": gocmp.Diff(map[entities.Date]creditnotes.Tally{
				"2026-10-01": tally(1, 2000, 630_000), "2026-10-03": tally(1, 10000, 3_150_000), "2026-10-12": tally(1, 12345, 3_888_675),
				"2026-10-15": tally(1, 22000, 6_160_000), "2026-10-16": tally(1, 8000, 2_240_000), "2026-10-31": tally(1, 5000, 1_400_000),
			}, days),
			"total":   gocmp.Diff(tally(6, 59345, 17_468_675), m.Total),
			"earlier": gocmp.Diff(tally(1, 4000, 1_260_000), m.Earlier),
			"owners": gocmp.Diff([]creditnotes.OwnerTally{
				{Owner: "a", Tally: tally(5, 57345, 16_838_675), Held: counted(1, 3000)},
				{Owner: "b", Tally: tally(1, 2000, 630_000)},
				{Held: counted(1, 1000)},
			}, m.Owners),
			"held": gocmp.Diff([]creditnotes.HeldTally{
				{Reason: sessions.ReasonInvalid, Count: counted(1, 3000)}, {Reason: sessions.UnknownConnector, Count: counted(1, 1000)},
			}, m.Held),
		} {
			if diff != "" {
				t.Errorf("%s: %s", what, diff)
			}
		}
		if len(m.Days) != 31 || m.Days[30].Day != "2026-10-31" {
			t.Errorf("%d days", len(m.Days))
		}
		if n := w.Count("lines"); n != 0 {
			t.Errorf("%d lines were kept", n)
		}
	})
}

func TestMonthSoFarAsksForNothingThatOnlyDocumentsNeed(t *testing.T) {
	tell(t, func(t *testing.T, w *world) {
		w.Charged(borders()...)
		before := w.monthSoFar("2026-10")
		w.Set("active", "false", "number_range", "", "tax_account", "", "require_agreement", "true")
		w.Entity("a").Emails = nil
		w.Save()
		if diff := gocmp.Diff(before, w.monthSoFar("2026-10")); diff != "" {
			t.Error(diff)
		}
	})
}

func TestCorrectionsOfEarlierMonthsAreApartFromTheMonthSoFar(t *testing.T) {
	tell(t, func(t *testing.T, w *world) {
		w.Charged(workedExample()...)
		w.Month("2026-10")
		w.Now = time.Date(2026, 11, 20, 11, 0, 0, 0, time.UTC)
		w.Charged(charge("S-1", "ST-1", "2026-10-03 10:00", "20"), charge("S-11", "ST-1", "2026-11-04 10:00", "1"))
		m := w.monthSoFar("2026-11")
		if diff := gocmp.Diff(tally(1, 1000, 315_000), m.Total); diff != "" {
			t.Error(diff)
		}
		if diff := gocmp.Diff(tally(1, 10000, 3_150_000), m.Earlier); diff != "" {
			t.Error(diff)
		}
	})
}

func TestOwnerWithAmbiguousPricesIsHeldInTheMonthSoFar(t *testing.T) {
	tell(t, func(t *testing.T, w *world) {
		w.Charged(workedExample()...)
		m := w.monthSoFar("2026-10")
		want := []creditnotes.HeldTally{{Reason: sessions.ReasonInvalid, Count: counted(1, 3000)}, {Reason: sessions.OwnerFailed, Count: counted(5, 57345)}}
		if diff := gocmp.Diff(want, m.Held); diff != "" || m.Total.Sessions != 0 {
			t.Errorf("%+v %s", m.Total, diff)
		}
	}, ambiguous)
}

func ambiguous(c *creditnotes.Configuration) {
	c.Tariffs.ChargePoint[0].Purchase = []tariffs.Condition{{Rate: "lp"}, {Rate: "com"}}
}

func discount(percent money.Percent) func(*creditnotes.Configuration) error {
	return func(c *creditnotes.Configuration) error {
		c.Settings.CommunityDiscount = percent
		return nil
	}
}

func (w *world) whatIf(change func(*creditnotes.Configuration) error) *creditnotes.WhatIf {
	w.T.Helper()
	effects, err := w.Runner.WhatIf(w.T.Context(), "2026-10", change)
	if err != nil {
		w.T.Fatal(err)
	}
	return effects
}

func TestWhatIfPricesTheMonthAsIfNothingHadBeenCredited(t *testing.T) {
	tell(t, func(t *testing.T, w *world) {
		w.Charged(borders()...)
		want := &creditnotes.WhatIf{
			Month: "2026-10",
			Effects: []creditnotes.Effect{
				{Owner: "a", Currency: "EUR", Before: 1684, After: 1762, Difference: 78}, // 22.345 kWh × 0.35 = 7.82075
				{Owner: "b", Currency: "EUR", Before: 63, After: 70, Difference: 7},
			},
			Totals: []creditnotes.Effect{{Currency: "EUR", Before: 1747, After: 1832, Difference: 85}},
			Before: creditnotes.Priced{Priced: counted(6, 59345), Held: counted(2, 4000)},
			After:  creditnotes.Priced{Priced: counted(6, 59345), Held: counted(2, 4000)},
		}
		if diff := gocmp.Diff(want, w.whatIf(discount(0))); diff != "" {
			t.Errorf("before the run: %s", diff)
		}
		w.Month("2026-10")
		if diff := gocmp.Diff(want, w.whatIf(discount(0))); diff != "" {
			t.Errorf("after the run: %s", diff)
		}
		// Neither a correction nor what is paid for it is a price of the month.
		w.Charged(charge("S-3", "ST-2", "2026-10-15 08:00", "23"))
		if e := w.whatIf(discount(1000)); e.Effects[0].Before != 1712 || e.Totals[0].Difference != 0 {
			t.Errorf("after a correction: %+v", e)
		}
		if settings, err := w.s.Settings(t.Context()); err != nil || settings.CommunityDiscount != 1000 {
			t.Errorf("the discount is %s, %v", settings.CommunityDiscount, err)
		}
	})
}

func TestWhatIfSeesSessionsGetAndLoseTheirPrice(t *testing.T) {
	tell(t, func(t *testing.T, w *world) {
		w.Charged(workedExample()...)
		e := w.whatIf(func(c *creditnotes.Configuration) error {
			c.Tariffs.Community[0].Versions[0].From = "2026-10-10"
			return nil
		})
		if e.Before != (creditnotes.Priced{Priced: counted(5, 57345), Held: counted(1, 3000)}) ||
			e.After != (creditnotes.Priced{Priced: counted(4, 47345), Held: counted(2, 13000)}) || e.Totals[0].Difference != -315 {
			t.Errorf("%+v", e)
		}
	})
}

func TestOverlapIsSeenAcrossTheMonthWhateverIsCredited(t *testing.T) {
	tell(t, func(t *testing.T, w *world) {
		w.Charged(
			charge("S-1", "ST-1", "2026-09-30 20:00", "10", lasting(3*time.Hour)),
			charge("S-2", "ST-1", "2026-09-30 22:30", "10", lasting(3*time.Hour)),
		)
		w.Month("2026-09")
		e := w.whatIf(discount(0))
		if e.After != (creditnotes.Priced{Held: counted(1, 10000)}) {
			t.Errorf("%+v", e)
		}
	})
}

func TestWhatIfTellsWhatIsWrongWithAChange(t *testing.T) {
	tell(t, func(t *testing.T, w *world) {
		w.Charged(workedExample()...)
		_, err := w.Runner.WhatIf(t.Context(), "2026-10", func(c *creditnotes.Configuration) error {
			c.Tariffs.CostRates[0].Currency = "XXQ"
			return nil
		})
		says(t, err, "rate_currency_unknown")
		refused := errors.New("no such rate")
		if _, err := w.Runner.WhatIf(t.Context(), "2026-10", func(*creditnotes.Configuration) error { return refused }); !errors.Is(err, refused) {
			t.Error(err)
		}
	})
}

func TestSessionThatEndsAtMidnightBelongsToTheDayThatBegins(t *testing.T) {
	tell(t, func(t *testing.T, w *world) {
		w.Charged(charge("S-1", "ST-1", "2026-10-04 23:00", "10"), charge("S-2", "ST-9", "2026-09-30 23:00", "10"))
		m := w.monthSoFar("2026-10")
		if m.Days[4].Sessions != 1 || m.Days[0].Sessions != 1 || m.Earlier.Sessions != 0 {
			t.Errorf("%+v", m)
		}
	})
}

func TestWhatNextCountsHeldSessionsOfEarlierMonthsThatGetAPrice(t *testing.T) {
	tell(t, func(t *testing.T, w *world) {
		w.Charged(workedExample()...)
		unpriced := func(c *creditnotes.Configuration) error {
			c.Tariffs.Community[0].Versions[0].From = "2026-10-10"
			return nil
		}
		must(t, unpriced(w.Config))
		w.Save()
		w.Month("2026-10")
		e, err := w.Runner.WhatNext(t.Context(), "2026-11", func(c *creditnotes.Configuration) error {
			c.Tariffs.Community[0].Versions[0].From = "2026-01-01"
			return nil
		})
		must(t, err)
		// What October credited stays credited; the session that was held for want of
		// a price gets one in November.
		if e.Before != (creditnotes.Priced{Held: counted(2, 13000)}) ||
			e.After != (creditnotes.Priced{Priced: counted(1, 10000), Held: counted(1, 3000)}) || e.Totals[0].Difference != 315 {
			t.Errorf("%+v", e)
		}
	})
}
