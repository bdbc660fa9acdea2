package store

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/fault"
	"creditrun/internal/journal"
)

// journalRow is a row of journals.
type journalRow struct {
	ID       int64     `gorm:"column:id"`
	Month    string    `gorm:"column:month"`
	ClosedAt time.Time `gorm:"column:closed_at"`
	ClosedBy string    `gorm:"column:closed_by"`
	Entries  int       `gorm:"column:entries"`
	Controls jsonText  `gorm:"column:controls"`
	Content  []byte    `gorm:"column:content"`
}

// TableName implements schema.Tabler.
func (journalRow) TableName() string { return "journals" }

// journalEntryRow is a row of journal_entries.
type journalEntryRow struct {
	ExternalID string `gorm:"column:external_id"`
	JournalID  int64  `gorm:"column:journal_id"`
	Date       string `gorm:"column:date"`
	NoteID     *int64 `gorm:"column:note_id"`
	MovementID *int64 `gorm:"column:movement_id"`
}

// TableName implements schema.Tabler.
func (journalEntryRow) TableName() string { return "journal_entries" }

// journalFileRow is a row of journal_files.
type journalFileRow struct {
	JournalID int64  `gorm:"column:journal_id"`
	Format    string `gorm:"column:format"`
	Place     int    `gorm:"column:place"`
	Name      string `gorm:"column:name"`
	Content   []byte `gorm:"column:content"`
}

// TableName implements schema.Tabler.
func (journalFileRow) TableName() string { return "journal_files" }

// creditorAccountRow is a row of creditor_accounts.
type creditorAccountRow struct {
	EntityKey string `gorm:"column:entity_key"`
	Account   string `gorm:"column:account"`
}

// TableName implements schema.Tabler.
func (creditorAccountRow) TableName() string { return "creditor_accounts" }

// Journals lists the months that were closed, the latest first, with their files
// without the content.
func (s *Store) Journals(ctx context.Context) (list []journal.State, err error) {
	rows, err := find[journalRow](s.db(ctx).Omit("content").Order("month DESC"))
	if err != nil {
		return nil, err
	}
	type stored struct {
		journal int64
		file    journal.StoredFile
	}
	files, err := collect(ctx, s.readSQL, func(f *stored) []any { return []any{&f.journal, &f.file.Format, &f.file.Name, &f.file.Size} },
		"SELECT journal_id, format, name, length(content) FROM journal_files ORDER BY journal_id, format, place")
	if err != nil {
		return nil, err
	}
	for i := range rows {
		r := &rows[i]
		state := journal.State{ID: r.ID, Month: entities.Month(r.Month), ClosedAt: r.ClosedAt.UTC(), ClosedBy: r.ClosedBy, Entries: r.Entries}
		if err := r.Controls.read("controls", &state.Controls); err != nil {
			return nil, err
		}
		for _, f := range files {
			if f.journal == r.ID {
				state.Files = append(state.Files, f.file)
			}
		}
		list = append(list, state)
	}
	return list, nil
}

// openNotes and openPayments say what is in no journal: documents n, and
// movements m that belong to none.
const (
	openNotes    = `n.number IS NOT NULL AND NOT EXISTS (SELECT 1 FROM journal_entries j WHERE j.note_id = n.id)`
	openPayments = `m.note_id IS NULL AND NOT EXISTS (SELECT 1 FROM journal_entries j WHERE j.movement_id = m.id)`
)

// OpenForJournal lists by month what is in no journal yet, the earliest first.
func (s *Store) OpenForJournal(ctx context.Context) ([]journal.Open, error) {
	return collect(ctx, s.readSQL, func(o *journal.Open) []any { return []any{&o.Month, &o.Documents, &o.Others} },
		`SELECT x.month, CAST(sum(x.documents) AS bigint), CAST(sum(x.others) AS bigint) FROM (
			SELECT substr(n.date, 1, 7) AS month, count(*) AS documents, 0 AS others FROM credit_notes n WHERE `+openNotes+` GROUP BY substr(n.date, 1, 7)
			UNION ALL
			SELECT substr(m.value_date, 1, 7), 0, count(*) FROM movements m WHERE `+openPayments+` GROUP BY substr(m.value_date, 1, 7)
		) AS x GROUP BY x.month ORDER BY x.month`)
}

// JournalFile is a file that was exported before. Reading it is audited.
func (s *Store) JournalFile(ctx context.Context, who string, month entities.Month, name string) (file journal.File, err error) {
	err = s.durably(ctx, func(tx *Tx) error {
		row, err := first[journalFileRow](tx.db.Where("name = ? AND journal_id IN (SELECT id FROM journals WHERE month = ?)", name, string(month)))
		if err != nil {
			return err
		}
		if row == nil {
			return fault.New(fault.NotFound, "accounting_file_unknown", fault.Args{"month": string(month), "name": name})
		}
		file = journal.File{Name: row.Name, Content: row.Content}
		return tx.audit(Entry{Who: who, Action: "accounting.copied", Subject: string(month), After: name})
	})
	return file, err
}

// Exported is what ExportJournal gives.
type Exported struct {
	Journal journal.Journal
	Files   []journal.File
	Copied  bool // they are the files that were exported before
}

// ExportJournal exports the journal of a month in one format. The first export
// closes the month: what comes later for it is in the journal of a later month,
// with its own date. Where the format was exported before, its files are the same
// and Copied is true. What render refuses closes nothing.
func (s *Store) ExportJournal(ctx context.Context, who string, month entities.Month, format journal.Format, render journal.Render) (out Exported, err error) {
	if !slices.Contains(journal.Formats(), format) {
		return out, errors.New("no format of a journal: " + string(format))
	}
	err = s.durably(ctx, func(tx *Tx) error {
		if err := tx.lock("journals"); err != nil {
			return err
		}
		row, err := first[journalRow](tx.db.Where("month = ?", string(month)))
		if err != nil {
			return err
		}
		if row == nil {
			if row, err = tx.closeMonth(who, month); err != nil {
				return err
			}
		}
		if err := json.Unmarshal(row.Content, &out.Journal); err != nil {
			return fmt.Errorf("journal of %s: %w", month, err)
		}
		return tx.journalFiles(who, row.ID, format, render, &out)
	})
	return out, err
}

// CheckJournal says what the journal of a month would hold if it were closed now,
// and what is missing for that; lacking names what a format needs besides. It
// changes nothing.
func (s *Store) CheckJournal(ctx context.Context, month entities.Month, lacking func(*journal.Journal, *journal.Config) []journal.Place) (out journal.Check, err error) {
	err = s.looking(ctx, func(tx *Tx) error {
		out = journal.Check{Month: month}
		if err := tx.mayClose(month); err != nil {
			return err
		}
		l, err := tx.ledger("", month)
		if err != nil {
			return err
		}
		sums, err := l.sums()
		if err != nil {
			return err
		}
		config, err := tx.ledgerConfig()
		if err != nil {
			return err
		}
		out.Missing, out.Lacking = l.Missing(), lacking(&l.Journal, config)
		err = l.Prove(sums)
		out.Entries, out.Controls = len(l.Entries), l.Controls
		return err
	})
	return out, err
}

// journalFiles are the files of a journal in one format, made where there are
// none.
func (tx *Tx) journalFiles(who string, id int64, format journal.Format, render journal.Render, out *Exported) error {
	rows, err := find[journalFileRow](tx.db.Where("journal_id = ? AND format = ?", id, string(format)).Order("place"))
	if err != nil {
		return err
	}
	month := string(out.Journal.Month)
	if len(rows) > 0 {
		out.Copied = true
		for _, r := range rows {
			out.Files = append(out.Files, journal.File{Name: r.Name, Content: r.Content})
		}
		return tx.audit(Entry{Who: who, Action: "accounting.copied", Subject: month, After: string(format)})
	}
	config, err := tx.ledgerConfig()
	if err != nil {
		return err
	}
	if out.Files, err = render(&out.Journal, config); err != nil {
		return err
	}
	for i, f := range out.Files {
		rows = append(rows, journalFileRow{id, string(format), i, f.Name, f.Content})
	}
	if err := create(tx.db, rows...); err != nil {
		return err
	}
	made := creditnotes.ExportedEvidence{Format: string(format), Files: map[string]string{}}
	for _, f := range out.Files {
		made.Files[f.Name] = sha256Of(f.Content)
	}
	return tx.audit(Entry{Who: who, Action: creditnotes.ActionJournalExported, Subject: month, After: string(jsonOf(made))})
}

// ledgerCurrency is the currency of the ledger where no setting says another.
const ledgerCurrency = "EUR"

// ledgerConfig are the settings and tax keys that exports need.
func (tx *Tx) ledgerConfig() (*journal.Config, error) {
	settings, _, err := loadSettings(tx.db)
	if err != nil {
		return nil, err
	}
	accounts, err := find[taxAccountRow](tx.db)
	if err != nil {
		return nil, err
	}
	config := &journal.Config{Consultant: settings.DATEVConsultant, Client: settings.DATEVMandant, YearStart: settings.FiscalYearStart,
		AccountLength: settings.LedgerAccountLength, Currency: cmp.Or(settings.LedgerCurrency, ledgerCurrency), TaxKeys: map[string]string{}}
	for _, a := range accounts {
		config.TaxKeys[a.Key] = a.DATEVKey
	}
	return config, nil
}
