package snapshot

import "creditrun/internal/access"

// OwnersSeen are the keys of an owner, with below also of the entities below it,
// as far as the visitor sees them. Without an owner they are all that the visitor
// sees; nil: any.
func (s *Snapshot) OwnersSeen(who *access.Visitor, owner string, below bool) []string {
	if owner == "" && who.Operator {
		return nil
	}
	keys := []string{}
	for _, e := range s.Network.Tree.Walk() {
		if who.Sees(e.Key) && (owner == "" || e.Key == owner) {
			keys = append(keys, e.Key)
		}
	}
	if owner == "" || !below {
		return keys
	}
	for _, e := range s.Network.Tree.Subtree(owner) {
		if e.Key != owner && who.Sees(e.Key) {
			keys = append(keys, e.Key)
		}
	}
	return keys
}
