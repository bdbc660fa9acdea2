package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"gorm.io/gorm"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/bank"
	"creditrun/internal/fault"
	"creditrun/internal/money"
	"creditrun/internal/payouts"
)

// payoutBatchRow is a row of payout_batches.
type payoutBatchRow struct {
	ID            int64      `gorm:"column:id"`
	RequestedDate string     `gorm:"column:requested_date"`
	State         string     `gorm:"column:state"`
	PreparedAt    time.Time  `gorm:"column:prepared_at"`
	PreparedBy    string     `gorm:"column:prepared_by"`
	ApprovedAt    *time.Time `gorm:"column:approved_at"`
	ApprovedBy    string     `gorm:"column:approved_by"`
	ExportedAt    *time.Time `gorm:"column:exported_at"`
	ExportedBy    string     `gorm:"column:exported_by"`
	DebtorIBAN    string     `gorm:"column:debtor_iban"`
}

// TableName implements schema.Tabler.
func (payoutBatchRow) TableName() string { return "payout_batches" }

// payoutRow is a row of payouts.
type payoutRow struct {
	ID         int64     `gorm:"column:id"`
	BatchID    int64     `gorm:"column:batch_id"`
	Number     string    `gorm:"column:number"`
	EntityKey  string    `gorm:"column:entity_key"`
	Currency   string    `gorm:"column:currency"`
	Amount     int64     `gorm:"column:amount"`
	Payee      jsonText  `gorm:"column:payee"`
	State      string    `gorm:"column:state"`
	ExecutedOn string    `gorm:"column:executed_on"`
	MovementID *int64    `gorm:"column:movement_id"`
	ChangedAt  time.Time `gorm:"column:changed_at"`
	ChangedBy  string    `gorm:"column:changed_by"`
	Reason     string    `gorm:"column:reason"`
	Advised    bool      `gorm:"column:advised"` // there is a remittance advice
}

// TableName implements schema.Tabler.
func (payoutRow) TableName() string { return "payouts" }

// payoutItemRow is a row of payout_items.
type payoutItemRow struct {
	PayoutID   int64 `gorm:"column:payout_id"`
	MovementID int64 `gorm:"column:movement_id"`
	Amount     int64 `gorm:"column:amount"`
	Standing   bool  `gorm:"column:standing"`
}

// TableName implements schema.Tabler.
func (payoutItemRow) TableName() string { return "payout_items" }

// payoutFileRow is a row of payout_files.
type payoutFileRow struct {
	BatchID int64  `gorm:"column:batch_id"`
	Place   int    `gorm:"column:place"`
	Name    string `gorm:"column:name"`
	Content []byte `gorm:"column:content"`
}

// TableName implements schema.Tabler.
func (payoutFileRow) TableName() string { return "payout_files" }

func (r *payoutRow) domain() (payouts.Payout, error) {
	p := payouts.Payout{ID: r.ID, Batch: r.BatchID, Number: r.Number, Entity: r.EntityKey, Currency: r.Currency, Amount: money.Amount(r.Amount),
		State: payouts.State(r.State), ExecutedOn: entities.Date(r.ExecutedOn), MovementID: orZero(r.MovementID), ChangedAt: r.ChangedAt.UTC(),
		ChangedBy: r.ChangedBy, Reason: r.Reason}
	return p, r.Payee.read("payee", &p.Payee)
}

func (r *payoutBatchRow) domain() payouts.Batch {
	return payouts.Batch{ID: r.ID, Requested: entities.Date(r.RequestedDate), State: payouts.State(r.State), PreparedAt: r.PreparedAt.UTC(),
		PreparedBy: r.PreparedBy, ApprovedAt: orZero(r.ApprovedAt).UTC(), ApprovedBy: r.ApprovedBy, ExportedAt: orZero(r.ExportedAt).UTC(),
		ExportedBy: r.ExportedBy, DebtorIBAN: r.DebtorIBAN}
}

// OpenAccounts lists the accounts on which something is open, with the open items,
// by key and currency.
func (s *Store) OpenAccounts(ctx context.Context) (list []payouts.Account, err error) {
	err = s.snapshot(ctx, func(v view) error {
		list, err = payoutAccounts(ctx, v, v.db)
		return err
	})
	return list, err
}

// OpenAccountsOn lists the accounts as they were at the end of a day: by the
// movements whose value date is that day or before, and what these settled of each
// other. Bank data, holds, objections and payouts are those of now.
func (s *Store) OpenAccountsOn(ctx context.Context, day entities.Date) (list []payouts.Account, err error) {
	err = s.snapshot(ctx, func(v view) error {
		list, err = payoutAccountsOn(ctx, v, v.db, day, "")
		return err
	})
	return list, err
}

// openItem is a row of openMovements.
type openItem struct {
	movementRow
	open      int64
	document  string
	objection bool
	payout    string
	requested entities.Date // of that payout
}

// openMovements are the movements of which something is open now, with the payout
// in which they are.
const openMovements = openMovementColumns + ", o.open" + openMovementDetails + ` FROM open_items o JOIN movements m ON m.id = o.movement_id` + openMovementJoins

// openMovementsUntil are those of which something was open at the end of the day
// $1. What is open of a movement is its amount, less what was allocated to it, and
// with what it settles itself added. What is settled now was open then only where
// something settled it later.
const openMovementsUntil = openMovementColumns + ", m.open" + openMovementDetails + ` FROM (SELECT m.*, CAST(m.amount
			- coalesce((SELECT sum(a.amount) FROM allocations a JOIN movements o ON o.id = a.movement_id WHERE a.item_id = m.id AND o.value_date <= $1), 0)
			+ coalesce((SELECT sum(a.amount) FROM allocations a JOIN movements o ON o.id = a.item_id WHERE a.movement_id = m.id AND o.value_date <= $1), 0) AS bigint) AS open
		FROM movements m WHERE m.value_date <= $1 AND m.id IN (
			SELECT movement_id FROM open_items
			UNION SELECT a.item_id FROM movements o JOIN allocations a ON a.movement_id = o.id WHERE o.value_date > $1
			UNION SELECT a.movement_id FROM movements o JOIN allocations a ON a.item_id = o.id WHERE o.value_date > $1)) AS m` + openMovementJoins

const (
	openMovementColumns = `SELECT m.id, m.entity_key, m.currency, m.kind, m.amount, m.booked_at, m.value_date, m.reference, m.note_id, m.top_up_id, m.reason,
		m.who, m.previous_hash, m.hash`
	openMovementDetails = `, coalesce(n.document, ''),
		EXISTS (SELECT 1 FROM objections o WHERE o.note_id = m.note_id AND o.state = 'open'), coalesce(p.number, ''), coalesce(b.requested_date, '')`
	openMovementJoins = ` LEFT JOIN credit_notes n ON n.id = m.note_id
	LEFT JOIN payout_items i ON i.movement_id = m.id AND i.standing
	LEFT JOIN payouts p ON p.id = i.payout_id
	LEFT JOIN payout_batches b ON b.id = p.batch_id`
	openMovementOrder = " ORDER BY m.entity_key, m.currency, m.value_date, m.id"
)

func payoutAccounts(ctx context.Context, q querier, db *gorm.DB) ([]payouts.Account, error) {
	return payoutAccountsOn(ctx, q, db, lastDay, "")
}

// payoutAccountsOn reads the accounts at the end of a day, of one entity or, where
// its key is empty, of all.
func payoutAccountsOn(ctx context.Context, q querier, db *gorm.DB, day entities.Date, entity string) (list []payouts.Account, err error) {
	waits, err := waitingBanks(db)
	if err != nil {
		return nil, err
	}
	settings, _, err := loadSettings(db)
	if err != nil {
		return nil, err
	}
	awaits, err := awaitedPayouts(ctx, q)
	if err != nil {
		return nil, err
	}
	rows, err := openMovementsOn(ctx, q, day, entity)
	if err != nil {
		return nil, fmt.Errorf("open items: %w", err)
	}
	recipients, err := accountHolders(db, entity)
	if err != nil {
		return nil, err
	}
	for i := range rows {
		r := &rows[i]
		e := recipients[r.EntityKey]
		if n := len(list); n == 0 || list[n-1].Recipient != e || list[n-1].Currency != r.Currency {
			list = append(list, payouts.Account{Recipient: e, Currency: r.Currency, BankWaits: waits[e.Key], Addresses: bank.AddressStyle(settings.PayoutAddresses),
				Awaits: awaits[creditnotes.Account{Entity: r.EntityKey, Currency: r.Currency}]})
		}
		item, err := r.item()
		if err != nil {
			return nil, err
		}
		account := &list[len(list)-1]
		account.Items = append(account.Items, item)
	}
	return list, nil
}

// waitingBanks are the entities of whose bank data a change waits for a second person.
func waitingBanks(db *gorm.DB) (map[string]bool, error) {
	waits := map[string]bool{}
	waiting, err := find[proposalRow](db.Where("matter = ? AND state = 'waiting'", string(creditnotes.MatterBank)))
	for _, p := range waiting {
		waits[p.Subject] = true
	}
	return waits, err
}

// awaitedPayouts are the payouts on their way to the bank of which an item is not
// open as it is paid, by account: the earliest of each. A document was cancelled
// meanwhile, and what takes its place must not be paid before the bank answered.
func awaitedPayouts(ctx context.Context, q querier) (map[creditnotes.Account]string, error) {
	type row struct {
		creditnotes.Account
		number string
	}
	rows, err := collect(ctx, q, func(r *row) []any { return []any{&r.Entity, &r.Currency, &r.number} },
		`SELECT p.entity_key, p.currency, min(p.number) FROM payouts p JOIN payout_items i ON i.payout_id = p.id AND i.standing
			LEFT JOIN open_items o ON o.movement_id = i.movement_id
			WHERE p.state IN ('approved', 'exported') AND i.amount <> coalesce(o.open, 0) GROUP BY p.entity_key, p.currency`)
	awaits := map[creditnotes.Account]string{}
	for _, r := range rows {
		awaits[r.Account] = r.number
	}
	return awaits, err
}

// accountHolders are the entities that have accounts, by key; or the one with a key.
func accountHolders(db *gorm.DB, key string) (map[string]*entities.Entity, error) {
	query := db.Where("key IN (SELECT entity_key FROM accounts)")
	if key != "" {
		query = db.Where("key = ?", key)
	}
	rows, err := find[entityRow](query)
	if err != nil {
		return nil, err
	}
	byKey := make(map[string]*entities.Entity, len(rows))
	for i := range rows {
		one, err := rows[i].domain()
		if err != nil {
			return nil, err
		}
		byKey[one.Key] = &one
	}
	return byKey, nil
}

// openMovementsOn reads what was open at the end of a day, lastDay being now, of one
// entity or, where its key is empty, of all.
func openMovementsOn(ctx context.Context, q querier, day entities.Date, entity string) ([]openItem, error) {
	query, where, args := openMovements, " WHERE true", []any(nil)
	if day != lastDay {
		query, where, args = openMovementsUntil, " WHERE m.open <> 0", []any{string(day)}
	}
	if entity != "" {
		args = append(args, entity)
		where += fmt.Sprintf(" AND m.entity_key = $%d", len(args))
		if day == lastDay {
			where += " AND o.entity_key = $1"
		}
	}
	return collect(ctx, q, (*openItem).scanned, query+where+openMovementOrder, args...)
}

func (r *openItem) scanned() []any {
	return append(r.fields(), &r.open, &r.document, &r.objection, &r.payout, &r.requested)
}

func (r *openItem) item() (payouts.Item, error) {
	item := payouts.Item{OpenItem: creditnotes.OpenItem{Movement: r.domain(), Open: money.Amount(r.open)}, Due: entities.Date(r.ValueDate), Objection: r.objection,
		Payout: r.payout, Requested: r.requested}
	if r.document == "" {
		return item, nil
	}
	var terms struct {
		DueDate entities.Date `json:"due_date"`
	}
	if err := json.Unmarshal([]byte(r.document), &terms); err != nil {
		return item, fmt.Errorf("document %s: %w", r.Reference, err)
	}
	if !terms.DueDate.IsZero() {
		item.Due = terms.DueDate
	}
	return item, nil
}

// PreparePayouts makes a batch of payouts of what is due on a day and stands in
// no other payout (settlement.md §10.1). Where nothing is to be paid no batch is
// made: the batch that comes back has no id and says what was left out.
func (s *Store) PreparePayouts(ctx context.Context, who string, day entities.Date) (batch payouts.Batch, err error) {
	err = s.durably(ctx, func(tx *Tx) error {
		if err := tx.lockConfiguration(); err != nil { // bank data and holds stay as they are
			return err
		}
		if err := tx.lock("payouts"); err != nil {
			return err
		}
		if err := tx.notPast(day); err != nil {
			return err
		}
		settings, _, err := loadSettings(tx.db)
		if err != nil {
			return err
		}
		if err := tx.absorb(""); err != nil {
			return err
		}
		accounts, err := payoutAccounts(tx.ctx, tx.sql, tx.db)
		if err != nil {
			return err
		}
		drafts, left := payouts.Prepare(day, settings.MinimumPayout, accounts)
		batch = payouts.Batch{Requested: day, State: payouts.Prepared, PreparedAt: utc(tx.now()), PreparedBy: who, LeftOut: left}
		if len(drafts) == 0 {
			return nil
		}
		if batch.ID, err = tx.takeIDs("payout_batches", 1); err != nil {
			return err
		}
		return tx.addBatch(&batch, drafts)
	})
	if errors.Is(err, gorm.ErrDuplicatedKey) { // of payout_items_standing
		return batch, fault.Wrap(fault.Conflict, "payout_item_twice", nil, err)
	}
	return batch, err
}

// addBatch writes a batch with the payouts that were drafted.
func (tx *Tx) addBatch(batch *payouts.Batch, drafts []payouts.Draft) error {
	err := create(tx.db, payoutBatchRow{ID: batch.ID, RequestedDate: string(batch.Requested), State: string(batch.State), PreparedAt: batch.PreparedAt, PreparedBy: batch.PreparedBy})
	if err != nil {
		return err
	}
	first, err := tx.takeIDs("payouts", len(drafts))
	if err != nil {
		return err
	}
	var rows []payoutRow
	var items []payoutItemRow
	for i := range drafts {
		d := &drafts[i]
		id := first + int64(i)
		rows = append(rows, payoutRow{ID: id, BatchID: batch.ID, Number: payoutNumber(id), EntityKey: d.Recipient.Key, Currency: d.Currency,
			Amount: int64(d.Amount), Payee: jsonOf(payouts.PayeeOf(d.Recipient)), State: string(payouts.Prepared), ChangedAt: batch.PreparedAt, ChangedBy: batch.PreparedBy})
		for _, item := range d.Items {
			items = append(items, payoutItemRow{PayoutID: id, MovementID: item.ID, Amount: int64(item.Open), Standing: true})
		}
	}
	var left []payoutLeftOutRow
	for i := range batch.LeftOut {
		row, err := leftOutRow(batch.ID, i, &batch.LeftOut[i])
		if err != nil {
			return err
		}
		left = append(left, row)
	}
	if err := create(tx.db, rows...); err != nil {
		return err
	}
	if err := create(tx.db, items...); err != nil {
		return err
	}
	if err := create(tx.db, left...); err != nil {
		return err
	}
	whole, err := payoutBatches(tx.ctx, tx.sql, tx.dialect, tx.db, batch.ID)
	if err != nil {
		return err
	}
	*batch = whole[0]
	var told []string
	for _, p := range batch.Payouts {
		told = append(told, fmt.Sprintf("%s %s %d %s", p.Number, p.Entity, p.Amount, p.Currency))
	}
	return tx.audit(Entry{Who: batch.PreparedBy, Action: "payouts.prepared", Subject: batchName(batch.ID), After: strings.Join(told, ", ")})
}

// payoutNumber is the number of a payout, which is also its end-to-end id at the
// bank: at most 35 characters of its set.
func payoutNumber(id int64) string { return fmt.Sprintf("PO-%08d", id) }

func batchName(id int64) string { return fmt.Sprintf("payouts %d", id) }
