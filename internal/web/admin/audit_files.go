package admin

import (
	"context"
	"io"
	"time"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/access"
	"creditrun/internal/export"
	"creditrun/internal/fault"
	"creditrun/internal/store"
	"creditrun/internal/tasks"
	"creditrun/internal/web/page"
)

// auditRead is how many entries are read at once for a file.
const auditRead = 1000

// AuditCSV sends the filtered log as a file, the newest entries first. The
// texts are the bytes that the hashes cover, but for those that a spreadsheet
// would take for a formula and for bank accounts that are masked.
func (v *Visit) AuditCSV() error {
	q, err := v.auditFilter(v.askedAudit())
	if err != nil {
		return err
	}
	q.Limit = auditRead
	return v.Stream(page.TypeCSV, "audit.csv", func(w io.Writer) error { return v.writeAudit(w, q) })
}

func (v *Visit) writeAudit(w io.Writer, q store.AuditFilter) error {
	file := export.NewCSV(w)
	_ = file.Write("id", "at", "who", "action", "subject", "before", "after", "previous_hash", "hash")
	for {
		list, err := v.Store.Audit(v.R.Context(), q)
		if err != nil {
			return err
		}
		for _, e := range list {
			_ = file.Write(v.auditRecord(e)...) // Flush tells
		}
		if err := file.Flush(); err != nil || len(list) < q.Limit {
			return err
		}
		q.Below = list[len(list)-1].ID
	}
}

func (v *Visit) auditRecord(e store.AuditEntry) []string {
	if !v.May(access.ChangeEntities) {
		e.Before, e.After = entities.MaskIBANs(e.Before), entities.MaskIBANs(e.After)
	}
	return []string{page.FormatID(e.ID), e.At.UTC().Format(time.RFC3339Nano), e.Who, e.Action, e.Subject, e.Before, e.After, e.PreviousHash, e.Hash}
}

// CheckAudit begins to verify the chain; the result has a page of its own.
func (v *Visit) CheckAudit() error {
	task := v.tasks.checks.Start(v.Name(), "", func(ctx context.Context, _ *tasks.Progress) (creditnotes.AuditChain, error) {
		return v.Store.VerifyAudit(ctx)
	})
	return v.Redirect("/audit/checks/" + task.State().ID)
}

// auditCheckView is a check as it stands.
type auditCheckView struct {
	Path  string
	Done  bool
	Check creditnotes.AuditChain
	At    time.Time // when it began
}

// AuditChecked shows what a check found, or that it goes on.
func (v *Visit) AuditChecked() error {
	id := v.R.PathValue("id")
	task, err := v.tasks.checks.Find(v.R.Context(), v.Name(), id)
	if err != nil {
		return err
	}
	if task == nil {
		return fault.New(fault.NotFound, "audit_check_unknown", nil)
	}
	found := task.State()
	if found.Err != nil {
		return found.Err
	}
	view := auditCheckView{Path: "/audit/checks/" + id, Done: found.Over(), Check: found.Value, At: found.Begun}
	if v.Refreshes() {
		return v.Part("audit_check", "audit_check", view)
	}
	return v.ShowAs("audit_check", "audit_check_title", view)
}
