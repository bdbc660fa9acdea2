package mailer

import (
	"creditrun/internal/money"
)

// reportIntro is the first sentence of the mail with a settlement report alone.
func (w *writer) reportIntro() string {
	return w.text("mail_intro_report", args{
		"Number": w.report.Name, "Owner": w.report.OwnerName, "From": w.date(w.n.PeriodFrom), "To": w.date(w.n.PeriodTo),
	})
}

// reportSums are revenue and expenses, and the balance of the account at the end.
func (w *writer) reportSums() []fact {
	return []fact{
		{w.text("report_revenue", nil), w.figure(w.report.Totals.Revenue)},
		{w.text("report_expenses", nil), w.figure(w.report.Totals.Expenses)},
		{w.text("report_closing", nil), w.figure(w.report.Account.Closing)},
	}
}

// figure writes an amount of a report, which has the decimals of its currency.
func (w *writer) figure(text string) string {
	amount, err := money.Parse(text, w.report.Digits)
	if err != nil && w.err == nil {
		w.err = err
	}
	return w.amount(money.Amount(amount))
}

// reportClosing tells what is under review.
func (w *writer) reportClosing() []string {
	held := w.report.HeldBack()
	if held.Sessions == 0 {
		return nil
	}
	return []string{w.text("report_held_note", args{"Count": int(held.Sessions), "Energy": w.texts.Quantity(w.n.Language, held.Energy)})}
}
