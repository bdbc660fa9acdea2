package ocmf

import (
	"strings"
	"time"

	"creditrun/internal/money"
)

// Reading is one value of a record.
type Reading struct {
	Transaction string    // B begins, E ends; others in the standard
	At          time.Time // zero: not stated as the standard says
	Clock       string    // U: not synchronised, I: informative, S: synchronised, R: relative
	OBIS        string    // of the register
	Value       string    // as stated
	Unit        string
	Energy      *money.Quantity // nil: no energy in kWh or Wh, or with more decimals than are kept
	Status      string          // G: good
	Errors      string          // E: energy, t: time
}

// readingJSON is a reading as it is written. What is left out is that of the
// reading before.
type readingJSON struct {
	Time        *scalar `json:"TM"`
	Transaction *scalar `json:"TX"`
	Value       *scalar `json:"RV"`
	OBIS        *scalar `json:"RI"`
	Unit        *scalar `json:"RU"`
	Status      *scalar `json:"ST"`
	Errors      *scalar `json:"EF"`
}

func readingsOf(written []readingJSON) []Reading {
	var before readingJSON
	list := make([]Reading, len(written))
	for i := range written {
		r := &written[i]
		inherit(&r.Time, before.Time)
		inherit(&r.Transaction, before.Transaction)
		inherit(&r.OBIS, before.OBIS)
		inherit(&r.Unit, before.Unit)
		inherit(&r.Status, before.Status)
		inherit(&r.Errors, before.Errors)
		before = *r
		list[i] = r.reading()
	}
	return list
}

func inherit(field **scalar, before *scalar) {
	if *field == nil {
		*field = before
	}
}

func (s *scalar) text() string {
	if s == nil {
		return ""
	}
	return string(*s)
}

func (r *readingJSON) reading() Reading {
	out := Reading{
		Transaction: r.Transaction.text(), OBIS: r.OBIS.text(), Value: strings.TrimSpace(r.Value.text()),
		Unit: r.Unit.text(), Status: r.Status.text(), Errors: r.Errors.text(),
	}
	at, clock, _ := strings.Cut(strings.TrimSpace(r.Time.text()), " ")
	out.Clock = strings.TrimSpace(clock)
	if t, err := time.Parse("2006-01-02T15:04:05-0700", at); err == nil { // reads a fraction of the second, too
		out.At = t
	}
	out.Energy = energyOf(out.Value, out.Unit)
	return out
}

// energyOf reads an energy exactly, and zeros in front as meters write them.
func energyOf(value, unit string) *money.Quantity {
	decimals := money.QuantityDecimals
	switch strings.ToLower(unit) {
	case "kwh":
	case "wh":
		decimals -= 3 // thousandths of a Wh are millionths of a kWh
	default:
		return nil
	}
	whole, fraction, _ := strings.Cut(value, ".")
	sign, whole := cutSign(whole)
	whole = strings.TrimLeft(whole, "0")
	if whole == "" {
		whole = "0"
	}
	text := sign + whole
	if fraction = strings.TrimRight(fraction, "0"); fraction != "" {
		text += "." + fraction
	}
	v, err := money.Parse(text, decimals)
	if err != nil {
		return nil
	}
	return new(money.Quantity(v))
}

func cutSign(s string) (sign, rest string) {
	if rest, ok := strings.CutPrefix(s, "-"); ok {
		return "-", rest
	}
	return "", s
}

// imports reports whether the reading is of a register that counts what was
// taken from the grid. Registers of what was fed back (2.8, C0 … C3) and of
// operating hours and the like (98) are no consumption.
func (r *Reading) imports() bool {
	_, register, found := strings.Cut(r.OBIS, ":")
	if !found {
		register = r.OBIS
	}
	quantity, _, _ := strings.Cut(register, ".")
	switch strings.ToUpper(strings.TrimLeft(quantity, "0")) {
	case "2", "98", "C0", "C1", "C2", "C3":
		return false
	}
	return true
}

// ends reports whether the reading ends a charge: orderly, by the station, from
// afar, aborted or by a power failure.
func (r *Reading) ends() bool { return r.Transaction != "" && strings.Contains("ELRAP", r.Transaction) }

// Charge is what the records of one session say together.
type Charge struct {
	Begin, End time.Time
	From, To   money.Quantity // of the register
}

// Energy is what was charged; less than zero where the register went back.
func (c *Charge) Energy() money.Quantity { return c.To - c.From }

// ChargeOf finds the first reading that begins and the first that ends a charge
// in the same register of consumption; false when there is no such pair.
func ChargeOf(records []*Record) (Charge, bool) {
	var begin *Reading
	for _, record := range records {
		for i := range record.Readings {
			r := &record.Readings[i]
			if r.Energy == nil || !r.imports() {
				continue
			}
			switch {
			case begin == nil && r.Transaction == "B":
				begin = r
			case begin != nil && r.OBIS == begin.OBIS && r.ends():
				return Charge{begin.At, r.At, *begin.Energy, *r.Energy}, true
			}
		}
	}
	return Charge{}, false
}

// Doubt is what a meter itself says against its values.
type Doubt string

// The doubts.
const (
	NotGood     Doubt = "status_not_good"
	HasErrors   Doubt = "errors_set"
	ClockUnset  Doubt = "clock_not_synchronised"
	NoPair      Doubt = "no_pair" // of readings that begin and end a charge
	WentBack    Doubt = "went_back"
	OtherMeters Doubt = "other_meters" // records of several meters
)

// Doubts lists what the records say against their values.
func Doubts(records []*Record) []Doubt {
	found := map[Doubt]bool{}
	for _, record := range records {
		if record.MeterSerial != records[0].MeterSerial {
			found[OtherMeters] = true
		}
		for i := range record.Readings {
			r := &record.Readings[i]
			found[NotGood] = found[NotGood] || r.Status != "" && r.Status != "G"
			found[HasErrors] = found[HasErrors] || r.Errors != ""
			found[ClockUnset] = found[ClockUnset] || r.Clock == "U"
		}
	}
	charge, ok := ChargeOf(records)
	found[NoPair], found[WentBack] = !ok, ok && charge.Energy() < 0
	var list []Doubt
	for _, doubt := range []Doubt{NotGood, HasErrors, ClockUnset, NoPair, WentBack, OtherMeters} {
		if found[doubt] {
			list = append(list, doubt)
		}
	}
	return list
}
