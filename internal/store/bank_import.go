package store

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"creditrun/entities"
	"creditrun/internal/bank"
	"creditrun/internal/fault"
	"creditrun/internal/payouts"
)

// BankResult is what became of a bank's file.
type BankResult struct {
	Kind     bank.Kind `json:"kind"`
	Message  string    `json:"message_id"`
	Repeated bool      `json:"repeated"`  // the same file was read before
	Known    int       `json:"known"`     // said before, by this file or another
	Pending  int       `json:"pending"`   // announced, not booked yet
	Others   int       `json:"elsewhere"` // on other accounts
	Executed int       `json:"executed"`  // payouts
	Returned int       `json:"returned"`  // payouts
	Rejected int       `json:"rejected"`  // payouts
	Received int       `json:"received"`  // payments to the operator
	Queued   int       `json:"queued"`    // wait for a person
	Ignored  int       `json:"ignored"`   // need nothing
	// Findings are the first hundred contradictions of the file.
	Findings []*fault.Fault `json:"-"`
	// Entries are the first hundred of those that were not known before, with what
	// became of each, without the payouts they are about.
	Entries []payouts.BankEntry `json:"-"`
}

// How many findings and entries a result tells.
const (
	mostFindings = 100
	mostTold     = 100
)

// ImportBank reads an answer of a bank, books what it can, and queues the rest
// (settlement.md §10.2). A file is taken whole or not at all. What was said before,
// by the same file or by another, is counted and changes nothing. Faults are those
// of bank.Open, bank_other_account where no account of the file is the operator's,
// and bank_transfers_unknown where a status report is about another file. Where
// another person changes the same things meanwhile, r is read again if it is an
// io.Seeker.
func (s *Store) ImportBank(ctx context.Context, who string, r io.Reader, opts ImportOptions) (result BankResult, err error) {
	begun, distrusted := false, map[string]bool{}
	again := func(tx *Tx) error {
		if err := rewind(r, begun); err != nil {
			return err
		}
		begun = true
		b := &bankImport{tx: tx, distrusted: distrusted, who: who, name: filepath.Base(opts.Name), progress: opts.Progress, hash: sha256.New(), atOnce: s.answersRead, listed: map[string]bool{}, files: map[string]int64{}}
		err := b.read(r)
		if result = b.result; err == nil && (opts.Check || b.result.Repeated) {
			return errOnlyChecked
		}
		return err
	}
	if err = s.durably(ctx, again); errors.Is(err, errDistrusted) {
		if _, seeks := r.(io.Seeker); !seeks {
			return result, err
		}
		err = s.durably(ctx, again)
	}
	if errors.Is(err, errOnlyChecked) {
		err = nil
	}
	return result, err
}

// rewind goes back to the beginning of a file that was begun.
func rewind(r io.Reader, begun bool) error {
	if !begun {
		return nil
	}
	seeker, ok := r.(io.Seeker)
	if !ok {
		return fault.New(fault.Unavailable, "bank_try_again", nil)
	}
	_, err := seeker.Seek(0, io.SeekStart)
	return err
}

// bankImport takes in one file.
type bankImport struct {
	tx        *Tx
	who       string
	name      string
	progress  func(int)
	hash      hash.Hash
	result    BankResult
	file      int64 // id
	accounts  map[string]bool
	today     entities.Date
	zone      *time.Location // of the operator
	ours      int            // statements of the operator's account
	other     string         // account of the first statement
	items     int
	first     int64 // of the ids that were taken
	left      int
	batch     int64           // that a status report is about
	message   string          // id of the file of transfers that it is about
	duplicate bool            // that file is refused because the bank has it
	accepted  acceptances     // what earlier reports said of it; nil: not read yet
	listed    map[string]bool // payouts with a status of their own
	rest      *bankEntryRow   // the status of those that have none

	atOnce  int
	heard   []heard     // read, and not decided yet
	ahead   ahead       // what decides about them
	unsaved bankUnsaved // what was decided, and not written yet
	debts   debtIndex
	files   map[string]int64 // batch by the message id of its file; 0: there is none
	sums    map[int64]*batchSum
	told    map[string][]batchSum // by day, batches whose payments came one by one before

	entry      *bank.Entry     // of the last payment
	distrusted map[string]bool // keys of bookings whose payments do not come to their amounts
	late       *fault.Fault    // says so of one after its payments were heard
}

// heard is one thing that a file says, with the entry that it becomes.
type heard struct {
	bank.Item
	row bankEntryRow
}

// answersRead is how many things that a bank says are decided with one look at the
// database, and written together.
const answersRead = 1000

func (b *bankImport) read(r io.Reader) error {
	source := io.TeeReader(r, b.hash)
	f, err := bank.Open(source)
	if err != nil {
		return err
	}
	if err := b.begin(f); err != nil {
		return err
	}
	for item, err := range f.Items() {
		if err != nil {
			return err
		}
		if err := b.hear(f.Message(), item); err != nil {
			return err
		}
	}
	if err := b.decideHeard(f.Message()); err != nil {
		return err
	}
	return b.end(f)
}

// begin takes the locks that booking needs, in the order in which others do.
func (b *bankImport) begin(f *bank.File) (err error) {
	if err := b.tx.lockConfiguration(); err != nil {
		return err
	}
	if err := b.tx.lock("payouts"); err != nil {
		return err
	}
	b.result.Kind, b.result.Message = f.Message().Kind, f.Message().ID
	if b.zone, err = b.tx.daysZone(); err != nil {
		return err
	}
	b.today = entities.DateOf(b.tx.now(), b.zone)
	iban, err := column[string](b.tx.ctx, b.tx.sql, "SELECT coalesce(bank_iban, '') FROM entities WHERE parent_key IS NULL")
	if err != nil {
		return err
	}
	b.accounts = map[string]bool{}
	for _, own := range iban {
		b.accounts[entities.NormalIBAN(own)] = own != ""
	}
	earlier, err := column[string](b.tx.ctx, b.tx.sql, "SELECT DISTINCT account FROM bank_entries WHERE account <> ''")
	for _, account := range earlier {
		b.accounts[account] = true
	}
	if err == nil {
		b.file, err = b.tx.takeIDs("bank_files", 1)
	}
	return err
}

// hear takes an item in, and decides about many at once.
func (b *bankImport) hear(m bank.Message, item bank.Item) error {
	if b.items++; b.progress != nil && b.items%1000 == 0 {
		b.progress(b.items)
	}
	h := heard{Item: item}
	switch {
	case item.Statement != nil:
		b.statement(item.Statement)
		return nil
	case item.Transaction != nil:
		if !b.counts(item.Transaction) {
			return nil
		}
		b.listen(item.Transaction)
		h.row = b.row(item.Transaction)
	case item.Status != nil:
		h.row = b.statusRow(m, item.Status)
	default:
		row, err := b.findingRow(item.Finding)
		if row == nil || err != nil {
			return err
		}
		h.row = *row
	}
	if b.heard = append(b.heard, h); len(b.heard) < b.atOnce {
		return nil
	}
	return b.decideHeard(m)
}

// decideHeard decides about what was heard, in its order, and writes it.
func (b *bankImport) decideHeard(m bank.Message) (err error) {
	if b.ahead, err = b.lookAhead(); err != nil {
		return err
	}
	for i := range b.heard {
		h := &b.heard[i]
		switch {
		case h.Transaction != nil:
			err = b.transaction(&h.row, h.Transaction)
		case h.Status != nil:
			err = b.status(&h.row, h.Status)
		default:
			err = b.finding(&h.row)
		}
		if err != nil {
			return err
		}
	}
	b.heard = b.heard[:0]
	return b.write()
}

// statement counts the statements of the operator's account.
func (b *bankImport) statement(s *bank.Statement) {
	if b.accounts[s.Account.ID] {
		b.ours++
	}
	b.other = cmp.Or(b.other, s.Account.ID)
}

// textKey is a key of texts.
func textKey(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return hex.EncodeToString(sum[:16])
}

// end takes the file itself, unless it was read before.
func (b *bankImport) end(f *bank.File) error {
	if f.Message().Kind != bank.StatusReport && b.ours == 0 {
		return b.otherAccount()
	}
	if b.late != nil {
		return fmt.Errorf("%w: %w", errDistrusted, b.late)
	}
	if err := b.rejectRest(); err != nil {
		return err
	}
	if err := b.write(); err != nil {
		return err
	}
	if _, err := b.tx.takeIDs("bank_entries", -b.left); err != nil { // what is left is given back
		return err
	}
	sum := hex.EncodeToString(b.hash.Sum(nil))
	repeated, err := exists[bankFileRow](b.tx.db.Where("sha256 = ?", sum))
	if b.result.Repeated = repeated; err != nil || repeated {
		return err
	}
	row := bankFileRow{b.file, sum, b.name, string(b.result.Kind), b.result.Message, utc(b.tx.now()), b.who}
	if err := create(b.tx.db, row); err != nil {
		return err
	}
	return b.tx.audit(Entry{Who: b.who, Action: "bank_entries.imported", Subject: b.name, After: string(jsonOf(b.result))})
}

// otherAccount is the fault of a file that is not about the operator's account.
func (b *bankImport) otherAccount() error {
	var known []string
	for account, is := range b.accounts {
		if is {
			known = append(known, account)
		}
	}
	slices.Sort(known)
	return fault.New(fault.Invalid, "bank_other_account", fault.Args{"account": b.other, "expected": strings.Join(known, ", ")})
}

// row is a payment as it is stored.
func (b *bankImport) row(t *bank.Transaction) bankEntryRow {
	e := t.Entry
	row := bankEntryRow{
		Kind: string(payouts.PaymentEntry), Line: e.Line, Key: t.Key, Account: e.Statement.Account.ID, Day: string(cmp.Or(e.Value, e.Booking, b.today)),
		EndToEndID: t.EndToEndID, Reference: cmp.Or(t.BankReference, e.BankReference, e.Reference), Name: t.Counterparty.Name, IBAN: t.Counterparty.Account.ID,
		Text: cutText(paymentText(t), 500), Reversal: t.Return != nil || e.Reversal || strings.HasSuffix(cmp.Or(t.Code.Domain, e.Code.Domain), "/RRTN"),
	}
	if t.Number > 0 {
		row.EntryKey = e.Key
	}
	if t.Return != nil {
		row.Reason = cutText(reasonText(*t.Return), 200)
	}
	if amount, ok := t.Amount.Amount(); ok && t.Amount.Known() {
		row.Amount, row.Currency = max(int64(amount), -int64(amount)), t.Amount.Currency
		if e.Direction == bank.Debit {
			row.Amount = -row.Amount
		}
	}
	if e.BankReference == "" {
		row.Twin = textKey(row.Account, string(e.Booking), t.Amount.String(), string(e.Direction), row.EndToEndID, row.IBAN, row.Name, row.Text)
	}
	return row
}

// paymentText is all that may name a document.
func paymentText(t *bank.Transaction) string {
	parts := slices.Concat(t.Texts, t.References, []string{t.Info})
	if t.Number == 0 {
		parts = append(parts, t.Entry.Text)
	}
	return strings.Join(slices.DeleteFunc(parts, func(p string) bool { return p == "" }), " ")
}

func reasonText(r bank.Reason) string {
	return strings.TrimSpace(cmp.Or(r.Code, r.Proprietary) + " " + strings.Join(r.Texts, " "))
}

// counts reports whether a payment moved money on the operator's account.
func (b *bankImport) counts(t *bank.Transaction) bool {
	switch {
	case !b.accounts[t.Entry.Statement.Account.ID]:
		b.result.Others++
		return false
	case !t.Entry.IsBooked():
		b.result.Pending++
		return false
	}
	return true
}

// transaction takes a payment that moved money on the operator's account.
func (b *bankImport) transaction(row *bankEntryRow, t *bank.Transaction) error {
	known := b.ahead.known[row.Key] || t.Number == 0 && b.ahead.detailed[t.Entry.Key]
	if !known && t.Number > 0 {
		var err error
		if known, err = b.detailsOf(t.Entry.Key); err != nil {
			return err
		}
	}
	if known {
		b.result.Known++
		return nil
	}
	if b.ahead.repeats(row.Twin) {
		row.ignore(payouts.WhyRepeated)
		return b.add(row)
	}
	return b.match(row, t)
}
