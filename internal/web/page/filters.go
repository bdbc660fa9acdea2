package page

import (
	"strings"

	"creditrun/entities"
	"creditrun/internal/fault"
	"creditrun/internal/snapshot"
)

// What the filters of several lists have in common.

// RowsPerPage is how many rows a list shows at once, and LinesPerPage how many
// those that are read from top to bottom do.
const (
	RowsPerPage  = 50
	LinesPerPage = 100
)

// MaxOffered is how many entities or stations a field offers at once; of more
// than that it offers those that contain what was typed.
const MaxOffered = 300

// EntityField is the key of the entity that a field of a filter names by its
// key or its name; empty where the field is. One that the visitor does not see
// is a fault.
func (v *Visit) EntityField(b *snapshot.Snapshot, l *List, field string) string {
	text, named := l.Text(field), ""
	for i := range b.Config.Entities {
		e := &b.Config.Entities[i]
		if !v.Who.Sees(e.Key) {
			continue
		}
		if e.Key == text {
			return e.Key
		}
		if strings.EqualFold(e.Name, text) && named == "" {
			named = e.Key
		}
	}
	if named == "" && text != "" {
		l.Add(fault.New(fault.NotFound, "entity_unknown", fault.Args{"entity": text}))
	}
	return named
}

// EntityAt is an entity that the visitor may see; without a key that where the
// visitor's tree begins.
func (v *Visit) EntityAt(b *snapshot.Snapshot, key string) (*entities.Entity, error) {
	if key == "" {
		key = v.Top(b)
	}
	e := b.Network.Tree.Entity(key)
	if e == nil || !v.Who.Sees(key) {
		return nil, fault.New(fault.NotFound, "entity_unknown", fault.Args{"entity": key})
	}
	return e, nil
}

// Top is the key of the entity where the visitor's tree begins.
func (v *Visit) Top(b *snapshot.Snapshot) string {
	if v.Who.Operator {
		return b.Network.Tree.Root().Key
	}
	return v.Who.User.Entity
}

// SeesStation reports whether the visitor's entities own or owned a station.
func (v *Visit) SeesStation(s *entities.Station) bool {
	return snapshot.SeesStation(v.Who, s)
}
