package intake

import (
	"bytes"
	"regexp"
	"strconv"
	"strings"
	"time"

	"creditrun/internal/money"
	"creditrun/internal/ocmf"
	"creditrun/internal/sessions"
)

// SourceCSV is the source of sessions from CSV files.
const SourceCSV = "csv"

// Indexes into columns.
const (
	colID = iota
	colEVSE
	colStart
	colEnd
	colEnergy
	colConnector
	colMedium
	colClass
	colPartner
	colStatus
	colDuration
	colMeterStart
	colMeterStop
	colDriverAmount
	colCurrency
	colCollectedAt
	colAuthMethod
	colDriverFee
	colUpdatedAt
	colSigned
)

// row is one record of a session file, seen through its columns.
type row struct {
	report
	columns []string
	at      []int // where each column is; -1: nowhere
	fields  [][]byte
	raw     []byte
	line    int
	shared  map[string]string // texts that many records have
}

// fail notes a fault of the record.
func (r *row) fail(field, expected, got string) {
	if r.faults == nil {
		r.record = string(r.raw)
	}
	r.add(r.line, field, expected, got)
}

// session reads the record. Its faults are collected in the row.
func (r *row) session() sessions.Session {
	s := sessions.Session{Source: SourceCSV, ExternalID: string(r.identifier(colID)), Connector: 1, Status: sessions.Valid}
	s.EVSEID = r.share(r.identifier(colEVSE))
	s.MediumUID = string(r.identifier(colMedium))
	s.AuthMethod = r.share(r.identifier(colAuthMethod))
	s.Start, s.End, s.UpdatedAt = r.instant(colStart), r.instant(colEnd), r.instant(colUpdatedAt)
	if energy, ok := r.number(colEnergy); ok {
		s.Energy = money.Quantity(energy)
	}
	r.need(requiredColumns)
	r.words(&s)
	r.counts(&s)
	r.meters(&s)
	r.driver(&s)
	if f := r.field(colSigned); len(f) > 0 {
		s.Signed = &sessions.Signed{Values: ocmf.ValuesOf(string(f))}
	}
	return s
}

// need notes which of the first columns are empty.
func (r *row) need(required int) {
	for i := range required {
		if len(r.field(i)) == 0 {
			r.fail(r.columns[i], "a value", nothing)
		}
	}
}

// field returns the text of a column; nil when the file does not have it.
func (r *row) field(column int) []byte {
	if i := r.at[column]; i >= 0 {
		return bytes.TrimSpace(r.fields[i])
	}
	return nil
}

func (r *row) identifier(column int) []byte {
	f := r.field(column)
	if len(f) > maxIdentifier || bytes.ContainsAny(f, "\n\r\t") {
		r.fail(r.columns[column], expIdentifier, string(f))
		return nil
	}
	if name := r.columns[column]; (name == "id" || name == "medium_uid") && shortenedNumber.Match(f) {
		r.fail(r.columns[column], expFullID, string(f))
	}
	return f
}

// shortenedNumber is how Excel writes a long number: its last digits are lost.
var shortenedNumber = regexp.MustCompile(`^[0-9](?:[.,][0-9]+)?[eE]\+[0-9]{1,3}$`)

// expFullID says how the digits are kept.
const expFullID = "all digits (Excel has shortened the number: open the original file by Data, From Text/CSV with this column as text, then save it)"

// share keeps one copy of a text that many records have.
func (r *row) share(f []byte) string {
	if s, ok := r.shared[string(f)]; ok {
		return s
	}
	s := string(f)
	if len(r.shared) < maxShared {
		r.shared[s] = s
	}
	return s
}

const maxShared = 10_000

func (r *row) instant(column int) time.Time {
	f := r.field(column)
	if len(f) == 0 {
		return time.Time{}
	}
	t, err := parseInstant(string(f))
	if err != nil {
		r.fail(r.columns[column], expOffset, string(f))
	}
	return t
}

// number reads a decimal; false when there is none.
func (r *row) number(column int) (int64, bool) {
	f := r.field(column)
	if len(f) == 0 {
		return 0, false
	}
	v, err := money.Parse(string(f), money.QuantityDecimals)
	if err != nil {
		expected := expDecimal6
		if decimalComma.Match(f) {
			expected = expPoint
		}
		r.fail(r.columns[column], expected, string(f))
	}
	return v, err == nil
}

var decimalComma = regexp.MustCompile(`^-?[0-9.]*,[0-9]+$`)

// expPoint says how decimals are written, and how Excel is made to write them
// so.
const expPoint = "a decimal with a point and at most 6 decimals, such as 12.345 (in Excel: Options, Advanced, decimal separator)"

var partnerSyntax = regexp.MustCompile(`^[A-Z]{2}\*[A-Z0-9]{3}$`)

func (r *row) words(s *sessions.Session) {
	switch f := r.field(colClass); sessions.Class(f) {
	case "":
	case sessions.Internal:
		s.Class = sessions.Internal
	case sessions.Bilateral:
		s.Class = sessions.Bilateral
	case sessions.Community:
		s.Class = sessions.Community
	default:
		r.fail(r.columns[colClass], "internal, bilateral, community or nothing", string(f))
	}
	switch f := r.field(colStatus); sessions.Status(f) {
	case "", sessions.Valid:
	case sessions.Invalid:
		s.Status = sessions.Invalid
	default:
		r.fail(r.columns[colStatus], "valid or invalid", string(f))
	}
	if f := r.field(colPartner); len(f) > 0 {
		if !partnerSyntax.Match(f) {
			r.fail(r.columns[colPartner], expPartner, string(f))
		}
		s.Partner = r.share(f)
	}
}

func (r *row) counts(s *sessions.Session) {
	if f := r.field(colConnector); len(f) > 0 {
		n, err := strconv.Atoi(string(f))
		if err != nil || n < 1 || n > maxConnector {
			r.fail(r.columns[colConnector], expConnector, string(f))
		}
		s.Connector = n
	}
	s.Duration = sessions.DurationOf(s.Start, s.End)
	if f := r.field(colDuration); len(f) > 0 {
		n, err := strconv.ParseInt(string(f), 10, 64)
		if err != nil || n < 0 || n > maxSeconds {
			r.fail(r.columns[colDuration], "whole seconds", string(f))
		}
		s.Duration = n
	}
}

// Bounds of what is counted: no EVSE has more connectors, and no session lasts
// longer than a century.
const (
	maxConnector = 9999
	maxSeconds   = 100 * 366 * 24 * 3600
	expConnector = "the number of a connector, from 1 on"
)

func (r *row) meters(s *sessions.Session) {
	if v, ok := r.number(colMeterStart); ok {
		s.MeterStart = new(money.Quantity(v))
	}
	if v, ok := r.number(colMeterStop); ok {
		s.MeterStop = new(money.Quantity(v))
	}
}

// driver reads what the driver was charged. A currency without an amount says
// nothing and is dropped.
func (r *row) driver(s *sessions.Session) {
	s.CollectedAt = r.instant(colCollectedAt)
	code := strings.TrimSpace(string(r.field(colCurrency)))
	if _, err := parseCurrency(code); code != "" && err != nil {
		r.fail(r.columns[colCurrency], expCurrency, code)
	}
	s.DriverAmount, s.DriverFee = r.amount(colDriverAmount), r.amount(colDriverFee)
	if s.DriverAmount == nil && s.DriverFee == nil {
		return
	}
	if s.Currency = r.share([]byte(code)); code == "" {
		r.fail(r.columns[colCurrency], expCurrency+" beside driver_amount and driver_fee", nothing)
	}
}

// amount reads a sum that is not negative; nil when there is none.
func (r *row) amount(column int) *money.Micros {
	v, ok := r.number(column)
	if !ok {
		return nil
	}
	if v < 0 {
		r.fail(r.columns[column], expNotNegative, string(r.field(column)))
	}
	return new(money.Micros(v))
}
