package proof

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"errors"
)

// Checked is what one file proves.
type Checked struct {
	Head     SignedHead `json:"head"`
	Document Document   `json:"document"`
	// Sessions are those of the document; nil where the file carries none.
	Sessions []Session `json:"-"`
	Carried  bool      `json:"sessions_carried"`
}

// What is wrong with a file, besides ErrNoProof, ErrSignature and ForeignKey.
var (
	ErrDocument = errors.New("the document does not belong to the head: a figure of it was changed, or the proof is that of another run")
	ErrSessions = errors.New("the sessions in the proof are not those of the document: a session was changed, added or left out")
	ErrChanged  = errors.New("the file is not the one that was signed: at least one character of it was changed, or its proof is that of another file")
)

// Check proves a file with the keys of the reader. An error says what is wrong
// with it; it is proven whole or not at all.
func Check(content []byte, ring *Ring) (*Checked, error) {
	at, err := find(content)
	if err != nil {
		return nil, err
	}
	f := &at.file
	if err := f.Head.Check(ring); err != nil {
		return nil, err
	}
	root, ok := RootOf(f.Document.Leaf(f.Secret), f.Position, f.Head.Leaves, f.Path)
	if !ok || root != f.Head.Root {
		return nil, ErrDocument
	}
	found := &Checked{Head: f.Head, Document: f.Document, Carried: f.Sessions != nil}
	if found.Carried {
		if found.Sessions, err = f.sessions(); err != nil {
			return nil, err
		}
	}
	key, err := ring.key(f.Head.Key)
	if err != nil {
		return nil, err
	}
	signature, err := base64.StdEncoding.DecodeString(f.Paper)
	blank := bytes.Clone(content)
	copy(blank[at.paper:], unsigned)
	// A signature can be written in several ways, of which one is that of the file.
	if err != nil || base64.StdEncoding.EncodeToString(signature) != f.Paper || !ed25519.Verify(key.Public, paper(sha256.Sum256(blank)), signature) {
		return nil, ErrChanged
	}
	return found, nil
}

// sessions are the sessions of a proof, compared with its document.
func (f *File) sessions() ([]Session, error) {
	list, err := unpack(f.Sessions, f.Document.Sessions)
	if err != nil {
		return nil, ErrSessions
	}
	var tree Frontier
	for i := range list {
		tree.Append(list[i].Leaf(f.Secret, int64(i)))
	}
	if tree.Size() != f.Document.Sessions || tree.Root() != f.Document.SessionsRoot {
		return nil, ErrSessions
	}
	return list, nil
}

// Twice is a session that two documents give.
type Twice struct {
	// A and B are the places of the documents, the first that gives it and another.
	A, B   int     `json:"-"`
	First  Session `json:"first"`
	Second Session `json:"second"`
	// SameID: both name it alike; else it was at the same connector at the same
	// time.
	SameID bool `json:"same_id"`
}

// The kinds of lines that give a session, and take it back.
const (
	gives     = "credit"
	takesBack = "reversal"
)

// GivenTwice lists the sessions that two of some documents give: those with the
// same id, and those at one connector that begin and end at the same time. What one
// of the documents takes back again from its recipient does not count: each time that
// it is taken back makes up for giving it once.
func GivenTwice(all []*Checked) (list []Twice) {
	type given struct {
		document int
		Session
	}
	back := map[string]int{}
	for _, c := range all {
		for _, s := range c.Sessions {
			if s.Kind == takesBack {
				back[c.credit(&s)]++
			}
		}
	}
	ids, places := map[string]given{}, map[string]given{}
	for i, c := range all {
		for _, s := range c.Sessions {
			if s.Kind != gives {
				continue
			}
			if credit := c.credit(&s); back[credit] > 0 {
				back[credit]--
				continue
			}
			first, ok := ids[s.ID]
			sameID := ok
			if !ok {
				first, ok = places[s.place()]
			}
			if ok && first.document != i {
				list = append(list, Twice{first.document, i, first.Session, s, sameID})
			}
			if !ok {
				ids[s.ID], places[s.place()] = given{i, s}, given{i, s}
			}
		}
	}
	return list
}

// credit names what a line gives or takes back: a version of a session, and
// whose it is.
func (c *Checked) credit(s *Session) string {
	return string(fields(c.Document.Recipient, s.ID, number(s.Version)))
}

// place is where and when a session was.
func (s *Session) place() string { return string(fields(number(s.Connector), s.Start, s.End)) }
