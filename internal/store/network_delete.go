package store

import (
	"context"
	"errors"
	"strings"

	"gorm.io/gorm"

	"creditrun/creditnotes"
	"creditrun/internal/fault"
)

// mostReferring is how many referring records a fault names.
const mostReferring = 5

// DeleteRecord deletes a record of the configuration that nothing refers to: no
// other record, no session, no document, no user. seen is the fingerprint that
// the person has seen (creditnotes.Configuration.Fingerprint). Stations go with
// their connectors, cost rates with all their versions.
//
// Faults are key_unknown (NotFound), record_changed and record_in_use (Conflict).
func (s *Store) DeleteRecord(ctx context.Context, who string, r creditnotes.Record, seen string) error {
	return s.deleteRecord(ctx, who, r, func(tx *Tx, stored *tables, config *creditnotes.Configuration) error {
		return tx.checkRecord(stored, config, r, seen)
	})
}

// DeleteRecordIf is DeleteRecord for a program, which may say what it deletes; the
// fingerprints are those of creditnotes.Configuration.FingerprintWhole.
func (s *Store) DeleteRecordIf(ctx context.Context, who string, r creditnotes.Record, p Precondition) error {
	return s.deleteRecord(ctx, who, r, func(tx *Tx, stored *tables, config *creditnotes.Configuration) error {
		now, err := config.FingerprintWhole(r)
		if err != nil {
			return err
		}
		return tx.check(p, now, r.Key, changesOf(stored, r)...)
	})
}

// deleteRecord deletes a record where check lets it.
func (s *Store) deleteRecord(ctx context.Context, who string, r creditnotes.Record, check func(*Tx, *tables, *creditnotes.Configuration) error) error {
	return s.inTx(ctx, func(tx *Tx) error {
		if err := tx.lockConfiguration(); err != nil {
			return err
		}
		if err := tx.lock("connector"); err != nil { // sessions make connectors, too
			return err
		}
		stored, err := loadTables(tx.db)
		if err != nil {
			return err
		}
		config, err := stored.configuration()
		if err != nil {
			return err
		}
		if err := tx.deletable(stored, config, r, check); err != nil {
			return err
		}
		before, err := tx.deleteRows(stored, config, r)
		if errors.Is(translateError(err), gorm.ErrForeignKeyViolated) {
			return inUse(r, nil)
		}
		if err != nil {
			return err
		}
		if err := tx.audit(Entry{Who: who, Action: nouns[r.Section] + ".deleted", Subject: r.Key, Before: string(before)}); err != nil {
			return err
		}
		return tx.configurationChanged()
	})
}

// inUse is the fault of a record that is not deleted because of others.
func inUse(r creditnotes.Record, by []string) error {
	if len(by) > mostReferring {
		by = append(by[:mostReferring:mostReferring], "…")
	}
	return fault.New(fault.Conflict, "record_in_use", fault.Args{"key": r.Key, "by": strings.Join(by, ", ")})
}

// deletable reports why a record cannot be deleted, as far as the database does
// not refuse that itself.
func (tx *Tx) deletable(stored *tables, config *creditnotes.Configuration, r creditnotes.Record, check func(*Tx, *tables, *creditnotes.Configuration) error) error {
	now, err := config.Fingerprint(r)
	if err != nil {
		return err
	}
	if now == "" {
		return fault.New(fault.NotFound, "key_unknown", fault.Args{"key": r.Key})
	}
	if err := check(tx, stored, config); err != nil {
		return err
	}
	if by := config.Referring(r); len(by) > 0 {
		return inUse(r, by)
	}
	used, err := tx.remembered(r)
	if err == nil && used {
		err = inUse(r, nil)
	}
	return err
}

// remembered reports whether something names a record without a reference that
// the database keeps: sessions a medium, reasons of prices a tariff or a cost
// rate, positions a tax account or a contract, a waiting change what it is about.
func (tx *Tx) remembered(r creditnotes.Record) (used bool, err error) {
	switch r.Section {
	case creditnotes.SectionMedia:
		err = tx.scanRow("SELECT EXISTS (SELECT 1 FROM sessions WHERE upper(medium_uid) = $1 AND medium_uid <> '')", []any{strings.ToUpper(r.Key)}, &used)
	case creditnotes.SectionSales, creditnotes.SectionChargePoint, creditnotes.SectionCommunity, creditnotes.SectionRates:
		err = tx.scanRow(`SELECT EXISTS (SELECT 1 FROM price_paths WHERE content LIKE $1 ESCAPE '\')`, []any{"%" + likeEscaped.Replace(string(jsonOf(r.Key))) + "%"}, &used)
	case creditnotes.SectionTaxAccounts:
		err = tx.scanRow("SELECT EXISTS (SELECT 1 FROM positions WHERE tax_account = $1 AND tax_account <> '') OR EXISTS (SELECT 1 FROM custom_records WHERE tax_account = $1)", []any{r.Key}, &used)
	case creditnotes.SectionContracts:
		err = tx.scanRow(`SELECT EXISTS (SELECT 1 FROM positions WHERE contract = $1 AND contract <> '') OR EXISTS (SELECT 1 FROM reprices WHERE contract = $1)
			OR EXISTS (SELECT 1 FROM price_paths WHERE content LIKE $2 ESCAPE '\')`, []any{r.Key, "%" + likeEscaped.Replace(string(jsonOf(r.Key))) + "%"}, &used)
	case creditnotes.SectionPartners:
		err = tx.scanRow("SELECT EXISTS (SELECT 1 FROM sessions WHERE partner = $1 AND partner <> '')", []any{r.Key}, &used)
	case creditnotes.SectionEntities, creditnotes.SectionStations:
		err = tx.scanRow("SELECT EXISTS (SELECT 1 FROM proposals WHERE subject = $1 AND state = 'waiting')", []any{r.Key}, &used)
	}
	return used, err
}

// likeEscaped makes a text one that LIKE finds as it is.
var likeEscaped = strings.NewReplacer(`\`, `\\`, "%", `\%`, "_", `\_`)

// deleteRows deletes the rows of a record, those that refer to others first, and
// returns what they were.
func (tx *Tx) deleteRows(stored *tables, config *creditnotes.Configuration, r creditnotes.Record) (before jsonText, err error) {
	of := func(rows any, deletions ...*gorm.DB) (jsonText, error) {
		for _, done := range deletions {
			if done.Error != nil {
				return "", inTable(done)
			}
		}
		return jsonOf(rows), nil
	}
	switch r.Section {
	case creditnotes.SectionStations:
		return tx.deleteStation(stored, r.Key)
	case creditnotes.SectionEntities:
		if operatorOf(config) == r.Key {
			return "", inUse(r, nil)
		}
		return of(withKey(stored.entities, func(e *entityRow) bool { return e.Key == r.Key }), tx.db.Where("key = ?", r.Key).Delete(&entityRow{}))
	case creditnotes.SectionMedia:
		return of(withKey(stored.media, func(m *mediumRow) bool { return m.UID == r.Key }), tx.db.Where("uid = ?", r.Key).Delete(&mediumRow{}))
	case creditnotes.SectionRanges:
		return of(withKey(stored.ranges, func(n *rangeRow) bool { return n.Key == r.Key }), tx.db.Where("key = ?", r.Key).Delete(&rangeRow{}))
	case creditnotes.SectionTaxAccounts:
		return of(withKey(stored.accounts, func(a *taxAccountRow) bool { return a.Key == r.Key }), tx.db.Where("key = ?", r.Key).Delete(&taxAccountRow{}))
	case creditnotes.SectionContracts:
		return of(withKey(stored.contracts, func(c *contractRow) bool { return c.Key == r.Key }), tx.db.Where("key = ?", r.Key).Delete(&contractRow{}))
	case creditnotes.SectionPartners:
		country, party, _ := strings.Cut(r.Key, "*")
		return of(withKey(stored.partners, func(p *partnerRow) bool { return p.CountryCode == country && p.PartyID == party }),
			tx.db.Where("country_code = ? AND party_id = ?", country, party).Delete(&partnerRow{}))
	case creditnotes.SectionRates:
		return of(withKey(stored.rates, func(rate *rateRow) bool { return rate.Key == r.Key }), tx.db.Where("key = ?", r.Key).Delete(&rateRow{}))
	case creditnotes.SectionSales, creditnotes.SectionChargePoint, creditnotes.SectionCommunity:
		kind := tariffKinds[r.Section]
		return of(withKey(stored.tariffs, func(t *tariffRow) bool { return t.Kind == kind && t.Key == r.Key }), tx.db.Where("kind = ? AND key = ?", kind, r.Key).Delete(&tariffRow{}))
	}
	return "", inUse(r, nil)
}

// tariffKinds are the kinds of tariffs by their sections.
var tariffKinds = map[string]string{
	creditnotes.SectionSales: salesKind, creditnotes.SectionChargePoint: chargePointKind, creditnotes.SectionCommunity: communityKind,
}

func operatorOf(c *creditnotes.Configuration) string {
	for i := range c.Entities {
		if c.Entities[i].Parent == "" {
			return c.Entities[i].Key
		}
	}
	return ""
}

// withKey are the rows of a record.
func withKey[R any](rows []R, is func(*R) bool) (found []R) {
	for i := range rows {
		if is(&rows[i]) {
			found = append(found, rows[i])
		}
	}
	return found
}

// deleteStation deletes a station with its owners, connectors and their tariffs.
func (tx *Tx) deleteStation(stored *tables, key string) (jsonText, error) {
	var ids []int64
	for i := range stored.connectors {
		if string(stored.connectors[i].StationKey) == key {
			ids = append(ids, stored.connectors[i].ID)
		}
	}
	for _, step := range []func() error{
		func() error { return deleteWhere[connectorTariffRow](tx.db, "connector_id IN ?", ids) },
		func() error { return deleteWhere[connectorRow](tx.db, "id IN ?", ids) },
		func() error { return deleteWhere[ownerRow](tx.db, "station_key IN ?", []string{key}) },
		func() error { return deleteWhere[stationRow](tx.db, "key IN ?", []string{key}) },
	} {
		if err := step(); err != nil {
			return "", err
		}
	}
	before := struct {
		Stations   []stationRow   `json:"stations"`
		Connectors []connectorRow `json:"connectors"`
	}{withKey(stored.stations, func(s *stationRow) bool { return s.Key == key }), withKey(stored.connectors, func(c *connectorRow) bool { return string(c.StationKey) == key })}
	return jsonOf(before), nil
}
