package document

import (
	"fmt"

	"creditrun/creditnotes"
	"creditrun/internal/pdf"
)

// remittanceLetter sets one remittance advice.
type remittanceLetter struct {
	*letter
	advice *creditnotes.Remittance
}

// RemittancePDF sets a remittance advice on paper that looks like a credit note: what
// was paid, what was set off, and when. The same advice always gives the same bytes.
func (r *Renderer) RemittancePDF(n *creditnotes.Note, a *creditnotes.Remittance) ([]byte, error) {
	l := &remittanceLetter{r.newLetter(n), a}
	colors, err := l.dress(r)
	if err != nil {
		return nil, fmt.Errorf("remittance advice of %s: %w", a.Payout, err)
	}
	l.set()
	if l.err != nil {
		return nil, fmt.Errorf("remittance advice of %s: %w", a.Payout, l.err)
	}
	return pdf.Write(r.face, &pdf.Document{Properties: l.properties(), Pages: l.pages, Structure: l.root, Recolor: colors})
}

func (l *remittanceLetter) set() {
	for _, i := range l.advice.Items {
		if i.Kind.OfDocument() {
			l.refer(l.movement(i.Kind), i.Reference)
		}
	}
	l.newPage()
	l.letterhead()
	y := boxTop
	for _, line := range [][2]string{
		{"label_number", l.number()},
		{"remittance_day", l.date(l.advice.ExecutedOn)},
		{"label_customer_ref", l.recipient.CustomerRef},
		{"label_our_vat_id", l.issuer.VATID},
		{"label_email", l.issuer.Email},
		{"label_phone", l.issuer.Phone},
	} {
		if line[1] != "" {
			y = l.boxed(y, l.say(line[0]), line[1])
		}
	}
	l.bar(boxLeft-3.5, boxTop, 0.6, y-boxTop, accent)
	l.y = max(y+7, 101)
	l.mainHeading(l.title() + " " + l.number())
	l.space(2)
	l.paragraph(left, right-left, l.say("mail_greeting"), plain)
	l.space(2)
	l.paragraph(left, right-left, l.say("remittance_intro", "Number", l.number(), "Amount", l.money(l.advice.Amount), "Date", l.date(l.advice.ExecutedOn),
		"Account", field(l.advice.Account)), plain)
	l.space(4)
	l.items()
	l.finishPages()
}

// items sets the documents paid and those set off, and their sum.
func (l *remittanceLetter) items() {
	l.need(30)
	l.partHeading(l.say("remittance_documents"))
	l.space(1.5)
	var rows []row
	for _, i := range l.advice.Items {
		kind := l.movement(i.Kind)
		if i.Amount < 0 {
			kind += " (" + l.say("remittance_set_off") + ")"
		}
		rows = append(rows, row{l.date(i.Date), kind, field(i.Reference), l.amount(i.Amount)})
	}
	total := row{"", "", l.say("remittance_total"), l.amount(l.advice.Amount)}
	t := &table{setter: l.setter, density: roomy, x: left, across: right - left, bold: true, columns: []column{
		{head: l.say("label_date")}, {head: l.say("column_entry")}, {head: l.say("column_reference"), flex: true},
		{head: l.say("column_amount") + "\u00a0" + l.note.Currency, right: true},
	}}
	t.fitColumns(append(rows[:len(rows):len(rows)], row{"", "", "", total[3]}), 30)
	for _, r := range rows {
		t.row(r, plain)
	}
	t.line()
	t.row(total, strong)
}
