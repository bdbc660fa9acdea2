package entities

import (
	"slices"
	"strings"
	"time"

	"creditrun/internal/fault"
	"creditrun/internal/sessions"
)

// builder collects a network and everything that is wrong with it.
type builder struct {
	n      *Network
	keys   map[string]*Entity
	zones  map[string]*time.Location // nil: does not load
	faults fault.List
}

func (b *builder) add(key string, args fault.Args) {
	b.faults = append(b.faults, invalid(key, args))
}

// takeEntities goes on with a broken tree, so that the faults of the rest are
// found in the same go.
func (b *builder) takeEntities(list []Entity, tree *Tree, err error) {
	if err != nil {
		b.faults = append(b.faults, fault.Of(err)...)
		for i := range list {
			b.keys[list[i].Key] = &list[i]
		}
		return
	}
	for _, e := range tree.walk {
		b.keys[e.Key] = e
	}
	root := tree.Root()
	if root.TimeZone == "" {
		b.faults = append(b.faults, invalid("operator_zone_missing", fault.Args{"entity": root.Key}).At("time_zone"))
	} else if b.n.zone = b.zone(root.TimeZone); b.n.zone == nil {
		b.faults = append(b.faults, invalid("operator_zone_unknown", fault.Args{"entity": root.Key, "zone": root.TimeZone}).At("time_zone"))
	}
}

// zone loads a time zone once. "Local" would depend on the machine and is not
// a zone here.
func (b *builder) zone(name string) *time.Location {
	zone, seen := b.zones[name]
	if !seen {
		if loaded, err := time.LoadLocation(name); err == nil && name != "" && name != "Local" {
			zone = loaded
		}
		b.zones[name] = zone
	}
	return zone
}

func (b *builder) takeStations(list []Station) {
	b.n.stations = make(map[string]*site, len(list))
	b.n.sorted = make([]*Station, 0, len(list))
	for _, station := range list {
		station.Owners = slices.Clone(station.Owners)
		switch {
		case station.Key == "":
			b.add("station_key_empty", fault.Args{"name": station.Name})
			continue
		case b.n.stations[station.Key] != nil:
			b.add("station_twice", fault.Args{"station": station.Key})
			continue
		}
		s := &site{station: &station, zone: b.stationZone(&station)}
		b.takeOwners(s)
		b.n.stations[station.Key] = s
		b.n.sorted = append(b.n.sorted, &station)
	}
	slices.SortFunc(b.n.sorted, func(x, y *Station) int { return strings.Compare(x.Key, y.Key) })
}

func (b *builder) stationZone(s *Station) *time.Location {
	if s.TimeZone == "" {
		b.add("station_zone_missing", fault.Args{"station": s.Key})
		return time.UTC
	}
	zone := b.zone(s.TimeZone)
	if zone == nil {
		b.add("station_zone_unknown", fault.Args{"station": s.Key, "zone": s.TimeZone})
		return time.UTC
	}
	return zone
}

// takeOwners compiles the ownership of a station in order of time.
func (b *builder) takeOwners(s *site) {
	owners := s.station.Owners
	for _, o := range owners {
		args := fault.Args{"station": s.station.Key, "entity": o.Entity, "from": string(o.From)}
		if b.keys[o.Entity] == nil || o.Entity == "" {
			b.add("station_owner_unknown", args)
		}
		if !o.From.valid() {
			b.add("station_owner_from_invalid", args)
		}
	}
	slices.SortStableFunc(owners, func(x, y Ownership) int { return x.From.In(s.zone).Compare(y.From.In(s.zone)) })
	for i, o := range owners {
		from := o.From.In(s.zone).UnixMicro()
		if i > 0 && from == s.from[i-1] && o.From.valid() && owners[i-1].From.valid() {
			b.add("station_owners_same_moment", fault.Args{
				"station": s.station.Key, "entity": o.Entity, "other": owners[i-1].Entity, "from": string(o.From),
			})
		}
		s.from = append(s.from, from)
		s.owners = append(s.owners, b.keys[o.Entity])
	}
}

func (b *builder) takeConnectors(list []Connector) {
	b.n.byID = make(map[int64]*Place, len(list))
	b.n.byEVSE = make(map[connectorName]*Place, len(list))
	ids, names := map[int64]bool{}, map[connectorName]bool{}
	for _, c := range list {
		c.Tariffs, c.MeterKeys = slices.Clone(c.Tariffs), slices.Clone(c.MeterKeys)
		name := connectorName{strings.ToUpper(c.EVSEID), c.Number}
		args := fault.Args{"evse": c.EVSEID, "connector": c.Number}
		if c.ID != 0 && ids[c.ID] {
			b.add("connector_id_twice", fault.Args{"evse": c.EVSEID, "connector": c.Number, "id": c.ID})
		}
		switch {
		case c.EVSEID == "":
			b.add("connector_without_evse", fault.Args{"station": c.Station, "connector": c.Number})
		case names[name]:
			b.add("connector_twice", args)
		}
		ids[c.ID], names[name] = true, true
		b.checkConnector(&c)
		if s := b.n.stations[c.Station]; s != nil {
			b.takePlace(&Place{Connector: &c, Station: s.station, Zone: s.zone, site: s}, name)
		}
	}
}

func (b *builder) takePlace(p *Place, name connectorName) {
	name.evseID = EVSEKey(name.evseID)
	if b.n.byEVSE[name] == nil {
		b.n.byEVSE[name] = p
	}
	if p.Connector.ID != 0 {
		b.n.byID[p.Connector.ID] = p
	}
	b.n.places = append(b.n.places, p)
}

func (b *builder) checkConnector(c *Connector) {
	at := func(more ...any) fault.Args {
		args := fault.Args{"evse": c.EVSEID, "connector": c.Number}
		for i := 0; i+1 < len(more); i += 2 {
			args[more[i].(string)] = more[i+1]
		}
		return args
	}
	zone := time.UTC
	if s := b.n.stations[c.Station]; s != nil {
		zone = s.zone
	} else if c.Station != "" {
		b.add("connector_station_unknown", at("station", c.Station))
	}
	if c.PowerType != "" && c.PowerType != AC && c.PowerType != DC {
		b.add("connector_power_type", at("value", string(c.PowerType)))
	}
	if c.MaxPowerKW < 0 {
		b.add("connector_power_negative", at("value", c.MaxPowerKW.String()))
	}
	for _, k := range c.MeterKeys {
		if !k.From.valid() || !k.Until.valid() || !k.Until.IsZero() && !k.From.In(zone).Before(k.Until.In(zone)) {
			b.add("connector_meter_key_period", at("from", string(k.From), "until", string(k.Until)))
		}
	}
	for _, t := range c.Tariffs {
		if !t.From.valid() || !t.To.valid() {
			b.add("connector_tariff_moment_invalid", at("from", string(t.From), "to", string(t.To)))
		} else if !t.To.IsZero() && !t.From.In(zone).Before(t.To.In(zone)) {
			b.add("connector_tariff_period_empty", at("from", string(t.From), "to", string(t.To)))
		}
	}
}

func (b *builder) takeMedia(list []Medium) {
	b.n.media = make(map[string]*Medium, len(list))
	for _, m := range list {
		uid := strings.ToUpper(m.UID)
		args := fault.Args{"medium": sessions.MaskMedium(m.UID), "issuer": m.Issuer}
		switch {
		case uid == "":
			b.add("medium_uid_empty", args)
		case b.n.media[uid] != nil:
			b.add("medium_twice", args)
		}
		if m.Issuer == "" || b.keys[m.Issuer] == nil {
			b.add("medium_issuer_unknown", args)
		}
		b.n.media[uid] = &m
	}
}

func (b *builder) takePartners(list []Partner) {
	b.n.partners = make(map[partnerKey]*Partner, len(list))
	for _, p := range list {
		key, ok := partnerKeyOf(p.CountryCode + p.PartyID)
		args := fault.Args{"partner": p.ID()}
		switch {
		case !ok || len(p.CountryCode) != 2:
			b.add("partner_id_invalid", args)
		case b.n.partners[key] != nil:
			b.add("partner_twice", args)
		default:
			b.n.partners[key] = &p
		}
	}
}

// sortPlaces orders the places by connector and lists them by owner.
func (b *builder) sortPlaces() {
	slices.SortFunc(b.n.places, byConnector)
	b.n.byOwner = map[string][]*Place{}
	for _, p := range b.n.places {
		seen := map[string]bool{}
		for _, e := range p.site.owners {
			if !seen[e.Key] {
				seen[e.Key] = true
				b.n.byOwner[e.Key] = append(b.n.byOwner[e.Key], p)
			}
		}
	}
}
