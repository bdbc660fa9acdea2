package page

import (
	"html/template"
	"strings"

	"creditrun/internal/snapshot"
)

// Offered is what a field suggests for the key that is typed into it. Of a large
// network it suggests nothing before something was typed; then it asks for what
// contains that.
type Offered struct {
	ID      string // of the list: what is offered
	Choices []Choice
	Search  bool // there are more than a page holds
}

// What fields offer.
const (
	OfferedEntities   = "entities"
	OfferedStations   = "stations"
	OfferedConnectors = "connectors"
)

// List is the attributes of an input that suggests what is offered.
func (o Offered) List() template.HTMLAttr {
	attributes := ` list="` + o.ID + `"`
	if o.Search {
		attributes += ` autocomplete="off" hx-get="/choices/` + o.ID + `" hx-trigger="input changed delay:200ms" hx-target="#` + o.ID + `"`
	}
	return template.HTMLAttr(attributes)
}

// Offer is what a field offers at once.
func (v *Visit) Offer(b *snapshot.Snapshot, what string) Offered {
	list := v.offered(b, what, "", MaxOffered+1)
	if len(list) > MaxOffered {
		return Offered{ID: what, Search: true}
	}
	return Offered{ID: what, Choices: list}
}

// OfferFor is what a field offers for a text that was typed: a page of it.
func (v *Visit) OfferFor(b *snapshot.Snapshot, what, text string) []Choice {
	return v.offered(b, what, text, RowsPerPage)
}

// offered lists at most so many of what the visitor sees and whose key or name
// contains a text.
func (v *Visit) offered(b *snapshot.Snapshot, what, text string, most int) (list []Choice) {
	text = strings.ToLower(strings.TrimSpace(text))
	add := func(key, name string) bool {
		if strings.Contains(strings.ToLower(key), text) || strings.Contains(strings.ToLower(name), text) {
			list = append(list, Choice{Value: key, Text: name})
		}
		return len(list) < most
	}
	switch what {
	case OfferedEntities:
		for i := range b.Config.Entities {
			if e := &b.Config.Entities[i]; v.Who.Sees(e.Key) && !add(e.Key, e.Name) {
				return list
			}
		}
	case OfferedStations:
		for i := range b.Config.Stations {
			if s := &b.Config.Stations[i]; v.SeesStation(s) && !add(s.Key, strings.Trim(s.Name+", "+s.City, ", ")) {
				return list
			}
		}
	case OfferedConnectors:
		last := "" // an EVSE is offered once
		for _, p := range b.Network.AllPlaces() {
			if c := p.Connector; c.EVSEID != last && v.SeesStation(p.Station) {
				if last = c.EVSEID; !add(c.EVSEID, strings.Trim(p.Station.Name+", "+c.Type, ", ")) {
					return list
				}
			}
		}
	}
	return list
}
