package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/fault"
	"creditrun/numbering"
	"creditrun/tariffs"
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
func (s *Store) SaveConfiguration(
	ctx context.Context, who string, c *creditnotes.Configuration, settings []creditnotes.Setting,
) (changes []creditnotes.Changes, err error) {
	err = s.inTx(ctx, func(tx *Tx) error {
		if err := tx.lockConfiguration(); err != nil {
			return err
		}
		if _, err := tx.takeIDs("connector", 0); err != nil { // sessions make connectors, too
			return err
		}
		stored, err := loadTables(tx.ctx, tx.sql)
		if err != nil {
			return err
		}
		m := &merger{tx: tx, who: who, result: stored, supports: s.supportsLanguage}
		if err := m.merge(c); err != nil {
			return err
		}
		if err := m.validate(settings); err != nil {
			return err
		}
		if err := m.write(); err != nil {
			return err
		}
		changes = m.changes
		return nil
	})
	if err != nil {
		return nil, err
	}
	return changes, nil
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

	entities   delta[entityRow]
	stations   delta[stationRecord]
	connectors delta[connectorRecord]
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
	// may be nil. It tells whether the row counts as there already.
	adopt func(stored, listed *R) bool
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
	m.partners, m.result.partners = mergeSection(m, partnerSection, m.result.partners, rowsOf(c.Partners, func(p *entities.Partner) partnerRow {
		return partnerRow{CountryCode: p.CountryCode, PartyID: p.PartyID, Name: p.Name}
	}))
	m.stations, m.result.stations = mergeSection(m, stationSection, m.result.stations, rowsOf(c.Stations, stationRecordOf))
	m.connectors, m.result.connectors = mergeSection(m, connectorSection, m.result.connectors, rowsOf(c.Connectors, connectorRecordOf))
	m.media, m.result.media = mergeSection(m, mediumSection, m.result.media, rowsOf(c.Media, mediumRowOf))
	m.contracts, m.result.contracts = mergeSection(m, contractSection, m.result.contracts, rowsOf(c.Contracts, func(c *creditnotes.Contract) contractRow {
		return contractRow{Key: c.Key, Definition: jsonText(c.Definition)}
	}))
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
		switch {
		case existed && s.same(&stored[found], row):
			count.Unchanged++
			continue
		case existed:
			count.Updated++
			m.note(s.noun+".updated", key, jsonOf(stored[found]), jsonOf(*row))
		default:
			count.Created++
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

// note keeps an audit entry for later.
func (m *merger) note(action, subject string, before, after jsonText) {
	m.entries = append(m.entries, Entry{Who: m.who, Action: action, Subject: subject, Before: string(before), After: string(after)})
}

func equal[R comparable](a, b *R) bool { return *a == *b }

var (
	accountSection = section[taxAccountRow]{name: "tax_accounts", noun: "tax_account",
		key: func(r *taxAccountRow) string { return r.Key }, same: equal[taxAccountRow]}
	rangeSection = section[rangeRow]{name: "number_ranges", noun: "number_range",
		key: func(r *rangeRow) string { return r.Key }, same: equal[rangeRow]}
	entitySection = section[entityRow]{name: "entities", noun: "entity",
		key: func(r *entityRow) string { return r.Key }, same: equal[entityRow],
		adopt: func(stored, listed *entityRow) bool { listed.ID = stored.ID; return true }}
	partnerSection = section[partnerRow]{name: "bilateral_partners", noun: "partner",
		key: func(r *partnerRow) string { return r.CountryCode + "*" + r.PartyID }, same: equal[partnerRow]}
	stationSection = section[stationRecord]{name: "stations", noun: "station",
		key: func(r *stationRecord) string { return r.Key },
		same: func(a, b *stationRecord) bool {
			return a.stationRow == b.stationRow && slices.Equal(a.Owners, b.Owners)
		}}
	connectorSection = section[connectorRecord]{name: "connectors", noun: "connector",
		key: func(r *connectorRecord) string { return strings.ToUpper(r.EVSEID) + "/" + strconv.Itoa(r.Number) },
		same: func(a, b *connectorRecord) bool {
			return a.connectorRow == b.connectorRow && slices.Equal(a.Tariffs, b.Tariffs)
		},
		// A connector that only sessions knew is claimed: new to the
		// configuration, under the id it has.
		adopt: func(stored, listed *connectorRecord) bool {
			listed.identify(stored.ID)
			return stored.StationKey != ""
		}}
	mediumSection = section[mediumRow]{name: "media", noun: "medium",
		key: func(r *mediumRow) string { return r.UID }, same: equal[mediumRow]}
	contractSection = section[contractRow]{name: "contracts", noun: "contract",
		key: func(r *contractRow) string { return r.Key }, same: equal[contractRow]}
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

func (m *merger) mergeTariffs(c *tariffs.Config) {
	community, chargePoint, sales := tariffRowsOf(c)
	for _, s := range []struct {
		name, noun string
		rows       []tariffRow
	}{
		{"community_tariffs", "community_tariff", community},
		{"charge_point_tariffs", "charge_point_tariff", chargePoint},
		{"sales_tariffs", "sales_tariff", sales},
	} {
		var d delta[tariffRow]
		d, m.result.tariffs = mergeSection(m, section[tariffRow]{name: s.name, noun: s.noun,
			key: func(r *tariffRow) string {
				if r.Kind+"_tariff" != s.noun { // another section's
					return r.Kind + " " + r.Key
				}
				return r.Key
			}, same: equal[tariffRow]}, m.result.tariffs, s.rows)
		m.tariffs = append(m.tariffs, d.all()...)
	}
}

// mergeRates gives the listed definitions their versions.
func (m *merger) mergeRates(listed []tariffs.CostRate) error {
	if len(listed) == 0 {
		return nil
	}
	rates := rateMerge{now: utc(m.tx.now()), byKey: map[string][]rateRow{}, listed: map[string]int{}}
	for _, row := range m.result.rates {
		rates.byKey[row.Key] = append(rates.byKey[row.Key], row)
	}
	rows := rowsOf(listed, rateRowOf)
	var changed []string
	for i := range rows {
		rates.listed[rows[i].Key]++
	}
	for i := range rows {
		if stored, _ := rates.target(&rows[i]); stored != nil && !stored.samePrices(&rows[i]) {
			changed = append(changed, rows[i].Key)
		}
	}
	var err error
	if rates.inUse, err = m.tx.ratesInUse(changed); err != nil {
		return err
	}
	count := creditnotes.Changes{Section: "cost_rates"}
	seen := map[string]bool{}
	for _, row := range rows {
		name := row.Key + " " + row.from().String()
		if seen[name] {
			m.faults = append(m.faults, fault.New(fault.Invalid, "listed_twice", fault.Args{"section": "cost_rates", "key": row.Key}))
			continue
		}
		seen[name] = true
		existed := len(rates.byKey[row.Key]) > 0
		after, before, isChanged := rates.merge(row)
		switch {
		case !isChanged:
			count.Unchanged++
			continue
		case before != nil:
			count.Updated++
			m.note("cost_rate.updated", row.Key, jsonOf(*before), jsonOf(after))
		case existed:
			count.Updated++
			m.note("cost_rate.version_added", row.Key, "", jsonOf(after))
		default:
			count.Created++
			m.note("cost_rate.created", row.Key, "", jsonOf(after))
		}
		m.rates = append(m.rates, after)
	}
	m.changes = append(m.changes, count)
	m.result.rates = nil
	for _, versions := range rates.byKey {
		m.result.rates = append(m.result.rates, versions...)
	}
	slices.SortFunc(m.result.rates, func(a, b rateRow) int {
		return cmp.Or(strings.Compare(a.Key, b.Key), cmp.Compare(a.Version, b.Version))
	})
	return nil
}

// mergeRanges refuses changes that would let a range give a number twice or
// leave a gap: once a number was taken, only name, types and activity change.
func (m *merger) mergeRanges(listed []numbering.Range) error {
	before := make(map[string]rangeRow, len(m.result.ranges))
	for _, row := range m.result.ranges {
		before[row.Key] = row
	}
	m.ranges, m.result.ranges = mergeSection(m, rangeSection, m.result.ranges, rowsOf(listed, rangeRowOf))
	if len(m.ranges.updated) == 0 {
		return nil
	}
	used, err := collect(m.tx.ctx, m.tx.sql, func(key *string) []any { return []any{key} }, "SELECT DISTINCT range_key FROM number_counters")
	if err != nil {
		return fmt.Errorf("number ranges in use: %w", err)
	}
	for _, after := range m.ranges.updated {
		if slices.Contains(used, after.Key) {
			m.checkUsedRange(before[after.Key], after)
		}
	}
	return nil
}

func (m *merger) checkUsedRange(before, after rangeRow) {
	for _, field := range []struct{ name, before, after string }{
		{"pattern", before.Pattern, after.Pattern},
		{"reset", before.Reset, after.Reset},
		{"scope", before.Scope, after.Scope},
		{"next", strconv.FormatInt(before.Next, 10), strconv.FormatInt(after.Next, 10)},
	} {
		if field.before != field.after {
			m.faults = append(m.faults, fault.New(fault.Conflict, "range_in_use", fault.Args{
				"range": after.Key, "field": field.name, "before": field.before, "after": field.after,
			}))
		}
	}
}

// validate judges what would be stored.
func (m *merger) validate(settings []creditnotes.Setting) error {
	if err := m.faults.Err(); err != nil {
		return err
	}
	c, err := m.result.configuration()
	if err != nil {
		return fmt.Errorf("result: %w", err)
	}
	known := references{ranges: map[string]numbering.Range{}, accounts: map[string]bool{}, supports: m.supports}
	for _, r := range c.NumberRanges {
		known.ranges[r.Key] = r
	}
	for _, a := range c.TaxAccounts {
		known.accounts[a.Key] = true
	}
	m.add(fault.List(numbering.CheckAll(c.NumberRanges)).Err())
	m.checkTaxes(c, known)
	m.checkConnectorTariffs()
	var problem error
	if m.settings, problem = changeSettings(m.result.settings, settings, known); problem != nil {
		m.add(problem)
	}
	for _, change := range m.settings {
		_ = c.Settings.Set(change.key, change.after) // was checked
	}
	if len(settings) > 0 {
		count := creditnotes.Changes{Section: "settings", Updated: len(m.settings), Unchanged: max(0, len(settings)-len(m.settings))}
		m.changes = append(m.changes, count)
	}
	if !m.touchesNetwork() && len(m.settings) == 0 {
		return m.faults.Err()
	}
	network, err := entities.NewNetwork(c.Entities, c.Stations, c.Connectors, c.Media, c.Partners)
	m.add(err)
	if err == nil {
		_, err = tariffs.NewBook(c.Tariffs, network, c.Settings.CommunityDiscount)
		m.add(err)
	}
	return m.faults.Err()
}

// add collects the faults in an error.
func (m *merger) add(err error) {
	if err == nil {
		return
	}
	faults := fault.Of(err)
	if faults == nil {
		faults = []*fault.Fault{fault.Wrap(fault.Invalid, "configuration_invalid", nil, err)}
	}
	m.faults = append(m.faults, faults...)
}

// touchesNetwork tells whether anything is to be written that the network or
// the prices are made of.
func (m *merger) touchesNetwork() bool {
	return len(m.entities.all())+len(m.stations.all())+len(m.connectors.all())+len(m.media.all())+
		len(m.partners.all())+len(m.rates)+len(m.tariffs) > 0
}

// checkTaxes looks for tax treatments whose account is not there.
func (m *merger) checkTaxes(c *creditnotes.Configuration, known references) {
	for _, e := range c.Entities {
		for _, t := range e.Taxes {
			if !known.accounts[t.Account] {
				m.faults = append(m.faults, fault.New(fault.Invalid, "entity_tax_account_unknown", fault.Args{"entity": e.Key, "account": t.Account}))
			}
		}
	}
}

// checkConnectorTariffs looks for two entries with the same period.
func (m *merger) checkConnectorTariffs() {
	for _, c := range m.connectors.all() {
		for i := 1; i < len(c.Tariffs); i++ {
			if a, b := c.Tariffs[i-1], c.Tariffs[i]; a.ValidFrom == b.ValidFrom && a.ValidTo == b.ValidTo {
				m.faults = append(m.faults, fault.New(fault.Invalid, "connector_tariff_twice", fault.Args{
					"evse": c.EVSEID, "connector": c.Number, "from": b.ValidFrom,
				}))
			}
		}
	}
}
