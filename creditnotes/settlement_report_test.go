package creditnotes_test

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"creditrun/creditnotes"
	"creditrun/creditnotes/memory"
	"creditrun/internal/money"
)

// workedTopUp is a top-up of a worked month.
type workedTopUp struct {
	ID       string    `json:"id"`
	Entity   string    `json:"entity"`
	User     string    `json:"user"`
	Amount   string    `json:"amount"`
	Currency string    `json:"currency"`
	At       time.Time `json:"at"`
}

func (w *worked) toppedUp(one workedTopUp) {
	amount := must(money.ParseMicros(one.Amount)).Round(2)
	err := w.s.TakeTopUps(w.T.Context(), []creditnotes.TopUp{{
		Key: one.ID, Entity: one.Entity, User: one.User, Amount: amount, Currency: cmp.Or(one.Currency, "EUR"), At: one.At,
	}})
	if err != nil {
		w.T.Fatal(err)
	}
}

// workedReport is a settlement report of a worked month.
type workedReport struct {
	Owner          string         `json:"owner"`
	Currency       string         `json:"currency"`
	Revenue        string         `json:"revenue"`
	Collected      workedShares   `json:"collected"`
	Awaited        workedShares   `json:"awaited"`
	NotFromDrivers string         `json:"not_from_drivers"`
	Rounding       string         `json:"rounding"`
	Unknown        int64          `json:"driver_amount_unknown"`
	Expenses       string         `json:"expenses"`
	TopUps         string         `json:"top_ups"`
	Previous       workedShares   `json:"collected_previous"`
	StillAwaited   workedShares   `json:"still_awaited"`
	Held           map[string]int `json:"held"`
}

type workedShares struct {
	Sessions int64  `json:"sessions"`
	Driver   string `json:"driver_amount"`
	Share    string `json:"owner_share"`
}

// reported compares the settlement reports of a run with what is expected.
func (w *worked) reported(run string, want []workedReport) {
	w.T.Helper()
	stored, err := w.s.RunByName(w.T.Context(), run)
	if err != nil {
		w.T.Fatal(err)
	}
	six := func(text string) string { return must(money.ParseMicros(text)).String() }
	got := []workedReport{}
	for _, f := range w.s.Look().Reports {
		if f.RunID != stored.ID {
			continue
		}
		r := must(f.Report())
		t := r.Totals
		one := workedReport{
			Owner: r.Owner, Currency: r.Currency, Revenue: t.Revenue, Collected: workedShares{0, six(t.Collected), t.CollectedShare},
			Awaited: workedShares{0, six(t.Awaited), t.AwaitedShare}, NotFromDrivers: six(t.NotFromDrivers), Rounding: t.Rounding, Unknown: t.Unknown,
			Expenses: t.Expenses, TopUps: t.TopUps, Previous: workedShares{t.PreviousSessions, six(t.CollectedPrevious), t.PreviousShare},
			StillAwaited: workedShares{0, six(t.StillAwaited), t.StillAwaitedShare}, Held: map[string]int{},
		}
		for _, h := range r.Held {
			one.Held[string(h.Reason)] = int(h.Sessions)
		}
		if !r.Control.Balanced {
			w.T.Errorf("report %s is not balanced: %+v", r.Name, r.Control)
		}
		got = append(got, one)
	}
	order := func(a, b workedReport) int { return strings.Compare(a.Owner+" "+a.Currency, b.Owner+" "+b.Currency) }
	want = append([]workedReport{}, want...)
	slices.SortFunc(want, order)
	slices.SortFunc(got, order)
	if diff := gocmp.Diff(want, got); diff != "" {
		w.T.Errorf("settlement reports of %s (-want +got):\n%s", run, diff)
	}
}

func TestVerifyFindsWhatIsWrongWithSettlementReports(t *testing.T) {
	tell(t, func(t *testing.T, w *world) {
		w.Charged(charge("S-1", "ST-1", "2026-10-03 10:00", "10"))
		w.Month("2026-10")
		w.Proven()
		before := w.s.Look()
		if len(before.Reports) != 1 || before.Reports[0].Name != "a-2026-10-EUR" {
			t.Fatalf("reports %+v", before.Reports)
		}
		for name, broken := range map[string]struct {
			change func(d *memory.Data)
			want   string
		}{
			"content":  {func(d *memory.Data) { d.Reports[0].Content = []byte(`{}`) }, "verify_report_seal"},
			"hash":     {func(d *memory.Data) { d.Reports[0].SHA256 = strings.Repeat("0", 64) }, "verify_report_seal"},
			"gone":     {func(d *memory.Data) { d.Reports = nil }, "verify_report_gone"},
			"awaited":  {func(d *memory.Data) { d.Reports[0].Awaited.Share++ }, "verify_report_awaited"},
			"line":     {func(d *memory.Data) { d.Lines[0].NetEnergy++ }, "verify_report_balance"},
			"records":  {func(d *memory.Data) { d.Sessions[0].ExternalID = "S-2" }, "verify_report_sums"},
			"station":  {func(d *memory.Data) { d.Lines[0].NetEnergy++ }, "verify_station_money"},
			"sessions": {func(d *memory.Data) { d.Lines[0].Energy++ }, "verify_station_sessions"},
		} {
			w.s.Tamper(func(d *memory.Data) {
				*d = *before
				d.Reports = slices.Clone(d.Reports)
				d.Lines = slices.Clone(d.Lines)
				d.Sessions = slices.Clone(d.Sessions)
				broken.change(d)
			})
			proof, err := creditnotes.Verify(context.WithoutCancel(t.Context()), w.s, creditnotes.AuditHead{})
			if err != nil {
				t.Fatal(err)
			}
			var keys []string
			for _, f := range proof.Problems {
				keys = append(keys, f.Key)
			}
			if !slices.Contains(keys, broken.want) {
				t.Errorf("%s: verify finds %v, want %s", name, keys, broken.want)
			}
		}
		w.s.Tamper(func(d *memory.Data) { *d = *before })
		w.Proven()
	})
}
