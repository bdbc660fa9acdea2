package store

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/fault"
)

// SaveRecord is SaveConfiguration for one record that a person has looked at:
// seen is its fingerprint then (creditnotes.Configuration.Fingerprint), "" for
// a new one. Where the record has changed since, nothing is kept and the
// Conflict fault record_changed says who changed what; where a new one would
// replace another, the Conflict fault key_taken says so. Bank data of entities
// stay what they are: they have a way of their own. A change that decides where
// money goes is a Forbidden fault: ChangeRecord is for those.
func (s *Store) SaveRecord(
	ctx context.Context, who string, r creditnotes.Record, seen string, c *creditnotes.Configuration,
) ([]creditnotes.Changes, error) {
	changes, _, err := s.ChangeRecord(ctx, who, false, r, seen, c)
	return changes, err
}

// ChangeRecord is SaveRecord for what may decide where money goes: it treats
// such changes as ChangeConfiguration does.
func (s *Store) ChangeRecord(
	ctx context.Context, who string, confirmed bool, r creditnotes.Record, seen string, c *creditnotes.Configuration,
) (changes []creditnotes.Changes, waiting []creditnotes.Proposal, err error) {
	err = s.inTx(ctx, func(tx *Tx) error {
		how := saving{check: tx.recordCheck(c, r, seen)}
		if how.guard, err = tx.guard(confirmed); err != nil {
			return err
		}
		changes, waiting, err = s.saveConfiguration(tx, who, c, nil, how)
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	return changes, waiting, nil
}

// TryRecord finds out what SaveRecord would make of the configuration, with the
// same faults, and changes nothing.
func (s *Store) TryRecord(
	ctx context.Context, who string, r creditnotes.Record, seen string, c *creditnotes.Configuration,
) (after *creditnotes.Configuration, err error) {
	err = s.inTx(ctx, func(tx *Tx) error {
		g, err := tx.guard(false)
		if err != nil {
			return err
		}
		m, _, err := s.merged(tx, who, c, nil, g, tx.recordCheck(c, r, seen))
		if err != nil {
			return err
		}
		if after, err = m.result.configuration(); err != nil {
			return err
		}
		return errOnlyChecked
	})
	if !errors.Is(err, errOnlyChecked) {
		return nil, err
	}
	return after, nil
}

// recordCheck looks whether the record that a person changes is still as it was
// seen.
func (tx *Tx) recordCheck(c *creditnotes.Configuration, r creditnotes.Record, seen string) func(*tables) error {
	return func(stored *tables) error {
		config, err := stored.configuration()
		if err != nil {
			return err
		}
		keepBanks(c, config.Entities)
		return tx.checkRecord(stored, config, r, seen)
	}
}

// keepBanks gives the entities that are to be saved the bank data that they
// have.
func keepBanks(c *creditnotes.Configuration, stored []entities.Entity) {
	c.Entities = slices.Clone(c.Entities)
	for i := range c.Entities {
		for j := range stored {
			if stored[j].Key == c.Entities[i].Key {
				c.Entities[i].Bank = stored[j].Bank
			}
		}
	}
}

func (tx *Tx) checkRecord(t *tables, config *creditnotes.Configuration, r creditnotes.Record, seen string) error {
	now, err := config.Fingerprint(r)
	switch {
	case err != nil:
		return err
	case now == seen:
		return nil
	case seen == "":
		return fault.New(fault.Conflict, "key_taken", fault.Args{"key": r.Key}).At("key")
	}
	return tx.changedMeanwhile(r.Key, changesOf(t, r)...)
}

// changesOf says where in the audit log the changes of a record are.
func changesOf(t *tables, r creditnotes.Record) []AuditFilter {
	list := []AuditFilter{{Action: nouns[r.Section], Subject: r.Key}}
	for i := range t.connectors {
		if c := &t.connectors[i]; r.Section == creditnotes.SectionStations && string(c.StationKey) == r.Key {
			list = append(list, AuditFilter{Action: connectorSection.noun, Subject: connectorKey(c)})
		}
	}
	return list
}

// nouns are what the audit log calls the records of a section.
var nouns = map[string]string{
	creditnotes.SectionRanges: rangeSection.noun, creditnotes.SectionTaxAccounts: accountSection.noun, creditnotes.SectionEntities: entitySection.noun,
	creditnotes.SectionRates: "cost_rate", creditnotes.SectionCommunity: "community_tariff", creditnotes.SectionChargePoint: "charge_point_tariff",
	creditnotes.SectionSales: "sales_tariff", creditnotes.SectionStations: stationSection.noun, creditnotes.SectionPartners: partnerSection.noun,
	creditnotes.SectionContracts: contractSection.noun, creditnotes.SectionMedia: mediumSection.noun,
}

// checkSeen compares the fingerprint of a record that is no part of the
// configuration with the one that a person has seen. Without one nothing is
// compared.
func (tx *Tx) checkSeen(seen []string, now, key string, changes AuditFilter) error {
	if len(seen) == 0 || seen[0] == now {
		return nil
	}
	return tx.changedMeanwhile(key, changes)
}

// mostLookedBack is how many changes are looked through for the latest one that
// a form shows.
const mostLookedBack = 20

// changedMeanwhile is the Conflict fault that says who changed a record last,
// when and what, from what the audit log has about it.
func (tx *Tx) changedMeanwhile(key string, about ...AuditFilter) error {
	last, err := tx.lastChange(notOfBank, about...)
	if err != nil {
		return err
	}
	return last.fault("record_changed", key)
}

// lastChange is the latest change of a record that the audit log has.
type lastChange struct {
	id      int64
	who, at string // "–" where there is none; at is in the operator's zone
	fields  string
}

// fault is a Conflict fault that says who changed the record of a key last.
func (l lastChange) fault(message, key string) error {
	return fault.New(fault.Conflict, message, fault.Args{"key": key, "who": l.who, "at": l.at, "fields": l.fields})
}

// lastChange finds the latest change in what the audit log has about a record,
// of fields that count. A filter without a subject is about all of them, and the
// fields are the subject then.
func (tx *Tx) lastChange(keep func(field string) bool, about ...AuditFilter) (lastChange, error) {
	last := lastChange{who: "–", at: "–"}
	zone, err := tx.operatorZone()
	if err != nil {
		return last, err
	}
	for _, f := range about {
		query := tx.db.Where("action = ? OR action LIKE ?", f.Action, likePrefix(f.Action+".")).Order("id DESC").Limit(mostLookedBack)
		if f.Subject != "" {
			query = query.Where("subject = ?", f.Subject)
		}
		rows, err := find[auditRow](query)
		if err != nil {
			return last, err
		}
		for _, row := range rows {
			fields := slices.DeleteFunc(changedFields(row.Before, row.After), func(name string) bool { return !keep(name) })
			if len(fields) == 0 && strings.HasPrefix(row.After, "{") || row.ID < last.id {
				continue
			}
			if f.Subject == "" {
				fields = []string{row.Subject}
			}
			last = lastChange{row.ID, row.Who, row.At.In(zone).Format("2006-01-02 15:04"), strings.Join(fields, ", ")}
			break
		}
	}
	return last, nil
}

// checkSeenSettings finds the settings that have another value than a person
// saw, and than it shall have. All of them come back as Conflict faults.
func (tx *Tx) checkSeenSettings(rows []settingRow, list []creditnotes.Setting) error {
	settings, _, err := settingsOf(rows)
	if err != nil {
		return err
	}
	now := settings.Values()
	var faults fault.List
	for _, one := range list {
		if one.Seen == nil || *one.Seen == now[one.Key] || one.Value == now[one.Key] {
			continue
		}
		changed := tx.changedMeanwhile(one.Key, AuditFilter{Action: "setting", Subject: one.Key})
		found := fault.Of(changed)
		if len(found) == 0 {
			return changed
		}
		found[0].At(one.Key).Args["fields"] = now[one.Key]
		faults = append(faults, found...)
	}
	return faults.Err()
}

// SettingChanged is the Conflict fault that says who changed a setting last,
// and when; the empty key is any of them.
func (s *Store) SettingChanged(ctx context.Context, key string) error {
	var changed error
	err := s.inTx(ctx, func(tx *Tx) error {
		changed = tx.changedMeanwhile(cmp.Or(key, "settings"), AuditFilter{Action: "setting", Subject: key})
		return nil
	})
	if err != nil {
		return err
	}
	return changed
}

// operatorZone is the zone in which people read times; UTC while there is no
// operator.
func (tx *Tx) operatorZone() (*time.Location, error) {
	operator, err := first[entityRow](tx.operator())
	if err != nil || operator == nil {
		return time.UTC, err
	}
	zone, err := time.LoadLocation(operator.TimeZone)
	if err != nil {
		return time.UTC, nil // it is checked where it is entered
	}
	return zone, nil
}

// changedFields names the fields in which two JSON objects differ.
func changedFields(before, after string) (fields []string) {
	var was, is map[string]any
	if json.Unmarshal([]byte(after), &is) != nil {
		return nil
	}
	_ = json.Unmarshal([]byte(before), &was) // a new record has none
	return differing(was, is)
}

// ofBank reports whether a field is one of bank data, which are changed on their
// own, and notOfBank the opposite.
func ofBank(field string) bool    { return strings.HasPrefix(field, "bank") }
func notOfBank(field string) bool { return !ofBank(field) }

// differing names the fields in which two objects differ, sorted.
func differing(was, is map[string]any) (fields []string) {
	names := maps.Clone(was)
	if names == nil {
		names = map[string]any{}
	}
	maps.Copy(names, is)
	for _, name := range slices.Sorted(maps.Keys(names)) {
		if !reflect.DeepEqual(was[name], is[name]) {
			fields = append(fields, name)
		}
	}
	return fields
}

// fileFields names the fields in which two rows of a section differ as a network
// file names them, sorted.
func fileFields(section string, before, after jsonText) (fields []string) {
	var was, is map[string]any
	if before.read(section, &was) != nil || after.read(section, &is) != nil {
		return nil
	}
	for _, name := range differing(was, is) {
		switch name {
		case "bank_holder", "bank_iban", "bank_bic":
			fields = append(fields, "bank")
		case "street", "postcode", "city", "country":
			if section == creditnotes.SectionStations {
				name = "address"
			}
			fields = append(fields, name)
		case "max_power":
			fields = append(fields, "max_power_kw")
		case "definition":
			fields = append(fields, definitionFields(section, was[name], is[name])...)
		default:
			fields = append(fields, name)
		}
	}
	slices.Sort(fields)
	return slices.Compact(fields)
}

// definitionFields are the fields in which the definitions of a tariff differ.
func definitionFields(section string, was, is any) []string {
	one, ok := was.(map[string]any)
	other, too := is.(map[string]any)
	switch {
	case ok && too:
		return differing(one, other)
	case section == creditnotes.SectionCommunity:
		return []string{"versions"}
	case section == creditnotes.SectionSales:
		return []string{"sales"}
	}
	return []string{"definition"}
}
