package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"creditrun/internal/payouts"
)

// cancelledAfterPaid pays everything out and cancels a note of one recipient, which
// owes it from then on.
func (w *world) cancelledAfterPaid() {
	w.Helper()
	var batches []payoutBatchJSON
	w.read(&batches, "payouts", "prepare", "--date", "2026-12-28")
	w.as("otto").do("payouts", "approve", "1")
	w.do("payouts", "export", "1", "--out", w.dir)
	for _, p := range batches[0].Payouts {
		w.do("payouts", "executed", p.Payout, "--date", "2026-11-02")
	}
	for _, n := range w.notes() {
		if n.Recipient == batches[0].Payouts[0].Recipient {
			w.do("cancel", *n.Number, "--reason", "wrong price")
			break
		}
	}
	w.do("deliver")
}

// letters counts the mails that carry a file.
func (s *mailServer) letters(name string) (n int) {
	for _, letter := range s.inbox() {
		if strings.Contains(string(letter.content), name) {
			n++
		}
	}
	return n
}

func TestRemindersAreMailedOnceAndAgainWhenTheyAreRefused(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(t *testing.T, w *world) {
		w.ran().cancelledAfterPaid()
		w.now = w.now.AddDate(0, 0, 30) // 14 days until it is due, and 7
		csv := filepath.Join(w.dir, "reminders.csv")
		var due []payouts.DueReminderJSON
		w.read(&due, "reminders", "--csv", csv)
		if len(due) != 1 || due[0].Level != 1 || due[0].Reason != "" || !strings.Contains(w.content(csv), due[0].Items[0].Document) {
			t.Fatalf("%+v", due)
		}
		refusing := (&mailServer{addressed: refusal(550, "no such user")}).start(w)
		w.mail = refusing.url()
		var sent []payouts.ReminderJSON
		w.read(&sent, "reminders", "send")
		if len(sent) != 1 || sent[0].Reminder != "MA-000001" || sent[0].Amount != due[0].Amount {
			t.Fatalf("%+v", sent)
		}
		w.try("deliver")
		open := w.try("deliveries", "--open")
		if open.status != exitFailed || !strings.Contains(open.stdout, "creditrun resend MA-000001 --to ADDRESS") || !strings.Contains(open.stdout, "550") {
			t.Errorf("what has not arrived: %+v", open)
		}
		taking := (&mailServer{}).start(w)
		w.mail = taking.url()
		w.try("deliver") // nothing goes by itself
		w.do("resend", "MA-000001", "--to", "new@example.com")
		w.do("deliver")
		w.do("deliver")
		if n := taking.letters("MA-000001.pdf"); n != 1 || refusing.letters("MA-000001.pdf") != 0 || taking.inbox()[0].to[0] != "new@example.com" {
			t.Errorf("%d mails with the reminder", n)
		}
		w.do("deliveries", "--open")
		w.sentByTwoProcesses(taking)
		w.clean()
	})
}

// sentByTwoProcesses sends the second level by two processes at once.
func (w *world) sentByTwoProcesses(server *mailServer) {
	w.Helper()
	if out := w.do("reminders", "send", "--json"); strings.TrimSpace(out) != "[]" {
		w.Errorf("the same level again: %s", out)
	}
	w.now = w.now.Add(7 * 24 * time.Hour)
	var both []*exec.Cmd
	for range 2 {
		c, _ := w.process("reminders", "send")
		if err := c.Start(); err != nil {
			w.Fatal(err)
		}
		both = append(both, c)
	}
	for _, c := range both {
		if err := c.Wait(); err != nil {
			w.Errorf("%v: %s", err, c.Stdout)
		}
	}
	w.do("deliver")
	var all []payouts.ReminderJSON
	w.read(&all, "reminders", "sent")
	if len(all) != 2 || all[0].Level != 2 || server.letters("MA-000002.pdf") != 1 || server.letters("MA-") != 2 {
		w.Errorf("%+v; %d mails", all, server.letters("MA-"))
	}
	file := filepath.Join(w.dir, "letter.pdf")
	w.do("reminders", "sent", "--number", "MA-000002", "--pdf", file)
	if letter := w.content(file); !strings.HasPrefix(letter, "%PDF-") {
		w.Errorf("the letter: %.40q", letter)
	}
}

// content reads a file.
func (w *world) content(file string) string {
	w.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		w.Fatal(err)
	}
	return string(content)
}
