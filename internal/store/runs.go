package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/access"
	"creditrun/internal/fault"
)

// leaseLasts is how long a process keeps a run without renewing its lease;
// after that another may take the run up.
const leaseLasts = 2 * time.Minute

// leaseSlack is how much further than leaseLasts a lease may reach: clocks that
// are corrected by seconds do no harm.
const leaseSlack = 10 * time.Second

// runRow is a row of runs.
type runRow struct {
	ID           int64      `gorm:"column:id"`
	Name         string     `gorm:"column:name"`
	Month        string     `gorm:"column:month"`
	Trigger      string     `gorm:"column:trigger"`
	Stage        string     `gorm:"column:stage"`
	DocumentDate string     `gorm:"column:document_date"`
	DateGiven    bool       `gorm:"column:date_given"`
	Cutoff       time.Time  `gorm:"column:cutoff"`
	Settings     jsonText   `gorm:"column:settings"`
	CreatedAt    time.Time  `gorm:"column:created_at;autoCreateTime:false"`
	CreatedBy    string     `gorm:"column:created_by"`
	ApprovedAt   *time.Time `gorm:"column:approved_at"`
	ApprovedBy   string     `gorm:"column:approved_by"`
	FinishedAt   *time.Time `gorm:"column:finished_at"`
	FailedAt     *time.Time `gorm:"column:failed_at"`
	Failure      jsonText   `gorm:"column:failure"`
	FailureRef   string     `gorm:"column:failure_reference"`
	LeaseToken   string     `gorm:"column:lease_token"`
	LeaseUntil   time.Time  `gorm:"column:lease_until"`
	SettledBelow *int64     `gorm:"column:settled_below"` // every session with a lower id was received until the cut-off
	SettledUntil *time.Time `gorm:"column:settled_until"` // of these, those that end before it have an outcome
}

// TableName implements schema.Tabler.
func (runRow) TableName() string { return "runs" }

func (r runRow) run() (*creditnotes.Run, error) {
	run := &creditnotes.Run{
		ID: r.ID, Name: r.Name, Month: entities.Month(r.Month), Trigger: creditnotes.Trigger(r.Trigger), Stage: creditnotes.Stage(r.Stage),
		DocumentDate: entities.Date(r.DocumentDate), DateGiven: r.DateGiven, Cutoff: r.Cutoff.UTC(), CreatedAt: r.CreatedAt.UTC(), CreatedBy: r.CreatedBy,
		ApprovedAt: orZero(r.ApprovedAt), ApprovedBy: r.ApprovedBy, FinishedAt: orZero(r.FinishedAt), Settings: creditnotes.DefaultSettings(),
	}
	var err error
	if run.Failure, err = failureOf(r.FailedAt, r.Failure, r.FailureRef); err != nil {
		return nil, fmt.Errorf("run %s: %w", r.Name, err)
	}
	values := map[string]string{}
	if err := r.Settings.read("settings", &values); err != nil {
		return nil, err
	}
	for key, value := range values {
		if err := run.Settings.Set(key, value); err != nil {
			return nil, fmt.Errorf("run %s: %w", r.Name, err)
		}
	}
	return run, nil
}

// BeginRun implements creditnotes.RunStore.
func (s *Store) BeginRun(ctx context.Context, wanted *creditnotes.Run) (run *creditnotes.Run, mine bool, err error) {
	var silent *peerRow
	if err := s.seen(ctx); err != nil { // not below: the row would be locked while an import is waited for
		return nil, false, err
	}
	err = s.patiently(ctx, func(tx *Tx) error {
		run, mine, silent, err = s.beginRun(tx, wanted)
		return err
	})
	if err == nil {
		s.endSessions(ctx, silent)
	}
	if errors.Is(err, gorm.ErrDuplicatedKey) {
		// Another process began the same run a moment ago.
		return wanted, false, nil
	}
	return run, mine, err
}

// beginRun is BeginRun in a transaction. silent is the process from which the run
// was taken because it had said nothing for too long, or nil.
func (s *Store) beginRun(tx *Tx, wanted *creditnotes.Run) (run *creditnotes.Run, mine bool, silent *peerRow, err error) {
	if err := tx.confirmed(); err != nil {
		return nil, false, nil, err
	}
	// An import that is under way may hold sessions received before the
	// cut-off; they must be there when the draft begins to read.
	next, err := tx.version("session") // the lock of lockSessions
	if err != nil {
		return nil, false, nil, err
	}
	rows, err := find[runRow](tx.db.Where("month = ?", string(wanted.Month)).Order("id"))
	if err != nil {
		return nil, false, nil, err
	}
	for _, row := range rows {
		if !creditnotes.Stage(row.Stage).Done() {
			return s.takeLease(tx, row)
		}
	}
	if busy, err := s.drafting(tx); err != nil || busy != nil {
		return busy, false, nil, err
	}
	id, err := tx.takeIDs("runs", 1)
	if err != nil {
		return nil, false, nil, err
	}
	below, err := tx.receivedUntil(wanted.Cutoff, next)
	if err != nil {
		return nil, false, nil, err
	}
	now, err := s.databaseNow(tx.db)
	if err != nil {
		return nil, false, nil, err
	}
	row := runRow{
		ID: id, Name: nextName(wanted.Month, len(rows)), Month: string(wanted.Month), Trigger: string(wanted.Trigger),
		Stage: string(creditnotes.StageDrafting), DocumentDate: string(wanted.DocumentDate), DateGiven: wanted.DateGiven, Cutoff: utc(wanted.Cutoff),
		Settings: jsonOf(wanted.Settings.Values()), CreatedAt: utc(wanted.CreatedAt), CreatedBy: wanted.CreatedBy,
		LeaseToken: s.process, LeaseUntil: now.Add(leaseLasts),
		SettledBelow: &below,
	}
	if err := create(tx.db, row); err != nil {
		return nil, false, nil, err
	}
	if err := inTable(tx.db.Where("month = ?", row.Month).Delete(&monthFailureRow{})); err != nil {
		return nil, false, nil, err
	}
	run, err = row.run()
	if err != nil {
		return nil, false, nil, err
	}
	tx.after = append(tx.after, func() {
		s.log.Info("run begun", "run", run.Name, "month", string(run.Month), "trigger", string(run.Trigger))
	})
	return run, true, nil, tx.audit(Entry{Who: wanted.CreatedBy, Action: "run.begun", Subject: row.Name, After: string(wanted.Trigger)})
}

// receivedUntil returns the lowest id of a session that was received after a
// cut-off; next, if there is none. Ids are given out in the order in which
// imports write, and clocks of machines differ, so all that came since the last
// run that settled anything are looked at.
func (tx *Tx) receivedUntil(cutoff time.Time, next int64) (below int64, err error) {
	err = tx.scanRow(`SELECT coalesce(min(id), $1) FROM sessions WHERE received_at > $2
		AND id >= (SELECT coalesce(max(settled_below), 0) FROM runs WHERE settled_until IS NOT NULL AND cutoff <= $2)`,
		[]any{next, utc(cutoff)}, &below)
	return below, err
}

// drafting returns the run, of any month, that a process is drafting at the
// moment, or nil. Two months at once would reach for the same late sessions.
func (s *Store) drafting(tx *Tx) (*creditnotes.Run, error) {
	rows, err := find[runRow](tx.db.Where("stage = 'drafting'").Order("id"))
	if err != nil {
		return nil, err
	}
	for _, row := range rows {
		by, err := s.holder(tx.db, row)
		if err != nil {
			return nil, err
		}
		if by == nil {
			continue
		}
		run, err := row.run()
		if err == nil {
			run.Holder = by
		}
		return run, err
	}
	return nil, nil
}

// takeLease takes an unfinished run up, unless a process works on it: another
// process, or this one already, on behalf of a page or of the schedule.
func (s *Store) takeLease(tx *Tx, row runRow) (run *creditnotes.Run, mine bool, silent *peerRow, err error) {
	if run, err = row.run(); err != nil {
		return nil, false, nil, err
	}
	if run.Holder, err = s.holder(tx.db, row); err != nil || run.Holder != nil {
		return run, false, nil, err
	}
	if silent, err = s.silentHolder(tx, row); err != nil {
		return nil, false, nil, err
	}
	now, err := s.databaseNow(tx.db)
	if err != nil {
		return nil, false, nil, err
	}
	// Only if it is still as it was found: its process may have renewed it.
	found := tx.db.Model(&runRow{}).Where("id = ? AND lease_token = ? AND lease_until = ?", row.ID, row.LeaseToken, row.LeaseUntil)
	n, err := affected(found.Updates(set{"lease_token": s.process, "lease_until": now.Add(leaseLasts)}))
	return run, n == 1, silent, err
}

// nextName names a run: the month, from the second on with a counter.
func nextName(month entities.Month, earlier int) string {
	if earlier == 0 {
		return string(month)
	}
	return fmt.Sprintf("%s-%d", month, earlier+1)
}

// RenewLease implements creditnotes.RunStore.
func (s *Store) RenewLease(ctx context.Context, runID int64) error {
	return s.inTx(ctx, func(tx *Tx) error {
		if err := s.register(tx); err != nil {
			return err
		}
		now, err := s.databaseNow(tx.db)
		if err != nil {
			return err
		}
		n, err := affected(s.ours(tx, runID).Update("lease_until", now.Add(leaseLasts)))
		if err != nil || n == 1 {
			return err
		}
		run, err := first[runRow](tx.db.Where("id = ?", runID))
		if err != nil {
			return err
		}
		return fault.New(fault.Conflict, "run_lease_lost", fault.Args{"run": orZero(run).Name})
	})
}

// ReleaseLease implements creditnotes.RunStore.
func (s *Store) ReleaseLease(ctx context.Context, runID int64) error {
	return s.inTx(ctx, func(tx *Tx) error {
		now, err := s.databaseNow(tx.db)
		if err != nil {
			return err
		}
		return inTable(s.ours(tx, runID).Update("lease_until", now.Add(-time.Second)))
	})
}

// ours is the query of a run as long as this process has its lease.
func (s *Store) ours(tx *Tx, runID int64) *gorm.DB {
	return tx.db.Model(&runRow{}).Where("id = ? AND lease_token = ?", runID, s.process)
}

// AdvanceRun implements creditnotes.RunStore.
func (s *Store) AdvanceRun(ctx context.Context, run *creditnotes.Run, from, to creditnotes.Stage, who string) error {
	return s.durably(ctx, func(tx *Tx) error { return tx.advanceRun(run, from, to, who) })
}

func (tx *Tx) advanceRun(run *creditnotes.Run, from, to creditnotes.Stage, who string) error {
	if to == creditnotes.StageReleased {
		if err := tx.confirmed(); err != nil {
			return err
		}
	}
	values := set{"stage": string(to), "failed_at": nil, "failure": "", "failure_reference": ""}
	switch to {
	case creditnotes.StageReleased:
		values["approved_at"], values["approved_by"] = tx.now(), who
	case creditnotes.StageCompleted, creditnotes.StageDiscarded:
		values["finished_at"] = tx.now()
	}
	n, err := affected(tx.db.Model(&runRow{}).Where("id = ? AND stage = ?", run.ID, string(from)).Updates(values))
	if err != nil {
		return fmt.Errorf("run %s: %w", run.Name, err)
	}
	if n == 0 {
		return fault.New(fault.Conflict, "run_stage_changed", fault.Args{"run": run.Name, "stage": string(from)})
	}
	if to == creditnotes.StageReleased && run.Seen != nil {
		if err := tx.sameDraft(run); err != nil {
			return err
		}
	}
	if to == creditnotes.StageDrafted {
		if err := tx.markSettled(run); err != nil {
			return err
		}
	}
	if from == creditnotes.StageReleased && to != creditnotes.StageDiscarded { // it is issued: what it settled stays so
		if err := tx.sumLines(run); err != nil {
			return err
		}
		if err := tx.recordExcluded(who, "r.id = $1", run.ID); err != nil {
			return err
		}
		if err := tx.recordSettled(who, "r.id = $1", run.ID); err != nil {
			return err
		}
	}
	if err := tx.tellStage(run, to); err != nil {
		return err
	}
	if err := tx.audit(Entry{Who: who, Action: "run." + string(to), Subject: run.Name, Before: string(from), After: string(to)}); err != nil {
		return err
	}
	if err := tx.logRun(run, to); err != nil {
		return err
	}
	run.Stage, run.Failure = to, nil
	if to == creditnotes.StageCompleted {
		return tx.tellHead(run.Name)
	}
	return nil
}

// tellHead mails the head of the audit log to finance and the administrators:
// kept outside of the database, it shows later whether the log was changed.
func (tx *Tx) tellHead(run string) error {
	var head creditnotes.AuditHead
	if err := tx.scanRow("SELECT id, hash FROM audit_head", nil, &head.ID, &head.Hash); err != nil {
		return err
	}
	return tx.tellStaff(creditnotes.NoticeAuditHead, creditnotes.NoticeFacts{Run: run, Head: head.String()}, access.Finance, access.Admin)
}

// markSettled keeps until when a run has settled what was received, for later
// ones to look no further. A run that another one has overtaken does not say so:
// the lines of that one may still be thrown away.
func (tx *Tx) markSettled(run *creditnotes.Run) error {
	_, err := tx.exec("UPDATE runs SET settled_until = $1 WHERE id = $2 AND NOT EXISTS (SELECT 1 FROM runs later WHERE later.id > $2)",
		utcOrNull(run.SettledUntil), run.ID)
	return err
}

// tellStage writes the events of the stages that webhooks may ask for.
func (tx *Tx) tellStage(run *creditnotes.Run, stage creditnotes.Stage) error {
	switch stage {
	case creditnotes.StageDrafted:
		return tx.tellRun(RunDrafted, run, stage)
	case creditnotes.StageCompleted:
		return tx.tellRun(RunCompleted, run, stage)
	}
	return nil
}

// DiscardRun implements creditnotes.RunStore. Another process may be drafting
// the run: what it has written is thrown away, and it writes no more.
func (s *Store) DiscardRun(ctx context.Context, run *creditnotes.Run, who string) error {
	return s.inTx(ctx, func(tx *Tx) error {
		// Wait for the shard that is being written, and keep the next one out.
		if _, err := first[runRow](tx.forUpdate().Where("id = ?", run.ID)); err != nil {
			return fmt.Errorf("discard run %s: %w", run.Name, err)
		}
		if err := tx.keepNets(run.ID); err != nil {
			return err
		}
		if err := tx.eraseDraft(run); err != nil {
			return err
		}
		return tx.advanceRun(run, run.Stage, creditnotes.StageDiscarded, who)
	})
}

// eraseDraft throws away what a run drafted. What it settled is open again, also for
// the runs that came after it.
func (tx *Tx) eraseDraft(run *creditnotes.Run) error {
	const ofRun = "(SELECT id FROM credit_notes WHERE run_id = $1)"
	if err := tx.touchCharged("o.run_id = $1", run.ID); err != nil {
		return err
	}
	if err := tx.forgetSums("l.note_id IN "+ofRun, run.ID); err != nil {
		return err
	}
	for _, statement := range []string{
		"DELETE FROM carry_uses WHERE note_id IN " + ofRun,
		"DELETE FROM lines WHERE run_id = $1",
		"DELETE FROM own_charges WHERE run_id = $1",
		"DELETE FROM run_own_waits WHERE run_id = $1",
		"DELETE FROM positions WHERE note_id IN " + ofRun,
		"DELETE FROM note_taxes WHERE note_id IN " + ofRun,
		"DELETE FROM credit_note_owners WHERE note_id IN " + ofRun,
		"DELETE FROM credit_notes WHERE run_id = $1",
		"DELETE FROM run_holds WHERE run_id = $1",
		"DELETE FROM run_warnings WHERE run_id = $1",
		"DELETE FROM run_owners WHERE run_id = $1",
		"DELETE FROM run_contracts WHERE run_id = $1",
		"UPDATE runs SET settled_until = NULL WHERE id >= $1",
	} {
		if _, err := tx.exec(statement, run.ID); err != nil {
			return fmt.Errorf("erase draft of run %s: %w", run.Name, err)
		}
	}
	return nil
}
