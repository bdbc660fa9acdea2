package store

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"time"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/bank"
	"creditrun/internal/money"
	"creditrun/internal/payouts"
)

// The parts of a payout that an entry tells.
const (
	partExecuted = "executed"
	partReturned = "returned"
	partRejected = "rejected"
)

// match books a payment, or queues it.
func (b *bankImport) match(row *bankEntryRow, t *bank.Transaction) error {
	paid := b.ahead.numbers[row.EndToEndID]
	switch {
	case b.distrusted[t.Entry.Key]:
		row.queue(payouts.WhyDetailsDiffer)
		return b.add(row)
	case row.Currency == "":
		row.Text = cutText(t.Amount.String()+" "+row.Text, 500)
		row.queue(payouts.WhyAmountUnknown)
		return b.add(row)
	case paid == nil && row.Amount < 0 && isFee(t):
		row.ignore(payouts.WhyFee)
		return b.add(row)
	case row.Amount < 0 && row.Reversal:
		row.queue(payouts.WhyReversal)
		return b.add(row)
	case row.Amount < 0:
		return b.outgoing(row, t, paid)
	case row.Reversal || paid != nil:
		return b.comesBack(row, paid)
	}
	return b.received(row)
}

// isFee reports whether the bank charges it for its services.
func isFee(t *bank.Transaction) bool {
	code := cmp.Or(t.Code.Domain, t.Entry.Code.Domain)
	return slices.ContainsFunc([]string{"/CHRG", "/COMM", "/FEES"}, func(end string) bool { return strings.HasSuffix(code, end) })
}

// toldPayout is a payout with what entries said of it.
type toldPayout struct {
	payoutRow
	requested string
	prepared  time.Time // its batch
	parts     map[string]toldPart
}

// toldPart is the entry that said that a payout was executed, returned or
// rejected.
type toldPart struct {
	payout int64
	part   string
	source string
	day    string
	whole  bool // one sum for several payouts
}

// told lists payouts by a condition on p, with what entries said of them.
func (tx *Tx) told(where condition) ([]toldPayout, error) {
	list, err := collect(tx.ctx, tx.sql, func(p *toldPayout) []any {
		return []any{&p.ID, &p.BatchID, &p.Number, &p.EntityKey, &p.Currency, &p.Amount, &p.State, &p.ExecutedOn, &p.requested, &p.prepared}
	}, `SELECT p.id, p.batch_id, p.number, p.entity_key, p.currency, p.amount, p.state, p.executed_on, b.requested_date, b.prepared_at
		FROM payouts p JOIN payout_batches b ON b.id = p.batch_id `+where.String()+" ORDER BY p.id", where.args...)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	ids := make([]int64, len(list))
	at := map[int64]*toldPayout{}
	for i := range list {
		list[i].parts = map[string]toldPart{}
		ids[i], at[list[i].ID] = list[i].ID, &list[i]
	}
	parts, err := collect(tx.ctx, tx.sql, func(p *toldPart) []any { return []any{&p.payout, &p.part, &p.source, &p.day, &p.whole} },
		`SELECT l.payout_id, l.part, e.source, e.day, e.batch_id IS NOT NULL FROM bank_entry_payouts l JOIN bank_entries e ON e.id = l.entry_id
			WHERE NOT l.undone AND l.payout_id `+tx.dialect.in("$1"), tx.dialect.list(ids))
	for _, p := range parts {
		at[p.payout].parts[p.part] = p
	}
	return list, err
}

// says reports whether an entry said that this happened to the payout.
func (p *toldPayout) says(part string) bool { _, ok := p.parts[part]; return ok }

// leaves reports whether the payout is one that a bank executes and that no entry
// of a bank has named so far.
func (p *toldPayout) leaves() bool {
	return !p.says(partExecuted) && slices.Contains([]payouts.State{payouts.Exported, payouts.Executed, payouts.Returned}, payouts.State(p.State))
}

// outgoing matches money that left: the payout of its end-to-end id, a batch, or
// a payout by amount and text.
func (b *bankImport) outgoing(row *bankEntryRow, t *bank.Transaction, paid *toldPayout) error {
	switch {
	case paid != nil:
		return b.executes(row, paid)
	case payouts.IsNumber(row.EndToEndID):
		row.queue(payouts.WhyUnknownID)
		return b.add(row)
	}
	if isForeign(row.EndToEndID) {
		row.queue(payouts.WhyUnmatched)
		return b.add(row)
	}
	batch, err := b.batchNamed(t, row.Text)
	if err != nil {
		return err
	}
	if batch != 0 {
		return b.executesBatch(row, batch)
	}
	if found := b.byText(row); found != nil {
		return b.executes(row, found)
	}
	if t.Number == 0 {
		return b.outgoingSum(row)
	}
	row.queue(cmp.Or(payouts.QueuedWhy(row.Why), payouts.WhyUnmatched))
	return b.add(row)
}

// isForeign reports whether an end-to-end id is that of an order of another sender:
// ours always have an id of ours, which banks at most leave out.
func isForeign(id string) bool {
	return id != "" && id != "NOTPROVIDED" && !ownID.MatchString(id)
}

// ownID is how our end-to-end ids and message ids begin, also where a bank leaves
// out what is no letter and no digit.
var ownID = regexp.MustCompile(`(?i)^PO\W?\d`)

// outgoingSum matches money that left in one sum and that names nothing: a batch
// that comes to it, or one whose payments came one by one in a file of another kind.
func (b *bankImport) outgoingSum(row *bankEntryRow) error {
	batch, err := b.batchOfSum(row)
	if err != nil {
		return err
	}
	if batch != 0 {
		return b.executesBatch(row, batch)
	}
	if row.Why == "" {
		if batch, err = b.batchToldBefore(row); err != nil {
			return err
		}
	}
	if batch != 0 {
		row.BatchID = &batch
		row.ignore(payouts.WhyRepeated)
		return b.add(row)
	}
	row.queue(cmp.Or(payouts.QueuedWhy(row.Why), payouts.WhyUnmatched))
	return b.add(row)
}

// executes says that the bank paid a payout.
func (b *bankImport) executes(row *bankEntryRow, p *toldPayout) error {
	switch {
	case row.Currency != p.Currency || row.Amount != -p.Amount:
		row.queue(payouts.WhyAmountDiffers)
	case p.says(partExecuted) && b.saidBefore(row, p.parts[partExecuted]):
		row.ignore(payouts.WhyRepeated)
	case p.says(partExecuted):
		row.queue(payouts.WhyAlreadyExecuted)
	case !p.leaves():
		row.queue(payouts.WhyPayoutState)
	case !b.executesOn(row, []*toldPayout{p}):
		row.queue(payouts.WhyDay)
	default:
		b.leave(row, p)
		row.settle(payouts.OutcomeExecuted)
		return b.add(row, bankEntryPayoutRow{PayoutID: p.ID, Part: partExecuted})
	}
	return b.add(row)
}

// leave has an entry execute a payout, unless a person said so before.
func (b *bankImport) leave(row *bankEntryRow, p *toldPayout) {
	if payouts.State(p.State) == payouts.Exported {
		b.unsaved.bookings = append(b.unsaved.bookings, bankBooking{paid: p, movement: creditnotes.Movement{
			Account: creditnotes.Account{Entity: p.EntityKey, Currency: p.Currency}, Kind: creditnotes.MovedPayout, Amount: -money.Amount(p.Amount),
			Booked: b.tx.now(), Value: entities.Date(row.Day), Reference: p.Number, Who: b.who}})
	}
	b.said(row, p, partExecuted)
}

// said keeps in mind what an entry says of a payout.
func (b *bankImport) said(row *bankEntryRow, p *toldPayout, part string) {
	before, state := *p, payouts.State(p.State)
	leaves := p.leaves()
	p.parts[part] = toldPart{p.ID, part, string(b.result.Kind), row.Day, row.BatchID != nil}
	switch {
	case part == partReturned:
		p.State = string(payouts.Returned)
	case part == partRejected:
		p.State = string(payouts.Rejected)
	case state == payouts.Exported:
		p.State, p.ExecutedOn = string(payouts.Executed), row.Day
	}
	if s := b.sums[p.BatchID]; s != nil && p.Currency == payouts.Euro {
		s.changed(&before, p, leaves)
	}
}

// leave executes a payout, unless a person said so before.
func (tx *Tx) leave(who string, p *toldPayout, on entities.Date) error {
	if payouts.State(p.State) != payouts.Exported {
		return nil
	}
	return tx.executePayout(who, p.Number, on)
}

// saidBefore reports whether an entry is what a file of another kind said before,
// or a part of the sum that was booked for several payouts, on the same day.
func (b *bankImport) saidBefore(row *bankEntryRow, earlier toldPart) bool {
	return earlier.day == row.Day && (earlier.source != string(b.result.Kind) || earlier.whole)
}

// batchNamed returns the batch of payouts that a booking names, or 0.
func (b *bankImport) batchNamed(t *bank.Transaction, text string) (int64, error) {
	names := []string{t.MessageID, t.PaymentInformationID}
	for _, batch := range t.Entry.Batches {
		names = append(names, batch.MessageID, batch.PaymentInformationID)
	}
	for _, word := range strings.Fields(text) {
		if strings.HasPrefix(word, "PO-") {
			names = append(names, word)
		}
	}
	for _, name := range names {
		if !strings.HasPrefix(name, "PO-") {
			continue
		}
		if batch, err := b.batchOfFile(name); err != nil || batch != 0 {
			return batch, err
		}
	}
	return 0, nil
}

// batchOfFile is tx.batchOfFile, which is asked once for each file.
func (b *bankImport) batchOfFile(message string) (int64, error) {
	if batch, is := b.files[message]; is {
		return batch, nil
	}
	batch, err := b.tx.batchOfFile(message)
	b.files[message] = batch
	return batch, err
}

// batchOfFile returns the batch whose bank file has a message id, or 0.
func (tx *Tx) batchOfFile(message string) (int64, error) {
	ids, err := column[int64](tx.ctx, tx.sql, "SELECT batch_id FROM payout_files WHERE name = $1", message+".xml")
	if err != nil || len(ids) == 0 {
		return 0, err
	}
	return ids[0], nil
}

// ofBatch reads the payouts of a batch. What was looked at before is the same
// payout here.
func (b *bankImport) ofBatch(batch int64) ([]*toldPayout, error) {
	if err := b.write(); err != nil {
		return nil, err
	}
	var where condition
	where.and("p.batch_id = ?", batch)
	all, err := b.tx.told(where)
	list := make([]*toldPayout, len(all))
	for i := range all {
		list[i] = cmp.Or(b.ahead.byID[all[i].ID], &all[i])
	}
	return list, err
}

// leaving lists the payouts of a batch that a bank executes and has not named.
func (b *bankImport) leaving(batch int64) (list []*toldPayout, sum money.Amount, err error) {
	all, err := b.ofBatch(batch)
	for _, p := range all {
		if p.Currency == payouts.Euro && p.leaves() {
			list, sum = append(list, p), sum+money.Amount(p.Amount)
		}
	}
	return list, sum, err
}

// executesBatch says that the bank paid what is left of a batch, in one sum, or
// one payout of it.
func (b *bankImport) executesBatch(row *bankEntryRow, batch int64) error {
	list, sum, err := b.leaving(batch)
	if err != nil {
		return err
	}
	if row.Currency != payouts.Euro || int64(sum) != -row.Amount {
		list = slices.DeleteFunc(list, func(p *toldPayout) bool { return p.Amount != -row.Amount || p.Currency != row.Currency })
		if len(list) == 1 {
			return b.executes(row, list[0])
		}
		return b.batchTold(row, batch)
	}
	if !b.executesOn(row, list) {
		row.queue(payouts.WhyDay)
		return b.add(row)
	}
	row.BatchID = &batch
	var links []bankEntryPayoutRow
	for _, p := range list {
		b.leave(row, p)
		links = append(links, bankEntryPayoutRow{PayoutID: p.ID, Part: partExecuted})
	}
	row.settle(payouts.OutcomeExecuted)
	return b.add(row, links...)
}

// batchTold ignores the sum of a batch whose payments came one by one in a file
// of another kind on that day, and queues every other one.
func (b *bankImport) batchTold(row *bankEntryRow, batch int64) error {
	all, err := b.ofBatch(batch)
	var sum int64
	for _, p := range all {
		if p.says(partExecuted) && b.saidBefore(row, p.parts[partExecuted]) {
			sum += p.Amount
		}
	}
	if row.queue(payouts.WhyAmountDiffers); sum == -row.Amount {
		row.ignore(payouts.WhyRepeated)
	}
	return errorOr(err, b.add(row))
}

// byText returns the one payout of an amount that a text names, by its number or
// by a document; nil where there is none, or several.
func (b *bankImport) byText(row *bankEntryRow) *toldPayout {
	part := partExecuted
	if row.Amount > 0 {
		part = partReturned
	}
	index := b.ahead.amounts[amountKey{max(row.Amount, -row.Amount), row.Currency}]
	if index == nil {
		return nil
	}
	var found []*toldPayout
	for _, p := range index.In(row.EndToEndID + " " + row.Text) {
		state := payouts.State(p.State)
		if (state == payouts.Exported || state == payouts.Executed) && !p.says(part) && !slices.Contains(found, p) {
			found = append(found, p)
		}
	}
	switch len(found) {
	case 0:
		return nil
	case 1:
		return found[0]
	}
	row.Why = string(payouts.WhyAmbiguous)
	return nil
}

// names reports whether a text names a payout or one of its documents.
func (tx *Tx) names(text string, p *toldPayout) (bool, error) {
	if payouts.Mentions(text, p.Number) {
		return true, nil
	}
	references, err := column[string](tx.ctx, tx.sql, "SELECT m.reference FROM payout_items i JOIN movements m ON m.id = i.movement_id WHERE i.payout_id = $1", p.ID)
	return slices.ContainsFunc(references, func(reference string) bool { return payouts.Mentions(text, reference) }), err
}
