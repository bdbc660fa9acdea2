package web

import (
	"context"

	"creditrun/internal/snapshot"
)

// snapshot is the configuration as it is now.
func (s *Server) snapshot(ctx context.Context) (*snapshot.Snapshot, error) {
	return s.snapshots.Current(ctx)
}

// network is the snapshot for pages that need a network without faults.
func (v *visit) network() (*snapshot.Snapshot, error) {
	s, err := v.snapshot(v.r.Context())
	if err != nil {
		return nil, err
	}
	if err := s.Valid(); err != nil {
		return nil, err
	}
	return s, nil
}
