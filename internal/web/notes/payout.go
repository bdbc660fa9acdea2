package notes

import (
	"strings"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/access"
	"creditrun/internal/fault"
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

	Advice     string // address of the remittance advice; empty: there is none yet
	Mailings   bool   // the visitor may see them
	Deliveries []creditnotes.Delivery
	Resend     bool
	Parked     bool
	Present    []string
	Confirm    page.ConfirmView
	External   externalIDView
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
		IBAN: strings.TrimLeft(entities.LastFour(p.Payee.IBAN), "• "), Lines: payoutItemLines(p), Operator: v.Who.Operator}
	view.Owed, view.Off = p.SetOff()
	if v.Who.Operator {
		view.Batch = batchPath(p.Batch)
		history, err := v.Store.PayoutHistory(v.R.Context(), p)
		if err != nil {
			return err
		}
		view.History = v.historyOf(history)
	}
	view.Confirm = v.ConfirmTo(view.Path).On(f)
	view.External = v.externalID(f, view.Path, p.ExternalID)
	if err := v.addAdvice(b, &view); err != nil {
		return err
	}
	return v.ShowForm(f, "payout", v.Message("payout_title", "Payout", p.Number), view)
}

// addAdvice fills in the remittance advice of a payout, and how it was mailed.
func (v *Visit) addAdvice(b *snapshot.Snapshot, view *payoutView) error {
	frozen, err := v.Store.RemittanceOf(v.R.Context(), view.Number)
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	view.Advice = view.Path + "/advice.pdf"
	if view.Mailings = snapshot.SeesMailings(v.Who, view.Entity); !view.Mailings {
		return nil
	}
	view.Resend = v.Who.Operator && v.May(access.Send)
	if to := b.Network.Tree.Entity(view.Entity); to != nil {
		view.Present = to.Emails
	}
	view.Deliveries, err = v.Store.RemittanceDeliveries(v.R.Context(), frozen.PayoutID)
	for _, d := range view.Deliveries {
		view.Parked = view.Parked || view.Resend && d.State == creditnotes.DeliveryParked
	}
	return err
}

// AdvicePDF shows the remittance advice of a payout that the visitor sees.
func (v *Visit) AdvicePDF() error {
	p, err := v.shownPayout()
	if err != nil {
		return err
	}
	frozen, err := v.Store.RemittanceOf(v.R.Context(), p.Number)
	if err != nil {
		return err
	}
	file, err := v.Runner.RemittanceFile(v.R.Context(), frozen)
	if err != nil {
		return err
	}
	return v.sendFile(file)
}

// ResendAdvice mails the remittance advice of a payout again.
func (v *Visit) ResendAdvice() error {
	p, err := v.shownPayout()
	if err != nil {
		return err
	}
	f := v.Form(resendForm)
	if f.Fail(v.Confirm()) {
		return v.showPayout(f)
	}
	q := creditnotes.ResendRequest{Number: p.Number, Addresses: creditnotes.AddressesPresent, Who: v.Name()}
	if to := f.Lines("to"); len(to) > 0 {
		q.Addresses, q.To = creditnotes.AddressesNamed, to
	}
	delivery, err := v.Runner.Resend(v.R.Context(), q)
	if f.Fail(err) {
		return v.showPayout(f)
	}
	return v.Done(payoutPath(p.Number)+"#mail", "note_resent", "Number", p.Number, "To", strings.Join(delivery.To, ", "))
}

// SettleAdviceMail ends that the mail of a remittance advice is parked.
func (v *Visit) SettleAdviceMail() error {
	p, err := v.shownPayout()
	if err != nil {
		return err
	}
	f := v.Form(settleForm)
	arrived := f.Text("outcome") == "arrived"
	if f.Fail(v.Store.SettleMail(v.R.Context(), v.Name(), p.Number, arrived)) {
		return v.showPayout(f)
	}
	said := "note_mail_again"
	if arrived {
		said = "note_mail_arrived"
	}
	return v.Done(payoutPath(p.Number)+"#mail", said, "Number", p.Number)
}
