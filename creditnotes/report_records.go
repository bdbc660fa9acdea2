package creditnotes

import (
	"strings"
	"time"

	"creditrun/internal/money"
	"creditrun/internal/sessions"
)

// recorded is the line as lists of records know it: they make its records.
func (l *ReportLine) recorded() *RecordedLine {
	r := &RecordedLine{
		Line: Line{Kind: l.Kind, Energy: l.Energy, Nets: l.Nets}, Owner: l.Owner, Currency: l.Currency, Number: l.Number,
		Path: PathInfo{Station: l.Station, EVSEID: l.EVSEID, Connector: l.Connector},
		Session: sessions.Session{
			Source: l.Source, ExternalID: l.Session, MediumUID: l.Medium, Start: l.Start, End: l.End, Duration: l.Duration,
		},
		CollectedAt: l.CollectedAt, OwnCharged: l.Collected && l.CollectedAt.IsZero(),
	}
	if l.Driver != nil { // with the sign of the line
		r.ByDriver, r.DriverAmount = true, *l.Driver
	}
	return r
}

// id names the line among the records of a report.
func (l *ReportLine) id() string {
	id := l.Source + "/" + l.Session
	if l.Kind == LineReversal {
		id += "/reversal"
	}
	return id
}

// figures adds up records.
func figures(records []SettlementRecord) (f RecordFigures) {
	for i := range records {
		f.Add(&records[i])
	}
	return f
}

// reported is the record as a report has it, under an id.
func (r *SettlementRecord) reported(id string, zone *time.Location, digits int) *ReportRecord {
	out := &ReportRecord{
		ID: id, Kind: string(r.Direction), Origin: string(r.Origin), Month: r.Month, Date: r.Date, Text: r.Text, Document: r.Number,
		Collected: r.Collected == DriverCollected, Net: r.Net.String(), net: r.Net,
	}
	if r.Origin == OriginTopUp {
		out.User, out.Text = r.Text, ""
	}
	s := r.Session
	if s == nil {
		return out
	}
	out.Session, out.Station = s.Name, s.Station
	if !s.CollectedAt.IsZero() {
		out.CollectedAt = new(s.CollectedAt.In(zone).Format(time.RFC3339))
	}
	if r.Origin != OriginSession && r.Origin != OriginOwnCharging {
		return out
	}
	out.Start, out.Energy = s.Start.In(zone).Format(time.RFC3339), s.Energy
	if s.DriverAmount != nil {
		out.Driver = new(atLeast(*s.DriverAmount, digits))
	}
	if r.Origin == OriginOwnCharging {
		return out
	}
	out.EVSEID, out.Connector, out.User, out.Duration = s.EVSEID, s.Connector, sessions.MaskMedium(s.Medium), s.Duration
	out.Share, out.Electricity = s.OwnerShare.String(), s.ElectricityCost.String()
	if s.OperatorShare != nil {
		out.OperatorShare = new(s.OperatorShare.String())
	}
	return out
}

// atLeast writes an amount with the decimals of its currency, and with more
// where it has them.
func atLeast(m money.Micros, digits int) string {
	text := m.String()
	for strings.HasSuffix(text, "0") && len(text)-strings.IndexByte(text, '.')-1 > digits {
		text = text[:len(text)-1]
	}
	return strings.TrimSuffix(text, ".")
}
