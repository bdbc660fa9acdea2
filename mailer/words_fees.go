package mailer

import "strings"

// feeIntro is the first sentence of the mail with a fee invoice.
func (w *writer) feeIntro() string {
	a := args{"Number": w.n.Number, "From": w.date(w.n.PeriodFrom), "To": w.date(w.n.PeriodTo)}
	if owners := ownerNames(w.n); owners != "" {
		a["Owner"] = owners
		return w.text("mail_intro_fees_owner", a)
	}
	return w.text("mail_intro_fees", a)
}

// feePayment says that the recipient pays, to which account of the operator and
// until when, or that the amount is set off.
func (w *writer) feePayment() string {
	doc := w.n.Document
	iban := strings.ReplaceAll(doc.Issuer.Bank.IBAN, " ", "")
	amount, date := w.amount(w.n.Gross), w.date(doc.DueDate)
	switch {
	case w.n.Gross <= 0:
		return w.text("payment_nothing", nil)
	case doc.SetOff:
		return w.text("mail_fees_set_off", args{"Amount": amount})
	case len(iban) < ibanTail:
		return w.text("mail_fees_plain", args{"Amount": amount, "Date": date})
	}
	return w.text("mail_fees_due", args{"Amount": amount, "Date": date, "Account": iban[len(iban)-ibanTail:]})
}
