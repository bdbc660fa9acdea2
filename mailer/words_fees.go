package mailer

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"creditrun/creditnotes"
)

// numbers are the numbers of the documents in the mail: that of the note, then
// titles and numbers of the joint ones.
func (w *writer) numbers(joint []*creditnotes.Note) string {
	numbers := w.n.Number
	for _, n := range joint {
		numbers += " · " + w.text("title_"+string(n.Kind), nil) + " " + n.Number
	}
	return numbers
}

// joint says what the mail carries beside its note, and what becomes of that
// money.
func (w *writer) joint(list []*creditnotes.Note) (paragraphs []string) {
	for _, n := range list {
		other := &writer{texts: w.texts, n: n}
		paragraphs = append(paragraphs, capital(other.feeIntro())+" "+other.feePayment())
		if w.err == nil {
			w.err = other.err
		}
	}
	return paragraphs
}

// capital is a sentence that begins with a capital letter: after a greeting some
// languages begin with a small one.
func capital(sentence string) string {
	first, size := utf8.DecodeRuneInString(sentence)
	return string(unicode.ToUpper(first)) + sentence[size:]
}

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
