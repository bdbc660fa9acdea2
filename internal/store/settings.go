package store

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"gorm.io/gorm"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/fault"
	"creditrun/numbering"
)

// settingRow is a row of settings: only what was ever set has one.
type settingRow struct {
	Key       string    `gorm:"column:key;primaryKey" json:"key"`
	Value     string    `gorm:"column:value" json:"value"`
	ChangedAt time.Time `gorm:"column:changed_at" json:"changed_at"`
	ChangedBy string    `gorm:"column:changed_by" json:"changed_by"`
}

// TableName implements schema.Tabler.
func (settingRow) TableName() string { return "settings" }

// Settings returns the settings as they are now.
func (s *Store) Settings(ctx context.Context) (creditnotes.Settings, error) {
	settings, _, err := loadSettings(s.db(ctx))
	return settings, err
}

// loadSettings returns the settings and since when the feature is active.
func loadSettings(db *gorm.DB) (creditnotes.Settings, time.Time, error) {
	rows, err := find[settingRow](db)
	if err != nil {
		return creditnotes.Settings{}, time.Time{}, err
	}
	return settingsOf(rows)
}

func settingsOf(rows []settingRow) (settings creditnotes.Settings, activeSince time.Time, err error) {
	settings = creditnotes.DefaultSettings()
	for _, row := range rows {
		if err := settings.Set(row.Key, row.Value); err != nil {
			return settings, time.Time{}, fmt.Errorf("stored setting: %w", err)
		}
		if row.Key == "active" && settings.Active {
			activeSince = row.ChangedAt
		}
	}
	return settings, activeSince, nil
}

// SetSettings changes settings and returns how many were different before. It
// is for the command line of the server and the program itself. Either all are
// accepted or none: a List of faults says what is wrong with each. What refers to something (number ranges, tax account, language) must
// refer to what is there and can be used. A setting that another person changed
// after it was seen is a Conflict fault record_changed. Every change is audited.
func (s *Store) SetSettings(ctx context.Context, who string, list []creditnotes.Setting) (changed int, err error) {
	changed, _, err = s.setSettings(ctx, who, list, func(*Tx) (*guard, error) { return nil, nil })
	return changed, err
}

// ChangeSettings is SetSettings for a person on the pages or by the API: what
// takes a second person away waits for one, and is returned.
func (s *Store) ChangeSettings(ctx context.Context, who string, list []creditnotes.Setting) (changed int, waiting []creditnotes.Proposal, err error) {
	return s.setSettings(ctx, who, list, func(tx *Tx) (*guard, error) { return tx.guard(true) })
}

func (s *Store) setSettings(
	ctx context.Context, who string, list []creditnotes.Setting, guarded func(*Tx) (*guard, error),
) (changed int, waiting []creditnotes.Proposal, err error) {
	err = s.inTx(ctx, func(tx *Tx) error {
		if err := tx.lockConfiguration(); err != nil {
			return err
		}
		rows, err := find[settingRow](tx.db)
		if err != nil {
			return err
		}
		if err := tx.checkSeenSettings(rows, list); err != nil {
			return err
		}
		ranges, err := find[rangeRow](tx.db)
		if err != nil {
			return err
		}
		accounts, err := find[taxAccountRow](tx.db)
		if err != nil {
			return err
		}
		known := references{ranges: map[string]numbering.Range{}, accounts: map[string]bool{}, supports: s.supportsLanguage}
		for _, row := range ranges {
			if known.ranges[row.Key], err = row.domain(); err != nil {
				return err
			}
		}
		for _, row := range accounts {
			known.accounts[row.Key] = true
		}
		chosen, err := find[entityRow](tx.db.Where("layout <> ''"))
		if err != nil {
			return err
		}
		for i := range chosen {
			known.entities = append(known.entities, entities.Entity{Key: chosen[i].Key, Layout: chosen[i].Layout})
		}
		changes, err := changeSettings(rows, list, known)
		if err != nil {
			return err
		}
		m := &merger{settings: changes}
		if m.guard, err = guarded(tx); err != nil {
			return err
		}
		m.guardSettings()
		changed = len(m.settings)
		if err := tx.saveSettings(who, m.settings); err != nil {
			return err
		}
		var asked []moves
		if waiting, asked, err = tx.propose(who, m.asked); err != nil {
			return err
		}
		return tx.tellOfMoves(who, asked, nil, &contacts{}, saving{guard: m.guard})
	})
	return changed, waiting, err
}

// settingChange is a setting with its old and its new value.
type settingChange struct{ key, before, after string }

// changeSettings works out what is different, in the order of the keys, or
// what is wrong.
func changeSettings(rows []settingRow, list []creditnotes.Setting, known references) ([]settingChange, error) {
	settings, _, err := settingsOf(rows)
	if err != nil {
		return nil, err
	}
	before := settings.Values()
	var faults fault.List
	for _, one := range list {
		if err := settings.Set(one.Key, one.Value); err != nil {
			faults = append(faults, fault.Of(err)...)
		} else if f := known.check(one); f != nil {
			faults = append(faults, f)
		}
	}
	if err := settings.CheckLayout(); err != nil {
		faults = append(faults, fault.Of(err)...)
	}
	faults = append(faults, settings.CheckChosenLayouts(known.entities)...)
	if err := faults.Err(); err != nil {
		return nil, err
	}
	after := settings.Values()
	var changes []settingChange
	for _, key := range slices.Sorted(maps.Keys(after)) {
		if before[key] != after[key] {
			changes = append(changes, settingChange{key, before[key], after[key]})
		}
	}
	return changes, nil
}

func (tx *Tx) saveSettings(who string, changes []settingChange) error {
	if len(changes) == 0 {
		return nil
	}
	if err := tx.configurationChanged(); err != nil {
		return err
	}
	rows := make([]settingRow, len(changes))
	entries := make([]Entry, len(changes))
	for i, c := range changes {
		rows[i] = settingRow{Key: c.key, Value: c.after, ChangedAt: utc(tx.now()), ChangedBy: who}
		entries[i] = Entry{Who: who, Action: "setting.changed", Subject: c.key, Before: c.before, After: c.after}
	}
	if err := upsert(tx.db, rows...); err != nil {
		return err
	}
	return tx.audit(entries...)
}

// references is what settings may refer to.
type references struct {
	ranges   map[string]numbering.Range
	accounts map[string]bool
	supports func(language string) bool
	entities []entities.Entity // that may have chosen a layout
}

// check reports what is wrong with what a setting refers to. An empty value
// refers to nothing; readiness says what must not stay empty.
func (r references) check(one creditnotes.Setting) *fault.Fault {
	if one.Value == "" {
		return nil
	}
	document, isRange := creditnotes.RangeSettings()[one.Key]
	switch {
	case isRange:
		return r.checkRange(one, document)
	case slices.Contains(creditnotes.TaxAccountSettings(), one.Key):
		if !r.accounts[one.Value] {
			return fault.New(fault.Invalid, "setting_tax_account_unknown", fault.Args{"account": one.Value}).At(one.Key)
		}
	case one.Key == "language":
		if !r.supports(one.Value) {
			return fault.New(fault.Invalid, "setting_language_unknown", fault.Args{"language": one.Value}).At(one.Key)
		}
	}
	return nil
}

func (r references) checkRange(one creditnotes.Setting, document numbering.DocumentType) *fault.Fault {
	found, ok := r.ranges[one.Value]
	if !ok {
		return fault.New(fault.Invalid, "setting_range_unknown", fault.Args{"range": one.Value}).At(one.Key)
	}
	if f := numbering.CheckUsable(&found, document); f != nil {
		return f.At(one.Key)
	}
	return nil
}

func (s *Store) supportsLanguage(language string) bool {
	return s.languages == nil || s.languages(language)
}

// lockConfiguration keeps others from changing the configuration until the
// transaction ends.
func (tx *Tx) lockConfiguration() error { return tx.lock("configuration") }

// configurationChanged gives the configuration another version.
func (tx *Tx) configurationChanged() error { return tx.bump("configuration") }

// ConfigurationVersion is a number that is another one whenever configuration
// or settings have changed, so that what was compiled of them may be kept as
// long as it stays. Asking is cheap.
func (s *Store) ConfigurationVersion(ctx context.Context) (version int64, err error) {
	err = s.readSQL.QueryRowContext(ctx, "SELECT coalesce(max(next), 0) FROM id_counters WHERE name = 'configuration'").Scan(&version)
	return version, translateError(err)
}
