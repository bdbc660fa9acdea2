package export

import (
	"cmp"
	"io"
	"iter"
	"slices"
	"strings"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/money"
	"creditrun/internal/payouts"
)

// The columns of the lists of what is owed.
var (
	AgeingColumns   = []string{"entity", "currency", "side", "items", "not_due", "days_1_30", "days_31_60", "days_61_90", "days_over_90", "total"}
	CashColumns     = []string{"day", "entity", "amount", "currency", "documents", "reason", "detail"}
	AccrualColumns  = []string{"owner", "kind", "state", "reason", "sessions", "energy_kwh", "net", "currency", "unknown"}
	ReminderColumns = []string{"reminder", "day", "recipient", "level", "document", "kind", "due_date", "open", "currency", "state", "detail"}
)

// AgeingCSV writes the rows of an ageing as CSV.
func AgeingCSV(w io.Writer, heads *Look, a *payouts.Ageing) error {
	return writeCSV(w, AgeingColumns, heads, each(a.Rows), agedCells)
}

// AgeingXLSX writes the rows of an ageing as a workbook; sheet is the name of its
// sheet.
func AgeingXLSX(w io.Writer, sheet string, heads *Look, a *payouts.Ageing) error {
	return writeXLSX(w, sheet, AgeingColumns, heads, each(a.Rows), agedCells)
}

func agedCells(a *payouts.Aged) []cell {
	digits, _ := money.Digits(a.Currency)
	cells := []cell{text(a.Entity), text(a.Currency), text(a.Side), whole(int64(a.Items))}
	for _, amount := range a.ByAge {
		cells = append(cells, number(amount.Format(digits)))
	}
	return append(cells, number(a.Total().Format(digits)))
}

// CashCSV writes what is planned to be paid, and then what is not, as CSV.
func CashCSV(w io.Writer, heads *Look, f *payouts.Forecast, words payouts.Words) error {
	return writeCSV(w, CashColumns, heads, each(cashOf(f)), cashCells(words))
}

// CashXLSX writes the same as a workbook; sheet is the name of its sheet.
func CashXLSX(w io.Writer, sheet string, heads *Look, f *payouts.Forecast, words payouts.Words) error {
	return writeXLSX(w, sheet, CashColumns, heads, each(cashOf(f)), cashCells(words))
}

func cashOf(f *payouts.Forecast) []payouts.Cash { return slices.Concat(f.Planned, f.Apart) }

func cashCells(words payouts.Words) func(*payouts.Cash) []cell {
	return func(c *payouts.Cash) []cell {
		digits, _ := money.Digits(c.Currency)
		return []cell{dayOf(c.Day), text(c.Entity), number(c.Amount.Format(digits)), text(c.Currency), text(strings.Join(c.Documents, " ")), text(c.Reason), text(c.Says(words))}
	}
}

// AccrualsCSV writes the rows of an accrual list as CSV.
func AccrualsCSV(w io.Writer, heads *Look, l *creditnotes.AccrualList) error {
	return writeCSV(w, AccrualColumns, heads, each(l.Rows), accrualCells)
}

// AccrualsXLSX writes the rows of an accrual list as a workbook; sheet is the name
// of its sheet.
func AccrualsXLSX(w io.Writer, sheet string, heads *Look, l *creditnotes.AccrualList) error {
	return writeXLSX(w, sheet, AccrualColumns, heads, each(l.Rows), accrualCells)
}

func accrualCells(r *creditnotes.Accrual) []cell {
	return []cell{text(r.Owner), text(r.Kind), text(r.State), text(r.Reason), whole(r.Sessions), number(r.Energy.String()), number(r.Net.String()), text(r.Currency),
		whole(r.Unknown)}
}

// The states of a line of a reminder, beside the reasons why one is not sent.
const (
	reminderSent = "sent"
	reminderDue  = "due"
)

// reminderLine is an item of a reminder that was sent or is due.
type reminderLine struct {
	reminder, recipient, currency, state, detail string
	day                                          entities.Date
	creditnotes.ReminderItem
}

// remindersOf are the items of what is due, and then those of what was sent.
func remindersOf(due []payouts.DueReminder, sent iter.Seq2[creditnotes.Reminder, error]) iter.Seq2[reminderLine, error] {
	return func(yield func(reminderLine, error) bool) {
		for i := range due {
			r := &due[i]
			line := reminderLine{recipient: r.Recipient.Key, currency: r.Currency, state: cmp.Or(string(r.Apart), reminderDue), detail: r.Detail}
			if !yieldItems(line, r.Items, yield) {
				return
			}
		}
		for r, err := range sent {
			if err != nil {
				yield(reminderLine{}, err)
				return
			}
			line := reminderLine{reminder: r.Number, day: r.Day, recipient: r.Recipient, currency: r.Currency, state: reminderSent}
			if !yieldItems(line, r.Items, yield) {
				return
			}
		}
	}
}

// yieldItems yields the line of a reminder for each of its items.
func yieldItems(line reminderLine, items []creditnotes.ReminderItem, yield func(reminderLine, error) bool) bool {
	for _, line.ReminderItem = range items {
		if !yield(line, nil) {
			return false
		}
	}
	return true
}

// RemindersCSV writes the items of reminders that are due, and then those of
// reminders that were sent, as CSV.
func RemindersCSV(w io.Writer, heads *Look, due []payouts.DueReminder, sent iter.Seq2[creditnotes.Reminder, error]) error {
	return writeCSV(w, ReminderColumns, heads, remindersOf(due, sent), reminderCells)
}

// RemindersXLSX writes the same as a workbook; sheet is the name of its sheet.
func RemindersXLSX(w io.Writer, sheet string, heads *Look, due []payouts.DueReminder, sent iter.Seq2[creditnotes.Reminder, error]) error {
	return writeXLSX(w, sheet, ReminderColumns, heads, remindersOf(due, sent), reminderCells)
}

func reminderCells(l *reminderLine) []cell {
	digits, _ := money.Digits(l.currency)
	return []cell{text(l.reminder), dayOf(l.day), text(l.recipient), whole(int64(l.Level)), text(l.Document), text(l.Kind), dayOf(l.Due), number(l.Open.Format(digits)),
		text(l.currency), text(l.state), text(l.detail)}
}
