package notes

import (
	"net/url"
	"slices"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/access"
	"creditrun/internal/bank"
	"creditrun/internal/fault"
	"creditrun/internal/money"
	"creditrun/internal/payouts"
	"creditrun/internal/snapshot"
	"creditrun/internal/store"
	"creditrun/internal/web/page"
)

// payoutsView is what is due on a day, and the batches of payouts.
type payoutsView struct {
	*page.FormState
	Day     entities.Date
	Closed  bool // banks execute nothing on the day
	Next    entities.Date
	Due     []dueLine
	Totals  []store.BatchSum
	LeftOut []leftOutLine
	Prepare bool // the visitor may prepare the payouts
	List    *page.List
	Batches []batchLine
}

// dueLine is a payout that would be made.
type dueLine struct {
	payouts.Draft
	Name  string
	Items []payoutItemLine
}

// payoutItemLine is an item of a payout.
type payoutItemLine struct {
	payouts.PaidItem
	Due  entities.Date // empty: not known any more
	Path string        // of the document; empty: it is none
}

// leftOutLine is what is left out, and whose it is.
type leftOutLine struct {
	payouts.LeftOut
	Name string
	Path string // of the recipient
	Says string // the detail of the reason
}

// batchLine is a batch in the list.
type batchLine struct {
	store.ListedBatch
	Path string
}

func batchPath(id int64) string { return "/payout-batches/" + page.FormatID(id) }

func payoutPath(number string) string { return "/payouts/" + url.PathEscape(number) }

// Payouts shows the operator what is due and the batches, and a Sub-CPO its
// payouts.
func (v *Visit) Payouts() error {
	if !v.Who.Operator {
		return v.PayoutList()
	}
	return v.showPayouts(v.Form(""))
}

func (v *Visit) showPayouts(f *page.FormState) error {
	b, err := v.Network()
	if err != nil {
		return err
	}
	l := page.NewList(v.R.URL.Query(), page.ListOptions{Path: "/payouts", Fields: []string{"date"}, Size: page.RowsPerPage, Order: "-batch", Empty: "payouts_none"})
	view := payoutsView{FormState: f, List: l, Day: bank.NextTargetDay(b.Day(v.Now())), Prepare: v.May(access.Draft)}
	if asked := l.Day("date"); asked != "" {
		view.Day = asked
	}
	if typed, err := entities.ParseDate(f.Text("date")); err == nil {
		view.Day = typed
	}
	view.Closed, view.Next = !bank.IsTargetDay(view.Day), bank.NextTargetDay(view.Day)
	if err := v.addDue(b, &view); err != nil {
		return err
	}
	if err := v.addBatches(&view); err != nil {
		return err
	}
	f.Fail(l.Err())
	return v.ShowForm(f, "payouts", v.Message("menu_payouts"), view)
}

// addDue fills in what a preparation would pay, and what it would leave out.
func (v *Visit) addDue(b *snapshot.Snapshot, view *payoutsView) error {
	drafts, left, err := v.Store.DuePayouts(v.R.Context(), view.Day)
	if err != nil {
		return err
	}
	for _, d := range drafts {
		line := dueLine{Draft: d, Name: d.Recipient.DisplayName()}
		for i := range d.Items {
			item := &d.Items[i]
			line.Items = append(line.Items, payoutItemLine{payouts.PaidItem{Movement: item.ID, Kind: item.Kind, Reference: item.Reference, Value: item.Value, Amount: item.Open},
				item.Due, documentPath(item.Kind, item.Reference)})
		}
		view.Due = append(view.Due, line)
		view.Totals = addSum(view.Totals, d.Currency, d.Amount)
	}
	view.LeftOut = v.leftOutLines(b, left)
	return nil
}

// documentPath is the page of the document that moved an account.
func documentPath(kind creditnotes.MovementKind, number string) string {
	switch kind {
	case creditnotes.MovedCreditNote, creditnotes.MovedInvoice, creditnotes.MovedCancellation:
		return page.NumberPath(number)
	}
	return ""
}

func addSum(sums []store.BatchSum, currency string, amount money.Amount) []store.BatchSum {
	for i := range sums {
		if sums[i].Currency == currency {
			sums[i].Amount += amount
			sums[i].Count++
			return sums
		}
	}
	return append(sums, store.BatchSum{Currency: currency, Count: 1, Amount: amount})
}

// inWords is a fault in the visitor's language.
func (v *Visit) inWords(f *fault.Fault) string { return v.Texts.Fault(v.Lang, f) }

func (v *Visit) leftOutLines(b *snapshot.Snapshot, left []payouts.LeftOut) (lines []leftOutLine) {
	for _, l := range left {
		lines = append(lines, leftOutLine{l, b.Names(l.Entity), page.EntityPath(l.Entity), l.Says(v.inWords)})
	}
	return lines
}

func (v *Visit) addBatches(view *payoutsView) error {
	l := view.List
	l.SetHeads(page.Head{Key: "batch", Message: "payouts_batch"}, page.Head{Message: "payouts_requested"}, page.Head{Message: "payouts_state"},
		page.Head{Message: "payouts_count", Num: true}, page.Head{Message: "payouts_amount", Num: true}, page.Head{Message: "payouts_left_out", Num: true},
		page.Head{Message: "payouts_prepared_by"}, page.Head{Message: "payouts_approved_by"})
	list, next, previous, err := v.Store.ListPayoutBatches(v.R.Context(), l.Page("batch"))
	if err != nil {
		return err
	}
	l.Cursors(next, previous)
	for i := range list {
		view.Batches = append(view.Batches, batchLine{list[i], batchPath(list[i].ID)})
	}
	return nil
}

// batchLineOf adds up the payouts of a batch that were not taken out.
func batchLineOf(b *payouts.Batch) batchLine {
	line := batchLine{store.ListedBatch{Batch: *b, LeftOut: len(b.LeftOut)}, batchPath(b.ID)}
	for i := range b.Payouts {
		if p := &b.Payouts[i]; p.State != payouts.Discarded {
			line.Sums = addSum(line.Sums, p.Currency, p.Amount)
		}
	}
	return line
}

// Count is how many payouts the batch has that were not taken out.
func (l batchLine) Count() (n int) {
	for _, s := range l.Sums {
		n += s.Count
	}
	return n
}

// ByHand is how many of them are in no bank file.
func (l batchLine) ByHand() (n int) {
	for _, s := range l.Sums {
		if s.Currency != payouts.Euro {
			n += s.Count
		}
	}
	return n
}

// PreparePayouts makes the payouts of a day.
func (v *Visit) PreparePayouts() error {
	f := v.Form("")
	day := f.At("date", "payouts_requested").Day()
	if f.Ok() && !bank.IsTargetDay(day) {
		f.Say("date", "payouts_closed", "Next", v.Texts.Date(v.Lang, bank.NextTargetDay(day)))
	}
	if !f.Ok() {
		return v.showPayouts(f)
	}
	batch, err := v.Store.PreparePayouts(v.R.Context(), v.Name(), day)
	if f.Fail(err) {
		return v.showPayouts(f)
	}
	if batch.ID == 0 {
		f.Say("", "payouts_nothing")
		return v.showPayouts(f)
	}
	return v.Done(batchPath(batch.ID), "payouts_are_prepared", "Count", len(batch.Payouts))
}

// payoutListView lists single payouts.
type payoutListView struct {
	List     *page.List
	Operator bool
	Entities []page.Choice
	States   []page.Choice
	ByHand   bool
	Rows     []payoutLine
}

// payoutLine is a payout in a list.
type payoutLine struct {
	store.ListedPayout
	Name string
	Path string
}

var payoutHeads = []page.Head{
	{Key: "number", Message: "payout"}, {Message: "payouts_recipient"}, {Message: "payouts_amount", Num: true}, {Message: "payouts_state"},
	{Message: "payouts_requested"}, {Message: "payout_paid_on"}, {Message: "payout_items"},
}

// PayoutList lists the payouts that the visitor sees.
func (v *Visit) PayoutList() error {
	b, err := v.Network()
	if err != nil {
		return err
	}
	l := page.NewList(v.R.URL.Query(), page.ListOptions{
		Path: "/payouts/all", Fields: []string{"entity", "state", "by_hand"}, Order: "-number", Size: page.RowsPerPage, Empty: "payouts_none_found"})
	view := payoutListView{List: l, Operator: v.Who.Operator, Entities: v.EntitiesOffered(b), ByHand: l.Choice("by_hand", "true") != ""}
	var states []string
	for _, s := range payouts.States() {
		if v.Who.Operator || (&payouts.Payout{State: s}).Told() {
			states = append(states, string(s))
		}
	}
	view.States = v.Choices("payout_state_%s", l.Text("state"), states...)
	f := store.PayoutFilter{Entity: v.EntityField(b, l, "entity"), State: payouts.State(l.Choice("state", states...)), ByHand: view.ByHand,
		Told: !v.Who.Operator, Scope: snapshot.Scope(v.Who)}
	l.SetHeads(slices.Clone(payoutHeads)...)
	if l.Err() == nil {
		list, next, previous, err := v.Store.Payouts(v.R.Context(), f, l.Page("number"))
		if err != nil {
			return err
		}
		l.Cursors(next, previous)
		for _, p := range list {
			view.Rows = append(view.Rows, payoutLine{p, b.Names(p.Entity), payoutPath(p.Number)})
		}
	}
	if err := v.AddSaved(l); err != nil {
		return err
	}
	return v.ShowList("payouts_all", "payouts_all", view, l.Err())
}

// shownBatch is the batch of the address.
func (v *Visit) shownBatch() (*payouts.Batch, error) {
	id, err := page.ParseID(v.R.PathValue("id"))
	if err != nil {
		return nil, fault.New(fault.NotFound, "payout_batch_unknown", fault.Args{"batch": v.R.PathValue("id")})
	}
	return v.Store.PayoutBatch(v.R.Context(), id)
}
