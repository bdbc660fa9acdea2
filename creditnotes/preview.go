package creditnotes

import (
	"context"
	"sync"

	"creditrun/tariffs"
)

// previewTarget keeps what a preview shows in memory, without the lines.
type previewTarget struct {
	mu     sync.Mutex
	nextID int64
	notes  []*Note
	owners []OwnerResult

	holds, warned, ownWaits, longAgo []Hold
	ofOld                            int // how many there are like those of longAgo
}

func (s *previewTarget) NoteIDs(_ context.Context, n int) (int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	first := s.nextID + 1
	s.nextID += int64(n)
	return first, nil
}

func (s *previewTarget) WriteDraft(_ context.Context, fn func(DraftWriter) error) error {
	page := &previewShard{target: s}
	if err := fn(page); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.notes = append(s.notes, page.notes...)
	s.holds = append(s.holds, page.holds...)
	s.warned = append(s.warned, page.warned...)
	s.ownWaits = append(s.ownWaits, page.ownWaits...)
	s.longAgo = append(s.longAgo, page.longAgo...)
	s.ofOld += page.ofOld
	s.owners = append(s.owners, page.owners...)
	return nil
}

// previewShard is one shard of a preview.
type previewShard struct {
	target *previewTarget
	notes  []*Note
	owners []OwnerResult

	holds, warned, ownWaits, longAgo []Hold
	ofOld                            int
}

func (p *previewShard) CopyLines(src LineSource) error {
	for src.Next() {
	}
	return src.Err()
}

func (p *previewShard) SavePaths([]*tariffs.Path) error       { return nil }
func (p *previewShard) SaveDrafts(notes []*Note) error        { p.notes = notes; return nil }
func (p *previewShard) SaveHolds(holds []Hold) error          { p.holds = holds; return nil }
func (p *previewShard) SaveWarnings(list []Hold) error        { p.warned = list; return nil }
func (p *previewShard) SaveContracts([]FrozenContracts) error { return nil }
func (p *previewShard) SaveOwners(r []OwnerResult) error      { p.owners = r; return nil }
func (p *previewShard) SaveOwnCharges([]OwnCharge) error      { return nil }
func (p *previewShard) SaveOwnWaits(list []Hold) error        { p.ownWaits = list; return nil }
