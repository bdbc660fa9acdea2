package creditnotes

import (
	"cmp"
	"iter"
	"slices"

	"creditrun/entities"
	"creditrun/internal/money"
)

// RecordSum adds up records of one owner, currency, direction, origin, month and
// collection.
type RecordSum struct {
	Owner     string
	Currency  string
	Direction RecordDirection
	Origin    Origin
	Month     entities.Month
	Collected Collected
	RecordFigures
}

// RecordTotal adds up the records of a listing in one currency and direction.
type RecordTotal struct {
	Currency  string
	Direction RecordDirection
	RecordFigures
}

// RecordFigures are what records come to. A session whose driver amount is
// unknown has no operator's share: it is counted, and not taken for 0.
type RecordFigures struct {
	Records       int64
	Net           money.Micros
	DriverAmount  money.Micros
	OwnerShare    money.Micros
	OperatorShare money.Micros
	Energy        money.Quantity
	Unknown       int64 // records of sessions with an unknown driver amount
}

// Add adds a record.
func (f *RecordFigures) Add(r *SettlementRecord) {
	f.Records++
	f.Net += r.Net
	s := r.Session
	if s == nil {
		return
	}
	f.OwnerShare += s.OwnerShare
	f.Energy += s.Energy
	if s.DriverAmount != nil {
		f.DriverAmount += *s.DriverAmount
	}
	switch {
	case s.OperatorShare != nil:
		f.OperatorShare += *s.OperatorShare
	case r.Origin == OriginSession:
		f.Unknown++
	}
}

// Plus adds other figures.
func (f *RecordFigures) Plus(o *RecordFigures) {
	f.Records += o.Records
	f.Net += o.Net
	f.DriverAmount += o.DriverAmount
	f.OwnerShare += o.OwnerShare
	f.OperatorShare += o.OperatorShare
	f.Energy += o.Energy
	f.Unknown += o.Unknown
}

// SumRecords adds up records, in order of owner, currency, direction, origin,
// month and collection. It returns the first error of the records.
func SumRecords(records iter.Seq2[SettlementRecord, error]) ([]RecordSum, error) {
	sums := map[RecordSum]*RecordFigures{}
	for r, err := range records {
		if err != nil {
			return nil, err
		}
		key := RecordSum{Owner: r.Owner, Currency: r.Currency, Direction: r.Direction, Origin: r.Origin, Month: r.Month, Collected: r.Collected}
		if sums[key] == nil {
			sums[key] = &RecordFigures{}
		}
		sums[key].Add(&r)
	}
	list := make([]RecordSum, 0, len(sums))
	for key, figures := range sums {
		key.RecordFigures = *figures
		list = append(list, key)
	}
	slices.SortFunc(list, func(a, b RecordSum) int {
		return cmp.Or(cmp.Compare(a.Owner, b.Owner), cmp.Compare(a.Currency, b.Currency), cmp.Compare(a.Direction, b.Direction),
			cmp.Compare(a.Origin, b.Origin), cmp.Compare(a.Month, b.Month), cmp.Compare(a.Collected, b.Collected))
	})
	return list, nil
}

// AddTotals adds some totals to others, in order of currency and direction,
// revenue first.
func AddTotals(lists ...[]RecordTotal) []RecordTotal {
	var all []RecordTotal
	for _, list := range lists {
		for _, t := range list {
			if t.Records == 0 {
				continue
			}
			i := slices.IndexFunc(all, func(a RecordTotal) bool { return a.Currency == t.Currency && a.Direction == t.Direction })
			if i < 0 {
				all = append(all, t)
				continue
			}
			all[i].Plus(&t.RecordFigures)
		}
	}
	slices.SortFunc(all, func(a, b RecordTotal) int {
		return cmp.Or(cmp.Compare(a.Currency, b.Currency), -cmp.Compare(a.Direction, b.Direction))
	})
	return all
}
