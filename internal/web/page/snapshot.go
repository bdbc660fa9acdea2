package page

import (
	"context"

	"creditrun/internal/snapshot"
)

// Snapshot is the configuration as it is now.
func (s *Site) Snapshot(ctx context.Context) (*snapshot.Snapshot, error) {
	return s.snapshots.Current(ctx)
}

// Network is the snapshot for pages that need a network without faults.
func (v *Visit) Network() (*snapshot.Snapshot, error) {
	s, err := v.Snapshot(v.R.Context())
	if err != nil {
		return nil, err
	}
	if err := s.Valid(); err != nil {
		return nil, err
	}
	return s, nil
}
