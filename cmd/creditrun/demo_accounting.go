package main

import (
	"context"
	"fmt"

	"creditrun/cmd/creditrun/demo"
	"creditrun/entities"
	"creditrun/internal/journal"
	"creditrun/internal/money"
	"creditrun/internal/store"
)

// demoRate is the exchange rate of the demo: francs for one euro.
const demoRate money.Rate = 938_700

// demoBooks exports the last month of the demo for DATEV, which closes it with all
// that came before, to a folder.
func (a *app) demoBooks(ctx context.Context, s *store.Store, folder string, months []entities.Month) error {
	for _, month := range months {
		if err := s.SetExchangeRate(ctx, demoPays, journal.MonthRate{Currency: "CHF", Month: month, Rate: demoRate}); err != nil {
			return err
		}
	}
	last := months[len(months)-1]
	fmt.Fprintf(a.stdout, "\nAccounting: %s is closed with all that came before, the files for DATEV are:\n", last)
	return a.exportBooks(ctx, last, journal.DATEV, folder, true)
}

// monthsOf are the months of the batches, in their order.
func monthsOf(batches []demo.Batch) (months []entities.Month) {
	for _, b := range batches {
		months = append(months, b.Month)
	}
	return months
}
