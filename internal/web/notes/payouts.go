package notes

import (
	"net/url"

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
	Totals  []currencySum
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
}

// currencySum is an amount in one currency.
type currencySum struct {
	Currency string
	Amount   money.Amount
	Count    int
}

// batchLine is a batch in the list.
type batchLine struct {
	*payouts.Batch
	Path   string
	Sums   []currencySum
	ByHand int // payouts that stand and are in no bank file
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

func addSum(sums []currencySum, currency string, amount money.Amount) []currencySum {
	for i := range sums {
		if sums[i].Currency == currency {
			sums[i].Amount += amount
			sums[i].Count++
			return sums
		}
	}
	return append(sums, currencySum{currency, amount, 1})
}

func (v *Visit) leftOutLines(b *snapshot.Snapshot, left []payouts.LeftOut) (lines []leftOutLine) {
	for _, l := range left {
		lines = append(lines, leftOutLine{l, b.Names(l.Entity), page.EntityPath(l.Entity)})
	}
	return lines
}

func (v *Visit) addBatches(view *payoutsView) error {
	list, err := v.Store.PayoutBatches(v.R.Context())
	if err != nil {
		return err
	}
	lines := make([]batchLine, len(list))
	for i := range list {
		lines[i] = batchLineOf(&list[i])
	}
	view.Batches = page.Rows(view.List, lines, batchColumns...)
	return nil
}

var batchColumns = []page.Column[batchLine]{
	{Head: page.Head{Key: "batch", Message: "payouts_batch"}, By: page.By(func(b batchLine) int64 { return b.ID })},
	{Head: page.Head{Key: "requested", Message: "payouts_requested"}, By: page.By(func(b batchLine) string { return string(b.Requested) })},
	{Head: page.Head{Key: "state", Message: "payouts_state"}, By: page.By(func(b batchLine) string { return string(b.State) })},
	{Head: page.Head{Message: "payouts_count", Num: true}},
	{Head: page.Head{Message: "payouts_amount", Num: true}},
	{Head: page.Head{Message: "payouts_left_out", Num: true}},
	{Head: page.Head{Message: "payouts_prepared_by"}},
	{Head: page.Head{Message: "payouts_approved_by"}},
}

// batchLineOf adds up the payouts of a batch that were not taken out.
func batchLineOf(b *payouts.Batch) batchLine {
	line := batchLine{Batch: b, Path: batchPath(b.ID)}
	for i := range b.Payouts {
		p := &b.Payouts[i]
		if p.State == payouts.Discarded {
			continue
		}
		line.Sums = addSum(line.Sums, p.Currency, p.Amount)
		if p.ByHand() {
			line.ByHand++
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

var payoutColumns = []page.Column[payoutLine]{
	{Head: page.Head{Key: "number", Message: "payout"}, By: page.By(func(p payoutLine) int64 { return p.ID })},
	{Head: page.Head{Key: "recipient", Message: "payouts_recipient"}, By: page.ByText(func(p payoutLine) string { return p.Name })},
	{Head: page.Head{Key: "amount", Message: "payouts_amount", Num: true}, By: page.By(func(p payoutLine) int64 { return int64(p.Amount) })},
	{Head: page.Head{Key: "state", Message: "payouts_state"}, By: page.By(func(p payoutLine) string { return string(p.State) })},
	{Head: page.Head{Key: "requested", Message: "payouts_requested"}, By: page.By(func(p payoutLine) string { return string(p.Requested) })},
	{Head: page.Head{Key: "paid", Message: "payout_paid_on"}, By: page.By(func(p payoutLine) string { return string(p.ExecutedOn) })},
	{Head: page.Head{Message: "payout_items"}},
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
	var lines []payoutLine
	if l.Err() == nil {
		list, err := v.Store.Payouts(v.R.Context(), f)
		if err != nil {
			return err
		}
		for _, p := range list {
			lines = append(lines, payoutLine{p, b.Names(p.Entity), payoutPath(p.Number)})
		}
	}
	view.Rows = page.Rows(l, lines, payoutColumns...)
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
