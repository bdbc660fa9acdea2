package store_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"creditrun/creditnotes"
	"creditrun/creditnotes/creditnotestest"
	"creditrun/entities"
	"creditrun/internal/payouts"
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
		w.withFees()
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
		list, _, _, err := w.s.Reminders(ctx, store.ReminderFilter{Entity: "a"}, creditnotes.Page{})
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

// withFees has an October with the fee invoice RE-2026-00001 to a over 59.50, which
// is due on 2026-11-14 and not set off.
func (w *world) withFees() {
	w.T.Helper()
	w.Ignored = ofReports
	w.Config.NumberRanges = append(w.Config.NumberRanges, creditnotestest.NumberRange("re", "RE-{YYYY}-{SEQ:5}", numbering.Invoice))
	w.Entity("a").SetOff = false
	creditnotestest.UnderContract(w.World, func(c *settlement.Contract) { c.MonthlyFee = 50_000_000 })
	w.Save()
	w.Set("invoice_range", "re", "fee_tax_account", "s19", "fee_net_days", "14")
	w.Charged(creditnotestest.WorkedContractMonth()...)
	w.Month("2026-10")
	w.Runner.Reminders = w.s
}

// itemOf is the movement of a document.
func (w *world) itemOf(document string) int64 {
	w.T.Helper()
	list, err := w.s.OpenItems(w.T.Context(), creditnotes.Account{Entity: "a", Currency: "EUR"})
	w.ok(err)
	for _, i := range list {
		if i.Reference == document {
			return i.ID
		}
	}
	w.T.Fatalf("%s is not open", document)
	return 0
}

// What is left after set-off is what the letter asks for, and what verify finds
// in it.
func TestRemindersAskForTheBalanceAfterSetOff(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.withFees()
		w.Entity("a").SetOff = true
		w.Save()
		balances, err := w.s.Balances(t.Context(), []string{"a"}, "2026-12-31")
		w.ok(err)
		owed := -balances["a"][0].Amount
		same(t, w.reminders("2026-11-21"), "a 1 "+owed.Format(2)+"  : RE-2026-00001")
		if owed <= 0 || owed >= 5950 {
			t.Fatalf("the balance is %s", owed.Format(2))
		}
		w.remind("2026-11-21")
		w.finds()
		w.pays(creditnotes.MovedPayment, owed, w.itemOf("RE-2026-00001"))
		same(t, w.reminders("2026-12-31"), "")
		w.Proven()
	})
}

func TestSendersAtOnceSendOneReminder(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.withFees()
		var all sync.WaitGroup
		var sent atomic.Int64
		for range 4 {
			all.Go(func() {
				list, err := w.s.SendReminders(t.Context(), "anna", "2026-11-21", nil, plainReminders)
				if err != nil {
					t.Error(err)
				}
				sent.Add(int64(len(list)))
			})
		}
		all.Wait()
		if n := w.rows("reminders"); sent.Load() != 1 || n != 1 || w.rows("reminder_items") != 1 {
			t.Errorf("%d sent, %d stored", sent.Load(), n)
		}
		w.Proven()
	})
}

func TestRemindersHaveWhatIsOpenWhenTheyAreSent(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		w.withFees()
		preview, err := w.s.PreviewReminder(ctx, "2026-11-21", "a", "EUR", plainReminders)
		w.ok(err)
		if string(preview) != "PDF of " || w.rows("reminders") != 0 {
			t.Errorf("the preview: %q", preview)
		}
		_, err = w.s.PreviewReminder(ctx, "2026-11-20", "a", "EUR", plainReminders)
		says(t, err, "reminder_not_due")
		w.remind("2026-11-21")
		invoice := w.itemOf("RE-2026-00001")
		w.pays(creditnotes.MovedPayment, 2000, invoice)
		same(t, w.reminders("2026-11-28"), "a 2 39.50  : RE-2026-00001")
		seen := func(r *payouts.DueReminder) bool { return r.Amount == 5950 } // what the sender saw
		sent, err := w.s.SendReminders(ctx, "anna", "2026-11-28", seen, plainReminders)
		w.ok(err)
		if len(sent) != 0 {
			t.Errorf("sent although it has changed: %+v", sent)
		}
		w.remind("2026-11-28")
		w.pays(creditnotes.MovedPayment, 3950, invoice)
		same(t, w.reminders("2026-12-31"), "") // paid
		w.Proven()
	})
}

func TestNotesThatAreCancelledAfterTheyWerePaidAreRemindedOf(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.exported()
		same(t, w.answered(camt("camt.053", ownAccount, booking{"-22.50", "", "2027-01-04", "", nil}.String())), "2 executed")
		w.Now = evening("2027-01-05")
		w.Cancel("GS-2026-00001")
		same(t, w.reminders("2027-01-11"), "")
		same(t, w.reminders("2027-01-12"), "a 1 3.75  : ST-2027-00001")
		w.remind("2027-01-12")
		same(t, w.answered(camt("camt.053", ownAccount, booking{"3.75", "1", "2027-01-14", "", []string{detail("", "3.75", "ST-2027-00001", "")}}.String())), "1 received")
		same(t, w.reminders("2027-02-28"), "")
		w.Proven()
		old, err := w.s.OpenAccountsOn(t.Context(), "2027-01-05") // as of a day that is over
		w.ok(err)
		var b strings.Builder
		for _, a := range payouts.AgeingOf("2027-01-05", old).Rows {
			fmt.Fprintf(&b, "%s %s %s %v\n", a.Entity, a.Side, a.Total().Format(2), a.ByAge)
		}
		same(t, b.String(), "a owing -3.75 [-375 0 0 0 0]")
		before, err := w.s.OpenAccountsOn(t.Context(), "2027-01-03") // not paid yet
		w.ok(err)
		list := payouts.AgeingOf("2027-01-03", before)
		if len(list.Totals) != 1 || list.Totals[0].Total() != 2250 || list.Totals[0].Side != payouts.Owed {
			t.Errorf("before the payouts were executed: %+v", list)
		}
	})
}

func TestAReminderIsMailedAgainByTheOneDelivery(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		w.withFees()
		w.remind("2026-11-21")
		one, err := w.s.Reminder(ctx, "MA-000001")
		w.ok(err)
		mails, err := w.s.ReminderDeliveries(ctx, one.ID)
		w.ok(err)
		w.ok(w.s.Finish(ctx, mails[0].ID, ended(mails[0], creditnotes.RecipientRefused, "550 no such user", w.Now)))
		open, err := w.s.OpenRecipients(ctx, store.OpenFilter{Limit: 100})
		w.ok(err)
		if i := slices.IndexFunc(open, func(o creditnotes.OpenRecipient) bool { return o.Reminder }); i < 0 || open[i].Number != "MA-000001" || open[i].Recipient != "a" ||
			open[i].State != creditnotes.RecipientRefused {
			t.Errorf("what has not arrived: %+v", open)
		}
		d, err := w.Runner.Resend(ctx, creditnotes.ResendRequest{Number: "MA-000001", Addresses: creditnotes.AddressesNamed, To: []string{"new@a.example"}, Who: "otto"})
		w.ok(err)
		if d.Copy != 1 || d.ReminderID != one.ID || d.MessageID == mails[0].MessageID {
			t.Errorf("%+v, after %+v", d, mails[0])
		}
		stored, err := w.Runner.Resend(ctx, creditnotes.ResendRequest{Number: "MA-000001", Addresses: creditnotes.AddressesStored, Who: "otto"})
		w.ok(err)
		if stored.Copy != 2 || stored.To[0] != "a@a.example" {
			t.Errorf("to the stored addresses: %+v", stored)
		}
		carried, _, files, err := w.s.Delivery(ctx, d.ID)
		w.ok(err)
		if carried.Reminder == nil || len(files) != 1 || string(files[0].Content) != "PDF of MA-000001" || w.rows("reminders") != 1 {
			t.Errorf("%+v with %+v", carried, files)
		}
		w.Proven()
		w.edited("DELETE FROM delivery_recipients WHERE delivery_id = 4; DELETE FROM deliveries WHERE copy = 1 AND reminder_id IS NOT NULL", "verify_mailing")
	})
}

func TestVerifyFindsRemindersThatWereChanged(t *testing.T) {
	edits := map[string]string{
		"UPDATE reminders SET amount = amount + 1 WHERE id = 1":                                  "verify_reminder",
		"UPDATE reminders SET entity_key = 'b' WHERE id = 1":                                     "verify_reminder",
		"UPDATE reminders SET level = 3 WHERE id = 1":                                            "verify_reminder",
		"UPDATE reminders SET day = '2026-11-22' WHERE id = 1":                                   "verify_reminder",
		"UPDATE reminders SET content = replace(content, '5950', '5951') WHERE id = 1":           "verify_reminder",
		"UPDATE reminders SET content = replace(content, 'a.example', 'b.example') WHERE id = 1": "verify_reminder",
		"UPDATE reminders SET file = '00' WHERE id = 1":                                          "verify_file",
		"UPDATE reminders SET file = '00', sha256 = '00' WHERE id = 1":                           "verify_file",
		"UPDATE reminders SET number = 'MA-000009' WHERE id = 1":                                 "verify_mailing verify_reminder verify_reminder_gone",
		"UPDATE reminder_items SET open = open - 1 WHERE level = 1":                              "verify_reminder",
		"UPDATE reminder_items SET open = -999999 WHERE level = 1":                               "verify_reminder",
		"UPDATE reminder_items SET level = 3 WHERE level = 2":                                    "verify_reminder verify_reminder_levels",
		"UPDATE reminder_items SET movement_id = 1 WHERE level = 1":                              "verify_reminder verify_reminder_levels",
		"DELETE FROM reminder_items WHERE level = 2":                                             "verify_reminder",
		"DELETE FROM reminder_items WHERE level = 2; DELETE FROM delivery_recipients WHERE delivery_id = (SELECT id FROM deliveries WHERE reminder_id = 2);" +
			"DELETE FROM deliveries WHERE reminder_id = 2; DELETE FROM reminders WHERE id = 2": "verify_mailing verify_reminder_gone",
	}
	inEach(t, func(t *testing.T, w *world) {
		w.withFees()
		w.remind("2026-11-21")
		w.remind("2026-11-28")
		v, err := creditnotes.VerifySince(t.Context(), w.s, creditnotes.AuditHead{}, w.Now.Add(time.Hour))
		w.ok(err)
		if v.Reminders != 0 || len(v.Problems) != 0 {
			t.Errorf("of earlier ones: %+v", v.Problems)
		}
		w.finds()
		w.unlock()
		back := w.kept("reminders", "reminder_items", "deliveries", "delivery_recipients")
		for _, statement := range slices.Sorted(maps.Keys(edits)) {
			t.Log(statement)
			w.edited(statement, strings.Fields(edits[statement])...)
			back()
		}
		w.finds()
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
