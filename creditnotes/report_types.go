package creditnotes

import (
	"time"

	"creditrun/entities"
	"creditrun/internal/money"
	"creditrun/internal/sessions"
	"creditrun/numbering"
)

// ReportTotals are the figures of a report. Driver amounts and shares have six
// decimals at most; what stands on documents has those of the currency.
type ReportTotals struct {
	Revenue            string         `json:"revenue"`
	RevenueLate        string         `json:"revenue_late"`
	Expenses           string         `json:"expenses"` // with top-ups
	TopUps             string         `json:"top_ups"`
	Collected          string         `json:"collected"` // driver amounts
	CollectedShare     string         `json:"collected_share"`
	Awaited            string         `json:"awaited"`
	AwaitedShare       string         `json:"awaited_share"`
	Unknown            int64          `json:"driver_amount_unknown"`
	NotFromDrivers     string         `json:"not_from_drivers"`
	Rounding           string         `json:"rounding"`
	CollectedPrevious  string         `json:"collected_previous"`
	PreviousShare      string         `json:"collected_previous_share"`
	PreviousSessions   int64          `json:"collected_previous_sessions"`
	AwaitedBefore      string         `json:"awaited_before"`
	AwaitedBeforeShare string         `json:"awaited_before_share"`
	Cancelled          string         `json:"awaited_cancelled"`
	CancelledShare     string         `json:"awaited_cancelled_share"`
	StillAwaited       string         `json:"still_awaited"`
	StillAwaitedShare  string         `json:"still_awaited_share"`
	Sessions           int64          `json:"sessions"`
	Energy             money.Quantity `json:"energy_kwh"`
	OwnCharging        money.Quantity `json:"own_charging_kwh"`
}

// ReportDocument is a document of the owner.
type ReportDocument struct {
	Number string                 `json:"number"` // empty: settled without a document
	Kind   numbering.DocumentType `json:"kind"`
	State  State                  `json:"state"`
	Date   entities.Date          `json:"date"`
	Net    string                 `json:"net"`
	Gross  string                 `json:"gross"`
	Shared bool                   `json:"shared,omitempty"` // with other owners

	net, gross money.Amount
}

// Amounted returns a document with its amounts.
func (d ReportDocument) Amounted(net, gross money.Amount, digits int) ReportDocument {
	d.net, d.gross, d.Net, d.Gross = net, gross, net.Format(digits), gross.Format(digits)
	return d
}

// ReportAccount is the account since the owner's last report.
type ReportAccount struct {
	Opening   string           `json:"opening"`
	Closing   string           `json:"closing"`
	Movements []ReportMovement `json:"movements"`
}

// ReportMovement is a movement of the account; positive is owed by the operator.
type ReportMovement struct {
	Booked    entities.Date `json:"booked"`
	Value     entities.Date `json:"value"`
	Kind      string        `json:"kind"`
	Reference string        `json:"reference"`
	Amount    string        `json:"amount"`
	Balance   string        `json:"balance"`

	Moved money.Amount `json:"-"`
	At    time.Time    `json:"-"` // when it was booked
}

// ReportTopUp is a top-up that the report lists.
type ReportTopUp struct {
	ID     string        `json:"id"`
	Date   entities.Date `json:"date"`
	User   string        `json:"user"`
	Amount string        `json:"amount"`
}

// OriginSum adds up the records of one origin and month.
type OriginSum struct {
	Kind    string         `json:"kind"` // revenue or expense
	Origin  string         `json:"origin"`
	Month   entities.Month `json:"month"`
	Records int64          `json:"records"`
	Net     money.Micros   `json:"net"`
}

// ReportSum is what sessions came to at a station or on a day.
type ReportSum struct {
	Name     string         `json:"name"`
	Sessions int64          `json:"sessions"`
	Energy   money.Quantity `json:"energy_kwh"`
	Net      money.Micros   `json:"net"`
}

// ReportHeld counts what waits for one reason.
type ReportHeld struct {
	Reason   sessions.Reason `json:"reason"`
	Sessions int64           `json:"sessions"`
	Energy   money.Quantity  `json:"energy_kwh"`
}

// ReportControl proves a report: records rounded per position against the net
// of the documents and carried sums, and the documents and top-ups against the
// movements that they are.
type ReportControl struct {
	Records   string `json:"records"`
	Documents string `json:"documents"`
	Movements string `json:"movements"`
	Balanced  bool   `json:"balanced"`
}

// ReportRecord is one record of a report (settlement.md §4).
type ReportRecord struct {
	ID            string         `json:"id"`
	Kind          string         `json:"kind"` // revenue or expense
	Origin        string         `json:"origin"`
	Month         entities.Month `json:"month"`
	Date          entities.Date  `json:"date"`
	Session       string         `json:"session,omitempty"`
	Station       string         `json:"station,omitempty"`
	EVSEID        string         `json:"evse_id,omitempty"`
	Connector     int            `json:"connector,omitempty"`
	User          string         `json:"user,omitempty"` // medium, masked
	Start         string         `json:"start,omitempty"`
	Duration      int64          `json:"duration_s,omitempty"`
	Energy        money.Quantity `json:"energy_kwh,omitempty"`
	Net           string         `json:"net"`
	Driver        *string        `json:"driver_amount,omitempty"`
	Share         string         `json:"owner_share,omitempty"`
	OperatorShare *string        `json:"operator_share,omitempty"`
	Electricity   string         `json:"electricity_cost,omitempty"`
	CollectedAt   *string        `json:"collected_at"`
	Collected     bool           `json:"collected"`
	Text          string         `json:"text,omitempty"`
	Document      string         `json:"document"`

	net money.Micros
}

// The kinds of records.
const (
	RecordRevenue = "revenue"
	RecordExpense = "expense"
)
