package export

import (
	"io"
	"iter"
	"strings"
	"time"

	"creditrun/creditnotes"
	"creditrun/internal/money"
	"creditrun/internal/sessions"
)

// IssuerColumns name the columns of the comparison of both sides of an issuer.
var IssuerColumns = []string{
	"source", "session", "end", "medium", "station", "evse_id", "energy_kwh", "driver_amount", "driver_currency", "collected_at",
	"billed_net", "billed_kwh", "billed_on", "owner", "credited_driver_amount", "credited_share", "credited_currency", "credited_kwh", "credited_on",
	"finding", "why", "reason",
}

// IssuerSumColumns name the columns of what a comparison comes to.
var IssuerSumColumns = []string{
	"currency", "collected_sessions", "collected_driver_amount", "collected_unknown", "billed_sessions", "billed_driver_amount", "billed_net",
	"top_ups", "top_up_amount", "credited_sessions", "credited_driver_amount", "credited_unknown", "credited_share",
}

// IssuerXLSX writes the comparison of both sides of an issuer as a workbook: a
// sheet with the sessions, media masked and times in a zone, and one with the
// totals, which are read when all rows are. sheets are the names of the two.
func IssuerXLSX(
	w io.Writer, sheets [2]string, heads *Look, zone *time.Location, rows iter.Seq2[creditnotes.IssuerRow, error], totals *creditnotes.IssuerTotals,
) error {
	book, err := newWorkbook()
	if err != nil {
		return err
	}
	err = addSheet(book, sheets[0], IssuerColumns, heads, rows, func(r *creditnotes.IssuerRow) []cell { return issuerCells(r, zone) })
	if err == nil {
		err = addSheet(book, sheets[1], IssuerSumColumns, heads, rowsOf(totals.Sums), issuerSumCells)
	}
	return book.finish(w, err)
}

func issuerCells(r *creditnotes.IssuerRow, zone *time.Location) []cell {
	cells := []cell{
		text(r.Source), text(r.Session), momentOf(r.End, zone), text(sessions.MaskMedium(r.Medium)), text(r.Station), text(r.EVSEID),
		number(r.Energy.String()), microsOr(r.Driver), text(r.Currency), instantOr(r.CollectedAt, zone),
	}
	billed := []cell{{}, {}, {}}
	if r.Billed {
		billed = []cell{number(r.BilledNet.String()), number(r.BilledEnergy.String()), text(strings.Join(r.BilledNumbers, ", "))}
	}
	credited := []cell{{}, {}, {}, {}, {}}
	if r.Credited {
		credited = []cell{microsOr(r.CreditedDriver), number(r.Share.String()), text(r.CreditedIn), number(r.CreditedEnergy.String()), text(strings.Join(r.CreditedNumbers, ", "))}
	}
	cells = append(append(cells, billed...), text(r.Owner))
	return append(append(cells, credited...), text(r.Finding), text(r.Why), text(r.Reason))
}

func microsOr(m *money.Micros) cell {
	if m == nil {
		return cell{}
	}
	return number(m.String())
}

func instantOr(t time.Time, zone *time.Location) cell {
	if t.IsZero() {
		return cell{}
	}
	return momentOf(t, zone)
}

func issuerSumCells(s *creditnotes.IssuerSum) []cell {
	return []cell{
		text(s.Currency), whole(s.Collected), number(s.CollectedAmount.String()), whole(s.CollectedBlank), whole(s.Billed), number(s.BilledDriver.String()),
		number(s.BilledNet.String()), whole(s.TopUps), number(s.TopUpAmount.String()), whole(s.Credited), number(s.CreditedDriver.String()),
		whole(s.CreditedBlank), number(s.Share.String()),
	}
}
