package intake

import "creditrun/entities"

// Contract says how one owner is settled, dated by month (settlement.md §3.1).
type Contract struct {
	Key        string         `json:"key,omitempty" file:"word,key,required" doc:"stable; that of the address when left out"`
	Title      string         `json:"title,omitempty"`
	Owner      string         `json:"owner" file:"word" doc:"key of an entity"`
	Stations   []string       `json:"stations,omitempty" file:"word" nullable:"false" doc:"keys; all stations of the owner when left out"`
	From       entities.Month `json:"from" file:"month" example:"2026-01"`
	To         entities.Month `json:"to,omitempty" file:"month" example:"2026-12" doc:"the last month; open when left out"`
	AutoRenew  bool           `json:"auto_renew,omitempty" doc:"goes on after to, until ended or until a later contract for its stations begins"`
	Ended      entities.Month `json:"ended,omitempty" file:"month" example:"2027-06" doc:"the last month of a contract that was ended"`
	ExternalID string         `json:"external_id,omitempty"`
	Currency   string         `json:"currency,omitempty" file:"currency" doc:"the owner's when left out"`
	SettleOn   string         `json:"settle_on,omitempty" file:",unless=generated" enum:"generated,collected" doc:"generated when left out"`

	ShareAC                  string `json:"share_percent_ac,omitempty" file:"percent" doc:"of the driver amount; with share_percent_dc or not at all"`
	ShareDC                  string `json:"share_percent_dc,omitempty" file:"percent"`
	ExcludeConnectionFee     bool   `json:"exclude_connection_fee,omitempty" doc:"needs a share"`
	DeductElectricityCost    bool   `json:"deduct_electricity_cost,omitempty" doc:"needs a share"`
	ReimburseElectricityCost bool   `json:"reimburse_electricity_cost,omitempty" doc:"needs deduct_electricity_cost"`
	ElectricityCost          string `json:"electricity_cost_per_kwh,omitempty" file:"fine"`
	ElectricityTax           string `json:"electricity_tax_per_kwh,omitempty" file:"fine"`
	FixedFeeAC               string `json:"fixed_fee_per_session_ac,omitempty" file:"fine"`
	FixedFeeDC               string `json:"fixed_fee_per_session_dc,omitempty" file:"fine"`
	FeePerKWhAC              string `json:"fee_per_kwh_ac,omitempty" file:"fine"`
	FeePerKWhDC              string `json:"fee_per_kwh_dc,omitempty" file:"fine"`
	HandlingFee              string `json:"handling_fee_percent,omitempty" file:"percent" doc:"of the driver amount"`

	MonthlyFee           string      `json:"monthly_fee,omitempty" file:"rate"`
	MonthlyFeePerStation string      `json:"monthly_fee_per_station,omitempty" file:"rate"`
	MonthlyFeePerACEVSE  string      `json:"monthly_fee_per_ac_evse,omitempty" file:"rate"`
	MonthlyFeePerDCEVSE  string      `json:"monthly_fee_per_dc_evse,omitempty" file:"rate"`
	MinimumGuarantee     string      `json:"minimum_guarantee,omitempty" file:"rate" doc:"per month"`
	VolumeBonus          []BonusBand `json:"volume_bonus,omitempty" nullable:"false"`

	BillOwnCharging     bool   `json:"bill_own_charging,omitempty" doc:"what its drivers charge is billed to it"`
	OwnChargingDiscount string `json:"own_charging_discount_percent,omitempty" file:"percent"`
	FeeTaxAccount       string `json:"fee_tax_account,omitempty" file:"word" doc:"key of a tax account; that of the owner or of the settings when left out"`
	Active              *bool  `json:"active,omitempty" file:",unless=true" doc:"true when left out; false: a draft"`
}

// BonusBand is a band of a volume bonus.
type BonusBand struct {
	From   string `json:"from_kwh" file:"energy" example:"1000" doc:"in a month; up to that of the next band"`
	PerKWh string `json:"per_kwh" file:"fine" example:"0.01"`
}

// check remembers the lines of the fields, which faults name that are only
// found when all parts of the network are seen together.
func (c *Contract) check(in *mapping) {
	for field, line := range in.lines {
		in.d.keys[keyOf("contracts[", c.Key+"\n"+field)] = line
	}
	for field, month := range map[string]entities.Month{"to": c.To, "ended": c.Ended} {
		if month != "" && month < c.From {
			in.d.add(in.lines[field], in.at(field), "a month not before from", string(month))
		}
	}
}
