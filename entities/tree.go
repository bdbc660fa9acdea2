package entities

// Tree is the operator's company structure: one root, no cycles, no orphans.
type Tree struct{}

// NewTree builds the tree or reports every fault in it as a fault.List.
func NewTree(list []Entity) (*Tree, error) { panic("not built yet") }

// Root is the operator.
func (t *Tree) Root() *Entity { return nil }

// Entity returns an entity by key, or nil.
func (t *Tree) Entity(key string) *Entity { return nil }

// Walk returns all entities depth first, parents before children, siblings by
// key (domain.md §2.7): the order in which numbers are given.
func (t *Tree) Walk() []*Entity { return nil }

// Rank is an entity's place in the walk, from 0.
func (t *Tree) Rank(key string) int { return 0 }

// Recipient returns who gets the credit notes of an owner: the owner, or its
// alternate credit address, followed once (domain.md §2.6). The fault says what
// is wrong with the address.
func (t *Tree) Recipient(owner *Entity) (*Entity, error) { return nil, nil }

// IsAncestor tells whether a stands above b in the tree.
func (t *Tree) IsAncestor(a, b *Entity) bool { return false }
