package intake

import "creditrun/internal/money"

// Contract is an agreement of shares and fees that takes the place of purchase
// prices (settlement.md §3).
type Contract struct {
	Key                      string `json:"key" file:"word,key"`
	Owner                    string `json:"owner" file:"word" doc:"key of an entity"`
	From                     string `json:"from" file:"month"`
	To                       string `json:"to,omitempty" file:"month" doc:"the last month; open when left out"`
	AutoRenew                bool   `json:"auto_renew,omitempty"`
	ShareAC                  string `json:"share_percent_ac,omitempty" file:"percent"`
	ShareDC                  string `json:"share_percent_dc,omitempty" file:"percent"`
	ExcludeConnectionFee     bool   `json:"exclude_connection_fee,omitempty"`
	DeductElectricityCost    bool   `json:"deduct_electricity_cost,omitempty"`
	ReimburseElectricityCost bool   `json:"reimburse_electricity_cost,omitempty"`
	ElectricityCostPerKWh    string `json:"electricity_cost_per_kwh,omitempty" file:"rate"`
	FeePerSessionAC          string `json:"fixed_fee_per_session_ac,omitempty" file:"rate"`
	FeePerSessionDC          string `json:"fixed_fee_per_session_dc,omitempty" file:"rate"`
	FeePerKWhAC              string `json:"fee_per_kwh_ac,omitempty" file:"rate"`
	FeePerKWhDC              string `json:"fee_per_kwh_dc,omitempty" file:"rate"`
	HandlingFee              string `json:"handling_fee_percent,omitempty" file:"percent" doc:"of the driver amount"`
	MonthlyFeePerStation     string `json:"monthly_fee_per_station,omitempty" file:"rate"`
	MonthlyFeePerACEVSE      string `json:"monthly_fee_per_ac_evse,omitempty" file:"rate"`
	MonthlyFeePerDCEVSE      string `json:"monthly_fee_per_dc_evse,omitempty" file:"rate"`
	MinimumGuarantee         string `json:"minimum_guarantee,omitempty" file:"rate" doc:"per month"`
	Active                   *bool  `json:"active,omitempty" file:",unless=true" doc:"true when left out"`
}

func (c *Contract) check(in *mapping) {
	if c.To != "" && c.To < c.From {
		in.d.add(in.line, in.at("to"), "a month not before from", c.To)
	}
}

// ContractTerms are the terms of a contract as the store keeps them, in JSON by
// the names of these fields.
type ContractTerms struct {
	Key                      string
	Owner                    string // entity key
	From                     string // month such as 2026-01
	To                       string // last month; empty: open
	AutoRenew                bool
	ShareAC                  money.Percent
	ShareDC                  money.Percent
	ExcludeConnectionFee     bool
	DeductElectricityCost    bool
	ReimburseElectricityCost bool
	ElectricityCostPerKWh    money.Rate
	FeePerSessionAC          money.Rate
	FeePerSessionDC          money.Rate
	FeePerKWhAC              money.Rate
	FeePerKWhDC              money.Rate
	HandlingFee              money.Percent // of the driver amount
	MonthlyFeePerStation     money.Rate
	MonthlyFeePerACEVSE      money.Rate
	MonthlyFeePerDCEVSE      money.Rate
	MinimumGuarantee         money.Rate // per month
	Active                   bool
}
