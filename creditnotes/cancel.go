package creditnotes

import (
	"context"
	"slices"

	"creditrun/entities"
	"creditrun/internal/fault"
	"creditrun/numbering"
)

// CancelRequest asks to cancel an issued note.
type CancelRequest struct {
	Number string
	Reason string
	Date   entities.Date // of the cancellation; empty: today
	Who    string
}

// Cancel issues a cancellation of a credit note or fee invoice: a document of
// its own with the stored figures negated and a reference to the note it
// cancels, whose sessions, fees and records are open again in the same
// transaction (domain.md §9.8, settlement.md §5). An open objection
// to the note is settled by it. It does not matter whether the note has its
// files; a cancellation that could not be printed takes no number.
func (r *Runner) Cancel(ctx context.Context, q CancelRequest) (*Note, error) {
	config, err := r.Store.Configuration(ctx)
	if err != nil {
		return nil, err
	}
	if f := config.Settings.licensed(); f != nil {
		return nil, f
	}
	original, err := r.Store.NoteByNumber(ctx, q.Number)
	if err != nil {
		return nil, err
	}
	if err := r.cancellable(ctx, original, q, config); err != nil {
		return nil, err
	}
	var withdrawn []int64
	if err := r.withdraw(ctx, original, original.ID, &withdrawn); err != nil {
		return nil, err
	}
	if q.Date.IsZero() {
		q.Date = r.today(config)
	}
	trial := original.negated(q)
	if err := r.withLogo(ctx, trial); err != nil {
		return nil, err
	}
	if f := r.printable(trial); f != nil {
		return nil, f
	}
	if !trial.OfFees() {
		trial.Document.TypeCode = cancellationType(config.Settings, &trial.Document)
	}
	if f := r.deliverable(trial, config.Settings, nil); f != nil {
		return nil, f
	}
	var note *Note
	numberRange := config.Range(config.Settings.CancellationRange)
	err = r.Store.WriteIssue(ctx, func(w IssueWriter) error {
		note = original.negated(q) // anew, should the transaction be tried again
		note.Document.TypeCode, note.Document.Delivery = trial.Document.TypeCode, trial.Document.Delivery
		if err := w.AddCancellation(note, withdrawn); err != nil {
			return err
		}
		if err := r.number(w, []*Note{note}, func(*Note) (*numbering.Range, *fault.Fault) { return numberRange, nil }); err != nil {
			return err
		}
		if err := w.AddDeliveries(r.deliveries([]*Note{note}, config.Settings)); err != nil {
			return err
		}
		if err := w.Issue([]*Note{note}, q.Who); err != nil {
			return err
		}
		if err := w.SettleObjection(original, note, q.Who); err != nil {
			return err
		}
		return w.Audit(q.Who, "credit_note.cancelled", original.Number, "", note.Number+": "+q.Reason)
	})
	return note, err
}

// checkDate refuses a date of the cancellation that lies in the future or
// before the note it cancels.
func (q CancelRequest) checkDate(n *Note, today entities.Date) *fault.Fault {
	switch {
	case q.Date.IsZero():
		return nil
	case today.Before(q.Date):
		return fault.New(fault.Invalid, "run_date_in_future", fault.Args{"date": string(q.Date), "today": string(today)}).At("date")
	case q.Date.Before(min(n.Date, today)):
		return fault.New(fault.Invalid, "cancel_date_before_note", fault.Args{"date": string(q.Date), "number": n.Number, "dated": string(n.Date)}).At("date")
	}
	return nil
}

// cancellable is what prevents a note from being cancelled.
func (r *Runner) cancellable(ctx context.Context, n *Note, q CancelRequest, config *Configuration) error {
	if f := q.checkReason(); f != nil {
		return f
	}
	if f := q.checkDate(n, r.today(config)); f != nil {
		return f
	}
	if n.Kind == numbering.Cancellation {
		return fault.New(fault.Conflict, "cancel_not_a_credit_note", fault.Args{"number": n.Number})
	}
	if by, err := r.Store.CancelledBy(ctx, n.ID); err != nil {
		return err
	} else if by != "" {
		return fault.New(fault.Conflict, "cancel_twice", fault.Args{"number": n.Number, "by": by})
	}
	if f := config.usable(config.Settings.CancellationRange, numbering.Cancellation); f != nil {
		return f
	}
	return nil
}

// withdraw gathers the notes without a document (zero, or carried forward) that
// correct sessions of a note or bring along what it carries forward, and those
// that do so with them: they lose their ground with it. One with a document
// stands in the way: it has to be cancelled first.
func (r *Runner) withdraw(ctx context.Context, original *Note, noteID int64, withdrawn *[]int64) error {
	dependents, err := r.Store.Dependents(ctx, noteID)
	if err != nil {
		return err
	}
	for _, d := range dependents {
		switch {
		case d.Number != "":
			return fault.New(fault.Conflict, "cancel_corrected", fault.Args{"number": original.Number, "later": d.Number})
		case d.State == Draft:
			return fault.New(fault.Conflict, "cancel_drafted", fault.Args{"number": original.Number})
		case slices.Contains(*withdrawn, d.NoteID):
			continue
		}
		*withdrawn = append(*withdrawn, d.NoteID)
		if err := r.withdraw(ctx, original, d.NoteID, withdrawn); err != nil {
			return err
		}
	}
	return nil
}

// negated copies the stored figures with the sign turned; nothing is computed
// again (domain.md §6.6).
func (n *Note) negated(q CancelRequest) *Note {
	c := &Note{
		RunID: n.RunID, Kind: numbering.Cancellation, State: Draft, Ordinal: n.Ordinal,
		Owners: n.Owners, Recipient: n.Recipient, Language: n.Language, Currency: n.Currency,
		Date: q.Date, PeriodFrom: n.PeriodFrom, PeriodTo: n.PeriodTo,
		Net: -n.Net, Tax: -n.Tax, Gross: -n.Gross, Document: n.Document, Cancels: n.ID,
	}
	for _, p := range n.Positions {
		p.Turn = 0
		p.Energy, p.Sum, p.Net, p.Quantity, p.CarriedFrom = -p.Energy, -p.Sum, -p.Net, -p.Quantity, 0
		p.Prices = slices.Clone(p.Prices)
		for i := range p.Prices {
			p.Prices[i].Quantity = -p.Prices[i].Quantity
		}
		c.Positions = append(c.Positions, p)
	}
	for _, t := range n.Taxes {
		t.Base, t.Tax = -t.Base, -t.Tax
		c.Taxes = append(c.Taxes, t)
	}
	c.Document.CancelsNumber, c.Document.CancelsDate = n.Number, n.Date
	c.Document.CancelReason = q.Reason
	c.Document.DueDate = q.Date.AddDays(n.Document.NetDays)
	c.Document.Held, c.Document.Offsets, c.Document.SetOff = HeldSummary{}, nil, false
	if n.Kind == numbering.Invoice {
		c.Document.TypeCode = TypeFeeCancellation
	}
	c.Document.CarriedMonths = nil
	for _, m := range n.Document.CarriedMonths {
		m.Energy, m.Net = -m.Energy, -m.Net
		c.Document.CarriedMonths = append(c.Document.CarriedMonths, m)
	}
	return c
}
