package creditnotes

import (
	"creditrun/entities"
	"creditrun/internal/sessions"
	"creditrun/tariffs"
)

// credit makes the line that pays a session. Where an earlier version was paid,
// it is a correction, and what this owner was paid is taken back in a line
// before (old → new).
func (d *drafter) credit(s *sessions.Session, place *entities.Place, o *owner) error {
	driver := d.settled.driver
	path, err := d.pathOf(s)
	if err != nil {
		return err
	}
	d.paths[path.ID] = path
	d.line = Line{
		OwnerID: o.entity.ID, SessionID: s.ID, PathID: path.ID, Kind: LineCredit, Energy: s.Energy, Nets: d.settled.Nets,
		ByDriver: driver.known, DriverAmount: driver.amount, DriverFee: driver.fee,
	}
	d.sell(s, place)
	d.sums.sheet(o.entity).Credited.Add(s.Energy)
	if d.signs != nil {
		d.signs.session(o, d.cursor.Name(), path.EVSEID)
	}
	old := d.reversals.take(s, o)
	paid := entry{
		station: place.Station, currency: d.settled.currency, start: s.Start, end: s.End, tax: d.tax,
		correction: d.reversals.corrects(s), settlesSession: true, counted: true, of: s.ID, path: path, seconds: s.Duration,
	}
	d.line.Correction = paid.correction
	paid.again = CreditedAgain(&d.line, d.cancelled)
	if c := d.settled.contract; c != nil {
		paid.contract, paid.shared, paid.later = c.Key, c.Shares(), d.settled.later
	}
	d.add(o, paid)
	if old == nil {
		return nil
	}
	d.second, d.next = d.line, &d.second
	back := d.entryOf(old)
	back.counted = d.sums.key(o, back) != d.sums.key(o, paid)
	d.reverse(old, o, back)
	return nil
}

// pathOf is the price path of the session that is credited: where it was priced
// anew, the path says why.
func (d *drafter) pathOf(s *sessions.Session) (*tariffs.Path, error) {
	path, why := d.settled.path, d.reversals.reprice(s)
	if why == nil {
		return path, nil
	}
	if d.repriced == nil {
		d.repriced = map[repricedPath]*tariffs.Path{}
	}
	key := repricedPath{path.ID, why.ID}
	if d.repriced[key] == nil {
		anew, err := path.Anew(why)
		if err != nil {
			return nil, err
		}
		d.repriced[key] = anew
	}
	return d.repriced[key], nil
}

// repricedPath names a price path and the reprice for which a session has it.
type repricedPath struct{ path, reprice int64 }

// sell notes on the line what the sales side charges the driver, in the currency
// in which the session is settled, where the settlement did not ask and the
// source states no amount. Records show it (settlement.md §2.2). What is wrong
// with the sales side holds nothing here.
func (d *drafter) sell(s *sessions.Session, place *entities.Place) {
	if !d.sells || d.line.ByDriver || s.DriverAmount != nil {
		return
	}
	sale, err := d.pricer.Sale(s, place)
	if err != nil || sale.Path == nil || sale.Currency != d.settled.currency {
		return
	}
	d.line.Sold, d.line.Sale = true, sale.Amount
}

// takeBack makes the next line that takes back what no new line replaces;
// false when there is none left.
func (d *drafter) takeBack() (bool, error) {
	for _, o := range d.shard.allOwners() {
		if o.failed != nil || d.waits(o) {
			continue
		}
		old := d.reversals.rest(o.entity.ID)
		if old == nil {
			continue
		}
		if failed := d.taxObstacle(o, old.treatment); failed != nil {
			if err := d.fail(o, failed); err != nil {
				return false, err
			}
			continue
		}
		d.reverse(old, o, d.entryOf(old))
		return true, nil
	}
	return false, nil
}

// reverse makes the line that takes back what a version was paid.
func (d *drafter) reverse(old *Reversal, o *owner, e entry) {
	d.line = old.Line
	d.line.NoteID, d.line.Kind = 0, LineReversal
	d.line.Energy, d.line.Nets = -old.Line.Energy, old.Line.Times(-1)
	d.line.DriverAmount, d.line.DriverFee = -old.Line.DriverAmount, -old.Line.DriverFee
	d.line.Sale = -old.Line.Sale
	d.add(o, e)
}

// add adds the line up.
func (d *drafter) add(o *owner, e entry) {
	d.sums.add(&d.line, o, e)
	if d.observer != nil {
		d.observer.credited(&d.line, o, e)
	}
}

// entryOf is what a reversal is added up under: the station and month that
// were paid. It counts as a session of its position, unless the line that
// replaces it does.
func (d *drafter) entryOf(old *Reversal) entry {
	station := d.plan.Network.Station(old.Path.Station)
	if station == nil {
		station = &entities.Station{Key: old.Path.Station, Name: old.Path.Station}
	}
	return entry{
		station: station, currency: old.Currency, start: old.Start, end: old.End, tax: old.treatment, correction: true, counted: true, of: old.CurrentID,
		contract: old.Path.Contract, shared: old.Path.Rule == string(tariffs.ContractRule), path: old.Priced, seconds: old.Duration,
	}
}
