package mailer

import (
	"slices"
	"strings"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/money"
	"creditrun/numbering"
)

// writer collects the words of one mail and remembers the first one missing.
type writer struct {
	texts  Texts
	n      *creditnotes.Note
	report *creditnotes.SettlementReport // that the mail carries alone; n is its letter
	advice *creditnotes.Remittance       // that the mail carries; n is its letter
	// reminder is what the mail carries; n is its letter.
	reminder *creditnotes.Reminder
	err      error
}

// args are the particulars of a message.
type args = map[string]any

func (w *writer) text(key string, a args) string {
	s, err := w.texts.Text(w.n.Language, key, a)
	if err != nil && w.err == nil {
		w.err = err
	}
	return s
}

func (w *writer) amount(a money.Amount) string {
	return w.texts.Amount(w.n.Language, w.n.Currency, a)
}

func (w *writer) date(d entities.Date) string { return w.texts.Date(w.n.Language, d) }

func (w *writer) subject(name, numbers string, copied bool) string {
	if w.reminder != nil {
		return name + " " + w.n.Number
	}
	key := "mail_subject"
	if copied {
		key = "mail_subject_copy"
	}
	return w.text(key, args{
		"Title": name, "Number": numbers,
		"Month": w.texts.Month(w.n.Language, w.n.Document.Month),
	})
}

func (w *writer) opening(copied bool) []string {
	paragraphs := w.intro()
	if copied {
		paragraphs = append(paragraphs, w.text("mail_copy", nil))
	}
	return paragraphs
}

func (w *writer) intro() []string {
	n, doc := w.n, w.n.Document
	switch {
	case w.report != nil:
		return []string{w.reportIntro()}
	case w.advice != nil:
		return []string{w.adviceIntro()}
	case w.reminder != nil:
		return []string{w.reminderIntro()}
	}
	if n.Kind == numbering.Cancellation {
		key := "mail_intro_cancellation"
		if n.OfFees() {
			key = "mail_intro_cancellation_fees"
		}
		paragraphs := []string{w.text(key, args{
			"Number": n.Number, "Cancels": doc.CancelsNumber, "Date": w.date(doc.CancelsDate),
		})}
		if doc.CancelReason != "" {
			paragraphs = append(paragraphs, w.text("intro_cancellation_reason", args{"Reason": doc.CancelReason}))
		}
		return paragraphs
	}
	if n.OfFees() {
		return []string{w.feeIntro()}
	}
	if n.Net == 0 && n.Tax == 0 && len(n.Positions) == 0 {
		return []string{w.text("mail_intro_zero", args{"Number": n.Number, "From": w.date(n.PeriodFrom), "To": w.date(n.PeriodTo)})}
	}
	a := args{"Number": n.Number, "From": w.date(n.PeriodFrom), "To": w.date(n.PeriodTo)}
	if owners := ownerNames(n); owners != "" {
		a["Owner"] = owners
		return []string{w.text("mail_intro_owner", a)}
	}
	return []string{w.text("mail_intro", a)}
}

// ownerNames lists whose stations a note is about, unless they are the
// recipient's own.
func ownerNames(n *creditnotes.Note) string {
	if len(n.Owners) == 0 || len(n.Owners) == 1 && n.Owners[0] == n.Recipient {
		return ""
	}
	var names []string
	for _, key := range n.Owners {
		name := n.Document.OwnerNames[key]
		if name == "" {
			name = key
		}
		names = append(names, name)
	}
	return strings.Join(names, ", ")
}

func (w *writer) facts() []fact {
	n, doc := w.n, w.n.Document
	switch {
	case w.advice != nil:
		return w.adviceFacts()
	case w.reminder != nil:
		return w.reminderFacts()
	}
	list := []fact{
		{w.text("label_number", nil), n.Number},
		{w.text("label_date", nil), w.date(n.Date)},
		{w.text("label_period", nil), w.date(n.PeriodFrom) + " – " + w.date(n.PeriodTo)},
	}
	if doc.Recipient.CustomerRef != "" {
		list = append(list, fact{w.text("label_customer_ref", nil), doc.Recipient.CustomerRef})
	}
	if doc.DueDate != "" {
		list = append(list, fact{w.text("label_due_date", nil), w.date(doc.DueDate)})
	}
	return list
}

// sums are net, tax and gross; the gross amount comes last. Those of a report are
// its totals and the balance.
func (w *writer) sums() []fact {
	switch {
	case w.report != nil:
		return w.reportSums()
	case w.advice != nil:
		return w.adviceSums()
	case w.reminder != nil:
		return []fact{{w.text("reminder_open", nil), w.amount(w.reminder.Amount)}}
	}
	return []fact{
		{w.text("total_net", nil), w.amount(w.n.Net)},
		{w.text("total_tax", nil), w.amount(w.n.Tax)},
		{w.text("total_"+string(w.n.Kind), nil), w.amount(w.n.Gross)},
	}
}

func (w *writer) closing() []string {
	switch {
	case w.report != nil:
		return w.reportClosing()
	case w.advice != nil:
		return nil
	case w.reminder != nil:
		return w.reminderClosing()
	}
	var paragraphs []string
	if reasons := w.taxReasons(); reasons != "" {
		paragraphs = append(paragraphs, reasons)
	}
	if w.n.Kind == numbering.Cancellation {
		return append(paragraphs, w.cancelledPayment())
	}
	if w.n.OfFees() {
		return append(paragraphs, w.feePayment())
	}
	for _, o := range w.n.Document.Offsets {
		paragraphs = append(paragraphs, w.text("mail_offset", args{"Month": w.texts.Month(w.n.Language, o.Month), "Amount": w.amount(o.Credits)}))
	}
	if held := w.n.Document.Held.Sessions; held > 0 {
		paragraphs = append(paragraphs, w.text("mail_held", args{"Count": held}))
	}
	return append(paragraphs, w.payment(), w.text("note_objection", nil))
}

// taxReasons tells why there is no tax, as the document does.
func (w *writer) taxReasons() string {
	var reasons []string
	for _, t := range w.n.Taxes {
		if t.Exemption != "" && !slices.Contains(reasons, t.Exemption) {
			reasons = append(reasons, t.Exemption)
		}
	}
	return strings.Join(reasons, " · ")
}

// ibanTail is how much of an account number a mail may show.
const ibanTail = 4

func (w *writer) payment() string {
	doc := w.n.Document
	iban := strings.ReplaceAll(doc.Recipient.Bank.IBAN, " ", "")
	switch {
	case w.n.Gross <= 0:
		return w.text("payment_nothing", nil)
	case len(iban) < ibanTail:
		return w.text("payment_no_account", nil)
	case doc.DueDate == "":
		return w.text("mail_payment", args{"Amount": w.amount(w.n.Gross), "Account": iban[len(iban)-ibanTail:]})
	}
	return w.text("mail_payment_due", args{
		"Amount": w.amount(w.n.Gross), "Account": iban[len(iban)-ibanTail:], "Date": w.date(doc.DueDate),
	})
}

// cancelledPayment says what happens with the money of a cancelled document, as
// the document does.
func (w *writer) cancelledPayment() string {
	n, due := w.n, w.n.Document.DueDate
	if n.Gross == 0 {
		return w.text("payment_nothing", nil)
	}
	if due == "" {
		due = n.Date.AddDays(n.Document.NetDays)
	}
	key := "payment_cancellation"
	if n.OfFees() {
		key = "payment_cancellation_fees"
	}
	return w.text(key, args{"Amount": w.amount(max(n.Gross, -n.Gross)), "Date": w.date(due)})
}

func (w *writer) files(files []creditnotes.File) []fact {
	var list []fact
	for _, f := range files {
		what := ""
		switch {
		case f.PayoutID != 0:
			what = w.text("mail_attached_remittance", nil)
		case f.Kind == creditnotes.FileXLSX && f.ReportID != 0:
			what = w.text("mail_attached_report_xlsx", nil)
		case f.Kind == creditnotes.FileXLSX:
			what = w.text("mail_attached_xlsx", nil)
		case f.ReportID != 0:
			what = w.text("mail_attached_report", nil)
		case f.Kind == creditnotes.FilePDF:
			what = w.text("mail_attached_pdf", nil)
		case f.Kind == creditnotes.FileCSV:
			what = w.text("mail_attached_csv", nil)
		}
		list = append(list, fact{fileName(f.Name), what})
	}
	return list
}

func (w *writer) contact(email string) string {
	a := args{"Email": email}
	if phone := w.n.Document.Issuer.Phone; phone != "" {
		a["Phone"] = phone
		return w.text("mail_contact_phone", a)
	}
	return w.text("mail_contact", a)
}

// addressLines is the operator's address as far as it is known.
func addressLines(p creditnotes.Party) []string {
	city := strings.TrimSpace(p.Postcode + " " + p.City)
	lines := []string{p.Name, p.Street, city, p.Country}
	return slices.DeleteFunc(lines, func(s string) bool { return s == "" })
}
