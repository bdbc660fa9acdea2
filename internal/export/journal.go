package export

import (
	"bytes"
	"encoding/json"
	"fmt"
	"iter"

	"creditrun/internal/export/datev"
	"creditrun/internal/journal"
	"creditrun/internal/money"
)

// JournalColumns names the columns of a journal, which has a row for each line.
var JournalColumns = []string{
	"external_id", "date", "due_date", "kind", "reference", "cancels", "recipient", "name", "line", "account", "debit", "credit", "currency",
	"tax_account", "tax_category", "tax_rate", "text", "document_link", "document_field", "base_currency", "exchange_rate",
}

// journalLine is a row of a journal.
type journalLine struct {
	entry *journal.Entry
	line  journal.Line
}

// JournalFiles is what writes a journal in a format.
func JournalFiles(format journal.Format) journal.Render {
	if format == journal.DATEV {
		return datev.Files
	}
	return func(j *journal.Journal, _ *journal.Config) ([]journal.File, error) {
		var out bytes.Buffer
		var err error
		switch format {
		case journal.CSV:
			err = writeCSV(&out, JournalColumns, nil, journalLines(j), journalCells)
		case journal.XLSX:
			err = writeXLSX(&out, "journal", JournalColumns, nil, journalLines(j), journalCells)
		case journal.JSON:
			encoder := json.NewEncoder(&out)
			encoder.SetIndent("", "  ")
			err = encoder.Encode(journalJSONOf(j))
		default:
			err = fmt.Errorf("journal: no format %q", format)
		}
		return []journal.File{{Name: "journal_" + string(j.Month) + "." + string(format), Content: out.Bytes()}}, err
	}
}

func journalLines(j *journal.Journal) iter.Seq2[journalLine, error] {
	return func(yield func(journalLine, error) bool) {
		for i := range j.Entries {
			for _, line := range j.Entries[i].Lines() {
				if !yield(journalLine{&j.Entries[i], line}, nil) {
					return
				}
			}
		}
	}
}

func journalCells(l *journalLine) []cell {
	e := l.entry
	digits := digitsOf(e.Currency)
	var part journal.Part
	rate, base, exchange := "", "", ""
	if e.Exchange != nil {
		base, exchange = e.Exchange.Base, e.Exchange.Rate.String()
	}
	if l.line.Part != nil && l.line.Part.TaxKey != "" {
		part = *l.line.Part
		rate = part.Rate.String()
	}
	return []cell{
		text(e.ID), text(e.Date), text(e.Due), text(e.Kind), text(e.Reference), text(e.Cancels), text(e.Entity), text(e.Name), text(l.line.Role),
		text(l.line.Account), number(l.line.Debit.Format(digits)), number(l.line.Credit.Format(digits)), text(e.Currency),
		text(part.TaxKey), text(part.Category), number(rate), text(e.Text), text(e.Link),
		text(e.Field), text(base), number(exchange),
	}
}

func digitsOf(currency string) int {
	digits, known := money.Digits(currency)
	if !known {
		return 2
	}
	return digits
}

// journalJSON is a journal for programs, with amounts as they are printed.
type journalJSON struct {
	Month    string           `json:"month"`
	Entries  []entryJSON      `json:"entries"`
	Controls []JournalControl `json:"controls"`
	Parties  []journal.Party  `json:"recipients"`
}

type entryJSON struct {
	ID        string     `json:"external_id"`
	Kind      string     `json:"kind"`
	Date      string     `json:"date"`
	Due       string     `json:"due_date,omitempty"`
	Reference string     `json:"reference"`
	Cancels   string     `json:"cancels,omitempty"`
	Recipient string     `json:"recipient"`
	Name      string     `json:"name"`
	Currency  string     `json:"currency"`
	Text      string     `json:"text,omitempty"`
	Link      string     `json:"document_link,omitempty"`
	Field     string     `json:"document_field,omitempty"`
	Base      string     `json:"base_currency,omitempty"`
	Exchange  string     `json:"exchange_rate,omitempty"`
	Lines     []lineJSON `json:"lines"`
}

type lineJSON struct {
	Line        string `json:"line"`
	Account     string `json:"account"`
	Debit       string `json:"debit"`
	Credit      string `json:"credit"`
	TaxAccount  string `json:"tax_account,omitempty"`
	TaxCategory string `json:"tax_category,omitempty"`
	TaxRate     string `json:"tax_rate,omitempty"`
}

// JournalControl is a control of a journal, with amounts as they are printed.
type JournalControl struct {
	Currency  string `json:"currency"`
	Documents int    `json:"documents"`
	Journal   string `json:"journal" doc:"entries of documents; positive: owed by the operator"`
	Issued    string `json:"issued" doc:"gross amounts of the documents"`
	Movements string `json:"movements" doc:"movements of the documents"`
	Others    int    `json:"others" doc:"payouts, payments, top-ups and adjustments"`
	Payments  string `json:"payments" doc:"their sum"`
}

// JournalControlOf writes a control for programs.
func JournalControlOf(c *journal.Control) JournalControl {
	digits := digitsOf(c.Currency)
	return JournalControl{c.Currency, c.Documents, c.Journal.Format(digits), c.Issued.Format(digits), c.Movements.Format(digits), c.Others, c.Payments.Format(digits)}
}

func journalJSONOf(j *journal.Journal) journalJSON {
	out := journalJSON{Month: string(j.Month), Entries: []entryJSON{}, Controls: []JournalControl{}, Parties: j.Parties}
	for i := range j.Controls {
		out.Controls = append(out.Controls, JournalControlOf(&j.Controls[i]))
	}
	for i := range j.Entries {
		e := &j.Entries[i]
		entry := entryJSON{ID: e.ID, Kind: string(e.Kind), Date: string(e.Date), Due: string(e.Due), Reference: e.Reference, Cancels: e.Cancels,
			Recipient: e.Entity, Name: e.Name, Currency: e.Currency, Text: e.Text, Link: e.Link, Field: e.Field}
		if e.Exchange != nil {
			entry.Base, entry.Exchange = e.Exchange.Base, e.Exchange.Rate.String()
		}
		digits := digitsOf(e.Currency)
		for _, l := range e.Lines() {
			line := lineJSON{Line: string(l.Role), Account: l.Account, Debit: l.Debit.Format(digits), Credit: l.Credit.Format(digits)}
			if l.Part != nil && l.Part.TaxKey != "" {
				line.TaxAccount, line.TaxCategory, line.TaxRate = l.Part.TaxKey, string(l.Part.Category), l.Part.Rate.String()
			}
			entry.Lines = append(entry.Lines, line)
		}
		out.Entries = append(out.Entries, entry)
	}
	return out
}
