package store

import (
	"context"
	"fmt"
	"iter"
	"time"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/fault"
	"creditrun/internal/money"
)

// recordRow is a row of custom_records.
type recordRow struct {
	ID         int64     `gorm:"column:id;primaryKey"`
	Key        string    `gorm:"column:key"`
	OwnerKey   string    `gorm:"column:owner_key"`
	Month      string    `gorm:"column:month"`
	Date       string    `gorm:"column:date"`
	Text       string    `gorm:"column:text"`
	Net        int64     `gorm:"column:net"`
	Currency   string    `gorm:"column:currency"`
	TaxAccount string    `gorm:"column:tax_account"`
	Direction  string    `gorm:"column:direction"`
	ChangedAt  time.Time `gorm:"column:changed_at"`
	ChangedBy  string    `gorm:"column:changed_by"`
}

// TableName implements schema.Tabler.
func (recordRow) TableName() string { return "custom_records" }

func recordRowOf(r *creditnotes.CustomRecord) recordRow {
	return recordRow{ID: r.ID, Key: r.Key, OwnerKey: r.Owner, Month: string(r.Month), Date: string(r.Date), Text: r.Text, Net: int64(r.Net),
		Currency: r.Currency, TaxAccount: r.TaxAccount, Direction: string(r.Direction)}
}

func (r *recordRow) domain() creditnotes.CustomRecord {
	return creditnotes.CustomRecord{ID: r.ID, Key: r.Key, Owner: r.OwnerKey, Month: entities.Month(r.Month), Date: entities.Date(r.Date), Text: r.Text,
		Net: money.Amount(r.Net), Currency: r.Currency, TaxAccount: r.TaxAccount, Direction: creditnotes.Direction(r.Direction)}
}

// noteOfRecord is the standing document, draft or carried sum that a record r is
// on, or 0.
const noteOfRecord = `coalesce((SELECT max(n.id) FROM positions p JOIN credit_notes n ON n.id = p.note_id
	WHERE p.record = r.key AND p.record <> '' AND n.kind <> 'cancellation'
		AND NOT EXISTS (SELECT 1 FROM credit_notes c WHERE c.cancels = n.id)
		AND NOT EXISTS (SELECT 1 FROM withdrawn_notes w WHERE w.note_id = n.id)), 0)`

// recordOnNote is a record with the document that it is on.
type recordOnNote struct {
	recordRow
	note int64
}

// records reads custom records by a condition on r and note, in the order of
// month, date and key.
func records(ctx context.Context, q querier, where condition) ([]creditnotes.CustomRecord, error) {
	rows, err := collect(ctx, q, func(r *recordOnNote) []any {
		return []any{&r.ID, &r.Key, &r.OwnerKey, &r.Month, &r.Date, &r.Text, &r.Net, &r.Currency, &r.TaxAccount, &r.Direction, &r.note}
	}, `SELECT * FROM (SELECT r.id, r.key, r.owner_key, r.month, r.date, r.text, r.net, r.currency, r.tax_account, r.direction, `+noteOfRecord+` AS note
		FROM custom_records r) AS r `+where.String()+` ORDER BY month, date, key`, where.args...)
	if err != nil {
		return nil, fmt.Errorf("custom records: %w", err)
	}
	list := make([]creditnotes.CustomRecord, len(rows))
	for i := range rows {
		list[i] = rows[i].domain()
		list[i].NoteID = rows[i].note
	}
	return list, nil
}

// CustomRecords implements creditnotes.DraftStore.
func (s *Store) CustomRecords(ctx context.Context, until entities.Month) ([]creditnotes.CustomRecord, error) {
	return s.ListCustomRecords(ctx, creditnotes.RecordFilter{Open: true, Until: until})
}

// ListCustomRecords lists custom records in the order of month, date and key.
func (s *Store) ListCustomRecords(ctx context.Context, f creditnotes.RecordFilter) ([]creditnotes.CustomRecord, error) {
	var where condition
	if f.Owner != "" {
		where.and("owner_key = ?", f.Owner)
	}
	if f.Direction != "" {
		where.and("direction = ?", string(f.Direction))
	}
	if f.Open {
		where.and("note = 0")
	}
	if f.Until != "" {
		where.and("month <= ?", string(f.Until))
	}
	if f.Scope != nil {
		where.and("owner_key "+s.dialect.in("?"), s.dialect.texts(f.Scope))
	}
	return records(ctx, s.readSQL, where)
}

// CustomRecord returns a custom record; an unknown key is a NotFound fault.
func (s *Store) CustomRecord(ctx context.Context, key string) (creditnotes.CustomRecord, error) {
	return recordOf(ctx, s.readSQL, key)
}

func recordOf(ctx context.Context, q querier, key string) (creditnotes.CustomRecord, error) {
	var where condition
	where.and("key = ?", key)
	list, err := records(ctx, q, where)
	if err == nil && len(list) == 0 {
		err = fault.New(fault.NotFound, "record_unknown", fault.Args{"record": key})
	}
	if err != nil {
		return creditnotes.CustomRecord{}, err
	}
	return list[0], nil
}

// SaveCustomRecord creates a custom record, or changes the one that has its key, and
// says what became of it. One without a key is given one. One that is on a
// document is a Conflict fault, and so is a change while a run drafts; what is
// wrong with it says creditnotes.CheckRecord.
func (s *Store) SaveCustomRecord(ctx context.Context, who string, r *creditnotes.CustomRecord) (change creditnotes.Change, err error) {
	run, err := s.tableImport(ctx, who, ImportOptions{})
	if err != nil {
		return "", err
	}
	wanted := *r
	err = s.inTx(ctx, func(tx *Tx) error {
		if err := tx.lockConfiguration(); err != nil {
			return err
		}
		*r = wanted // anew, should the transaction be tried again
		change, err = run.record(tx, r)
		return err
	})
	return change, err
}

// DeleteCustomRecord deletes a custom record that is on no document. Faults are those
// of SaveCustomRecord.
func (s *Store) DeleteCustomRecord(ctx context.Context, who, key string) error {
	return s.inTx(ctx, func(tx *Tx) error {
		stored, err := tx.changeableRecord(key)
		if err != nil {
			return err
		}
		if err := inTable(tx.db.Where("id = ?", stored.ID).Delete(&recordRow{})); err != nil {
			return err
		}
		if err := tx.touchSessions("VALUES (0)"); err != nil {
			return err
		}
		return tx.audit(Entry{Who: who, Action: "record.deleted", Subject: key, Before: string(jsonOf(stored))})
	})
}

// changeableRecord reads a record, and refuses where it may not be changed.
func (tx *Tx) changeableRecord(key string) (creditnotes.CustomRecord, error) {
	if err := tx.lockSessions(); err != nil { // under which runs begin
		return creditnotes.CustomRecord{}, err
	}
	stored, err := recordOf(tx.ctx, tx.sql, key)
	if err != nil {
		return stored, err
	}
	if stored.NoteID != 0 {
		var number string
		if err := tx.scanRow("SELECT coalesce(number, '') FROM credit_notes WHERE id = $1", []any{stored.NoteID}, &number); err != nil {
			return stored, err
		}
		return stored, fault.New(fault.Conflict, "record_on_document", fault.Args{"record": key, "number": number})
	}
	var drafting int
	if err := tx.scanRow("SELECT count(*) FROM runs WHERE stage = 'drafting'", nil, &drafting); err != nil {
		return stored, err
	}
	if drafting > 0 {
		return stored, fault.New(fault.Conflict, "record_while_drafting", fault.Args{"record": key})
	}
	return stored, nil
}

// record stores one record.
func (t *tableImport) record(tx *Tx, r *creditnotes.CustomRecord) (creditnotes.Change, error) {
	if owner := t.plan.Network.Tree.Entity(r.Owner); owner != nil && r.Currency == "" {
		r.Currency = t.plan.CurrencyOf(owner)
	}
	if f := t.plan.CheckRecord(r); f != nil {
		return "", f
	}
	if err := tx.touchSessions("VALUES (0)"); err != nil { // the open month has it
		return "", err
	}
	row := recordRowOf(r)
	row.ChangedAt, row.ChangedBy = t.now, t.who
	if r.Key != "" {
		stored, err := recordOf(tx.ctx, tx.sql, r.Key)
		switch {
		case fault.Is(err, fault.NotFound):
		case err != nil:
			return "", err
		default:
			return t.changeRecord(tx, stored, row)
		}
	}
	id, err := tx.takeIDs("custom_records", 1)
	if err != nil {
		return "", err
	}
	if row.ID = id; row.Key == "" {
		row.Key = fmt.Sprintf("record-%d", id)
	}
	*r = row.domain()
	if err := create(tx.db, row); err != nil {
		return "", err
	}
	return creditnotes.Created, tx.audit(Entry{Who: t.who, Action: "record.created", Subject: row.Key, After: string(jsonOf(*r))})
}

func (t *tableImport) changeRecord(tx *Tx, stored creditnotes.CustomRecord, row recordRow) (creditnotes.Change, error) {
	row.ID = stored.ID
	wanted := row.domain()
	if wanted.NoteID = stored.NoteID; wanted == stored {
		return creditnotes.Unchanged, nil
	}
	if _, err := tx.changeableRecord(stored.Key); err != nil {
		return "", err
	}
	err := inTable(tx.db.Model(&recordRow{}).Where("id = ?", row.ID).Updates(set{
		"owner_key": row.OwnerKey, "month": row.Month, "date": row.Date, "text": row.Text, "net": row.Net, "currency": row.Currency,
		"tax_account": row.TaxAccount, "direction": row.Direction, "changed_at": row.ChangedAt, "changed_by": row.ChangedBy,
	}))
	if err != nil {
		return "", err
	}
	return creditnotes.Updated, tx.audit(Entry{Who: t.who, Action: "record.changed", Subject: row.Key,
		Before: string(jsonOf(stored)), After: string(jsonOf(wanted))})
}

// ImportRecords takes in custom records (settlement.md §3.10). One that is known
// is ignored, and changed where it says something else and is on no document.
// Bad records are as in ImportSessions.
func (s *Store) ImportRecords(
	ctx context.Context, who string, source iter.Seq2[creditnotes.FromFile[creditnotes.CustomRecord], error], opts ImportOptions,
) (TableResult, error) {
	run, err := s.tableImport(ctx, who, opts)
	if err != nil {
		return TableResult{}, err
	}
	return importTable(ctx, s, run, source, func(tx *Tx, list []creditnotes.FromFile[creditnotes.CustomRecord]) error {
		for i := range list {
			if err := run.importRecord(tx, &list[i]); err != nil {
				return err
			}
		}
		return nil
	})
}

func (t *tableImport) importRecord(tx *Tx, at *creditnotes.FromFile[creditnotes.CustomRecord]) error {
	change, err := t.record(tx, &at.Value)
	if faults := fault.Of(err); len(faults) == 1 && (faults[0].Kind == fault.Invalid || faults[0].Kind == fault.Conflict) {
		return t.rows.refuse(at.Line, at.Record, faults[0].Field, expectedOfRecord[faults[0].Key], gotOfRecord(&at.Value, faults[0].Field))
	}
	switch change {
	case creditnotes.Created:
		t.result.New++
	case creditnotes.Updated:
		t.result.Changed++
	case creditnotes.Unchanged:
		t.result.Unchanged++
	}
	return err
}

// expectedOfRecord is what a fault of a record expects, as a file is told.
var expectedOfRecord = map[string]string{
	"record_owner_unknown":    "the key of an entity that is not the operator",
	"record_without_text":     "a text",
	"record_currency_unknown": "a currency code of ISO 4217 such as EUR",
	"record_net":              "an amount above 0",
	"record_tax_unknown":      "the key of a tax account, or nothing",
	"tax_rate_missing":        "a tax account that has a rate on the date",
	"record_tax_alone":        "a tax account that may stand on the credit note beside the others: what is not subject to VAT (O) stands alone",
	"record_on_document":      "a record that is on no document, or another id",
	"record_while_drafting":   "no run that is drafting",
}

func gotOfRecord(r *creditnotes.CustomRecord, field string) string {
	switch field {
	case "owner":
		return r.Owner
	case "currency":
		return r.Currency
	case "tax_account":
		return r.TaxAccount
	case "text":
		return r.Text
	}
	return r.Key
}
