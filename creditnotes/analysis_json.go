package creditnotes

import (
	"time"

	"creditrun/entities"
	"creditrun/internal/sessions"
)

// AnalysisJSON is an analysis. Amounts have six decimals.
type AnalysisJSON struct {
	By      AnalysisBy        `json:"by" enum:"owner,station,tariff,month"`
	From    entities.Month    `json:"from"`
	Until   entities.Month    `json:"until"`
	Rows    []AnalysisRowJSON `json:"rows" nullable:"false"`
	Totals  []AnalysisRowJSON `json:"totals" nullable:"false" doc:"of all rows, by currency"`
	Trend   []AnalysisRowJSON `json:"trend" nullable:"false" doc:"the 24 months until the last one, by month and currency"`
	Held    []HeldSumJSON     `json:"held" nullable:"false" doc:"what the latest run held"`
	Awaited []AwaitedSumJSON  `json:"still_awaited" nullable:"false" doc:"as of the last settlement report of each owner"`
}

// AnalysisRowJSON is what one owner, station, tariff or month comes to.
type AnalysisRowJSON struct {
	Key      string `json:"key,omitempty" doc:"of the owner, the station, the tariff or contract; or the month"`
	Rule     string `json:"rule,omitempty" doc:"of a tariff: charge_point_tariff, community_tariff or contract"`
	Currency string `json:"currency"`
	Sessions int64  `json:"sessions"`
	Energy   string `json:"energy_kwh"`
	Driver   string `json:"driver_amount"`
	Share    string `json:"owner_share"`
	Operator string `json:"operator_share"`
	Awaited  string `json:"awaited" doc:"driver amounts that had not been collected when the sessions were settled"`
	Unknown  int64  `json:"driver_amount_unknown" doc:"sessions without a known driver amount"`
	Beside   string `json:"beside_sessions" doc:"guarantee, bonus and custom records; by owner and month"`
	Fees     string `json:"fees" doc:"platform fees, own charging and custom records; by owner and month"`
}

// HeldSumJSON is what the latest run held of an owner for one reason.
type HeldSumJSON struct {
	Owner    string          `json:"owner,omitempty"`
	Reason   sessions.Reason `json:"reason"`
	Sessions int64           `json:"sessions"`
	Energy   string          `json:"energy_kwh"`
	Worth    string          `json:"worth" doc:"what they would come to if they were released"`
	Currency string          `json:"currency,omitempty"`
	Unknown  int64           `json:"worth_unknown" doc:"sessions whose worth is unknown"`
}

// AwaitedSumJSON is what drivers still owe of an owner's settled sessions.
type AwaitedSumJSON struct {
	Owner    string    `json:"owner"`
	Currency string    `json:"currency"`
	Driver   string    `json:"driver_amount"`
	Share    string    `json:"owner_share"`
	Until    time.Time `json:"known_until"`
}

// JSON writes the analysis; at puts a time into the zone of the reader.
func (a *Analysis) JSON(at func(time.Time) time.Time) AnalysisJSON {
	j := AnalysisJSON{
		By: a.By, From: a.From, Until: a.Until, Rows: analysisRowsJSON(a.Rows), Totals: analysisRowsJSON(a.Totals), Trend: analysisRowsJSON(a.Trend),
		Held: []HeldSumJSON{}, Awaited: []AwaitedSumJSON{},
	}
	for i := range a.Held {
		h := &a.Held[i]
		j.Held = append(j.Held, HeldSumJSON{h.Owner, h.Reason, h.Sessions, h.Energy.String(), h.Worth.String(), h.Currency, h.Unknown})
	}
	for i := range a.Awaited {
		s := &a.Awaited[i]
		j.Awaited = append(j.Awaited, AwaitedSumJSON{s.Owner, s.Currency, s.Driver.String(), s.Share.String(), at(s.Until)})
	}
	return j
}

func analysisRowsJSON(rows []AnalysisRow) []AnalysisRowJSON {
	list := make([]AnalysisRowJSON, len(rows))
	for i := range rows {
		r := &rows[i]
		list[i] = AnalysisRowJSON{
			r.Key, r.Rule, r.Currency, r.Sessions, r.Energy.String(), r.Driver.String(), r.Share.String(), r.Operator().String(), r.Awaited().String(),
			r.Unknown, r.Beside.String(), r.Fees.String(),
		}
	}
	return list
}
