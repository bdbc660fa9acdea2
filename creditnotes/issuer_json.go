package creditnotes

import (
	"time"

	"creditrun/internal/money"
	"creditrun/internal/sessions"
)

// IssuerRowJSON is a session on both sides of an issuer of media. Amounts have six
// decimals.
type IssuerRowJSON struct {
	Source  string           `json:"source"`
	Session string           `json:"session"`
	End     string           `json:"end"`
	Medium  string           `json:"medium" doc:"masked to its last four characters"`
	Station string           `json:"station,omitempty" doc:"key"`
	EVSEID  string           `json:"evse_id,omitempty"`
	Energy  string           `json:"energy_kwh"`
	Issuer  IssuerSideJSON   `json:"issuer"`
	Owner   *IssuerOwnerJSON `json:"owner,omitempty" doc:"what the owner of the station was credited; left out where nothing was, or it is not shown"`
	OwnedBy string           `json:"owned_by,omitempty" doc:"key of the owner of the station"`
	Finding IssuerFinding    `json:"finding" enum:"agrees,differs,issuer_only,owner_only,open,apart"`
	Why     IssuerWhy        `json:"why,omitempty" enum:"held,excluded,withdrawn,drafted,not_run,waits,not_due,not_billed,no_own_charging"`
	Reason  sessions.Reason  `json:"reason,omitempty"`
}

// IssuerSideJSON is what the issuer was billed or paid.
type IssuerSideJSON struct {
	DriverAmount *string  `json:"driver_amount,omitempty"`
	Currency     string   `json:"currency,omitempty"`
	CollectedAt  *string  `json:"collected_at,omitempty"`
	Billed       *string  `json:"billed_net,omitempty"`
	Documents    []string `json:"documents,omitempty"`
}

// IssuerOwnerJSON is what the owner of the station was credited.
type IssuerOwnerJSON struct {
	DriverAmount *string  `json:"driver_amount,omitempty"`
	Share        string   `json:"owner_share"`
	Currency     string   `json:"currency"`
	Energy       string   `json:"energy_kwh"`
	Documents    []string `json:"documents,omitempty"`
}

// JSON writes the row with the times of a zone.
func (r *IssuerRow) JSON(zone *time.Location) IssuerRowJSON {
	j := IssuerRowJSON{
		Source: r.Source, Session: r.Session, End: r.End.In(zone).Format(time.RFC3339), Medium: sessions.MaskMedium(r.Medium), Station: r.Station, EVSEID: r.EVSEID,
		Energy: r.Energy.String(), Issuer: IssuerSideJSON{DriverAmount: textOf(r.Driver), Currency: r.Currency, Documents: r.BilledNumbers},
		OwnedBy: r.Owner, Finding: r.Finding, Why: r.Why, Reason: r.Reason,
	}
	if !r.CollectedAt.IsZero() {
		j.Issuer.CollectedAt = new(r.CollectedAt.In(zone).Format(time.RFC3339))
	}
	if r.Billed {
		j.Issuer.Billed = textOf(&r.BilledNet)
	}
	if r.Credited {
		j.Owner = &IssuerOwnerJSON{textOf(r.CreditedDriver), r.Share.String(), r.CreditedIn, r.CreditedEnergy.String(), r.CreditedNumbers}
	}
	return j
}

func textOf(m *money.Micros) *string {
	if m == nil {
		return nil
	}
	return new(m.String())
}

// IssuerSumJSON is what both sides come to in one currency.
type IssuerSumJSON struct {
	Currency        string `json:"currency"`
	Collected       int64  `json:"collected_sessions"`
	CollectedAmount string `json:"collected_driver_amount"`
	CollectedBlank  int64  `json:"collected_unknown" doc:"collected sessions of which no driver amount is stated"`
	Billed          int64  `json:"billed_sessions"`
	BilledDriver    string `json:"billed_driver_amount"`
	BilledNet       string `json:"billed_net"`
	TopUps          int64  `json:"top_ups"`
	TopUpAmount     string `json:"top_up_amount"`
	Credited        int64  `json:"credited_sessions"`
	CreditedDriver  string `json:"credited_driver_amount"`
	CreditedBlank   int64  `json:"credited_unknown" doc:"credited sessions without a known driver amount"`
	Share           string `json:"credited_owner_share"`
}

// IssuerFindingJSON counts the sessions of one finding.
type IssuerFindingJSON struct {
	Finding  IssuerFinding `json:"finding"`
	Sessions int64         `json:"sessions"`
	Energy   string        `json:"energy_kwh"`
}

// IssuerTotalsJSON is what a comparison comes to.
type IssuerTotalsJSON struct {
	Sums     []IssuerSumJSON     `json:"sums" nullable:"false"`
	Findings []IssuerFindingJSON `json:"findings" nullable:"false"`
}

// JSON writes the totals.
func (t *IssuerTotals) JSON() IssuerTotalsJSON {
	j := IssuerTotalsJSON{Sums: []IssuerSumJSON{}, Findings: []IssuerFindingJSON{}}
	for i := range t.Sums {
		s := &t.Sums[i]
		j.Sums = append(j.Sums, IssuerSumJSON{
			s.Currency, s.Collected, s.CollectedAmount.String(), s.CollectedBlank, s.Billed, s.BilledDriver.String(), s.BilledNet.String(), s.TopUps,
			s.TopUpAmount.String(), s.Credited, s.CreditedDriver.String(), s.CreditedBlank, s.Share.String(),
		})
	}
	for _, f := range IssuerFindings {
		if n := t.Findings[f]; n.Sessions > 0 {
			j.Findings = append(j.Findings, IssuerFindingJSON{f, n.Sessions, n.Energy.String()})
		}
	}
	return j
}
