// Package proof is the evidence that a reader checks without the operator: Merkle
// trees as in RFC 6962, signed heads of runs, the log of heads, and what a file
// carries to show that it belongs to a run. It is bytes and signatures alone: it
// knows no database, no clock and no files, and draws no keys.
package proof

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"math/bits"
)

// Hash is a node of a tree: SHA-256. In JSON it is hexadecimal.
type Hash [sha256.Size]byte

// String is the hash in hexadecimal.
func (h Hash) String() string { return hex.EncodeToString(h[:]) }

// MarshalText implements encoding.TextMarshaler.
func (h Hash) MarshalText() ([]byte, error) { return []byte(h.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (h *Hash) UnmarshalText(text []byte) error {
	if len(text) != 2*len(h) {
		return fmt.Errorf("a hash has %d digits, not %d", 2*len(h), len(text))
	}
	_, err := hex.Decode(h[:], text)
	return err
}

// ParseHash reads a hash in hexadecimal.
func ParseHash(text string) (h Hash, err error) {
	err = h.UnmarshalText([]byte(text))
	return h, err
}

// The prefixes that keep a leaf from being taken for a node (RFC 6962 §2.1).
const (
	leafPrefix = 0x00
	nodePrefix = 0x01
)

// LeafHash is the hash of a leaf.
func LeafHash(data []byte) Hash {
	sum := sha256.New()
	sum.Write([]byte{leafPrefix})
	sum.Write(data)
	return Hash(sum.Sum(nil))
}

// nodeHash is the hash of a node above two others.
func nodeHash(left, right Hash) Hash {
	var b [1 + 2*sha256.Size]byte
	b[0] = nodePrefix
	copy(b[1:], left[:])
	copy(b[1+sha256.Size:], right[:])
	return sha256.Sum256(b[:])
}

// Frontier is a tree that grows leaf by leaf and keeps no leaf: only the roots
// of the complete trees that it is made of, the largest first, which are at most
// 64. The zero Frontier is the empty tree.
type Frontier struct {
	size  int64
	roots []Hash
}

// Size is how many leaves the tree has.
func (f *Frontier) Size() int64 { return f.size }

// Append adds the hash of a leaf.
func (f *Frontier) Append(leaf Hash) {
	for full := f.size; full&1 == 1; full >>= 1 {
		last := len(f.roots) - 1
		leaf = nodeHash(f.roots[last], leaf)
		f.roots = f.roots[:last]
	}
	f.roots = append(f.roots, leaf)
	f.size++
}

// Root is the root of the tree as it is now; that of the empty tree is the hash
// of nothing.
func (f *Frontier) Root() Hash {
	if len(f.roots) == 0 {
		return sha256.Sum256(nil)
	}
	root := f.roots[len(f.roots)-1]
	for i := len(f.roots) - 2; i >= 0; i-- {
		root = nodeHash(f.roots[i], root)
	}
	return root
}

// Bytes are the roots of the complete trees, one after the other.
func (f *Frontier) Bytes() []byte {
	b := []byte{}
	for _, root := range f.roots {
		b = append(b, root[:]...)
	}
	return b
}

// ParseFrontier reads what Bytes wrote of a tree with so many leaves.
func ParseFrontier(size int64, b []byte) (*Frontier, error) {
	if size < 0 || len(b) != bits.OnesCount64(uint64(size))*sha256.Size {
		return nil, errors.New("a tree of this size has another number of roots")
	}
	f := &Frontier{size: size}
	for ; len(b) > 0; b = b[sha256.Size:] {
		f.roots = append(f.roots, Hash(b[:sha256.Size]))
	}
	return f, nil
}

// Root is the root of a tree with these leaves.
func Root(leaves []Hash) Hash {
	var f Frontier
	for _, leaf := range leaves {
		f.Append(leaf)
	}
	return f.Root()
}

// split is the largest power of two below n, where RFC 6962 divides a tree.
func split(n int) int { return 1 << (bits.Len(uint(n-1)) - 1) }

// Paths are the inclusion proofs of all leaves of a tree: for each the hashes
// beside the way to the root, the lowest first (RFC 6962 §2.1.1).
func Paths(leaves []Hash) [][]Hash {
	paths := make([][]Hash, len(leaves))
	addPaths(leaves, paths)
	return paths
}

// addPaths appends to the paths of the leaves of a tree what is beside them in
// it, and returns its root.
func addPaths(leaves []Hash, paths [][]Hash) Hash {
	switch len(leaves) {
	case 0:
		return Root(nil)
	case 1:
		return leaves[0]
	}
	k := split(len(leaves))
	left, right := addPaths(leaves[:k], paths[:k]), addPaths(leaves[k:], paths[k:])
	for i := range paths {
		if i < k {
			paths[i] = append(paths[i], right)
		} else {
			paths[i] = append(paths[i], left)
		}
	}
	return nodeHash(left, right)
}

// RootOf is the root that an inclusion proof leads to from a leaf at an index of
// a tree; false where the proof is not one for such a tree (RFC 9162 §2.1.3.2).
func RootOf(leaf Hash, index, size int64, path []Hash) (root Hash, ok bool) {
	if index < 0 || index >= size {
		return root, false
	}
	at, last, root := index, size-1, leaf
	for _, beside := range path {
		if last == 0 {
			return root, false
		}
		if at&1 == 1 || at == last {
			root = nodeHash(beside, root)
			for at&1 == 0 && at != 0 {
				at, last = at>>1, last>>1
			}
		} else {
			root = nodeHash(root, beside)
		}
		at, last = at>>1, last>>1
	}
	return root, last == 0
}

// Consistency is the proof that the first m leaves of a tree were the whole tree
// once (RFC 6962 §2.1.2). It is empty for m = 0 and for the tree itself.
func Consistency(leaves []Hash, m int) []Hash {
	if m <= 0 || m >= len(leaves) {
		return []Hash{}
	}
	return subproof(leaves, m, true)
}

func subproof(leaves []Hash, m int, whole bool) []Hash {
	if m == len(leaves) {
		if whole {
			return []Hash{}
		}
		return []Hash{Root(leaves)}
	}
	k := split(len(leaves))
	if m <= k {
		return append(subproof(leaves[:k], m, whole), Root(leaves[k:]))
	}
	return append(subproof(leaves[k:], m-k, false), Root(leaves[:k]))
}

// Consistent reports whether a proof shows that the tree of size m and a root is
// the beginning of that of size n and another (RFC 9162 §2.1.4.2).
func Consistent(m, n int64, earlier, later Hash, path []Hash) bool {
	switch {
	case m < 0 || m > n:
		return false
	case m == n:
		return len(path) == 0 && earlier == later
	case m == 0:
		return len(path) == 0 && earlier == Root(nil)
	}
	if m&(m-1) == 0 {
		path = append([]Hash{earlier}, path...)
	}
	if len(path) == 0 {
		return false
	}
	at, last := m-1, n-1
	for at&1 == 1 {
		at, last = at>>1, last>>1
	}
	before, after := path[0], path[0]
	for _, beside := range path[1:] {
		if last == 0 {
			return false
		}
		if at&1 == 1 || at == last {
			before, after = nodeHash(beside, before), nodeHash(beside, after)
			for at&1 == 0 && at != 0 {
				at, last = at>>1, last>>1
			}
		} else {
			after = nodeHash(after, beside)
		}
		at, last = at>>1, last>>1
	}
	return last == 0 && before == earlier && after == later
}
