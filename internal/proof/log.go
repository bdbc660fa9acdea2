package proof

import (
	"encoding/json"
	"errors"
	"fmt"
)

// LogHead is a head of the log, and the proof that the log before it is its
// beginning: empty for the first.
type LogHead struct {
	SignedHead
	Consistency []Hash `json:"consistency"`
}

// Log is what an operator publishes: its heads, one after the other, and its
// public keys. It is an operator file, too.
type Log struct {
	Ring
	Heads []LogHead `json:"heads"`
}

// ParseLog reads what an operator published.
func ParseLog(content []byte) (*Log, error) {
	var log Log
	if err := json.Unmarshal(content, &log); err != nil {
		return nil, fmt.Errorf("these are no published heads: %w", err)
	}
	if len(log.Heads) == 0 {
		return nil, errors.New("no heads are published in this file")
	}
	return &log, nil
}

// Check proves with the keys of the reader that every head is signed, and that
// each log is the one before it and one run more.
func (l *Log) Check(ring *Ring) error {
	tree, whole := Frontier{}, l.Heads[0].LogSize == 1
	for i := range l.Heads {
		h := &l.Heads[i]
		if err := h.SignedHead.Check(ring); err != nil {
			return fmt.Errorf("the head of run %q: %w", h.Run, err)
		}
		tree.Append(h.Entry())
		follows := !whole || tree.Size() == h.LogSize && tree.Root() == h.LogRoot
		if i > 0 {
			before := &l.Heads[i-1]
			follows = follows && h.LogSize == before.LogSize+1 && h.PreviousRoot == before.LogRoot &&
				Consistent(before.LogSize, h.LogSize, before.LogRoot, h.LogRoot, h.Consistency)
		}
		if !follows {
			return fmt.Errorf("the head of run %q does not follow from the heads before it: the log was rewritten", h.Run)
		}
	}
	return nil
}

// ErrUnpublished says that the head of a file is not in the log.
var ErrUnpublished = errors.New("the head in this file is not among those that the operator publishes: others may have been shown another one")

// Has reports whether a head of a file is published as it is.
func (l *Log) Has(head *SignedHead) bool {
	for i := range l.Heads {
		if string(l.Heads[i].Signature) == string(head.Signature) && l.Heads[i].Head == head.Head {
			return true
		}
	}
	return false
}
