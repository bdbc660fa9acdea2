package intake

import (
	"bytes"
	"encoding/json"
	"errors"
	"reflect"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"creditrun/internal/money"
	"creditrun/internal/sessions"
)

// SourceOCPI is the source of sessions from OCPI CDRs.
const SourceOCPI = "ocpi"

// cdr is what we read of an OCPI CDR. Other fields are left alone: it is a
// foreign standard.
type cdr struct {
	CountryCode string `json:"country_code"`
	PartyID     string `json:"party_id"`
	ID          string `json:"id"`
	Start       string `json:"start_date_time"`
	End         string `json:"end_date_time"`
	Token       struct {
		CountryCode string `json:"country_code"`
		PartyID     string `json:"party_id"`
		UID         string `json:"uid"`
	} `json:"cdr_token"`
	Location struct {
		EVSEID      string          `json:"evse_id"`
		ConnectorID json.RawMessage `json:"connector_id"`
	} `json:"cdr_location"`
	AuthMethod string      `json:"auth_method"`
	Currency   string      `json:"currency"`
	Energy     json.Number `json:"total_energy"`
	Time       json.Number `json:"total_time"`
	Cost       price       `json:"total_cost"`
	FixedCost  price       `json:"total_fixed_cost"`

	Credit          bool            `json:"credit"`
	CreditReference string          `json:"credit_reference_id"`
	Updated         string          `json:"last_updated"`
	Signed          json.RawMessage `json:"signed_data"`
}

// price is a sum without tax.
type price struct {
	ExclVAT     json.Number `json:"excl_vat"`     // 2.2.1
	BeforeTaxes json.Number `json:"before_taxes"` // 2.3.0
}

// ParseCDR reads one OCPI CDR, as it is pushed or in a file. A credit CDR
// becomes the reversal of the session that it names. The name stands for the
// file in faults.
func ParseCDR(name string, raw []byte) (sessions.Session, error) {
	if len(raw) > maxCDR {
		rep := report{file: name}
		rep.add(1, "", "a CDR", errTooLarge.Error())
		return sessions.Session{}, rep.err()
	}
	return parseCDR(name, 1, bytes.TrimSpace(raw))
}

func parseCDR(name string, line int, raw []byte) (sessions.Session, error) {
	p := &cdrParser{report: report{file: name, record: string(raw)}, line: line}
	if !utf8.Valid(raw) {
		p.fail("", "UTF-8", "other bytes")
		return sessions.Session{}, p.err()
	}
	if len(raw) == 0 || raw[0] != '{' {
		p.fail("", "a CDR, which is a JSON object", string(raw))
		return sessions.Session{}, p.err()
	}
	if older(raw) {
		p.fail("", "a CDR of OCPI 2.2.1 or 2.3.0; CDRs of 2.1.1 lack what is needed here, so have the sender use a later version", "a CDR of OCPI 2.1.1")
		return sessions.Session{}, p.err()
	}
	var c cdr
	if err := json.Unmarshal(raw, &c); err != nil {
		p.unmarshalled(err)
		return sessions.Session{}, p.err()
	}
	if c.CountryCode+c.PartyID+c.ID == "" {
		p.fail("", "a CDR with country_code, party_id and id", "none of them")
		return sessions.Session{}, p.err()
	}
	s := p.session(&c)
	if err := p.err(); err != nil {
		return sessions.Session{}, err
	}
	return s, nil
}

// older reports whether a CDR is one of OCPI 2.1.1, which has other names for
// the end, the place and the medium.
func older(raw []byte) bool {
	var c struct {
		Stop     json.RawMessage `json:"stop_date_time"`
		AuthID   json.RawMessage `json:"auth_id"`
		Location json.RawMessage `json:"location"`
		Place    json.RawMessage `json:"cdr_location"`
		Token    json.RawMessage `json:"cdr_token"`
	}
	if !bytes.Contains(raw, []byte(`"stop_date_time"`)) && !bytes.Contains(raw, []byte(`"auth_id"`)) || json.Unmarshal(raw, &c) != nil {
		return false
	}
	return c.Place == nil && c.Token == nil && (c.Stop != nil || c.AuthID != nil && c.Location != nil)
}

// cdrParser turns a CDR into a session and collects what is wrong with it.
type cdrParser struct {
	report
	line    int
	rounded bool
}

func (p *cdrParser) fail(field, expected, got string) { p.add(p.line, field, expected, got) }

// unmarshalled reports a value of the wrong kind.
func (p *cdrParser) unmarshalled(err error) {
	var kind *json.UnmarshalTypeError
	if !errors.As(err, &kind) {
		p.fail("", "a CDR in JSON", err.Error())
		return
	}
	expected := expText
	switch {
	case kind.Type == reflect.TypeFor[json.Number]():
		expected = "a number"
	case kind.Type.Kind() == reflect.Struct:
		expected = "an object"
	case kind.Type.Kind() == reflect.Bool:
		expected = "true or false"
	}
	p.fail(kind.Field, expected, kind.Value)
}

func (p *cdrParser) session(c *cdr) sessions.Session {
	party := p.party("country_code", "party_id", c.CountryCode, c.PartyID)
	if party == "" {
		p.fail("country_code", "country_code and party_id", nothing)
	}
	s := sessions.Session{
		Source: SourceOCPI, Status: sessions.Valid, Reversed: c.Credit,
		ExternalID: party + "*" + p.text("id", c.ID, true),
		EVSEID:     p.text("cdr_location.evse_id", c.Location.EVSEID, true),
		MediumUID:  p.text("cdr_token.uid", c.Token.UID, true),
		AuthMethod: p.text("auth_method", c.AuthMethod, false),
		Start:      p.instant("start_date_time", c.Start),
		End:        p.instant("end_date_time", c.End),
		UpdatedAt:  p.changed(c.Updated),
		Energy:     money.Quantity(p.decimal("total_energy", c.Energy, true)),
	}
	if c.Credit {
		s.ExternalID = party + "*" + p.text("credit_reference_id", c.CreditReference, true)
	}
	if token := p.party("cdr_token.country_code", "cdr_token.party_id", c.Token.CountryCode, c.Token.PartyID); token != party {
		s.Partner = token
	}
	s.Connector, s.OCPIConnector = p.connector(c.Location.ConnectorID)
	p.duration(c, &s)
	p.costs(c, &s)
	s.Rounded, s.Signed = p.rounded, signedOf(c)
	return s
}

// party names a party as sessions do: DE*ABC; empty when none is stated.
func (p *cdrParser) party(countryField, partyField, country, id string) string {
	if country == "" && id == "" {
		return ""
	}
	country, id = strings.ToUpper(country), strings.ToUpper(id)
	if _, err := parseCountry(country); err != nil {
		p.fail(countryField, expCountry, country)
	}
	if !partySyntax.MatchString(id) {
		p.fail(partyField, expParty, id)
	}
	return country + "*" + id
}

func (p *cdrParser) text(field, s string, required bool) string {
	s = strings.TrimSpace(s)
	switch {
	case s == "" && required:
		p.fail(field, "a value", nothing)
	case len(s) > maxIdentifier || strings.ContainsAny(s, "\n\r\t") || !clean([]byte(s)):
		p.fail(field, expIdentifier, s)
	}
	return s
}

// maxConnectorID is how long a connector id is at most (OCPI: CiString(36)).
const maxConnectorID = 36

// connector reads the connector id: any text. Where it is a number of the kind
// that network files give, it is that number, too.
func (p *cdrParser) connector(raw json.RawMessage) (number int, id string) {
	const field, expected = "cdr_location.connector_id", "the id of a connector, text of at most 36 characters"
	switch {
	case len(raw) > 0 && raw[0] == '"':
		if json.Unmarshal(raw, &id) != nil {
			p.fail(field, expected, string(raw))
		}
	case len(raw) > 0 && (raw[0] == '-' || raw[0] >= '0' && raw[0] <= '9'):
		id = string(raw) // some send it as a number
	case len(raw) > 0 && string(raw) != "null":
		p.fail(field, expected, string(raw))
		return 0, ""
	}
	id = strings.TrimSpace(id)
	if id == "" || utf8.RuneCountInString(id) > maxConnectorID || strings.ContainsAny(id, "\n\r\t") || !clean([]byte(id)) {
		p.fail(field, expected, id)
		return 0, ""
	}
	if n, err := strconv.Atoi(id); err == nil && n >= 1 && n <= maxConnector && id[0] != '+' {
		return n, id
	}
	return 0, id
}

// changed reads when the source last changed the CDR; some leave it out.
func (p *cdrParser) changed(s string) time.Time {
	if s == "" {
		return time.Time{}
	}
	return p.instant("last_updated", s)
}

// instant reads an OCPI time; without an offset it is UTC.
func (p *cdrParser) instant(field, s string) time.Time {
	t, err := parseInstant(s)
	if err != nil {
		t, err = parseInstant(s + "Z")
	}
	if err != nil {
		p.fail(field, expInstant, s)
	}
	return t
}

// decimal reads a number of OCPI. Programs that compute in binary fractions
// write digits beyond those that are meant, so it is rounded, half away from
// zero.
func (p *cdrParser) decimal(field string, n json.Number, required bool) int64 {
	if n == "" {
		if required {
			p.fail(field, expDecimal6, nothing)
		}
		return 0
	}
	v, off, err := rounded(withoutExponent(string(n)))
	if err != nil {
		p.fail(field, expDecimal6, string(n))
	}
	p.rounded = p.rounded || off
	return v
}

// noiseDigits is how many decimals of a number are taken for what was meant:
// what a binary fraction adds lies beyond.
const noiseDigits = 9

// rounded reads a decimal of any length and rounds it to six decimals, half
// away from zero. off says that more was lost than the noise of a binary
// fraction: the number differs from what is kept in its first nine decimals.
func rounded(s string) (v int64, off bool, err error) {
	whole, fraction, _ := strings.Cut(s, ".")
	if len(fraction) <= money.QuantityDecimals {
		v, err = money.Parse(s, money.QuantityDecimals)
		return v, false, err
	}
	if strings.Trim(fraction, "0123456789") != "" {
		return 0, false, money.ErrNotDecimal
	}
	v, err = money.Parse(whole+"."+fraction[:money.QuantityDecimals], money.QuantityDecimals)
	if err != nil {
		return 0, false, err
	}
	rest := fraction[money.QuantityDecimals:]
	if rest[0] >= '5' {
		if strings.HasPrefix(whole, "-") {
			v--
		} else {
			v++
		}
	}
	// The digits up to the ninth decimal, rounded by the next one.
	lost, err := strconv.Atoi((rest + "0000")[:noiseDigits-money.QuantityDecimals+1])
	if err != nil {
		return 0, false, err
	}
	lost = (lost + 5) / 10
	return v, lost != 0 && lost != 1000, nil
}

// duration takes the total time, or the time between start and end where none
// is stated. Where the end lies before the start the session lasts 0 seconds
// whatever is stated.
func (p *cdrParser) duration(c *cdr, s *sessions.Session) {
	s.Duration = sessions.DurationOf(s.Start, s.End)
	if c.Time == "" || s.End.Before(s.Start) {
		return
	}
	seconds, err := secondsOf(string(c.Time))
	if err != nil {
		p.fail("total_time", "hours, not negative", string(c.Time))
	}
	s.Duration = seconds
}

// costs takes what the driver was charged, and the fixed part of it, net. Only
// a credit CDR gives anything back.
func (p *cdrParser) costs(c *cdr, s *sessions.Session) {
	s.DriverAmount = p.cost("total_cost", c.Cost)
	s.DriverFee = p.cost("total_fixed_cost", c.FixedCost)
	if s.DriverAmount == nil && s.DriverFee == nil {
		return
	}
	if !c.Credit {
		p.notNegative("total_cost", s.DriverAmount)
		p.notNegative("total_fixed_cost", s.DriverFee)
	}
	code, err := parseCurrency(strings.ToUpper(c.Currency))
	if err != nil {
		p.fail("currency", expCurrency, c.Currency)
	}
	s.Currency = code
}

func (p *cdrParser) notNegative(field string, amount *money.Micros) {
	if amount != nil && *amount < 0 {
		p.fail(field, expNotNegative+"; only a credit CDR gives back", amount.String())
	}
}

func (p *cdrParser) cost(field string, c price) *money.Micros {
	switch {
	case c.ExclVAT != "":
		return new(money.Micros(p.decimal(field+".excl_vat", c.ExclVAT, true)))
	case c.BeforeTaxes != "":
		return new(money.Micros(p.decimal(field+".before_taxes", c.BeforeTaxes, true)))
	}
	return nil
}

// secondsOf turns decimal hours into seconds, rounded to the nearest. Digits
// after the ninth, which stand for microseconds, are not looked at.
func secondsOf(hours string) (int64, error) {
	const decimals, scale = 9, 1_000_000_000
	hours = withoutExponent(hours)
	if dot := strings.IndexByte(hours, '.'); dot >= 0 && len(hours) > dot+1+decimals {
		hours = hours[:dot+1+decimals]
	}
	v, err := money.Parse(hours, decimals)
	if err != nil {
		return 0, err
	}
	if v < 0 || v > maxSeconds/3600*scale {
		return 0, money.ErrOutOfBounds
	}
	return (v*3600 + scale/2) / scale, nil
}

// withoutExponent writes a JSON number such as 1.5E-3 as a plain decimal. What
// it cannot it returns as it is.
func withoutExponent(n string) string {
	at := strings.IndexAny(n, "eE")
	if at < 0 {
		return n
	}
	shift, err := strconv.Atoi(n[at+1:])
	if err == nil && shift < -30 && at <= 20 {
		return "0" // beyond all decimals
	}
	if err != nil || shift < -30 || shift > 30 || at > 40 {
		return n
	}
	digits, negative := strings.CutPrefix(n[:at], "-")
	whole, fraction, _ := strings.Cut(digits, ".")
	fraction = strings.TrimRight(fraction, "0")
	point := len(whole) + shift
	digits = whole + fraction
	if point < 1 {
		digits, point = strings.Repeat("0", 1-point)+digits, 1
	}
	if point >= len(digits) {
		digits += strings.Repeat("0", point-len(digits))
	} else {
		digits = digits[:point] + "." + digits[point:]
	}
	if negative {
		digits = "-" + digits
	}
	return digits
}
