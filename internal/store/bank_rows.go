package store

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/bank"
	"creditrun/internal/fault"
	"creditrun/internal/money"
	"creditrun/internal/payouts"
)

// bankFileRow is a row of bank_files.
type bankFileRow struct {
	ID        int64     `gorm:"column:id"`
	SHA256    string    `gorm:"column:sha256"`
	Name      string    `gorm:"column:name"`
	Kind      string    `gorm:"column:kind"`
	MessageID string    `gorm:"column:message_id"`
	ReadAt    time.Time `gorm:"column:read_at"`
	ReadBy    string    `gorm:"column:read_by"`
}

// TableName implements schema.Tabler.
func (bankFileRow) TableName() string { return "bank_files" }

// bankEntryRow is a row of bank_entries.
type bankEntryRow struct {
	ID            int64      `gorm:"column:id"`
	FileID        int64      `gorm:"column:file_id"`
	Source        string     `gorm:"column:source"`
	Line          int        `gorm:"column:line"`
	Key           string     `gorm:"column:key"`
	EntryKey      string     `gorm:"column:entry_key"`
	Twin          string     `gorm:"column:twin"`
	Kind          string     `gorm:"column:kind"`
	State         string     `gorm:"column:state"`
	Outcome       string     `gorm:"column:outcome"`
	Why           string     `gorm:"column:why"`
	Account       string     `gorm:"column:account"`
	Day           string     `gorm:"column:day"`
	Amount        int64      `gorm:"column:amount"`
	Currency      string     `gorm:"column:currency"`
	EndToEndID    string     `gorm:"column:end_to_end_id"`
	Reference     string     `gorm:"column:reference"`
	Name          string     `gorm:"column:name"`
	IBAN          string     `gorm:"column:iban"`
	Text          string     `gorm:"column:text"`
	Reason        string     `gorm:"column:reason"`
	Reversal      bool       `gorm:"column:reversal"`
	BatchID       *int64     `gorm:"column:batch_id"`
	MovementID    *int64     `gorm:"column:movement_id"`
	DecidedAt     *time.Time `gorm:"column:decided_at"`
	DecidedBy     string     `gorm:"column:decided_by"`
	DecidedReason string     `gorm:"column:decided_reason"`
}

// TableName implements schema.Tabler.
func (bankEntryRow) TableName() string { return "bank_entries" }

// bankEntryPayoutRow is a row of bank_entry_payouts.
type bankEntryPayoutRow struct {
	EntryID  int64  `gorm:"column:entry_id"`
	PayoutID int64  `gorm:"column:payout_id"`
	Part     string `gorm:"column:part"`
	Changed  *bool  `gorm:"column:changed"`
	Undone   bool   `gorm:"column:undone"`
}

// TableName implements schema.Tabler.
func (bankEntryPayoutRow) TableName() string { return "bank_entry_payouts" }

// queue leaves an entry to a person.
func (r *bankEntryRow) queue(why payouts.QueuedWhy) {
	r.State, r.Why = string(payouts.EntryQueued), string(why)
}

// ignore says that an entry needs nothing.
func (r *bankEntryRow) ignore(why payouts.QueuedWhy) {
	r.State, r.Why = string(payouts.EntryIgnored), string(why)
}

// settle says what an entry did.
func (r *bankEntryRow) settle(outcome payouts.Outcome) {
	r.State, r.Outcome, r.Why = string(payouts.EntryBooked), string(outcome), ""
}

func (r *bankEntryRow) domain() payouts.BankEntry {
	e := payouts.BankEntry{
		ID: r.ID, Kind: payouts.EntryKind(r.Kind), State: payouts.EntryState(r.State), Outcome: payouts.Outcome(r.Outcome), Why: payouts.QueuedWhy(r.Why),
		Source: bank.Kind(r.Source), Line: r.Line, Account: r.Account, Day: entities.Date(r.Day), Amount: money.Amount(r.Amount), Currency: r.Currency,
		EndToEnd: r.EndToEndID, Reference: r.Reference, Name: r.Name, IBAN: r.IBAN, Text: r.Text, Reason: r.Reason, Reversal: r.Reversal,
		DecidedAt: orZero(r.DecidedAt).UTC(), DecidedBy: r.DecidedBy, Decision: r.DecidedReason,
	}
	if e.Kind == payouts.FindingEntry {
		var finding fault.Fault
		if finding.GobDecode([]byte(r.Text)) == nil {
			e.Finding, e.Text = &finding, ""
		}
	}
	return e
}

// BankEntries lists what banks said, the latest day first, with the cursors of the
// pages beside.
func (s *Store) BankEntries(ctx context.Context, f payouts.EntryFilter, p creditnotes.Page) (list []payouts.BankEntry, next, previous string, err error) {
	var where condition
	switch f.State {
	case "":
	case payouts.EntryUndone:
		where.and("u.entry_id IS NOT NULL")
	default:
		where.and("e.state = ? AND u.entry_id IS NULL", string(f.State))
	}
	if f.ID != 0 {
		where.and("e.id = ?", f.ID)
	}
	place, err := entryPlace(p)
	if err != nil {
		return nil, "", "", err
	}
	order := keyset{"e.day", "e.id"}.narrow(&where, p, place)
	limit := where.arg(" LIMIT ?", p.Size()+1)
	type row struct {
		bankEntryRow
		undo                    bankUndoRow
		undoneAt                *time.Time
		before                  int64
		file, entity, reference string
	}
	rows, err := collect(ctx, s.readSQL, func(r *row) []any {
		return []any{&r.ID, &r.Source, &r.Line, &r.Kind, &r.State, &r.Outcome, &r.Why, &r.Account, &r.Day, &r.Amount, &r.Currency, &r.EndToEndID, &r.Reference,
			&r.Name, &r.IBAN, &r.Text, &r.Reason, &r.Reversal, &r.DecidedAt, &r.DecidedBy, &r.DecidedReason, &r.file, &r.entity, &r.reference,
			&r.undoneAt, &r.undo.UndoneBy, &r.undo.Reason, &r.undo.InsteadID, &r.before}
	}, `SELECT e.id, e.source, e.line, e.kind, e.state, e.outcome, e.why, e.account, e.day, e.amount, e.currency, e.end_to_end_id, e.reference,
			e.name, e.iban, e.text, e.reason, e.reversal, e.decided_at, e.decided_by, e.decided_reason, f.name, coalesce(m.entity_key, ''), coalesce(m.reference, ''),
			u.undone_at, coalesce(u.undone_by, ''), coalesce(u.reason, ''), coalesce(u.instead_id, 0), coalesce(w.entry_id, 0)
		FROM bank_entries e JOIN bank_files f ON f.id = e.file_id LEFT JOIN movements m ON m.id = e.movement_id
		LEFT JOIN bank_undos u ON u.entry_id = e.id LEFT JOIN bank_undos w ON w.instead_id = e.id `+where.String()+order+limit, where.args...)
	if err != nil {
		return nil, "", "", fmt.Errorf("bank entries: %w", err)
	}
	rows, next, previous = inOrder(rows, p, func(r *row) string { return cursorOf(r.Day, strconv.FormatInt(r.ID, 10)) })
	list = make([]payouts.BankEntry, len(rows))
	for i := range rows {
		list[i] = rows[i].domain()
		list[i].File, list[i].Entity, list[i].Documents = rows[i].file, rows[i].entity, rows[i].reference
		list[i].Before, list[i].Instead = rows[i].before, rows[i].undo.InsteadID
		if rows[i].undoneAt != nil {
			list[i].State, list[i].UndoneAt = payouts.EntryUndone, rows[i].undoneAt.UTC()
			list[i].UndoneBy, list[i].UndoneWhy = rows[i].undo.UndoneBy, rows[i].undo.Reason
		}
	}
	return list, next, previous, s.addEntryPayouts(ctx, list)
}

func entryPlace(p creditnotes.Page) ([]any, error) {
	day, text, err := placeOf(p)
	if err != nil || day == "" {
		return nil, err
	}
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return nil, cursorFault(p)
	}
	return []any{day, id}, nil
}

// addEntryPayouts adds the numbers of the payouts that entries are about.
func (s *Store) addEntryPayouts(ctx context.Context, list []payouts.BankEntry) error {
	ids := make([]int64, len(list))
	at := map[int64]*payouts.BankEntry{}
	for i := range list {
		ids[i], at[list[i].ID] = list[i].ID, &list[i]
	}
	type link struct {
		entry  int64
		number string
	}
	links, err := collect(ctx, s.readSQL, func(l *link) []any { return []any{&l.entry, &l.number} },
		`SELECT l.entry_id, p.number FROM bank_entry_payouts l JOIN payouts p ON p.id = l.payout_id WHERE l.entry_id `+s.dialect.in("$1")+` ORDER BY p.number`,
		s.dialect.list(ids))
	for _, l := range links {
		e := at[l.entry]
		e.Payouts = append(e.Payouts, l.number)
	}
	return err
}

// BankEntry returns an entry, or a NotFound fault.
func (s *Store) BankEntry(ctx context.Context, id int64) (*payouts.BankEntry, error) {
	list, _, _, err := s.BankEntries(ctx, payouts.EntryFilter{ID: id}, creditnotes.Page{Limit: 1})
	if err != nil || id == 0 || len(list) == 0 {
		return nil, errorOr(err, entryUnknown(id))
	}
	return &list[0], nil
}

func entryUnknown(id int64) error {
	return fault.New(fault.NotFound, "bank_entry_unknown", fault.Args{"entry": id})
}

// QueuedBankEntries counts the entries that wait for a person.
func (s *Store) QueuedBankEntries(ctx context.Context) (count int64, err error) {
	counts, err := column[int64](ctx, s.readSQL, "SELECT count(*) FROM bank_entries WHERE state = 'queued'")
	if len(counts) == 1 {
		count = counts[0]
	}
	return count, err
}

// cutText keeps the beginning of a text.
func cutText(text string, most int) string {
	runes := []rune(strings.Join(strings.Fields(text), " "))
	return string(runes[:min(len(runes), most)])
}
