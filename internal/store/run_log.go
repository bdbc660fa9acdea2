package store

import (
	"fmt"
	"strings"
	"time"

	"creditrun/creditnotes"
	"creditrun/internal/fault"
)

// logRun writes one line into the log when the run has got to a stage, with what
// it counts by then and how long it took since it was begun. Drafting, issuing
// and rendering may be the work of several processes: the one whose transaction
// moves the run on writes it.
func (tx *Tx) logRun(run *creditnotes.Run, stage creditnotes.Stage) error {
	line := []any{"run", run.Name, "month", string(run.Month)}
	switch stage {
	case creditnotes.StageDrafted:
		var owners, failed, sessions int64
		err := tx.scanRow(`SELECT count(CASE WHEN owner_id > 0 THEN 1 END), count(CASE WHEN failed_key <> '' THEN 1 END), coalesce(sum(received_sessions), 0)
			FROM run_owners WHERE run_id = $1`, []any{run.ID}, &owners, &failed, &sessions)
		if err != nil {
			return fmt.Errorf("log of run %s: %w", run.Name, err)
		}
		line = append(line, "owners", owners, "failed_owners", failed, "sessions", sessions)
	case creditnotes.StageIssued, creditnotes.StageCompleted:
		var documents, plain, noXRechnung int64
		err := tx.scanRow(`SELECT count(*), count(CASE WHEN NOT EXISTS (SELECT 1 FROM files f WHERE f.note_id = n.id AND f.kind = 'cii') THEN 1 END),
				count(CASE WHEN NOT EXISTS (SELECT 1 FROM files f WHERE f.note_id = n.id AND f.kind = 'xrechnung') THEN 1 END)
			FROM credit_notes n WHERE n.run_id = $1 AND n.kind <> 'cancellation' AND n.number IS NOT NULL`, []any{run.ID}, &documents, &plain, &noXRechnung)
		if err != nil {
			return fmt.Errorf("log of run %s: %w", run.Name, err)
		}
		line = append(line, "documents", documents)
		if stage == creditnotes.StageCompleted {
			line = append(line, "without_e_invoice", plain, "without_xrechnung", noXRechnung)
		}
	}
	line = append(line, "took", tx.now().Sub(run.CreatedAt).Round(time.Millisecond).String())
	tx.after = append(tx.after, func() { tx.log.Info("run "+string(stage), line...) })
	return nil
}

// logFailure writes one line into the log why a run stopped or could not begin,
// for the reasons that are told to people. Others are logged where they come up.
func (tx *Tx) logFailure(message, about, subject string, faults fault.List) {
	if len(faults) == 0 {
		return
	}
	reasons := make([]string, len(faults))
	for i, f := range faults {
		reasons[i] = f.Key
	}
	tx.after = append(tx.after, func() { tx.log.Warn(message, about, subject, "reasons", strings.Join(reasons, " ")) })
}
