package store

import (
	"context"
	"slices"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/fault"
)

// Precondition says what has to hold of a record before a program puts another
// in its place. The zero value leaves it to the audit log: a record is created,
// put as it is, or replaced where the last change of it was by the same user.
type Precondition struct {
	Matches []string // the record has one of these fingerprints; "*" is any record
	New     bool     // there is no record of that key
}

// any reports whether something was said at all.
func (p Precondition) any() bool { return p.New || len(p.Matches) > 0 }

// check returns the fault of a record with a fingerprint, "" where there is
// none: key_taken, key_unknown or record_changed.
func (tx *Tx) check(p Precondition, now, key string, about ...AuditFilter) error {
	switch {
	case p.New && now != "":
		return fault.New(fault.Conflict, "key_taken", fault.Args{"key": key})
	case len(p.Matches) == 0:
		return nil
	case now == "":
		return fault.New(fault.NotFound, "key_unknown", fault.Args{"key": key})
	case slices.Contains(p.Matches, now) || slices.Contains(p.Matches, "*"):
		return nil
	}
	return tx.changedMeanwhile(key, about...)
}

// PutRecord creates a record of the configuration, or replaces the one of the
// same key, as ChangeConfiguration does for a person who has confirmed it;
// fingerprints are those of creditnotes.Configuration.FingerprintWhole. c holds
// the record alone. An entity without bank data keeps those it has.
//
// The faults are key_taken (Conflict), key_unknown (NotFound), record_changed
// (Conflict), and record_unread (Conflict) where nothing was said of the record
// that is to be replaced and another user changed it last. Nothing is saved
// then.
func (s *Store) PutRecord(
	ctx context.Context, who string, r creditnotes.Record, p Precondition, c *creditnotes.Configuration,
) (waiting []creditnotes.Proposal, err error) {
	err = s.inTx(ctx, func(tx *Tx) error {
		var before string
		var last lastChange
		how := saving{check: func(stored *tables) error {
			config, err := stored.configuration()
			if err != nil {
				return err
			}
			fillBanks(c, config.Entities)
			if before, err = config.FingerprintWhole(r); err != nil {
				return err
			}
			about := changesOf(stored, r)
			if !p.any() && before != "" {
				last, err = tx.lastChange(func(string) bool { return true }, about...)
				return err
			}
			return tx.check(p, before, r.Key, about...)
		}}
		if how.guard, err = tx.guard(true); err != nil {
			return err
		}
		var changes []creditnotes.Changes
		if changes, waiting, err = s.saveConfiguration(tx, who, c, nil, how); err != nil {
			return err
		}
		replaced := slices.ContainsFunc(changes, func(c creditnotes.Changes) bool { return c.Created+c.Updated > 0 })
		if !p.any() && before != "" && replaced && last.who != who {
			return last.fault("record_unread", r.Key)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return waiting, nil
}

// fillBanks gives the entities without bank data those that they have.
func fillBanks(c *creditnotes.Configuration, stored []entities.Entity) {
	for i := range c.Entities {
		if c.Entities[i].Bank != (entities.Bank{}) {
			continue
		}
		for j := range stored {
			if stored[j].Key == c.Entities[i].Key {
				c.Entities[i].Bank = stored[j].Bank
			}
		}
	}
}
