package main

import (
	"strings"
	"testing"

	"creditrun/cmd/creditrun/demo"
	"creditrun/internal/payouts"
)

func TestAnswersOfABankOnTheCommandLine(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(t *testing.T, w *world) {
		w.ran()
		var batches []payoutBatchJSON
		w.read(&batches, "payouts", "prepare", "--date", "2026-12-28")
		w.as("otto").do("payouts", "approve", "1")
		w.do("payouts", "export", "1", "--out", w.dir)
		w.now = w.now.AddDate(0, 0, 57) // 29 December
		paid := []demo.Paid{{ID: "PO-00000099", Amount: "1.00"}}
		for _, p := range batches[0].Payouts {
			paid = append(paid, demo.Paid{ID: p.Payout, Amount: p.Amount, Name: p.Recipient})
		}
		paid[1].Reason = "AC04"
		answer, err := demo.Answer("DE02120300000000202051", "2026-12-28", "2026-12-29", paid)
		if err != nil {
			t.Fatal(err)
		}
		file := w.file("notification.txt", string(answer)) // known by its content
		if said := w.do("import", "--check", file); !strings.Contains(said, "nothing was changed") || !strings.Contains(said, "1 queued") {
			t.Errorf("it says %q", said)
		}
		var done []imported
		w.read(&done, "import", file)
		if b := done[0].Bank; b == nil || b.Returned != 1 || b.Executed != len(paid)-1 || b.Queued != 1 {
			t.Fatalf("%+v", done[0].Bank)
		}
		if said := w.do("import", file); !strings.Contains(said, "read before") {
			t.Errorf("it says %q", said)
		}
		var queue []payouts.EntryJSON
		w.read(&queue, "bank")
		if len(queue) != 1 || queue[0].Why != payouts.WhyUnknownID || queue[0].Amount != "-1.00" {
			t.Fatalf("%+v", queue)
		}
		w.fails(exitFailed, "bank", "assign", "1")
		w.fails(exitUsage, "bank", "--state", "open")
		w.fails(exitFailed, "bank", "assign", "1", "--payout", batches[0].Payouts[0].Payout)
		w.do("bank", "foreign", "1", "--reason", "of another program")
		if out := w.do("bank", "--state", "all"); !strings.Contains(out, "foreign") || !strings.Contains(out, "booked: returned") {
			t.Errorf("it lists\n%s", out)
		}
		if out := w.do("bank", "undo", "1", "--reason", "it is ours"); !strings.HasSuffix(out, "waits for a decision\n") {
			t.Errorf("it prints %q", out)
		}
		w.fails(exitFailed, "bank", "undo", "1", "--reason", "twice")
		w.read(&queue, "bank")
		if len(queue) != 1 || queue[0].Why != payouts.WhyUndone || queue[0].Before != 1 {
			t.Fatalf("%+v", queue)
		}
		cut := w.file("cut.xml", string(answer[:len(answer)/2]))
		if said := w.fails(exitFailed, "import", cut); !strings.Contains(said, "cut.xml") || !strings.Contains(said, "ends in the middle") {
			t.Errorf("it says %q", said)
		}
		other := w.file("other.xml", strings.Replace(string(answer), "DE02120300000000202051", "DE89370400440532013000", 1))
		if said := w.fails(exitFailed, "import", other); !strings.Contains(said, "not the operator's") {
			t.Errorf("it says %q", said)
		}
		w.clean()
	})
}
