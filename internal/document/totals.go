package document

import (
	"slices"
	"strings"

	"creditrun/creditnotes"
	"creditrun/internal/pdf"
)

// totals sets the tax table, the totals and the legal mentions.
func (l *letter) totals() {
	l.together(func() {
		l.taxTable()
		l.space(2)
		l.sums()
		l.mentions()
		l.space(3)
	})
}

// taxTable sets one row per tax category.
func (l *letter) taxTable() {
	t := &table{setter: l.setter, density: l.roomy(), x: left, across: right - left, columns: []column{
		{head: l.say("column_tax"), flex: true},
		{head: l.say("column_category")},
		{head: l.say("column_rate"), right: true},
		{head: l.say("column_base"), right: true},
		{head: l.say("column_tax_amount"), right: true},
	}}
	var rows []row
	for i := range l.note.Taxes {
		rows = append(rows, l.taxRow(&l.note.Taxes[i]))
	}
	t.fitColumns(rows, 55)
	for i, r := range rows {
		if i > 0 {
			t.line()
		}
		t.row(r, plain)
	}
	if len(rows) > 0 {
		t.line()
	}
}

// taxRow names the tax, and why it is nothing unless a mention already says so.
// A tax without a name in the language of the note has that of its reason, else
// the word for the tax.
func (l *letter) taxRow(tax *creditnotes.TaxTotal) row {
	name := tax.Name
	switch {
	case name == "" && tax.Exemption != "":
		name = tax.Exemption
	case name == "":
		name = l.say("total_tax")
	}
	if tax.Exemption != "" && !strings.EqualFold(tax.Exemption, name) && !slices.Contains(l.note.Document.Mentions, tax.Exemption) {
		name += "\n" + tax.Exemption
	}
	return row{name, string(tax.Category), l.percent(tax), l.amount(tax.Base), l.amount(tax.Tax)}
}

// percent is the rate of a tax, none for what is not subject to VAT.
func (l *letter) percent(tax *creditnotes.TaxTotal) string {
	if tax.Category == creditnotes.OutsideScope {
		return "–"
	}
	return l.texts.Percent(l.note.Language, tax.Rate)
}

// sums sets net, tax and gross at the right.
func (l *letter) sums() {
	const x = 105.0
	l.sum(x, l.say("total_net"), l.money(l.note.Net), plain)
	l.sum(x, l.say("total_tax"), l.money(l.note.Tax), plain)
	l.space(1)
	st := pdf.Style{Bold: true, Size: 11, Color: accent}
	l.need(st.Pitch() + 3)
	l.bar(x-1.5, l.y, right-x+3, st.Pitch()+2.4, pale)
	l.y += 1.2
	l.sum(x, l.say("total_"+string(l.note.Kind)), l.money(l.note.Gross), st)
	l.space(3)
}

func (l *letter) sum(x float64, name, amount string, st pdf.Style) {
	l.need(st.Pitch())
	l.item(func() { l.text(x, l.y+st.Baseline(), l.Fit(name, st, right-x-gap-l.Width(amount, st)), st) },
		func() { l.textRight(right, l.y+st.Baseline(), amount, st) })
	l.y += st.Pitch()
}

// mentions sets the legal words; those of self-billing stand below the title.
func (l *letter) mentions() {
	selfBilling := l.say("mention_self_billing")
	for _, words := range l.note.Document.Mentions {
		if !strings.EqualFold(words, selfBilling) {
			l.paragraph(left, right-left, words, strong)
		}
	}
}

// payment says when and to which account the operator pays, or the recipient of
// a fee invoice; of a cancellation, what happens with the money.
func (l *letter) payment() {
	if l.how == paymentLast && len(l.pages) == l.last-1 {
		l.newPage()
	}
	l.together(func() {
		l.section("heading_payment")
		d := &l.note.Document
		switch {
		case l.cancels():
			l.paragraph(left, right-left, l.cancelledPayment(), plain)
		case l.note.Gross <= 0:
			l.paragraph(left, right-left, l.say("payment_nothing"), plain)
		case l.fees():
			l.feePayment()
		case d.Recipient.Bank.IBAN == "":
			l.paragraph(left, right-left, l.say("payment_no_account"), plain)
		default:
			l.account()
		}
		if d.PaymentTerms != "" && l.note.Gross > 0 && !l.cancels() {
			l.paragraph(left, right-left, d.PaymentTerms, plain)
		}
		l.space(3)
	})
}

// cancelledPayment says that what a cancellation takes back is set off, or that a
// fee invoice is not owed any more.
func (l *letter) cancelledPayment() string {
	if l.note.Gross == 0 {
		return l.say("payment_nothing")
	}
	key := "payment_cancellation"
	if l.fees() {
		key = "payment_cancellation_fees"
	}
	return l.say(key, "Amount", l.money(max(l.note.Gross, -l.note.Gross)), "Date", l.dueDate())
}

// accountLabel is the width of the labels in the running text.
const accountLabel = 36.0

func (l *letter) account() {
	d := &l.note.Document
	sentence := l.say("payment_account")
	if !d.DueDate.IsZero() {
		sentence = l.say("payment_due", "Date", l.date(d.DueDate))
	}
	l.transfer(sentence, l.recipient)
}

// transfer sets a sentence with the account of a party below it.
func (l *letter) transfer(sentence string, to creditnotes.Party) {
	l.paragraph(left, right-left, sentence, plain)
	l.space(1)
	bank := to.Bank
	if bank.Holder == "" {
		bank.Holder = to.Name
	}
	l.labelled(l.say("label_account_holder"), bank.Holder)
	l.labelled("IBAN", inFours(bank.IBAN))
	if bank.BIC != "" {
		l.labelled("BIC", bank.BIC)
	}
}

// notes sets what else the recipient should know.
func (l *letter) notes() {
	l.together(func() {
		switch {
		case l.cancels():
		case !l.fees():
			l.section("heading_notes")
			l.objection()
		case l.csv():
			l.section("heading_notes")
		}
		if l.csv() {
			l.remark(l.say(l.detailWords()))
		}
		if held := l.note.Document.Held; held.Sessions > 0 && !l.cancels() {
			l.remark(l.say("note_held", "Count", held.Sessions, "Energy", l.texts.Quantity(l.note.Language, held.Energy)))
		}
		l.space(2)
	})
}

// csv reports whether the sessions stand in a file beside the document.
func (l *letter) csv() bool {
	return l.note.Document.SessionDetail != detailNone && len(l.note.Positions) > 0 && listsSessions(l.note) && !l.unlisted
}

// detailWords are the key of the words that say where the sessions are.
func (l *letter) detailWords() string {
	if l.note.Document.SessionDetail == detailXLSX {
		return "note_detail_xlsx"
	}
	return "note_detail_csv"
}

func (l *letter) objection() {
	if contact := l.issuer.Email; contact != "" {
		l.remark(l.say("note_objection_contact", "Contact", contact))
		return
	}
	l.remark(l.say("note_objection"))
}

func (l *letter) remark(text string) {
	l.paragraph(left, right-left, text, small)
	l.space(0.8)
}

// parties sets who supplied whom, with their tax numbers (EN 16931 BG-4, BG-7):
// the place where nothing of them is cut off. Below it stands what was cut off
// in the info box.
func (l *letter) parties() {
	l.together(func() {
		if l.fees() {
			l.party("party_supplier", &l.issuer)
			l.party("party_buyer", &l.recipient)
		} else {
			l.party("party_supplier", &l.recipient)
			l.party("party_customer", &l.issuer)
		}
		for _, line := range l.inFull {
			l.labelled(line[0], line[1])
		}
	})
}

func (l *letter) party(key string, p *creditnotes.Party) {
	place := strings.Join(filled(p.Street, placeOf(p), l.country(p)), ", ")
	numbers := filled(l.named("label_vat_id", p.VATID), l.named("label_tax_number", p.TaxNumber), l.named("label_register_number", p.RegisterNumber))
	for i := range numbers {
		numbers[i] = strings.ReplaceAll(numbers[i], " ", "\u00a0")
	}
	text := strings.Join(append(filled(p.Name, place), numbers...), " · ")
	l.need(2 * small.Pitch())
	l.labelled(l.say(key), text)
}

func (l *letter) section(key string) {
	l.need(section.Pitch() + 2*plain.Pitch())
	l.in(pdf.Heading2, func() { l.text(left, l.y+section.Baseline(), l.say(key), section) })
	l.y += section.Pitch() + 0.8
	l.mark(l.say(key))
}

// inFours writes an IBAN in groups of four characters.
func inFours(iban string) string {
	var b strings.Builder
	for i, c := range strings.ReplaceAll(iban, " ", "") {
		if i > 0 && i%4 == 0 {
			b.WriteByte(' ')
		}
		b.WriteRune(c)
	}
	return b.String()
}
