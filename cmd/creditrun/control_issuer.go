package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/export"
	"creditrun/internal/money"
)

// askedIssuer is the issuer of media whose both sides are wanted.
type askedIssuer struct {
	key, month string
	all        bool // also the sessions on which both sides agree
}

// issuerControl compares both sides of an issuer of media in a month.
func (a *app) issuerControl(ctx context.Context, asked *askedIssuer, workbook string, force bool) error {
	s, err := a.storeToRead(ctx)
	if err != nil {
		return err
	}
	config, err := s.Configuration(ctx)
	if err != nil {
		return err
	}
	network, err := a.network(ctx, s)
	if err != nil {
		return err
	}
	if network.Tree.Entity(asked.key) == nil {
		return usageError{fmt.Errorf("--issuer: there is no entity %q", asked.key)}
	}
	month := entities.MonthOf(a.now(), network.Zone()).Prev()
	if asked.month != "" {
		if month, err = entities.ParseMonth(asked.month); err != nil {
			return usageError{fmt.Errorf("--month: %w", err)}
		}
	}
	q := creditnotes.NewIssuerQuery(config, network, asked.key, month)
	findings := slices.DeleteFunc(slices.Clone(creditnotes.IssuerFindings), func(f creditnotes.IssuerFinding) bool {
		return !asked.all && f == creditnotes.IssuerAgrees
	})
	var totals creditnotes.IssuerTotals
	rows := creditnotes.IssuerRows(ctx, s, q, findings, &totals)
	if workbook != "" {
		_, err := writeFileBy(workbook, force, func(w io.Writer) error {
			return export.IssuerXLSX(w, [2]string{"sessions", "totals"}, nil, network.Zone(), rows, &totals)
		})
		if err != nil {
			return err
		}
	}
	if a.json {
		list := []creditnotes.IssuerRowJSON{}
		for r, err := range rows {
			if err != nil {
				return err
			}
			list = append(list, r.JSON(network.Zone()))
		}
		return a.printJSON(map[string]any{"issuer": asked.key, "month": month, "totals": totals.JSON(), "sessions": list})
	}
	table := newTable(a.stdout)
	fmt.Fprintln(table, "session\tkWh\tdriver amount\tcollected\tbilled\ton\towner\tdriver amount\tshare\ton\tfinding\twhy")
	for r, err := range rows {
		if err != nil {
			return err
		}
		fmt.Fprintln(table, strings.Join(issuerCells(&r), "\t"))
	}
	if err := table.Flush(); err != nil {
		return err
	}
	a.printIssuerTotals(&totals)
	return nil
}

func issuerCells(r *creditnotes.IssuerRow) []string {
	collected, billed, share, driver := "", "", "", ""
	if !r.CollectedAt.IsZero() {
		collected = r.CollectedAt.Format("2006-01-02")
	}
	if r.Billed {
		billed = r.BilledNet.String()
	}
	if r.Credited {
		share, driver = r.Share.String(), amountText(r.CreditedDriver)
	}
	return []string{
		r.Session, r.Energy.String(), amountText(r.Driver), collected, billed, strings.Join(r.BilledNumbers, "+"), r.Owner, driver, share,
		strings.Join(r.CreditedNumbers, "+"), string(r.Finding), strings.TrimSpace(string(r.Why) + " " + string(r.Reason)),
	}
}

// amountText is an amount, or nothing where it is not known.
func amountText(m *money.Micros) string {
	if m == nil {
		return ""
	}
	return m.String()
}

func (a *app) printIssuerTotals(t *creditnotes.IssuerTotals) {
	for _, s := range t.Sums {
		fmt.Fprintf(a.stdout, "%s: issuer collected %s of %d sessions, billed %s for driver amounts of %s (%d), top-ups %s (%d)\n", s.Currency,
			s.CollectedAmount, s.Collected, s.BilledNet, s.BilledDriver, s.Billed, s.TopUpAmount, s.TopUps)
		fmt.Fprintf(a.stdout, "%s: owners credited %s for driver amounts of %s (%d, %d unknown)\n", s.Currency, s.Share, s.CreditedDriver, s.Credited, s.CreditedBlank)
	}
	for _, f := range creditnotes.IssuerFindings {
		if n := t.Findings[f]; n.Sessions > 0 {
			fmt.Fprintf(a.stdout, "%s: %d sessions, %s kWh\n", f, n.Sessions, n.Energy)
		}
	}
}
