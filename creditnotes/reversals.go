package creditnotes

import (
	"creditrun/internal/sessions"
)

// reversals are the payments for replaced versions that wait to be taken back.
// All of an owner's are taken back in its next note: together with the line
// that pays the new version, where that goes to the same owner, and by
// themselves where the session turned out to be somebody else's, invalid, or
// otherwise held (domain.md §3.4).
type reversals struct {
	byCurrent map[int64]*Reversal   // by the version that replaced the one paid
	byOwner   map[int64][]*Reversal // by the owner who was paid
	used      map[*Reversal]bool    // by this shard
}

func newReversals(list []Reversal, p *Plan) *reversals {
	r := &reversals{byCurrent: map[int64]*Reversal{}, byOwner: map[int64][]*Reversal{}}
	for i := range list {
		old := &list[i]
		old.treatment = p.storedTreatment(&old.Tax)
		r.byCurrent[old.CurrentID] = old
		r.byOwner[old.Line.OwnerID] = append(r.byOwner[old.Line.OwnerID], old)
	}
	return r
}

// forShard returns the same reversals with none used yet.
func (r *reversals) forShard() *reversals {
	return &reversals{byCurrent: r.byCurrent, byOwner: r.byOwner, used: map[*Reversal]bool{}}
}

// of returns what was paid to this owner for an earlier version of a session,
// or nil.
func (r *reversals) of(s *sessions.Session, o *owner) *Reversal {
	old := r.byCurrent[s.ID]
	if old == nil || o == nil || old.Line.OwnerID != o.entity.ID {
		return nil
	}
	return old
}

// take is of for who takes it back now.
func (r *reversals) take(s *sessions.Session, o *owner) *Reversal {
	old := r.of(s, o)
	if old != nil {
		r.used[old] = true
	}
	return old
}

// rest returns the next payment to an owner that no new line stands beside, or
// nil.
func (r *reversals) rest(ownerID int64) *Reversal {
	for _, old := range r.byOwner[ownerID] {
		if !r.used[old] {
			r.used[old] = true
			return old
		}
	}
	return nil
}
