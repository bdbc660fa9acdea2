package api

import (
	"slices"

	"creditrun/entities"
	"creditrun/internal/fault"
	"creditrun/internal/snapshot"
)

// seen is a station as the visitor may see it: a Sub-CPO sees those it owns or
// owned, and of the owners only itself.
func (c *call) seen(s entities.Station) (entities.Station, bool) {
	sees := snapshot.SeesStation(c.who, &s)
	s.Owners = snapshot.OwnersSeen(c.who, s.Owners)
	return s, sees
}

// stations lists the stations that the visitor sees.
func (c *call) stations(in *pageInput) (*List[Station], error) {
	all := c.snapshot.Config.Stations
	if !c.who.Operator {
		all = nil
		for _, s := range c.snapshot.Config.Stations {
			if s, ok := c.seen(s); ok {
				all = append(all, s)
			}
		}
	}
	return allStations.page(c, in.Paging, all)
}

// station shows one.
func (c *call) station(in *keyInput) (*Tagged[Station], error) {
	for _, s := range c.snapshot.Config.Stations {
		if s.Key != in.Key {
			continue
		}
		if s, ok := c.seen(s); ok {
			return allStations.one(c, s.Key, s)
		}
	}
	return nil, fault.New(fault.NotFound, "key_unknown", fault.Args{"key": in.Key})
}

// connectors are all of them with the tariffs that the visitor may see: a
// Sub-CPO sees what applied while the station was its own.
func (c *call) connectors() []entities.Connector {
	if c.who.Operator || c.snapshot.Network == nil {
		return c.snapshot.Config.Connectors
	}
	shown := map[string]func(entities.ConnectorTariff) bool{}
	for _, s := range c.snapshot.Network.Stations() {
		shown[s.Key] = snapshot.AssignmentsSeen(c.who, s, c.snapshot.Network.StationZone(s.Key))
	}
	list := slices.Clone(c.snapshot.Config.Connectors)
	for i := range list {
		list[i].Tariffs = slices.DeleteFunc(slices.Clone(list[i].Tariffs), func(t entities.ConnectorTariff) bool {
			may := shown[list[i].Station]
			return may == nil || !may(t)
		})
	}
	return list
}
