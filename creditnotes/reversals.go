package creditnotes

import (
	"creditrun/internal/sessions"
	"creditrun/tariffs"
)

// reversals are the payments for replaced versions that a run takes back
// (domain.md §3.4): together with the line that pays the new version, where that
// goes to the same owner, and by themselves where the session turned out to be
// another person's, invalid, or otherwise held. What a run cannot judge anew,
// because the session belongs to a later month now, it does not take back.
type reversals struct {
	byCurrent map[int64][]*Reversal // by the version that replaced the ones paid
	byOwner   map[int64][]*Reversal // by the owner who was paid, without those taken back already
	used      map[*Reversal]bool    // by this shard
}

func newReversals(list []Reversal, p *Plan) *reversals {
	r := &reversals{byCurrent: map[int64][]*Reversal{}, byOwner: map[int64][]*Reversal{}}
	for i := range list {
		old := &list[i]
		old.treatment = p.storedTreatment(&old.Tax)
		r.byCurrent[old.CurrentID] = append(r.byCurrent[old.CurrentID], old)
		if !old.Taken {
			r.byOwner[old.Line.OwnerID] = append(r.byOwner[old.Line.OwnerID], old)
		}
	}
	return r
}

// forShard returns the same reversals with none used yet.
func (r *reversals) forShard() *reversals {
	return &reversals{byCurrent: r.byCurrent, byOwner: r.byOwner, used: map[*Reversal]bool{}}
}

// corrects reports whether a session was paid in an earlier version, to
// whomever, so that the line that pays it now is a correction.
func (r *reversals) corrects(s *sessions.Session) bool { return len(r.byCurrent[s.ID]) > 0 }

// reprice is why a session is priced anew without another content; nil: it is not.
func (r *reversals) reprice(s *sessions.Session) *tariffs.PathReprice {
	for _, old := range r.byCurrent[s.ID] {
		if old.Reprice != nil {
			return old.Reprice
		}
	}
	return nil
}

// of returns what was paid to this owner for an earlier version of a session
// and is to be taken back, or nil.
func (r *reversals) of(s *sessions.Session, o *owner) *Reversal {
	for _, old := range r.byCurrent[s.ID] {
		if o != nil && old.Line.OwnerID == o.entity.ID && !old.Taken {
			return old
		}
	}
	return nil
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
