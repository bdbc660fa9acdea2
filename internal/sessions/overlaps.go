package sessions

import (
	"cmp"
	"strings"
	"time"
)

// tolerance is how long two sessions of one connector may overlap before the
// later one is held (domain.md §3.5): clocks of stations differ that much.
const tolerance = 60 * time.Second

// Overlaps finds sessions that start while an earlier one of the same
// connector still lasts. It is given all current sessions of a connector,
// those credited long ago too, in the order of ByStart, one connector after
// the other. The zero value is ready. It keeps one instant and does not
// allocate.
type Overlaps struct {
	connector int64
	seen      bool
	latestEnd time.Time // of the sessions that count, on this connector
}

// Next begins with a connector. Check does it by itself when the connector of
// the sessions changes.
func (o *Overlaps) Next(connectorID int64) {
	*o = Overlaps{connector: connectorID}
}

// Check tells whether a session is to be held for an overlap, and remembers
// the session. "Valid" in the rule is the status and nothing more: an earlier
// session counts although it is itself held as too long or overlapping. It
// counts as well when it was released, and it does not when a credit CDR took
// it back. A released session is not held, yet counts.
func (o *Overlaps) Check(s *Session) bool {
	if s.ConnectorID != o.connector {
		o.Next(s.ConnectorID)
	}
	overlaps := o.seen && s.Start.Add(tolerance).Before(o.latestEnd)
	if countsAsEarlier(s) && (!o.seen || s.End.After(o.latestEnd)) {
		o.latestEnd, o.seen = s.End, true
	}
	return overlaps && !s.Released
}

func countsAsEarlier(s *Session) bool {
	return !s.Reversed && (s.Status == Valid || s.Released)
}

// ByStart orders sessions as Overlaps wants them: by connector, start and
// external id, and by source where two sources use the same external id.
func ByStart(a, b *Session) int {
	return cmp.Or(
		cmp.Compare(a.ConnectorID, b.ConnectorID),
		a.Start.Compare(b.Start),
		strings.Compare(a.ExternalID, b.ExternalID),
		strings.Compare(a.Source, b.Source),
	)
}
