package store

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"creditrun/creditnotes"
	"creditrun/internal/fault"
	"creditrun/numbering"
	"creditrun/tariffs"
)

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
			}, same: equal[tariffRow], check: keysOf(s.name, "tariff")}, m.result.tariffs, s.rows)
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
			count.Add(creditnotes.Unchanged, row.Key)
			continue
		case before != nil:
			count.Add(creditnotes.Updated, row.Key, fileFields(count.Section, jsonOf(*before), jsonOf(after))...)
			m.note("cost_rate.updated", row.Key, jsonOf(*before), jsonOf(after))
		case existed:
			count.Add(creditnotes.Updated, row.Key, "version "+strconv.Itoa(after.Version))
			m.note("cost_rate.version_added", row.Key, "", jsonOf(after))
		default:
			m.checkKey(row.Key, keysOf("cost_rates", "rate"))
			count.Add(creditnotes.Created, row.Key)
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
	var used []string
	if err := m.tx.db.Table("number_counters").Distinct().Pluck("range_key", &used).Error; err != nil {
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
			}).At(field.name))
		}
	}
}
