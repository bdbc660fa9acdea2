package api

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"creditrun/creditnotes"
	"creditrun/internal/payouts"
	"creditrun/internal/web/webtest"
)

// cancelledAfterPaid pays everything out, and cancels one note of each payout.
func (w *world) cancelledAfterPaid() {
	w.t.Helper()
	ctx := w.t.Context()
	b, err := w.store.PreparePayouts(ctx, "test", "2026-12-30")
	must(w.t, err)
	must(w.t, w.store.ApprovePayouts(ctx, "another", b.ID))
	_, _, err = w.store.ExportPayouts(ctx, "test", b.ID)
	must(w.t, err)
	for _, p := range b.Payouts {
		must(w.t, w.store.ExecutePayout(ctx, "test", p.Number, "2026-11-12"))
	}
	others := 0
	for _, p := range b.Payouts {
		if p.Entity != webtest.SubCPO {
			if others++; others > 1 {
				continue
			}
		}
		for _, item := range p.Items {
			if item.Kind == creditnotes.MovedCreditNote {
				_, err := w.api.Runner.Cancel(ctx, creditnotes.CancelRequest{Number: item.Reference, Reason: "test", Who: "test"})
				must(w.t, err)
				break
			}
		}
	}
}

func TestRemindersAreSentByTheAPI(t *testing.T) {
	w := newWorld(t)
	w.cancelledAfterPaid()
	w.later(30 * 24 * time.Hour) // 14 days until it is due, and 7
	felix, paul := w.as("felix"), w.as("paul")
	due := read[Items[payouts.DueReminderJSON]](felix.get("/reminders/due").is(http.StatusOK)).Items
	if len(due) != 3 || due[0].Level != 1 || len(due[0].Items) != 1 {
		t.Fatalf("%+v", due)
	}
	paul.get("/reminders/due").is(http.StatusForbidden)
	w.as("anna").post("/entities/"+webtest.SubCPO+"/reminders/stop", object{"reason": "to be clarified", "since": "x"}).is(http.StatusUnprocessableEntity)
	w.as("anna").post("/entities/"+webtest.SubCPO+"/reminders/stop", object{"reason": "to be clarified"}).is(http.StatusNoContent)
	sent := read[Items[payouts.ReminderJSON]](felix.post("/reminders/send", object{}).is(http.StatusOK)).Items
	if len(sent) != 2 || sent[0].Recipient == webtest.SubCPO || sent[0].SentBy == "" {
		t.Fatalf("%+v", sent)
	}
	w.as("anna").post("/entities/"+webtest.SubCPO+"/reminders/resume", nil).is(http.StatusNoContent)
	own := read[Items[payouts.ReminderJSON]](felix.post("/reminders/send", object{"recipients": []string{webtest.SubCPO}}).is(http.StatusOK)).Items
	if again := read[Items[payouts.ReminderJSON]](felix.post("/reminders/send", object{}).is(http.StatusOK)).Items; len(own) != 1 || len(again) != 0 {
		t.Fatalf("%+v, then %+v", own, again)
	}
	if list := all[payouts.ReminderJSON](felix, "/reminders?limit=1"); len(list) != 3 {
		t.Errorf("%+v", list)
	}
	if list := all[payouts.ReminderJSON](paul, "/reminders"); len(list) != 1 || list[0].Reminder != own[0].Reminder || list[0].SentBy != "" {
		t.Errorf("a Sub-CPO sees %+v", list)
	}
	paul.get("/reminders/"+sent[0].Reminder).problem(http.StatusNotFound, "reminder_unknown")
	paul.get("/reminders/"+sent[0].Reminder+"/file").problem(http.StatusNotFound, "reminder_unknown")
	one := read[Reminder](paul.get("/reminders/" + own[0].Reminder).is(http.StatusOK))
	if len(one.Deliveries) != 1 || one.Amount == "" || one.Items[0].Document == "" {
		t.Errorf("%+v", one)
	}
	if file := paul.get("/reminders/" + own[0].Reminder + "/file").is(http.StatusOK); !strings.HasPrefix(string(file.body), "%PDF-") {
		t.Errorf("%.40q", file.body)
	}
	felix.post("/reminders/"+own[0].Reminder+"/resend", object{"addresses": "stored", "to": []string{"x@example.com"}}).is(http.StatusUnprocessableEntity)
	if d := read[Delivery](felix.post("/reminders/"+own[0].Reminder+"/resend", object{"to": []string{"x@example.com"}}).is(http.StatusAccepted)); d.Copy != 1 || d.To[0] != "x@example.com" {
		t.Errorf("%+v", d)
	}
}

func TestWhatIsOwedIsListedByTheAPI(t *testing.T) {
	w := newWorld(t)
	felix, paul := w.as("felix"), w.as("paul")
	everything := read[payouts.AgeingJSON](felix.get("/ageing?day=2026-12-30").is(http.StatusOK))
	own := read[payouts.AgeingJSON](paul.get("/ageing?day=2026-12-30").is(http.StatusOK))
	if len(own.Rows) == 0 || len(own.Rows) >= len(everything.Rows) || own.Rows[0].To30 == "" {
		t.Errorf("%+v of %+v", own, everything)
	}
	for _, r := range own.Rows {
		paul.get("/entities/" + r.Entity).is(http.StatusOK)
	}
	felix.get("/ageing?day=x").is(http.StatusUnprocessableEntity)
	paul.get("/cash-forecast").is(http.StatusForbidden)
	if f := read[payouts.ForecastJSON](felix.get("/cash-forecast?day=2026-11-30").is(http.StatusOK)); len(f.Days) == 0 || len(f.Planned) == 0 {
		t.Errorf("%+v", f)
	}
	paul.get("/accruals").is(http.StatusForbidden)
	list := read[creditnotes.AccrualListJSON](felix.get("/accruals?day=2026-10-15").is(http.StatusOK))
	if !list.Complete || len(list.Rows) == 0 || len(list.Totals) == 0 {
		t.Errorf("%+v", list)
	}
	felix.get("/accruals?owner=nowhere").is(http.StatusNotFound)
}
