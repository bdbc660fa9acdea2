package store

import (
	"slices"

	"creditrun/internal/bank"
	"creditrun/internal/payouts"
)

// ahead is what decides about some entries, read at once. It is kept up to date
// while they are decided.
type ahead struct {
	kind     bank.Kind
	known    map[string]bool        // keys of entries
	detailed map[string]bool        // keys of bookings of which payments came one by one
	sums     map[string]summedEntry // by key, bookings of which payments come now
	twins    map[string]twinCount
	byID     map[int64]*toldPayout
	numbers  map[string]*toldPayout
	amounts  map[amountKey]*payouts.Numbers[*toldPayout]
}

// summedEntry is a booking that was taken in one sum.
type summedEntry struct {
	id         int64
	state, why string
}

// twinCount is how often entries that are alike were said by files of this kind,
// and by others.
type twinCount struct{ own, others int }

// amountKey is an amount without its sign.
type amountKey struct {
	amount   int64
	currency string
}

// lookAhead reads what decides about the entries that were heard.
func (b *bankImport) lookAhead() (a ahead, err error) {
	a = ahead{kind: b.result.Kind, known: map[string]bool{}, detailed: map[string]bool{}, sums: map[string]summedEntry{}, twins: map[string]twinCount{},
		byID: map[int64]*toldPayout{}, numbers: map[string]*toldPayout{}, amounts: map[amountKey]*payouts.Numbers[*toldPayout]{}}
	if len(b.heard) == 0 {
		return a, nil
	}
	if err := b.lookForEntries(&a); err != nil {
		return a, err
	}
	if err := b.lookForTwins(&a); err != nil {
		return a, err
	}
	return a, b.lookForPayouts(&a)
}

// lookForEntries finds which entries were taken before.
func (b *bankImport) lookForEntries(a *ahead) error {
	var keys, whole []string
	for i := range b.heard {
		h := &b.heard[i]
		switch keys = append(keys, h.row.Key); {
		case h.Transaction == nil:
		case h.Transaction.Number == 0:
			whole = append(whole, h.Transaction.Entry.Key)
		case !slices.Contains(keys[max(0, len(keys)-3):], h.Transaction.Entry.Key):
			keys = append(keys, h.Transaction.Entry.Key)
		}
	}
	type found struct {
		key string
		summedEntry
	}
	list, err := collect(b.tx.ctx, b.tx.sql, func(f *found) []any { return []any{&f.key, &f.id, &f.state, &f.why} },
		"SELECT key, id, state, why FROM bank_entries WHERE key "+b.tx.dialect.in("$1"), b.tx.dialect.texts(keys))
	if err != nil {
		return err
	}
	for _, f := range list {
		a.known[f.key], a.sums[f.key] = true, f.summedEntry
	}
	parts, err := column[string](b.tx.ctx, b.tx.sql, "SELECT DISTINCT entry_key FROM bank_entries WHERE entry_key <> '' AND entry_key "+b.tx.dialect.in("$1"),
		b.tx.dialect.texts(whole))
	for _, key := range parts {
		a.detailed[key] = true
	}
	return err
}

func (b *bankImport) lookForTwins(a *ahead) error {
	var twins []string
	for i := range b.heard {
		if twin := b.heard[i].row.Twin; twin != "" {
			twins = append(twins, twin)
		}
	}
	if len(twins) == 0 {
		return nil
	}
	type found struct {
		twin, source string
		count        int
	}
	list, err := collect(b.tx.ctx, b.tx.sql, func(f *found) []any { return []any{&f.twin, &f.source, &f.count} },
		"SELECT twin, source, count(*) FROM bank_entries WHERE twin <> '' AND twin "+b.tx.dialect.in("$1")+" GROUP BY twin, source", b.tx.dialect.texts(twins))
	for _, f := range list {
		a.said(f.twin, f.source, f.count)
	}
	return err
}

// said counts entries that are alike.
func (a *ahead) said(twin, source string, times int) {
	if twin == "" {
		return
	}
	c := a.twins[twin]
	if source == string(a.kind) {
		c.own += times
	} else {
		c.others += times
	}
	a.twins[twin] = c
}

// repeats reports whether a file of the other kind said the same, of a bank that
// gives bookings no references: as often as here, or more often.
func (a *ahead) repeats(twin string) bool { return a.twins[twin].others > a.twins[twin].own }

// taken keeps in mind that an entry was taken.
func (a *ahead) taken(row *bankEntryRow) {
	a.known[row.Key] = true
	a.sums[row.Key] = summedEntry{row.ID, row.State, row.Why}
	if row.EntryKey != "" {
		a.detailed[row.EntryKey] = true
	}
	a.said(row.Twin, row.Source, 1)
}

// lookForPayouts reads the payouts that entries name, and those that have their
// amounts where they name none.
func (b *bankImport) lookForPayouts(a *ahead) error {
	var numbers []string
	var amounts []int64
	for i := range b.heard {
		row := &b.heard[i].row
		if payouts.IsNumber(row.EndToEndID) {
			numbers = append(numbers, row.EndToEndID)
		}
		if row.Kind == string(payouts.PaymentEntry) && row.Amount != 0 && (row.Reversal || row.Amount < 0 && !payouts.IsNumber(row.EndToEndID)) {
			amounts = append(amounts, max(row.Amount, -row.Amount))
		}
	}
	if len(numbers)+len(amounts) == 0 {
		return nil
	}
	slices.Sort(amounts)
	amounts = slices.Compact(amounts)
	var where condition
	where.and("(p.number "+b.tx.dialect.in("?")+" OR p.amount "+b.tx.dialect.in("?")+" AND p.state IN ('exported', 'executed'))",
		b.tx.dialect.texts(numbers), b.tx.dialect.list(amounts))
	list, err := b.tx.told(where)
	if err != nil {
		return err
	}
	var named []int64
	for i := range list {
		p := &list[i]
		a.byID[p.ID], a.numbers[p.Number] = p, p
		if _, is := slices.BinarySearch(amounts, p.Amount); is {
			named = append(named, p.ID)
			a.name(p, p.Number)
		}
	}
	return b.nameDocuments(a, named)
}

// name has a text that names a document find the payout.
func (a *ahead) name(p *toldPayout, number string) {
	key := amountKey{p.Amount, p.Currency}
	if a.amounts[key] == nil {
		a.amounts[key] = &payouts.Numbers[*toldPayout]{}
	}
	a.amounts[key].Add(number, p)
}

func (b *bankImport) nameDocuments(a *ahead, ids []int64) error {
	type item struct {
		payout    int64
		reference string
	}
	items, err := collect(b.tx.ctx, b.tx.sql, func(i *item) []any { return []any{&i.payout, &i.reference} },
		"SELECT i.payout_id, m.reference FROM payout_items i JOIN movements m ON m.id = i.movement_id WHERE i.payout_id "+b.tx.dialect.in("$1"), b.tx.dialect.list(ids))
	for _, i := range items {
		a.name(a.byID[i.payout], i.reference)
	}
	return err
}

// detailsOf reports whether a booking of which the payments come now was booked
// in one sum. Where it waits for a person it does so no longer.
func (b *bankImport) detailsOf(key string) (booked bool, err error) {
	sum, is := b.ahead.sums[key]
	switch {
	case !is, sum.state == string(payouts.EntryIgnored) && sum.why == string(payouts.WhyDetails):
		return false, nil
	case sum.state != string(payouts.EntryQueued):
		return true, nil
	}
	if err := b.write(); err != nil { // it may be one of this file
		return false, err
	}
	sum.state, sum.why = string(payouts.EntryIgnored), string(payouts.WhyDetails)
	b.ahead.sums[key] = sum
	return false, inTable(b.tx.db.Model(&bankEntryRow{}).Where("id = ?", sum.id).Updates(set{"state": sum.state, "why": sum.why}))
}
