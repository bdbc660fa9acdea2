package creditnotes_test

import (
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"creditrun/creditnotes"
	"creditrun/internal/money"
)

// compared tells the comparison of a report: the changes of the owners and the
// anomalies.
func (w *world) compared(report *creditnotes.Report) *creditnotes.Comparison {
	w.T.Helper()
	c, err := w.Runner.Compare(w.T.Context(), report)
	if err != nil {
		w.T.Fatal(err)
	}
	return c
}

// twoMonths is October credited, to a 315.00, b 63.00 and c 3.15, and November
// waiting, in which a has 630.00, b 126.00, c nothing and d 31.50.
func (w *world) twoMonths() {
	w.T.Helper()
	w.Charged(charge("S-1", "ST-1", "2026-10-03 10:00", "1000"), charge("S-2", "ST-9", "2026-10-03 10:00", "200"), charge("S-3", "ST-c", "2026-10-03 10:00", "10"))
	w.Month("2026-10")
	w.Now = time.Date(2026, 12, 1, 11, 0, 0, 0, time.UTC)
	w.Charged(charge("S-4", "ST-1", "2026-11-03 10:00", "2000"), charge("S-5", "ST-9", "2026-11-03 10:00", "400"), charge("S-6", "ST-d", "2026-11-03 10:00", "100"),
		charge("S-7", "ST-9", "2026-11-04 10:00", "1", invalid))
}

// fourOwners have stations at which an hour may bring 2000 kWh.
func fourOwners(c *creditnotes.Configuration) {
	defer func() {
		for i := range c.Connectors {
			c.Connectors[i].MaxPowerKW = 2000 * money.PerUnit
		}
	}()
	for _, key := range []string{"c", "d"} {
		subCPO(c, key)
		station(c, "ST-"+key, key, "COM")
	}
}

func change(owner string, before, now money.Amount) creditnotes.NetChange {
	return creditnotes.NetChange{Owner: owner, Currency: "EUR", Before: before, Now: now, Difference: now - before}
}

func TestMonthIsComparedWithTheMonthBefore(t *testing.T) {
	tell(t, func(t *testing.T, w *world) {
		w.twoMonths()
		want := &creditnotes.Comparison{
			Month: "2026-11", Earlier: "2026-10",
			Owners: []creditnotes.NetChange{change("a", 31500, 63000), change("b", 6300, 12600), change("c", 315, 0), change("d", 0, 3150)},
			Totals: []creditnotes.NetChange{change("", 38115, 78750)},
			Anomalies: []creditnotes.Anomaly{
				{Kind: creditnotes.AnomalyChanged, NetChange: change("a", 31500, 63000)},
				// b has twice as much, but that is no more than 100.00; one of its two sessions is held.
				{Kind: creditnotes.AnomalyHeld, NetChange: creditnotes.NetChange{Owner: "b"}, Held: counted(1, 1000), Received: counted(2, 401000)},
				{Kind: creditnotes.AnomalyNothing, NetChange: change("c", 315, 0)},
				{Kind: creditnotes.AnomalyNew, NetChange: change("d", 0, 3150)},
			},
		}
		if diff := gocmp.Diff(want, w.compared(w.Previewed("2026-11"))); diff != "" {
			t.Errorf("preview: %s", diff)
		}
		if diff := gocmp.Diff(want, w.compared(w.Month("2026-11"))); diff != "" {
			t.Errorf("run: %s", diff)
		}
		w.Charged(charge("S-7b", "ST-c", "2026-11-04 10:00", "1"))
		w.Set("release", "approve")
		drafted := w.Month("2026-11")
		kept, err := w.Runner.CompareRun(t.Context(), w.Run(drafted.Name))
		if diff := gocmp.Diff(w.compared(drafted), kept); err != nil || diff != "" {
			t.Errorf("drafted run: %v %s", err, diff)
		}
		if err := w.Runner.Discard(t.Context(), drafted.Name, "berta"); err != nil {
			t.Fatal(err)
		}
		w.Set("release", "automatic")
		// The second run of a month adds to the first.
		w.Charged(charge("S-8", "ST-c", "2026-11-05 10:00", "9"))
		if got := w.compared(w.Month("2026-11")).Owners; !gocmp.Equal(got[2], change("c", 315, 315)) || !gocmp.Equal(got[0], change("a", 31500, 63000)) {
			t.Errorf("second run: %+v", got)
		}
	}, fourOwners)
}

func TestCancelledNotesAreNotCompared(t *testing.T) {
	tell(t, func(t *testing.T, w *world) {
		w.twoMonths()
		report := w.Month("2026-11")
		w.Cancel("GS-2026-00001")
		w.Cancel("GS-2026-00005")
		got := w.compared(report).Owners
		want := []creditnotes.NetChange{change("a", 0, 63000), change("b", 6300, 0), change("c", 315, 0), change("d", 0, 3150)}
		if diff := gocmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	}, fourOwners)
}

func TestChangeIsRoundedToHundredthsOfAPercent(t *testing.T) {
	for _, c := range []struct {
		before, now money.Amount
		want        string
	}{{300, 400, "33.33"}, {300, 500, "66.67"}, {300, 200, "-33.33"}, {300, 100, "-66.67"}, {100, 100, "0"}, {100, 0, "-100"}, {1, 1000, "99900"}} {
		if got, ok := change("a", c.before, c.now).Percent(); !ok || got.String() != c.want {
			t.Errorf("%d → %d: %s, want %s", c.before, c.now, got, c.want)
		}
	}
	if _, ok := change("a", 0, 5).Percent(); ok {
		t.Error("nothing has a percentage")
	}
}
