package tariffs

import (
	"cmp"
	"math"
	"slices"
	"time"

	"creditrun/internal/fault"
	"creditrun/internal/money"
)

// version is one version of a cost rate, compiled.
type version struct {
	*CostRate       // with its bands sorted; never changed
	from      int64 // Unix microseconds
	step      int64 // energy step in millionths of a kWh; 0: none
	own       priced
	recurring []recurring
	dated     []dated // in order of time
}

// priced is what Prices come down to.
type priced struct {
	*Prices
	energy    []band // bounds in millionths of a kWh
	time      []band // bounds in minutes
	fee       int64
	grace     int64 // seconds
	threshold int64 // millionths of a kWh
}

// band prices the units up to its bound; the last one has none.
type band struct{ upTo, price int64 }

type recurring struct {
	hours hours
	priced
}

type dated struct {
	from int64
	priced
}

// compileRate sorts and copies a valid cost rate.
func compileRate(source *CostRate) *version {
	rate := *source
	rate.Prices = InOrder(rate.Prices)
	rate.Schedule = slices.Clone(rate.Schedule)
	slices.SortStableFunc(rate.Schedule, func(a, b ScheduleEntry) int { return a.Starting.Compare(b.Starting) })
	v := &version{CostRate: &rate, from: since(rate.ValidFrom)}
	if rate.EnergyStepWh > 1 {
		v.step = wattHours(rate.EnergyStepWh)
	}
	v.own = compilePrices(&rate.Prices)
	for i := range rate.Schedule {
		entry := &rate.Schedule[i]
		entry.Prices = InOrder(entry.Prices)
		if entry.Starting.IsZero() {
			v.recurring = append(v.recurring, recurring{entry.Window.compile(), compilePrices(&entry.Prices)})
		} else {
			v.dated = append(v.dated, dated{since(entry.Starting), compilePrices(&entry.Prices)})
		}
	}
	return v
}

// InOrder copies prices with their bands in the order of their bounds, in which
// they apply (domain.md §4.2).
func InOrder(p Prices) Prices {
	p.Energy, p.Time = slices.Clone(p.Energy), slices.Clone(p.Time)
	slices.SortStableFunc(p.Energy, func(a, b EnergyBand) int { return cmp.Compare(a.UpToWh, b.UpToWh) })
	slices.SortStableFunc(p.Time, func(a, b TimeBand) int { return cmp.Compare(a.UpToMin, b.UpToMin) })
	if p.SessionFee != nil {
		fee := *p.SessionFee
		p.SessionFee = &fee
	}
	return p
}

func compilePrices(p *Prices) priced {
	c := priced{Prices: p}
	for _, b := range p.Energy {
		c.energy = append(c.energy, band{wattHours(b.UpToWh), int64(b.PerKWh)})
	}
	for _, b := range p.Time {
		c.time = append(c.time, band{b.UpToMin, int64(b.PerHour)})
	}
	open(c.energy)
	open(c.time)
	if f := p.SessionFee; f != nil {
		c.fee, c.grace, c.threshold = int64(f.Amount), f.GraceSeconds, wattHours(f.ThresholdWh)
	}
	return c
}

// open takes the bound off the last band.
func open(bands []band) {
	if len(bands) > 0 {
		bands[len(bands)-1].upTo = math.MaxInt64
	}
}

// wattHours returns watt-hours as a Quantity; what does not fit is beyond any
// session.
func wattHours(wh int64) int64 {
	if wh > math.MaxInt64/int64(money.PerWattHour) {
		return math.MaxInt64
	}
	return wh * int64(money.PerWattHour)
}

// inForce returns the prices in force at a session's start in the station's
// zone, and which entry of the schedule they are, from 1; 0 is the rate's own.
func (v *version) inForce(start int64, local *clock) (*priced, int) {
	if len(v.dated) > 0 {
		for i := len(v.dated) - 1; i >= 0; i-- {
			if v.dated[i].from <= start {
				return &v.dated[i].priced, i + 1
			}
		}
		return &v.own, 0
	}
	if len(v.recurring) > 0 {
		weekday, second := local.local(seconds(start))
		for i := range v.recurring {
			if v.recurring[i].hours.why(weekday, second) == won {
				return &v.recurring[i].priced, i + 1
			}
		}
	}
	return &v.own, 0
}

// seconds returns Unix microseconds as Unix seconds.
func seconds(micros int64) int64 {
	if s := micros / 1_000_000; micros%1_000_000 >= 0 {
		return s
	} else {
		return s - 1
	}
}

// at returns the index of the version in force, or -1.
func at(versions []*version, start int64) int {
	for i := len(versions) - 1; i >= 0; i-- {
		if versions[i].from <= start {
			return i
		}
	}
	return -1
}

// Rate returns the version of a cost rate that is in force at a moment. A key
// that is not there, or a moment before the first version, is a NotFound fault.
func (b *Book) Rate(key string, moment time.Time) (*CostRate, error) {
	versions, ok := b.rates[key]
	if !ok {
		return nil, fault.New(fault.NotFound, "rate_not_found", fault.Args{"rate": key})
	}
	i := at(versions, moment.UnixMicro())
	if i < 0 {
		return nil, fault.New(fault.NotFound, "rate_not_valid_yet",
			fault.Args{"rate": key, "from": versions[0].ValidFrom.Format(time.RFC3339)})
	}
	return versions[i].CostRate, nil
}
