package entities

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"creditrun/internal/fault"
)

// entity is an active entity with a parent.
func entity(key, parent string) Entity {
	return Entity{Key: key, Parent: parent, Name: key, Active: true}
}

func mustTree(t *testing.T, list ...Entity) *Tree {
	t.Helper()
	tree, err := NewTree(list)
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

func keysOf(list []*Entity) []string {
	keys := make([]string, len(list))
	for i, e := range list {
		keys[i] = e.Key
	}
	return keys
}

// faultTexts are the faults in an error as key and arguments.
func faultTexts(err error) []string {
	var texts []string
	for _, f := range fault.Of(err) {
		texts = append(texts, f.Error())
	}
	return texts
}

func TestWalkIsDepthFirstParentsFirstSiblingsByKey(t *testing.T) {
	list := []Entity{
		entity("b2", "b"), entity("c", "op"), entity("a", "op"), entity("b10", "b"),
		entity("op", ""), entity("b", "op"), entity("zz", "a"), entity("aa", "c"),
	}
	want := []string{"op", "a", "zz", "b", "b10", "b2", "c", "aa"}
	for range 20 {
		rand.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
		tree := mustTree(t, list...)
		if diff := cmp.Diff(want, keysOf(tree.Walk())); diff != "" {
			t.Fatal(diff)
		}
		for i, key := range want {
			if tree.Rank(key) != i {
				t.Errorf("rank of %s is %d, want %d", key, tree.Rank(key), i)
			}
		}
		if tree.Root().Key != "op" || tree.Rank("nobody") != len(want) || tree.Entity("nobody") != nil {
			t.Error("root or unknown keys are wrong")
		}
	}
}

func TestSubtreeAndAncestorsAgreeWithTheParents(t *testing.T) {
	tree := mustTree(t, entity("op", ""), entity("a", "op"), entity("b", "op"), entity("a1", "a"), entity("a11", "a1"))
	if diff := cmp.Diff([]string{"a", "a1", "a11"}, keysOf(tree.Subtree("a"))); diff != "" {
		t.Error(diff)
	}
	if tree.Subtree("nobody") != nil {
		t.Error("an unknown key has a sub-tree")
	}
	for pair, want := range map[string]bool{
		"op a11": true, "a a11": true, "a1 a11": true, "a11 a1": false, "b a11": false, "a a": false, "op op": false,
	} {
		above, below, _ := strings.Cut(pair, " ")
		if got := tree.IsAncestor(tree.Entity(above), tree.Entity(below)); got != want {
			t.Errorf("%s stands above: %v, want %v", pair, got, want)
		}
	}
	if tree.IsAncestor(nil, tree.Root()) || tree.IsAncestor(tree.Root(), nil) {
		t.Error("nobody stands above nobody")
	}
}

func TestABrokenTreeReportsEverythingAtOnce(t *testing.T) {
	cases := map[string]struct {
		list []Entity
		want []string
	}{
		"nothing at all": {nil, []string{"tree_no_root"}},
		"two roots": {
			[]Entity{entity("op", ""), entity("other", "")},
			[]string{"tree_two_roots entities=op, other"},
		},
		"a parent that does not exist": {
			[]Entity{entity("op", ""), entity("a", "gone"), entity("below", "a")},
			[]string{"tree_orphan entity=a parent=gone"},
		},
		"an entity beneath itself": {
			[]Entity{entity("op", ""), entity("a", "a")},
			[]string{"tree_cycle entities=a → a"},
		},
		"a cycle with entities hanging beneath it": {
			[]Entity{entity("op", ""), entity("x", "c"), entity("c", "b"), entity("b", "a"), entity("a", "c"), entity("y", "x")},
			[]string{"tree_cycle entities=a → c → b → a"},
		},
		"only a cycle": {
			[]Entity{entity("a", "b"), entity("b", "a")},
			[]string{"tree_no_root", "tree_cycle entities=a → b → a"},
		},
		"empty and repeated keys": {
			[]Entity{entity("op", ""), {Name: "Nameless", Parent: "op"}, entity("a", "op"), entity("a", "op"), entity("a", "op")},
			[]string{"entity_key_empty name=Nameless", "entity_twice entity=a"},
		},
		"all of it": {
			[]Entity{entity("op", ""), entity("", ""), entity("a", "a"), entity("o", "gone"), entity("o", "op")},
			[]string{
				"entity_key_empty name=", "entity_twice entity=o", "tree_two_roots entities=, op",
				"tree_orphan entity=o parent=gone", "tree_cycle entities=a → a",
			},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			tree, err := NewTree(c.list)
			if tree != nil || !fault.Is(err, fault.Invalid) {
				t.Fatalf("got %v, %v", tree, err)
			}
			if diff := cmp.Diff(c.want, faultTexts(err)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestADeepTreeAndADeepCycleAreNoHarm(t *testing.T) {
	const depth = 10_000
	list := make([]Entity, depth)
	for i := range list {
		list[i] = entity(fmt.Sprintf("e%05d", i), fmt.Sprintf("e%05d", i-1))
	}
	list[0].Parent = ""
	tree := mustTree(t, list...)
	if !tree.IsAncestor(tree.Root(), tree.Entity("e09999")) || tree.Rank("e09999") != depth-1 {
		t.Error("the deepest entity is not beneath the root")
	}
	list[0].Parent = "e09999"
	_, err := NewTree(list)
	if texts := faultTexts(err); len(texts) != 2 || len(texts[1]) > 200 {
		t.Errorf("got %v", texts)
	}
}

func TestTheTreeKeepsItsOwnEntities(t *testing.T) {
	list := []Entity{entity("op", ""), entity("a", "op")}
	tree := mustTree(t, list...)
	list[1].Name = "changed"
	tree.Walk()[0] = nil
	if tree.Entity("a").Name != "a" || tree.Root() == nil || tree.Walk()[0] == nil {
		t.Error("the caller's changes reach the tree")
	}
}

func FuzzTreesAreWalkedWholeOrRefused(f *testing.F) {
	f.Add([]byte{0, 1, 1, 2, 3})
	f.Add([]byte{1, 2, 0})
	f.Add([]byte{0, 0, 9})
	f.Fuzz(func(t *testing.T, parents []byte) {
		var list []Entity
		for i, p := range parents {
			list = append(list, entity(fmt.Sprint(i+1), strings.TrimPrefix(fmt.Sprint(p), "0")))
		}
		tree, err := NewTree(list)
		if err != nil {
			if len(fault.Of(err)) == 0 {
				t.Error("refused without a fault")
			}
			return
		}
		seen := map[string]bool{"": true}
		for i, e := range tree.Walk() {
			if !seen[e.Parent] || seen[e.Key] || tree.Rank(e.Key) != i {
				t.Errorf("%s is out of order", e.Key)
			}
			seen[e.Key] = true
		}
		if len(seen) != len(list)+1 {
			t.Errorf("walked %d of %d", len(seen)-1, len(list))
		}
	})
}

func TestChildrenStandRightBeneath(t *testing.T) {
	tree := mustTree(t, entity("op", ""), entity("b", "op"), entity("a", "op"), entity("b2", "b"), entity("b1", "b"), entity("b11", "b1"))
	for key, want := range map[string][]string{"op": {"a", "b"}, "b": {"b1", "b2"}, "b1": {"b11"}, "a": {}, "nobody": {}} {
		if diff := cmp.Diff(want, keysOf(tree.Children(key))); diff != "" {
			t.Errorf("%s: %s", key, diff)
		}
	}
	for key, want := range map[string]int{"op": 5, "b": 3, "b1": 1, "a": 0, "nobody": 0} {
		if got := tree.Descendants(key); got != want {
			t.Errorf("%d entities stand beneath %s, want %d", got, key, want)
		}
	}
}
