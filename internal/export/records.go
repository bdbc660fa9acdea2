package export

import (
	"io"
	"iter"
	"time"

	"creditrun/creditnotes"
)

// RecordColumns names the columns of a list of revenue and expense records.
var RecordColumns = []string{
	"id", "direction", "origin", "owner", "date", "month", "currency", "net", "collected", "session", "station", "evse_id", "connector", "medium",
	"start", "duration_s", "energy_kwh", "driver_amount", "owner_share", "operator_share", "electricity_cost", "collected_at", "contract", "text", "number", "open", "credited_again",
}

// RecordsCSV writes a list of records as CSV, with the times of a zone and media
// masked to their last four characters.
func RecordsCSV(w io.Writer, heads *Look, zone *time.Location, rows iter.Seq2[creditnotes.SettlementRecord, error]) error {
	return writeCSV(w, RecordColumns, heads, rows, recordCells(zone))
}

// RecordsXLSX writes a list of records as a workbook, otherwise like RecordsCSV;
// sheet is the name of its sheet.
func RecordsXLSX(w io.Writer, sheet string, heads *Look, zone *time.Location, rows iter.Seq2[creditnotes.SettlementRecord, error]) error {
	return writeXLSX(w, sheet, RecordColumns, heads, rows, recordCells(zone))
}

func recordCells(zone *time.Location) func(*creditnotes.SettlementRecord) []cell {
	return func(r *creditnotes.SettlementRecord) []cell {
		j := r.JSON(zone)
		return []cell{
			text(j.ID), text(j.Kind), text(j.Origin), text(j.Owner), dayOf(j.Date), monthOf(j.Month), text(j.Currency), number(j.Net), text(j.Collected),
			text(j.Session), text(j.Station), text(j.EVSEID), whole(int64(j.Connector)), text(j.Medium), cell{j.Start, moment}, whole(j.Duration), energyOr(j.Energy),
			amountOr(j.DriverAmount), amountOr(j.OwnerShare), amountOr(j.OperatorShare), amountOr(j.ElectricityCost), timeOr(j.CollectedAt),
			text(j.Contract), text(j.Text), text(j.Document), openOr(j.Open), text(j.CreditedAgain),
		}
	}
}

// energyOr is an energy, or an empty cell where the record has none.
func energyOr(s string) cell {
	if s == "" {
		return text("")
	}
	return number(s)
}

// openOr marks a record that is on no document yet.
func openOr(open bool) cell {
	if open {
		return text("open")
	}
	return text("")
}

// amountOr is an amount, or an empty cell where it is unknown.
func amountOr(s *string) cell {
	if s == nil {
		return text("")
	}
	return number(*s)
}

// timeOr is a time, or an empty cell where there is none.
func timeOr(s *string) cell {
	if s == nil {
		return cell{}
	}
	return cell{*s, moment}
}
