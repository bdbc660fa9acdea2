package store

import (
	"encoding/json"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/money"
	"creditrun/internal/payouts"
)

// bankUnsaved is what was decided about entries and is written together. What
// reads the database in between writes it first.
type bankUnsaved struct {
	rows     []*bankEntryRow
	links    []bankEntryPayoutRow
	bookings []bankBooking
}

// bankBooking is a movement that entries make: a payout that was executed, or a
// payment that settles items.
type bankBooking struct {
	movement creditnotes.Movement
	paid     *toldPayout   // nil: a payment
	row      *bankEntryRow // of a payment
	items    []int64       // that a payment settles
}

// add takes an entry with what it did to payouts.
func (b *bankImport) add(row *bankEntryRow, links ...bankEntryPayoutRow) (err error) {
	if b.left == 0 {
		if b.first, err = b.tx.takeIDs("bank_entries", b.atOnce); err != nil {
			return err
		}
		b.left = b.atOnce
	}
	row.ID, row.FileID, row.Source = b.first, b.file, string(b.result.Kind)
	b.first, b.left = b.first+1, b.left-1
	for i := range links {
		links[i].EntryID = row.ID
	}
	b.unsaved.rows = append(b.unsaved.rows, row)
	b.unsaved.links = append(b.unsaved.links, links...)
	b.ahead.taken(row)
	b.count(row, len(links))
	return nil
}

func (b *bankImport) count(row *bankEntryRow, payoutsTold int) {
	if len(b.result.Entries) < mostTold {
		b.result.Entries = append(b.result.Entries, row.domain())
	}
	switch {
	case row.State == string(payouts.EntryQueued):
		b.result.Queued++
	case row.Outcome == string(payouts.OutcomeExecuted):
		b.result.Executed += payoutsTold
	case row.Outcome == string(payouts.OutcomeReturned):
		b.result.Returned += payoutsTold
	case row.Outcome == string(payouts.OutcomeRejected):
		b.result.Rejected += payoutsTold
	case row.Outcome == string(payouts.OutcomeReceived):
		b.result.Received++
	default:
		b.result.Ignored++
	}
}

// write writes what was decided: movements with what they settle, payouts, then
// the entries.
func (b *bankImport) write() error {
	u := b.unsaved
	b.unsaved = bankUnsaved{}
	if err := b.tx.bookAnswers(b.who, u.bookings); err != nil {
		return err
	}
	rows := make([]bankEntryRow, len(u.rows))
	for i, r := range u.rows {
		rows[i] = *r
	}
	if err := create(b.tx.db, rows...); err != nil {
		return err
	}
	return create(b.tx.db, u.links...)
}

// bookAnswers books movements in their order, as executePayout and pay book one.
func (tx *Tx) bookAnswers(who string, list []bankBooking) error {
	if len(list) == 0 {
		return nil
	}
	moved := make([]creditnotes.Movement, len(list))
	for i := range list {
		moved[i] = list[i].movement
	}
	if err := tx.book(moved); err != nil {
		return err
	}
	for i := range list {
		list[i].movement = moved[i]
		if row := list[i].row; row != nil {
			id := moved[i].ID
			row.MovementID = &id
		}
	}
	if err := tx.settleAnswers(list); err != nil {
		return err
	}
	if err := tx.endExecuted(who, list); err != nil {
		return err
	}
	return tx.audit(answersTold(who, list)...)
}

func answersTold(who string, list []bankBooking) (entries []Entry) {
	for i := range list {
		m := &list[i].movement
		if list[i].paid != nil {
			entries = append(entries, Entry{Who: who, Action: "payout." + string(payouts.Executed), Subject: m.Reference, Before: string(payouts.Exported)})
			continue
		}
		entries = append(entries, Entry{Who: who, Action: "account.payment", Subject: m.Entity, After: string(jsonOf(*m))})
	}
	return entries
}

// settleAnswers settles the items of payouts that are open still as they were
// prepared, and those that payments name, in their order.
func (tx *Tx) settleAnswers(list []bankBooking) error {
	open, err := tx.openOf(list)
	if err != nil {
		return err
	}
	paid, err := tx.paidItems(list)
	if err != nil {
		return err
	}
	var all []creditnotes.Allocation
	for i := range list {
		items := open[list[i].movement.Account]
		if p := list[i].paid; p != nil {
			all = append(all, items.pay(list[i].movement.ID, paid[p.ID])...)
			continue
		}
		all = append(all, items.settle(&list[i].movement, list[i].items)...)
	}
	return tx.addAllocations(all)
}

// openAccount is the movements of an account of which something is open.
type openAccount struct {
	list []creditnotes.OpenItem
	at   map[int64]int
}

// openOf reads the accounts of bookings at once.
func (tx *Tx) openOf(bookings []bankBooking) (map[creditnotes.Account]*openAccount, error) {
	seen := map[string]bool{}
	var keys []string
	for i := range bookings {
		if key := bookings[i].movement.Entity; !seen[key] {
			seen[key] = true
			keys = append(keys, key)
		}
	}
	list, err := openMovementsWhere(tx.ctx, tx.sql, "o.entity_key "+tx.dialect.in("$1"), tx.dialect.texts(keys))
	if err != nil {
		return nil, err
	}
	accounts := map[creditnotes.Account]*openAccount{}
	for _, item := range list {
		a := accounts[item.Account]
		if a == nil {
			a = &openAccount{at: map[int64]int{}}
			accounts[item.Account] = a
		}
		a.at[item.ID] = len(a.list)
		a.list = append(a.list, item)
	}
	return accounts, nil
}

// paidItem is an item of a payout.
type paidItem struct {
	payout, movement int64
	amount           money.Amount
}

// paidItems reads the items of the payouts among bookings.
func (tx *Tx) paidItems(bookings []bankBooking) (map[int64][]paidItem, error) {
	items, err := collect(tx.ctx, tx.sql, func(i *paidItem) []any { return []any{&i.payout, &i.movement, &i.amount} },
		`SELECT i.payout_id, i.movement_id, i.amount FROM payout_items i JOIN movements m ON m.id = i.movement_id
			WHERE i.payout_id `+tx.dialect.in("$1")+` ORDER BY i.payout_id, m.value_date, m.id`, tx.dialect.list(executedOf(bookings)))
	of := map[int64][]paidItem{}
	for _, i := range items {
		of[i.payout] = append(of[i.payout], i)
	}
	return of, err
}

func executedOf(bookings []bankBooking) (ids []int64) {
	for i := range bookings {
		if p := bookings[i].paid; p != nil {
			ids = append(ids, p.ID)
		}
	}
	return ids
}

// pay settles the items of a payout as far as they are open still.
func (o *openAccount) pay(movement int64, items []paidItem) (list []creditnotes.Allocation) {
	for _, i := range items {
		if at, is := o.at[i.movement]; is && o.list[at].Open == i.amount {
			list = append(list, creditnotes.Allocation{Movement: movement, Item: i.movement, Amount: i.amount})
		}
	}
	o.apply(list)
	return list
}

// settle settles the named items with a movement, in their order.
func (o *openAccount) settle(m *creditnotes.Movement, named []int64) (list []creditnotes.Allocation) {
	rest := m.Amount
	for _, item := range named {
		some := creditnotes.Allocate(m.ID, rest, item, o.list)
		for _, a := range some {
			rest += a.Amount
		}
		o.apply(some)
		list = append(list, some...)
	}
	return list
}

// apply keeps in mind what allocations leave open.
func (o *openAccount) apply(list []creditnotes.Allocation) {
	for _, a := range list {
		o.list[o.at[a.Item]].Open -= a.Amount
		o.list[o.at[a.Movement]].Open += a.Amount
	}
}

// executedPayout is what an execution changes of a payout, for the database to
// read as JSON.
type executedPayout struct {
	ID       int64         `json:"id"`
	Movement int64         `json:"movement"`
	On       entities.Date `json:"on"`
}

// endExecuted marks the payouts among bookings as executed: their items are
// settled, and stand in them no longer.
func (tx *Tx) endExecuted(who string, bookings []bankBooking) error {
	var list []executedPayout
	for i := range bookings {
		if p := bookings[i].paid; p != nil {
			list = append(list, executedPayout{p.ID, bookings[i].movement.ID, bookings[i].movement.Value})
		}
	}
	if len(list) == 0 {
		return nil
	}
	text, err := json.Marshal(list)
	if err != nil {
		return err
	}
	rows := `json_to_recordset($1::json) AS v (id bigint, movement bigint, "on" text)`
	if tx.dialect == sqliteDialect {
		rows = `(SELECT value ->> 'id' AS id, value ->> 'movement' AS movement, value ->> 'on' AS "on" FROM json_each($1)) AS v`
	}
	if _, err := tx.exec(`UPDATE payouts SET state = 'executed', executed_on = v."on", movement_id = v.movement, changed_at = $2, changed_by = $3, reason = ''
		FROM `+rows+` WHERE payouts.id = v.id`, string(text), tx.now(), who); err != nil {
		return err
	}
	_, err = tx.exec("UPDATE payout_items SET standing = false WHERE payout_id "+tx.dialect.in("$1"), tx.dialect.list(executedOf(bookings)))
	return err
}
