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

// columns describe the session file, as CSV and as a workbook (formats.md §5).
var columns = []spreadsheet.Column{
	{Name: "document_number"}, {Name: "session_id"}, {Name: "evse_id"}, {Name: "station"},
	{Name: "connector", Kind: spreadsheet.Whole}, {Name: "connector_type"}, {Name: "owner"},
	{Name: "start", Kind: spreadsheet.Moment}, {Name: "end", Kind: spreadsheet.Moment},
	{Name: "duration_s", Kind: spreadsheet.Whole, Sum: true}, {Name: "energy_kwh", Kind: spreadsheet.Energy, Sum: true},
	{Name: "class"}, {Name: "partner"}, {Name: "medium"},
	{Name: "price_source"}, {Name: "tariff"}, {Name: "cost_rate"}, {Name: "discount_percent", Kind: spreadsheet.Plain},
	amountColumn("net_energy"), amountColumn("net_time"), amountColumn("net_fee"), amountColumn("net_total"), {Name: "currency"},
	{Name: "month", Kind: spreadsheet.Month}, {Name: "late", Kind: spreadsheet.Truth}, {Name: "correction_of"},
	{Name: "unit_price_kwh", Kind: spreadsheet.Plain}, {Name: "unit_price_hour", Kind: spreadsheet.Plain},
	amountColumn("net_share"), amountColumn("net_electricity_cost"), amountColumn("net_electricity_tax"), amountColumn("net_session_fees"),
	amountColumn("driver_amount"), amountColumn("driver_fee"), {Name: "collected_at", Kind: spreadsheet.Moment}, {Name: "contract"},
	{Name: "tax_category"}, {Name: "tax_rate", Kind: spreadsheet.Plain}, {Name: "carried_from", Kind: spreadsheet.Month},
}

func amountColumn(name string) spreadsheet.Column {
	return spreadsheet.Column{Name: name, Kind: spreadsheet.Amount, Sum: true}
}

// byteOrderMark makes spreadsheets read the file as UTF-8.
const byteOrderMark = "\ufeff"

// CSV writes the sessions of a note as they come (formats.md §5): semicolons,
// UTF-8 with a byte order mark, lines that end with CR LF, decimal points, the
// local times of each station. It keeps one line in memory.
func (r *Renderer) CSV(w io.Writer, n *creditnotes.Note, details iter.Seq2[creditnotes.Detail, error]) error {
	if err := writeSessions(n, details, newSessionCSV(w)); err != nil {
		return fmt.Errorf("session file of note %s: %w", nameOf(n), err)
	}
	return nil
}

// sessionWriter takes the sessions of a note one by one. The cells are those of
// columns and are kept by no one.
type sessionWriter interface {
	add(d *creditnotes.Detail, zone *time.Location, cells []string) error
	close() error
}

// writeSessions writes sessions to all writers in one pass.
func writeSessions(n *creditnotes.Note, details iter.Seq2[creditnotes.Detail, error], writers ...sessionWriter) error {
	zones := zoneCache{}
	cells := make([]string, 0, len(columns))
	for detail, err := range details {
		if err != nil {
			return err
		}
		zone, err := zones.load(detail.Path.Zone)
		if err != nil {
			return fmt.Errorf("session %s: %w", detail.Session.ExternalID, err)
		}
		cells = appendDetail(cells[:0], n, &detail, zone)
		for _, w := range writers {
			if err := w.add(&detail, zone, cells); err != nil {
				return err
			}
		}
	}
	for _, w := range writers {
		if err := w.close(); err != nil {
			return err
		}
	}
	return nil
}

// sessionCSV writes the session file as CSV.
type sessionCSV struct {
	buffered *bufio.Writer
	file     *csv.Writer
	row      []string
}

func newSessionCSV(w io.Writer) *sessionCSV {
	c := &sessionCSV{buffered: bufio.NewWriter(w), row: make([]string, len(columns))}
	_, _ = c.buffered.WriteString(byteOrderMark) // close reports errors
	c.file = csv.NewWriter(c.buffered)
	c.file.Comma, c.file.UseCRLF = ';', true
	for i := range columns {
		c.row[i] = columns[i].Name
	}
	_ = c.file.Write(c.row) // likewise
	return c
}

func (c *sessionCSV) add(_ *creditnotes.Detail, _ *time.Location, cells []string) error {
	for i, text := range cells {
		if columns[i].Kind == spreadsheet.Words {
			text = spreadsheet.Text(text)
		}
		c.row[i] = text
	}
	return c.file.Write(c.row)
}

func (c *sessionCSV) close() error {
	c.file.Flush()
	if err := c.file.Error(); err != nil {
		return err
	}
	return c.buffered.Flush()
}

// appendDetail appends the cells of one session. Energy and amounts are those
// of its line, so a reversal is negative.
func appendDetail(row []string, n *creditnotes.Note, d *creditnotes.Detail, zone *time.Location) []string {
	s, p, l := &d.Session, &d.Path, &d.Line
	amount, fee := driver(d)
	return append(row,
		n.Number, s.ExternalID, p.EVSEID, p.Station,
		strconv.Itoa(p.Connector), p.ConnectorType, d.Owner,
		s.Start.In(zone).Format(time.RFC3339), s.End.In(zone).Format(time.RFC3339),
		strconv.FormatInt(s.Duration, 10), l.Energy.String(),
		string(p.Class), s.Partner, sessions.MaskMedium(s.MediumUID),
		p.Rule, p.Tariff, p.CostRate, p.Discount.String(),
		l.NetEnergy.String(), l.NetTime.String(), l.NetFee.String(), d.Total().String(),
		n.Currency, string(d.Month), strconv.FormatBool(d.Late), d.CorrectionOf,
		p.UnitPriceKWh, p.UnitPriceHour,
		l.NetShare.String(), l.NetElectricityCost.String(), l.NetElectricityTax.String(), l.NetSessionFees.String(),
		amount, fee, instant(s.CollectedAt, zone), p.Contract,
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
