package mailer

import (
	"creditrun/creditnotes"
)

// mostAdvised is how many documents the text of a mail names; the attached advice
// names all.
const mostAdvised = 100

// adviceIntro is the first sentence of the mail with a remittance advice.
func (w *writer) adviceIntro() string {
	return w.text("remittance_intro", args{
		"Number": w.advice.Payout, "Amount": w.amount(w.advice.Amount), "Date": w.date(w.advice.ExecutedOn), "Account": w.advice.Account,
	})
}

func (w *writer) adviceFacts() []fact {
	list := []fact{{w.text("label_number", nil), w.advice.Payout}, {w.text("remittance_day", nil), w.date(w.advice.ExecutedOn)}}
	if ref := w.advice.To.CustomerRef; ref != "" {
		list = append(list, fact{w.text("label_customer_ref", nil), ref})
	}
	return list
}

// adviceSums are the documents paid, those set off, and the amount paid last.
func (w *writer) adviceSums() (list []fact) {
	for i, item := range w.advice.Items {
		if i == mostAdvised {
			list = append(list, fact{"…", ""})
			break
		}
		label := w.movement(item.Kind) + " " + item.Reference
		if item.Amount < 0 {
			label += " (" + w.text("remittance_set_off", nil) + ")"
		}
		list = append(list, fact{oneLine(label), w.amount(item.Amount)})
	}
	return append(list, fact{w.text("remittance_total", nil), w.amount(w.advice.Amount)})
}

// movement is what moved the account, in the words of the documents.
func (w *writer) movement(kind creditnotes.MovementKind) string {
	switch kind {
	case creditnotes.MovedCreditNote, creditnotes.MovedCancellation:
		return w.text("title_"+string(kind), nil)
	}
	return w.text("movement_"+string(kind), nil)
}
