package proof

import (
	"encoding/hex"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// The leaves and roots that implementations of Certificate Transparency are
// tested with.
var (
	referenceLeaves = []string{"", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"}
	referenceRoots  = []string{
		"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
		"6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
		"fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
		"aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
		"d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
		"4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
		"76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
		"ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
		"5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
	}
)

func TestRootsAreThoseOfTheReference(t *testing.T) {
	var leaves []Hash
	for i, root := range referenceRoots {
		if got := Root(leaves).String(); got != root {
			t.Errorf("the root of %d leaves is %s, want %s", i, got, root)
		}
		if i < len(referenceLeaves) {
			data, err := hex.DecodeString(referenceLeaves[i])
			if err != nil {
				t.Fatal(err)
			}
			leaves = append(leaves, LeafHash(data))
		}
	}
}

func TestProofsAreThoseOfTheReference(t *testing.T) {
	var leaves []Hash
	for _, text := range referenceLeaves {
		data, _ := hex.DecodeString(text)
		leaves = append(leaves, LeafHash(data))
	}
	texts := func(path []Hash) (list []string) {
		for _, h := range path {
			list = append(list, h.String())
		}
		return list
	}
	for _, c := range []struct {
		what      string
		got, want []string
	}{
		{"leaf 0 of 8", texts(Paths(leaves)[0]), []string{
			"96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
			"5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
			"6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
		}},
		{"leaf 2 of 3", texts(Paths(leaves[:3])[2]), []string{"fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"}},
		{"1 to 8", texts(Consistency(leaves, 1)), []string{
			"96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
			"5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
			"6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
		}},
		{"6 to 8", texts(Consistency(leaves, 6)), []string{
			"0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
			"ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
			"d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
		}},
	} {
		if diff := cmp.Diff(c.want, c.got); diff != "" {
			t.Errorf("%s:\n%s", c.what, diff)
		}
	}
}

// someLeaves are different leaves.
func someLeaves(n int) []Hash {
	leaves := make([]Hash, n)
	for i := range leaves {
		leaves[i] = LeafHash(fmt.Append(nil, i))
	}
	return leaves
}

func TestEveryLeafIsProvenAndNoOther(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 300).Draw(t, "size")
		at := rapid.IntRange(0, n-1).Draw(t, "index")
		leaves := someLeaves(n)
		root, path := Root(leaves), Paths(leaves)[at]
		if got, ok := RootOf(leaves[at], int64(at), int64(n), path); !ok || got != root {
			t.Fatalf("leaf %d of %d is not proven", at, n)
		}
		other := rapid.IntRange(0, n-1).Draw(t, "other")
		if got, ok := RootOf(leaves[other], int64(at), int64(n), path); other != at && ok && got == root {
			t.Fatalf("leaf %d is proven at the place of %d", other, at)
		}
		if got, ok := RootOf(leaves[at], int64(other), int64(n), path); other != at && ok && got == root {
			t.Fatalf("leaf %d is proven at the place %d", at, other)
		}
		if len(path) > 0 {
			path[rapid.IntRange(0, len(path)-1).Draw(t, "step")][0] ^= 1
			if got, ok := RootOf(leaves[at], int64(at), int64(n), path); ok && got == root {
				t.Fatal("a changed proof holds")
			}
		}
	})
}

func TestTheLogOnlyGrows(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 200).Draw(t, "later")
		m := rapid.IntRange(1, n).Draw(t, "earlier")
		leaves := someLeaves(n)
		earlier, later, path := Root(leaves[:m]), Root(leaves), Consistency(leaves, m)
		if !Consistent(int64(m), int64(n), earlier, later, path) {
			t.Fatalf("the tree of %d leaves is not the beginning of that of %d", m, n)
		}
		changed := append([]Hash(nil), leaves...)
		changed[rapid.IntRange(0, m-1).Draw(t, "changed")] = LeafHash([]byte("rewritten"))
		if Consistent(int64(m), int64(n), earlier, Root(changed), Consistency(changed, m)) {
			t.Fatal("a log whose past was rewritten is consistent")
		}
	})
}

func TestFrontiersAreKeptAndGoOn(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n, m := rapid.IntRange(0, 100).Draw(t, "before"), rapid.IntRange(0, 100).Draw(t, "after")
		leaves := someLeaves(n + m)
		var f Frontier
		for _, leaf := range leaves[:n] {
			f.Append(leaf)
		}
		kept, err := ParseFrontier(f.Size(), f.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		for _, leaf := range leaves[n:] {
			kept.Append(leaf)
		}
		if kept.Root() != rootAsDefined(leaves) {
			t.Fatal("the tree that went on has another root")
		}
	})
}

// rootAsDefined is the definition of RFC 6962 §2.1.
func rootAsDefined(leaves []Hash) Hash {
	switch n := len(leaves); n {
	case 0:
		return Root(nil)
	case 1:
		return leaves[0]
	default:
		k := 1
		for 2*k < n {
			k *= 2
		}
		return nodeHash(rootAsDefined(leaves[:k]), rootAsDefined(leaves[k:]))
	}
}
