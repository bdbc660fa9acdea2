package export

import (
	"io"
	"iter"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/money"
)

// StatementColumns names the columns of an account statement.
var StatementColumns = []string{"kind", "date", "number", "currency", "net", "tax", "gross", "balance"}

// The kinds of the rows of a statement that are no document.
const (
	openingBalance = "opening_balance"
	closingBalance = "closing_balance"
)

// StatementCSV writes the account statements of the days from … until as CSV:
// for each currency the opening balance, the documents, the closing balance.
func StatementCSV(w io.Writer, heads Heads, statements []creditnotes.Statement, from, until entities.Date) error {
	return writeCSV(w, StatementColumns, heads, statementRows(statements, from, until), statementCells)
}

// StatementXLSX writes account statements as a workbook, otherwise like
// StatementCSV; sheet is the name of its sheet.
func StatementXLSX(w io.Writer, sheet string, heads Heads, statements []creditnotes.Statement, from, until entities.Date) error {
	return writeXLSX(w, sheet, StatementColumns, heads, statementRows(statements, from, until), statementCells)
}

// statementRow is a document, or a balance where there is none.
type statementRow struct {
	kind     string
	date     entities.Date
	currency string
	balance  money.Amount
	document *creditnotes.Movement
}

func statementRows(statements []creditnotes.Statement, from, until entities.Date) iter.Seq2[statementRow, error] {
	return func(yield func(statementRow, error) bool) {
		for _, s := range statements {
			rows := []statementRow{{kind: openingBalance, date: from, currency: s.Currency, balance: s.Opening}}
			for i := range s.Movements {
				m := &s.Movements[i]
				rows = append(rows, statementRow{string(m.Kind), m.Date, s.Currency, m.Balance, m})
			}
			rows = append(rows, statementRow{kind: closingBalance, date: until, currency: s.Currency, balance: s.Closing})
			for _, row := range rows {
				if !yield(row, nil) {
					return
				}
			}
		}
	}
}

func statementCells(r *statementRow) []cell {
	digits, ok := money.Digits(r.currency)
	if !ok {
		digits = 2
	}
	balance := number(r.balance.Format(digits))
	m := r.document
	if m == nil {
		return []cell{text(r.kind), text(r.date), {}, text(r.currency), {}, {}, {}, balance}
	}
	return []cell{
		text(r.kind), text(r.date), text(m.Number), text(r.currency),
		number(m.Net.Format(digits)), number(m.Tax.Format(digits)), number(m.Gross.Format(digits)), balance,
	}
}
