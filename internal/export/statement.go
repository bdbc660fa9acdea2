package export

import (
	"io"
	"iter"
	"time"

	"creditrun/creditnotes"
	"creditrun/internal/money"
)

// StatementColumns names the columns of an account statement.
var StatementColumns = []string{
	"section", "kind", "booked", "value_date", "reference", "currency", "amount", "balance",
	"session", "station", "start", "end", "energy_kwh", "medium", "collected_at",
}

// The kinds of the rows of a statement that are no movement.
const (
	openingBalance = "opening_balance"
	closingBalance = "closing_balance"
	chargedSession = "session"
)

// newsSection is what became known since a time.
const newsSection creditnotes.StatementSection = "news"

// StatementCSV writes an account statement as CSV: for each currency the opening
// balance, the movements, the closing balance, and the sessions of the sections
// that were asked for, whose amount is the driver amount; then, in the section
// news, what became known since a time that was asked for.
func StatementCSV(w io.Writer, heads *Look, zone *time.Location, a *creditnotes.AccountStatement) error {
	return writeCSV(w, StatementColumns, heads, statementRows(a), statementCells(zone))
}

// StatementXLSX writes an account statement as a workbook, otherwise like
// StatementCSV; sheet is the name of its sheet.
func StatementXLSX(w io.Writer, sheet string, heads *Look, zone *time.Location, a *creditnotes.AccountStatement) error {
	return writeXLSX(w, sheet, StatementColumns, heads, statementRows(a), statementCells(zone))
}

// statementRow is a movement, a balance where there is none, or a session.
type statementRow struct {
	section creditnotes.StatementSection
	kind    string
	value   string
	code    string
	balance money.Amount
	line    *creditnotes.StatementLine
	session *creditnotes.StatementSession
	news    bool // without a balance
}

func statementRows(a *creditnotes.AccountStatement) iter.Seq2[statementRow, error] {
	return func(yield func(statementRow, error) bool) {
		const section = creditnotes.SectionTransactions
		for _, s := range a.Statements {
			rows := []statementRow{{section: section, kind: openingBalance, value: string(a.From), code: s.Currency, balance: s.Opening}}
			for i := range s.Movements {
				m := &s.Movements[i]
				rows = append(rows, statementRow{section, string(m.Kind), string(m.Value), s.Currency, m.Balance, m, nil, false})
			}
			rows = append(rows, statementRow{section: section, kind: closingBalance, value: string(a.Until), code: s.Currency, balance: s.Closing})
			for _, row := range rows {
				if !yield(row, nil) {
					return
				}
			}
		}
		charged := func(section creditnotes.StatementSection, list []creditnotes.StatementSession) bool {
			for i := range list {
				if !yield(statementRow{section: section, kind: chargedSession, code: list[i].Currency, session: &list[i]}, nil) {
					return false
				}
			}
			return true
		}
		for _, c := range a.Charges {
			if !charged(c.Section, c.Sessions) {
				return
			}
		}
		for i := range a.News {
			m := creditnotes.StatementLine{Movement: a.News[i]}
			if !yield(statementRow{section: newsSection, kind: string(m.Kind), value: string(m.Value), code: m.Currency, line: &m, news: true}, nil) {
				return
			}
		}
		charged(newsSection, a.NewSessions)
	}
}

func statementCells(zone *time.Location) func(*statementRow) []cell {
	return func(r *statementRow) []cell {
		if r.session != nil {
			return chargedCells(r, zone)
		}
		digits, ok := money.Digits(r.code)
		if !ok {
			digits = 2
		}
		cells := []cell{text(r.section), text(r.kind), {}, dayOf(r.value), {}, text(r.code), {}, number(r.balance.Format(digits)), {}, {}, {}, {}, {}, {}, {}}
		if r.news {
			cells[7] = cell{}
		}
		if m := r.line; m != nil {
			cells[2], cells[4], cells[6] = momentOf(m.Booked, zone), text(m.Reference), number(m.Amount.Format(digits))
		}
		return cells
	}
}

func chargedCells(r *statementRow, zone *time.Location) []cell {
	s := r.session
	cells := []cell{text(r.section), text(r.kind), {}, {}, text(s.Number), text(r.code), {}, {}, text(s.ExternalID), text(s.Station),
		momentOf(s.Start, zone), momentOf(s.End, zone), number(s.Energy.String()), text(s.MediumUID), {}}
	if s.DriverAmount != nil {
		cells[6] = number(s.DriverAmount.String())
	}
	if !s.CollectedAt.IsZero() {
		cells[14] = momentOf(s.CollectedAt, zone)
	}
	return cells
}
