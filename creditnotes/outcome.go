package creditnotes

import (
	"errors"
	"time"

	"creditrun/entities"
	"creditrun/internal/fault"
	"creditrun/internal/sessions"
	"creditrun/internal/settlement"
	"creditrun/tariffs"
)

// drafter decides what becomes of every session of a shard: excluded, withdrawn,
// held or credited. It is a LineSource: the store pulls one line after the
// other into the database, and for each the drafter reads sessions until one
// yields a line, and adds it up. Prices are so computed inside the store's COPY,
// and a shard of any size takes the same memory.
type drafter struct {
	plan      *Plan
	run       *Run
	shard     *shard
	cursor    SessionCursor
	pricer    *tariffs.Pricer
	overlaps  sessions.Overlaps
	from      time.Time // of the run's month
	until     time.Time
	startDate time.Time // sessions that start before are excluded
	sells     bool      // the sales side has prices
	place     *entities.Place
	sums      *sums
	reversals *reversals
	cancelled map[int64]CancelledCredit
	holds     []Hold
	warned    []Hold // credited all the same
	longAgo   []Hold // excluded, and ended long before they were received: the first few
	ofOld     int    // how many such there are
	at        sessions.Circumstances
	paths     map[int64]*tariffs.Path
	repriced  map[repricedPath]*tariffs.Path
	settler   *settler
	decision  tariffs.Decision // the purchase price of the session that is looked at
	settled   settled          // what that session comes to
	tax       treatment        // of that session
	line      Line
	next      *Line // the second line of a correction
	second    Line
	observer  observer // nil where lines and holds are kept
	signs     *signs   // nil but for the readiness check
	broken    bool     // an owner has failed
	err       error
}

// observer is called with what a drafter does, where that is added up and not
// kept.
type observer interface {
	credited(l *Line, o *owner, e entry)
	held(h Hold)
}

func newDrafter(p *Plan, run *Run, s *shard, cursor SessionCursor, rev *reversals, ids *noteIDs) *drafter {
	zone := p.Network.Zone()
	from, until := run.Period(zone)
	d := &drafter{
		plan: p, run: run, shard: s, cursor: cursor, reversals: rev,
		from: from, until: until,
		pricer: p.Book.Pricer(),
		sums:   newSums(zone, run, ids),
		paths:  map[int64]*tariffs.Path{},
	}
	d.settler = newSettler(p, d.pricer)
	d.at.Modes, d.sells = run.Settings.Modes, p.Book.Sells()
	if day := run.Settings.StartDate; !day.IsZero() {
		d.startDate = day.In(zone)
	}
	return d
}

// errOwnerFailed ends the shard: it is drafted again without the owner.
var errOwnerFailed = errors.New("an owner failed while its sessions were priced")

// Next reads on until a session yields a line.
func (d *drafter) Next() bool {
	if d.next != nil {
		d.line, d.next = *d.next, nil
		return true
	}
	if d.err != nil {
		return false
	}
	found, err := d.find()
	d.err = err
	return found && err == nil
}

// find reads on until there is a line; false at the end of the shard.
func (d *drafter) find() (bool, error) {
	for d.cursor.Next() {
		if found, err := d.settle(d.cursor.Session()); found || err != nil {
			return found, err
		}
	}
	if err := d.cursor.Err(); err != nil {
		return false, err
	}
	if found, err := d.takeBack(); found || err != nil {
		return found, err
	}
	if d.broken {
		return false, errOwnerFailed
	}
	return false, nil
}

// Line is the line Next found.
func (d *drafter) Line() *Line { return &d.line }

// Err is what ended the lines early.
func (d *drafter) Err() error { return d.err }

// settle decides what becomes of one session and reports whether that made a
// line.
func (d *drafter) settle(s *sessions.Session) (bool, error) {
	clash := d.overlaps.Check(s)
	if !d.cursor.Open() {
		return false, nil
	}
	place := d.placeOf(s.ConnectorID)
	var entity *entities.Entity
	if place != nil {
		entity = place.Owner(s.Start)
	}
	o := d.shard.owners[entity]
	if o == nil && !d.looksAfter(place, entity) {
		return false, nil
	}
	if s.Reversed {
		s.Energy = 0
	}
	sheet := d.sums.sheet(entity)
	paid := s.Reversed && d.reversals.of(s, o) != nil
	if s.Reversed && !paid { // nothing was paid, and nothing holds or excludes it
		sheet.Received.Add(s.Energy)
		d.withdraw(s, entity, sheet)
		return true, nil
	}
	if reason := sessions.Exclude(s, d.startDate, entity == d.plan.Network.Operator()); reason != "" {
		d.exclude(s, entity, reason, clash)
		if !d.line.Correction {
			sheet.Received.Add(s.Energy)
			sheet.Excluded.Add(s.Energy)
		}
		return true, nil
	}
	sheet.Received.Add(s.Energy)
	if paid && d.waits(o) {
		sheet.Held.Add(s.Energy)
		d.hold(d.named(s, entity, sessions.NotDue, clash))
		return false, nil
	}
	contract := d.contract(s, place, o)
	if paid && contract != nil { // what was paid by contract is taken back by itself
		d.withdraw(s, entity, sheet)
		return true, nil
	}
	held, warned, err := d.obstacle(s, place, o, contract, clash)
	if err != nil {
		return false, err
	}
	if held != "" {
		sheet.Held.Add(s.Energy)
		h := d.named(s, entity, held, clash)
		h.Worth, h.WorthIn = d.worth(s, place, o, contract, held)
		d.hold(h)
		return false, nil
	}
	if warned != "" && d.observer == nil {
		d.warned = append(d.warned, d.named(s, entity, warned, clash))
	}
	return true, d.credit(s, place, o)
}

// withdraw makes the line of a session that its source took back.
func (d *drafter) withdraw(s *sessions.Session, entity *entities.Entity, sheet *Control) {
	sheet.Withdrawn.Add(s.Energy)
	d.line = Line{SessionID: s.ID, OwnerID: idOf(entity), Kind: LineWithdrawn, Energy: s.Energy}
	d.close(d.named(s, entity, "", sessions.Clash{}), LineWithdrawn)
}

// exclude makes the line of a session that is never credited. One of an earlier
// month was never open, so the run did not receive it: the line is marked as a
// correction and counts on no control sheet.
func (d *drafter) exclude(s *sessions.Session, entity *entities.Entity, reason sessions.Reason, clash sessions.Clash) {
	d.line = Line{SessionID: s.ID, OwnerID: idOf(entity), Kind: LineExcluded, Energy: s.Energy, Reason: reason,
		Correction: s.End.Before(d.from) && !d.reversals.corrects(s)}
	if !d.line.Correction {
		d.close(d.named(s, entity, reason, clash), LineExcluded)
	}
	if sessions.LongAgo(s) {
		d.nameLongAgo(d.named(s, entity, reason, clash))
	}
}

// closer is an observer that also wants to know what is excluded or withdrawn.
type closer interface{ closed(h Hold) }

func (d *drafter) close(h Hold, as LineKind) {
	if c, ok := d.observer.(closer); ok {
		h.Closed = as
		c.closed(h)
	}
}

// named is a session of which a report tells, with the session that it
// overlaps where that is the reason.
func (d *drafter) named(s *sessions.Session, entity *entities.Entity, reason sessions.Reason, clash sessions.Clash) Hold {
	h := Hold{
		SessionID: s.ID, Session: d.cursor.Name(), Owner: keyOf(entity), OwnerID: idOf(entity), Reason: reason, Energy: s.Energy,
		Connector: s.ConnectorID, End: s.End,
	}
	if reason == sessions.Overlap {
		h.OtherID = clash.With
	}
	return h
}

// maxNamed is how many sessions of one kind the readiness check names.
const maxNamed = 20

// nameLongAgo keeps the first few: anyone who imports the sessions of ten years
// may have millions.
func (d *drafter) nameLongAgo(h Hold) {
	d.ofOld++
	if len(d.longAgo) < maxNamed {
		d.longAgo = append(d.longAgo, h)
	}
}

func (d *drafter) hold(h Hold) {
	if d.observer != nil {
		d.observer.held(h)
		return
	}
	d.holds = append(d.holds, h)
}

// obstacle is the first reason for which a session is held (domain.md §3.5),
// or otherwise the first rule that applies and only warns.
func (d *drafter) obstacle(
	s *sessions.Session, place *entities.Place, o *owner, contract *settlement.Contract, clash sessions.Clash,
) (held, warned sessions.Reason, err error) {
	if !s.Reversed {
		d.look(s, place, o, clash)
		if held, warned = sessions.Check(s, &d.at); held != "" {
			return held, "", nil
		}
	}
	switch {
	case s.IDReused: // a credit CDR, too, waits for a person to say what it takes back
		return sessions.IDReused, "", nil
	case place == nil:
		return sessions.UnknownConnector, "", nil
	case o == nil:
		return sessions.NoOwner, "", nil
	case o.failed != nil:
		return sessions.OwnerFailed, "", nil
	}
	if held, err = d.value(s, place, o, contract); err != nil {
		return sessions.OwnerFailed, "", d.fail(o, err)
	}
	if held != "" {
		return held, "", nil
	}
	tax, failed := d.taxed(o, s.End)
	if old := d.reversals.of(s, o); old != nil && failed == nil {
		failed = d.taxObstacle(o, old.treatment)
	}
	if failed != nil {
		return sessions.OwnerFailed, "", d.fail(o, failed)
	}
	d.tax = tax
	if d.waits(o) {
		return sessions.NotDue, "", nil
	}
	return "", warned, nil
}

// waits reports whether an owner is settled by a later run (settlement.md §9). A
// survey tells what there is until then.
func (d *drafter) waits(o *owner) bool { return o != nil && !o.due && d.observer == nil }

// contract is the contract by which a session is settled, or nil.
func (d *drafter) contract(s *sessions.Session, place *entities.Place, o *owner) *settlement.Contract {
	if place == nil || o == nil {
		return nil
	}
	return d.settler.contract(o.entity, place.Station, d.sums.monthOf(s.End))
}

// value finds what a session comes to, by its contract and its purchase price, or
// why it is held.
func (d *drafter) value(s *sessions.Session, place *entities.Place, o *owner, contract *settlement.Contract) (held sessions.Reason, err error) {
	if contract != nil && contract.Shares() {
		err = d.pricer.Who(s, place, &d.decision)
	} else if err = d.pricer.Price(s, place, &d.decision); err == nil && !d.decision.Priced {
		return sessions.Unpriced, nil
	}
	if err != nil {
		return "", err
	}
	if contract == nil {
		d.settled = settled{
			Nets:     Nets{NetEnergy: d.decision.Energy, NetTime: d.decision.Time, NetFee: d.decision.Fee},
			currency: d.decision.Currency, path: d.decision.Path,
		}
		return "", nil
	}
	d.settled, held, err = d.settler.settle(s, place, o.entity, contract, &d.decision)
	return held, err
}

// look gathers what the rules of plausibility ask for. The limits of the
// roaming partner go before those of the owner.
func (d *drafter) look(s *sessions.Session, place *entities.Place, o *owner, clash sessions.Clash) {
	d.at.Known, d.at.Owned, d.at.Power, d.at.Overlaps = place != nil, o != nil, 0, clash.By
	if place == nil || o == nil {
		return
	}
	d.at.Power, d.at.Limits = place.Connector.MaxPowerKW, o.limits
	if s.Partner == "" {
		return
	}
	if partner := d.plan.Network.Partner(s.Partner); partner != nil {
		d.at.Limits = partner.Limits.Over(o.limits)
	}
}

// taxed is the treatment of what an owner supplies with a session, by the day
// on which the session ends (domain.md §7.2), and what prevents it from being credited
// so. A survey is content with what there is.
func (d *drafter) taxed(o *owner, end time.Time) (treatment, *fault.Fault) {
	tax := o.group.treatments.at(end).treatment
	if tax.account == nil && d.observer == nil {
		return d.plan.treatmentOn(o.group.recipient, entities.DateOf(end, d.plan.Network.Zone()))
	}
	return tax, d.taxObstacle(o, tax)
}

func (d *drafter) taxObstacle(o *owner, tax treatment) *fault.Fault {
	if d.observer != nil {
		return nil
	}
	return d.plan.taxObstacle(o.entity, o.group.recipient, tax.account)
}

// fail remembers that an owner cannot be credited in this run: when all
// sessions of the shard are read, it is drafted again without the owners that
// failed. Anything but a fault is returned and ends the run at once.
func (d *drafter) fail(o *owner, err error) error {
	list := fault.Of(err)
	if len(list) == 0 {
		return err
	}
	o.failed, d.broken = list[0], true
	if _, named := o.failed.Args["session"]; named {
		o.failed.Args["session"] = d.cursor.Name()
	}
	return nil
}

// looksAfter reports whether this shard answers for sessions without an owner at
// a place: the shard of the place's first owner does, or the one shard of
// places that were never owned.
func (d *drafter) looksAfter(place *entities.Place, entity *entities.Entity) bool {
	if entity != nil {
		return false
	}
	if place == nil || place.HomeOwner() == nil {
		return d.shard.ownerless
	}
	return d.shard.owners[place.HomeOwner()] != nil
}

// placeOf finds the place of a connector; sessions come connector by connector.
func (d *drafter) placeOf(connectorID int64) *entities.Place {
	if d.place == nil || d.place.Connector.ID != connectorID {
		d.place = d.plan.Network.Place(connectorID)
	}
	return d.place
}

func (s *shard) allOwners() (list []*owner) {
	for _, g := range s.groups {
		list = append(list, g.owners...)
	}
	return list
}

func idOf(e *entities.Entity) int64 {
	if e == nil {
		return 0
	}
	return e.ID
}

func keyOf(e *entities.Entity) string {
	if e == nil {
		return ""
	}
	return e.Key
}
