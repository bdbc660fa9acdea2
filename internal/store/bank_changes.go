package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/fault"
)

// BankChange is a change of an entity's bank data that a second person has to
// approve before it applies.
type BankChange struct {
	ID        int64
	Entity    string // key
	Bank      entities.Bank
	AskedAt   time.Time
	AskedBy   string
	State     BankChangeState
	DecidedAt time.Time // zero while waiting
	DecidedBy string
}

// BankChangeState is what has become of a change of bank data.
type BankChangeState string

// The states of changes of bank data.
const (
	BankWaiting  BankChangeState = "waiting"
	BankApproved BankChangeState = "approved" // the entity has it
	BankRejected BankChangeState = "rejected"
	BankReplaced BankChangeState = "replaced" // by a later change for the same entity
)

// BankChangeFilter narrows a listing; what is not set does not narrow.
type BankChangeFilter struct {
	Waiting bool
	Entity  string
}

// bankChangeRow is a row of bank_changes.
type bankChangeRow struct {
	ID        int64      `gorm:"column:id"`
	EntityKey string     `gorm:"column:entity_key"`
	Holder    string     `gorm:"column:holder"`
	IBAN      string     `gorm:"column:iban"`
	BIC       string     `gorm:"column:bic"`
	AskedAt   time.Time  `gorm:"column:asked_at"`
	AskedBy   string     `gorm:"column:asked_by"`
	State     string     `gorm:"column:state"`
	DecidedAt *time.Time `gorm:"column:decided_at"`
	DecidedBy string     `gorm:"column:decided_by"`
}

func (r *bankChangeRow) bank() entities.Bank {
	return entities.Bank{Holder: r.Holder, IBAN: r.IBAN, BIC: r.BIC}
}

// ProposeBank keeps new bank data of an entity until somebody else approves
// them, in place of what waits for the entity already. It returns the id of the
// change, or 0 when the entity has these data now. What is wrong with the IBAN
// or BIC comes back as a List of faults; an unknown entity is NotFound.
func (s *Store) ProposeBank(ctx context.Context, who, entity string, bank entities.Bank) (id int64, err error) {
	bank.IBAN, bank.BIC = entities.NormalIBAN(bank.IBAN), entities.NormalIBAN(bank.BIC)
	bank.Holder = strings.TrimSpace(bank.Holder)
	if err := fault.List(bank.Check(entity)).Err(); err != nil {
		return 0, err
	}
	err = s.inTx(ctx, func(tx *Tx) error {
		id = 0
		if err := tx.lockConfiguration(); err != nil {
			return err
		}
		e, err := tx.entity(entity)
		if err != nil {
			return err
		}
		if e.Bank == bank {
			return nil
		}
		_, err = tx.exec("UPDATE bank_changes SET state = 'replaced', decided_at = $1, decided_by = $2 WHERE entity_key = $3 AND state = 'waiting'",
			tx.now(), who, entity)
		if err != nil {
			return err
		}
		if id, err = tx.takeIDs("bank_changes", 1); err != nil {
			return err
		}
		row := bankChangeRow{ID: id, EntityKey: entity, Holder: bank.Holder, IBAN: bank.IBAN, BIC: bank.BIC,
			AskedAt: utc(tx.now()), AskedBy: who, State: string(BankWaiting)}
		if err := add(tx, "bank_changes", []bankChangeRow{row}); err != nil {
			return err
		}
		return tx.audit(Entry{Who: who, Action: "bank.proposed", Subject: entity, Before: string(jsonOf(e.Bank)), After: string(jsonOf(bank))})
	})
	return id, err
}

// ApproveBank gives the entity its new bank data. Who asked for them may not
// approve them: a Forbidden fault.
func (s *Store) ApproveBank(ctx context.Context, who string, id int64) error {
	return s.inTx(ctx, func(tx *Tx) error {
		if err := tx.lockConfiguration(); err != nil {
			return err
		}
		change, err := tx.decideBank(who, id, BankApproved)
		if err != nil {
			return err
		}
		if change.AskedBy == who {
			return fault.New(fault.Forbidden, "bank_same_person", fault.Args{"entity": change.EntityKey, "who": who})
		}
		e, err := tx.entity(change.EntityKey)
		if err != nil {
			return err
		}
		e.Bank = change.bank()
		if _, err := s.saveConfiguration(tx, who, &creditnotes.Configuration{Entities: []entities.Entity{e}}, nil); err != nil {
			return err
		}
		return tx.audit(bankDecided(who, change, BankApproved))
	})
}

// RejectBank throws a change of bank data away; who asked for it may do so, too.
func (s *Store) RejectBank(ctx context.Context, who string, id int64) error {
	return s.inTx(ctx, func(tx *Tx) error {
		change, err := tx.decideBank(who, id, BankRejected)
		if err != nil {
			return err
		}
		return tx.audit(bankDecided(who, change, BankRejected))
	})
}

// decideBank ends the waiting of a change: one that is not there is NotFound,
// one that does not wait a Conflict fault.
func (tx *Tx) decideBank(who string, id int64, state BankChangeState) (*bankChangeRow, error) {
	n, err := tx.exec("UPDATE bank_changes SET state = $1, decided_at = $2, decided_by = $3 WHERE id = $4 AND state = 'waiting'",
		string(state), tx.now(), who, id)
	if err != nil {
		return nil, err
	}
	rows, err := allRows[bankChangeRow](tx.ctx, tx.sql, "bank_changes", "WHERE id = $1", id)
	switch {
	case err != nil:
		return nil, err
	case len(rows) == 0:
		return nil, fault.New(fault.NotFound, "bank_change_unknown", fault.Args{"change": id})
	case n == 0:
		return nil, fault.New(fault.Conflict, "bank_change_decided", fault.Args{"entity": rows[0].EntityKey})
	}
	return &rows[0], nil
}

func bankDecided(who string, c *bankChangeRow, state BankChangeState) Entry {
	return Entry{Who: who, Action: "bank." + string(state), Subject: c.EntityKey, Before: string(jsonOf(struct {
		Change  int64  `json:"change"`
		AskedBy string `json:"asked_by"`
	}{c.ID, c.AskedBy})), After: string(jsonOf(c.bank()))}
}

// entity reads one; an unknown key is a NotFound fault.
func (tx *Tx) entity(key string) (entities.Entity, error) { return entityByKey(tx.ctx, tx.sql, key) }

// Entity implements creditnotes.NoteStore.
func (s *Store) Entity(ctx context.Context, key string) (entities.Entity, error) {
	return entityByKey(ctx, s.readSQL, key)
}

func entityByKey(ctx context.Context, q querier, key string) (entities.Entity, error) {
	rows, err := allRows[entityRow](ctx, q, "entities", "WHERE key = $1", key)
	if err != nil {
		return entities.Entity{}, err
	}
	if len(rows) == 0 {
		return entities.Entity{}, fault.New(fault.NotFound, "entity_unknown", fault.Args{"entity": key})
	}
	return rows[0].domain()
}

// BankChanges lists changes of bank data, the latest first.
func (s *Store) BankChanges(ctx context.Context, f BankChangeFilter) ([]BankChange, error) {
	var where condition
	if f.Waiting {
		where.and("state = ?", string(BankWaiting))
	}
	if f.Entity != "" {
		where.and("entity_key = ?", f.Entity)
	}
	var list []BankChange
	for row, err := range eachRow[bankChangeRow](ctx, s.readSQL, "bank_changes", where.String()+" ORDER BY id DESC", where.args...) {
		if err != nil {
			return nil, fmt.Errorf("changes of bank data: %w", err)
		}
		list = append(list, BankChange{
			ID: row.ID, Entity: row.EntityKey, Bank: row.bank(), AskedAt: row.AskedAt.UTC(), AskedBy: row.AskedBy,
			State: BankChangeState(row.State), DecidedAt: orZero(row.DecidedAt).UTC(), DecidedBy: row.DecidedBy,
		})
	}
	return list, nil
}
