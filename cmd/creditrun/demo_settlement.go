package main

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/money"
	"creditrun/internal/store"
)

// demoAccounts prints what moved every account, and what it came to.
func (a *app) demoAccounts(ctx context.Context, s *store.Store) error {
	balances, err := s.Balances(ctx, nil, "")
	if err != nil {
		return err
	}
	network, err := a.network(ctx, s)
	if err != nil {
		return err
	}
	fmt.Fprintln(a.stdout, "\nAccounts (a positive balance is owed by the operator):")
	table := newTable(a.stdout)
	fmt.Fprintln(table, "  account\tcredit notes\tfee invoices\ttop-ups\tpaid out\tbalance\t\t")
	for _, key := range slices.Sorted(maps.Keys(balances)) {
		for _, balance := range balances[key] {
			sums, err := movedBy(ctx, s, network, creditnotes.Account{Entity: key, Currency: balance.Currency})
			if err != nil {
				return err
			}
			digits, _ := money.Digits(balance.Currency)
			fmt.Fprintf(table, "  %s\t%s\t%s\t%s\t%s\t%s\t%s\t\n", key, sums[creditnotes.MovedCreditNote].Format(digits), sums[creditnotes.MovedInvoice].Format(digits),
				sums[creditnotes.MovedTopUp].Format(digits), (sums[creditnotes.MovedPayout] + sums[creditnotes.MovedPayoutReturn]).Format(digits), balance.Amount.Format(digits), balance.Currency)
		}
	}
	return table.Flush()
}

// movedBy adds up the movements of an account by kind.
func movedBy(ctx context.Context, s *store.Store, network *entities.Network, account creditnotes.Account) (map[creditnotes.MovementKind]money.Amount, error) {
	st, err := s.Statement(ctx, creditnotes.StatementQuery{
		Entity: account.Entity, From: "0001-01-01", Until: "9999-12-31", Sections: []creditnotes.StatementSection{creditnotes.SectionTransactions},
	}, network)
	if err != nil {
		return nil, err
	}
	sums := map[creditnotes.MovementKind]money.Amount{}
	for _, of := range st.Statements {
		for _, m := range of.Movements {
			if of.Currency == account.Currency {
				sums[m.Kind] += m.Amount
			}
		}
	}
	return sums, nil
}

// demoReports prints the settlement reports of the owners with a contract.
func (a *app) demoReports(ctx context.Context, s *store.Store) error {
	config, err := s.Configuration(ctx)
	if err != nil {
		return err
	}
	fmt.Fprintln(a.stdout, "\nSettlement reports of the owners with a contract:")
	table := newTable(a.stdout)
	fmt.Fprintln(table, "  report\trevenue\texpenses\tcollected\tawaited\tstill awaited\t\t")
	for i := range config.Contracts {
		list, _, _, err := s.Reports(ctx, creditnotes.ReportFilter{Owner: config.Contracts[i].Owner}, creditnotes.Page{Limit: creditnotes.MostRows})
		if err != nil {
			return err
		}
		for _, frozen := range slices.Backward(list) {
			r, err := frozen.Report()
			if err != nil {
				return err
			}
			t := r.Totals
			fmt.Fprintf(table, "  %s\t%s\t%s\t%s\t%s\t%s\t%s\t\n", r.Name, t.Revenue, t.Expenses, t.Collected, t.Awaited, t.StillAwaited, r.Currency)
		}
	}
	return table.Flush()
}
