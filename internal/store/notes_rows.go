package store

import (
	"fmt"
	"slices"
	"time"

	"gorm.io/gorm"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/money"
	"creditrun/numbering"
)

// noteRow is a row of credit_notes.
type noteRow struct {
	ID           int64      `gorm:"column:id"`
	RunID        int64      `gorm:"column:run_id"`
	Kind         string     `gorm:"column:kind"`
	State        string     `gorm:"column:state"`
	Ordinal      int        `gorm:"column:ordinal"`
	Number       nullText   `gorm:"column:number"`
	RangeKey     nullText   `gorm:"column:range_key"`
	Scope        string     `gorm:"column:scope"`
	Period       string     `gorm:"column:period"`
	Sequence     *int64     `gorm:"column:sequence"`
	RecipientKey string     `gorm:"column:recipient_key"`
	Language     string     `gorm:"column:language"`
	Currency     string     `gorm:"column:currency"`
	Date         string     `gorm:"column:date"`
	PeriodFrom   string     `gorm:"column:period_from"`
	PeriodTo     string     `gorm:"column:period_to"`
	Net          int64      `gorm:"column:net"`
	Tax          int64      `gorm:"column:tax"`
	Gross        int64      `gorm:"column:gross"`
	Document     jsonText   `gorm:"column:document"`
	Cancels      *int64     `gorm:"column:cancels"`
	IssuedAt     *time.Time `gorm:"column:issued_at"`
	Hash         string     `gorm:"column:hash"`
	MailedWith   *int64     `gorm:"column:mailed_with"`
}

// TableName implements schema.Tabler.
func (noteRow) TableName() string { return "credit_notes" }

// noteOwnerRow is a row of credit_note_owners.
type noteOwnerRow struct {
	NoteID  int64 `gorm:"column:note_id"`
	OwnerID int64 `gorm:"column:owner_id"`
	Place   int   `gorm:"column:place"`
}

// TableName implements schema.Tabler.
func (noteOwnerRow) TableName() string { return "credit_note_owners" }

// positionRow is a row of positions.
type positionRow struct {
	NoteID      int64  `gorm:"column:note_id"`
	Ordinal     int    `gorm:"column:ordinal"`
	OwnerID     int64  `gorm:"column:owner_id"`
	StationKey  string `gorm:"column:station_key"`
	StationName string `gorm:"column:station_name"`
	Component   string `gorm:"column:component"`
	Month       string `gorm:"column:month"`
	Late        bool   `gorm:"column:late"`
	Correction  bool   `gorm:"column:correction"`
	Sessions    int    `gorm:"column:sessions"`
	Energy      int64  `gorm:"column:energy"`
	Sum         int64  `gorm:"column:sum"`
	Net         int64  `gorm:"column:net"`
	CarriedFrom *int64 `gorm:"column:carried_from"`
	TaxAccount  string `gorm:"column:tax_account"`
	Tax         int    `gorm:"column:tax"`
	Contract    string `gorm:"column:contract"`
	Record      string `gorm:"column:record"`
	Text        string `gorm:"column:text"`
	Quantity    int64  `gorm:"column:quantity"`
	UnitPrice   int64  `gorm:"column:unit_price"`
	Turn        int    `gorm:"column:turn"`
	// CollectedLater marks a position of sessions that an earlier run held until
	// their money had arrived.
	CollectedLater bool `gorm:"column:collected_later"`
	// CreditedAgain is the number of the cancelled document that credited the
	// sessions before.
	CreditedAgain string   `gorm:"column:credited_again"`
	Prices        jsonText `gorm:"column:prices"` // a list of creditnotes.UnitPrice; empty: none
	FurtherPrices bool     `gorm:"column:further_prices"`
}

// TableName implements schema.Tabler.
func (positionRow) TableName() string { return "positions" }

// noteTaxRow is a row of note_taxes.
type noteTaxRow struct {
	NoteID        int64  `gorm:"column:note_id"`
	Ordinal       int    `gorm:"column:ordinal"`
	Account       string `gorm:"column:account"`
	LedgerAccount string `gorm:"column:ledger_account"`
	Name          string `gorm:"column:name"`
	Category      string `gorm:"column:category"`
	Rate          int64  `gorm:"column:rate"`
	Base          int64  `gorm:"column:base"`
	Tax           int64  `gorm:"column:tax"`
	ExemptionCode string `gorm:"column:exemption_code"`
	Exemption     string `gorm:"column:exemption"`
}

// TableName implements schema.Tabler.
func (noteTaxRow) TableName() string { return "note_taxes" }

// carryUseRow is a row of carry_uses.
type carryUseRow struct {
	CarriedID int64 `gorm:"column:carried_id"`
	OwnerID   int64 `gorm:"column:owner_id"`
	NoteID    int64 `gorm:"column:note_id"`
}

// TableName implements schema.Tabler.
func (carryUseRow) TableName() string { return "carry_uses" }

// noteParts are the rows that notes are made of.
type noteParts struct {
	notes     []noteRow
	owners    []noteOwnerRow
	positions []positionRow
	taxes     []noteTaxRow
	carried   []carryUseRow
}

// add takes a note apart; ids are the entities' by key.
func (p *noteParts) add(n *creditnotes.Note, ids map[string]int64) {
	p.notes = append(p.notes, noteRow{
		ID: n.ID, RunID: n.RunID, Kind: string(n.Kind), State: string(n.State), Ordinal: n.Ordinal,
		Number: nullText(n.Number), RangeKey: nullText(n.Range), Scope: n.Scope, Period: n.Period, Sequence: orNull(n.Sequence),
		RecipientKey: n.Recipient, Language: n.Language, Currency: n.Currency, Date: string(n.Date),
		PeriodFrom: string(n.PeriodFrom), PeriodTo: string(n.PeriodTo),
		Net: int64(n.Net), Tax: int64(n.Tax), Gross: int64(n.Gross), Document: jsonOf(n.Document),
		Cancels: orNull(n.Cancels), IssuedAt: utcOrNull(n.IssuedAt), Hash: n.Hash, MailedWith: orNull(n.MailedWith),
	})
	for i, owner := range n.Owners {
		p.owners = append(p.owners, noteOwnerRow{n.ID, ids[owner], i})
	}
	for _, at := range n.Positions {
		p.positions = append(p.positions, positionRow{
			NoteID: n.ID, Ordinal: at.Ordinal, OwnerID: ids[at.Owner], StationKey: at.Station, StationName: at.StationName,
			Component: string(at.Component), Month: string(at.Month), Late: at.Late, Correction: at.Correction, Sessions: at.Sessions,
			Energy: int64(at.Energy), Sum: int64(at.Sum), Net: int64(at.Net), CarriedFrom: orNull(at.CarriedFrom),
			TaxAccount: at.TaxAccount, Tax: at.Tax,
			Contract: at.Contract, Record: at.Record, Text: at.Text, Quantity: at.Quantity, UnitPrice: int64(at.UnitPrice), Turn: at.Turn, CollectedLater: at.CollectedLater,
			CreditedAgain: at.CreditedAgain, Prices: pricesText(at.Prices), FurtherPrices: at.FurtherPrices,
		})
		use := carryUseRow{at.CarriedFrom, ids[at.Owner], n.ID}
		if at.CarriedFrom != 0 && !slices.Contains(p.carried, use) { // of several taxes
			p.carried = append(p.carried, use)
		}
	}
	for _, t := range n.Taxes {
		p.taxes = append(p.taxes, noteTaxRow{
			NoteID: n.ID, Ordinal: t.Slot + 1, Account: t.Account, LedgerAccount: t.LedgerAccount, Name: t.Name, Category: string(t.Category),
			Rate: int64(t.Rate), Base: int64(t.Base), Tax: int64(t.Tax), ExemptionCode: t.ExemptionCode, Exemption: t.Exemption,
		})
	}
}

// save writes the rows of notes that are new.
func (p *noteParts) save(tx *Tx) error {
	if err := create(tx.db, p.notes...); err != nil {
		return err
	}
	if err := create(tx.db, p.owners...); err != nil {
		return err
	}
	if err := create(tx.db, p.positions...); err != nil {
		return err
	}
	if err := create(tx.db, p.taxes...); err != nil {
		return err
	}
	return create(tx.db, p.carried...)
}

// notesWhere reads notes whole, in the order of their place; where is a
// condition on credit_notes n, whose arguments are $1, $2 …
func notesWhere(db *gorm.DB, where string, args ...any) ([]*creditnotes.Note, error) {
	rows, err := find[noteRow](db.Table("credit_notes n").Where(where, args...).Order("ordinal, currency, id"))
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	notes := make([]*creditnotes.Note, len(rows))
	byID := make(map[int64]*creditnotes.Note, len(rows))
	for i, row := range rows {
		if notes[i], err = row.note(); err != nil {
			return nil, err
		}
		byID[row.ID] = notes[i]
	}
	return notes, fillNotes(db, byID, "note_id IN (SELECT id FROM credit_notes n WHERE "+where+")", args)
}

// fillNotes adds owners, positions and taxes to notes.
func fillNotes(db *gorm.DB, notes map[int64]*creditnotes.Note, which string, args []any) error {
	keys, err := entityKeys(db.Where("id IN (SELECT owner_id FROM credit_note_owners WHERE "+which+
		") OR id IN (SELECT owner_id FROM positions WHERE "+which+")", args...))
	if err != nil {
		return err
	}
	owners, err := find[noteOwnerRow](db.Where(which, args...).Order("note_id, place"))
	if err != nil {
		return err
	}
	for _, row := range owners {
		n := notes[row.NoteID]
		n.Owners = append(n.Owners, keys[row.OwnerID])
	}
	positions, err := find[positionRow](db.Where(which, args...).Order("note_id, ordinal"))
	if err != nil {
		return err
	}
	for _, row := range positions {
		p, err := row.position(keys)
		if err != nil {
			return err
		}
		n := notes[row.NoteID]
		n.Positions = append(n.Positions, p)
	}
	taxes, err := find[noteTaxRow](db.Where(which, args...).Order("note_id, ordinal"))
	if err != nil {
		return err
	}
	for _, row := range taxes {
		n := notes[row.NoteID]
		n.Taxes = append(n.Taxes, row.tax())
	}
	for _, n := range notes {
		n.SortTaxes()
	}
	return nil
}

func (r noteRow) note() (*creditnotes.Note, error) {
	n := &creditnotes.Note{
		ID: r.ID, RunID: r.RunID, Kind: numbering.DocumentType(r.Kind), State: creditnotes.State(r.State), Ordinal: r.Ordinal,
		Number: string(r.Number), Range: string(r.RangeKey), Scope: r.Scope, Period: r.Period, Sequence: orZero(r.Sequence),
		Recipient: r.RecipientKey, Language: r.Language, Currency: r.Currency, Date: entities.Date(r.Date),
		PeriodFrom: entities.Date(r.PeriodFrom), PeriodTo: entities.Date(r.PeriodTo),
		Net: money.Amount(r.Net), Tax: money.Amount(r.Tax), Gross: money.Amount(r.Gross),
		Cancels: orZero(r.Cancels), IssuedAt: orZero(r.IssuedAt).UTC(), Hash: r.Hash, MailedWith: orZero(r.MailedWith),
	}
	if err := r.Document.read("document", &n.Document); err != nil {
		return nil, fmt.Errorf("credit note %d: %w", r.ID, err)
	}
	return n, nil
}

// pricesText are the prices of a position as they are stored.
func pricesText(prices []creditnotes.UnitPrice) jsonText {
	if len(prices) == 0 {
		return ""
	}
	return jsonOf(prices)
}

func (r positionRow) position(keys map[int64]string) (creditnotes.Position, error) {
	p := creditnotes.Position{
		Ordinal: r.Ordinal, Owner: keys[r.OwnerID], Station: r.StationKey, StationName: r.StationName,
		Component: creditnotes.Component(r.Component), Month: entities.Month(r.Month), Late: r.Late, Correction: r.Correction,
		Sessions: r.Sessions, Energy: money.Quantity(r.Energy), Sum: money.Micros(r.Sum), Net: money.Amount(r.Net),
		CarriedFrom: orZero(r.CarriedFrom), TaxAccount: r.TaxAccount, Tax: r.Tax,
		Contract: r.Contract, Record: r.Record, Text: r.Text, Quantity: r.Quantity, UnitPrice: money.Micros(r.UnitPrice), Turn: r.Turn, CollectedLater: r.CollectedLater,
		CreditedAgain: r.CreditedAgain, FurtherPrices: r.FurtherPrices,
	}
	if err := r.Prices.read("prices", &p.Prices); err != nil {
		return p, fmt.Errorf("position %d of credit note %d: %w", r.Ordinal, r.NoteID, err)
	}
	return p, nil
}

func (r noteTaxRow) tax() creditnotes.TaxTotal {
	return creditnotes.TaxTotal{
		Slot: r.Ordinal - 1, Account: r.Account, LedgerAccount: r.LedgerAccount, Name: r.Name, Category: creditnotes.TaxCategory(r.Category),
		Rate: money.Percent(r.Rate), Base: money.Amount(r.Base), Tax: money.Amount(r.Tax),
		ExemptionCode: r.ExemptionCode, Exemption: r.Exemption,
	}
}

// entityKeys are the keys by id of the entities of a query.
func entityKeys(query *gorm.DB) (map[int64]string, error) {
	rows, err := find[entityRow](query.Select("id", "key"))
	keys := make(map[int64]string, len(rows))
	for i := range rows {
		keys[rows[i].ID] = rows[i].Key
	}
	return keys, err
}

// entityIDs are the ids of all entities by key.
func entityIDs(db *gorm.DB) (map[string]int64, error) {
	keys, err := entityKeys(db)
	ids := make(map[string]int64, len(keys))
	for id, key := range keys {
		ids[key] = id
	}
	return ids, err
}
