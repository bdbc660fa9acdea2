package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/money"
	"creditrun/internal/store"
)

// recordJSON is a custom record.
type recordJSON struct {
	ID         string                `json:"id"`
	Owner      string                `json:"owner"`
	Month      entities.Month        `json:"month"`
	Date       entities.Date         `json:"date"`
	Text       string                `json:"text"`
	Net        string                `json:"net"`
	Currency   string                `json:"currency"`
	TaxAccount string                `json:"tax_account,omitempty"`
	Direction  creditnotes.Direction `json:"direction"`
	Open       bool                  `json:"open"` // on no document
}

func recordJSONOf(r *creditnotes.CustomRecord) recordJSON {
	digits, _ := money.Digits(r.Currency)
	return recordJSON{r.Key, r.Owner, r.Month, r.Date, r.Text, r.Net.Format(digits), r.Currency, r.TaxAccount, r.Direction, r.NoteID == 0}
}

func (a *app) recordsCommand() *cobra.Command {
	var asked askedRecords
	c := &cobra.Command{
		Use: "records", Short: "List revenue and expense records: what owners earn, and owe the operator",
		Args: arguments(cobra.NoArgs),
		RunE: func(c *cobra.Command, _ []string) error { return a.listSettlementRecords(c.Context(), &asked) },
	}
	addRecordFlags(c, &asked)
	a.jsonFlag(c)
	c.AddCommand(a.customRecordsCommand(), a.addRecordCommand(), a.deleteRecordCommand())
	return c
}

func (a *app) customRecordsCommand() *cobra.Command {
	var f creditnotes.RecordFilter
	c := &cobra.Command{
		Use: "custom", Short: "List custom records",
		Args: arguments(cobra.NoArgs),
		RunE: func(c *cobra.Command, _ []string) error { return a.listRecords(c.Context(), f) },
	}
	c.Flags().StringVar(&f.Owner, "owner", "", "only of this owner")
	c.Flags().BoolVar(&f.Open, "open", false, "only those on no document")
	return a.jsonFlag(c)
}

func (a *app) listRecords(ctx context.Context, f creditnotes.RecordFilter) error {
	s, err := a.store(ctx)
	if err != nil {
		return err
	}
	list, err := s.ListCustomRecords(ctx, f)
	if err != nil {
		return err
	}
	all := make([]recordJSON, len(list))
	for i := range list {
		all[i] = recordJSONOf(&list[i])
	}
	if a.json {
		return a.printJSON(all)
	}
	t := newTable(a.stdout)
	fmt.Fprintln(t, "ID\tOWNER\tMONTH\tDATE\tDIRECTION\tNET\tCURRENCY\tOPEN\tTEXT")
	for _, r := range all {
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%t\t%s\n", r.ID, r.Owner, r.Month, r.Date, r.Direction, r.Net, r.Currency, r.Open, r.Text)
	}
	return t.Flush()
}

// typedRecord is a custom record as it is typed in.
type typedRecord struct{ id, owner, month, date, text, net, currency, tax, direction string }

func (a *app) addRecordCommand() *cobra.Command {
	var r typedRecord
	c := &cobra.Command{
		Use: "add", Short: "Add a custom record, or change the one with the id while it is on no document",
		Args: arguments(cobra.NoArgs),
		RunE: func(c *cobra.Command, _ []string) error {
			s, err := a.store(c.Context())
			if err != nil {
				return err
			}
			record, err := r.read(c.Context(), s)
			if err != nil {
				return err
			}
			change, err := s.SaveCustomRecord(c.Context(), a.who(), &record)
			if err != nil {
				return err
			}
			if a.json {
				return a.printJSON(recordJSONOf(&record))
			}
			fmt.Fprintf(a.stdout, "%s %s\n", record.Key, change)
			return nil
		},
	}
	c.Flags().StringVar(&r.id, "id", "", "id of the record (default: the next free one)")
	c.Flags().StringVar(&r.owner, "owner", "", "key of the owner")
	c.Flags().StringVar(&r.month, "month", "", "month it belongs to, such as 2026-10 (default: that of the date)")
	c.Flags().StringVar(&r.date, "date", "", "day of the supply, such as 2026-10-31")
	c.Flags().StringVar(&r.text, "text", "", "what it is for, as printed on the document")
	c.Flags().StringVar(&r.net, "net", "", "net amount, above 0")
	c.Flags().StringVar(&r.currency, "currency", "", "currency (default: that of the owner)")
	c.Flags().StringVar(&r.tax, "tax-account", "", "key of the tax account (default: that of the recipient, or of the fee invoice)")
	c.Flags().StringVar(&r.direction, "direction", "", "credit: the operator owes it; debit: the owner does")
	return a.jsonFlag(c)
}

// read makes the record of what was typed.
func (r *typedRecord) read(ctx context.Context, s *store.Store) (record creditnotes.CustomRecord, err error) {
	record = creditnotes.CustomRecord{Key: r.id, Owner: r.owner, Text: r.text, Currency: r.currency, TaxAccount: r.tax,
		Direction: creditnotes.Direction(r.direction)}
	if record.Direction != creditnotes.Credited && record.Direction != creditnotes.Debited {
		return record, usageError{fmt.Errorf("--direction: expected credit or debit, got %q", r.direction)}
	}
	if record.Date, err = entities.ParseDate(r.date); err != nil {
		return record, usageError{fmt.Errorf("--date: %w", err)}
	}
	if record.Month = entities.Month(r.date[:len("2006-01")]); r.month != "" {
		if record.Month, err = entities.ParseMonth(r.month); err != nil {
			return record, usageError{fmt.Errorf("--month: %w", err)}
		}
	}
	if record.Currency == "" {
		currencyOf, err := s.Currencies(ctx)
		if err != nil {
			return record, err
		}
		record.Currency = currencyOf(r.owner)
	}
	digits, known := money.Digits(record.Currency)
	if !known {
		digits = 2
	}
	net, err := money.Parse(r.net, digits)
	if err != nil {
		return record, usageError{fmt.Errorf("--net: expected an amount with at most %d decimals, got %q", digits, r.net)}
	}
	record.Net = money.Amount(net)
	return record, nil
}

func (a *app) deleteRecordCommand() *cobra.Command {
	return &cobra.Command{
		Use: "delete ID", Short: "Delete a custom record that is on no document",
		Args: arguments(cobra.ExactArgs(1)),
		RunE: func(c *cobra.Command, args []string) error {
			s, err := a.store(c.Context())
			if err != nil {
				return err
			}
			return s.DeleteCustomRecord(c.Context(), a.who(), args[0])
		},
	}
}
