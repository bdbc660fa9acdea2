package store

import (
	"context"
	"fmt"

	"creditrun/entities"
	"creditrun/internal/fault"
)

// externalIDTable keeps the keys that another system has for rows of a table. It
// stands beside the rows, since what is issued never changes.
type externalIDTable struct {
	table, column string // of the keys
	of            string // the table with the rows, by id and number
	action        string // of the audit log
}

var (
	documentIDs = externalIDTable{"document_external_ids", "note_id", "credit_notes", "document.external_id"}
	payoutIDs   = externalIDTable{"payout_external_ids", "payout_id", "payouts", "payout.external_id"}
)

// externalIDRow is a row of document_external_ids.
type externalIDRow struct {
	NoteID     int64  `gorm:"column:note_id"`
	ExternalID string `gorm:"column:external_id"`
}

// payoutExternalIDRow is a row of payout_external_ids.
type payoutExternalIDRow struct {
	PayoutID   int64  `gorm:"column:payout_id"`
	ExternalID string `gorm:"column:external_id"`
}

// externalIDsOf are the external ids of rows, as far as they have one.
func externalIDsOf(ctx context.Context, q querier, d dialect, t externalIDTable, ids []int64) (map[int64]string, error) {
	type row struct {
		id       int64
		external string
	}
	rows, err := collect(ctx, q, func(r *row) []any { return []any{&r.id, &r.external} },
		"SELECT "+t.column+", external_id FROM "+t.table+" WHERE "+t.column+" "+d.in("$1"), d.list(ids))
	known := make(map[int64]string, len(rows))
	for _, r := range rows {
		known[r.id] = r.external
	}
	return known, err
}

// NoteExternalID is the key that another system has for a note; empty: none is
// known.
func (s *Store) NoteExternalID(ctx context.Context, id int64) (string, error) {
	known, err := externalIDsOf(ctx, s.readSQL, s.dialect, documentIDs, []int64{id})
	return known[id], err
}

// SetNoteExternalID keeps the key that another system has for an issued note, in
// place of the one before; an empty one takes it away. Another note that has it is
// a Conflict fault.
func (s *Store) SetNoteExternalID(ctx context.Context, who, number, external string) error {
	note, err := s.NoteByNumber(ctx, number)
	if err != nil {
		return err
	}
	return s.setExternalID(ctx, documentIDs, who, note.ID, number, external)
}

// SetPayoutExternalID is SetNoteExternalID for a payout.
func (s *Store) SetPayoutExternalID(ctx context.Context, who, number, external string) error {
	payout, err := s.Payout(ctx, number, nil)
	if err != nil {
		return err
	}
	return s.setExternalID(ctx, payoutIDs, who, payout.ID, number, external)
}

func (s *Store) setExternalID(ctx context.Context, t externalIDTable, who string, id int64, number, external string) error {
	if external != "" {
		if wrong := entities.CheckExternalID(external); wrong != nil {
			return wrong
		}
	}
	return s.durably(ctx, func(tx *Tx) error {
		if err := tx.lock(t.table); err != nil {
			return err
		}
		others, err := column[string](ctx, tx.sql, "SELECT r.number FROM "+t.of+" r JOIN "+t.table+" x ON x."+t.column+" = r.id WHERE x.external_id = $1 AND r.id <> $2", external, id)
		if err != nil {
			return err
		}
		if len(others) > 0 {
			return fault.New(fault.Conflict, "external_id_taken", fault.Args{"id": external, "other": others[0]}).At("external_id")
		}
		known, err := externalIDsOf(ctx, tx.sql, tx.dialect, t, []int64{id})
		if err != nil || known[id] == external {
			return err
		}
		if _, err := tx.exec("DELETE FROM "+t.table+" WHERE "+t.column+" = $1", id); err != nil {
			return fmt.Errorf("external id of %s: %w", number, err)
		}
		if external != "" {
			if _, err := tx.exec("INSERT INTO "+t.table+" ("+t.column+", external_id) VALUES ($1, $2)", id, external); err != nil {
				return fmt.Errorf("external id of %s: %w", number, err)
			}
		}
		return tx.audit(Entry{Who: who, Action: t.action, Subject: number, Before: known[id], After: external})
	})
}
