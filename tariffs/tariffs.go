// Package tariffs decides what the owner of a station is paid for a session,
// and why. It computes and never reads: no database, no clock, no files.
package tariffs

import (
	"time"

	"creditrun/entities"
	"creditrun/internal/money"
)

// CostRate is one version of a price construct (domain.md §4). All prices are
// net and in one currency. A change makes a new version; a version in use is
// never changed.
type CostRate struct {
	Key       string    `json:"key"`
	Version   int       `json:"version"`
	ValidFrom time.Time `json:"valid_from,omitzero"` // zero: since ever
	Currency  string    `json:"currency"`
	// EnergyStepWh rounds the energy up to the next step when greater than 1.
	EnergyStepWh int64 `json:"energy_step_wh,omitempty"`
	Prices
	Schedule []ScheduleEntry `json:"schedule,omitempty"`
}

// Prices are the parts of a cost rate that a schedule entry replaces as a
// whole. Each part is optional.
type Prices struct {
	Energy     []EnergyBand `json:"energy,omitempty"`
	Time       []TimeBand   `json:"time,omitempty"`
	SessionFee *SessionFee  `json:"session_fee,omitempty"`
}

// EnergyBand prices the energy above the previous band's bound up to its own,
// inclusive. The last band is open whatever its bound says.
type EnergyBand struct {
	UpToWh int64      `json:"up_to_wh"`
	PerKWh money.Rate `json:"per_kwh"`
}

// TimeBand prices the minutes above the previous band's bound up to its own,
// inclusive. The last band is open whatever its bound says.
type TimeBand struct {
	UpToMin int64      `json:"up_to_min"`
	PerHour money.Rate `json:"per_hour"`
}

// SessionFee is charged once when the session lasts longer than GraceSeconds
// and takes at least ThresholdWh.
type SessionFee struct {
	Amount       money.Rate `json:"amount"` // per session
	GraceSeconds int64      `json:"grace_s"`
	ThresholdWh  int64      `json:"threshold_wh"`
}

// ScheduleEntry replaces the prices of its cost rate while it is in force at
// the start of a session in the station's zone: in a recurring window
// (Weekdays, From, To), or from the instant Starting until the next entry.
type ScheduleEntry struct {
	Window
	Starting time.Time `json:"starting,omitzero"`
	Prices
}

// Window is a recurring time of the week. A window that wraps midnight belongs
// to the weekday on which it begins. From equal to To is the whole day.
type Window struct {
	Weekdays []int     `json:"weekdays,omitempty"` // 1 = Monday … 7; empty: every day
	From     ClockTime `json:"from,omitempty"`
	To       ClockTime `json:"to,omitempty"`
}

// IsZero reports whether the window is not set.
func (w Window) IsZero() bool { return len(w.Weekdays) == 0 && w.From == "" && w.To == "" }

// ClockTime is a local time of day, written 22:00; 24:00 is the day's end.
type ClockTime string

// CommunityTariff is a network-wide tariff the owner chose at a connector. Its
// purchase price is the payout before the discount.
type CommunityTariff struct {
	Key      string
	Name     string
	Versions []CommunityVersion // sorted by From
	Until    entities.Date      // the last day from which it can be assigned; empty: it has no end
}

// CommunityVersion names the cost rate that is the purchase price from a
// moment on (in the station's zone).
type CommunityVersion struct {
	From     entities.Moment `json:"from"`
	Purchase string          `json:"purchase"` // cost rate key
}

// ChargePointTariff says at a connector when which cost rate applies.
type ChargePointTariff struct {
	Key      string
	Name     string
	Purchase []Condition
	Sales    []Condition
	Until    entities.Date // as of a COMMUNITY tariff
}

// SalesTariff is what the driver pays with a medium.
type SalesTariff struct {
	Key   string
	Name  string
	Sales []Condition
	Until entities.Date // as of a COMMUNITY tariff
}

// Condition is filters + cost rate + validity. It wins over another one by the
// order of domain.md §5.
type Condition struct {
	Rate string          `json:"rate"` // cost rate key
	From entities.Moment `json:"from"`
	To   entities.Moment `json:"to,omitzero"`
	When Filter          `json:"when,omitzero"`
	// Position decides between otherwise equal conditions: the lower one wins,
	// and one with a position wins over one without (0).
	Position int `json:"position,omitempty"`
}

// Filter narrows a condition. All that is set must match; an empty filter
// matches everything.
type Filter struct {
	EVSEID           string             `json:"evse_id,omitempty"`
	Station          string             `json:"station,omitempty"`
	ConnectorType    string             `json:"connector_type,omitempty"`
	PowerType        entities.PowerType `json:"power_type,omitempty"`
	OperatingCompany string             `json:"operating_company,omitempty"` // entity key
	Window
}

// IsZero reports whether nothing is filtered. It stands here although Window has
// one too, which would otherwise speak for the whole filter.
func (f Filter) IsZero() bool {
	return f.EVSEID == "" && f.Station == "" && f.ConnectorType == "" && f.PowerType == "" && f.OperatingCompany == "" && f.Window.IsZero()
}

// Config is everything priced by: what an administrator or a network file set.
type Config struct {
	CostRates   []CostRate // every version
	Community   []CommunityTariff
	ChargePoint []ChargePointTariff
	Sales       []SalesTariff
}
