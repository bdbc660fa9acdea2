package web

import (
	"strings"

	"creditrun/internal/fault"
	"creditrun/internal/snapshot"
)

// What the filters of several lists have in common.

// rowsPerPage is how many rows a list shows at once, and linesPerPage how many
// those that are read from top to bottom do.
const (
	rowsPerPage  = 50
	linesPerPage = 100
)

// maxOffered is how many entities or stations a field offers; of more than
// that one has to know the key or the name.
const maxOffered = 300

// entityField is the key of the entity that a field of a filter names by its
// key or its name; empty where the field is. One that the visitor does not see
// is a fault.
func (v *visit) entityField(b *snapshot.Snapshot, l *List, field string) string {
	text, named := l.Text(field), ""
	for i := range b.Config.Entities {
		e := &b.Config.Entities[i]
		if !v.who.Sees(e.Key) {
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

// entitiesOffered are the entities that a field offers.
func (v *visit) entitiesOffered(b *snapshot.Snapshot) (list []choice) {
	for i := range b.Config.Entities {
		if e := &b.Config.Entities[i]; v.who.Sees(e.Key) {
			list = append(list, choice{Value: e.Key, Text: e.Name})
		}
	}
	if len(list) > maxOffered {
		return nil
	}
	return list
}
