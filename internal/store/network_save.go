package store

import (
	"context"
	"errors"
	"slices"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/fault"
)

// SaveConfiguration creates or updates, by key, what is listed, and returns
// what it did by section; sections of which nothing is listed are left out.
// What is not listed stays; the lists inside a listed thing (owners of a
// station, tariffs of a connector) are replaced. Settings are changed only as
// far as they are among the given ones; those of the configuration itself are
// not looked at. Versions of cost rates are given here.
//
// The result is validated as a whole before anything is kept: on faults, which
// come back all at once, nothing is changed. Each change is one audit entry.
// Saving the same again changes nothing.
//
// It is for the command line of the server and the program itself: nothing
// waits for a second person, and all administrators are told of what decides
// where money goes.
func (s *Store) SaveConfiguration(
	ctx context.Context, who string, c *creditnotes.Configuration, settings []creditnotes.Setting,
) (changes []creditnotes.Changes, err error) {
	err = s.inTx(ctx, func(tx *Tx) error {
		changes, _, err = s.saveConfiguration(tx, who, c, settings, saving{})
		return err
	})
	if err != nil {
		return nil, err
	}
	return changes, nil
}

// CheckConfiguration finds out what SaveConfiguration would do, with the same
// faults, and changes nothing.
func (s *Store) CheckConfiguration(
	ctx context.Context, who string, c *creditnotes.Configuration, settings []creditnotes.Setting,
) (changes []creditnotes.Changes, err error) {
	err = s.inTx(ctx, func(tx *Tx) error {
		if changes, _, err = s.saveConfiguration(tx, who, c, settings, saving{}); err != nil {
			return err
		}
		return errOnlyChecked
	})
	if !errors.Is(err, errOnlyChecked) {
		return nil, err
	}
	return changes, nil
}

// errOnlyChecked undoes a transaction that only found out what would be done.
var errOnlyChecked = errors.New("only checked")

// SaveConfigurationAt is ChangeConfiguration for what decides nothing about
// where money goes: a change that does is a Forbidden fault, for no one was
// asked the password again.
func (s *Store) SaveConfigurationAt(
	ctx context.Context, who string, version int64, c *creditnotes.Configuration, settings []creditnotes.Setting,
) ([]creditnotes.Changes, error) {
	changes, _, err := s.ChangeConfiguration(ctx, who, false, version, c, settings)
	return changes, err
}

// ChangeConfiguration is SaveConfiguration for a person on the pages or by the
// API who has looked at a version of the configuration (ConfigurationVersion):
// when there is another one by now, nothing is kept and the error is a Conflict
// fault. Changes that decide where money goes need the confirmation of the
// person. Where the setting second_person names them they wait and are
// returned; the rest of what was changed applies. Those whose money it is are
// told at the addresses they had before.
func (s *Store) ChangeConfiguration(
	ctx context.Context, who string, confirmed bool, version int64, c *creditnotes.Configuration, settings []creditnotes.Setting,
) (changes []creditnotes.Changes, waiting []creditnotes.Proposal, err error) {
	err = s.inTx(ctx, func(tx *Tx) error {
		current, err := tx.version("configuration")
		if err != nil {
			return err
		}
		if current != max(version, 1) { // the first configuration has no version before it
			return fault.New(fault.Conflict, "configuration_changed", nil)
		}
		g, err := tx.guard(confirmed)
		if err != nil {
			return err
		}
		changes, waiting, err = s.saveConfiguration(tx, who, c, settings, saving{guard: g})
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	return changes, waiting, nil
}

// CheckChange finds out what ChangeConfiguration would do for a person who
// confirms it, with the same faults, and changes nothing. The version is what
// ChangeConfiguration has to be given in order to do just that.
func (s *Store) CheckChange(
	ctx context.Context, who string, c *creditnotes.Configuration, settings []creditnotes.Setting,
) (changes []creditnotes.Changes, waiting []creditnotes.Proposal, version int64, err error) {
	err = s.inTx(ctx, func(tx *Tx) error {
		if version, err = tx.version("configuration"); err != nil {
			return err
		}
		g, err := tx.guard(true)
		if err != nil {
			return err
		}
		if changes, waiting, err = s.saveConfiguration(tx, who, c, settings, saving{guard: g}); err != nil {
			return err
		}
		return errOnlyChecked
	})
	if !errors.Is(err, errOnlyChecked) {
		return nil, nil, 0, err
	}
	return changes, waiting, version, nil
}

// saving is how a configuration is saved.
type saving struct {
	guard   *guard                     // nil: nothing waits
	askedBy string                     // who asked for what is approved now; empty: nothing is
	check   func(stored *tables) error // looks at what is stored before; may be nil
}

// saveConfiguration saves in a transaction.
func (s *Store) saveConfiguration(
	tx *Tx, who string, c *creditnotes.Configuration, settings []creditnotes.Setting, how saving,
) (changes []creditnotes.Changes, waiting []creditnotes.Proposal, err error) {
	if err := tx.lockConfiguration(); err != nil {
		return nil, nil, err
	}
	if err := tx.lock("connector"); err != nil { // sessions make connectors, too
		return nil, nil, err
	}
	m, contacts, err := s.merged(tx, who, c, settings, how.guard, how.check)
	if err != nil {
		return nil, nil, err
	}
	if len(m.asked) > 0 { // what waits has to be right as well
		if _, _, err := s.merged(tx, who, c, settings, nil, nil); err != nil {
			return nil, nil, err
		}
	}
	if err := m.write(); err != nil {
		return nil, nil, err
	}
	waiting, asked, err := tx.propose(who, m.asked)
	if err != nil {
		return nil, nil, err
	}
	return m.changes, waiting, tx.tellOfMoves(who, asked, m.moved, contacts, how)
}

// merged merges a configuration into the stored one and judges the result. The
// contacts are those of before.
func (s *Store) merged(
	tx *Tx, who string, c *creditnotes.Configuration, settings []creditnotes.Setting, g *guard, check func(*tables) error,
) (*merger, *contacts, error) {
	stored, err := loadTables(tx.db)
	if err != nil {
		return nil, nil, err
	}
	if check != nil {
		if err := check(stored); err != nil {
			return nil, nil, err
		}
	}
	before, err := contactsOf(stored)
	if err != nil {
		return nil, nil, err
	}
	if g != nil {
		g.zones = before.zones
	}
	m := &merger{tx: tx, who: who, result: stored, supports: s.supportsLanguage, guard: g}
	if err := m.merge(c); err != nil {
		return nil, nil, err
	}
	return m, before, m.validate(settings)
}

// merger merges a configuration into the stored one.
type merger struct {
	tx       *Tx
	who      string
	supports func(language string) bool
	result   *tables // what will be stored
	changes  []creditnotes.Changes
	entries  []Entry
	faults   fault.List
	guard    *guard  // nil: nothing waits
	asked    []moves // what waits for a second person
	moved    []moves // what decides where money goes, and applies

	entities   delta[entityRow]
	stations   delta[stationRow]
	connectors delta[connectorRow]
	media      delta[mediumRow]
	partners   delta[partnerRow]
	rates      []rateRow // new versions and corrected ones
	tariffs    []tariffRow
	contracts  delta[contractRow]
	accounts   delta[taxAccountRow]
	ranges     delta[rangeRow]
	settings   []settingChange
}

// delta is what is to be written of one table.
type delta[R any] struct {
	created []R
	updated []R
}

// all are the rows to be written.
func (d *delta[R]) all() []R { return slices.Concat(d.created, d.updated) }

// section says how the things of one section are told apart and compared.
type section[R any] struct {
	name string // in the network file
	noun string // of the audit log
	key  func(*R) string
	same func(a, b *R) bool
	// adopt carries over what a stored row has and a listed one has not; it
	// may be nil. It reports whether the row counts as there already.
	adopt func(stored, listed *R) bool
	// check reports what is wrong with a key that is not there yet; nil: any
	// will do. Keys of before stay as they are.
	check func(key string) *fault.Fault
	// matters are what of a row decides where money goes.
	matters []matterOf[R]
}

// merge works out the differences, section by section.
func (m *merger) merge(c *creditnotes.Configuration) error {
	m.accounts, m.result.accounts = mergeSection(m, accountSection, m.result.accounts, rowsOf(c.TaxAccounts, taxAccountRowOf))
	if err := m.mergeRanges(c.NumberRanges); err != nil {
		return err
	}
	m.checkOperator(c.Entities)
	m.entities, m.result.entities = mergeSection(m, entitySection, m.result.entities, rowsOf(c.Entities, entityRowOf))
	if err := m.mergeRates(c.Tariffs.CostRates); err != nil {
		return err
	}
	m.mergeTariffs(&c.Tariffs)
	m.partners, m.result.partners = mergeSection(m, partnerSection, m.result.partners, rowsOf(c.Partners, partnerRowOf))
	m.stations, m.result.stations = mergeSection(m, stationSection, m.result.stations, rowsOf(c.Stations, stationRowOf))
	m.mergeConnectors(rowsOf(c.Connectors, connectorRowOf))
	m.media, m.result.media = mergeSection(m, mediumSection, m.result.media, rowsOf(c.Media, mediumRowOf))
	m.contracts, m.result.contracts = mergeSection(m, contractSection, m.result.contracts, rowsOf(c.Contracts, contractRowOf))
	return nil
}

// rowsOf turns things of the domain into rows.
func rowsOf[D, R any](list []D, row func(*D) R) []R {
	rows := make([]R, len(list))
	for i := range list {
		rows[i] = row(&list[i])
	}
	return rows
}

// mergeSection returns what is to be written and what will be stored then.
func mergeSection[R any](m *merger, s section[R], stored, listed []R) (d delta[R], result []R) {
	if len(listed) == 0 {
		return d, stored
	}
	at := make(map[string]int, len(stored))
	for i := range stored {
		at[s.key(&stored[i])] = i
	}
	count := creditnotes.Changes{Section: s.name}
	seen := make(map[string]bool, len(listed))
	for i := range listed {
		row := &listed[i]
		key := s.key(row)
		if seen[key] {
			m.faults = append(m.faults, fault.New(fault.Invalid, "listed_twice", fault.Args{"section": s.name, "key": key}))
			continue
		}
		seen[key] = true
		found, ok := at[key]
		existed := ok
		if ok && s.adopt != nil {
			existed = s.adopt(&stored[found], row)
		}
		if existed {
			applyMatters(m, s, key, &stored[found], row)
		} else {
			applyMatters(m, s, key, nil, row)
		}
		switch {
		case existed && s.same(&stored[found], row):
			count.Add(creditnotes.Unchanged, key)
			continue
		case existed:
			before, after := jsonOf(stored[found]), jsonOf(*row)
			count.Add(creditnotes.Updated, key, fileFields(s.name, before, after)...)
			m.note(s.noun+".updated", key, before, after)
		default:
			if s.check != nil {
				m.checkKey(key, s.check)
			}
			count.Add(creditnotes.Created, key)
			m.note(s.noun+".created", key, "", jsonOf(*row))
		}
		if ok {
			stored[found] = *row
			d.updated = append(d.updated, *row)
		} else {
			stored = append(stored, *row)
			d.created = append(d.created, *row)
		}
	}
	m.changes = append(m.changes, count)
	return d, stored
}

// checkKey checks a key that is not there yet. The empty one has faults of its
// own, which say whose it is.
func (m *merger) checkKey(key string, check func(string) *fault.Fault) {
	if f := check(key); f != nil && key != "" {
		m.faults = append(m.faults, f)
	}
}

// keysOf checks the keys of a section.
func keysOf(section, argument string) func(key string) *fault.Fault {
	return func(key string) *fault.Fault {
		f := entities.CheckKey(section, key)
		if f != nil {
			f.Args[argument] = key // by which its line is found
		}
		return f
	}
}

// note keeps an audit entry for later.
func (m *merger) note(action, subject string, before, after jsonText) {
	m.entries = append(m.entries, Entry{Who: m.who, Action: action, Subject: subject, Before: string(before), After: string(after)})
}

func equal[R comparable](a, b *R) bool { return *a == *b }

var (
	accountSection = section[taxAccountRow]{name: "tax_accounts", noun: "tax_account",
		key: func(r *taxAccountRow) string { return r.Key }, same: equal[taxAccountRow], check: keysOf("tax_accounts", "account")}
	rangeSection = section[rangeRow]{name: "number_ranges", noun: "number_range",
		key: func(r *rangeRow) string { return r.Key }, same: equal[rangeRow], check: keysOf("number_ranges", "range")}
	entitySection = section[entityRow]{name: "entities", noun: "entity",
		key: func(r *entityRow) string { return r.Key }, same: equal[entityRow], check: entities.CheckEntityKey,
		adopt: func(stored, listed *entityRow) bool { listed.ID = stored.ID; return true }, matters: entityMatters}
	partnerSection = section[partnerRow]{name: "bilateral_partners", noun: "partner",
		key: func(r *partnerRow) string { return r.CountryCode + "*" + r.PartyID }, same: equal[partnerRow]}
	stationSection = section[stationRow]{name: "stations", noun: "station",
		key: func(r *stationRow) string { return r.Key }, same: sameStation, check: keysOf("stations", "station"),
		matters: stationMatters}
	mediumSection = section[mediumRow]{name: "media", noun: "medium",
		key: func(r *mediumRow) string { return r.UID }, same: equal[mediumRow]}
	contractSection = section[contractRow]{name: "contracts", noun: "contract",
		key: func(r *contractRow) string { return r.Key }, same: equal[contractRow], check: keysOf("contracts", "contract")}
)

// checkOperator refuses another operator: there is one per database.
func (m *merger) checkOperator(listed []entities.Entity) {
	for _, stored := range m.result.entities {
		if stored.Parent != "" {
			continue
		}
		for _, e := range listed {
			if (e.Parent == "") != (e.Key == stored.Key) {
				m.faults = append(m.faults, fault.New(fault.Conflict, "operator_changes", fault.Args{"operator": stored.Key, "entity": e.Key}))
			}
		}
	}
}
