package export

import (
	"encoding/json"
	"io"
	"iter"
	"strconv"
	"strings"
	"time"

	"creditrun/creditnotes"
	"creditrun/internal/money"
)

// The columns of the sheets of a settlement report.
var (
	ReportTotalColumns    = []string{"figure", "value"}
	ReportDocumentColumns = []string{"number", "kind", "state", "date", "net", "gross"}
	ReportMovementColumns = []string{"booked", "value_date", "kind", "reference", "amount", "balance"}
	ReportSumColumns      = []string{"name", "sessions", "energy_kwh", "net"}
	ReportOriginColumns   = []string{"kind", "origin", "month", "records", "net"}
	ReportHeldColumns     = []string{"reason", "sessions", "energy_kwh"}
	ReportRecordColumns   = []string{"id", "kind", "origin", "month", "date", "session", "station", "evse_id", "connector", "user", "start", "duration_s",
		"energy_kwh", "net", "driver_amount", "owner_share", "operator_share", "electricity_cost", "collected", "collected_at", "text", "document"}
	ReportPreviousColumns = []string{"session", "source", "document", "end", "driver_amount", "owner_share", "collected_at"}
	ReportTopUpColumns    = []string{"id", "date", "user", "amount"}
)

// Words finds a message in the language of a file.
type Words func(key string) (string, error)

// reportSheet is a sheet of the workbook of a report: the message that names it,
// and what writes it.
type reportSheet struct {
	key string
	add func(book *workbook, name string) error
}

// ReportXLSX writes a settlement report as a workbook with a sheet for each
// section, and one with charts of the revenue by day and by station.
func ReportXLSX(w io.Writer, words Words, r *creditnotes.SettlementReport, rows creditnotes.ReportRows) error {
	zone, err := time.LoadLocation(r.TimeZone)
	if err != nil {
		return err
	}
	book, err := newWorkbook()
	if err != nil {
		return err
	}
	names := map[string]string{}
	for _, sheet := range reportSheets(r, rows, zone) {
		if names[sheet.key], err = sheetName(words, sheet.key); err != nil {
			break
		}
		if err = sheet.add(book, names[sheet.key]); err != nil {
			break
		}
	}
	if err == nil {
		err = addCharts(book, words, names, r)
	}
	return book.finish(w, err)
}

func reportSheets(r *creditnotes.SettlementReport, rows creditnotes.ReportRows, zone *time.Location) []reportSheet {
	return []reportSheet{
		{"report_totals", sheetOf(ReportTotalColumns, rowsOf(reportFigures(r)), (*reportFigure).cells)},
		{"report_origins", sheetOf(ReportOriginColumns, rowsOf(r.Origins), originCells)},
		{"report_documents", sheetOf(ReportDocumentColumns, rowsOf(r.Documents), documentCells)},
		{"report_account", sheetOf(ReportMovementColumns, rowsOf(r.Account.Movements), movementCells)},
		{"report_by_day", sheetOf(ReportSumColumns, rowsOf(r.Days), sumCells)},
		{"report_by_station", sheetOf(ReportSumColumns, rowsOf(r.Stations), sumCells)},
		{"report_previous", sheetOf(ReportPreviousColumns, rows.Previous, func(l *creditnotes.ReportLine) []cell { return previousCells(l, zone) })},
		{"report_top_ups_list", sheetOf(ReportTopUpColumns, rowsOf(r.TopUps), topUpCells)},
		{"report_held", sheetOf(ReportHeldColumns, rowsOf(r.Held), heldCells)},
		{"report_own_waits", sheetOf(ReportHeldColumns, rowsOf(r.OwnWaits), heldCells)},
		{"report_records", sheetOf(ReportRecordColumns, rows.Records, reportRecordCells)},
	}
}

func sheetOf[T any](columns []string, rows iter.Seq2[T, error], cells func(*T) []cell) func(*workbook, string) error {
	return func(book *workbook, name string) error { return addSheet(book, name, columns, nil, rows, cells) }
}

// mostSheetName is how long the name of a sheet may be, less room for the number
// of another sheet of the same name.
const mostSheetName = 28

// sheetName puts the name of a sheet into words: no longer than a spreadsheet
// takes, cut off after a word.
func sheetName(words Words, key string) (string, error) {
	name, err := words(key)
	name = strings.NewReplacer("/", " ", ":", " ", "[", "(", "]", ")", "*", " ", "?", " ", "\\", " ", "'", "’").Replace(name)
	if runes := []rune(name); len(runes) > mostSheetName {
		name = string(runes[:mostSheetName])
		if i := strings.LastIndex(name, " "); i > 0 {
			name = name[:i]
		}
	}
	return name, err
}

// reportFigure is a figure of the totals.
type reportFigure struct{ name, value string }

func (f *reportFigure) cells() []cell {
	if _, err := money.ParseMicros(f.value); err == nil {
		return []cell{text(f.name), number(f.value)}
	}
	return []cell{text(f.name), text(f.value)}
}

// reportFigures are what the report is of, and its totals by the names of their
// JSON.
func reportFigures(r *creditnotes.SettlementReport) []reportFigure {
	list := []reportFigure{
		{"report", r.Name}, {"owner", r.Owner}, {"owner_name", r.OwnerName}, {"from", string(r.Period.From)}, {"to", string(r.Period.To)},
		{"currency", r.Currency}, {"frozen_at", r.FrozenAt.Format(time.RFC3339)}, {"sha256", r.SHA256},
	}
	content, err := json.Marshal(r.Totals)
	if err != nil {
		return list
	}
	decoder := json.NewDecoder(strings.NewReader(string(content)))
	decoder.UseNumber()
	for name := ""; ; {
		token, err := decoder.Token()
		if err != nil {
			return list
		}
		switch value := token.(type) {
		case string:
			if name == "" {
				name = value
				continue
			}
			list, name = append(list, reportFigure{name, value}), ""
		case json.Number:
			list, name = append(list, reportFigure{name, value.String()}), ""
		}
	}
}

func originCells(o *creditnotes.OriginSum) []cell {
	return []cell{text(o.Kind), text(o.Origin), text(o.Month), whole(o.Records), number(o.Net.String())}
}

func documentCells(d *creditnotes.ReportDocument) []cell {
	return []cell{text(d.Number), text(d.Kind), text(d.State), text(d.Date), number(d.Net), number(d.Gross)}
}

func movementCells(m *creditnotes.ReportMovement) []cell {
	return []cell{text(m.Booked), text(m.Value), text(m.Kind), text(m.Reference), number(m.Amount), number(m.Balance)}
}

func sumCells(s *creditnotes.ReportSum) []cell {
	return []cell{text(s.Name), whole(s.Sessions), number(s.Energy.String()), number(s.Net.String())}
}

func heldCells(h *creditnotes.ReportHeld) []cell {
	return []cell{text(h.Reason), whole(h.Sessions), number(h.Energy.String())}
}

func topUpCells(t *creditnotes.ReportTopUp) []cell {
	return []cell{text(t.ID), text(t.Date), text(t.User), number(t.Amount)}
}

func previousCells(l *creditnotes.ReportLine, zone *time.Location) []cell {
	driver, collected := cell{}, ""
	if l.Driver != nil {
		driver = number(l.Driver.String())
	}
	if !l.CollectedAt.IsZero() {
		collected = l.CollectedAt.In(zone).Format(time.RFC3339)
	}
	return []cell{text(l.Session), text(l.Source), text(l.Number), text(l.End.In(zone).Format(time.RFC3339)), driver, number(l.Total().String()), text(collected)}
}

func reportRecordCells(r *creditnotes.ReportRecord) []cell {
	optional := func(value *string) cell {
		if value == nil {
			return cell{}
		}
		return number(*value)
	}
	collected := cell{}
	if r.CollectedAt != nil {
		collected = text(*r.CollectedAt)
	}
	figure := func(value string) cell {
		if value == "" {
			return cell{}
		}
		return number(value)
	}
	return []cell{
		text(r.ID), text(r.Kind), text(r.Origin), text(r.Month), text(r.Date), text(r.Session), text(r.Station), text(r.EVSEID), whole(int64(r.Connector)),
		text(r.User), text(r.Start), whole(r.Duration), number(r.Energy.String()), number(r.Net), optional(r.Driver), figure(r.Share),
		optional(r.OperatorShare), figure(r.Electricity), text(strconv.FormatBool(r.Collected)), collected, text(r.Text), text(r.Document),
	}
}
