package api

import (
	"slices"

	"creditrun/entities"
	"creditrun/internal/fault"
)

// seen is a station as the visitor may see it: a Sub-CPO sees those it owns or
// owned, and of the owners only itself.
func (c *call) seen(s entities.Station) (entities.Station, bool) {
	if c.who.Operator {
		return s, true
	}
	s.Owners = slices.DeleteFunc(slices.Clone(s.Owners), func(o entities.Ownership) bool { return !c.who.Sees(o.Entity) })
	return s, len(s.Owners) > 0
}

// stations lists the stations that the visitor sees.
func (c *call) stations(in *pageInput) (*List[Station], error) {
	all := c.books.Config.Stations
	if !c.who.Operator {
		all = nil
		for _, s := range c.books.Config.Stations {
			if s, ok := c.seen(s); ok {
				all = append(all, s)
			}
		}
	}
	return allStations.page(c, in.Paging, all)
}

// station shows one.
func (c *call) station(in *keyInput) (*One[Station], error) {
	for _, s := range c.books.Config.Stations {
		if s.Key != in.Key {
			continue
		}
		if s, ok := c.seen(s); ok {
			return allStations.one(c, s)
		}
	}
	return nil, fault.New(fault.NotFound, "key_unknown", fault.Args{"key": in.Key})
}
