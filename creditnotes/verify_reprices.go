package creditnotes

import (
	"context"

	"creditrun/internal/fault"
)

// RepriceBooks reads what the proof of reprices needs.
type RepriceBooks interface {
	// BrokenReprices lists the reprices whose record says another number of
	// sessions than were priced anew by them, in the order of their ids; those
	// that Since leaves out are not looked at.
	BrokenReprices(ctx context.Context) ([]BrokenReprice, error)
}

// BrokenReprice is a reprice with what its record says and what is stored.
type BrokenReprice struct {
	ID       int64
	Recorded int64 // sessions by the record of the reprice
	Stored   int64 // sessions that are stored as priced anew by it
}

func (v *Verification) reprices(ctx context.Context, store VerifyStore) error {
	broken, err := store.BrokenReprices(ctx)
	for _, r := range broken {
		v.add("verify_reprice", fault.Args{"reprice": r.ID, "recorded": r.Recorded, "stored": r.Stored})
	}
	return err
}
