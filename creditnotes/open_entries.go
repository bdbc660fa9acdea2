package creditnotes

import (
	"context"
	"fmt"
	"time"

	"creditrun/entities"
	"creditrun/internal/money"
	"creditrun/internal/sessions"
	"creditrun/numbering"
)

// entries finds the records of a book that no session makes: monthly sums, fees
// and custom records, by the code by which a run makes them.
func (o *OpenMonth) entries(ctx context.Context, plan *openPlan, b *OpenBook) error {
	sums, err := o.Store.OpenSums(ctx, b.ID, OpenByContract)
	if err != nil {
		return err
	}
	customs, err := o.Runner.Store.CustomRecords(ctx, plan.month)
	if err != nil {
		return err
	}
	run := o.Runner.newRun(Request{Month: plan.month}, plan.Config)
	list, err := plan.entries(run, sums, customs)
	if err != nil {
		return err
	}
	return o.Store.SaveOpenEntries(ctx, b, list)
}

// openEntries makes the records of positions that are on no document.
type openEntries struct {
	plan *openPlan
	list []SettlementRecord
}

func (p *openPlan) entries(run *Run, sums []OpenSum, customs []CustomRecord) ([]SettlementRecord, error) {
	made := &openEntries{plan: p}
	c := &composer{plan: p.Plan, run: run, months: p.months, open: true}
	d := newDrafter(p.Plan, run, &shard{groups: p.groups}, nil, newReversals(nil, p.Plan), &noteIDs{})
	d.observer = &openSource{}
	own := c.drafted(p.positions(sums))
	for _, o := range d.shard.allOwners() {
		if o.entity == p.Network.Operator() {
			continue
		}
		for _, month := range p.months.begun {
			if p.conflictIn(o.entity, month) != nil {
				continue
			}
			for _, contract := range p.contractsOf(o.entity, month) {
				charges, err := c.sumsOf(d, o, contract, month, own)
				if err != nil {
					return nil, err
				}
				made.add(numbering.CreditNote, "", charges...)
			}
		}
		fees, failed := c.fees(o)
		if failed != nil {
			continue
		}
		made.add(numbering.Invoice, "", fees...)
	}
	for i := range customs {
		made.custom(&customs[i])
	}
	return made.list, nil
}

// positions are the positions that sums come to, as they would be printed.
func (p *openPlan) positions(list []OpenSum) map[noteKey][]Position {
	owners := map[string]*owner{}
	for _, g := range p.groups {
		for _, o := range g.owners {
			owners[o.entity.Key] = o
		}
	}
	type key struct {
		sumKey
		tax string
	}
	sums := map[key]*sum{}
	for i := range list {
		one := &list[i]
		o, station := owners[one.Owner], p.Network.Station(one.Station)
		if one.Contract == "" || o == nil {
			continue
		}
		if station == nil {
			station = &entities.Station{Key: one.Station}
		}
		at := key{sumKey{o, station, one.Day.Month(), one.Currency, one.Correction, treatment{}, one.Contract, one.Shared, ""}, one.Tax}
		if sums[at] == nil {
			sums[at] = &sum{}
		}
		sums[at].add(&Line{Energy: one.Energy, Nets: one.Nets}, false)
	}
	positions := map[noteKey][]Position{}
	for at, s := range sums {
		digits, _ := money.Digits(at.currency) // tariffs and contracts know only known currencies
		note := noteKey{at.owner.group, at.currency, false}
		positions[note] = append(positions[note], s.positions(at.sumKey, p.month, digits)...)
	}
	return positions
}

// custom makes the record of a custom record.
func (m *openEntries) custom(r *CustomRecord) {
	kind := numbering.CreditNote
	if r.Direction == Debited {
		kind = numbering.Invoice
	}
	digits, _ := money.Digits(r.Currency) // checked when it was entered
	m.add(kind, r.Date, charge{currency: r.Currency, position: Position{
		Owner: r.Owner, Component: Custom, Month: r.Month, Sum: r.Net.Micros(digits), Net: r.Net, Record: r.Key, Text: r.Text,
	}})
}

// add makes the records of positions; date is that of a custom record.
func (m *openEntries) add(kind numbering.DocumentType, date entities.Date, charges ...charge) {
	for i := range charges {
		at := &charges[i].position
		n := &Note{Kind: kind, Currency: charges[i].currency}
		n.Document.CurrencyDigits, _ = money.Digits(n.Currency)
		one, ok := n.Record(at, date, m.plan.Network.Zone())
		if !ok {
			continue
		}
		one.ID = fmt.Sprintf("open-%s-%s-%s-%s", at.Owner, at.Component, at.Month, at.Contract+at.Record)
		one.Open = true
		one.Place.Source, one.Place.ID, one.Place.Part = RecordsOfOpenMonth, int64(len(m.list)+1), 0
		m.list = append(m.list, one)
	}
}

// ownCharges finds what would be billed as own charging of some versions of
// sessions; nil: of all.
func (o *OpenMonth) ownCharges(ctx context.Context, job *draftJob, only []int64) ([]OpenCharge, error) {
	s := job.plan.oneShard()
	s.groups = job.plan.groups
	d := newDrafter(job.plan, job.run, s, nil, newReversals(nil, job.plan), &noteIDs{})
	d.observer = &openSource{}
	job.only = only
	billed, err := job.ownCharging(ctx, d)
	if err != nil {
		return nil, err
	}
	list := make([]OpenCharge, 0, len(billed.lines))
	for _, line := range billed.lines {
		list = append(list, OpenCharge{line.charge, line.of, line.currency, line.end})
	}
	return list, nil
}

// MonthSoFar is Runner.MonthSoFar from the book, as it was when it was last
// right; nil: there is none. It costs nothing as long as nothing has changed.
func (o *OpenMonth) MonthSoFar(ctx context.Context) (*MonthSoFar, *OpenBook, error) {
	state, err := o.Store.OpenState(ctx)
	if err != nil || state.Book == nil {
		return nil, nil, err
	}
	b := state.Book
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.right.After(b.AsOf) {
		b.AsOf = o.right
	}
	if o.told != nil && o.toldOf.ID == b.ID && o.toldOf.Changed == b.Changed {
		return o.told, b, nil
	}
	if o.tree == nil || o.treeOf != state.Basis {
		config, err := o.Runner.Store.Configuration(ctx)
		if err != nil {
			return nil, nil, err
		}
		if o.tree, err = entities.NewTree(config.Entities); err != nil {
			return nil, nil, err
		}
		o.treeOf = state.Basis
	}
	days, err := o.Store.OpenSums(ctx, b.ID, OpenByDay)
	if err != nil {
		return nil, nil, err
	}
	owners, err := o.Store.OpenSums(ctx, b.ID, OpenByOwner)
	if err != nil {
		return nil, nil, err
	}
	held, err := o.Store.OpenHeld(ctx, b.ID)
	if err != nil {
		return nil, nil, err
	}
	o.told, o.toldOf = monthOf(b.Month, o.tree, days, owners, held), *b
	return o.told, b, nil
}

// monthOf is what sums of a book and the sessions it holds come to.
func monthOf(month entities.Month, tree *entities.Tree, days, owners []OpenSum, held []OpenHeld) *MonthSoFar {
	s := &monthSums{days: make([]Tally, dayOf(month.LastDay())), owners: map[string]*OwnerTally{}, reasons: map[sessions.Reason]Count{}}
	for i := range days {
		one := &days[i]
		into := &s.earlier
		if one.Day.Month() == month {
			into = &s.days[dayOf(one.Day)-1]
		}
		into.add(Tally{Sessions: one.Sessions, Energy: one.Energy}, one.Currency, one.Total())
	}
	for i := range owners {
		if one := &owners[i]; one.Day.Month() == month {
			s.owner(one.Owner).add(Tally{Sessions: one.Sessions, Energy: one.Energy}, one.Currency, one.Total())
		}
	}
	for _, h := range held {
		s.reasons[h.Reason] = s.reasons[h.Reason].Plus(h.Count)
		o := s.owner(h.Owner)
		o.Held = o.Held.Plus(h.Count)
	}
	return s.result(month, tree)
}

// dayOf is the day of the month.
func dayOf(date entities.Date) int { return date.In(time.UTC).Day() }
