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

// ReportSheets name the sheets of a settlement report in their order: totals,
// origins, documents, account, days, stations, collected for previous periods,
// top-ups, held, records.
type ReportSheets [10]string

// ReportXLSX writes a settlement report as a workbook with a sheet for each
// section.
func ReportXLSX(
	w io.Writer, sheets ReportSheets, heads Heads, zone *time.Location, r *creditnotes.SettlementReport,
	previous iter.Seq2[creditnotes.ReportLine, error], records iter.Seq2[creditnotes.ReportRecord, error],
) error {
	book, err := newWorkbook()
	if err != nil {
		return err
	}
	for _, add := range []func() error{
		func() error {
			return addSheet(book, sheets[0], ReportTotalColumns, heads, rowsOf(reportFigures(r)), (*reportFigure).cells)
		},
		func() error {
			return addSheet(book, sheets[1], ReportOriginColumns, heads, rowsOf(r.Origins), originCells)
		},
		func() error {
			return addSheet(book, sheets[2], ReportDocumentColumns, heads, rowsOf(r.Documents), documentCells)
		},
		func() error {
			return addSheet(book, sheets[3], ReportMovementColumns, heads, rowsOf(r.Account.Movements), movementCells)
		},
		func() error { return addSheet(book, sheets[4], ReportSumColumns, heads, rowsOf(r.Days), sumCells) },
		func() error { return addSheet(book, sheets[5], ReportSumColumns, heads, rowsOf(r.Stations), sumCells) },
		func() error {
			return addSheet(book, sheets[6], ReportPreviousColumns, heads, previous, func(l *creditnotes.ReportLine) []cell { return previousCells(l, zone) })
		},
		func() error {
			return addSheet(book, sheets[7], ReportTopUpColumns, heads, rowsOf(r.TopUps), topUpCells)
		},
		func() error { return addSheet(book, sheets[8], ReportHeldColumns, heads, rowsOf(r.Held), heldCells) },
		func() error { return addSheet(book, sheets[9], ReportRecordColumns, heads, records, reportRecordCells) },
	} {
		if err = add(); err != nil {
			break
		}
	}
	return book.finish(w, err)
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
