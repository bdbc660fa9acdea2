package main

import (
	"encoding/json"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"creditrun/internal/payouts"
	"creditrun/internal/store"
	"creditrun/internal/store/storetest"
)

func TestPayoutsAreMadeOnTheCommandLine(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(t *testing.T, w *world) {
		w.ran()
		var items []openItemJSON
		w.read(&items, "payouts", "items")
		if len(items) == 0 || items[0].Open == "" || items[0].Age == "" {
			t.Fatalf("%+v", items)
		}
		if said := w.fails(exitUsage, "payouts", "prepare", "--date", "2026-12-25"); !strings.Contains(said, "the next day is 2026-12-28") {
			t.Errorf("it says %q", said)
		}
		var due, batches []payoutBatchJSON
		w.read(&due, "payouts", "prepare", "--date", "2026-12-28", "--preview")
		w.read(&batches, "payouts", "prepare", "--date", "2026-12-28")
		if len(batches) != 1 || len(batches[0].Payouts)+len(batches[0].LeftOut) == 0 {
			t.Fatalf("%+v", batches)
		}
		if len(due) != 1 || due[0].Batch != 0 || len(due[0].Payouts) != len(batches[0].Payouts) {
			t.Errorf("the preview: %+v", due)
		}
		if batches[0].Batch == 0 {
			return
		}
		if said := w.fails(exitFailed, "payouts", "approve", "1"); !strings.Contains(said, "another person has to approve") {
			t.Errorf("it says %q", said)
		}
		w.as("otto").do("payouts", "approve", "1")
		told := w.listening(store.PayoutExported)
		w.do("payouts", "export", "1", "--out", filepath.Join(w.dir, "a", "new one"))
		w.do("payouts", "export", "1", "--out", w.dir, "--force") // a copy tells nothing
		told(batches[0].Payouts)
		files, err := filepath.Glob(filepath.Join(w.dir, "PO-*.xml"))
		if err != nil || len(files) != 1 {
			t.Fatalf("%v, %v", files, err)
		}
		content, err := os.ReadFile(files[0])
		if err != nil || !strings.Contains(string(content), "pain.001.001.09") {
			t.Errorf("%s, %v", content, err)
		}
		number := batches[0].Payouts[0].Payout
		w.do("payouts", "executed", number, "--date", "2026-11-02")
		if out := w.do("payouts"); !strings.Contains(out, number) || !strings.Contains(out, "executed") {
			t.Errorf("it lists\n%s", out)
		}
		w.advised(number)
		w.clean()
	})
}

// listening has a receiver told of events; told waits for those of payouts and
// compares them with what was prepared.
func (w *world) listening(event store.HookEvent) (told func([]payouts.PayoutJSON)) {
	w.Helper()
	w.vars["CREDITRUN_WEBHOOK_NETWORKS"] = "127.0.0.1"
	e := &erp{TB: w}
	server := httptest.NewServer(e)
	w.Cleanup(server.Close)
	hook, err := storetest.Open(w, w.db, w.clock).AddWebhook(w.Context(), "erika", store.Webhook{URL: server.URL, Events: []store.HookEvent{event}, Active: true})
	if err != nil {
		w.Fatal(err)
	}
	e.secret = hook.Secret
	return func(want []payouts.PayoutJSON) {
		w.Helper()
		w.serving(w.TB, "all events are posted", func() bool { _, heard := e.count(); return heard >= len(want) })
		var got []string
		for i, data := range e.told {
			var p struct{ Payout, Recipient, Amount, Currency string }
			if err := json.Unmarshal(data, &p); err != nil || e.heard[i] != string(event) {
				w.Errorf("%s %s: %v", e.heard[i], data, err)
			}
			got = append(got, p.Payout+" "+p.Recipient+" "+p.Amount+" "+p.Currency)
		}
		var wanted []string
		for _, p := range want {
			wanted = append(wanted, p.Payout+" "+p.Recipient+" "+p.Amount+" "+p.Currency)
		}
		slices.Sort(got)
		slices.Sort(wanted)
		if !slices.Equal(got, wanted) {
			w.Errorf("the receiver was told %v, want %v", got, wanted)
		}
	}
}

// advised expects the remittance advice of a payout to be mailed once, over SMTP.
func (w *world) advised(number string) {
	w.Helper()
	server := (&mailServer{}).start(w)
	w.mail = server.url()
	if out := w.do("payouts", "advise"); out != "1 remittance advices\n" {
		w.Errorf("it prints %q", out)
	}
	if out := w.do("payouts", "advise"); out != "0 remittance advices\n" {
		w.Errorf("once more it prints %q", out)
	}
	w.do("deliver")
	w.do("deliver")
	got := 0
	for _, letter := range server.inbox() {
		if strings.Contains(string(letter.content), number+".pdf") {
			got++
		}
	}
	if got != 1 {
		w.Errorf("%d mails with the remittance advice of %s", got, number)
	}
	if out := w.do("deliveries"); !strings.Contains(out, number) {
		w.Errorf("deliveries lists %s", out)
	}
	w.do("resend", number)
	w.do("deliver")
	copies := 0
	for _, letter := range server.inbox() {
		if strings.Contains(string(letter.content), number+".pdf") {
			copies++
		}
	}
	if copies != 2 {
		w.Errorf("%d mails after it was sent again", copies)
	}
}
