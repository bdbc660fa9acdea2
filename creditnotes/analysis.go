package creditnotes

import (
	"cmp"
	"context"
	"slices"
	"time"

	"creditrun/entities"
	"creditrun/internal/money"
	"creditrun/internal/sessions"
	"creditrun/tariffs"
)

// AnalysisBy says what an analysis adds up by.
type AnalysisBy string

// What an analysis adds up by. A tariff is that of the purchase price, and where a
// share decides the contract.
const (
	ByOwner   AnalysisBy = "owner"
	ByStation AnalysisBy = "station"
	ByTariff  AnalysisBy = "tariff"
	ByMonth   AnalysisBy = "month"
)

// AnalysisGroups are all that an analysis may add up by.
var AnalysisGroups = []AnalysisBy{ByOwner, ByStation, ByTariff, ByMonth}

// TrendMonths is how many months a trend shows.
const TrendMonths = 24

// AnalysisQuery asks what was settled of the sessions of some months, by the month
// they belong to. Sessions on documents that are cancelled do not count, and none
// that no run has settled.
type AnalysisQuery struct {
	By          AnalysisBy
	From, Until entities.Month
	Owners      []string // keys; nil: all
	Currency    string   // empty: all
}

// AnalysisFigures are what sessions come to. Driver amounts are those that were
// known when the run was issued.
type AnalysisFigures struct {
	Sessions       int64
	Energy         money.Quantity
	Share          money.Micros // the owner's
	Driver         money.Micros // driver amounts, as far as they are known
	DriverShare    money.Micros // the owner's share of the sessions whose driver amount is known
	Collected      money.Micros // driver amounts that had been collected at the cut-off of the run
	CollectedShare money.Micros
	Unknown        int64 // sessions without a known driver amount
}

// Operator is the operator's share of the known driver amounts.
func (f *AnalysisFigures) Operator() money.Micros { return f.Driver - f.DriverShare }

// Awaited is what drivers still owed when their sessions were settled.
func (f *AnalysisFigures) Awaited() money.Micros { return f.Driver - f.Collected }

func (f *AnalysisFigures) plus(o *AnalysisFigures) {
	f.Sessions, f.Energy, f.Unknown = f.Sessions+o.Sessions, f.Energy+o.Energy, f.Unknown+o.Unknown
	f.Share, f.Driver, f.DriverShare = f.Share+o.Share, f.Driver+o.Driver, f.DriverShare+o.DriverShare
	f.Collected, f.CollectedShare = f.Collected+o.Collected, f.CollectedShare+o.CollectedShare
}

// AnalysisRow is what one owner, station, tariff or month comes to in one currency.
type AnalysisRow struct {
	Key      string // of the owner, station, tariff or contract; the month
	Rule     string // of a tariff: as in price paths
	Currency string
	AnalysisFigures
	// Beside is what the owner earns beside sessions: guarantee, bonus and custom
	// records. Fees are what it owes: platform fees, own charging and custom
	// records. Only owners and months have them.
	Beside, Fees money.Micros
}

// HeldSum is what the latest run held of an owner for one reason, with what it
// would come to if it were released.
type HeldSum struct {
	Owner    string // key; empty: no owner
	Reason   sessions.Reason
	Currency string // empty: of sessions whose worth is unknown
	Count
	Worth   money.Micros
	Unknown int64 // sessions whose worth is unknown
}

// AwaitedSum is what drivers still owed of an owner's settled sessions at the
// cut-off of its last settlement report.
type AwaitedSum struct {
	Owner, Currency string
	Driver, Share   money.Micros
	Until           time.Time
}

// AnalysisStore reads sums that are there: those of lines, which were added up when
// their run was issued, positions without sessions, what the latest run held, and
// what is awaited by the last settlement reports.
type AnalysisStore interface {
	AnalysisRows(ctx context.Context, q AnalysisQuery) ([]AnalysisRow, error)
	// AnalysisBeside fills Beside and Fees, by owner or by month.
	AnalysisBeside(ctx context.Context, q AnalysisQuery) ([]AnalysisRow, error)
	AnalysisHeld(ctx context.Context, q AnalysisQuery) ([]HeldSum, error)
	AnalysisAwaited(ctx context.Context, q AnalysisQuery) ([]AwaitedSum, error)
}

// Analysis is what was settled, and what waits.
type Analysis struct {
	AnalysisQuery
	Rows    []AnalysisRow // by key and currency
	Totals  []AnalysisRow // by currency
	Trend   []AnalysisRow // by month and currency: the TrendMonths until the last month that was asked for
	Held    []HeldSum     // by owner, reason and currency
	Awaited []AwaitedSum  // by owner and currency
}

// Analyze answers an analysis.
func Analyze(ctx context.Context, store AnalysisStore, q AnalysisQuery) (a *Analysis, err error) {
	a = &Analysis{AnalysisQuery: q}
	if a.Rows, err = analysisRows(ctx, store, q); err != nil {
		return nil, err
	}
	for i := range a.Rows {
		a.Totals = withRow(a.Totals, AnalysisRow{Currency: a.Rows[i].Currency}, &a.Rows[i])
	}
	trend := q
	trend.By, trend.From = ByMonth, q.Until.AddMonths(1-TrendMonths)
	if a.Trend, err = analysisRows(ctx, store, trend); err != nil {
		return nil, err
	}
	if a.Held, err = store.AnalysisHeld(ctx, q); err != nil {
		return nil, err
	}
	if a.Awaited, err = store.AnalysisAwaited(ctx, q); err != nil {
		return nil, err
	}
	slices.SortFunc(a.Held, func(x, y HeldSum) int {
		return cmp.Or(cmp.Compare(x.Owner, y.Owner), cmp.Compare(x.Reason, y.Reason), cmp.Compare(x.Currency, y.Currency))
	})
	slices.SortFunc(a.Awaited, func(x, y AwaitedSum) int {
		return cmp.Or(cmp.Compare(x.Owner, y.Owner), cmp.Compare(x.Currency, y.Currency))
	})
	return a, nil
}

// analysisRows reads the rows of a query, with what is beside sessions.
func analysisRows(ctx context.Context, store AnalysisStore, q AnalysisQuery) ([]AnalysisRow, error) {
	rows, err := store.AnalysisRows(ctx, q)
	if err != nil {
		return nil, err
	}
	if q.By == ByOwner || q.By == ByMonth {
		beside, err := store.AnalysisBeside(ctx, q)
		if err != nil {
			return nil, err
		}
		for i := range beside {
			rows = withRow(rows, AnalysisRow{Key: beside[i].Key, Currency: beside[i].Currency}, &beside[i])
		}
	}
	slices.SortFunc(rows, func(x, y AnalysisRow) int {
		return cmp.Or(cmp.Compare(x.Key, y.Key), cmp.Compare(x.Rule, y.Rule), cmp.Compare(x.Currency, y.Currency))
	})
	return rows, nil
}

// withRow adds a row to the one of the same key, rule and currency.
func withRow(list []AnalysisRow, to AnalysisRow, row *AnalysisRow) []AnalysisRow {
	i := slices.IndexFunc(list, func(r AnalysisRow) bool { return r.Key == to.Key && r.Rule == to.Rule && r.Currency == to.Currency })
	if i < 0 {
		list, i = append(list, to), len(list)
	}
	list[i].Add(row)
	return list
}

// Add adds the figures of another row.
func (r *AnalysisRow) Add(o *AnalysisRow) {
	r.plus(&o.AnalysisFigures)
	r.Beside, r.Fees = r.Beside+o.Beside, r.Fees+o.Fees
}

// AnalysisKeys are what lines with a price path are added up by. Where a share
// decides, the contract stands for the tariff.
func AnalysisKeys(path *tariffs.Path) (station, rule, tariff string) {
	info := PathInfoOf(path)
	if path.Rule == tariffs.ContractRule {
		return info.Station, info.Rule, info.Contract
	}
	return info.Station, info.Rule, info.Tariff
}

// HeldOf adds up what is held of owners by currency; the empty currency has the
// sessions whose worth is unknown.
func HeldOf(list []HeldSum) (total Count, worth map[string]money.Micros, unknown int64) {
	worth = map[string]money.Micros{}
	for i := range list {
		h := &list[i]
		total = total.Plus(h.Count)
		unknown += h.Unknown
		if h.Currency != "" {
			worth[h.Currency] += h.Worth
		}
	}
	return total, worth, unknown
}
