package creditnotes

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"creditrun/internal/money"
)

// reportDraft is a report while it is added up.
type reportDraft struct {
	SettlementReport
	digits                                int
	collected, awaited, previous          DriverSum
	cancelled, before                     DriverSum
	revenue, late, others, expenses, tops money.Amount
	topsMoved                             money.Amount // what the top-ups moved on accounts, also before this report
	exact, rounding                       money.Micros // of the session positions; of all revenue positions
	lines                                 money.Micros // what the lines come to
	origins                               map[OriginSum]*OriginSum
	stations, days                        map[string]*ReportSum
	seal                                  interface {
		Write(p []byte) (int, error)
		Sum(b []byte) []byte
	}
	topUpIDs []int64
	horizon  ReportHorizon
}

func (d *reportDraft) count(sums map[string]*ReportSum, name string, l *ReportLine, f *RecordFigures) {
	sum := sums[name]
	if sum == nil {
		sum = &ReportSum{Name: name}
		sums[name] = sum
	}
	if l.Kind == LineCredit {
		sum.Sessions++
	}
	sum.Energy, sum.Net = sum.Energy+f.Energy, sum.Net+f.Net
}

// earn adds a position of a credit note.
func (d *reportDraft) earn(p *ReportPosition) {
	d.revenue += p.Net
	d.rounding += p.Net.Micros(d.digits) - p.Sum
	if p.Late {
		d.late += p.Net
	}
	if originOf(p.Component) != "" {
		d.others += p.Net
		d.rounding -= p.Net.Micros(d.digits) - p.Sum // they count as they are printed
		return
	}
	d.exact += p.Sum
}

// frozen is a report as it is stored.
func (d *reportDraft) frozen(run *Run) (*FrozenReport, error) {
	content, err := json.Marshal(&d.SettlementReport)
	if err != nil {
		return nil, fmt.Errorf("report %s: %w", d.Name, err)
	}
	sum := sha256.Sum256(content)
	return &FrozenReport{
		Name: d.Name, RunID: run.ID, Owner: d.Owner, Currency: d.Currency, Period: d.Period, Cutoff: d.Cutoff, FrozenAt: d.FrozenAt, Horizon: d.horizon,
		Content: content, SHA256: hex.EncodeToString(sum[:]), TopUps: d.topUpIDs, Awaited: d.end(),
		Recipient: d.Recipient,
	}, nil
}
