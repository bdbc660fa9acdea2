package export

import (
	"io"

	"creditrun/creditnotes"
	"creditrun/internal/money"
)

// AccountColumns names the columns of a list of accounts.
var AccountColumns = []string{
	"entity", "currency", "movements", "balance", "open_items", "open_amount", "unallocated", "oldest_open_item",
}

// AccountsCSV writes a list of accounts as CSV.
func AccountsCSV(w io.Writer, heads *Look, list []creditnotes.AccountState) error {
	return writeCSV(w, AccountColumns, heads, each(list), accountCells)
}

// AccountsXLSX writes a list of accounts as a workbook; sheet is the name of its
// sheet.
func AccountsXLSX(w io.Writer, sheet string, heads *Look, list []creditnotes.AccountState) error {
	return writeXLSX(w, sheet, AccountColumns, heads, each(list), accountCells)
}

func accountCells(a *creditnotes.AccountState) []cell {
	digits, ok := money.Digits(a.Currency)
	if !ok {
		digits = 2
	}
	return []cell{
		text(a.Entity), text(a.Currency), whole(a.Movements), number(a.Balance.Format(digits)), whole(a.OpenItems), number(a.Open.Format(digits)),
		number(a.Unallocated().Format(digits)), dayOf(a.Oldest),
	}
}
