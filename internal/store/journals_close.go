package store

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"gorm.io/gorm"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/fault"
	"creditrun/internal/journal"
	"creditrun/internal/money"
	"creditrun/numbering"
)

// closeMonth makes the journal of a month that is over: of all documents and
// movements up to its last day that are in no journal yet.
func (tx *Tx) closeMonth(who string, month entities.Month) (*journalRow, error) {
	if err := tx.mayClose(month); err != nil {
		return nil, err
	}
	l, err := tx.ledger(who, month)
	if err != nil {
		return nil, err
	}
	if missing := l.Missing(); len(missing) > 0 {
		return nil, fault.New(fault.Invalid, "accounting_missing", fault.Args{"month": string(month), "missing": journal.ListOf(missing)})
	}
	sums, err := l.sums()
	if err != nil {
		return nil, err
	}
	if err := l.Prove(sums); err != nil {
		return nil, err
	}
	return l.save()
}

// ledger collects what the journal of a month has, and proves nothing yet.
func (tx *Tx) ledger(who string, month entities.Month) (*ledger, error) {
	settings, _, err := loadSettings(tx.db)
	if err != nil {
		return nil, err
	}
	l := &ledger{tx: tx, settings: settings, accounts: journal.Accounts{Revenue: settings.RevenueAccount, FeeRevenue: settings.FeeRevenueAccount,
		Bank: settings.BankAccount, Clearing: settings.ClearingAccount, Taxes: map[string]string{}}, parties: map[string]*journal.Party{}}
	l.Month, l.ClosedAt, l.ClosedBy = month, utc(tx.now()), who
	taxes, err := find[taxAccountRow](tx.db)
	if err != nil {
		return nil, err
	}
	for _, t := range taxes {
		l.accounts.Taxes[t.Key] = t.LedgerAccount
	}
	return l, l.fill()
}

// mayClose refuses a month that is not over, and one before the last that was
// closed, whose journal has what belongs to it.
func (tx *Tx) mayClose(month entities.Month) error {
	today, err := tx.today()
	if err != nil {
		return err
	}
	if !month.Before(today.Month()) {
		return fault.New(fault.Conflict, "accounting_month_open", fault.Args{"month": string(month)})
	}
	last, err := first[journalRow](tx.db.Omit("content").Order("month DESC"))
	if err != nil || last == nil {
		return err
	}
	if month.Before(entities.Month(last.Month)) {
		return fault.New(fault.Conflict, "accounting_month_order", fault.Args{"month": string(month), "last": last.Month})
	}
	return nil
}

// ledger makes the journal of a month.
type ledger struct {
	journal.Journal
	tx       *Tx
	settings creditnotes.Settings
	accounts journal.Accounts
	parties  map[string]*journal.Party // by key of the entity
	given    []creditorAccountRow      // accounts that are new
	numbers  *journal.Numbers
}

func (l *ledger) fill() error {
	until := string(l.Month.LastDay())
	notes, err := journalNotes(l.tx.db, openNotes+" AND n.date <= ?", until)
	if err != nil {
		return err
	}
	rows, err := find[movementRow](l.tx.db.Table("movements m").Where(openPayments+" AND m.value_date <= ?", until).Order("id"))
	if err != nil {
		return err
	}
	if err := l.meet(notes, rows); err != nil {
		return err
	}
	for i := range notes {
		n := &notes[i]
		l.Entries = append(l.Entries, journal.OfNote(n.note, n.cancels, n.movement, l.parties[n.note.Recipient].Account, &l.accounts))
	}
	for i := range rows {
		m := rows[i].domain()
		p := l.parties[m.Entity]
		l.Entries = append(l.Entries, journal.OfMovement(&m, p.Name, p.Account, &l.accounts))
	}
	if err := l.convert(); err != nil {
		return err
	}
	return l.name()
}

// journalNote is a document with the kind of what it cancels and the id of its
// movement.
type journalNote struct {
	note     *creditnotes.Note
	cancels  numbering.DocumentType
	movement int64
}

// journalNotes reads the documents n of a condition, with their taxes and without
// their positions.
func journalNotes(db *gorm.DB, which string, arg any) (list []journalNote, err error) {
	rows, err := find[noteRow](db.Table("credit_notes n").Where(which, arg).Order("date, id"))
	if err != nil {
		return nil, err
	}
	at := map[int64]int{}
	for i, row := range rows {
		n, err := row.note()
		if err != nil {
			return nil, err
		}
		at[n.ID] = i
		list = append(list, journalNote{note: n})
	}
	of := "note_id IN (SELECT n.id FROM credit_notes n WHERE " + which + ")"
	taxes, err := find[noteTaxRow](db.Where(of, arg).Order("note_id, ordinal"))
	if err != nil {
		return nil, err
	}
	for _, t := range taxes {
		n := list[at[t.NoteID]].note
		n.Taxes = append(n.Taxes, t.tax())
	}
	movements, err := find[movementRow](db.Where(of, arg))
	if err != nil {
		return nil, err
	}
	for _, m := range movements {
		list[at[*m.NoteID]].movement = m.ID
	}
	return list, addCancelled(db, list, which, arg)
}

// addCancelled fills in the kind of what documents cancel.
func addCancelled(db *gorm.DB, list []journalNote, which string, arg any) error {
	cancelled, err := find[noteRow](db.Omit("document").Where("id IN (SELECT n.cancels FROM credit_notes n WHERE "+which+")", arg))
	if err != nil {
		return err
	}
	kinds := map[int64]numbering.DocumentType{}
	for _, c := range cancelled {
		kinds[c.ID] = numbering.DocumentType(c.Kind)
	}
	for i := range list {
		list[i].cancels = kinds[list[i].note.Cancels]
	}
	return nil
}

// meet reads the recipients of documents and movements and gives each an account.
func (l *ledger) meet(notes []journalNote, movements []movementRow) error {
	var keys []string
	for i := range notes {
		keys = append(keys, notes[i].note.Recipient)
	}
	for i := range movements {
		keys = append(keys, movements[i].EntityKey)
	}
	slices.Sort(keys)
	rows, err := find[entityRow](l.tx.db.Order("key"))
	if err != nil {
		return err
	}
	stored, err := find[creditorAccountRow](l.tx.db)
	if err != nil {
		return err
	}
	given, taken := map[string]string{}, map[string]bool{}
	for _, r := range stored {
		given[r.EntityKey], taken[r.Account] = r.Account, true
	}
	list := make([]entities.Entity, 0, len(rows))
	for i := range rows {
		e, err := rows[i].domain()
		if err != nil {
			return err
		}
		taken[e.CreditorAccount] = true
		list = append(list, e)
	}
	next := counter{at: l.settings.FirstCreditorAccount, taken: taken}
	for i := range list {
		e := &list[i]
		if _, met := slices.BinarySearch(keys, e.Key); !met {
			continue
		}
		account := e.CreditorAccount
		if account == "" {
			account = given[e.Key]
		}
		if account == "" {
			if account = next.take(); account != "" {
				l.given = append(l.given, creditorAccountRow{e.Key, account})
			}
		}
		l.parties[e.Key] = partyOf(e, account)
		l.Parties = append(l.Parties, *l.parties[e.Key])
	}
	slices.SortFunc(l.Parties, func(a, b journal.Party) int { return strings.Compare(a.Account, b.Account) })
	return nil
}

func partyOf(e *entities.Entity, account string) *journal.Party {
	p := &journal.Party{Entity: e.Key, Account: account, Name: e.LegalName, Street: e.Street, Postcode: e.Postcode, City: e.City, Country: e.Country,
		VATID: e.VATID, TaxNumber: e.TaxNumber, Phone: e.Phone, CustomerNo: e.CustomerRef, Language: e.Language}
	if p.Name == "" {
		p.Name = e.Name
	}
	if len(e.Emails) > 0 {
		p.Email = e.Emails[0]
	}
	return p
}

// counter counts accounts from a first one, which is empty where none is counted.
type counter struct {
	at    string
	taken map[string]bool
}

func (c *counter) take() string {
	if c.at == "" {
		return ""
	}
	for c.taken[c.at] {
		n, _ := strconv.ParseUint(c.at, 10, 64) // at most 15 digits, as the setting has it
		next := strconv.FormatUint(n+1, 10)
		c.at = strings.Repeat("0", max(0, len(c.at)-len(next))) + next
	}
	c.taken[c.at] = true
	return c.at
}

// sums adds up the documents of the journal and their movements, each in its own
// table.
func (l *ledger) sums() (journal.Sums, error) {
	var ids []int64
	for i := range l.Entries {
		if id := l.Entries[i].NoteID; id != 0 {
			ids = append(ids, id)
		}
	}
	issued, err := l.sum(`SELECT n.currency, CAST(sum(CASE WHEN n.kind = 'invoice' OR c.kind = 'invoice' THEN -n.gross ELSE n.gross END) AS bigint)
		FROM credit_notes n LEFT JOIN credit_notes c ON c.id = n.cancels WHERE n.id `, ids, ` GROUP BY n.currency`)
	if err != nil {
		return journal.Sums{}, err
	}
	moved, err := l.sum(`SELECT m.currency, CAST(sum(m.amount) AS bigint) FROM movements m WHERE m.note_id `, ids, ` GROUP BY m.currency`)
	return journal.Sums{Issued: issued, Movements: moved}, err
}

func (l *ledger) sum(before string, ids []int64, after string) (map[string]money.Amount, error) {
	type total struct {
		currency string
		amount   money.Amount
	}
	list, err := collect(l.tx.ctx, l.tx.sql, func(t *total) []any { return []any{&t.currency, &t.amount} },
		before+l.tx.dialect.in("$1")+after, l.tx.dialect.list(ids))
	sums := map[string]money.Amount{}
	for _, t := range list {
		sums[t.currency] = t.amount
	}
	return sums, err
}

// save writes the journal, what it is made of, and the accounts that it gave.
func (l *ledger) save() (*journalRow, error) {
	content, err := json.Marshal(&l.Journal)
	if err != nil {
		return nil, err
	}
	id, err := l.tx.takeIDs("journal_ids", 1)
	if err != nil {
		return nil, err
	}
	row := journalRow{ID: id, Month: string(l.Month), ClosedAt: l.ClosedAt, ClosedBy: l.ClosedBy, Entries: len(l.Entries), Controls: jsonOf(l.Controls), Content: content}
	if err := create(l.tx.db, row); err != nil {
		return nil, err
	}
	entries := make([]journalEntryRow, len(l.Entries))
	for i := range l.Entries {
		e := &l.Entries[i]
		entries[i] = journalEntryRow{e.ID, id, string(e.Date), orNull(e.NoteID), orNull(e.MovementID)}
	}
	if err := create(l.tx.db, entries...); err != nil {
		return nil, err
	}
	if err := create(l.tx.db, l.given...); err != nil {
		return nil, err
	}
	numbers := make([]journalNumberRow, len(l.numbers.Given))
	for i, n := range l.numbers.Given {
		numbers[i] = journalNumberRow{n.Reference, n.Field}
	}
	if err := create(l.tx.db, numbers...); err != nil {
		return nil, err
	}
	closed := creditnotes.ClosedEvidence{Controls: json.RawMessage(row.Controls), Content: sha256Of(content)}
	return &row, l.tx.audit(Entry{Who: l.ClosedBy, Action: creditnotes.ActionMonthClosed, Subject: string(l.Month), After: string(jsonOf(closed))})
}

// sha256Of is the SHA-256 of a content, hexadecimal.
func sha256Of(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}
