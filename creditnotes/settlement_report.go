package creditnotes

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"iter"
	"maps"
	"slices"
	"time"

	"creditrun/entities"
	"creditrun/internal/money"
	"creditrun/internal/sessions"
	"creditrun/numbering"
)

// ActionReported records the hash of a frozen settlement report; the subject is
// its name, After the SHA-256.
const ActionReported = "settlement_report.frozen"

// SettlementReport is everything that became of one owner in one currency with
// one run (settlement.md §7): its JSON is that of formats.md §6. The records are
// not copied: their lines never change, and RecordsSHA256 seals them.
type SettlementReport struct {
	Name      string         `json:"report"`
	Owner     string         `json:"owner"`
	OwnerName string         `json:"owner_name"`
	Recipient string         `json:"recipient"` // whose account it is
	Shared    []string       `json:"shared_account,omitempty"`
	Run       string         `json:"run"`
	Period    ReportPeriod   `json:"period"`
	Currency  string         `json:"currency"`
	TimeZone  string         `json:"time_zone"` // of its days
	Cutoff    time.Time      `json:"cutoff"`
	FrozenAt  time.Time      `json:"frozen_at"`
	SHA256    string         `json:"sha256,omitempty"`
	Language  string         `json:"language"` // of the document
	Issuer    Party          `json:"issuer"`   // the operator
	To        Party          `json:"to"`       // the recipient of the account
	Color     string         `json:"color,omitempty"`
	Logo      string         `json:"logo,omitempty"` // SHA-256 of the operator's logo
	Layout    *PrintedLayout `json:"layout,omitempty"`
	LogoFile  []byte         `json:"-"` // the file Logo names, while the report is printed
	Digits    int            `json:"currency_digits"`

	Totals    ReportTotals     `json:"totals"`
	Documents []ReportDocument `json:"documents"`
	Account   ReportAccount    `json:"account"`
	TopUps    []ReportTopUp    `json:"top_ups"`
	Origins   []OriginSum      `json:"origins"`
	Stations  []ReportSum      `json:"stations"` // revenue of the sessions by station
	Days      []ReportSum      `json:"days"`     // and by the day on which they ended
	Held      []ReportHeld     `json:"held"`
	OwnWaits  []ReportHeld     `json:"own_charging_waiting"`
	Control   ReportControl    `json:"control"`
	Mail      ReportMail       `json:"mail"`

	RecordCount   int64  `json:"record_count"`
	RecordsSHA256 string `json:"records_sha256"`
}

// ReportOwner is what a report needs to know of an owner.
type ReportOwner struct {
	Name, Recipient string
	Frequency       entities.Frequency
	Shared          []string // other owners whose account it is
	Language        string
	Issuer, To      Party
	Look            Look
}

// ReportBook makes the settlement reports of runs.
type ReportBook struct {
	Reader ReportReader
	Zone   *time.Location
	// Owner finds an owner by key; false: there is none.
	Owner func(key string) (ReportOwner, bool)
}

// NewReportBook makes the reports of a network.
func NewReportBook(reader ReportReader, network *entities.Network, settings Settings) *ReportBook {
	accounts := map[string][]string{}
	recipients := map[string]string{}
	for _, e := range network.Tree.Walk() {
		if to, err := network.Tree.Recipient(e); err == nil && e != network.Operator() {
			recipients[e.Key] = to.Key
			accounts[to.Key] = append(accounts[to.Key], e.Key)
		}
	}
	return &ReportBook{Reader: reader, Zone: network.Zone(), Owner: func(key string) (ReportOwner, bool) {
		e := network.Tree.Entity(key)
		if e == nil || recipients[key] == "" {
			return ReportOwner{}, false
		}
		shared := slices.DeleteFunc(slices.Clone(accounts[recipients[key]]), func(other string) bool { return other == key })
		to := network.Tree.Entity(recipients[key])
		return ReportOwner{
			Name: e.DisplayName(), Recipient: to.Key, Frequency: e.Frequency, Shared: shared, Look: settings.LookOf(to, cmp.Or(to.Language, settings.Language)),
			Language: cmp.Or(to.Language, settings.Language), Issuer: partyOf(network.Operator()), To: partyOf(to),
		}, true
	}}
}

// reportJob makes the reports of one run.
type reportJob struct {
	*ReportBook
	ctx    context.Context
	run    *Run
	at     ReportMoment
	drafts map[ReportKey]*reportDraft
	last   map[ReportKey]*FrozenReport
	sink   ReportSink
}

// Reports makes the reports of a run as it knew things at a moment, by owner and
// currency: one for each that the run changed anything for.
func (b *ReportBook) Reports(ctx context.Context, run *Run, at ReportMoment, sink ReportSink) (map[ReportKey]*SettlementReport, error) {
	drafts, err := b.drafts(ctx, run, at, sink)
	if err != nil {
		return nil, err
	}
	reports := make(map[ReportKey]*SettlementReport, len(drafts))
	for key, d := range drafts {
		reports[key] = &d.SettlementReport
	}
	return reports, nil
}

func (b *ReportBook) drafts(ctx context.Context, run *Run, at ReportMoment, sink ReportSink) (map[ReportKey]*reportDraft, error) {
	j := &reportJob{ReportBook: b, ctx: ctx, run: run, at: at, drafts: map[ReportKey]*reportDraft{}, sink: sink}
	var err error
	if j.last, err = b.Reader.LastReports(ctx, at); err != nil {
		return nil, err
	}
	steps := []func() error{j.lines, j.positions, j.ownCharges, j.topUps, j.collectedBefore, j.cancelled, j.documents, j.heldBack, j.accounts}
	if len(j.last) == 0 { // nothing was collected or cancelled since a report
		steps = []func() error{j.lines, j.positions, j.ownCharges, j.topUps, j.documents, j.heldBack, j.accounts}
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return nil, err
		}
	}
	for _, d := range j.drafts {
		d.finish()
	}
	return j.drafts, nil
}

// at is the draft of an owner and currency; it begins where the last report
// ended. Nil: there is no such owner.
func (j *reportJob) of(owner, currency string) *reportDraft {
	key := ReportKey{owner, currency}
	if d, ok := j.drafts[key]; ok {
		return d
	}
	who, ok := j.Owner(owner)
	if !ok {
		who = ReportOwner{Name: owner, Recipient: owner}
	}
	digits, ok := money.Digits(currency)
	if !ok {
		digits = 2
	}
	first, _ := who.Frequency.Period(j.run.Month)
	d := &reportDraft{digits: digits, origins: map[OriginSum]*OriginSum{}, stations: map[string]*ReportSum{}, days: map[string]*ReportSum{}, seal: sha256.New(), horizon: j.at.ReportHorizon}
	d.SettlementReport = SettlementReport{
		Name: ReportName(owner, j.run.Name, currency), Owner: owner, OwnerName: who.Name, Recipient: who.Recipient, Shared: who.Shared,
		Run: j.run.Name, Period: ReportPeriod{first, j.run.Month}, Currency: currency, TimeZone: j.Zone.String(), Cutoff: j.at.Cutoff.UTC(), FrozenAt: j.at.FrozenAt.UTC(),
		Documents: []ReportDocument{}, TopUps: []ReportTopUp{}, Account: ReportAccount{Movements: []ReportMovement{}},
		Held: []ReportHeld{}, OwnWaits: []ReportHeld{},
		Language: who.Language, Issuer: who.Issuer, To: who.To, Color: who.Look.Color, Logo: who.Look.Logo, Layout: who.Look.Layout, Digits: digits,
	}
	if last := j.last[key]; last != nil {
		d.before = last.Awaited
	}
	j.drafts[key] = d
	return d
}

// ReportName names the report of an owner, run and currency.
func ReportName(owner, run, currency string) string { return owner + "-" + run + "-" + currency }

// due reports whether the run closes a period of an owner: otherwise it makes no
// report of it.
func (j *reportJob) due(owner string) bool {
	who, ok := j.Owner(owner)
	return ok && who.Frequency.Due(j.run.Month)
}

// leftOut reports whether only another owner was asked for.
func (j *reportJob) leftOut(owner string) bool { return j.at.Owner != "" && j.at.Owner != owner }

func (j *reportJob) lines() error {
	for l, err := range j.Reader.ReportLines(j.ctx, j.run, j.at) {
		if err != nil {
			return err
		}
		d := j.of(l.Owner, l.Currency)
		records := l.recorded().Records(j.Zone)
		f := figures(records)
		if l.Collected {
			d.collected.add(&l, &f)
		} else {
			d.awaited.add(&l, &f)
		}
		d.lines += f.Net
		d.Totals.Energy += f.Energy
		d.count(d.stations, l.Station, &l, &f)
		d.count(d.days, string(entities.DateOf(l.End, j.Zone)), &l, &f)
		for i := range records {
			id := l.id()
			if i > 0 {
				id += "/" + string(records[i].Origin)
			}
			if err := j.record(d, records[i].reported(id, j.Zone, d.digits)); err != nil {
				return err
			}
		}
	}
	return nil
}

// record counts and seals a record, and hands it on.
func (j *reportJob) record(d *reportDraft, r *ReportRecord) error {
	key := OriginSum{Kind: r.Kind, Origin: r.Origin, Month: r.Month}
	sum := d.origins[key]
	if sum == nil {
		sum = &OriginSum{Kind: r.Kind, Origin: r.Origin, Month: r.Month}
		d.origins[key] = sum
	}
	sum.Records, sum.Net = sum.Records+1, sum.Net+r.net
	d.RecordCount++
	content, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("record of %s: %w", d.Name, err)
	}
	_, _ = d.seal.Write(append(content, '\n')) // a hash never fails
	if j.sink.Record != nil {
		return j.sink.Record(ReportKey{d.Owner, d.Currency}, r)
	}
	return nil
}

func (j *reportJob) positions() error {
	list, err := j.Reader.ReportPositions(j.ctx, j.run)
	for i := range list {
		p := &list[i]
		if j.leftOut(p.Owner) {
			continue
		}
		d := j.of(p.Owner, p.Currency)
		if p.Component == CarriedForward {
			continue
		}
		if p.Kind == numbering.CreditNote {
			d.earn(p)
		} else {
			d.expenses += p.Net
		}
		note := &Note{Kind: p.Kind, Number: p.Number, Currency: p.Currency, Document: Document{CurrencyDigits: d.digits}}
		r, ok := note.Record(&p.Position, "", j.Zone)
		if !ok {
			continue // made of sessions
		}
		id := cmp.Or(p.Record, fmt.Sprintf("%s/%s/%s/%s", p.Contract, p.Component, p.Month, j.run.Name))
		out := r.reported(id, j.Zone, d.digits)
		out.Station = p.Station
		if err := j.record(d, out); err != nil {
			return err
		}
	}
	return err
}

func (j *reportJob) ownCharges() error {
	list, err := j.Reader.ReportOwnCharges(j.ctx, j.run)
	for i := range list {
		c := &list[i]
		if j.leftOut(c.Owner) {
			continue
		}
		d := j.of(c.Owner, c.Currency)
		d.Totals.OwnCharging += c.Energy
		charge := &RecordedCharge{
			OwnCharge: OwnCharge{Energy: c.Energy, DriverAmount: c.Driver, Net: c.Net}, Owner: c.Owner, Currency: c.Currency, Number: c.Number,
			Session: sessions.Session{Source: c.Source, ExternalID: c.Session, Start: c.Start, End: c.End},
		}
		r := charge.Record(j.Zone)
		if err := j.record(d, r.reported(c.Source+"/"+c.Session+"/own_charging", j.Zone, d.digits)); err != nil {
			return err
		}
	}
	return err
}

func (j *reportJob) topUps() error {
	_, until := j.run.Period(j.Zone)
	list, err := j.Reader.ReportTopUps(j.ctx, j.at, until)
	for _, t := range list {
		if j.leftOut(t.Entity) || !j.due(t.Entity) {
			continue
		}
		d := j.of(t.Entity, t.Currency)
		d.tops, d.topsMoved = d.tops+t.Amount, d.topsMoved+t.Moved
		d.topUpIDs = append(d.topUpIDs, t.ID)
		r := t.Record(j.Zone)
		d.SettlementReport.TopUps = append(d.SettlementReport.TopUps, ReportTopUp{t.Key, r.Date, t.User, t.Amount.Format(d.digits)})
		if err := j.record(d, r.reported(t.Key, j.Zone, d.digits)); err != nil {
			return err
		}
	}
	return err
}

// collectedBefore adds what was collected for previous periods. Such an owner
// gets a report although the run settled nothing of it, once it is due.
func (j *reportJob) collectedBefore() error {
	return j.addUp(j.Reader.ReportCollected(j.ctx, j.run, j.at), func(d *reportDraft) *DriverSum { return &d.previous }, j.sink.Previous)
}

func (j *reportJob) cancelled() error {
	return j.addUp(j.Reader.ReportCancelled(j.ctx, j.run, j.at), func(d *reportDraft) *DriverSum { return &d.cancelled }, nil)
}

func (j *reportJob) addUp(lines iter.Seq2[ReportLine, error], into func(*reportDraft) *DriverSum, each func(ReportKey, *ReportLine) error) error {
	for l, err := range lines {
		if err != nil {
			return err
		}
		key := ReportKey{l.Owner, l.Currency}
		if j.drafts[key] == nil && !j.due(l.Owner) {
			continue
		}
		f := figures(l.recorded().Records(j.Zone))
		into(j.of(l.Owner, l.Currency)).add(&l, &f)
		if each != nil {
			if err := each(key, &l); err != nil {
				return err
			}
		}
	}
	return nil
}

func (j *reportJob) documents() error {
	byKey, err := j.Reader.ReportDocuments(j.ctx, j.run, j.at)
	for key, list := range byKey {
		if d := j.drafts[key]; d != nil {
			d.Documents = list
		}
	}
	return err
}

func (j *reportJob) heldBack() error {
	byOwner, err := j.Reader.ReportHeld(j.ctx, j.run)
	for _, d := range j.drafts {
		counts := byOwner[d.Owner]
		d.Held, d.OwnWaits = heldList(counts.Held), heldList(counts.Own)
	}
	return err
}

func heldList(counts map[sessions.Reason]Count) []ReportHeld {
	list := []ReportHeld{}
	for _, reason := range slices.Sorted(maps.Keys(counts)) {
		list = append(list, ReportHeld{reason, counts[reason].Sessions, counts[reason].Energy})
	}
	return list
}

// accounts reads the account of each owner since its last report.
func (j *reportJob) accounts() error {
	for key, d := range j.drafts {
		after := int64(0)
		if last := j.last[key]; last != nil {
			after = last.Horizon.Movement
		}
		balance, list, err := j.Reader.ReportMovements(j.ctx, d.Recipient, d.Currency, after, j.at.Movement)
		if err != nil {
			return err
		}
		d.Account.Opening = balance.Format(d.digits)
		for _, m := range list {
			balance += m.Moved
			m.Booked = entities.DateOf(m.At, j.Zone)
			m.Amount, m.Balance = m.Moved.Format(d.digits), balance.Format(d.digits)
			d.Account.Movements = append(d.Account.Movements, m)
		}
		d.Account.Closing = balance.Format(d.digits)
	}
	return nil
}
