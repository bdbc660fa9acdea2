package creditnotes_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"creditrun/creditnotes"
	"creditrun/internal/money"
)

// workedLifetime is the lifetime control of a station of a worked month.
type workedLifetime struct {
	Station   string             `json:"station"`
	Received  creditnotesCounted `json:"received"`
	Credited  creditnotesCounted `json:"credited"`
	Held      creditnotesCounted `json:"held"`
	Zero      creditnotesCounted `json:"zero"`
	Excluded  creditnotesCounted `json:"excluded"`
	Withdrawn creditnotesCounted `json:"withdrawn"`
	Net       map[string]string  `json:"credited_net"`
}

// lived compares the lifetime control with what is expected of it.
func (w *worked) lived() {
	list, err := creditnotes.Lifetimes(w.T.Context(), w.s, creditnotes.LifetimeQuery{})
	if err != nil {
		w.T.Fatal(err)
	}
	counted := func(c creditnotes.Count) creditnotesCounted {
		if c.Sessions == 0 {
			return creditnotesCounted{}
		}
		return creditnotesCounted{c.Sessions, c.Energy.String()}
	}
	var got []workedLifetime
	for i := range list {
		c := list[i].Control
		if !c.Balanced() {
			w.T.Errorf("station %s is not balanced: %+v", list[i].Station, c)
		}
		one := workedLifetime{list[i].Station, counted(c.Received), counted(c.Credited), counted(c.Held), counted(c.Zero), counted(c.Excluded),
			counted(c.Withdrawn), map[string]string{}}
		for currency, net := range list[i].Credited {
			one.Net[currency] = net.String()
		}
		got = append(got, one)
	}
	if diff := cmp.Diff(w.month.Expect.Lifetime, got); diff != "" {
		w.T.Errorf("lifetime control (-want +got):\n%s", diff)
	}
}

func TestLifetimeControlListsTheJumpsOfMeters(t *testing.T) {
	tell(t, func(t *testing.T, w *world) {
		kwh := func(text string) *money.Quantity { return new(must(money.ParseQuantity(text))) }
		first, second, third := charge("S-1", "ST-1", "2026-10-03 10:00", "10"), charge("S-2", "ST-1", "2026-10-04 10:00", "5"), charge("S-3", "ST-1", "2026-10-05 10:00", "5")
		first.MeterStart, first.MeterStop = kwh("100"), kwh("110")
		second.MeterStart, second.MeterStop = kwh("112.5"), kwh("117.5")
		third.MeterStart = kwh("117.5")
		w.Charged(first, second, third)
		list, err := creditnotes.Lifetimes(t.Context(), w.s, creditnotes.LifetimeQuery{Stations: []string{"ST-1"}})
		if err != nil || len(list) != 1 || len(list[0].Jumps) != 1 {
			t.Fatalf("lifetimes %+v, %v", list, err)
		}
		jump, evse := list[0].Jumps[0], list[0].EVSEs[0]
		if jump.After != "S-1" || jump.Before != "S-2" || jump.Energy().String() != "2.5" || evse.Jumped.String() != "2.5" ||
			evse.FirstMeter.String() != "100" || evse.LastMeter.String() != "117.5" {
			t.Errorf("jump %+v of %+v", jump, evse)
		}
		until := creditnotes.LifetimeQuery{Until: time.Date(2026, 10, 4, 0, 0, 0, 0, time.UTC)}
		if list, err = creditnotes.Lifetimes(t.Context(), w.s, until); err != nil || list[0].Control.Received.Sessions != 1 || len(list[0].Jumps) != 0 {
			t.Errorf("until October 4: %+v, %v", list, err)
		}
	})
}
