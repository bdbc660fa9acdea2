package creditnotes

import (
	"creditrun/entities"
	"creditrun/internal/sessions"
)

// reversals are the payments for replaced versions that wait to be taken back,
// found by the version that replaced them, or by owner where the session now
// is somebody else's. Drafting only reads; which ones a shard has used is kept
// per shard.
type reversals struct {
	byCurrent map[int64]*Reversal
	stray     map[int64][]*Reversal
	used      map[*Reversal]bool
}

// newReversals sorts the pending reversals by what became of the session. One
// whose new version names a connector without an owner waits: the session is
// held, and held sessions change nothing.
func newReversals(list []Reversal, network *entities.Network) *reversals {
	r := &reversals{byCurrent: map[int64]*Reversal{}, stray: map[int64][]*Reversal{}}
	for i := range list {
		old := &list[i]
		place := network.Place(old.CurrentConnectorID)
		if place == nil {
			continue
		}
		switch owner := place.Owner(old.CurrentStart); {
		case owner == nil:
		case owner.ID == old.Line.OwnerID:
			r.byCurrent[old.CurrentID] = old
		default:
			r.stray[old.Line.OwnerID] = append(r.stray[old.Line.OwnerID], old)
		}
	}
	return r
}

// forShard returns the same reversals with none used yet.
func (r *reversals) forShard() *reversals {
	return &reversals{byCurrent: r.byCurrent, stray: r.stray, used: map[*Reversal]bool{}}
}

// take returns what was paid to this owner for an earlier version of a
// session, or nil.
func (r *reversals) take(s *sessions.Session, ownerID int64) *Reversal {
	if s.Version < 2 {
		return nil
	}
	old := r.byCurrent[s.ID]
	if old == nil || old.Line.OwnerID != ownerID {
		return nil
	}
	return old
}

// takeStray returns the next payment to an owner for a session that turned out
// to be another owner's, or nil.
func (r *reversals) takeStray(ownerID int64) *Reversal {
	for _, old := range r.stray[ownerID] {
		if !r.used[old] {
			r.used[old] = true
			return old
		}
	}
	return nil
}
