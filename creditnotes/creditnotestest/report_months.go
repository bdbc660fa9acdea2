package creditnotestest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/money"
	"creditrun/internal/sessions"
	"creditrun/internal/settlement"
)

// reportMonths are made-up months under contracts of all kinds: sessions that
// come late, without a driver amount or as own charging, money that is collected
// later or never, notes that are cancelled, top-ups, owners that are due by the
// quarter.
type reportMonths struct {
	*World
	dice    *rand.Rand
	unpaid  []string // external ids whose driver's money may still arrive
	journal []string
	count   int
}

// ReportMonths tells such months and proves the books after each; the figures of
// every report have to be those of the records.
func ReportMonths(t *testing.T, open Open, seed uint64) {
	tell(t, open, func(t *testing.T, w *World) {
		m := &reportMonths{World: w, dice: rand.New(rand.NewPCG(seed, 22))}
		m.contracts()
		for _, month := range historyMonths {
			w.Now = Evening(month.LastDay())
			m.happenings(month)
			w.Month(month)
			m.agree(month)
			if m.cancels() {
				w.Month(month)
			}
			w.Proven()
			if t.Failed() {
				t.Fatalf("seed %d after %s: %v", seed, month, m.journal)
			}
		}
	})
}

func (m *reportMonths) log(format string, args ...any) {
	m.journal = append(m.journal, fmt.Sprintf(format, args...))
}

// contracts gives both owners terms by chance.
func (m *reportMonths) contracts() {
	var list []settlement.Contract
	for _, owner := range []string{"a", "b"} {
		c := settlement.Contract{Key: "k" + owner, Owner: owner, From: "2026-10", Active: true}
		if m.dice.IntN(3) > 0 {
			ac, dc := money.Percent(m.dice.IntN(10001)), money.Percent(m.dice.IntN(10001))
			c.ShareAC, c.ShareDC, c.ExcludeConnectionFee = &ac, &dc, m.dice.IntN(2) == 0
		}
		if c.Shares() && m.dice.IntN(2) == 0 {
			c.DeductElectricityCost, c.ElectricityCost, c.ReimburseElectricityCost = true, money.Fine(m.dice.IntN(300_000_000)), m.dice.IntN(2) == 0
		}
		if m.dice.IntN(3) == 0 {
			c.HandlingFee = money.Percent(m.dice.IntN(1000))
		}
		if m.dice.IntN(3) == 0 {
			c.MinimumGuarantee = money.Micros(m.dice.IntN(60)) * 1_000_000
		}
		if m.dice.IntN(3) == 0 {
			c.VolumeBonus = []settlement.BonusBand{{From: 20_000_000, PerKWh: 10_000_000}}
		}
		if m.dice.IntN(2) == 0 {
			c.MonthlyFee = money.Micros(m.dice.IntN(20)) * 1_000_000
		}
		if m.dice.IntN(3) == 0 {
			c.SettleOn = settlement.Collected
		}
		c.BillOwnCharging = owner == "b" && m.dice.IntN(2) == 0
		if m.dice.IntN(3) == 0 {
			m.Entity(owner).Frequency = entities.Quarterly
		}
		m.log("%s: %+v %s", owner, c, m.Entity(owner).Frequency)
		list = append(list, c)
	}
	m.charged(list...)
}

// happenings are the sessions, collections and top-ups of a month.
func (m *reportMonths) happenings(month entities.Month) {
	for range m.dice.IntN(6) {
		m.session(month)
	}
	for i, id := range slices.Backward(m.unpaid) {
		if m.dice.IntN(3) > 0 {
			continue
		}
		m.unpaid = slices.Delete(m.unpaid, i, i+1)
		m.must(m.Store.TakeCollections(m.T.Context(), []sessions.Collection{{Source: "csv", ExternalID: id, At: m.Now.Add(-time.Hour)}}))
		m.log("collected %s", id)
	}
	if m.dice.IntN(3) == 0 {
		m.count++
		one := creditnotes.TopUp{Key: fmt.Sprintf("T-%d", m.count), Entity: []string{"a", "b"}[m.dice.IntN(2)], User: "u",
			Amount: money.Amount(m.dice.IntN(4000) + 1), Currency: "EUR", At: m.Now.Add(-2 * time.Hour)}
		m.must(m.Store.TakeTopUps(m.T.Context(), []creditnotes.TopUp{one}))
		m.log("topped up %s %d", one.Entity, one.Amount)
	}
}

// session charges at a station of a or b, in the month or, late, the one before.
func (m *reportMonths) session(month entities.Month) {
	m.count++
	id, of := fmt.Sprintf("S-%03d", m.count), month
	if m.dice.IntN(5) == 0 && month > historyMonths[0] {
		of = month.Prev()
	}
	var changes []func(*sessions.Session)
	switch m.dice.IntN(6) {
	case 0: // unknown
	case 1:
		changes = append(changes, Driven(0))
	default:
		changes = append(changes, Driven(money.Micros(m.dice.IntN(30_000_000)+1)))
		m.unpaid = append(m.unpaid, id)
	}
	switch m.dice.IntN(8) {
	case 0:
		changes = append(changes, Invalid)
	case 1:
		changes = append(changes, func(s *sessions.Session) { s.MediumUID = "mb" })
	}
	start := fmt.Sprintf("%s-%02d %02d:%02d", of, m.dice.IntN(20)+2, m.count%24, m.count*7%60)
	s := Charge(id, []string{"ST-1", "ST-9"}[m.dice.IntN(2)], start, fmt.Sprint(m.dice.IntN(40)+1), changes...)
	s.End, s.Duration = s.Start.Add(time.Minute), 60
	m.Charged(s)
	m.log("%s at %s %s driver %v", id, s.EVSEID, start, s.DriverAmount)
}

// cancels reports whether it has cancelled a note of the last months.
func (m *reportMonths) cancels() bool {
	issued := m.Issued()
	if len(issued) == 0 || m.dice.IntN(3) > 0 {
		return false
	}
	n := issued[m.dice.IntN(len(issued))]
	_, err := m.TryCancel(n.Number)
	m.log("cancel %s: %v", n.Number, err)
	return err == nil
}

// agree compares the reports of a month that was run now with its records.
func (m *reportMonths) agree(month entities.Month) {
	for _, owner := range []string{"a", "b"} {
		f, err := m.Store.FrozenReport(m.T.Context(), creditnotes.ReportName(owner, string(month), "EUR"), nil)
		if err == nil {
			m.ReportAgrees(f)
		}
	}
}

// ReportAgrees compares the totals of a report of which nothing was cancelled
// with those of its records, which another piece of code adds up.
func (w *World) ReportAgrees(f *creditnotes.FrozenReport) {
	w.T.Helper()
	r, err := f.Report()
	w.must(err)
	q := creditnotes.SettlementFilter{Owners: []string{f.Owner}, Currency: f.Currency, Run: r.Run, Direction: creditnotes.Revenue, AsOf: f.Cutoff}
	figures := func(c creditnotes.Collected) (sum creditnotes.RecordFigures) {
		q.Collected = c
		totals, err := w.Store.RecordTotals(w.T.Context(), q)
		w.must(err)
		for _, t := range totals {
			sum.Plus(&t.RecordFigures)
		}
		return sum
	}
	collected, awaited, all := figures(creditnotes.DriverCollected), figures(creditnotes.DriverAwaited), figures("")
	micros := func(text string) money.Micros {
		v, err := money.ParseMicros(text)
		w.must(err)
		return v
	}
	t := &r.Totals
	for name, pair := range map[string][2]money.Micros{
		"collected":       {micros(t.Collected), collected.DriverAmount},
		"collected_share": {micros(t.CollectedShare), collected.OwnerShare},
		"awaited":         {micros(t.Awaited), awaited.DriverAmount},
		"awaited_share":   {micros(t.AwaitedShare), awaited.OwnerShare},
		"revenue":         {micros(t.Revenue) - micros(t.Rounding), all.Net},
		"energy":          {money.Micros(t.Energy), money.Micros(all.Energy)},
		"unknown":         {money.Micros(t.Unknown), money.Micros(all.Unknown)},
	} {
		if pair[0] != pair[1] {
			w.T.Errorf("%s of report %s is %s, its records come to %s", name, f.Name, pair[0], pair[1])
		}
	}
}
