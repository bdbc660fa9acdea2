package creditnotes

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"creditrun/entities"
	"creditrun/internal/fault"
	"creditrun/internal/money"
	"creditrun/internal/sessions"
	"creditrun/internal/settlement"
)

// OwnCharge is a session that is billed to the Sub-CPO that issued its medium, or
// what takes that back (settlement.md §3.8). It is kept apart from the lines,
// which say what the owner of the station gets for the session
// (docs/decisions/0106).
type OwnCharge struct {
	NoteID       int64 // of the fee invoice
	OwnerID      int64 // who pays
	SessionID    int64
	PathID       int64    // of the price path: where it was charged, and by which contract it is billed
	Kind         LineKind // LineOwnCharging or LineOwnReversal
	Contract     string   // key
	Correction   bool
	Tax          int // slot of the TaxTotal of its note
	Energy       money.Quantity
	DriverAmount money.Micros
	Net          money.Micros
}

// ReplacedCharge is what was billed for a version of a session that has been
// replaced: the next run takes it back.
type ReplacedCharge struct {
	OwnCharge
	Currency  string
	Discount  money.Percent // of the contract that billed it, from its price path; 0 where it has none
	TaxTotal  TaxTotal      // with which it was billed, without its amounts
	treatment treatment
	End       time.Time // of the version that was billed
	CurrentID int64     // the version that replaced it
}

// OwnQuery asks for sessions that may be billed as own charging.
type OwnQuery struct {
	Media       []string // uids in upper case
	From, Until time.Time
	Cutoff      time.Time
	Only        []int64 // of these versions; nil: of all
}

// ownMedia are the media whose sessions are billed to an entity, where a
// contract of any month says so.
type ownMedia struct {
	byPayer map[*entities.Entity][]string
	from    time.Time // no contract bills earlier sessions
}

// ownMedia finds the media whose issuer, or an entity above it, has a contract
// that bills own charging.
func (p *Plan) ownMedia() *ownMedia {
	flagged := map[string]entities.Month{} // the first month by owner
	flag := func(c *settlement.Contract) {
		if first, known := flagged[c.Owner]; c.BillOwnCharging && (!known || c.From.Before(first)) {
			flagged[c.Owner] = c.From
		}
	}
	for i := range p.Config.Contracts {
		flag(&p.Config.Contracts[i])
	}
	keys := map[int64]string{}
	for i := range p.Config.Entities {
		keys[p.Config.Entities[i].ID] = p.Config.Entities[i].Key
	}
	for at, frozen := range p.frozen {
		for _, c := range frozen.InForce(keys[at.owner], at.month) {
			flag(c)
		}
	}
	own := &ownMedia{byPayer: map[*entities.Entity][]string{}}
	if len(flagged) == 0 {
		return own
	}
	own.from = slices.Min(slices.Collect(maps.Values(flagged))).Start(p.Network.Zone())
	for i := range p.Config.Media {
		medium := &p.Config.Media[i]
		for e := p.Network.Tree.Entity(medium.Issuer); e != nil; e = p.Network.Tree.Entity(e.Parent) {
			if _, pays := flagged[e.Key]; pays {
				own.byPayer[e] = append(own.byPayer[e], entities.MediumKey(medium.UID))
			}
		}
	}
	return own
}

// ownBilling is the own charging of the owners of a shard.
type ownBilling struct {
	lines []*ownLine
	waits []Hold
}

// save stores the charges that are on a note, and what waits.
func (b *ownBilling) save(w DraftWriter) error {
	list := make([]OwnCharge, 0, len(b.lines))
	for _, line := range b.lines {
		if line.charge.NoteID != 0 { // otherwise its owner has failed
			list = append(list, line.charge)
		}
	}
	if err := w.SaveOwnCharges(list); err != nil {
		return err
	}
	return w.SaveOwnWaits(b.waits)
}

// ownLine is a charge with what it is added up under.
type ownLine struct {
	charge   OwnCharge
	owner    *owner
	currency string
	discount money.Percent // off the driver amount
	month    entities.Month
	tax      treatment
	counted  bool      // as a session of its position; the old half of a correction is not
	of       int64     // the version of the session on whose behalf it is
	end      time.Time // of the session
}

func (l *ownLine) key() ownKey {
	return ownKey{l.owner, l.charge.Contract, l.currency, l.month, l.charge.Correction, l.tax}
}

// ownKey is what makes a position of its own.
type ownKey struct {
	owner      *owner
	contract   string
	currency   string
	month      entities.Month
	correction bool
	tax        treatment
}

// charges are the positions of an owner (settlement.md §3.8): one per contract,
// month and correction.
func (b *ownBilling) charges(o *owner) []charge {
	byKey := map[ownKey]int{}
	var list []charge
	var prices []priceList // of each
	for _, line := range b.lines {
		if line.owner != o {
			continue
		}
		key := line.key()
		at, known := byKey[key]
		if !known {
			at = len(list)
			byKey[key] = at
			list = append(list, charge{owner: o, currency: key.currency, tax: key.tax, position: Position{
				Owner: o.entity.Key, Component: OwnCharging, Month: key.month, Correction: key.correction, Contract: key.contract,
			}})
			prices = append(prices, priceList{})
		}
		prices[at].addOwn(&line.charge, line.discount)
		p := &list[at].position
		p.Sum, p.Energy = p.Sum+line.charge.Net, p.Energy+line.charge.Energy
		if line.counted {
			p.Sessions++
		}
		list[at].lines = append(list[at].lines, line)
	}
	for i := range list {
		p := &list[i].position
		digits, _ := money.Digits(list[i].currency) // asked for again where the invoice is made
		p.Net = p.Sum.Round(digits)
		p.Prices, p.FurtherPrices = prices[i].frozen()
	}
	return list
}

// ownCharging bills the sessions of the drivers of a shard's owners, wherever
// they charged.
func (j *draftJob) ownCharging(ctx context.Context, d *drafter) (*ownBilling, error) {
	b := &ownBiller{drafter: d, zone: j.plan.Network.Zone(), used: map[int64]bool{}, replaced: j.ownReplaced}
	media := []string{}
	for _, o := range d.shard.allOwners() {
		if o.failed == nil && o.due {
			media = append(media, j.media.byPayer[o.entity]...)
		}
	}
	if len(media) > 0 {
		if err := j.bill(ctx, b, media); err != nil {
			return nil, err
		}
	}
	b.takeBack()
	if d.broken {
		return nil, errOwnerFailed
	}
	slices.SortFunc(b.lines, func(x, y *ownLine) int {
		return cmp.Or(cmp.Compare(x.charge.SessionID, y.charge.SessionID), cmp.Compare(x.charge.Kind, y.charge.Kind))
	})
	return &b.ownBilling, nil
}

// bill reads the sessions of some media that are not billed. They come with
// those that they may overlap.
func (j *draftJob) bill(ctx context.Context, b *ownBiller, media []string) error {
	_, until := j.run.Period(b.zone)
	store := j.runner.Store
	ids, err := store.OwnSessions(ctx, OwnQuery{Media: media, From: j.media.from, Until: until, Cutoff: j.run.Cutoff, Only: j.only})
	if err != nil || len(ids) == 0 {
		return err
	}
	list, err := store.SessionsByID(ctx, ids)
	if err != nil {
		return err
	}
	// Since lies after everything, so that these sessions are read and no others
	// of their connectors but what they may overlap.
	q := SessionQuery{From: until, Until: until, Cutoff: j.run.Cutoff, Since: until.AddDate(1, 0, 0), Waiting: ids, Drivers: true}
	for _, s := range list {
		q.Connectors = append(q.Connectors, s.ConnectorID)
	}
	slices.Sort(q.Connectors)
	q.Connectors = slices.Compact(q.Connectors)
	cursor, err := store.OpenSessions(ctx, q)
	if err != nil {
		return err
	}
	defer cursor.Close()
	var overlaps sessions.Overlaps
	for cursor.Next() {
		clash := overlaps.Check(cursor.Session())
		if s, wanted := list[cursor.Session().ID]; wanted {
			if err := b.session(&s, clash); err != nil {
				return err
			}
		}
	}
	return cursor.Err()
}

// ownBiller bills sessions one after the other.
type ownBiller struct {
	ownBilling
	drafter  *drafter
	zone     *time.Location
	replaced *replacedCharges
	used     map[int64]bool // replaced charges that a new one stands beside, by session
}

// replacedCharges are what was billed for versions that were replaced.
type replacedCharges struct {
	byCurrent map[int64][]*ReplacedCharge
	byOwner   map[int64][]*ReplacedCharge
}

func newReplacedCharges(list []ReplacedCharge, p *Plan) *replacedCharges {
	r := &replacedCharges{byCurrent: map[int64][]*ReplacedCharge{}, byOwner: map[int64][]*ReplacedCharge{}}
	for i := range list {
		old := &list[i]
		old.treatment = p.storedTreatment(&old.TaxTotal)
		r.byCurrent[old.CurrentID] = append(r.byCurrent[old.CurrentID], old)
		r.byOwner[old.OwnerID] = append(r.byOwner[old.OwnerID], old)
	}
	return r
}

// session bills one session, unless it is in doubt or waits for its driver
// amount. What the owner of the station gets for it does not matter.
func (b *ownBiller) session(s *sessions.Session, clash sessions.Clash) error {
	d := b.drafter
	if s.Reversed || !d.startDate.IsZero() && s.Start.Before(d.startDate) {
		return nil
	}
	contract, payer := d.plan.ownChargingOf(s)
	o := d.shard.owners[payer]
	if contract == nil || o == nil || o.failed != nil || !o.due {
		return nil
	}
	place := d.plan.Network.Place(s.ConnectorID)
	if d.doubtful(s, place, clash) {
		return nil
	}
	currency := d.plan.contractCurrency(contract, payer)
	who, err := d.settler.driver(s, place)
	switch {
	case err != nil && len(fault.Of(err)) == 0:
		return err
	case err != nil || !who.known:
		b.wait(s, o, sessions.NoDriverAmount)
		return nil
	case who.currency != currency:
		b.wait(s, o, sessions.ContractCurrency)
		return nil
	}
	tax, failed := d.plan.feeTreatment(o, contract.FeeTaxAccount, entities.DateOf(s.End, b.zone))
	if failed != nil && d.observer == nil {
		return d.fail(o, failed)
	}
	net, err := contract.OwnCharging(who.amount)
	if err != nil {
		return err
	}
	path, err := d.settler.ownPath(s, place, contract, currency, who.sale)
	if err != nil {
		return err
	}
	d.paths[path.ID] = path
	b.add(&ownLine{owner: o, currency: currency, discount: contract.OwnChargingDiscount, month: entities.MonthOf(s.End, b.zone), tax: tax, counted: true, of: s.ID, end: s.End, charge: OwnCharge{
		OwnerID: payer.ID, SessionID: s.ID, PathID: path.ID, Kind: LineOwnCharging, Contract: contract.Key, Energy: s.Energy, DriverAmount: who.amount, Net: net,
	}})
	return nil
}

// add adds a charge. Where an earlier version was billed to the same owner, that
// is taken back beside it, and where both come to the same, what was billed
// stays.
func (b *ownBiller) add(line *ownLine) {
	for _, old := range b.replaced.byCurrent[line.charge.SessionID] {
		line.charge.Correction = true
		if old.OwnerID != line.charge.OwnerID {
			continue
		}
		b.used[old.SessionID] = true
		back := b.back(old, line.owner)
		if back.same(line) {
			return
		}
		back.counted = back.key() != line.key()
		b.lines = append(b.lines, back)
	}
	b.lines = append(b.lines, line)
}

// back takes back what was billed.
func (b *ownBiller) back(old *ReplacedCharge, o *owner) *ownLine {
	c := old.OwnCharge
	c.NoteID, c.Kind, c.Correction = 0, LineOwnReversal, true
	c.Energy, c.DriverAmount, c.Net = -c.Energy, -c.DriverAmount, -c.Net
	return &ownLine{
		owner: o, currency: old.Currency, discount: old.Discount, month: entities.MonthOf(old.End, b.zone), tax: old.treatment,
		counted: true, of: old.CurrentID, end: old.End, charge: c,
	}
}

// same reports whether a charge comes to what the other takes back.
func (l *ownLine) same(next *ownLine) bool {
	a, b := &l.charge, &next.charge
	return l.key() == next.key() && a.Energy == -b.Energy && a.DriverAmount == -b.DriverAmount && a.Net == -b.Net
}

// takeBack takes back what no new charge stands beside: of sessions that were
// taken back, are in doubt, or are another one's.
func (b *ownBiller) takeBack() {
	for _, o := range b.drafter.shard.allOwners() {
		if o.failed != nil || !o.due {
			continue
		}
		for _, old := range b.replaced.byOwner[o.entity.ID] {
			if !b.used[old.SessionID] {
				b.lines = append(b.lines, b.back(old, o))
			}
		}
	}
}

func (b *ownBiller) wait(s *sessions.Session, o *owner, reason sessions.Reason) {
	b.waits = append(b.waits, Hold{
		SessionID: s.ID, Session: s.ExternalID, Owner: o.entity.Key, OwnerID: o.entity.ID, Reason: reason, Energy: s.Energy,
	})
}

// doubtful reports whether a session is held for a reason of its own, not
// for one of the owner of the station.
func (d *drafter) doubtful(s *sessions.Session, place *entities.Place, clash sessions.Clash) bool {
	at := sessions.Circumstances{Known: place != nil, Owned: true, Modes: d.at.Modes, Limits: d.plan.Config.Settings.Limits, Overlaps: clash.By}
	if place != nil {
		at.Power = place.Connector.MaxPowerKW
		if owner := place.Owner(s.Start); owner != nil {
			at.Limits = owner.Limits.Over(at.Limits)
		}
	}
	if partner := d.plan.Network.Partner(s.Partner); s.Partner != "" && partner != nil {
		at.Limits = partner.Limits.Over(at.Limits)
	}
	held, _ := sessions.Check(s, &at)
	return held != ""
}
