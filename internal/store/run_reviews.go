package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"creditrun/creditnotes"
	"creditrun/internal/fault"
)

// ownerLeftOutRow is a row of run_left_out.
type ownerLeftOutRow struct {
	ID       int64      `gorm:"column:id"`
	RunID    int64      `gorm:"column:run_id"`
	OwnerID  int64      `gorm:"column:owner_id"`
	Reason   string     `gorm:"column:reason"`
	At       time.Time  `gorm:"column:at"`
	Who      string     `gorm:"column:who"`
	UndoneAt *time.Time `gorm:"column:undone_at"`
	UndoneBy string     `gorm:"column:undone_by"`
}

// TableName implements schema.Tabler.
func (ownerLeftOutRow) TableName() string { return "run_left_out" }

// remarkRow is a row of run_remarks.
type remarkRow struct {
	ID    int64     `gorm:"column:id"`
	RunID int64     `gorm:"column:run_id"`
	At    time.Time `gorm:"column:at"`
	Who   string    `gorm:"column:who"`
	Text  string    `gorm:"column:text"`
}

// TableName implements schema.Tabler.
func (remarkRow) TableName() string { return "run_remarks" }

// LeftOut implements creditnotes.ReviewStore.
func (s *Store) LeftOut(ctx context.Context, runID int64) ([]creditnotes.LeftOut, error) {
	db := s.db(ctx)
	rows, err := find[ownerLeftOutRow](db.Where("run_id = ?", runID).Order("id"))
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	keys, err := entityKeys(db.Where("id IN (SELECT owner_id FROM run_left_out WHERE run_id = ?)", runID))
	if err != nil {
		return nil, err
	}
	list := make([]creditnotes.LeftOut, len(rows))
	for i, r := range rows {
		list[i] = creditnotes.LeftOut{Owner: keys[r.OwnerID], Reason: r.Reason, At: r.At.UTC(), Who: r.Who, UndoneAt: orZero(r.UndoneAt), UndoneBy: r.UndoneBy}
	}
	return list, nil
}

// LeaveOut implements creditnotes.ReviewStore.
func (s *Store) LeaveOut(ctx context.Context, run *creditnotes.Run, owner, reason, who string) error {
	return s.redraft(ctx, run, who, creditnotes.ActionLeftOut, map[string]string{"owner": owner, "reason": reason}, func(tx *Tx) error {
		id, err := tx.ownerOfRun(run, owner)
		if err != nil {
			return err
		}
		known, err := first[ownerLeftOutRow](tx.db.Where("run_id = ? AND owner_id = ? AND undone_at IS NULL", run.ID, id))
		if err != nil {
			return err
		}
		if known != nil {
			return fault.New(fault.Conflict, "run_owner_is_left_out", fault.Args{"run": run.Name, "owner": owner})
		}
		row := ownerLeftOutRow{RunID: run.ID, OwnerID: id, Reason: reason, At: utc(tx.now()), Who: who}
		if row.ID, err = tx.takeIDs("run_left_out", 1); err != nil {
			return err
		}
		return create(tx.db, row)
	})
}

// TakeBackIn implements creditnotes.ReviewStore.
func (s *Store) TakeBackIn(ctx context.Context, run *creditnotes.Run, owner, who string) error {
	return s.redraft(ctx, run, who, creditnotes.ActionTakenBackIn, map[string]string{"owner": owner}, func(tx *Tx) error {
		id, err := tx.ownerOfRun(run, owner)
		if err != nil {
			return err
		}
		n, err := affected(tx.db.Model(&ownerLeftOutRow{}).Where("run_id = ? AND owner_id = ? AND undone_at IS NULL", run.ID, id).
			Updates(set{"undone_at": utc(tx.now()), "undone_by": who}))
		if err == nil && n == 0 {
			err = fault.New(fault.Conflict, "run_owner_not_left_out", fault.Args{"run": run.Name, "owner": owner})
		}
		return err
	})
}

// ownerOfRun finds the id of an owner of whom a run knows.
func (tx *Tx) ownerOfRun(run *creditnotes.Run, owner string) (int64, error) {
	ids, err := column[int64](tx.ctx, tx.sql, "SELECT o.owner_id FROM run_owners o JOIN entities e ON e.id = o.owner_id WHERE o.run_id = $1 AND e.key = $2", run.ID, owner)
	if err == nil && len(ids) == 0 {
		err = fault.New(fault.Conflict, "run_owner_unknown", fault.Args{"run": run.Name, "owner": owner})
	}
	if err != nil {
		return 0, err
	}
	return ids[0], nil
}

// redraft throws the draft of a run away, and change says what is other when this
// process drafts it again. No run begins meanwhile: what a later one drafted stands on
// this draft.
func (s *Store) redraft(ctx context.Context, run *creditnotes.Run, who, action string, after map[string]string, change func(tx *Tx) error) error {
	return s.patiently(ctx, func(tx *Tx) error {
		if err := tx.lock("session"); err != nil { // as beginRun has it
			return err
		}
		if _, err := first[runRow](tx.forUpdate().Where("id = ?", run.ID)); err != nil {
			return fmt.Errorf("run %s: %w", run.Name, err)
		}
		later, err := first[runRow](tx.db.Where("id > ? AND stage <> 'discarded'", run.ID).Order("id"))
		if err != nil {
			return err
		}
		if later != nil {
			return fault.New(fault.Conflict, "run_has_later_run", fault.Args{"run": run.Name, "other": later.Name})
		}
		if busy, err := s.drafting(tx); err != nil || busy != nil {
			if err == nil {
				err = fault.New(fault.Conflict, "run_taken", fault.Args{"run": busy.Name})
			}
			return err
		}
		if err := change(tx); err != nil {
			return err
		}
		if err := tx.eraseDraft(run); err != nil {
			return err
		}
		content, err := json.Marshal(after)
		if err != nil {
			return err
		}
		if err := tx.audit(Entry{Who: who, Action: action, Subject: run.Name, After: string(content)}); err != nil {
			return err
		}
		if err := tx.advanceRun(run, creditnotes.StageDrafted, creditnotes.StageDrafting, who); err != nil {
			return err
		}
		now, err := s.databaseNow(tx.db)
		if err != nil {
			return err
		}
		return inTable(tx.db.Model(&runRow{}).Where("id = ?", run.ID).Updates(set{"lease_token": s.process, "lease_until": now.Add(leaseLasts)}))
	})
}

// Remarks implements creditnotes.ReviewStore.
func (s *Store) Remarks(ctx context.Context, runID int64) ([]creditnotes.Remark, error) {
	rows, err := find[remarkRow](s.db(ctx).Where("run_id = ?", runID).Order("id"))
	list := make([]creditnotes.Remark, len(rows))
	for i, r := range rows {
		list[i] = creditnotes.Remark{At: r.At.UTC(), Who: r.Who, Text: r.Text}
	}
	return list, err
}

// AddRemark implements creditnotes.ReviewStore.
func (s *Store) AddRemark(ctx context.Context, run *creditnotes.Run, who, text string) error {
	return s.inTx(ctx, func(tx *Tx) error {
		id, err := tx.takeIDs("run_remarks", 1)
		if err != nil {
			return err
		}
		if err := create(tx.db, remarkRow{ID: id, RunID: run.ID, At: utc(tx.now()), Who: who, Text: text}); err != nil {
			return err
		}
		return tx.audit(Entry{Who: who, Action: creditnotes.ActionRemark, Subject: run.Name, After: text})
	})
}

// keepNets keeps what the owners of a draft have before it is thrown away.
func (tx *Tx) keepNets(runID int64) error {
	_, err := tx.exec(`INSERT INTO run_nets (run_id, owner_id, currency, net)
		SELECT n.run_id, p.owner_id, n.currency, CAST(sum(p.net) AS bigint)
		FROM positions p JOIN credit_notes n ON n.id = p.note_id
		WHERE n.run_id = $1 AND n.kind = 'credit_note' AND n.state = 'draft'
		GROUP BY n.run_id, p.owner_id, n.currency`, runID)
	return err
}

// RunNets implements creditnotes.ReviewStore.
func (s *Store) RunNets(ctx context.Context, runID int64) ([]creditnotes.OwnerNet, error) {
	kept, err := collect(ctx, s.readSQL, func(n *creditnotes.OwnerNet) []any { return []any{&n.Owner, &n.Currency, &n.Net} },
		"SELECT e.key, o.currency, o.net FROM run_nets o JOIN entities e ON e.id = o.owner_id WHERE o.run_id = $1 ORDER BY e.key, o.currency", runID)
	if err != nil || len(kept) > 0 {
		return kept, err
	}
	return s.netsByOwner(ctx, `WHERE n.run_id = $1 AND n.kind = 'credit_note' AND n.state IN ('draft', 'issued')
		AND NOT EXISTS (SELECT 1 FROM credit_notes c WHERE c.cancels = n.id)`, runID)
}

// sameDraft refuses to release a draft that was made anew since the person saw it.
// The row of the run is locked by now, as it is where an owner is left out.
func (tx *Tx) sameDraft(run *creditnotes.Run) error {
	var changes int
	if err := tx.scanRow("SELECT count(*) + count(undone_at) FROM run_left_out WHERE run_id = $1", []any{run.ID}, &changes); err != nil {
		return fmt.Errorf("run %s: %w", run.Name, err)
	}
	if changes != *run.Seen {
		return fault.New(fault.Conflict, "run_draft_changed", fault.Args{"run": run.Name})
	}
	return nil
}
