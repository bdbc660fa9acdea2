package store

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"time"

	"creditrun/creditnotes"
)

// recordSearch is a filter of records made ready for SQL.
type recordSearch struct {
	store  *Store
	read   querier
	filter *creditnotes.SettlementFilter
	zone   *time.Location
	owners []int64    // nil: any
	notes  []notePart // of the document; the owner 0 is any
	few    []int64    // the notes with few lines that could match; nil: any note
	paths  map[int64]creditnotes.PathInfo
	open   openSearch
}

// mostNotes is how many notes are worth being named one by one.
const mostNotes = 2000

func (s *Store) searchRecords(ctx context.Context, f *creditnotes.SettlementFilter) (q *recordSearch, err error) {
	q = &recordSearch{store: s, read: s.readSQL, filter: f, paths: map[int64]creditnotes.PathInfo{}}
	if q.zone, err = s.operatorZone(ctx); err != nil {
		return nil, err
	}
	if f.Owners != nil {
		q.owners, err = column[int64](ctx, s.readSQL, "SELECT id FROM entities WHERE key "+s.dialect.in("$1"), s.dialect.texts(f.Owners))
		if err != nil {
			return nil, err
		}
		q.owners = slices.Concat([]int64{}, q.owners)
	}
	if q.open, err = s.openMonth(ctx, f); err != nil {
		return nil, err
	}
	if f.Number != "" {
		if q.notes, err = s.partsOf(ctx, f.Number); err != nil {
			return nil, err
		}
	}
	return q, q.choose(ctx)
}

// operatorZone is the zone in which months are cut; UTC while there is no
// operator.
func (s *Store) operatorZone(ctx context.Context) (*time.Location, error) {
	names, err := column[string](ctx, s.readSQL, "SELECT time_zone FROM entities WHERE parent_key IS NULL")
	if err != nil || len(names) == 0 {
		return time.UTC, err
	}
	zone, err := time.LoadLocation(names[0])
	if err != nil {
		return time.UTC, nil // it is checked where it is entered
	}
	return zone, nil
}

// partsOf lists what a document settles: itself and what it brings along.
func (s *Store) partsOf(ctx context.Context, number string) ([]notePart, error) {
	ids, err := column[int64](ctx, s.readSQL, "SELECT id FROM credit_notes WHERE number = $1", number)
	parts := []notePart{}
	if err != nil || len(ids) == 0 {
		return parts, err
	}
	brought, err := s.broughtBy(ctx, ids[0])
	parts = append(parts, notePart{note: ids[0]})
	for _, b := range brought {
		parts = append(parts, notePart{b.note, b.owner})
	}
	return parts, err
}

// choose looks for the notes that leave few candidates.
func (q *recordSearch) choose(ctx context.Context) error {
	if q.notes != nil {
		q.few = []int64{}
		for _, p := range q.notes {
			q.few = append(q.few, p.note)
		}
		return nil
	}
	if q.filter.Owners == nil && q.filter.Run == "" {
		return nil
	}
	var where condition
	q.onNotes(&where)
	if q.owners != nil {
		where.and("n.id IN (SELECT note_id FROM credit_note_owners WHERE owner_id "+q.store.dialect.in("?")+")", q.store.dialect.list(q.owners))
	}
	ids, err := column[int64](ctx, q.read, limited("SELECT n.id FROM credit_notes n "+where.String(), mostNotes+1), where.args...)
	if err != nil || len(ids) > mostNotes {
		return err
	}
	q.few = slices.Concat([]int64{}, ids)
	return nil
}

// onNotes is what the filter asks of credit_notes n.
func (q *recordSearch) onNotes(where *condition) {
	f := q.filter
	switch {
	case f.Open == creditnotes.OnlyOpen:
		where.and("n.state = 'draft'")
	case f.Drafts || f.Open == creditnotes.WithOpen:
		where.and("n.state IN ('issued', 'carried', 'zero', 'draft')")
	default:
		where.and("n.state IN ('issued', 'carried', 'zero')")
	}
	if f.Currency != "" {
		where.and("n.currency = ?", f.Currency)
	}
	if f.Run != "" {
		where.and("n.run_id = (SELECT id FROM runs WHERE name = ?)", f.Run)
	}
}

// onParts lets through what stands on a document, of table t.
func (q *recordSearch) onParts(where *condition, t string) {
	if q.owners != nil {
		where.and(t+".owner_id "+q.store.dialect.in("?"), q.store.dialect.list(q.owners))
	}
	if q.notes == nil {
		return
	}
	sql, args := "false", []any{}
	for _, p := range q.notes {
		sql += " OR " + t + ".note_id = ?"
		args = append(args, p.note)
		if p.owner != 0 {
			sql += " AND " + t + ".owner_id = ?"
			args = append(args, p.owner)
		}
	}
	where.and("("+sql+")", args...)
}

// Records implements creditnotes.RecordStore.
func (s *Store) Records(ctx context.Context, f creditnotes.SettlementFilter, p creditnotes.RecordPage) (creditnotes.RecordList, error) {
	place, err := p.Place()
	if err != nil {
		return creditnotes.RecordList{}, err
	}
	q, err := s.searchRecords(ctx, &f)
	if err != nil {
		return creditnotes.RecordList{}, fmt.Errorf("list records: %w", err)
	}
	var read []creditnotes.SettlementRecord
	for _, source := range []func(context.Context, creditnotes.RecordPage, *creditnotes.RecordPlace) ([]creditnotes.SettlementRecord, error){
		q.ofLines, q.ofCharges, q.ofSums, q.ofCustom, q.ofTopUps, q.ofOpenLines, q.ofOpenCharges, q.ofEntries,
	} {
		some, err := source(ctx, p, place)
		if err != nil {
			return creditnotes.RecordList{}, fmt.Errorf("list records: %w", err)
		}
		read = append(read, some...)
	}
	p.Sort(read)
	return p.Cut(read, place), nil
}

// EachRecord implements creditnotes.RecordStore. No reading stays open while
// records are yielded.
func (s *Store) EachRecord(ctx context.Context, f creditnotes.SettlementFilter) iter.Seq2[creditnotes.SettlementRecord, error] {
	return eachPage(func(p creditnotes.Page) ([]creditnotes.SettlementRecord, string, error) {
		list, err := s.Records(ctx, f, creditnotes.RecordPage{Page: p})
		return list.Records, list.Next, err
	})
}

// RecordTotals implements creditnotes.RecordStore.
func (s *Store) RecordTotals(ctx context.Context, f creditnotes.SettlementFilter) ([]creditnotes.RecordTotal, error) {
	q, err := s.searchRecords(ctx, &f)
	if err != nil {
		return nil, fmt.Errorf("add up records: %w", err)
	}
	var lists [][]creditnotes.RecordTotal
	err = s.snapshot(ctx, func(v view) error {
		q.read = v
		for _, totals := range []func(context.Context) ([]creditnotes.RecordTotal, error){
			q.totalsOfLines, q.totalsOfCharges, q.totalsOfSumsOfMonths, q.totalsOfCustom, q.totalsOfTopUps,
			q.totalsOfOpenLines, q.totalsOfOpenCharges, q.totalsOfEntries,
		} {
			some, err := totals(ctx)
			if err != nil {
				return err
			}
			lists = append(lists, some)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("add up records: %w", err)
	}
	return creditnotes.AddTotals(lists...), nil
}

// beyond narrows the listing to what one source has beyond a place. first is the
// column by which it is sorted, and id tells its records apart; those with the id
// of the place may be among them.
func beyond(where *condition, p creditnotes.RecordPage, place *creditnotes.RecordPlace, source creditnotes.RecordSource, first, id string) {
	if place == nil {
		return
	}
	var value any = place.At
	if p.ByNet {
		value = int64(place.Net)
	}
	compare, equal := ">", place.Source <= source
	if p.Backwards() {
		compare, equal = "<", place.Source >= source
	}
	switch {
	case place.Source == source:
		where.and("("+first+", "+id+") "+compare+"= (?, ?)", value, place.ID)
	case equal:
		where.and(first+" "+compare+"= ?", value)
	default:
		where.and(first+" "+compare+" ?", value)
	}
}

// inOrderOf is the order in which a page is read.
func inOrderOf(p creditnotes.RecordPage, columns ...string) string {
	order := " ORDER BY "
	for i, c := range columns {
		if i > 0 {
			order += ", "
		}
		order += c
		if p.Backwards() {
			order += " DESC"
		}
	}
	return order
}
