package entities

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"creditrun/internal/fault"
)

// family is op ─ demo ─ {xy, twelve}, op ─ beside, with one address set.
func family(t *testing.T, key, address string, inactive ...string) *Tree {
	t.Helper()
	list := []Entity{entity("op", ""), entity("demo", "op"), entity("xy", "demo"), entity("twelve", "demo"), entity("beside", "op")}
	for i := range list {
		if list[i].Key == key {
			list[i].AlternateCredit = address
		}
		for _, off := range inactive {
			if list[i].Key == off {
				list[i].Active = false
			}
		}
	}
	return mustTree(t, list...)
}

func TestTheOwnerReceivesItsCreditNotesUnlessItHasAnAlternateAddress(t *testing.T) {
	tree := family(t, "xy", "demo")
	for owner, want := range map[string]string{"xy": "demo", "twelve": "twelve", "demo": "demo"} {
		got, err := tree.Recipient(tree.Entity(owner))
		if err != nil || got.Key != want {
			t.Errorf("%s: got %v, %v, want %s", owner, got, err, want)
		}
	}
}

func TestTheAlternateAddressIsFollowedOnceAndNeverChained(t *testing.T) {
	list := []Entity{entity("op", ""), entity("a", "op"), entity("b", "a"), entity("c", "b")}
	list[2].AlternateCredit, list[3].AlternateCredit = "a", "b"
	tree := mustTree(t, list...)
	got, err := tree.Recipient(tree.Entity("c"))
	if err != nil || got.Key != "b" {
		t.Fatalf("got %v, %v, want b", got, err)
	}
	want := "alternate_address_not_chained address=b entity=c next=a"
	if w := tree.AddressWarnings(tree.Entity("c")); len(w) != 1 || w[0].Error() != want {
		t.Errorf("got %v", w)
	}
}

func TestAnAddressThatDoesNotWorkIsAFault(t *testing.T) {
	cases := map[string]struct {
		tree *Tree
		want string
	}{
		"unknown":                     {family(t, "xy", "gone"), "alternate_address_unknown address=gone entity=xy"},
		"the owner itself":            {family(t, "xy", "xy"), "alternate_address_self address=xy entity=xy"},
		"inactive":                    {family(t, "xy", "demo", "demo"), "alternate_address_inactive address=demo entity=xy"},
		"an inactive owner by itself": {family(t, "", "", "xy"), "recipient_inactive entity=xy"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			got, err := c.tree.Recipient(c.tree.Entity("xy"))
			var f *fault.Fault
			if got != nil || !errors.As(err, &f) || f.Error() != c.want || f.Kind != fault.NotReady {
				t.Errorf("got %v, %v", got, err)
			}
			if w := c.tree.AddressWarnings(c.tree.Entity("xy")); w != nil {
				t.Errorf("warned of %v besides", w)
			}
		})
	}
	if _, err := family(t, "", "").Recipient(nil); !fault.Is(err, fault.NotFound) {
		t.Errorf("no owner: got %v", err)
	}
}

func TestAnInactiveOwnerIsStillPaidThroughItsAddress(t *testing.T) {
	tree := family(t, "xy", "demo", "xy")
	if got, err := tree.Recipient(tree.Entity("xy")); err != nil || got.Key != "demo" {
		t.Errorf("got %v, %v", got, err)
	}
}

func TestAnAddressThatIsNoAncestorWorksWithAWarning(t *testing.T) {
	cases := map[string]struct {
		address string
		want    []string
	}{
		"the parent":   {"demo", nil},
		"a sibling":    {"twelve", []string{"alternate_address_no_ancestor address=twelve entity=xy"}},
		"the operator": {"op", []string{"alternate_address_operator address=op entity=xy"}},
		"none":         {"", nil},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			tree := family(t, "xy", c.address)
			owner := tree.Entity("xy")
			if _, err := tree.Recipient(owner); err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, w := range tree.AddressWarnings(owner) {
				got = append(got, w.Error())
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}
