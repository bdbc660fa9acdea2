package memory

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/fault"
	"creditrun/internal/money"
	"creditrun/numbering"
)

// Note implements creditnotes.NoteStore.
func (s *Store) Note(_ context.Context, id int64) (*creditnotes.Note, error) {
	return one(s.read().notesWhere(func(n *creditnotes.Note) bool { return n.ID == id }), id)
}

// NoteByNumber implements creditnotes.NoteStore.
func (s *Store) NoteByNumber(_ context.Context, number string) (*creditnotes.Note, error) {
	return s.read().byNumber(number)
}

func (d *Data) byNumber(number string) (*creditnotes.Note, error) {
	return one(d.notesWhere(func(n *creditnotes.Note) bool { return number != "" && n.Number == number }), number)
}

func one(notes []*creditnotes.Note, wanted any) (*creditnotes.Note, error) {
	if len(notes) == 0 {
		return nil, fault.New(fault.NotFound, "note_unknown", fault.Args{"number": wanted})
	}
	return notes[0], nil
}

// Notes implements creditnotes.NoteStore.
func (s *Store) Notes(_ context.Context, f creditnotes.NoteFilter) ([]creditnotes.NoteRow, error) {
	d := s.read()
	list := []creditnotes.NoteRow{}
	for _, n := range d.notesWhere(func(n *creditnotes.Note) bool { return d.fits(n, &f) }) {
		row := creditnotes.NoteRow{Note: *n, RunName: d.run(n.RunID).Name, Delivery: d.latestMailing(n)}
		if by := d.cancelledBy(n.ID); by != nil {
			row.CancelledBy = by.Number
		}
		list = append(list, row)
	}
	slices.SortStableFunc(list, func(a, b creditnotes.NoteRow) int {
		return cmp.Or(a.IssuedAt.Compare(b.IssuedAt), cmp.Compare(a.RunID, b.RunID), strings.Compare(string(a.Kind), string(b.Kind)))
	})
	return list, nil
}

// fits reports whether a filter lets a note through.
func (d *Data) fits(n *creditnotes.Note, f *creditnotes.NoteFilter) bool {
	run := d.run(n.RunID)
	is := func(wanted, got string) bool { return wanted == "" || wanted == got }
	text := strings.ToLower(f.Text)
	return d.hasStanding(n, f) &&
		is(string(f.Month), string(run.Month)) && (f.FromMonth == "" || run.Month >= f.FromMonth) && (f.UntilMonth == "" || run.Month <= f.UntilMonth) &&
		is(f.Run, run.Name) && (f.Owner == "" || slices.Contains(n.Owners, f.Owner)) && is(f.Recipient, n.Recipient) && is(f.Number, n.Number) &&
		is(string(f.Kind), string(n.Kind)) && is(f.Range, n.Range) && is(f.Currency, n.Currency) && d.wasMailed(n, f.Delivery) &&
		(text == "" || strings.Contains(strings.ToLower(n.Number), text) || strings.Contains(strings.ToLower(n.Recipient), text)) &&
		(f.Amount == 0 || slices.Contains([]money.Amount{n.Net, -n.Net, n.Gross, -n.Gross}, f.Amount)) &&
		(f.Scope == nil || n.State == creditnotes.Issued && seenBy(n, f.Scope))
}

func (d *Data) hasStanding(n *creditnotes.Note, f *creditnotes.NoteFilter) bool {
	state, by := cmp.Or(f.State, creditnotes.Issued), d.cancelledBy(n.ID)
	cancelled := by != nil && by.State == creditnotes.Issued
	switch f.Standing {
	case creditnotes.StandsDraft:
		return n.State == creditnotes.Draft
	case creditnotes.StandsAgainst:
		return n.State == state && n.Kind == numbering.Cancellation
	case creditnotes.StandsIssued:
		return n.State == state && n.Kind != numbering.Cancellation && !cancelled
	case creditnotes.StandsCancelled:
		return n.State == state && cancelled
	}
	return n.State == state
}

// seenBy reports whether who sees these entities sees a note: who gets it does,
// and who sees all of its owners.
func seenBy(n *creditnotes.Note, scope []string) bool {
	return slices.Contains(scope, n.Recipient) || !slices.ContainsFunc(n.Owners, func(owner string) bool { return !slices.Contains(scope, owner) })
}

// carries reports whether a mailing carries a note.
func carries(d *creditnotes.Delivery, n *creditnotes.Note) bool {
	return d.NoteID != 0 && (d.NoteID == n.ID || d.NoteID == n.MailedWith)
}

// latestMailing is the state of the latest mailing that carries a note; empty:
// none.
func (d *Data) latestMailing(n *creditnotes.Note) (state creditnotes.DeliveryState) {
	for i := range d.Deliveries {
		if carries(&d.Deliveries[i], n) {
			state = d.Deliveries[i].State
		}
	}
	return state
}

func (d *Data) latestDelivery(noteID int64) int {
	latest := -1
	for i := range d.Deliveries {
		if d.Deliveries[i].NoteID == noteID && (latest < 0 || d.Deliveries[i].Copy > d.Deliveries[latest].Copy) {
			latest = i
		}
	}
	return latest
}

func (d *Data) wasMailed(n *creditnotes.Note, wanted creditnotes.DeliveryState) bool {
	got := d.latestMailing(n)
	return wanted == "" || wanted == got || wanted == creditnotes.NeverMailed && got == ""
}

// Mailings lists the mailings that carry a note, the original first.
func (s *Store) Mailings(_ context.Context, noteID int64) (list []creditnotes.Delivery, err error) {
	data := s.read()
	note := data.note(noteID)
	for _, d := range data.Deliveries {
		if note != nil && carries(&d, note) {
			list = append(list, copied(d))
		}
	}
	return list, nil
}

// Undelivered implements creditnotes.NoteStore.
func (s *Store) Undelivered(_ context.Context, runID int64) ([]creditnotes.Undelivered, error) {
	d := s.read()
	list := []creditnotes.Undelivered{}
	for i := range d.Notes {
		n := &d.Notes[i]
		at := d.latestDelivery(n.ID)
		if n.RunID != runID || n.Cancels != 0 || at < 0 || !isUndelivered(&d.Deliveries[at]) {
			continue
		}
		u := creditnotes.Undelivered{Delivery: copied(d.Deliveries[at]), Number: n.Number, Recipient: n.Recipient}
		for _, mailing := range d.Deliveries {
			for _, r := range mailing.Recipients {
				if mailing.NoteID == n.ID && r.State == creditnotes.RecipientAccepted {
					u.Reached = append(u.Reached, r.Address)
				}
			}
		}
		list = append(list, u)
	}
	slices.SortFunc(list, func(a, b creditnotes.Undelivered) int { return strings.Compare(a.Number, b.Number) })
	return append(list, d.undeliveredReports(runID)...), nil
}

// isUndelivered reports whether a mailing did not reach everyone and nothing
// happens by itself.
func isUndelivered(d *creditnotes.Delivery) bool {
	switch d.State {
	case creditnotes.DeliveryFailed, creditnotes.DeliveryParked, creditnotes.DeliveryIncomplete:
		return !slices.ContainsFunc(d.Recipients, func(r creditnotes.DeliveryRecipient) bool {
			return r.State.Waits() || r.State == creditnotes.RecipientSending
		})
	}
	return false
}

// MarkedAddresses implements creditnotes.NoteStore: by address.
func (s *Store) MarkedAddresses(context.Context) ([]creditnotes.MarkedAddress, error) {
	list := slices.Clone(s.read().MarkedAddresses)
	slices.SortFunc(list, func(a, b creditnotes.MarkedAddress) int { return strings.Compare(a.Address, b.Address) })
	return list, nil
}

// EntityDocuments implements creditnotes.NoteStore: the latest first.
func (s *Store) EntityDocuments(_ context.Context, f creditnotes.EntityDocumentFilter) (list []creditnotes.EntityDocument, err error) {
	for _, one := range slices.Backward(s.read().EntityDocuments) {
		if f.Has(&one) {
			list = append(list, one)
		}
	}
	return list, nil
}

// Unrendered implements creditnotes.NoteStore: by number.
func (s *Store) Unrendered(_ context.Context, runID int64) (list []creditnotes.UnrenderedNote, err error) {
	d := s.read()
	for i := range d.Notes {
		if n := &d.Notes[i]; n.RunID == runID && d.unrendered(n) {
			list = append(list, creditnotes.UnrenderedNote{ID: n.ID, Number: n.Number})
		}
	}
	slices.SortFunc(list, func(a, b creditnotes.UnrenderedNote) int { return strings.Compare(a.Number, b.Number) })
	return list, nil
}

// takenBackOn are the ids of the notes that take back what a note credits, or
// bills.
func (d *Data) takenBackOn(noteID int64) map[int64]bool {
	credited, on := map[int64]bool{}, map[int64]bool{}
	for i := range d.Lines {
		if l := &d.Lines[i]; l.NoteID == noteID && l.Kind == creditnotes.LineCredit {
			credited[l.SessionID] = true
		}
	}
	for i := range d.Lines {
		if l := &d.Lines[i]; l.Live && l.Kind == creditnotes.LineReversal && credited[l.SessionID] && l.NoteID != noteID {
			on[l.NoteID] = true
		}
	}
	billed := map[int64]bool{}
	for _, c := range d.ownOf(func(c *OwnCharge) bool { return c.NoteID == noteID && c.Kind == creditnotes.LineOwnCharging }) {
		billed[c.SessionID] = true
	}
	for _, c := range d.ownOf(func(c *OwnCharge) bool { return c.Live && c.Kind == creditnotes.LineOwnReversal && c.NoteID != noteID }) {
		if billed[c.SessionID] {
			on[c.NoteID] = true
		}
	}
	return on
}

// Corrections implements creditnotes.NoteStore: by the id of the note.
func (s *Store) Corrections(_ context.Context, noteID int64) ([]creditnotes.Correction, error) {
	d := s.read()
	list := d.those(d.takenBackOn(noteID))
	for i := range list {
		if list[i].Number != "" {
			continue
		}
		for use, by := range d.CarryUses {
			if use.Carried != list[i].NoteID {
				continue
			}
			n := d.note(by)
			if name := cmp.Or(n.Number, d.run(n.RunID).Name); list[i].Number == "" || name < list[i].Number {
				list[i].Number = name
			}
		}
	}
	return list, nil
}

// Dependents implements creditnotes.NoteStore: by the id of the note.
func (s *Store) Dependents(_ context.Context, noteID int64) ([]creditnotes.Correction, error) {
	d := s.read()
	on := d.takenBackOn(noteID)
	for use, by := range d.CarryUses {
		if use.Carried == noteID {
			on[by] = true
		}
	}
	return d.those(on), nil
}

func (d *Data) those(ids map[int64]bool) []creditnotes.Correction {
	list := []creditnotes.Correction{}
	for i := range d.Notes {
		if n := &d.Notes[i]; ids[n.ID] {
			list = append(list, creditnotes.Correction{NoteID: n.ID, State: n.State, Number: n.Number})
		}
	}
	slices.SortFunc(list, func(a, b creditnotes.Correction) int { return cmp.Compare(a.NoteID, b.NoteID) })
	return list
}

// MonthNets implements creditnotes.NoteStore: by owner and currency.
func (s *Store) MonthNets(_ context.Context, month entities.Month) ([]creditnotes.OwnerNet, error) {
	d := s.read()
	return d.nets(func(n *creditnotes.Note) bool {
		return d.run(n.RunID).Month == month && n.State == creditnotes.Issued && d.cancelledBy(n.ID) == nil
	}), nil
}

// DraftNets implements creditnotes.NoteStore: by owner and currency.
func (s *Store) DraftNets(_ context.Context, runID int64) ([]creditnotes.OwnerNet, error) {
	return s.read().nets(func(n *creditnotes.Note) bool { return n.RunID == runID && n.State == creditnotes.Draft }), nil
}

// LastNotes implements creditnotes.ReviewStore.
func (s *Store) LastNotes(_ context.Context, runID int64) ([]*creditnotes.Note, error) {
	d := s.read()
	stands := func(n *creditnotes.Note) bool {
		return n.Kind == numbering.CreditNote && n.State == creditnotes.Issued && n.RunID < runID && d.cancelledBy(n.ID) == nil
	}
	latest := map[string]int64{} // by owner
	for i := range d.Notes {
		if n := &d.Notes[i]; stands(n) {
			for _, owner := range n.Owners {
				latest[owner] = max(latest[owner], n.RunID)
			}
		}
	}
	of := map[string]bool{}
	for _, o := range d.Owners {
		of[d.ownerKey(o.OwnerID)] = of[d.ownerKey(o.OwnerID)] || o.RunID == runID
	}
	return d.notesWhere(func(n *creditnotes.Note) bool {
		return stands(n) && slices.ContainsFunc(n.Owners, func(owner string) bool { return of[owner] && latest[owner] == n.RunID })
	}), nil
}

func (d *Data) nets(fits func(*creditnotes.Note) bool) (list []creditnotes.OwnerNet) {
	for i := range d.Notes {
		n := &d.Notes[i]
		if n.Kind != numbering.CreditNote || !fits(n) {
			continue
		}
		for _, p := range n.Positions {
			at := slices.IndexFunc(list, func(o creditnotes.OwnerNet) bool { return o.Owner == p.Owner && o.Currency == n.Currency })
			if at < 0 {
				at = len(list)
				list = append(list, creditnotes.OwnerNet{Owner: p.Owner, Currency: n.Currency})
			}
			list[at].Net += p.Net
		}
	}
	slices.SortFunc(list, func(a, b creditnotes.OwnerNet) int {
		return cmp.Or(strings.Compare(a.Owner, b.Owner), strings.Compare(a.Currency, b.Currency))
	})
	return list
}

// CancelledBy implements creditnotes.NoteStore.
func (s *Store) CancelledBy(_ context.Context, noteID int64) (string, error) {
	if by := s.read().cancelledBy(noteID); by != nil {
		return by.Number, nil
	}
	return "", nil
}

// Withdrawn reports whether a note was withdrawn with one that was cancelled.
func (s *Store) Withdrawn(_ context.Context, noteID int64) (bool, error) {
	return s.read().Withdrawn[noteID] != 0, nil
}
