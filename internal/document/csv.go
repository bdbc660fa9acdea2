package document

import (
	"bufio"
	"encoding/csv"
	"fmt"
	"io"
	"iter"
	"strconv"
	"strings"
	"time"

	"creditrun/creditnotes"
	"creditrun/internal/money"
	"creditrun/internal/sessions"
)

// columns is the head of the session file (formats.md §5).
var columns = []string{
	"document_number", "session_id", "evse_id", "station", "connector", "connector_type", "owner",
	"start", "end", "duration_s", "energy_kwh", "class", "partner", "medium",
	"price_source", "tariff", "cost_rate", "discount_percent",
	"net_energy", "net_time", "net_fee", "net_total", "currency", "month", "late", "correction_of",
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
	total := l.NetEnergy + l.NetTime + l.NetFee
	return append(row,
		guard(n.Number), guard(s.ExternalID), guard(p.EVSEID), guard(p.Station),
		strconv.Itoa(p.Connector), guard(p.ConnectorType), guard(d.Owner),
		s.Start.In(zone).Format(time.RFC3339), s.End.In(zone).Format(time.RFC3339),
		strconv.FormatInt(s.Duration, 10), l.Energy.String(),
		guard(string(p.Class)), guard(s.Partner), guard(sessions.MaskMedium(s.MediumUID)),
		guard(p.Rule), guard(p.Tariff), guard(p.CostRate), p.Discount.String(),
		l.NetEnergy.String(), l.NetTime.String(), l.NetFee.String(), total.String(),
		n.Currency, string(d.Month), strconv.FormatBool(d.Late), guard(d.CorrectionOf),
	)
}

// guard keeps a spreadsheet from taking a text for a formula: what begins like
// one and is no number gets an apostrophe in front.
func guard(cell string) string {
	if cell == "" || !strings.ContainsRune("=+-@\t\r\n", rune(cell[0])) {
		return cell
	}
	if _, err := money.Parse(cell, money.MicroDecimals); err == nil {
		return cell
	}
	return "'" + cell
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
