package document

import (
	"bufio"
	"encoding/csv"
	"fmt"
	"io"
	"iter"
	"strconv"
	"time"

	"creditrun/creditnotes"
	"creditrun/internal/money"
	"creditrun/internal/sessions"
	"creditrun/internal/spreadsheet"
)

// columns is the head of the session file (formats.md §5).
var columns = []string{
	"document_number", "session_id", "evse_id", "station", "connector", "connector_type", "owner",
	"start", "end", "duration_s", "energy_kwh", "class", "partner", "medium",
	"price_source", "tariff", "cost_rate", "discount_percent",
	"net_energy", "net_time", "net_fee", "net_total", "currency", "month", "late", "correction_of",
	"unit_price_kwh", "unit_price_hour", "net_share", "net_electricity_cost", "net_electricity_tax", "net_session_fees",
	"driver_amount", "driver_fee", "collected_at", "contract",
	"tax_category", "tax_rate", "carried_from",
}

// byteOrderMark makes spreadsheets read the file as UTF-8.
const byteOrderMark = "\ufeff"

// CSV writes the sessions of a note as they come (formats.md §5): semicolons,
// UTF-8 with a byte order mark, lines that end with CR LF, decimal points, the
// local times of each station. It keeps one line in memory.
func (r *Renderer) CSV(w io.Writer, n *creditnotes.Note, details iter.Seq2[creditnotes.Detail, error]) error {
	if err := writeSessions(w, n, details, nil); err != nil {
		return fmt.Errorf("session file of note %s: %w", nameOf(n), err)
	}
	return nil
}

// writeSessions also sets the annex of the document where there is one.
func writeSessions(w io.Writer, n *creditnotes.Note, details iter.Seq2[creditnotes.Detail, error], sessions *annex) error {
	buffered := bufio.NewWriter(w)
	if _, err := buffered.WriteString(byteOrderMark); err != nil {
		return err
	}
	file := csv.NewWriter(buffered)
	file.Comma, file.UseCRLF = ';', true
	if err := file.Write(columns); err != nil {
		return err
	}
	zones := zoneCache{}
	row := make([]string, 0, len(columns))
	for detail, err := range details {
		if err != nil {
			return err
		}
		zone, err := zones.load(detail.Path.Zone)
		if err != nil {
			return fmt.Errorf("session %s: %w", detail.Session.ExternalID, err)
		}
		row = appendDetail(row[:0], n, &detail, zone)
		if err := file.Write(row); err != nil {
			return err
		}
		if sessions != nil {
			sessions.row(&detail, zone)
		}
	}
	file.Flush()
	if err := file.Error(); err != nil {
		return err
	}
	return buffered.Flush()
}

// appendDetail appends the cells of one session. Energy and amounts are those
// of its line, so a reversal is negative.
func appendDetail(row []string, n *creditnotes.Note, d *creditnotes.Detail, zone *time.Location) []string {
	s, p, l := &d.Session, &d.Path, &d.Line
	amount, fee := driver(d)
	return append(row,
		spreadsheet.Text(n.Number), spreadsheet.Text(s.ExternalID), spreadsheet.Text(p.EVSEID), spreadsheet.Text(p.Station),
		strconv.Itoa(p.Connector), spreadsheet.Text(p.ConnectorType), spreadsheet.Text(d.Owner),
		s.Start.In(zone).Format(time.RFC3339), s.End.In(zone).Format(time.RFC3339),
		strconv.FormatInt(s.Duration, 10), l.Energy.String(),
		spreadsheet.Text(string(p.Class)), spreadsheet.Text(s.Partner), spreadsheet.Text(sessions.MaskMedium(s.MediumUID)),
		spreadsheet.Text(p.Rule), spreadsheet.Text(p.Tariff), spreadsheet.Text(p.CostRate), p.Discount.String(),
		l.NetEnergy.String(), l.NetTime.String(), l.NetFee.String(), d.Total().String(),
		n.Currency, string(d.Month), strconv.FormatBool(d.Late), spreadsheet.Text(d.CorrectionOf),
		p.UnitPriceKWh, p.UnitPriceHour,
		l.NetShare.String(), l.NetElectricityCost.String(), l.NetElectricityTax.String(), l.NetSessionFees.String(),
		amount, fee, instant(s.CollectedAt, zone), spreadsheet.Text(p.Contract),
		string(d.Tax.Category), d.Tax.Rate.String(), string(d.CarriedFrom),
	)
}

// driver is what the driver was charged: what the settlement used, otherwise
// what the source states; empty where it is not known.
func driver(d *creditnotes.Detail) (amount, fee string) {
	switch s := &d.Session; {
	case d.Line.ByDriver:
		return d.Line.DriverAmount.String(), d.Line.DriverFee.String()
	case s.DriverAmount == nil:
		return "", ""
	case s.DriverFee == nil:
		return s.DriverAmount.String(), money.Micros(0).String()
	default:
		return s.DriverAmount.String(), s.DriverFee.String()
	}
}

// instant is a time in a zone, or empty.
func instant(t time.Time, zone *time.Location) string {
	if t.IsZero() {
		return ""
	}
	return t.In(zone).Format(time.RFC3339)
}

// zoneCache loads each time zone once.
type zoneCache map[string]*time.Location

func (c zoneCache) load(name string) (*time.Location, error) {
	if zone := c[name]; zone != nil {
		return zone, nil
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		return nil, fmt.Errorf("time zone %q: %w", name, err)
	}
	c[name] = zone
	return zone, nil
}
