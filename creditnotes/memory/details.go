package memory

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/money"
	"creditrun/numbering"
	"creditrun/tariffs"
)

// Details implements creditnotes.NoteStore. A cancellation shows the sessions of
// the note it cancels with their signs turned. The sessions of sums that were
// carried forward onto the note are among them.
func (s *Store) Details(_ context.Context, n *creditnotes.Note) iter.Seq2[creditnotes.Detail, error] {
	d := s.read()
	return func(yield func(creditnotes.Detail, error) bool) {
		list, err := d.details(n)
		if err != nil {
			yield(creditnotes.Detail{}, fmt.Errorf("sessions of %s: %w", n.Number, err))
			return
		}
		for _, one := range list {
			if !yield(one, nil) {
				return
			}
		}
	}
}

// part is what one owner has of a note.
type part struct{ note, owner int64 }

// broughtBy finds what a note brings along, itself or through others: the sum
// that the note itself names, by part.
func (d *Data) broughtBy(noteID int64) map[part]int64 {
	brought := map[part]int64{}
	var follow func(noteID, owner, root int64)
	follow = func(noteID, owner, root int64) {
		n := d.note(noteID)
		if n == nil {
			return
		}
		for _, p := range n.Positions {
			of := part{p.CarriedFrom, d.ownerID(p.Owner)}
			if p.CarriedFrom == 0 || owner != 0 && of.owner != owner || brought[of] != 0 {
				continue
			}
			brought[of] = cmp.Or(root, p.CarriedFrom)
			follow(p.CarriedFrom, of.owner, brought[of])
		}
	}
	follow(noteID, 0, 0)
	return brought
}

func (d *Data) details(n *creditnotes.Note) ([]creditnotes.Detail, error) {
	of, sign := n.ID, int64(1)
	if n.Kind == numbering.Cancellation {
		of, sign = n.Cancels, -1
	}
	zone, err := time.LoadLocation(n.Document.TimeZone)
	if err != nil {
		return nil, err
	}
	brought, corrected := d.broughtBy(of), map[int64]map[string]string{}
	list, err := d.ownDetails(n, of, sign, brought, zone)
	if err != nil {
		return nil, err
	}
	for i := range d.Lines {
		l := &d.Lines[i]
		root := brought[part{l.NoteID, l.OwnerID}]
		if l.NoteID != of && root == 0 || l.NoteID == 0 {
			continue
		}
		if corrected[l.NoteID] == nil {
			corrected[l.NoteID] = d.correctedOn(l.NoteID)
		}
		one, err := d.detail(l, n, zone, corrected[l.NoteID])
		if err != nil {
			return nil, err
		}
		if root != 0 {
			one.CarriedNote, one.CarriedFrom = root, d.run(d.note(root).RunID).Month
			one.Line.Tax = n.SlotOf(&one.Tax)
		}
		one.CreditedAgain = d.creditedAgain(l)
		turn(&one.Line, sign)
		list = append(list, one)
	}
	owners := n.Owners
	if original := d.note(of); original != nil {
		owners = original.Owners
	}
	slices.SortFunc(list, func(a, b creditnotes.Detail) int {
		return cmp.Or(cmp.Compare(slices.Index(owners, a.Owner), slices.Index(owners, b.Owner)), a.Session.Start.Compare(b.Session.Start),
			strings.Compare(a.Session.ExternalID, b.Session.ExternalID), cmp.Compare(a.Session.Version, b.Session.Version),
			cmp.Compare(a.Line.NoteID, b.Line.NoteID))
	})
	return list, nil
}

// ownDetails are the sessions that a fee invoice bills as own charging.
func (d *Data) ownDetails(n *creditnotes.Note, of, sign int64, brought map[part]int64, zone *time.Location) (list []creditnotes.Detail, err error) {
	for i := range d.Own {
		c := &d.Own[i]
		root := brought[part{c.NoteID, c.OwnerID}]
		if c.NoteID != of && root == 0 {
			continue
		}
		line := Line{Line: creditnotes.Line{NoteID: c.NoteID, OwnerID: c.OwnerID, SessionID: c.SessionID, PathID: c.PathID, Kind: c.Kind,
			Correction: c.Correction, Tax: c.Tax, Energy: c.Energy, ByDriver: true, DriverAmount: c.DriverAmount}}
		one, err := d.detail(&line, n, zone, d.chargedBefore(c.NoteID))
		if err != nil {
			return nil, err
		}
		one.Own = c.Net * money.Micros(sign)
		if fee := d.session(c.SessionID).DriverFee; fee != nil {
			if one.Line.DriverFee = *fee; c.Net < 0 {
				one.Line.DriverFee = -*fee
			}
		}
		if root != 0 {
			one.CarriedNote, one.CarriedFrom = root, d.run(d.note(root).RunID).Month
			one.Line.Tax = n.SlotOf(&one.Tax)
		}
		turn(&one.Line, sign)
		list = append(list, one)
	}
	return list, nil
}

// chargedBefore finds the sessions of which a fee invoice takes back or bills anew
// what was billed before, each with the number of the invoice that did.
func (d *Data) chargedBefore(noteID int64) map[string]string {
	numbers := map[string]string{}
	for _, live := range []bool{false, true} {
		for _, c := range d.Own {
			if c.NoteID != noteID || !c.Correction {
				continue
			}
			v := d.session(c.SessionID)
			for _, billed := range d.Own {
				old := d.session(billed.SessionID)
				earlier := old.Version < v.Version || c.Kind == creditnotes.LineOwnReversal && old.Version == v.Version
				if billed.Live == live && billed.Kind == creditnotes.LineOwnCharging && billed.NoteID != noteID && old.sameSession(v) && earlier {
					numbers[v.name()] = d.note(billed.NoteID).Number
				}
			}
		}
	}
	return numbers
}

func (d *Data) detail(l *Line, n *creditnotes.Note, zone *time.Location, corrected map[string]string) (one creditnotes.Detail, err error) {
	v := d.session(l.SessionID)
	if v == nil {
		return one, fmt.Errorf("session %d is gone", l.SessionID)
	}
	path, err := tariffs.ParsePath(d.Paths[l.PathID])
	if err != nil {
		return one, err
	}
	one.Session.ID, one.Session.Source, one.Session.ExternalID, one.Session.Version = v.ID, v.Source, v.ExternalID, v.Version
	one.Session.MediumUID, one.Session.Class, one.Session.Partner, one.Session.Status = v.MediumUID, v.Class, v.Partner, v.Status
	one.Session.Start, one.Session.End, one.Session.Duration = v.Start, v.End, v.Duration
	one.Owner, one.Line, one.Path = d.ownerKey(l.OwnerID), l.Line, creditnotes.PathInfoOf(path)
	one.Line.Reason = ""
	if tax := taxIn(d.note(l.NoteID), l.Tax); tax != nil {
		one.Tax.Account, one.Tax.Category, one.Tax.Rate = tax.Account, tax.Category, tax.Rate
	}
	one.Month = entities.MonthOf(v.End, zone)
	one.Late = one.Month.Before(n.Document.PeriodOf(one.Owner))
	number, corrects := corrected[v.name()]
	one.Line.Correction, one.CorrectionOf = one.Line.Correction || corrects, number
	return one, nil
}

func turn(l *creditnotes.Line, sign int64) {
	l.Energy *= money.Quantity(sign)
	l.Nets = l.Times(money.Micros(sign))
	l.DriverAmount *= money.Micros(sign)
	l.Sale *= money.Micros(sign)
	l.DriverFee *= money.Micros(sign)
}

// correctedOn finds the sessions that a note corrects, each with the number of
// the document on which an earlier version was paid; empty where there is none.
// A note that was cancelled since counts only where no other is left.
func (d *Data) correctedOn(noteID int64) map[string]string {
	type paid struct {
		version int
		line    *Line
	}
	numbers := map[string]string{}
	for _, live := range []bool{false, true} {
		found := map[string]paid{}
		for i := range d.Lines {
			l := &d.Lines[i]
			if l.NoteID != noteID || l.Kind != creditnotes.LineReversal && !l.Correction {
				continue
			}
			v := d.session(l.SessionID)
			for k := range d.Lines {
				p := &d.Lines[k]
				old := d.session(p.SessionID)
				if p.NoteID == 0 || p.Live != live || old == nil || !old.sameSession(v) || old.Current {
					continue
				}
				earlier := old.Version < v.Version || l.Kind == creditnotes.LineReversal && old.Version == v.Version
				wanted := p.Kind == creditnotes.LineCredit || live && p.Kind != creditnotes.LineReversal
				if last, known := found[v.name()]; earlier && wanted && (!known ||
					cmp.Or(cmp.Compare(old.Version, last.version), cmp.Compare(p.NoteID, last.line.NoteID)) >= 0) {
					found[v.name()] = paid{old.Version, p}
				}
			}
		}
		for name, last := range found {
			numbers[name] = d.numberOf(last.line.NoteID, last.line.OwnerID)
		}
	}
	return numbers
}

// numberOf is the number of the document on which an owner's part of a note
// stands: its own, or that of a note that brings it along; empty: none.
func (d *Data) numberOf(noteID, owner int64) string {
	for seen := 0; noteID != 0 && seen <= len(d.Notes); seen++ {
		n := d.note(noteID)
		if n == nil {
			return ""
		}
		if n.Number != "" {
			return n.Number
		}
		noteID = d.CarryUses[CarryUse{noteID, owner}]
	}
	return ""
}

// SettledLine implements creditnotes.ExplainStore.
func (s *Store) SettledLine(_ context.Context, sessionID int64) (*creditnotes.SettledLine, error) {
	d := s.read()
	for i := range d.Lines {
		l := &d.Lines[i]
		if l.SessionID != sessionID || !l.Live || l.Kind == creditnotes.LineReversal {
			continue
		}
		settled := creditnotes.SettledLine{Line: l.Line, Owner: d.ownerKey(l.OwnerID), Path: slices.Clone(d.Paths[l.PathID])}
		settled.Line.Correction, settled.Line.Tax = false, 0
		if n := d.note(l.NoteID); n != nil && (n.Number != "" || n.State == creditnotes.Carried) {
			settled.Number = d.numberOf(l.NoteID, l.OwnerID)
		}
		return &settled, nil
	}
	return nil, nil
}
