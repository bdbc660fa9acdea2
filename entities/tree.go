package entities

import (
	"slices"
	"strings"

	"creditrun/internal/fault"
)

// Tree is the operator's company structure: one root, no cycles, no orphans.
// It is immutable after NewTree and safe for concurrent use.
type Tree struct {
	walk []*Entity
	rank map[string]int
	end  []int // by rank: the rank after the last entity of the sub-tree
}

// NewTree builds the tree or reports every fault in it as a fault.List
// (domain.md §2.1). It keeps a copy of the list. Addresses are not judged here:
// a wrong one concerns one owner and is reported by Recipient.
func NewTree(list []Entity) (*Tree, error) {
	all := make([]*Entity, len(list))
	for i := range list {
		e := list[i]
		all[i] = &e
	}
	byKey, faults := indexEntities(all)
	faults = append(faults, checkExternalIDs(all)...)
	faults = append(faults, checkRoots(all)...)
	faults = append(faults, checkOrphans(all, byKey)...)
	faults = append(faults, checkCycles(all, byKey)...)
	if err := faults.Err(); err != nil {
		return nil, err
	}
	t := &Tree{}
	t.number(all)
	return t, nil
}

// Root is the operator.
func (t *Tree) Root() *Entity { return t.walk[0] }

// Entity returns an entity by key, or nil.
func (t *Tree) Entity(key string) *Entity {
	if r, ok := t.rank[key]; ok {
		return t.walk[r]
	}
	return nil
}

// Walk returns all entities depth first, parents before children, siblings by
// key (domain.md §2.7): the order in which numbers are given.
func (t *Tree) Walk() []*Entity { return slices.Clone(t.walk) }

// Rank is an entity's place in the walk, from 0. Unknown keys rank behind all
// others.
func (t *Tree) Rank(key string) int {
	if r, ok := t.rank[key]; ok {
		return r
	}
	return len(t.walk)
}

// Subtree returns an entity and all entities below it in walk order, or nil
// for an unknown key.
func (t *Tree) Subtree(key string) []*Entity {
	r, ok := t.rank[key]
	if !ok {
		return nil
	}
	return slices.Clone(t.walk[r:t.end[r]])
}

// Children returns the direct sub-entities of one, by key.
func (t *Tree) Children(key string) []*Entity {
	r, ok := t.rank[key]
	if !ok {
		return nil
	}
	var children []*Entity
	for c := r + 1; c < t.end[r]; c = t.end[c] {
		children = append(children, t.walk[c])
	}
	return children
}

// Descendants returns how many entities are below one, on all levels.
func (t *Tree) Descendants(key string) int {
	r, ok := t.rank[key]
	if !ok {
		return 0
	}
	return t.end[r] - r - 1
}

// IsAncestor reports whether a stands above b in the tree. No entity stands
// above itself.
func (t *Tree) IsAncestor(a, b *Entity) bool {
	if a == nil || b == nil {
		return false
	}
	ra, ok := t.rank[a.Key]
	rb, known := t.rank[b.Key]
	return ok && known && ra < rb && rb < t.end[ra]
}

// indexEntities finds entities by key and reports empty and repeated keys.
// Where a key repeats, the first entity has it.
func indexEntities(all []*Entity) (map[string]int, fault.List) {
	var faults fault.List
	byKey := make(map[string]int, len(all))
	reported := map[string]bool{}
	for i, e := range all {
		if e.Key == "" {
			faults = append(faults, invalid("entity_key_empty", fault.Args{"name": e.DisplayName()}).At("key"))
			continue
		}
		if _, twice := byKey[e.Key]; !twice {
			byKey[e.Key] = i
		} else if !reported[e.Key] {
			reported[e.Key] = true
			faults = append(faults, invalid("entity_twice", fault.Args{"entity": e.Key}).At("key"))
		}
	}
	return byKey, faults
}

// checkExternalIDs looks for keys of another system that two entities have: it
// could not tell which of them is meant.
func checkExternalIDs(all []*Entity) (faults fault.List) {
	of := map[string]*Entity{}
	for _, e := range all {
		if e.ExternalID == "" {
			continue
		}
		if first := of[e.ExternalID]; first != nil {
			faults = append(faults, invalid("external_id_taken", fault.Args{"id": e.ExternalID, "other": first.Key, "entity": e.Key}).At("external_id"))
			continue
		}
		of[e.ExternalID] = e
	}
	return faults
}

func checkRoots(all []*Entity) fault.List {
	var roots []string
	for _, e := range all {
		if e.Parent == "" {
			roots = append(roots, e.Key)
		}
	}
	switch len(roots) {
	case 0:
		return fault.List{invalid("tree_no_root", nil)}
	case 1:
		return nil
	}
	slices.Sort(roots)
	return fault.List{invalid("tree_two_roots", fault.Args{"entities": someOf(roots, ", ")})}
}

func checkOrphans(all []*Entity, byKey map[string]int) fault.List {
	var faults fault.List
	for _, e := range all {
		if e.Parent == "" {
			continue
		}
		if _, ok := byKey[e.Parent]; !ok {
			faults = append(faults, invalid("tree_orphan", fault.Args{"entity": e.Key, "parent": e.Parent}).At("parent"))
		}
	}
	return faults
}

// checkCycles climbs from every entity until it meets one it has seen. Meeting
// one of the same climb closes a cycle; each cycle is reported once, and the
// entities that are merely below it are not.
func checkCycles(all []*Entity, byKey map[string]int) fault.List {
	var faults fault.List
	climb := make([]int, len(all)) // 0: not seen, else number of the climb
	for start := range all {
		at := start
		for climb[at] == 0 {
			climb[at] = start + 1
			next, ok := byKey[all[at].Parent]
			if !ok {
				break
			}
			at = next
			if climb[at] == start+1 {
				faults = append(faults, invalid("tree_cycle", fault.Args{"entities": cycleThrough(at, all, byKey)}).At("parent"))
			}
		}
	}
	return faults
}

// cycleThrough spells a cycle from its smallest key on, upwards: a → b → a.
func cycleThrough(at int, all []*Entity, byKey map[string]int) string {
	var keys []string
	for i := at; len(keys) == 0 || i != at; i = byKey[all[i].Parent] {
		keys = append(keys, all[i].Key)
	}
	least := slices.Index(keys, slices.Min(keys))
	keys = slices.Concat(keys[least:], keys[:least])
	return someOf(append(keys, keys[0]), " → ")
}

// number puts the entities of a sound tree in walk order. It keeps its own
// stack, so a deep tree costs memory and nothing else.
func (t *Tree) number(all []*Entity) {
	slices.SortFunc(all, func(a, b *Entity) int { return strings.Compare(b.Key, a.Key) })
	children := make(map[string][]*Entity, len(all)) // last sibling first
	for _, e := range all {
		children[e.Parent] = append(children[e.Parent], e)
	}
	t.rank = make(map[string]int, len(all))
	stack := slices.Clone(children[""])
	for len(stack) > 0 {
		e := stack[len(stack)-1]
		stack = append(stack[:len(stack)-1], children[e.Key]...)
		t.rank[e.Key] = len(t.walk)
		t.walk = append(t.walk, e)
	}
	t.end = make([]int, len(t.walk))
	for r := len(t.walk) - 1; r >= 0; r-- {
		t.end[r] = max(t.end[r], r+1)
		if parent := t.walk[r].Parent; parent != "" {
			p := t.rank[parent]
			t.end[p] = max(t.end[p], t.end[r])
		}
	}
}

// someOf joins the first ten words, so that a message stays readable.
func someOf(words []string, separator string) string {
	const most = 10
	if len(words) <= most {
		return strings.Join(words, separator)
	}
	return strings.Join(words[:most], separator) + separator + "…"
}

func invalid(key string, args fault.Args) *fault.Fault {
	return fault.New(fault.Invalid, key, args)
}
