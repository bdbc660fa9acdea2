package sessions

import (
	"cmp"
	"strings"
	"time"
)

// Overlaps finds sessions that start while an earlier one of the same
// connector still lasts. It is given sessions in the order of ByStart, one
// connector after the other: all that are to be judged, and of the others at
// least those that end after one of these starts, credited long ago or not. The
// zero value is ready. It keeps one session and does not allocate.
type Overlaps struct {
	connector int64
	seen      bool      // a session that counts
	latest    int64     // id of the one that ends last
	latestEnd time.Time // of it
}

// Clash says how a session overlaps an earlier one.
type Clash struct {
	By   time.Duration // from its start to the end of the earlier one; 0: it does not
	With int64         // id of the earlier session; of several the one that ends last
}

// Next begins with a connector. Check does it by itself when the connector of
// the sessions changes.
func (o *Overlaps) Next(connectorID int64) {
	*o = Overlaps{connector: connectorID}
}

// Check returns how a session overlaps an earlier one, and remembers the
// session. "Valid" in the rule is the status and nothing more: an earlier
// session counts although it is itself held as too long or overlapping. It
// counts as well when it was released, and it does not when a credit CDR took
// it back.
func (o *Overlaps) Check(s *Session) Clash {
	if s.ConnectorID != o.connector {
		o.Next(s.ConnectorID)
	}
	var clash Clash
	if o.seen && s.Start.Before(o.latestEnd) {
		clash = Clash{o.latestEnd.Sub(s.Start), o.latest}
	}
	if countsAsEarlier(s) && (!o.seen || s.End.After(o.latestEnd)) {
		o.seen, o.latestEnd, o.latest = true, s.End, s.ID
	}
	return clash
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
