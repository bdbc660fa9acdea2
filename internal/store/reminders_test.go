package store_test

import (
	"fmt"
	"strings"
	"testing"

	"creditrun/creditnotes"
	"creditrun/creditnotes/creditnotestest"
	"creditrun/entities"
	"creditrun/internal/settlement"
	"creditrun/internal/store"
	"creditrun/numbering"
)

var plainReminders = store.ReminderMaker{
	Print:     func(r *creditnotes.Reminder) ([]byte, error) { return []byte("PDF of " + r.Number), nil },
	MessageID: func(number string, copy int, _ string) string { return fmt.Sprintf("%s.%d@op.example", number, copy) },
	Supports:  func(language string) bool { return language == "de" },
}

// reminders writes down what is due to be sent on a day.
func (w *world) reminders(day entities.Date) string {
	w.T.Helper()
	list, err := w.s.DueReminders(w.T.Context(), day)
	w.ok(err)
	var b strings.Builder
	for _, r := range list {
		fmt.Fprintf(&b, "%s %d %s %s %s:", r.Recipient.Key, r.Level, r.Amount.Format(2), r.Apart, r.Detail)
		for _, i := range r.Items {
			fmt.Fprintf(&b, " %s", i.Document)
		}
		b.WriteString("\n")
	}
	return b.String()
}

func (w *world) remind(day entities.Date) int {
	w.T.Helper()
	sent, err := w.s.SendReminders(w.T.Context(), "anna", day, nil, plainReminders)
	w.ok(err)
	return len(sent)
}

func TestRemindersAreSentOncePerLevel(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		w.Ignored = ofReports
		w.Config.NumberRanges = append(w.Config.NumberRanges, creditnotestest.NumberRange("re", "RE-{YYYY}-{SEQ:5}", numbering.Invoice))
		w.Entity("a").SetOff = false
		creditnotestest.UnderContract(w.World, func(c *settlement.Contract) { c.MonthlyFee = 50_000_000 })
		w.Save()
		w.Set("invoice_range", "re", "fee_tax_account", "s19", "fee_net_days", "14")
		w.Charged(creditnotestest.WorkedContractMonth()...)
		w.Month("2026-10")
		same(t, w.reminders("2026-11-20"), "")
		same(t, w.reminders("2026-11-21"), "a 1 59.50  : RE-2026-00001")
		w.ok(w.s.StopReminders(ctx, "anna", "a", "2026-11-21", "to be clarified"))
		same(t, w.reminders("2026-11-21"), "a 1 59.50 stopped to be clarified: RE-2026-00001")
		if n := w.remind("2026-11-21"); n != 0 {
			t.Errorf("%d sent although they are stopped", n)
		}
		w.ok(w.s.ResumeReminders(ctx, "anna", "a"))
		says(t, w.s.StopReminders(ctx, "anna", "a", "2026-11-21", ""), "reminder_reason_missing")
		if n := w.remind("2026-11-21"); n != 1 {
			t.Fatalf("%d sent", n)
		}
		same(t, w.reminders("2026-11-27"), "") // seven days until the second
		same(t, w.reminders("2026-11-28"), "a 2 59.50  : RE-2026-00001")
		w.refused(`INSERT INTO reminder_items (reminder_id, movement_id, level, open) SELECT reminder_id, movement_id, level, open FROM reminder_items`)
		w.refused("UPDATE reminders SET level = 3")
		w.refused("DELETE FROM reminder_items")
		list, err := w.s.Reminders(ctx, "a", nil)
		w.ok(err)
		if len(list) != 1 || list[0].Number != "MA-000001" || list[0].Language != "de" || list[0].Amount != 5950 {
			t.Fatalf("%+v", list)
		}
		file, err := w.s.ReminderFile(ctx, "MA-000001")
		w.ok(err)
		if string(file.Content) != "PDF of MA-000001" {
			t.Errorf("%+v", file)
		}
		mails, err := w.s.ReadyDeliveries(ctx, 0)
		w.ok(err)
		var carried []string
		for _, id := range mails {
			d, note, files, err := w.s.Delivery(ctx, id)
			w.ok(err)
			if d.ReminderID != 0 {
				carried = append(carried, fmt.Sprint(note.Number, d.To, files[0].Name, d.Reminder.Level))
			}
		}
		same(t, strings.Join(carried, "\n"), "MA-000001[a@a.example]MA-000001.pdf1")
		w.remind("2026-11-28")
		w.remind("2026-12-12")
		if n := w.remind("2027-06-01"); n != 0 {
			t.Errorf("%d sent after the last level", n)
		}
		_, err = w.s.Reminder(ctx, "MA-000009")
		says(t, err, "reminder_unknown")
	})
}

// refused expects the database to refuse a statement.
func (w *world) refused(statement string) {
	w.T.Helper()
	err := w.s.InTx(w.T.Context(), func(tx *store.Tx) error {
		_, err := tx.Exec(statement)
		return err
	})
	if err == nil {
		w.T.Errorf("not refused: %s", statement)
	}
}
