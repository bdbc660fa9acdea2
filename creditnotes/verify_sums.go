package creditnotes

import (
	"context"

	"creditrun/entities"
	"creditrun/internal/fault"
	"creditrun/internal/money"
)

// BrokenSum is what an analysis would add up wrongly: the sums of the lines of a
// note at a station in a month are not what its positions say.
type BrokenSum struct {
	Number        string // of the document; of one without a number its id behind a #
	Station       string // key
	Month         entities.Month
	Sums, Printed money.Micros
}

// sums proves the sums of lines that an analysis reads against the positions of
// their notes.
func (v *Verification) sums(ctx context.Context, store VerifyStore) error {
	broken, err := store.BrokenSums(ctx)
	for _, b := range broken {
		v.add("verify_line_sums", fault.Args{"number": b.Number, "station": b.Station, "month": string(b.Month), "sums": b.Sums.String(), "printed": b.Printed.String()})
	}
	return err
}
