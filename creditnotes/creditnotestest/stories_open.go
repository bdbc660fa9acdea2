package creditnotestest

import (
	"context"
	"fmt"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/money"
	"creditrun/internal/sessions"
	"creditrun/internal/settlement"
	"creditrun/numbering"
)

// OpenMonth keeps the open month of the world.
func (w *World) OpenMonth() *creditnotes.OpenMonth {
	return &creditnotes.OpenMonth{Runner: w.Runner, Store: w.Store}
}

// openWorld is a world in mid-month with a contract that has all there is.
func openWorld(t *testing.T, open Open) *World {
	w := NewWorld(t, open)
	w.Now = Evening("2026-10-20")
	UnderContract(w, func(c *settlement.Contract) {
		c.MinimumGuarantee, c.MonthlyFee, c.ElectricityTax = 30_000_000, 5_000_000, 10_000_000
		c.VolumeBonus = []settlement.BonusBand{{From: 20_000_000, PerKWh: 10_000_000}}
	})
	w.Charged(append(WorkedContractMonth(), Charge("B", "ST-9", "2026-10-05 10:00", "10"), Charge("twice", "ST-9", "2026-10-06 10:00", "10"))...)
	return w
}

var openToo = creditnotes.SettlementFilter{Open: creditnotes.WithOpen}

func openRecordsAreWhatARunWouldMake(t *testing.T, open Open) {
	w := openWorld(t, open)
	w.Config.NumberRanges = append(w.Config.NumberRanges, NumberRange("re", "RE-{YYYY}-{SEQ:5}", numbering.Invoice))
	w.Save()
	w.Set("invoice_range", "re", "fee_tax_account", "s19")
	o := w.OpenMonth()
	_, err := o.Refresh(t.Context())
	w.must(err)
	before := w.RecordSums(openToo)
	Same(t, before, `
		a EUR expense platform_fee 2026-10 - 1× 5.000000 driver 0.000000 owner 0.000000 operator 0.000000 unknown 0
		a EUR revenue electricity_cost_reimbursement 2026-10 awaited 2× 11.000000 driver 0.000000 owner 0.000000 operator 0.000000 unknown 0
		a EUR revenue electricity_cost_reimbursement 2026-10 collected 1× 1.100000 driver 0.000000 owner 0.000000 operator 0.000000 unknown 0
		a EUR revenue electricity_tax_reimbursement 2026-10 awaited 2× 0.500000 driver 0.000000 owner 0.000000 operator 0.000000 unknown 0
		a EUR revenue electricity_tax_reimbursement 2026-10 collected 1× 0.050000 driver 0.000000 owner 0.000000 operator 0.000000 unknown 0
		a EUR revenue minimum_guarantee 2026-10 - 1× 7.770000 driver 0.000000 owner 0.000000 operator 0.000000 unknown 0
		a EUR revenue session 2026-10 awaited 2× 10.607500 driver 28.500000 owner 22.107500 operator 6.392500 unknown 0
		a EUR revenue session 2026-10 collected 1× -1.030000 driver 0.000000 owner 0.120000 operator -0.120000 unknown 0
		a EUR revenue volume_bonus 2026-10 - 1× 0.350000 driver 0.000000 owner 0.000000 operator 0.000000 unknown 0
		b EUR revenue session 2026-10 awaited 2× 6.300000 driver 0.000000 owner 6.300000 operator 0.000000 unknown 2`)
	Same(t, w.RecordSums(creditnotes.SettlementFilter{}), "")
	w.listsAgree()
	w.Now = Evening("2026-10-31")
	w.Month("2026-10")
	Same(t, w.RecordSums(creditnotes.SettlementFilter{}), before)
	Same(t, w.RecordSums(openToo), before) // also before the book knows of the run
	_, err = o.Refresh(t.Context())
	w.must(err)
	Same(t, w.RecordSums(openToo), before)
	Same(t, w.RecordSums(creditnotes.SettlementFilter{Open: creditnotes.OnlyOpen}), "")
}

func openMonthFollowsWhatChanges(t *testing.T, open Open) {
	w := openWorld(t, open)
	w.Config.Media = append(w.Config.Media, entities.Medium{UID: "MB", Issuer: "b"})
	w.Config.Contracts = append(w.Config.Contracts, settlement.Contract{Key: "kb", Owner: "b", From: "2026-01", Active: true,
		BillOwnCharging: true, OwnChargingDiscount: 1000})
	w.Save()
	own := func(s *sessions.Session) { s.MediumUID = "MB" }
	o := w.OpenMonth()
	first, err := o.Refresh(t.Context())
	w.must(err)
	for _, change := range []struct {
		what   string
		change func()
	}{
		{"nothing", func() {}},
		{"new sessions", func() { w.Charged(Charge("new", "ST-2", "2026-10-07 10:00", "12")) }},
		{"an earlier session that one overlaps", func() { w.Charged(Charge("before", "ST-9", "2026-10-06 09:30", "9", Lasting(2*time.Hour))) }},
		{"a release", func() {
			_, _, err := w.Store.ReleaseSessions(t.Context(), "fin", []int64{w.ID("twice")}, "seen")
			w.must(err)
		}},
		{"another version", func() { w.Charged(Charge("B", "ST-9", "2026-10-05 10:00", "11")) }},
		{"a collection", func() {
			w.Now = w.Now.Add(time.Hour)
			w.must(w.Store.TakeCollections(t.Context(), []sessions.Collection{{Source: "csv", ExternalID: "DC", At: w.Now}}))
		}},
		{"a custom record", func() {
			w.must(w.Store.TakeRecords(t.Context(), []creditnotes.CustomRecord{
				{Key: "c1", Owner: "a", Month: "2026-10", Date: "2026-10-12", Text: "Cable", Net: 1500, Direction: creditnotes.Credited}}))
		}},
		{"own charging", func() { w.Charged(Charge("own", "ST-1", "2026-10-08 10:00", "10", Driven(5_000_000), own)) }},
		{"own charging, another version", func() { w.Charged(Charge("own", "ST-1", "2026-10-08 10:00", "11", Driven(5_500_000), own)) }},
		{"a session that is taken back", func() { w.Charged(Charge("AC", "ST-1", "2026-10-03 10:00", "10", Driven(4_900_000), reversedOne)) }},
		{"a session of the future", func() { w.Charged(Charge("late", "ST-2", "2026-10-27 10:00", "5")) }},
	} {
		change.change()
		book, err := o.Refresh(t.Context())
		w.must(err)
		if book.ID != first.ID {
			t.Fatalf("%s: all of it was made anew", change.what)
		}
		w.isWhole(o, change.what)
		first, err = o.Refresh(t.Context()) // made anew by isWhole
		w.must(err)
	}
	w.Now = Evening("2026-10-28") // what lay in the future does no more
	book, err := o.Refresh(t.Context())
	w.must(err)
	if book.ID != first.ID {
		t.Fatal("the clock: all of it was made anew")
	}
	w.isWhole(o, "the clock")
}

func reversedOne(s *sessions.Session) { s.Reversed = true }

// isWhole compares what a book has become by changes with one that is made anew.
func (w *World) isWhole(o *creditnotes.OpenMonth, what string) {
	w.T.Helper()
	ctx := w.T.Context()
	tell := func() string {
		m, _, err := o.MonthSoFar(ctx)
		w.must(err)
		return w.RecordSums(openToo) + fmt.Sprintf("%+v", *m)
	}
	w.listsAgreeOn(openToo)
	got := tell()
	w.Save()
	_, err := o.Refresh(ctx)
	w.must(err)
	if want := tell(); got != want {
		w.T.Errorf("%s:\n%s", what, gocmp.Diff(want, got))
	}
	survey, err := w.Runner.MonthSoFar(ctx, "2026-10")
	w.must(err)
	m, _, err := o.MonthSoFar(ctx)
	w.must(err)
	if diff := gocmp.Diff(survey, m, cmpopts.EquateEmpty()); diff != "" {
		w.T.Errorf("%s: the month so far\n%s", what, diff)
	}
}

// listsAgreeOn compares pages and totals of a filter and of narrower ones.
func (w *World) listsAgreeOn(f creditnotes.SettlementFilter) {
	w.T.Helper()
	w.listAgrees(f)
	for _, narrow := range []func(*creditnotes.SettlementFilter){
		func(f *creditnotes.SettlementFilter) { f.Owners = []string{"b"} }, func(f *creditnotes.SettlementFilter) { f.Collected = creditnotes.DriverAwaited },
		func(f *creditnotes.SettlementFilter) { f.Collected = creditnotes.DriverCollected }, func(f *creditnotes.SettlementFilter) { f.Origin = creditnotes.OriginElectricityCost },
		func(f *creditnotes.SettlementFilter) { f.From, f.Until = "2026-10-04", "2026-10-05" }, func(f *creditnotes.SettlementFilter) { f.Month = "2026-10" },
		func(f *creditnotes.SettlementFilter) { f.Open = creditnotes.OnlyOpen }, func(f *creditnotes.SettlementFilter) { f.Direction = creditnotes.Expense },
	} {
		one := f
		narrow(&one)
		w.listAgrees(one)
	}
}

// diesAt is the store of a process that dies in the middle of a book.
type diesAt struct {
	Store
	left int
}

func (d *diesAt) WriteOpen(ctx context.Context, id int64, fn func(creditnotes.OpenWriter) error) error {
	if d.left--; d.left < 0 {
		return ErrCrash
	}
	return d.Store.WriteOpen(ctx, id, fn)
}

func (d *diesAt) FinishBook(context.Context, int64, []creditnotes.OpenCharge) error { return ErrCrash }

func (d *diesAt) RemoveBook(context.Context, int64) error { return ErrCrash }

func openMonthSurvivesACrash(t *testing.T, open Open) {
	w := openWorld(t, open)
	dead := &creditnotes.OpenMonth{Runner: w.Runner, Store: &diesAt{w.Store, 1}}
	if _, err := dead.Refresh(t.Context()); err == nil {
		t.Fatal("a dead process made a book")
	}
	o := w.OpenMonth()
	if book, err := o.Refresh(t.Context()); book != nil || err != nil {
		t.Fatalf("%+v, %v: a book that another process may be making is left to it", book, err)
	}
	Same(t, w.RecordSums(openToo), "")
	w.Now = w.Now.Add(3 * time.Minute)
	_, err := o.Refresh(t.Context())
	w.must(err)
	w.isWhole(o, "after a crash")
	book, err := o.Refresh(t.Context())
	w.must(err)
	// The lines of an update are there, and what no session makes is not.
	w.Charged(Charge("new", "ST-1", "2026-10-07 10:00", "12", Driven(money.Micros(6_000_000))))
	half := &creditnotes.OpenMonth{Runner: w.Runner, Store: &noEntries{w.Store}}
	if _, err := half.Refresh(t.Context()); err == nil {
		t.Fatal("a dead process saved entries")
	}
	again, err := o.Refresh(t.Context())
	w.must(err)
	if again.ID != book.ID {
		t.Error("all of it was made anew")
	}
	w.isWhole(o, "after a crash between two steps")
}

type noEntries struct{ Store }

func (noEntries) SaveOpenEntries(context.Context, *creditnotes.OpenBook, []creditnotes.SettlementRecord) error {
	return ErrCrash
}

func twoProcessesKeepTheOpenMonth(t *testing.T, open Open) {
	w := openWorld(t, open)
	there := &World{T: t, Now: w.Now, Config: w.Config, Store: w.Another(), another: w.another}
	there.Runner = w.NewRunner(there.Store)
	months := []*creditnotes.OpenMonth{w.OpenMonth(), there.OpenMonth()}
	_, err := months[0].Refresh(t.Context())
	w.must(err)
	for round := range 5 {
		w.Charged(Charge(fmt.Sprintf("n%d", round), "ST-1", fmt.Sprintf("2026-10-%02d 10:00", 7+round), "12", Driven(6_000_000)))
		errs := make(chan error)
		for _, o := range months {
			go func() {
				_, err := o.Refresh(t.Context())
				errs <- err
			}()
		}
		for range months {
			w.must(<-errs)
		}
	}
	w.isWhole(months[1], "two processes")
}
