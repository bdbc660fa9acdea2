package intake

import (
	"slices"
	"time"

	"creditrun/entities"
	"creditrun/tariffs"
)

// CostRate is one version of a price construct. All prices are net.
type CostRate struct {
	Key          string `json:"key,omitempty" file:"word,required" doc:"stable; that of the address when left out"`
	ValidFrom    string `json:"valid_from,omitempty" file:"since" example:"2026-01-01T00:00:00+01:00"`
	Currency     string `json:"currency" file:"currency" example:"EUR"`
	EnergyStepWh int64  `json:"energy_step_wh,omitempty" minimum:"0"`
	Prices
	Schedule []ScheduleEntry `json:"schedule,omitempty" nullable:"false"`
}

// Prices are the parts of a price construct.
type Prices struct {
	Energy     []EnergyBand `json:"energy,omitempty" nullable:"false"`
	Time       []TimeBand   `json:"time,omitempty" nullable:"false"`
	SessionFee *SessionFee  `json:"session_fee,omitempty"`
}

// EnergyBand prices energy up to a bound; the last band is open.
type EnergyBand struct {
	UpToWh int64  `json:"up_to_wh"`
	PerKWh string `json:"per_kwh" file:"rate" example:"0.35"`
}

// TimeBand prices time up to a bound; the last band is open.
type TimeBand struct {
	UpToMin int64  `json:"up_to_min"`
	PerHour string `json:"per_hour" file:"rate" example:"7.20"`
}

// SessionFee is charged once for a session.
type SessionFee struct {
	Amount       string `json:"amount" file:"rate" example:"1.30"`
	GraceSeconds int64  `json:"grace_s,omitempty"`
	ThresholdWh  int64  `json:"threshold_wh,omitempty"`
}

// check gives a day its midnight in the operator's zone. A key may occur
// several times with different beginnings.
func (r *CostRate) check(in *mapping) {
	if day, err := entities.ParseDate(r.ValidFrom); err == nil {
		text, err := keepInstant(day.In(in.d.zone).UTC().Format(time.RFC3339))
		if err != nil {
			in.d.add(in.fields["valid_from"].Line, in.at("valid_from"), expMoment, r.ValidFrom)
		}
		r.ValidFrom = text
	}
	in.unique("key", r.Key+" "+r.ValidFrom, r.Key)
}

// CostRatesOf returns what makes of a version of a cost rate the record in the
// network file, with times in a zone.
func CostRatesOf(zone *time.Location) func(*tariffs.CostRate) CostRate {
	return func(r *tariffs.CostRate) CostRate { return recordIn[CostRate](r, zone) }
}

// ScheduleEntry replaces the prices of a cost rate while it is in force.
type ScheduleEntry struct {
	Window
	Starting string `json:"starting,omitempty" file:"instant" example:"2026-12-24T00:00:00+01:00"`
	Prices
}

func (e *ScheduleEntry) check(in *mapping) {
	e.Window.check(in)
	hasWindow := in.has("weekdays") || in.has("from") || in.has("to")
	if starting := in.has("starting"); in.line > 0 && starting == hasWindow {
		got := "neither"
		if starting {
			got = "both"
		}
		in.d.add(in.line, in.path, "either starting, or weekdays and from/to", got)
	}
}

// Window is a recurring time. Weekdays may stand without times; from and to
// only together.
type Window struct {
	Weekdays []int             `json:"weekdays,omitempty" file:"weekday" nullable:"false" doc:"1 is Monday"`
	From     tariffs.ClockTime `json:"from,omitempty" file:"clock" example:"22:00"`
	To       tariffs.ClockTime `json:"to,omitempty" file:"closing" example:"06:00"`
}

func (w *Window) check(in *mapping) {
	if in.has("from") != in.has("to") {
		in.d.add(in.line, in.path, "from and to together", "one of them")
	}
	sorted := slices.Sorted(slices.Values(w.Weekdays))
	if len(slices.Compact(sorted)) != len(w.Weekdays) {
		in.d.add(in.line, in.at("weekdays"), "every weekday once", "one twice")
	}
}

// CommunityTariff is a network-wide tariff that owners choose at connectors.
type CommunityTariff struct {
	Key      string             `json:"key,omitempty" file:"word,key,required" doc:"stable; that of the address when left out"`
	Name     string             `json:"name"`
	Versions []CommunityVersion `json:"versions" nullable:"false"`
	Until    entities.Date      `json:"until,omitempty" file:"date" example:"2027-12-31" doc:"the last day on which an assignment of it can begin; it has no end when left out"`
}

// CommunityVersion names the purchase price from a moment on.
type CommunityVersion struct {
	From     entities.Moment `json:"from,omitempty" file:"moment" example:"2026-01-01"`
	Purchase string          `json:"purchase" file:"word" doc:"key of a cost rate"`
}

func (t *CommunityTariff) domain() tariffs.CommunityTariff {
	out := domainOf[tariffs.CommunityTariff](t)
	slices.SortStableFunc(out.Versions, func(a, b tariffs.CommunityVersion) int {
		return a.From.In(time.UTC).Compare(b.From.In(time.UTC))
	})
	return out
}

// ChargePointTariff says at a connector when which cost rate applies.
type ChargePointTariff struct {
	Key      string        `json:"key,omitempty" file:"word,key,required" doc:"stable; that of the address when left out"`
	Name     string        `json:"name"`
	Purchase []Condition   `json:"purchase,omitempty" nullable:"false"`
	Sales    []Condition   `json:"sales,omitempty" nullable:"false"`
	Until    entities.Date `json:"until,omitempty" file:"date" example:"2027-12-31" doc:"the last day on which an assignment of it can begin; it has no end when left out"`
}

// SalesTariff is what the driver pays with a medium.
type SalesTariff struct {
	Key   string        `json:"key,omitempty" file:"word,key,required" doc:"stable; that of the address when left out"`
	Name  string        `json:"name"`
	Sales []Condition   `json:"sales,omitempty" nullable:"false"`
	Until entities.Date `json:"until,omitempty" file:"date" example:"2027-12-31" doc:"the last day on which an assignment of it can begin; it has no end when left out"`
}

// Condition is a cost rate with filters and validity.
type Condition struct {
	Rate     string          `json:"rate" file:"word" doc:"key of a cost rate"`
	From     entities.Moment `json:"from,omitempty" file:"moment" example:"2026-01-01"`
	To       entities.Moment `json:"to,omitempty" file:"moment" example:"2027-01-01"`
	When     *Filter         `json:"when,omitempty"`
	Position int64           `json:"position,omitempty" minimum:"0"`
}

func (c *Condition) check(in *mapping) { in.interval(c.From, c.To, time.UTC) }

// Filter narrows a condition; all that is set must match.
type Filter struct {
	EVSEID           string             `json:"evse_id,omitempty" file:"word"`
	Station          string             `json:"station,omitempty" file:"word"`
	ConnectorType    string             `json:"connector_type,omitempty" file:"capitals"`
	PowerType        entities.PowerType `json:"power_type,omitempty" enum:"AC,DC"`
	OperatingCompany string             `json:"operating_company,omitempty" file:"word"`
	Window
}
