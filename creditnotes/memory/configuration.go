package memory

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/fault"
	"creditrun/internal/settlement"
	"creditrun/numbering"
	"creditrun/tariffs"
)

// SaveConfiguration creates or updates, by key, what is listed. What is not
// listed stays. On faults in the result nothing is changed. Settings are not
// among it.
func (s *Store) SaveConfiguration(ctx context.Context, who string, c *creditnotes.Configuration) error {
	return s.write(ctx, func(t *tx) error {
		t.takeIDs("configuration", 1)
		listed, stored := copied(*c), copied(t.Configuration)
		stored.TaxAccounts = merged(stored.TaxAccounts, listed.TaxAccounts, func(a *creditnotes.TaxAccount) string { return a.Key })
		var faults fault.List
		if f := t.rangesInUse(stored.NumberRanges, listed.NumberRanges); f != nil {
			faults = append(faults, f)
		}
		stored.NumberRanges = merged(stored.NumberRanges, listed.NumberRanges, func(r *numbering.Range) string { return r.Key })
		t.mergeEntities(&stored, listed.Entities)
		t.mergeRates(&stored, listed.Tariffs.CostRates)
		stored.Tariffs.Community = merged(stored.Tariffs.Community, listed.Tariffs.Community, func(x *tariffs.CommunityTariff) string { return x.Key })
		stored.Tariffs.ChargePoint = merged(stored.Tariffs.ChargePoint, listed.Tariffs.ChargePoint, func(x *tariffs.ChargePointTariff) string { return x.Key })
		stored.Tariffs.Sales = merged(stored.Tariffs.Sales, listed.Tariffs.Sales, func(x *tariffs.SalesTariff) string { return x.Key })
		stored.Partners = merged(stored.Partners, listed.Partners, func(p *entities.Partner) string { return p.ID() })
		stored.Media = merged(stored.Media, listed.Media, func(m *entities.Medium) string { return m.UID })
		stored.Stations = merged(stored.Stations, listed.Stations, func(x *entities.Station) string { return x.Key })
		for i := range stored.Stations {
			slices.SortStableFunc(stored.Stations[i].Owners, func(a, b entities.Ownership) int { return cmp.Compare(a.From, b.From) })
		}
		stored.Contracts = merged(stored.Contracts, listed.Contracts, func(x *settlement.Contract) string { return x.Key })
		t.mergeConnectors(listed.Connectors)
		if err := t.validate(&stored, faults); err != nil {
			return err
		}
		t.Configuration = stored
		t.audit(who, "configuration.saved", "", "", "")
		return nil
	})
}

// merged puts what is listed in the place of what is stored under the same key,
// and sorts by key.
func merged[T any](stored, listed []T, key func(*T) string) []T {
	for i := range listed {
		of := key(&listed[i])
		at := slices.IndexFunc(stored, func(x T) bool { return key(&x) == of })
		if at < 0 {
			stored = append(stored, listed[i])
			continue
		}
		stored[at] = listed[i]
	}
	slices.SortFunc(stored, func(a, b T) int { return strings.Compare(key(&a), key(&b)) })
	return stored
}

func (t *tx) mergeEntities(c *creditnotes.Configuration, listed []entities.Entity) {
	for i := range listed {
		listed[i].ID = t.ownerID(listed[i].Key)
		if listed[i].ID == 0 {
			listed[i].ID = t.takeIDs("entities", 1)
		}
	}
	c.Entities = merged(c.Entities, listed, func(e *entities.Entity) string { return e.Key })
	c.Connectors = nil
}

// mergeConnectors claims connectors: a listed one is the stored one with the
// same EVSE and number.
func (t *tx) mergeConnectors(listed []entities.Connector) {
	for _, c := range listed {
		slices.SortStableFunc(c.Tariffs, func(a, b entities.ConnectorTariff) int { return cmp.Compare(a.From, b.From) })
		at := t.connectorAt(c.EVSEID, c.Number)
		if at < 0 {
			c.ID = t.takeIDs("connectors", 1)
			t.Connectors = append(t.Connectors, c)
			continue
		}
		c.ID = t.Connectors[at].ID
		t.Connectors[at] = c
	}
}

func (d *Data) connectorAt(evse string, number int) int {
	return slices.IndexFunc(d.Connectors, func(c entities.Connector) bool {
		return c.Number == number && entities.SameEVSE(c.EVSEID, evse)
	})
}

// mergeRates gives versions to cost rates. A version by which a session was
// priced is followed by a new one; another one is corrected in place.
func (t *tx) mergeRates(c *creditnotes.Configuration, listed []tariffs.CostRate) {
	alone := map[string]int{}
	for _, r := range listed {
		alone[r.Key]++
	}
	stored := c.Tariffs.CostRates
	for _, r := range listed {
		now := r.ValidFrom.IsZero() && alone[r.Key] == 1
		at, latest := -1, 0
		for i := range stored {
			v := &stored[i]
			if v.Key != r.Key {
				continue
			}
			latest = max(latest, v.Version)
			belongs := v.ValidFrom.Equal(r.ValidFrom)
			if now {
				belongs = !v.ValidFrom.After(t.now)
			}
			if belongs && (at < 0 || cmp.Or(v.ValidFrom.Compare(stored[at].ValidFrom), cmp.Compare(v.Version, stored[at].Version)) > 0) {
				at = i
			}
		}
		switch {
		case at >= 0 && samePrices(&stored[at], &r):
		case at >= 0 && !t.priced(r.Key, stored[at].Version):
			r.Version, r.ValidFrom = stored[at].Version, stored[at].ValidFrom
			stored[at] = r
		default:
			if at >= 0 && now {
				r.ValidFrom = t.now
			}
			r.Version, r.ValidFrom = latest+1, utc(r.ValidFrom)
			stored = append(stored, r)
		}
	}
	slices.SortFunc(stored, func(a, b tariffs.CostRate) int {
		return cmp.Or(strings.Compare(a.Key, b.Key), cmp.Compare(a.Version, b.Version))
	})
	c.Tariffs.CostRates = stored
}

func samePrices(a, b *tariffs.CostRate) bool {
	x, y := *a, *b
	x.Version, x.ValidFrom, y.Version, y.ValidFrom = 0, time.Time{}, 0, time.Time{}
	return jsonOf(x) == jsonOf(y)
}

// priced reports whether a version of a cost rate occurs in a price path.
func (d *Data) priced(key string, version int) bool {
	for _, content := range d.Paths {
		path, err := tariffs.ParsePath(content)
		if err == nil && path.CostRate != nil && *path.CostRate == (tariffs.RateVersion{Key: key, Version: version}) {
			return true
		}
	}
	return false
}

// rangesInUse refuses changes that would let a range give a number twice.
func (d *Data) rangesInUse(stored, listed []numbering.Range) *fault.Fault {
	for _, after := range listed {
		for _, before := range stored {
			if before.Key == after.Key && d.counts(after.Key, nil) > 0 {
				if f := rangeChanged(&before, &after); f != nil {
					return f
				}
			}
		}
	}
	return nil
}

// rangeChanged is the fault of a used range whose numbers would come out otherwise.
func rangeChanged(before, after *numbering.Range) *fault.Fault {
	for _, f := range []struct{ name, before, after string }{
		{"pattern", before.Pattern, after.Pattern}, {"reset", string(before.Reset), string(after.Reset)},
		{"scope", string(before.Scope), string(after.Scope)},
		{"next", strconv.FormatInt(before.Next, 10), strconv.FormatInt(after.Next, 10)},
	} {
		if f.before != f.after {
			return fault.New(fault.Conflict, "range_in_use",
				fault.Args{"range": after.Key, "field": f.name, "before": f.before, "after": f.after}).At(f.name)
		}
	}
	return nil
}

// counts is how many counters a range has; with a scope only those of it.
func (d *Data) counts(key string, scope *string) (n int) {
	for c := range d.Counters {
		if c.Range == key && (scope == nil || c.Scope == *scope) {
			n++
		}
	}
	return n
}

func (t *tx) validate(c *creditnotes.Configuration, faults fault.List) error {
	faults = append(faults, numbering.CheckAll(c.NumberRanges)...)
	for i := range c.TaxAccounts {
		faults = append(faults, fault.Of(c.TaxAccounts[i].Check().Err())...)
	}
	faults = append(faults, c.CheckContracts(func(string) bool { return true })...)
	if err := faults.Err(); err != nil {
		return err
	}
	var claimed []entities.Connector
	for _, connector := range t.Connectors {
		if connector.Station != "" {
			claimed = append(claimed, connector)
		}
	}
	network, err := entities.NewNetwork(c.Entities, c.Stations, claimed, c.Media, c.Partners)
	if err == nil {
		_, err = tariffs.NewBook(c.Tariffs, network, t.Settings.CommunityDiscount)
	}
	return err
}

// SetSettings changes settings. Either all are accepted or none. What refers to
// a number range or a tax account must refer to one that is there.
func (s *Store) SetSettings(ctx context.Context, who string, list []creditnotes.Setting) error {
	return s.write(ctx, func(t *tx) error {
		t.takeIDs("configuration", 1)
		settings, before := copied(t.Settings), t.Settings.Values()
		var faults fault.List
		for _, one := range list {
			if err := settings.Set(one.Key, one.Value); err != nil {
				faults = append(faults, fault.Of(err)...)
			} else if f := t.checkSetting(one); f != nil {
				faults = append(faults, f)
			}
		}
		if err := faults.Err(); err != nil {
			return err
		}
		if settings.Active && !t.Settings.Active {
			t.ActiveSince = t.now
		}
		after := settings.Values()
		for _, key := range slices.Sorted(maps.Keys(after)) {
			if before[key] != after[key] {
				t.audit(who, "setting.changed", key, before[key], after[key])
			}
		}
		t.Settings = settings
		return nil
	})
}

func (t *tx) checkSetting(one creditnotes.Setting) *fault.Fault {
	kind := creditnotes.RangeSettings()[one.Key]
	switch {
	case one.Value == "":
	case kind != "":
		if r := t.Configuration.Range(one.Value); r != nil {
			return numbering.CheckUsable(r, kind)
		}
		return fault.New(fault.Invalid, "setting_range_unknown", fault.Args{"range": one.Value})
	case slices.Contains(creditnotes.TaxAccountSettings(), one.Key):
		if !slices.ContainsFunc(t.Configuration.TaxAccounts, func(a creditnotes.TaxAccount) bool { return a.Key == one.Value }) {
			return fault.New(fault.Invalid, "setting_tax_account_unknown", fault.Args{"account": one.Value})
		}
	}
	return nil
}

// Entity implements creditnotes.NoteStore.
func (s *Store) Entity(_ context.Context, key string) (entities.Entity, error) {
	for _, e := range s.read().Configuration.Entities {
		if e.Key == key {
			return copied(e), nil
		}
	}
	return entities.Entity{}, fault.New(fault.NotFound, "entity_unknown", fault.Args{"entity": key})
}

// UnclaimedConnectors implements creditnotes.DraftStore.
func (s *Store) UnclaimedConnectors(context.Context) (ids []int64, err error) {
	for _, c := range s.read().Connectors {
		if c.Station == "" {
			ids = append(ids, c.ID)
		}
	}
	slices.Sort(ids)
	return ids, nil
}
