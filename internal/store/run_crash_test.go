package store_test

import (
	"testing"

	"creditrun/creditnotes/creditnotestest"
)

// wipe takes back a month end: what no user can do, and quicker than another
// database.
func (w *world) wipe() {
	w.T.Helper()
	tables := []string{"thread_messages", "threads", "announcements", "reminder_items", "reminders", "reprice_sessions", "reprice_months", "reprice_found", "reprices", "journal_files", "journal_entries", "journals", "journal_numbers", "delivery_recipients", "mail_pause", "deliveries", "remittance_files", "remittance_advices", "bank_undos", "bank_entry_payouts", "bank_entries", "bank_files", "payout_external_ids", "document_external_ids", "payout_files", "payout_left_out", "payout_items", "payouts", "payout_batches", "line_sums", "settlement_report_top_ups", "settlement_reports", "open_items", "accounts", "allocations", "movements", "own_charges", "run_own_waits", "run_contracts", "handovers", "proof_documents", "proof_heads", "validation_reports", "validations", "files", "carry_uses", "credit_note_owners", "positions", "note_taxes", "lines", "price_paths",
		"credit_notes", "run_holds", "run_owners", "run_left_out", "run_remarks", "run_nets", "runs", "number_counters", "river_job", "webhook_deliveries"}
	for _, table := range tables {
		if _, err := w.sql("DELETE FROM " + table); err != nil {
			w.T.Fatal(err)
		}
	}
	if _, err := w.sql("DELETE FROM audit"); err != nil {
		w.T.Fatal(err)
	}
	if _, err := w.sql("UPDATE audit_head SET id = 0, hash = ''"); err != nil {
		w.T.Fatal(err)
	}
	if _, err := w.sql("UPDATE movement_head SET id = 0, hash = ''"); err != nil {
		w.T.Fatal(err)
	}
	if _, err := w.sql("DELETE FROM id_counters WHERE name IN ('runs', 'credit_notes', 'deliveries', 'settlement_reports', 'movements')"); err != nil {
		w.T.Fatal(err)
	}
}

func TestCrashedMonthEndIsResumed(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.unlock()
		w.hooked()
		told := func() []string { return w.told(1) }
		creditnotestest.CrashedMonthEndIsResumed(w.World, false, func() func() { return w.wipe }, told)
	})
}
