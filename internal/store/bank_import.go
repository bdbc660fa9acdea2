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
}

const mostFindings = 100

// ImportBank reads an answer of a bank, books what it can, and queues the rest
// (settlement.md §10.2). A file is taken whole or not at all. What was said before,
// by the same file or by another, is counted and changes nothing. Faults are those
// of bank.Open, bank_other_account where no account of the file is the operator's,
// and bank_transfers_unknown where a status report is about another file. Where
// another person changes the same things meanwhile, r is read again if it is an
// io.Seeker.
func (s *Store) ImportBank(ctx context.Context, who string, r io.Reader, opts ImportOptions) (result BankResult, err error) {
	begun := false
	err = s.durably(ctx, func(tx *Tx) error {
		if err := rewind(r, begun); err != nil {
			return err
		}
		begun = true
		b := &bankImport{tx: tx, who: who, name: filepath.Base(opts.Name), progress: opts.Progress, hash: sha256.New(), listed: map[string]bool{}}
		err := b.read(r)
		if result = b.result; err == nil && (opts.Check || b.result.Repeated) {
			return errOnlyChecked
		}
		return err
	})
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
	tx       *Tx
	who      string
	name     string
	progress func(int)
	hash     hash.Hash
	result   BankResult
	file     int64 // id
	accounts map[string]bool
	today    entities.Date
	ours     int    // statements of the operator's account
	other    string // account of the first statement
	items    int
	first    int64 // of the ids that were taken
	left     int
	debts    []openItem // what recipients owe and may pay
	loaded   bool
	batch    int64           // that a status report is about
	listed   map[string]bool // payouts with a status of their own
	rest     *bankEntryRow   // the status of those that have none
}

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
		if err := b.item(f, &item); err != nil {
			return err
		}
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
	operator, err := first[entityRow](b.tx.db.Where("parent_key IS NULL"))
	if err != nil || operator == nil {
		return errorOr(err, fault.New(fault.Invalid, "operator_missing", nil))
	}
	e, err := operator.domain()
	if err != nil {
		return err
	}
	zone, err := time.LoadLocation(e.TimeZone)
	if err != nil {
		return fmt.Errorf("time zone of the operator: %w", err)
	}
	b.today = entities.DateOf(b.tx.now(), zone)
	b.accounts = map[string]bool{entities.NormalIBAN(e.Bank.IBAN): e.Bank.IBAN != ""}
	earlier, err := column[string](b.tx.ctx, b.tx.sql, "SELECT DISTINCT account FROM bank_entries WHERE account <> ''")
	for _, account := range earlier {
		b.accounts[account] = true
	}
	if err == nil {
		b.file, err = b.tx.takeIDs("bank_files", 1)
	}
	return err
}

func (b *bankImport) item(f *bank.File, item *bank.Item) error {
	if b.items++; b.progress != nil && b.items%1000 == 0 {
		b.progress(b.items)
	}
	switch {
	case item.Transaction != nil:
		return b.transaction(item.Transaction)
	case item.Statement != nil:
		return b.statement(item.Statement)
	case item.Status != nil:
		return b.status(f.Message(), item.Status)
	}
	return b.finding(item.Finding)
}

// statement counts the statements of the operator's account.
func (b *bankImport) statement(s *bank.Statement) error {
	if b.accounts[s.Account.ID] {
		b.ours++
	}
	b.other = cmp.Or(b.other, s.Account.ID)
	return nil
}

// finding queues a contradiction of sums, since money may be missing in the file.
func (b *bankImport) finding(found *fault.Fault) error {
	if len(b.result.Findings) < mostFindings {
		b.result.Findings = append(b.result.Findings, found)
	}
	if found.Key != "bank_balance_differs" && found.Key != "bank_sum_differs" {
		return nil
	}
	line, _ := found.Args["line"].(int)
	row := bankEntryRow{Kind: string(payouts.FindingEntry), Line: line, Day: string(b.today)}
	words, err := found.GobEncode()
	if err != nil {
		return err
	}
	row.Text = string(words)
	row.Key = textKey("finding", b.result.Message, found.Error())
	if known, err := b.knows(row.Key, ""); known || err != nil {
		b.result.Known++
		return err
	}
	row.queue(payouts.WhyFinding)
	return b.add(&row)
}

// textKey is a key of texts.
func textKey(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return hex.EncodeToString(sum[:16])
}

// knows reports whether an entry, or the booking that it is part of, was taken
// before.
func (b *bankImport) knows(key, entry string) (known bool, err error) {
	err = b.tx.scanRow("SELECT EXISTS (SELECT 1 FROM bank_entries WHERE key = $1) OR EXISTS (SELECT 1 FROM bank_entries WHERE entry_key = $2 AND entry_key <> '')",
		[]any{key, entry}, &known)
	return known, err
}

// add writes an entry with what it did to payouts.
func (b *bankImport) add(row *bankEntryRow, links ...bankEntryPayoutRow) (err error) {
	if b.left == 0 {
		if b.first, err = b.tx.takeIDs("bank_entries", entryIDs); err != nil {
			return err
		}
		b.left = entryIDs
	}
	row.ID, row.FileID, row.Source = b.first, b.file, string(b.result.Kind)
	b.first, b.left = b.first+1, b.left-1
	if err := create(b.tx.db, *row); err != nil {
		return err
	}
	for i := range links {
		links[i].EntryID = row.ID
	}
	b.count(row, len(links))
	return create(b.tx.db, links...)
}

// entryIDs is how many ids are taken at once.
const entryIDs = 200

func (b *bankImport) count(row *bankEntryRow, payoutsTold int) {
	switch {
	case row.State == string(payouts.EntryQueued):
		b.result.Queued++
	case row.Outcome == string(payouts.OutcomeExecuted):
		b.result.Executed += payoutsTold
	case row.Outcome == string(payouts.OutcomeReturned):
		b.result.Returned += payoutsTold
	case row.Outcome == string(payouts.OutcomeRejected):
		b.result.Rejected += payoutsTold
	case row.Outcome == string(payouts.OutcomeReceived):
		b.result.Received++
	default:
		b.result.Ignored++
	}
}

// end takes the file itself, unless it was read before.
func (b *bankImport) end(f *bank.File) error {
	if f.Message().Kind != bank.StatusReport && b.ours == 0 {
		return b.otherAccount()
	}
	if err := b.rejectRest(); err != nil {
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

// transaction takes a payment that moved money on the operator's account.
func (b *bankImport) transaction(t *bank.Transaction) error {
	switch {
	case !b.accounts[t.Entry.Statement.Account.ID]:
		b.result.Others++
		return nil
	case !t.Entry.IsBooked():
		b.result.Pending++
		return nil
	}
	row := b.row(t)
	whole := ""
	if t.Number == 0 {
		whole = t.Entry.Key
	}
	known, err := b.knows(row.Key, whole)
	if err == nil && !known && t.Number > 0 {
		known, err = b.detailsOf(t.Entry.Key)
	}
	if err != nil || known {
		b.result.Known++
		return err
	}
	repeated, err := b.repeated(row.Twin)
	if err != nil {
		return err
	}
	if repeated {
		row.ignore(payouts.WhyRepeated)
		return b.add(&row)
	}
	return b.match(&row, t)
}

// detailsOf reports whether a booking of which the payments come now was booked
// in one sum. Where it waits for a person it does so no longer.
func (b *bankImport) detailsOf(key string) (booked bool, err error) {
	row, err := first[bankEntryRow](b.tx.db.Where("key = ?", key))
	if err != nil || row == nil {
		return false, err
	}
	switch {
	case row.State == string(payouts.EntryIgnored) && row.Why == string(payouts.WhyDetails):
		return false, nil
	case row.State != string(payouts.EntryQueued):
		return true, nil
	}
	row.ignore(payouts.WhyDetails)
	return false, inTable(b.tx.db.Model(&bankEntryRow{}).Where("id = ?", row.ID).Updates(set{"state": row.State, "why": row.Why}))
}

// repeated reports whether a file of the other kind said the same, of a bank that
// gives bookings no references: as often as here, or more often.
func (b *bankImport) repeated(twin string) (bool, error) {
	if twin == "" {
		return false, nil
	}
	var own, others int
	err := b.tx.scanRow(`SELECT CAST(coalesce(sum(CASE WHEN source = $1 THEN 1 ELSE 0 END), 0) AS bigint), CAST(coalesce(sum(CASE WHEN source = $1 THEN 0 ELSE 1 END), 0) AS bigint)
		FROM bank_entries WHERE twin = $2`, []any{string(b.result.Kind), twin}, &own, &others)
	return others > own, err
}
