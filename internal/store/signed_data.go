package store

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"time"

	"creditrun/entities"
	"creditrun/internal/fault"
	"creditrun/internal/money"
	"creditrun/internal/ocmf"
	"creditrun/internal/sessions"
)

// signedRow is a row of signed_data: the signed meter data of one version of a
// session, as it was received. Lists and runs read the verdict, which is with
// the session, and never this.
type signedRow struct {
	SessionID int64    `gorm:"column:session_id;primaryKey;autoIncrement:false"`
	Content   jsonText `gorm:"column:content"` // a list of ocmf.Value
}

// TableName implements schema.Tabler.
func (signedRow) TableName() string { return "signed_data" }

// verdicts are the verdicts by the number under which sessions store them.
var verdicts = [...]ocmf.Verdict{"", ocmf.Valid, ocmf.Invalid, ocmf.NoKey, ocmf.Unsupported, ocmf.Unreadable}

// signedOf is what is stored of signed meter data with a session; nil: there is
// none.
func signedOf(signature int64, energy *int64) *sessions.Signed {
	if signature == 0 {
		return nil
	}
	return &sessions.Signed{Verdict: verdicts[signature], Energy: (*money.Quantity)(energy)}
}

// sign notes the verdict about signed meter data, and the data to be stored.
func (r *sessionRow) sign(signed *sessions.Signed) {
	if signed == nil {
		return
	}
	r.Signature = int64(max(0, slices.Index(verdicts[:], signed.Verdict)))
	r.SignedEnergy, r.signed = (*int64)(signed.Energy), signed.Values
}

func (r *sessionRow) signedWrong() bool { return verdicts[r.Signature] == ocmf.Invalid }

// keepSigned stores the signed meter data of rows that are new.
func (tx *Tx) keepSigned(rows []*sessionRow) error {
	var list []signedRow
	for _, row := range rows {
		if len(row.signed) > 0 {
			list = append(list, signedRow{row.ID, jsonOf(row.signed)})
		}
	}
	return create(tx.db, list...)
}

// meterKeys are the public keys of the meters of a network, by connector.
type meterKeys struct {
	by    map[int64][]meterKey
	zones map[int64]*time.Location
}

type meterKey struct {
	entities.MeterKey
	key *ocmf.Key
}

// loadMeterKeys reads the keys of all connectors.
func (tx *Tx) loadMeterKeys() (*meterKeys, error) {
	type row struct {
		id   int64
		keys jsonText
		zone string
	}
	rows, err := collect(tx.ctx, tx.sql, func(r *row) []any { return []any{&r.id, &r.keys, &r.zone} },
		"SELECT c.id, c.meter_keys, s.time_zone FROM connectors c JOIN stations s ON s.key = c.station_key WHERE c.meter_keys NOT IN ('', '[]')")
	if err != nil {
		return nil, fmt.Errorf("meter keys: %w", err)
	}
	keys := &meterKeys{by: make(map[int64][]meterKey, len(rows)), zones: make(map[int64]*time.Location, len(rows))}
	for _, r := range rows {
		var list []entities.MeterKey
		if err := r.keys.read("meter_keys", &list); err != nil {
			return nil, err
		}
		for _, one := range list {
			if key, err := ocmf.ParseKey(one.Key); err == nil { // it was read before it was stored
				keys.by[r.id] = append(keys.by[r.id], meterKey{one, key})
			}
		}
		if keys.zones[r.id], err = time.LoadLocation(r.zone); err != nil {
			keys.zones[r.id] = time.UTC
		}
	}
	return keys, nil
}

// at returns the keys of a connector at an instant.
func (m *meterKeys) at(connector int64, t time.Time) (list []*ocmf.Key) {
	for i := range m.by[connector] {
		if k := &m.by[connector][i]; k.Covers(t, m.zones[connector]) {
			list = append(list, k.key)
		}
	}
	return list
}

// checkSigned checks the signed meter data of some sessions, which takes longer
// than everything else about them. Sessions without any cost nothing.
func (i *sessionImport) checkSigned(tx *Tx, list []incoming) (err error) {
	var signed []checkedData
	for k := range list {
		s := &list[k].session
		if s.Signed == nil {
			continue
		}
		if i.meters == nil {
			if i.meters, err = tx.loadMeterKeys(); err != nil {
				return err
			}
		}
		signed = append(signed, checkedData{s.Signed, i.meters.at(i.connectors.ids[namedBy(s)], s.Start)})
	}
	checkAll(signed)
	return nil
}

// checkedData is signed meter data with the keys to check it with.
type checkedData struct {
	signed *sessions.Signed
	keys   []*ocmf.Key
}

// checkAll checks signed meter data on all processors.
func checkAll(list []checkedData) {
	var wait sync.WaitGroup
	for some := range slices.Chunk(list, max(1, (len(list)+runtime.GOMAXPROCS(0)-1)/runtime.GOMAXPROCS(0))) {
		wait.Go(func() {
			for _, one := range some {
				one.signed.Check(one.keys)
			}
		})
	}
	wait.Wait()
}

// SignedData returns the signed meter data that was received last with one of the
// versions of a session. Without any it is a NotFound fault.
func (s *Store) SignedData(ctx context.Context, versions []int64) (list []ocmf.Value, err error) {
	row, err := first[signedRow](s.db(ctx).Where("session_id IN ?", versions).Order("session_id DESC"))
	switch {
	case err != nil:
		return nil, fmt.Errorf("signed data: %w", err)
	case row == nil:
		return nil, fault.New(fault.NotFound, "session_signed_data_missing", nil)
	}
	return list, row.Content.read("content", &list)
}
