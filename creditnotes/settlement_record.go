package creditnotes

import (
	"fmt"
	"time"

	"creditrun/entities"
	"creditrun/internal/money"
	"creditrun/internal/sessions"
)

// SettlementRecord is one entry of what an owner earned, or owes the operator
// (settlement.md §4). What takes something back has a negative net.
type SettlementRecord struct {
	ID        string // unlike that of any other record
	Direction RecordDirection
	Origin    Origin
	Owner     string        // key
	At        time.Time     // the end of the session, when a top-up was made, else the last microsecond of Date
	Date      entities.Date // in the operator's zone
	Month     entities.Month
	Currency  string
	Net       money.Micros
	Collected Collected
	Contract  string // key; empty: none
	Text      string // of a custom record, user of a top-up
	NoteID    int64  // 0: on no document
	Number    string // of the document; empty: it has none
	Open      bool   // it is on no document yet, or on a draft
	// CreditedAgain is the number of the cancelled document that credited the session
	// before, of a record of the open month; empty: none did.
	CreditedAgain string
	Session       *RecordedSession // nil: the record is of no session
	Place         RecordPlace
}

// RecordedSession is what a record shows of its session. A record beside that of
// the session itself has neither energy nor shares.
type RecordedSession struct {
	ID              int64
	Source          string
	Name            string // external id
	Station         string // key
	EVSEID          string
	Connector       int
	Medium          string // whole: anyone who shows it masks it
	Start, End      time.Time
	Duration        int64 // seconds
	Energy          money.Quantity
	DriverAmount    *money.Micros // nil: unknown, or in another currency than the record
	OwnerShare      money.Micros  // all that the owner gets for the session
	OperatorShare   *money.Micros // nil: the driver amount is unknown
	ElectricityCost money.Micros  // reimbursed
	CollectedAt     time.Time     // zero: not known
}

// RecordDirection says who earns what a record is about.
type RecordDirection string

// The directions of records.
const (
	Revenue RecordDirection = "revenue" // the owner
	Expense RecordDirection = "expense" // the operator
)

// Origin says why a record exists (settlement.md §4.1).
type Origin string

// The origins of records. OriginCustom is revenue or expense.
const (
	OriginSession         Origin = "session"
	OriginElectricityCost Origin = "electricity_cost_reimbursement"
	OriginElectricityTax  Origin = "electricity_tax_reimbursement"
	OriginGuarantee       Origin = "minimum_guarantee"
	OriginBonus           Origin = "volume_bonus"
	OriginCustom          Origin = "custom"
	OriginPlatformFee     Origin = "platform_fee"
	OriginOwnCharging     Origin = "own_charging"
	OriginTopUp           Origin = "top_up"
)

// Origins are all origins, revenue first.
var Origins = []Origin{OriginSession, OriginElectricityCost, OriginElectricityTax, OriginGuarantee, OriginBonus, OriginCustom, OriginPlatformFee, OriginOwnCharging, OriginTopUp}

// OfLines reports whether records of the origin are made from what an owner gets
// for a session.
func (o Origin) OfLines() bool {
	return o == OriginSession || o == OriginElectricityCost || o == OriginElectricityTax
}

// Collected says whether the driver's money has arrived.
type Collected string

// What a record says of the driver's money; NotFromDrivers where no driver pays.
const (
	NotFromDrivers  Collected = ""
	DriverCollected Collected = "collected"
	DriverAwaited   Collected = "awaited"
)

// RecordedLine is a line with what a store knows of its session: the records of
// the line.
type RecordedLine struct {
	Line
	Owner    string // key
	Currency string
	Path     PathInfo
	Number   string
	Session  sessions.Session // the version that the line settles
	// Charged is the driver amount that is known, in the currency of the line,
	// where the settlement used none and a source states it; nil: none does.
	Charged     *money.Micros
	CollectedAt time.Time // zero: not known
	Open        bool
	Again       string // number of the cancelled document that credited the session before
	OwnCharged  bool   // the session is billed as own charging: no driver's money is awaited
}

// Records are the records that a line makes, in their order: one of the session
// and one each for electricity cost and tax, where there is an amount.
func (l *RecordedLine) Records(zone *time.Location) []SettlementRecord {
	if l.Kind != LineCredit && l.Kind != LineReversal {
		return nil
	}
	one := l.record(zone)
	one.Net = l.Total() - l.NetElectricityCost - l.NetElectricityTax
	one.ID = l.recordID(OriginSession)
	one.Place = RecordPlace{At: one.At, Net: one.Net, Source: RecordsOfLines, ID: l.SessionID, Part: l.firstPart()}
	list := []SettlementRecord{one}
	beside := *one.Session
	beside.Energy, beside.DriverAmount, beside.OwnerShare, beside.OperatorShare, beside.ElectricityCost = 0, nil, 0, nil, 0
	for i, part := range []struct {
		origin Origin
		net    money.Micros
	}{{OriginElectricityCost, l.NetElectricityCost}, {OriginElectricityTax, l.NetElectricityTax}} {
		if part.net != 0 {
			next := one
			next.ID, next.Origin, next.Net, next.Session = l.recordID(part.origin), part.origin, part.net, new(beside)
			next.Place.Net, next.Place.Part = part.net, one.Place.Part+i+1
			list = append(list, next)
		}
	}
	return list
}

// firstPart is the part of the record of the session; a reversal comes after what
// pays the session.
func (l *RecordedLine) firstPart() int {
	if l.Kind == LineReversal {
		return 3
	}
	return 0
}

func (l *RecordedLine) recordID(origin Origin) string {
	return fmt.Sprintf("%s-%d-%s", origin, l.SessionID, l.Kind)
}

func (l *RecordedLine) record(zone *time.Location) SettlementRecord {
	s := &l.Session
	shown := &RecordedSession{
		ID: l.SessionID, Source: s.Source, Name: s.ExternalID, Station: l.Path.Station, EVSEID: l.Path.EVSEID, Connector: l.Path.Connector,
		Medium: s.MediumUID, Start: s.Start, End: s.End, Duration: s.Duration, Energy: l.Energy,
		DriverAmount: l.driver(), OwnerShare: l.Total(), ElectricityCost: l.NetElectricityCost, CollectedAt: l.CollectedAt,
	}
	one := SettlementRecord{
		Direction: Revenue, Origin: OriginSession, Owner: l.Owner, At: s.End, Date: entities.DateOf(s.End, zone), Month: entities.MonthOf(s.End, zone),
		Currency: l.Currency, Contract: l.Path.Contract, NoteID: l.NoteID, Number: l.Number, Open: l.Open, CreditedAgain: l.Again, Session: shown, Collected: DriverAwaited,
	}
	if shown.DriverAmount != nil {
		shown.OperatorShare = new(*shown.DriverAmount - shown.OwnerShare)
	}
	if !l.CollectedAt.IsZero() || l.OwnCharged || shown.DriverAmount != nil && *shown.DriverAmount == 0 {
		one.Collected = DriverCollected
	}
	return one
}

// driver is the driver amount with the sign of the line, or nil.
func (l *RecordedLine) driver() *money.Micros {
	switch {
	case l.ByDriver:
		return new(l.DriverAmount)
	case l.Charged == nil && l.Sold:
		return new(l.Sale)
	case l.Charged == nil:
		return nil
	case l.Kind == LineReversal:
		return new(-*l.Charged)
	}
	return new(*l.Charged)
}

// RecordedCharge is what bills a session as own charging, with what a store knows
// of the session.
type RecordedCharge struct {
	OwnCharge
	Owner       string // key
	Currency    string
	Number      string
	Open        bool
	Station     string           // key
	Session     sessions.Session // the version that is billed
	CollectedAt time.Time        // zero: not known
}

// Record is the record of the charge. Its session has no shares: that of the
// station's owner is in the record of the line.
func (c *RecordedCharge) Record(zone *time.Location) SettlementRecord {
	s, part := &c.Session, 0
	if c.Kind == LineOwnReversal {
		part = 1
	}
	return SettlementRecord{
		ID: fmt.Sprintf("%s-%d-%s", OriginOwnCharging, c.SessionID, c.Kind), Direction: Expense, Origin: OriginOwnCharging, Owner: c.Owner,
		At: s.End, Date: entities.DateOf(s.End, zone), Month: entities.MonthOf(s.End, zone), Currency: c.Currency, Net: c.Net,
		Contract: c.Contract, NoteID: c.NoteID, Number: c.Number, Open: c.Open,
		Session: &RecordedSession{
			ID: c.SessionID, Source: s.Source, Name: s.ExternalID, Station: c.Station, EVSEID: s.EVSEID, Connector: s.Connector, Medium: s.MediumUID,
			Start: s.Start, End: s.End, Duration: s.Duration, Energy: c.Energy, DriverAmount: new(c.DriverAmount), CollectedAt: c.CollectedAt,
		},
		Place: RecordPlace{At: s.End, Net: c.Net, Source: RecordsOfCharges, ID: c.SessionID, Part: part},
	}
}

// Record is the record of the top-up.
func (t *TopUp) Record(zone *time.Location) SettlementRecord {
	digits, known := money.Digits(t.Currency)
	if !known {
		digits = 2
	}
	date := entities.DateOf(t.At, zone)
	net := t.Amount.Micros(digits)
	return SettlementRecord{
		ID: fmt.Sprintf("%s-%d", OriginTopUp, t.ID), Direction: Expense, Origin: OriginTopUp, Owner: t.Entity, At: t.At, Date: date,
		Month: entities.MonthOf(t.At, zone), Currency: t.Currency, Net: net, Text: t.User,
		Place: RecordPlace{At: t.At, Net: net, Source: RecordsOfTopUps, ID: t.ID},
	}
}

// originOf is the origin of the records of positions; empty: the position makes
// none, for its lines do, or those of the sum that it brings along.
func originOf(c Component) Origin {
	switch c {
	case MinimumGuarantee:
		return OriginGuarantee
	case VolumeBonus:
		return OriginBonus
	case Custom:
		return OriginCustom
	case MonthlyFee, FeePerStation, FeePerACEVSE, FeePerDCEVSE:
		return OriginPlatformFee
	}
	return ""
}

// Record is the record that a position of the note makes, and false where its
// sessions make them. date is that of a custom record; empty: the last day of
// the month.
func (n *Note) Record(p *Position, date entities.Date, zone *time.Location) (SettlementRecord, bool) {
	origin := originOf(p.Component)
	if origin == "" {
		return SettlementRecord{}, false
	}
	if date.IsZero() {
		date = p.Month.LastDay()
	}
	one := SettlementRecord{
		ID: fmt.Sprintf("position-%d-%d", n.ID, p.Ordinal), Direction: Revenue, Origin: origin, Owner: p.Owner, At: EndOf(date, zone), Date: date,
		Month: p.Month, Currency: n.Currency, Net: p.Net.Micros(n.Document.CurrencyDigits), Contract: p.Contract, Text: p.Text, NoteID: n.ID, Number: n.Number,
	}
	if n.OfFees() {
		one.Direction = Expense
	}
	one.Place = RecordPlace{At: one.At, Net: p.Sum, Source: RecordsOfPositions, ID: n.ID, Part: p.Ordinal}
	return one, true
}

// EndOf is the last microsecond of a day.
func EndOf(date entities.Date, zone *time.Location) time.Time {
	return date.AddDays(1).In(zone).Add(-time.Microsecond)
}
