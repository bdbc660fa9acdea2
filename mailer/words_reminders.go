package mailer

import (
	"fmt"
	"strconv"
)

// reminderFacts are what a reminder reminds of: each document with its due date
// and what is open of it.
func (w *writer) reminderFacts() []fact {
	var list []fact
	for _, i := range w.reminder.Items {
		list = append(list, fact{w.text("title_"+string(i.Kind), nil) + " " + i.Document, w.text("label_due_date", nil) + " " + w.date(i.Due) + ": " + w.amount(i.Open)})
	}
	return list
}

func (w *writer) reminderIntro() string {
	return w.text(fmt.Sprintf("reminder_intro_%s", strconv.Itoa(w.reminder.Level)), nil)
}

// reminderClosing says until when to pay.
func (w *writer) reminderClosing() []string {
	return []string{w.text("payment_fees_plain", args{"Date": w.date(w.reminder.Until)}), w.text("reminder_crossed", nil)}
}
