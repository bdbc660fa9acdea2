package store

import (
	"cmp"
	"slices"

	"creditrun/entities"
	"creditrun/internal/payouts"
)

// comesBack says that the money of a payout came back. Where its execution is not
// known yet, since a notification of returns may come first, it is booked, too.
func (b *bankImport) comesBack(row *bankEntryRow, p *toldPayout) error {
	if p == nil && !isForeign(row.EndToEndID) {
		p = b.byText(row)
	}
	switch {
	case p == nil:
		row.queue(cmp.Or(payouts.QueuedWhy(row.Why), payouts.WhyReversal))
	case row.Currency != p.Currency || row.Amount != p.Amount:
		row.queue(payouts.WhyAmountDiffers)
	case p.says(partReturned) && b.saidBefore(row, p.parts[partReturned]):
		row.ignore(payouts.WhyRepeated)
	case p.says(partReturned) || !slices.Contains([]payouts.State{payouts.Exported, payouts.Executed, payouts.Returned}, payouts.State(p.State)):
		row.queue(payouts.WhyPayoutState)
	case b.impossible(row, p):
		row.queue(payouts.WhyDay)
	default:
		if err := b.write(); err != nil {
			return err
		}
		if err := b.tx.comeBack(b.who, p, row); err != nil {
			return err
		}
		b.said(row, p, partReturned)
		row.settle(payouts.OutcomeReturned)
		return b.add(row, bankEntryPayoutRow{PayoutID: p.ID, Part: partReturned})
	}
	return b.add(row)
}

// comeBack books a return, unless a person said so before.
func (tx *Tx) comeBack(who string, p *toldPayout, row *bankEntryRow) error {
	if payouts.State(p.State) == payouts.Returned {
		return nil
	}
	if err := tx.leave(who, p, min(entities.Date(p.requested), entities.Date(row.Day))); err != nil {
		return err
	}
	return tx.returnPayout(who, p.Number, cmp.Or(row.Reason, row.Text, row.Reference), entities.Date(row.Day))
}
