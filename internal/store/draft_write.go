package store

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"creditrun/creditnotes"
	"creditrun/internal/fault"
	"creditrun/internal/money"
	"creditrun/tariffs"
)

// draftWriter writes one shard of a draft.
type draftWriter struct {
	tx  *Tx
	run *creditnotes.Run
}

// WriteDraft implements creditnotes.DraftStore. A process that has lost the run
// meanwhile (its lease ran out and another took it, or the run was discarded)
// writes nothing: that is a Conflict fault.
func (s *Store) WriteDraft(ctx context.Context, run *creditnotes.Run, fn func(creditnotes.DraftWriter) error) error {
	return s.inTx(ctx, func(tx *Tx) error {
		if err := tx.stillDrafting(run, s.process, ""); err != nil {
			return err
		}
		if err := fn(&draftWriter{tx, run}); err != nil {
			return err
		}
		// Once more, and from here to the commit no process takes the run. Not
		// longer: the lease has to be renewed between the shards.
		return tx.stillDrafting(run, s.process, " FOR SHARE")
	})
}

// stillDrafting checks that a run is being drafted by this process.
func (tx *Tx) stillDrafting(run *creditnotes.Run, process, lock string) error {
	if tx.dialect == sqliteDialect {
		lock = "" // a transaction that writes is alone
	}
	var stage, leasedTo string
	err := tx.scanRow("SELECT stage, lease_token FROM runs WHERE id = $1"+lock, []any{run.ID}, &stage, &leasedTo)
	switch {
	case err != nil:
		return fmt.Errorf("run %s: %w", run.Name, err)
	case stage != string(creditnotes.StageDrafting):
		return fault.New(fault.Conflict, "run_stage_changed", fault.Args{"run": run.Name, "stage": string(creditnotes.StageDrafting)})
	case leasedTo != process:
		return fault.New(fault.Conflict, "run_lease_lost", fault.Args{"run": run.Name})
	}
	return nil
}

// NoteIDs implements creditnotes.DraftStore. It is a transaction of its own, so
// that no other transaction waits for the ids of a long one.
func (s *Store) NoteIDs(ctx context.Context, n int) (first int64, err error) {
	err = s.inTx(ctx, func(tx *Tx) error {
		first, err = tx.takeIDs("credit_notes", n)
		return err
	})
	return first, err
}

// SavePaths implements creditnotes.DraftWriter.
func (w *draftWriter) SavePaths(paths []*tariffs.Path) error {
	const batch = 1000
	for len(paths) > 0 {
		n := min(batch, len(paths))
		query, args := "INSERT INTO price_paths (id, content) VALUES ", make([]any, 0, 2*n)
		for i, path := range paths[:n] {
			if i > 0 {
				query += ", "
			}
			query += fmt.Sprintf("($%d, $%d)", 2*i+1, 2*i+2)
			args = append(args, path.ID, string(path.JSON))
		}
		if _, err := w.tx.exec(query+" ON CONFLICT (id) DO NOTHING", args...); err != nil {
			return fmt.Errorf("price paths: %w", err)
		}
		paths = paths[n:]
	}
	return nil
}

// SaveHolds implements creditnotes.DraftWriter.
func (w *draftWriter) SaveHolds(holds []creditnotes.Hold) error {
	if len(holds) == 0 {
		return nil
	}
	rows := make([][]any, len(holds))
	for i, h := range holds {
		var worth *int64
		if h.Worth != nil {
			worth = new(int64(*h.Worth))
		}
		rows[i] = []any{w.run.ID, h.SessionID, h.OwnerID, string(h.Reason), orNull(h.OtherID), worth, h.WorthIn}
	}
	_, err := w.tx.copyFrom("run_holds", []string{"run_id", "session_id", "owner_id", "reason", "other_id", "worth", "currency"}, pgx.CopyFromRows(rows))
	return err
}

// SaveWarnings implements creditnotes.DraftWriter.
func (w *draftWriter) SaveWarnings(warned []creditnotes.Hold) error {
	return w.saveNamed("run_warnings", warned)
}

func (w *draftWriter) saveNamed(table string, list []creditnotes.Hold) error {
	if len(list) == 0 {
		return nil
	}
	rows := make([][]any, len(list))
	for i, h := range list {
		rows[i] = []any{w.run.ID, h.SessionID, h.OwnerID, string(h.Reason), orNull(h.OtherID)}
	}
	_, err := w.tx.copyFrom(table, []string{"run_id", "session_id", "owner_id", "reason", "other_id"}, pgx.CopyFromRows(rows))
	return err
}

// runOwnerRow is a row of run_owners.
type runOwnerRow struct {
	RunID             int64    `gorm:"column:run_id"`
	OwnerID           int64    `gorm:"column:owner_id"`
	FailedKey         string   `gorm:"column:failed_key"`
	FailedArgs        jsonText `gorm:"column:failed_args"`
	ReceivedSessions  int64    `gorm:"column:received_sessions"`
	ReceivedEnergy    int64    `gorm:"column:received_energy"`
	CreditedSessions  int64    `gorm:"column:credited_sessions"`
	CreditedEnergy    int64    `gorm:"column:credited_energy"`
	HeldSessions      int64    `gorm:"column:held_sessions"`
	HeldEnergy        int64    `gorm:"column:held_energy"`
	ZeroSessions      int64    `gorm:"column:zero_sessions"`
	ZeroEnergy        int64    `gorm:"column:zero_energy"`
	ExcludedSessions  int64    `gorm:"column:excluded_sessions"`
	ExcludedEnergy    int64    `gorm:"column:excluded_energy"`
	WithdrawnSessions int64    `gorm:"column:withdrawn_sessions"`
	WithdrawnEnergy   int64    `gorm:"column:withdrawn_energy"`
}

// TableName implements schema.Tabler.
func (runOwnerRow) TableName() string { return "run_owners" }

// SaveOwners implements creditnotes.DraftWriter. Sessions at stations before
// their first owner come from several shards and are added up.
func (w *draftWriter) SaveOwners(results []creditnotes.OwnerResult) error {
	var rows []runOwnerRow
	for _, r := range results {
		if r.OwnerID == creditnotes.NotOwnedYet {
			if err := w.addOwnerless(runOwnerRowOf(w.run.ID, r)); err != nil {
				return err
			}
			continue
		}
		rows = append(rows, runOwnerRowOf(w.run.ID, r))
	}
	return create(w.tx.db, rows...)
}

func (w *draftWriter) addOwnerless(row runOwnerRow) error {
	sums := map[string]any{}
	for _, column := range columnsOf[runOwnerRow]() {
		if strings.HasSuffix(column, "_sessions") || strings.HasSuffix(column, "_energy") {
			sums[column] = gorm.Expr("run_owners." + column + " + excluded." + column)
		}
	}
	added := clause.OnConflict{Columns: []clause.Column{{Name: "run_id"}, {Name: "owner_id"}}, DoUpdates: clause.Assignments(sums)}
	return create(w.tx.db.Clauses(added), row)
}

func runOwnerRowOf(runID int64, r creditnotes.OwnerResult) runOwnerRow {
	c := r.Control
	row := runOwnerRow{
		RunID: runID, OwnerID: r.OwnerID, FailedArgs: "{}",
		ReceivedSessions: c.Received.Sessions, ReceivedEnergy: int64(c.Received.Energy),
		CreditedSessions: c.Credited.Sessions, CreditedEnergy: int64(c.Credited.Energy),
		HeldSessions: c.Held.Sessions, HeldEnergy: int64(c.Held.Energy),
		ZeroSessions: c.Zero.Sessions, ZeroEnergy: int64(c.Zero.Energy),
		ExcludedSessions: c.Excluded.Sessions, ExcludedEnergy: int64(c.Excluded.Energy),
		WithdrawnSessions: c.Withdrawn.Sessions, WithdrawnEnergy: int64(c.Withdrawn.Energy),
	}
	if r.Failed != nil {
		row.FailedKey, row.FailedArgs = r.Failed.Key, jsonOf(map[string]any(r.Failed.Args))
	}
	return row
}

func (row runOwnerRow) result(keys map[int64]string) (creditnotes.OwnerResult, error) {
	result := creditnotes.OwnerResult{
		Owner: keys[row.OwnerID], OwnerID: row.OwnerID,
		Control: creditnotes.Control{
			Received:  count(row.ReceivedSessions, row.ReceivedEnergy),
			Credited:  count(row.CreditedSessions, row.CreditedEnergy),
			Held:      count(row.HeldSessions, row.HeldEnergy),
			Zero:      count(row.ZeroSessions, row.ZeroEnergy),
			Excluded:  count(row.ExcludedSessions, row.ExcludedEnergy),
			Withdrawn: count(row.WithdrawnSessions, row.WithdrawnEnergy),
		},
	}
	if row.FailedKey == "" {
		return result, nil
	}
	args := fault.Args{}
	err := row.FailedArgs.read("failed_args", &args)
	result.Failed = fault.New(fault.NotReady, row.FailedKey, args)
	return result, err
}

func count(sessions, energy int64) creditnotes.Count {
	return creditnotes.Count{Sessions: sessions, Energy: money.Quantity(energy)}
}
