package creditnotes

import (
	"time"

	"creditrun/entities"
	"creditrun/internal/sessions"
)

// RecordJSON is a revenue or expense record in JSON. Amounts have 6 decimals,
// times the operator's offset, and the medium its last four characters.
type RecordJSON struct {
	ID              string          `json:"id"`
	Kind            RecordDirection `json:"kind" enum:"revenue,expense"`
	Origin          Origin          `json:"origin" enum:"session,electricity_cost_reimbursement,electricity_tax_reimbursement,minimum_guarantee,volume_bonus,custom,platform_fee,own_charging,top_up"`
	Owner           string          `json:"owner"`
	Date            entities.Date   `json:"date"`
	Month           entities.Month  `json:"month"`
	Currency        string          `json:"currency"`
	Net             string          `json:"net"`
	Collected       Collected       `json:"collected,omitempty" enum:"collected,awaited" doc:"none: the record is of no session, or of own charging"`
	Contract        string          `json:"contract,omitempty"`
	Text            string          `json:"text,omitempty" doc:"of a custom record; of a top-up whose balance it is"`
	Session         string          `json:"session,omitempty" doc:"its external id"`
	Source          string          `json:"source,omitempty" doc:"of the session"`
	Station         string          `json:"station,omitempty"`
	EVSEID          string          `json:"evse_id,omitempty"`
	Connector       int             `json:"connector,omitempty"`
	Medium          string          `json:"medium,omitempty" doc:"its last four characters"`
	Start           string          `json:"start,omitempty" format:"date-time"`
	Duration        int64           `json:"duration_s,omitempty"`
	Energy          string          `json:"energy_kwh,omitempty"`
	DriverAmount    *string         `json:"driver_amount" doc:"null: unknown, or the record has none"`
	OwnerShare      *string         `json:"owner_share" doc:"all that the owner gets for the session"`
	OperatorShare   *string         `json:"operator_share" doc:"null: the driver amount is unknown"`
	ElectricityCost *string         `json:"electricity_cost"`
	CollectedAt     *string         `json:"collected_at" format:"date-time" doc:"when the driver's money arrived"`
	Document        string          `json:"document,omitempty" doc:"number; none: the record is on no document"`
	CreditedAgain   string          `json:"credited_again,omitempty" doc:"of the open month: number of the cancelled document that credited the session before"`
	Open            bool            `json:"open,omitempty" doc:"of the open month: on no document yet, or on a draft, and what it comes to may change"`
}

// JSON writes the record with the times of a zone.
func (r *SettlementRecord) JSON(zone *time.Location) RecordJSON {
	out := RecordJSON{
		ID: r.ID, Kind: r.Direction, Origin: r.Origin, Owner: r.Owner, Date: r.Date, Month: r.Month, Currency: r.Currency, Net: r.Net.String(),
		Collected: r.Collected, Contract: r.Contract, Text: r.Text, Document: r.Number, Open: r.Open, CreditedAgain: r.CreditedAgain,
	}
	s := r.Session
	if s == nil {
		return out
	}
	out.Session, out.Source, out.Station, out.EVSEID, out.Connector = s.Name, s.Source, s.Station, s.EVSEID, s.Connector
	out.Medium, out.Start, out.Duration = sessions.MaskMedium(s.Medium), s.Start.In(zone).Format(time.RFC3339), s.Duration
	if !s.CollectedAt.IsZero() {
		out.CollectedAt = new(s.CollectedAt.In(zone).Format(time.RFC3339))
	}
	if r.Origin != OriginSession && r.Origin != OriginOwnCharging {
		return out
	}
	out.Energy = s.Energy.String()
	if s.DriverAmount != nil {
		out.DriverAmount = new(s.DriverAmount.String())
	}
	if r.Origin == OriginOwnCharging {
		return out
	}
	out.OwnerShare, out.ElectricityCost = new(s.OwnerShare.String()), new(s.ElectricityCost.String())
	if s.OperatorShare != nil {
		out.OperatorShare = new(s.OperatorShare.String())
	}
	return out
}
