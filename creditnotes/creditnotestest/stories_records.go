package creditnotestest

import (
	"cmp"
	"fmt"
	"strings"
	"testing"
	"time"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/sessions"
	"creditrun/internal/settlement"
	"creditrun/tariffs"
)

// RecordSums writes down what records come to, a line for each group.
func (w *World) RecordSums(f creditnotes.SettlementFilter) string {
	w.T.Helper()
	sums, err := creditnotes.SumRecords(w.Store.EachRecord(w.T.Context(), f))
	w.must(err)
	var b strings.Builder
	for _, s := range sums {
		fmt.Fprintf(&b, "%s %s %s %s %s %s %d× %s driver %s owner %s operator %s unknown %d\n", s.Owner, s.Currency, s.Direction, s.Origin, s.Month,
			cmp.Or(string(s.Collected), "-"), s.Records, s.Net, s.DriverAmount, s.OwnerShare, s.OperatorShare, s.Unknown)
	}
	return b.String()
}

func recordsAreWhatLinesComeTo(t *testing.T, open Open) {
	w := NewWorld(t, open)
	UnderContract(w, func(c *settlement.Contract) { c.ElectricityTax = 10_000_000 })
	w.Charged(append(WorkedContractMonth(), Charge("B", "ST-9", "2026-10-05 10:00", "10"))...)
	w.Month("2026-10")
	cutoff := w.Now
	w.Now = w.Now.Add(time.Hour)
	w.must(w.Store.TakeCollections(t.Context(), []sessions.Collection{{Source: "csv", ExternalID: "DC", At: w.Now}}))
	Same(t, w.RecordSums(creditnotes.SettlementFilter{Run: "2026-10", AsOf: cutoff}), `
		a EUR revenue electricity_cost_reimbursement 2026-10 awaited 2× 11.000000 driver 0.000000 owner 0.000000 operator 0.000000 unknown 0
		a EUR revenue electricity_cost_reimbursement 2026-10 collected 1× 1.100000 driver 0.000000 owner 0.000000 operator 0.000000 unknown 0
		a EUR revenue electricity_tax_reimbursement 2026-10 awaited 2× 0.500000 driver 0.000000 owner 0.000000 operator 0.000000 unknown 0
		a EUR revenue electricity_tax_reimbursement 2026-10 collected 1× 0.050000 driver 0.000000 owner 0.000000 operator 0.000000 unknown 0
		a EUR revenue session 2026-10 awaited 2× 10.607500 driver 28.500000 owner 22.107500 operator 6.392500 unknown 0
		a EUR revenue session 2026-10 collected 1× -1.030000 driver 0.000000 owner 0.120000 operator -0.120000 unknown 0
		b EUR revenue session 2026-10 awaited 1× 3.150000 driver 0.000000 owner 3.150000 operator 0.000000 unknown 1`)
	Same(t, w.RecordSums(creditnotes.SettlementFilter{Origin: creditnotes.OriginSession, Collected: creditnotes.DriverCollected}), `
		a EUR revenue session 2026-10 collected 2× 7.740000 driver 23.600000 owner 18.090000 operator 5.510000 unknown 0`)
	w.must(w.Store.TakeTopUps(t.Context(), []creditnotes.TopUp{
		{Key: "t1", Entity: "a", User: "u", Amount: 5000, Currency: "EUR", At: w.Now}, {Key: "t2", Entity: "b", User: "u", Amount: -100, Currency: "EUR", At: w.Now.AddDate(0, 0, -30)},
	}))
	w.listsAgree()
	w.Cancel("GS-2026-00001")
	Same(t, w.RecordSums(creditnotes.SettlementFilter{}), `
		a EUR expense top_up 2026-10 - 1× 50.000000 driver 0.000000 owner 0.000000 operator 0.000000 unknown 0
		b EUR expense top_up 2026-10 - 1× -1.000000 driver 0.000000 owner 0.000000 operator 0.000000 unknown 0
		b EUR revenue session 2026-10 awaited 1× 3.150000 driver 0.000000 owner 3.150000 operator 0.000000 unknown 1`)
}

func recordsShowTheDriverAmountOfToday(t *testing.T, open Open) {
	w := NewWorld(t, open)
	UnderContract(w, func(c *settlement.Contract) { c.Terms = settlement.Terms{FixedFeeAC: 100_000_000} })
	w.Charged(Charge("S", "ST-1", "2026-10-03 10:00", "10", Driven(4_900_000)))
	w.Month("2026-10")
	cutoff := w.Now
	w.Charged(Charge("S", "ST-1", "2026-10-03 10:00", "10", Driven(5_900_000)))
	Same(t, w.RecordSums(creditnotes.SettlementFilter{AsOf: cutoff}), `
		a EUR revenue session 2026-10 awaited 1× 3.050000 driver 4.900000 owner 3.050000 operator 1.850000 unknown 0`)
	Same(t, w.RecordSums(creditnotes.SettlementFilter{}), `
		a EUR revenue session 2026-10 awaited 1× 3.050000 driver 5.900000 owner 3.050000 operator 2.850000 unknown 0`)
	w.Now = w.Now.AddDate(0, 1, 0)
	w.Charged(Charge("S", "ST-1", "2026-10-03 10:00", "20", Driven(6_900_000)), Charge("new", "ST-1", "2026-11-03 10:00", "10", Driven(0)))
	w.Month("2026-11")
	Same(t, w.RecordSums(creditnotes.SettlementFilter{Run: "2026-11"}), `
		a EUR revenue session 2026-10 awaited 2× 3.150000 driver 1.000000 owner 3.150000 operator -2.150000 unknown 0
		a EUR revenue session 2026-11 collected 1× 3.050000 driver 0.000000 owner 3.050000 operator -3.050000 unknown 0`)
	w.listsAgree()
}

// listsAgree compares pages and totals of records with all of them, filter by
// filter.
func (w *World) listsAgree() {
	w.T.Helper()
	for _, f := range []creditnotes.SettlementFilter{
		{}, {Owners: []string{"a"}}, {Owners: []string{}}, {Month: "2026-10"}, {Month: "2026-11"}, {From: "2026-10-04", Until: "2026-10-04"}, {Until: "2026-10-03"},
		{Origin: creditnotes.OriginSession}, {Origin: creditnotes.OriginElectricityCost}, {Origin: creditnotes.OriginPlatformFee}, {Direction: creditnotes.Expense},
		{Collected: creditnotes.DriverAwaited}, {Collected: creditnotes.DriverCollected, Owners: []string{"a"}}, {Number: "GS-2026-00001"},
		{Number: "none"}, {Run: "2026-10"}, {Run: "none"}, {Currency: "EUR"}, {Currency: "CHF"}, {Drafts: true, Owners: []string{"a", "b"}, Month: entities.Month("2026-10")},
	} {
		w.listAgrees(f)
	}
}

func (w *World) listAgrees(f creditnotes.SettlementFilter) {
	w.T.Helper()
	var all []creditnotes.SettlementRecord
	for r, err := range w.Store.EachRecord(w.T.Context(), f) {
		w.must(err)
		all = append(all, r)
	}
	totals, err := w.Store.RecordTotals(w.T.Context(), f)
	w.must(err)
	Same(w.T, fmt.Sprint(totals), fmt.Sprint(creditnotes.TotalsOfRecords(all)))
	for _, p := range []creditnotes.RecordPage{{}, {ByNet: true}, {Page: creditnotes.Page{OldestFirst: true}}, {Page: creditnotes.Page{OldestFirst: true}, ByNet: true}} {
		p.Limit = max(len(all), 1)
		want, err := p.PageOf(all, &creditnotes.SettlementFilter{})
		w.must(err)
		p.Limit = 2
		got, back := w.turned(f, p)
		if g, b, want := idsOf(got), idsOf(back), idsOf(want.Records); g != want || b != want {
			w.T.Errorf("%+v by net %v, oldest first %v:\n%s there,\n%s back, want\n%s", f, p.ByNet, p.OldestFirst, g, b, want)
		}
	}
}

// turned turns the pages of a listing, to the end and back.
func (w *World) turned(f creditnotes.SettlementFilter, p creditnotes.RecordPage) (there, back []creditnotes.SettlementRecord) {
	w.T.Helper()
	for {
		list, err := w.Store.Records(w.T.Context(), f, p)
		w.must(err)
		there = append(there, list.Records...)
		if p.After = list.Next; p.After == "" {
			p.Before = list.Previous
			back = list.Records
			break
		}
	}
	for p.Before != "" {
		list, err := w.Store.Records(w.T.Context(), f, p)
		w.must(err)
		back = append(list.Records, back...)
		p.Before = list.Previous
	}
	return there, back
}

func idsOf(list []creditnotes.SettlementRecord) string {
	var ids []string
	for i := range list {
		ids = append(ids, list[i].ID)
	}
	return strings.Join(ids, " ")
}

func recordsKeepWhatTheSalesSideCharges(t *testing.T, open Open) {
	w := NewWorld(t, open)
	sell := func(rate string) {
		for i := range w.Config.Tariffs.ChargePoint {
			w.Config.Tariffs.ChargePoint[i].Sales = []tariffs.Condition{{Rate: rate}}
		}
		w.Save()
	}
	rates := w.Config.Tariffs.CostRates
	sell(rates[0].Key)
	w.Charged(
		Charge("sold", "ST-2", "2026-10-03 10:00", "10", func(s *sessions.Session) { s.Class = sessions.Bilateral }),
		Charge("stated", "ST-2", "2026-10-04 10:00", "10", func(s *sessions.Session) { s.Class = sessions.Bilateral }, Driven(9_000_000)),
		Charge("unknown", "ST-1", "2026-10-05 10:00", "10"))
	o := w.OpenMonth()
	_, err := o.Refresh(t.Context())
	w.must(err)
	before := w.RecordSums(creditnotes.SettlementFilter{Open: creditnotes.WithOpen})
	w.Month("2026-10")
	sell(rates[len(rates)-1].Key) // what is issued stays as it is
	Same(t, w.RecordSums(creditnotes.SettlementFilter{}), before)
	var told []string
	for r, err := range w.Store.EachRecord(t.Context(), creditnotes.SettlementFilter{}) {
		w.must(err)
		amount := "unknown"
		if r.Session.DriverAmount != nil {
			amount = r.Session.DriverAmount.String()
		}
		told = append(told, r.Session.Name+" "+amount)
	}
	Same(t, strings.Join(told, "\n"), `
		sold 3.500000
		stated 9.000000
		unknown unknown`)
	w.listsAgree()
	w.Charged(Charge("sold", "ST-2", "2026-10-03 10:00", "20", func(s *sessions.Session) { s.Class = sessions.Bilateral }))
	w.Now = w.Now.AddDate(0, 1, 0)
	w.Month("2026-11")
	w.listsAgree()
	w.Proven()
}
