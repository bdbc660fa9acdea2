package creditnotes

import (
	"cmp"
	"context"
	"iter"
	"slices"
	"strconv"
	"strings"
	"time"

	"creditrun/entities"
	"creditrun/internal/fault"
	"creditrun/internal/money"
)

// RecordStore finds what documents and carried sums are made of, as records.
type RecordStore interface {
	// Records lists one page.
	Records(ctx context.Context, f SettlementFilter, p RecordPage) (RecordList, error)
	// EachRecord yields all records that a filter lets through, the oldest first.
	// After an error there are no more.
	EachRecord(ctx context.Context, f SettlementFilter) iter.Seq2[SettlementRecord, error]
	// RecordTotals adds up all records that a filter lets through.
	RecordTotals(ctx context.Context, f SettlementFilter) ([]RecordTotal, error)
}

// SettlementFilter narrows a listing of records; what is not set does not narrow.
type SettlementFilter struct {
	From, Until entities.Date // the first and the last day, in the operator's zone
	Month       entities.Month
	Owners      []string // keys; nil: all
	Origin      Origin
	Direction   RecordDirection
	Currency    string
	Collected   Collected // collected or awaited
	Number      string    // of the document
	Run         string    // name
	Drafts      bool      // also what stands on drafts
	// Open says whether records of the open month are let through, on which a run
	// has not decided yet, and those on drafts.
	Open OpenRecords
	// AsOf is when collections and driver amounts had to be known to count; zero:
	// now. The figures of a run are those of its cut-off.
	AsOf time.Time
}

// OpenRecords says whether records that are on no document yet are wanted.
type OpenRecords string

// What a filter lets through; WithoutOpen is the default.
const (
	WithoutOpen OpenRecords = ""
	WithOpen    OpenRecords = "all"
	OnlyOpen    OpenRecords = "open"
)

// ParseOpenRecords reads what people choose: all, open or documents.
func ParseOpenRecords(text string) (OpenRecords, bool) {
	switch text {
	case "documents":
		return WithoutOpen, true
	case "", string(WithOpen):
		return WithOpen, true
	case string(OnlyOpen):
		return OnlyOpen, true
	}
	return WithoutOpen, false
}

// WantsOpen reports whether records of the open month can be let through: not
// where a document or a run is named, or only what was known at a time counts.
func (f *SettlementFilter) WantsOpen() bool {
	return f.Open != WithoutOpen && f.Number == "" && f.Run == "" && f.AsOf.IsZero()
}

// Fits reports whether a record is let through, apart from Run, Drafts and AsOf. Top-ups are on no document, and no run decides about them.
func (f *SettlementFilter) Fits(r *SettlementRecord) bool {
	return (f.From.IsZero() || !r.Date.Before(f.From)) && (f.Until.IsZero() || !f.Until.Before(r.Date)) &&
		(f.Month.IsZero() || f.Month == r.Month) &&
		(f.Owners == nil || slices.Contains(f.Owners, r.Owner)) &&
		(f.Origin == "" || f.Origin == r.Origin) && (f.Direction == "" || f.Direction == r.Direction) &&
		(f.Currency == "" || f.Currency == r.Currency) && (f.Collected == "" || f.Collected == r.Collected) &&
		(f.Number == "" || f.Number == r.Number) && (f.Open != OnlyOpen || r.Open || r.Origin == OriginTopUp)
}

// Instants are the instants [from, until) in which a record that fits lies; zero:
// no bound. For records of sessions the month is part of them.
func (f *SettlementFilter) Instants(zone *time.Location, ofSession bool) (from, until time.Time) {
	if !f.From.IsZero() {
		from = f.From.In(zone)
	}
	if !f.Until.IsZero() {
		until = f.Until.AddDays(1).In(zone)
	}
	if !ofSession || f.Month.IsZero() {
		return from, until
	}
	if begin := f.Month.Start(zone); begin.After(from) {
		from = begin
	}
	if end := f.Month.Next().Start(zone); until.IsZero() || end.Before(until) {
		until = end
	}
	return from, until
}

// RecordPage says which page of a listing is wanted, and whether it is sorted by
// net instead of by date.
type RecordPage struct {
	Page
	ByNet bool
}

// RecordList is one page of records. Next and Previous are the cursors of the
// pages beside it; empty: there is none.
type RecordList struct {
	Records        []SettlementRecord
	Next, Previous string
}

// RecordSource is what records are made of.
type RecordSource int

// The sources, in the order of records that are alike otherwise.
const (
	RecordsOfLines     RecordSource = iota // by session
	RecordsOfCharges                       // of own charging, by session
	RecordsOfPositions                     // by note and ordinal
	RecordsOfTopUps                        // by top-up
	RecordsOfOpenMonth                     // that no session makes
)

// RecordPlace is the place of a record in listings. Net is exact, also where a
// position was rounded.
type RecordPlace struct {
	At     time.Time
	Net    money.Micros
	Source RecordSource
	ID     int64 // in its source
	Part   int   // of several with one id
}

// Compare compares two places in a listing.
func (p RecordPlace) Compare(o RecordPlace, byNet bool) int {
	first := p.At.Compare(o.At)
	if byNet {
		first = cmp.Compare(p.Net, o.Net)
	}
	return cmp.Or(first, cmp.Compare(p.Source, o.Source), cmp.Compare(p.ID, o.ID), cmp.Compare(p.Part, o.Part))
}

// Cursor writes a place in a listing.
func (p RecordPlace) Cursor(byNet bool) string {
	first := p.At.UTC().Format(time.RFC3339Nano)
	if byNet {
		first = strconv.FormatInt(int64(p.Net), 10)
	}
	return first + "~" + strconv.Itoa(int(p.Source)) + "." + strconv.FormatInt(p.ID, 10) + "." + strconv.Itoa(p.Part)
}

// Place is where a page begins, nil at the beginning of the listing. A cursor
// that no listing gave out is a Usage fault.
func (p RecordPage) Place() (*RecordPlace, error) {
	cursor := p.After + p.Before
	if cursor == "" {
		return nil, nil
	}
	place, err := parsePlace(cursor, p.ByNet)
	if err != nil {
		return nil, fault.New(fault.Usage, "cursor_invalid", fault.Args{"cursor": cursor})
	}
	return place, nil
}

func parsePlace(cursor string, byNet bool) (*RecordPlace, error) {
	first, second, _ := strings.Cut(cursor, "~")
	source, rest, _ := strings.Cut(second, ".")
	id, part, _ := strings.Cut(rest, ".")
	var place RecordPlace
	var err error
	if byNet {
		var net int64
		net, err = strconv.ParseInt(first, 10, 64)
		place.Net = money.Micros(net)
	} else {
		place.At, err = time.Parse(time.RFC3339Nano, first)
	}
	if err != nil {
		return nil, err
	}
	of, err := strconv.Atoi(source)
	if err != nil {
		return nil, err
	}
	place.Source = RecordSource(of)
	if place.ID, err = strconv.ParseInt(id, 10, 64); err != nil {
		return nil, err
	}
	place.Part, err = strconv.Atoi(part)
	return &place, err
}

// Backwards reports whether the page is read against the order from the smallest
// to the largest.
func (p RecordPage) Backwards() bool { return p.OldestFirst == (p.Before != "") }

// Cut makes the page out of records in the order in which it is read, of which
// those beyond place are the first. There may be more of them than the page has.
func (p RecordPage) Cut(read []SettlementRecord, place *RecordPlace) RecordList {
	if place != nil {
		read = slices.DeleteFunc(read, func(r SettlementRecord) bool {
			c := r.Place.Compare(*place, p.ByNet)
			return c == 0 || (c < 0) != p.Backwards()
		})
	}
	more := len(read) > p.Size()
	list := RecordList{Records: read[:min(len(read), p.Size())]}
	if len(list.Records) == 0 {
		return RecordList{}
	}
	if p.Before != "" {
		slices.Reverse(list.Records)
	}
	if more || p.Before != "" {
		list.Next = list.Records[len(list.Records)-1].Place.Cursor(p.ByNet)
	}
	if more && p.Before != "" || p.After != "" {
		list.Previous = list.Records[0].Place.Cursor(p.ByNet)
	}
	return list
}

// Sort puts records into the order in which the page is read.
func (p RecordPage) Sort(list []SettlementRecord) {
	slices.SortFunc(list, func(a, b SettlementRecord) int {
		c := a.Place.Compare(b.Place, p.ByNet)
		if p.Backwards() {
			return -c
		}
		return c
	})
}

// PageOf makes a page of records that are all at hand, in any order.
func (p RecordPage) PageOf(list []SettlementRecord, f *SettlementFilter) (RecordList, error) {
	place, err := p.Place()
	if err != nil {
		return RecordList{}, err
	}
	fit := slices.DeleteFunc(slices.Clone(list), func(r SettlementRecord) bool { return !f.Fits(&r) })
	p.Sort(fit)
	return p.Cut(fit, place), nil
}

// TotalsOfRecords adds up records by currency and direction.
func TotalsOfRecords(list []SettlementRecord) []RecordTotal {
	var totals []RecordTotal
	for i := range list {
		one := RecordTotal{Currency: list[i].Currency, Direction: list[i].Direction}
		one.Add(&list[i])
		at := slices.IndexFunc(totals, func(t RecordTotal) bool { return t.Currency == one.Currency && t.Direction == one.Direction })
		if at < 0 {
			totals = append(totals, one)
		} else {
			totals[at].Plus(&one.RecordFigures)
		}
	}
	return AddTotals(totals)
}

// RecordsInOrder yields all records that a filter lets through, the newest or the
// greatest first. After an error there are no more.
func RecordsInOrder(ctx context.Context, s RecordStore, f SettlementFilter, p RecordPage) iter.Seq2[SettlementRecord, error] {
	p.Limit = MostRows
	return func(yield func(SettlementRecord, error) bool) {
		for {
			list, err := s.Records(ctx, f, p)
			if err != nil {
				yield(SettlementRecord{}, err)
				return
			}
			for _, r := range list.Records {
				if !yield(r, nil) {
					return
				}
			}
			if p.After = list.Next; p.After == "" {
				return
			}
		}
	}
}
