package document

import (
	"fmt"
	"strconv"

	"creditrun/creditnotes"
	"creditrun/internal/pdf"
)

// ReminderPDF sets a reminder with the head, the address and the foot of a note.
// The same reminder always gives the same bytes.
func (r *Renderer) ReminderPDF(reminder *creditnotes.Reminder) ([]byte, error) {
	l := r.newLetter(reminder.Letter())
	colors, err := l.dress(r)
	if err != nil {
		return nil, fmt.Errorf("PDF of reminder %s: %w", reminder.Number, err)
	}
	l.reminder(reminder)
	content, err := pdf.Write(r.face, &pdf.Document{Properties: l.properties(), Pages: l.pages, Structure: l.root, Recolor: colors})
	if err == nil {
		err = l.err
	}
	if err != nil {
		return nil, fmt.Errorf("PDF of reminder %s: %w", reminder.Number, err)
	}
	return content, nil
}

func (l *letter) reminder(r *creditnotes.Reminder) {
	for i := range r.Items {
		if item := &r.Items[i]; item.Kind.OfDocument() {
			l.refer(l.remindedKind(item.Kind), item.Document)
		}
	}
	l.newPage()
	l.head()
	l.y = max(l.y+7, 101)
	l.mainHeading(l.title() + " " + l.number())
	l.space(2)
	l.paragraph(left, right-left, l.say("mail_greeting"), plain)
	l.space(2)
	l.paragraph(left, right-left, l.say(fmt.Sprintf("reminder_intro_%s", strconv.Itoa(r.Level))), plain)
	l.space(4)
	rows := make([]row, len(r.Items))
	for i, item := range r.Items {
		rows[i] = row{field(reminded(&item)), l.remindedKind(item.Kind), l.date(item.Date), l.date(item.Due), l.amount(item.Open)}
	}
	t := &table{setter: l.setter, density: roomy, x: left, across: right - left, bold: true, columns: []column{
		{head: l.say("label_number")}, {head: "", flex: true}, {head: l.say("label_date")}, {head: l.say("label_due_date")},
		{head: l.say("reminder_open") + " " + r.Currency, right: true},
	}}
	t.fitColumns(append(rows, row{"", "", "", "", l.amount(r.Amount)}), 30)
	for i, one := range rows {
		if i > 0 {
			t.line()
		}
		t.row(one, plain)
	}
	t.line()
	t.row(row{"", "", "", "", l.amount(r.Amount)}, strong)
	l.space(5)
	if l.issuer.Bank.IBAN == "" {
		l.paragraph(left, right-left, l.say("payment_fees_plain", "Date", l.date(r.Until)), plain)
	} else {
		l.transfer(l.say("payment_fees", "Date", l.date(r.Until)), l.issuer)
	}
	l.space(3)
	l.paragraph(left, right-left, l.say("reminder_crossed"), plain)
	l.finishPages()
}

// mostReference is how many characters of the text of a payment the column of the
// numbers has room for.
const mostReference = 24

// reminded names an item: the number of a document or payout, or the beginning of
// the text of a payment.
func reminded(item *creditnotes.ReminderItem) string {
	text := []rune(item.Document)
	if item.Kind.OfDocument() || len(text) <= mostReference {
		return item.Document
	}
	return string(text[:mostReference-1]) + "…"
}

// remindedKind is what an item is, in the words of documents and of statements.
func (l *letter) remindedKind(kind creditnotes.MovementKind) string {
	if kind.OfDocument() {
		return l.say("title_" + string(kind))
	}
	return l.movement(kind)
}
