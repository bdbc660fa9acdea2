package creditnotes

import (
	"strings"
	"time"

	"creditrun/entities"
	"creditrun/internal/money"
	"creditrun/internal/sessions"
)

// records are the records of a line: the session, and what is reimbursed of its
// electricity (settlement.md §4.1).
func (l *ReportLine) records(zone *time.Location, digits int) []ReportRecord {
	id := l.Source + "/" + l.Session
	if l.Kind == LineReversal {
		id += "/reversal"
	}
	share := l.Total()
	r := ReportRecord{
		ID: id, Kind: RecordRevenue, Origin: "session", Month: entities.MonthOf(l.End, zone), Date: entities.DateOf(l.End, zone),
		Session: l.Session, Station: l.Station, EVSEID: l.EVSEID, Connector: l.Connector, User: sessions.MaskMedium(l.Medium),
		Start: l.Start.In(zone).Format(time.RFC3339), Duration: l.Duration, Energy: l.Energy,
		Share: share.String(), Electricity: l.NetElectricityCost.String(), Collected: l.Collected, Document: l.Number,
	}
	r.set(share - l.NetElectricityCost - l.NetElectricityTax)
	if l.Driver != nil {
		r.Driver, r.OperatorShare = new(atLeast(*l.Driver, digits)), new((*l.Driver - share).String())
	}
	if !l.CollectedAt.IsZero() {
		r.CollectedAt = new(l.CollectedAt.In(zone).Format(time.RFC3339))
	}
	list := []ReportRecord{r}
	for _, part := range []struct {
		origin string
		net    money.Micros
	}{{"electricity_cost_reimbursement", l.NetElectricityCost}, {"electricity_tax_reimbursement", l.NetElectricityTax}} {
		if part.net == 0 {
			continue
		}
		one := ReportRecord{ID: id + "/" + part.origin, Kind: RecordRevenue, Origin: part.origin, Month: r.Month, Date: r.Date,
			Session: r.Session, Station: r.Station, Collected: r.Collected, CollectedAt: r.CollectedAt, Document: r.Document}
		one.set(part.net)
		list = append(list, one)
	}
	return list
}

func (r *ReportRecord) set(net money.Micros) { r.net, r.Net = net, net.String() }

// atLeast writes an amount with the decimals of its currency, and with more
// where it has them.
func atLeast(m money.Micros, digits int) string {
	text := m.String()
	for strings.HasSuffix(text, "0") && len(text)-strings.IndexByte(text, '.')-1 > digits {
		text = text[:len(text)-1]
	}
	return strings.TrimSuffix(text, ".")
}
