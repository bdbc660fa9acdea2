package store_test

import (
	"fmt"
	"testing"

	"creditrun/creditnotes"
	"creditrun/internal/store"
)

// A reminder that was sent after the backup is known from its letter: no later one
// has its number.
func TestNoReminderIsNumberedTwiceAfterARestore(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		w.withFees()
		w.remind("2026-11-21")
		known, err := w.s.KnownReminder(ctx, "MA-000001")
		w.ok(err)
		if _, err := w.sql(`INSERT INTO restores (id, restored_at, restored_by, backup_at, backup_head, compared_with, documents, confirmed_by)
			SELECT 1, created_at, 'anna', created_at, '', '', '[]', '' FROM reminders`); err != nil {
			t.Fatal(err)
		}
		compare := func() *creditnotes.ArchiveComparison {
			c, err := creditnotes.CompareArchive(ctx, w.s, w.Config.NumberRanges, func(yield func(creditnotes.KeptFile, error) bool) {
				_ = yield(creditnotes.KeptFile{Path: "a/MA-000001.pdf", Name: "MA-000001.pdf", SHA256: known.Files[creditnotes.FilePDF]}, nil) &&
					yield(creditnotes.KeptFile{Path: "a/MA-000003.pdf", Name: "MA-000003.pdf", SHA256: "33"}, nil)
			})
			w.ok(err)
			return c
		}
		found := compare()
		if len(found.Twice) != 1 || found.Twice[0].Number != "MA-000003" || len(found.Differing) != 0 {
			t.Errorf("found %+v", found)
		}
		_, err = w.s.RecordComparison(ctx, "anna", "a", found, false)
		w.ok(err)
		says(t, w.s.ConfirmRestore(ctx, "anna", creditnotes.ParkWaiting), "restore_numbers_twice")
		_, err = w.s.SendReminders(ctx, "anna", "2026-11-28", nil, plainReminders)
		says(t, err, "restore_unconfirmed")
		lost, err := w.s.AdvanceRanges(ctx, "anna", "sent on 28 November")
		w.ok(err)
		same(t, fmt.Sprint(lost, w.rows("lost_reminders WHERE number = 'MA-000003' AND sha256 = '33'")), "2 1")
		again := compare()
		if len(again.Twice) != 0 || again.Later != 1 {
			t.Errorf("compared again: %+v", again)
		}
		w.refused("DELETE FROM lost_reminders")
		w.refused("UPDATE lost_reminders SET number = ''")
		w.ok(w.s.ConfirmRestore(ctx, "anna", creditnotes.ParkWaiting))
		w.remind("2026-11-28")
		sent, _, _, err := w.s.Reminders(ctx, store.ReminderFilter{Entity: "a"}, creditnotes.Page{})
		w.ok(err)
		same(t, fmt.Sprint(sent[0].Number, " ", len(sent)), "MA-000004 2")
		w.finds()
		w.edited("DELETE FROM lost_reminders WHERE id = 2", "verify_reminder_gone")
	})
}
