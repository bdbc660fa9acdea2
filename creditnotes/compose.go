package creditnotes

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"creditrun/entities"
	"creditrun/internal/fault"
	"creditrun/internal/money"
	"creditrun/numbering"
)

// composer turns the sums of a shard into notes.
type composer struct {
	plan    *Plan
	run     *Run
	texts   Texts
	carried waitingSums // that go on credit notes
	charged waitingSums // that go on fee invoices
	offsets map[string]map[string][]Offset
	noted   map[int64]bool // owners who have a note of this month already
	months  *months
	own     *ownBilling
	records map[string][]*CustomRecord // by owner
	ids     *noteIDs
	open    bool // for records without a document: no tax is asked for
}

// compose makes the credit notes and fee invoices of a shard in walk order and moves the sessions of notes over nothing to zero.
func (c *composer) compose(d *drafter) ([]*Note, error) {
	var notes []*Note
	for _, g := range d.shard.groups {
		if g.recipient == c.plan.Network.Operator() && len(g.owners) == 1 && g.owners[0].entity == g.recipient {
			continue
		}
		for _, of := range []func(*drafter, *group) ([]*Note, error){c.groupNotes, c.invoices} {
			made, err := of(d, g)
			if err != nil {
				return nil, err
			}
			notes = append(notes, made...)
		}
	}
	return notes, nil
}

func (c *composer) groupNotes(d *drafter, g *group) ([]*Note, error) {
	drafts, err := c.sessionPositions(d, g)
	if err != nil {
		return nil, err
	}
	extra, err := c.monthlySums(d, g, drafts)
	if err != nil {
		return nil, err
	}
	credits, err := c.customCredits(d, g)
	if err != nil {
		return nil, err
	}
	extra = append(extra, credits...)
	var notes []*Note
	for _, key := range c.keys(d, g, extra) {
		n := d.sums.notes[key]
		if n == nil {
			n = d.sums.note(key)
		}
		note, err := c.note(d, key, n, drafts[key], extra)
		if err != nil {
			return nil, err
		}
		if note == nil {
			continue
		}
		if note.State == Zero {
			d.sums.settleAsZero(n)
		}
		notes = append(notes, note)
	}
	if len(notes) > 0 || !c.run.Settings.CreateZeroNotes {
		return notes, nil
	}
	return c.emptyNotes(d, g)
}

// keys lists the notes of a group in their order: by currency, those that are
// not subject to VAT last. There is one for monthly sums, custom records and sums
// that wait, too, where no session came.
func (c *composer) keys(d *drafter, g *group, extra []charge) []noteKey {
	keys := map[noteKey]bool{}
	for key := range d.sums.notes {
		if key.group == g {
			keys[key] = true
		}
	}
	addKeys(keys, g, extra)
	c.addWaiting(keys, g, c.carried)
	return sortedKeys(keys)
}

// note makes the draft of one credit note. Its total decides what becomes of
// it: a document, nothing (zero), or a sum carried forward (negative). Sums that
// wait are brought along, and where nothing new came and they are still
// negative, there is no note and they go on waiting.
func (c *composer) note(d *drafter, key noteKey, n *noteSums, ofSessions []Position, extra []charge) (*Note, error) {
	digits, err := digitsOf(key.currency)
	if err != nil {
		return nil, err
	}
	zone := c.plan.Network.Zone()
	note := c.blank(key.group, n.id, key.currency)
	note.Positions = ofSessions
	if len(ofSessions) > 0 {
		note.PeriodFrom, note.PeriodTo = entities.DateOf(n.first, zone), entities.DateOf(n.last, zone)
	}
	putAll(extra, note, key, n)
	anew := len(note.Positions) > 0
	if anew && len(ofSessions) == 0 {
		note.PeriodFrom, note.PeriodTo = c.closes(key.group)
	}
	brought := c.bringAlong(note, key, n, c.carried)
	note.Owners = ownersIn(note.Owners, note.Positions)
	if err := c.finish(d, note, key.group, n.taxes, digits); err != nil {
		return nil, err
	}
	if !anew && note.State == Carried {
		return nil, nil
	}
	note.freezeCarried(brought)
	return note, c.judge(d, note, key.group)
}

// judge fails the owners whose sums carried forward cannot stand on a document
// under their tax any more.
func (c *composer) judge(d *drafter, note *Note, g *group) error {
	for i := range note.Positions {
		p := &note.Positions[i]
		if p.CarriedFrom == 0 {
			continue
		}
		o := g.owners[slices.IndexFunc(g.owners, func(o *owner) bool { return o.entity.Key == p.Owner })]
		if failed := d.taxObstacle(o, c.plan.storedTreatment(note.TaxOf(p))); failed != nil && o.failed == nil {
			d.fail(o, failed)
		}
	}
	if d.broken {
		return errOwnerFailed
	}
	return nil
}

// emptyNotes makes the notes over 0.00 of owners that have a station on the
// last day of the month but had no session (domain.md §9.5): once for a month,
// however often it is run. Each is in the currency of the owner, so that owners
// with one recipient share a note only where they share that. Its tax is that
// of the same day.
func (c *composer) emptyNotes(d *drafter, g *group) ([]*Note, error) {
	midnight := c.run.Month.LastDay().AddDays(1).In(c.plan.Network.Zone()).Add(-time.Microsecond)
	owners := map[string][]string{} // by currency
	for _, o := range g.owners {
		if o.failed == nil && o.due && !c.noted[o.entity.ID] && len(c.plan.Network.StationsOwned(o.entity, midnight)) > 0 {
			currency := c.currencyOf(o.entity)
			owners[currency] = append(owners[currency], o.entity.Key)
		}
	}
	if len(owners) == 0 {
		return nil, nil
	}
	tax, err := c.lastTax(d, g)
	if err != nil {
		return nil, err
	}
	var notes []*Note
	for _, currency := range slices.Sorted(maps.Keys(owners)) {
		digits, err := digitsOf(currency)
		if err != nil {
			return nil, err
		}
		note := c.blank(g, c.ids.take(), currency)
		note.Owners = owners[currency]
		note.PeriodFrom, note.PeriodTo = c.closes(g)
		if err := c.finish(d, note, g, []treatment{tax}, digits); err != nil {
			return nil, err
		}
		notes = append(notes, note)
	}
	return notes, nil
}

// lastTax is the treatment of a group on the last day of the month. Owners that
// cannot be credited under it fail.
func (c *composer) lastTax(d *drafter, g *group) (treatment, error) {
	var tax treatment
	for _, o := range g.owners {
		if o.failed != nil || !o.due {
			continue
		}
		var failed *fault.Fault
		if tax, failed = d.taxed(o, d.until.Add(-time.Microsecond)); failed != nil {
			d.fail(o, failed)
		}
	}
	if d.broken {
		return tax, errOwnerFailed
	}
	return tax, nil
}

func (c *composer) blank(g *group, id int64, currency string) *Note {
	note := &Note{
		ID: id, RunID: c.run.ID, Kind: numbering.CreditNote, State: Draft, Ordinal: g.ordinal,
		Recipient: g.recipient.Key, Language: c.languageOf(g.recipient), Currency: currency, Date: c.run.DocumentDate,
	}
	for _, o := range g.owners {
		if o.failed == nil {
			note.Owners = append(note.Owners, o.entity.Key)
		}
	}
	return note
}

// sessionPositions are the positions of sessions on the notes of a group.
func (c *composer) sessionPositions(d *drafter, g *group) (map[noteKey][]Position, error) {
	found := map[noteKey][]Position{}
	for key, n := range d.sums.notes {
		if key.group != g {
			continue
		}
		digits, err := digitsOf(key.currency)
		if err != nil {
			return nil, err
		}
		found[key] = n.positions(c.run.Month, digits)
	}
	return found, nil
}

// closes is the period that the run closes for a group.
func (c *composer) closes(g *group) (from, to entities.Date) {
	first := c.run.Month
	for _, o := range g.owners {
		if o.due && o.failed == nil {
			first = min(first, o.period(c.run.Month))
		}
	}
	return first.FirstDay(), c.run.Month.LastDay()
}

// period is the first month of the period of an owner that a month belongs to.
func (o *owner) period(month entities.Month) entities.Month {
	first, _ := o.entity.Frequency.Period(month)
	return first
}

// markLate marks the positions of months before the period that the run closes
// (settlement.md §9).
func (c *composer) markLate(note *Note, g *group) {
	for i := range note.Positions {
		p := &note.Positions[i]
		for _, o := range g.owners {
			if o.entity.Key == p.Owner {
				p.Late = p.Month.Before(o.period(c.run.Month))
			}
		}
	}
}

// ownersIn keeps the owners that have a position.
func ownersIn(owners []string, positions []Position) []string {
	return slices.DeleteFunc(slices.Clone(owners), func(key string) bool {
		return !slices.ContainsFunc(positions, func(p Position) bool { return p.Owner == key })
	})
}

// finish sorts, adds up, taxes, and decides the state.
func (c *composer) finish(d *drafter, note *Note, g *group, taxes []treatment, digits int) error {
	if err := c.tax(note, taxes); err != nil {
		return err
	}
	c.markLate(note, g)
	note.sortPositions(c.plan.Network.Tree.Rank)
	switch {
	case note.Net < 0 || note.Gross < 0:
		note.State = Carried
	case note.Net == 0 && note.Tax == 0 && (note.Kind == numbering.Invoice || !c.run.Settings.CreateZeroNotes):
		note.State = Zero
	}
	if note.Kind == numbering.Invoice {
		return c.freezeInvoice(note, g, digits)
	}
	return c.freeze(d, note, g, digits)
}

// tax adds up the positions of each tax and taxes the sum, rounded once
// (EN 16931 BR-CO-17). The slot of a tax is its place among the treatments.
func (c *composer) tax(note *Note, taxes []treatment) error {
	note.Net, note.Tax = 0, 0
	for slot, t := range taxes {
		exemption, err := c.exemption(note.Language, t.account)
		if err != nil {
			return err
		}
		total := TaxTotal{
			Slot: slot, Account: t.account.Key, LedgerAccount: t.account.LedgerAccount,
			Name:     inLanguage(t.account.Name, note.Language),
			Category: t.account.Category, Rate: t.rate,
			ExemptionCode: t.account.ExemptionCode, Exemption: exemption,
		}
		for i := range note.Positions {
			if note.Positions[i].Tax == slot {
				total.Base += note.Positions[i].Net
			}
		}
		total.Tax = total.Base.Tax(t.rate)
		note.Net, note.Tax = note.Net+total.Base, note.Tax+total.Tax
		note.Taxes = append(note.Taxes, total)
	}
	note.SortTaxes()
	note.Gross = note.Net + note.Tax
	return nil
}

// settleAsZero moves the sessions of a note over nothing from credited to zero.
func (s *sums) settleAsZero(n *noteSums) {
	for o, count := range n.credited {
		sheet := s.sheets[o.entity]
		sheet.Zero = sheet.Zero.Plus(*count)
		sheet.Credited = sheet.Credited.Plus(Count{-count.Sessions, -count.Energy})
	}
}

// prove compares what the lines of each tax add up to with what the positions
// say that have lines: a note whose proof fails stops the run.
func prove(note *Note, lines TaxSums) error {
	positions := map[int]money.Micros{}
	for _, p := range note.Positions {
		if note.taxIn(p.Tax) == nil {
			return fmt.Errorf("note of %v for run %d: position %d has no tax", note.Owners, note.RunID, p.Ordinal)
		}
		if p.Component.hasLines() {
			positions[p.Tax] += p.Sum
		}
	}
	for slot := range lines {
		if _, known := positions[slot]; !known {
			return fmt.Errorf("note of %v for run %d: lines of tax %d have no position", note.Owners, note.RunID, slot)
		}
	}
	for slot, sum := range positions {
		if sum != lines[slot] {
			return fmt.Errorf("note of %v for run %d, tax %d: positions add up to %s, lines to %s", note.Owners, note.RunID, slot, sum, lines[slot])
		}
	}
	return nil
}
