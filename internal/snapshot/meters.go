package snapshot

import (
	"creditrun/internal/ocmf"
	"creditrun/internal/sessions"
)

// MeterKeys returns the public keys of the meter at the connector of a session
// when it began.
func (s *Snapshot) MeterKeys(of *sessions.Session) []*ocmf.Key {
	place := s.Network.Place(of.ConnectorID)
	if place == nil {
		return nil
	}
	return place.Connector.MeterKeysAt(of.Start, place.Zone)
}
