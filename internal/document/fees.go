package document

import (
	"iter"
	"slices"
	"strconv"
	"strings"

	"creditrun/creditnotes"
	"creditrun/internal/money"
)

// fees reports whether the letter is a fee invoice or cancels one: the operator
// supplies and the recipient pays.
func (l *letter) fees() bool { return l.note.OfFees() }

// feeSentence is the first sentence of a fee invoice.
func (l *letter) feeSentence() string {
	n := l.note
	from, to := l.date(n.PeriodFrom), l.date(n.PeriodTo)
	if len(n.Owners) == 0 || len(n.Owners) == 1 && n.Owners[0] == n.Recipient {
		return l.say("intro_fees", "From", from, "To", to)
	}
	return l.say("intro_fees_owner", "Owner", l.ownerNames(), "From", from, "To", to)
}

// feeColumns are those of the positions of a fee invoice.
func (l *letter) feeColumns() []column {
	return []column{
		{head: l.say("column_position"), right: true},
		{head: l.say("column_component"), flex: true},
		{head: l.say("column_quantity"), right: true},
		{head: l.say("column_unit_price", "Currency", l.note.Currency), right: true},
		{head: l.say("column_net", "Currency", l.note.Currency), right: true},
	}
}

// feeRow is one position of a fee invoice. The contract that it belongs to
// stands below its name.
func (l *letter) feeRow(p *creditnotes.Position, decimals int) row {
	number, net := strconv.Itoa(p.Ordinal), l.amount(p.Net)
	lines := []string{l.feeName(p)}
	if p.Component == creditnotes.OwnCharging {
		charged := []string{l.energy(p.Energy, decimals) + "\u00a0kWh"}
		if p.Sessions != 0 {
			charged = slices.Insert(charged, 0, l.say("column_sessions")+": "+l.count(p.Sessions))
		}
		lines = append(lines, strings.Join(charged, " · "))
	}
	if contract := field(p.Contract); contract != "" {
		lines = append(lines, l.say("label_contract")+"\u00a0"+contract)
	}
	quantity, price := "", ""
	if p.IsFee() {
		quantity, price = l.texts.Number(l.note.Language, p.Quantity, 0), l.unitPrice(p.UnitPrice)
	}
	return l.taxed(row{number, strings.Join(lines, "\n"), quantity, price, net}, p)
}

// feeName is what a position of a fee invoice is for.
func (l *letter) feeName(p *creditnotes.Position) string {
	switch {
	case p.Component == creditnotes.CarriedForward:
		return l.carriedText(p)
	case p.Component == creditnotes.Custom && field(p.Text) != "":
		return field(p.Text)
	}
	return l.say("component_" + string(p.Component))
}

// unitPrice writes a price with the decimals that it needs, at least those of
// the currency.
func (l *letter) unitPrice(price money.Micros) string {
	v, decimals := int64(price), money.MicroDecimals
	for decimals > l.note.Document.CurrencyDigits && v%10 == 0 {
		v, decimals = v/10, decimals-1
	}
	return l.texts.Number(l.note.Language, v, decimals)
}

// feePayment says when and to which account of the operator the recipient
// pays, or that the amount is set off.
func (l *letter) feePayment() {
	d := &l.note.Document
	if d.SetOff {
		l.paragraph(left, right-left, l.say("payment_set_off"), plain)
	}
	switch {
	case l.issuer.Bank.IBAN == "" && d.SetOff:
	case l.issuer.Bank.IBAN == "":
		l.paragraph(left, right-left, l.say("payment_fees_plain", "Date", l.date(d.DueDate)), plain)
	case d.SetOff:
		l.transfer(l.say("payment_fees_rest", "Date", l.date(d.DueDate)), l.issuer)
	default:
		l.transfer(l.say("payment_fees", "Date", l.date(d.DueDate)), l.issuer)
	}
}

// listsSessions reports whether the sessions of a note are listed beside it:
// none where there are no positions, and those of a fee invoice only where it
// bills own charging.
func listsSessions(n *creditnotes.Note) bool {
	return !n.OfFees() && len(n.Positions) > 0 || slices.ContainsFunc(n.Positions, func(p creditnotes.Position) bool {
		return p.Component == creditnotes.OwnCharging || p.Component == creditnotes.CarriedForward
	})
}

// counted counts details while they are read.
func counted(details iter.Seq2[creditnotes.Detail, error], count *int) iter.Seq2[creditnotes.Detail, error] {
	return func(yield func(creditnotes.Detail, error) bool) {
		for d, err := range details {
			*count++
			if !yield(d, err) {
				return
			}
		}
	}
}
