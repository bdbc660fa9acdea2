package mailer

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"creditrun/creditnotes"
)

func TestAReminderIsMailedInEveryLanguage(t *testing.T) {
	catalog := texts(t)
	seen := map[string]string{}
	for _, language := range catalog.Languages() {
		for level := 1; level <= creditnotes.ReminderLevels; level++ {
			r := &creditnotes.Reminder{
				ID: 4, Number: "MA-000001", Level: level, Day: "2026-11-21", Until: "2026-11-28", Recipient: "a", Language: language, Currency: "EUR", Digits: 2, Amount: 59_50,
				Items:  []creditnotes.ReminderItem{{Kind: creditnotes.MovedInvoice, Document: "RE-2026-00001", Date: "2026-10-31", Due: "2026-11-14", Open: 59_50, Level: level}},
				Issuer: aNote().Document.Issuer, To: aNote().Document.Recipient, SentAt: time.Date(2026, 11, 21, 8, 0, 0, 0, time.UTC),
			}
			letter := r.Letter()
			d := aDelivery(letter)
			d.NoteID, d.ReminderID, d.Reminder, d.MarkedCopy = 0, 4, r, false
			files := []creditnotes.File{{Kind: creditnotes.FilePDF, Name: r.FileName(), MediaType: "application/pdf", Content: []byte("%PDF-")}}
			p := read(t, compose(t, letter, d, files).Content)
			title, err := catalog.Text(language, fmt.Sprintf("title_reminder_%d", level), nil)
			if err != nil {
				t.Fatal(err)
			}
			intro, err := catalog.Text(language, fmt.Sprintf("reminder_intro_%d", level), nil)
			if err != nil {
				t.Fatal(err)
			}
			if subject := p.get(t, "Subject"); !strings.Contains(subject, title) || !strings.Contains(subject, "MA-000001") {
				t.Errorf("%s: subject %q", language, subject)
			}
			for _, want := range []string{"MA-000001.pdf", "RE-2026-00001", catalog.Date(language, "2026-11-14"), catalog.Date(language, "2026-11-28")} {
				if !strings.Contains(p.text, want) || !strings.Contains(p.html, want) {
					t.Errorf("%s: %q is missing in\n%s", language, want, p.text)
				}
			}
			if flat := strings.Join(strings.Fields(p.text), " "); !strings.Contains(flat, strings.Join(strings.Fields(intro), " ")) {
				t.Errorf("%s: %q is missing in\n%s", language, intro, p.text)
			}
			if other := seen[p.text]; other != "" {
				t.Errorf("%s and %s have the same mail", language, other)
			}
			seen[p.text] = language
		}
	}
}
