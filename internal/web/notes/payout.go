package notes

import (
	"creditrun/entities"
	"creditrun/internal/money"
	"creditrun/internal/payouts"
	"creditrun/internal/snapshot"
	"creditrun/internal/web/page"
)

// payoutView is the page of a payout.
type payoutView struct {
	*page.FormState
	*payouts.Payout
	Recipient string // name
	Link      string // to the recipient; empty: not for the visitor
	Path      string
	Batch     string // address; empty: not for the visitor
	IBAN      string // its last four characters
	Lines     []payoutItemLine
	Owed, Off money.Amount
	Operator  bool
	History   []historyLine
}

// shownPayout is the payout of the address, which the visitor sees.
func (v *Visit) shownPayout() (*payouts.Payout, error) {
	return v.Store.Payout(v.R.Context(), v.R.PathValue("number"), snapshot.Scope(v.Who))
}

// PayoutPage shows a payout.
func (v *Visit) PayoutPage() error { return v.showPayout(v.Form("")) }

func (v *Visit) showPayout(f *page.FormState) error {
	p, err := v.shownPayout()
	if err != nil {
		return err
	}
	b, err := v.Network()
	if err != nil {
		return err
	}
	view := payoutView{FormState: f, Payout: p, Recipient: b.Names(p.Entity), Link: v.LinkIfAllowed(page.EntityPath(p.Entity)), Path: payoutPath(p.Number),
		IBAN: entities.LastFour(p.Payee.IBAN), Lines: payoutItemLines(p), Operator: v.Who.Operator}
	view.Owed, view.Off = p.SetOff()
	if v.Who.Operator {
		view.Batch = batchPath(p.Batch)
		history, err := v.Store.PayoutHistory(v.R.Context(), p)
		if err != nil {
			return err
		}
		view.History = v.historyOf(history)
	}
	return v.ShowForm(f, "payout", v.Message("payout_title", "Payout", p.Number), view)
}
