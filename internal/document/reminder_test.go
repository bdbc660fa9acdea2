package document

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"creditrun/creditnotes"
	"creditrun/internal/money"
)

// sampleReminder is a reminder of a level with some documents.
func sampleReminder(language string, level, items int) *creditnotes.Reminder {
	r := &creditnotes.Reminder{
		Number: "MA-000001", Level: level, Day: "2026-11-21", Until: "2026-11-28", Recipient: "a", Language: language, Currency: "EUR", Digits: 2,
		Issuer: operator(), To: hotel(), SentAt: shortNote().IssuedAt, Color: "#0b5563",
	}
	for i := range items {
		kind := creditnotes.MovedInvoice
		if i%2 == 1 {
			kind = creditnotes.MovedCancellation
		}
		document := fmt.Sprintf("RE-2026-%05d", i+1)
		if i%3 == 2 { // paid out, and not owed
			kind, document = creditnotes.MovedPayout, "PO-00000001"
		}
		r.Items = append(r.Items, creditnotes.ReminderItem{Kind: kind, Document: document, Date: "2026-10-31", Due: "2026-11-14",
			Open: money.Amount(123_456_789 + i), Level: level})
		r.Amount += r.Items[i].Open
	}
	return r
}

func TestRemindersAreSetInEveryLanguage(t *testing.T) {
	r := newRenderer(t)
	for _, language := range r.texts.Languages() {
		t.Run(language, func(t *testing.T) {
			for level := 1; level <= creditnotes.ReminderLevels; level++ {
				one := sampleReminder(language, level, 3)
				content, err := r.ReminderPDF(one)
				if err != nil {
					t.Fatal(err)
				}
				checkLayout(t, r, content)
				conforms(t, content)
				look(t, fmt.Sprintf("reminder-%s-%d", language, level), content)
				if again, err := r.ReminderPDF(one); err != nil || !bytes.Equal(again, content) {
					t.Errorf("the same reminder has other bytes: %v", err)
				}
				text := string(transcript(t, content))
				for _, want := range []string{"MA-000001", "RE-2026-00001", "PO-00000001", operator().Name, unbroken(r.texts.Date(language, "2026-11-28"))} {
					if !strings.Contains(text, want) {
						t.Errorf("level %d lacks %q:\n%s", level, want, text)
					}
				}
			}
		})
	}
}

func TestALongReminderGoesOnOnTheNextPage(t *testing.T) {
	r := newRenderer(t)
	one := sampleReminder("de", 3, 80)
	one.Issuer.Bank.IBAN = "" // and says until when all the same
	content, err := r.ReminderPDF(one)
	if err != nil {
		t.Fatal(err)
	}
	checkLayout(t, r, content)
	if text := string(transcript(t, content)); !strings.Contains(text, "RE-2026-00080") || !strings.Contains(text, r.texts.Date("de", "2026-11-28")) {
		t.Errorf("it lacks the last document, or the day:\n%s", text)
	}
}
