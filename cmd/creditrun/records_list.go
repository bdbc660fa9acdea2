package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/fault"
	"creditrun/internal/store"
)

// askedRecords are the records that a command asks for.
type askedRecords struct {
	from, until, month, owner, origin, direction, currency, collected, document, run, show, sort string
	below                                                                                        bool
	limit                                                                                        int
}

// addRecordFlags adds the filter of revenue and expense records.
func addRecordFlags(c *cobra.Command, r *askedRecords) {
	origins := make([]string, len(creditnotes.Origins))
	for i, origin := range creditnotes.Origins {
		origins[i] = string(origin)
	}
	f := c.Flags()
	f.StringVar(&r.from, "from", "", "only from this day on")
	f.StringVar(&r.until, "until", "", "only until this day")
	f.StringVar(&r.month, "month", "", "only of this month")
	f.StringVar(&r.owner, "owner", "", "only of this owner")
	f.BoolVar(&r.below, "below", false, "with --owner: also of the entities below it")
	f.StringVar(&r.origin, "origin", "", "only of this origin: "+strings.Join(origins, ", "))
	f.StringVar(&r.direction, "direction", "", "only revenue or only expense")
	f.StringVar(&r.currency, "currency", "", "only in this currency")
	f.StringVar(&r.collected, "collected", "", "only records of sessions whose driver has paid (collected) or not yet (awaited)")
	f.StringVar(&r.document, "document", "", "only those on the document with this number")
	f.StringVar(&r.run, "run", "", "only those of this run")
	f.StringVar(&r.show, "show", "all", "all: also records of the open month; documents: only those on documents; open: only those that are on none yet")
	f.StringVar(&r.sort, "sort", "date", "date or net")
	f.IntVar(&r.limit, "limit", 0, "at most this many")
}

// filter reads what was asked.
func (r *askedRecords) filter(network *entities.Network) (f creditnotes.SettlementFilter, err error) {
	f = creditnotes.SettlementFilter{
		Origin: creditnotes.Origin(r.origin), Direction: creditnotes.RecordDirection(r.direction), Currency: r.currency,
		Collected: creditnotes.Collected(r.collected), Number: r.document, Run: r.run, Drafts: true,
	}
	wrong := func(flag, value string) error { return usageError{fmt.Errorf("--%s: there is no %q", flag, value)} }
	var known bool
	f.Open, known = creditnotes.ParseOpenRecords(r.show)
	switch {
	case !known:
		return f, wrong("show", r.show)
	case r.origin != "" && !slices.Contains(creditnotes.Origins, f.Origin):
		return f, wrong("origin", r.origin)
	case r.direction != "" && f.Direction != creditnotes.Revenue && f.Direction != creditnotes.Expense:
		return f, wrong("direction", r.direction)
	case r.collected != "" && f.Collected != creditnotes.DriverCollected && f.Collected != creditnotes.DriverAwaited:
		return f, wrong("collected", r.collected)
	case r.sort != "date" && r.sort != "net":
		return f, wrong("sort", r.sort)
	case r.below && r.owner == "":
		return f, usageError{fmt.Errorf("--below needs --owner")}
	}
	for _, day := range []struct {
		flag, text string
		into       *entities.Date
	}{{"from", r.from, &f.From}, {"until", r.until, &f.Until}} {
		if day.text == "" {
			continue
		}
		if *day.into, err = entities.ParseDate(day.text); err != nil {
			return f, usageError{fmt.Errorf("--%s: %w", day.flag, err)}
		}
	}
	if r.month != "" {
		if f.Month, err = entities.ParseMonth(r.month); err != nil {
			return f, usageError{fmt.Errorf("--month: %w", err)}
		}
	}
	f.Owners, err = r.owners(network)
	return f, err
}

// owners are the keys of the owner and, where that was asked, of all below it.
func (r *askedRecords) owners(network *entities.Network) (keys []string, err error) {
	if r.owner == "" {
		return nil, nil
	}
	if network.Tree.Entity(r.owner) == nil {
		return nil, fault.New(fault.NotFound, "entity_unknown", fault.Args{"entity": r.owner})
	}
	if !r.below {
		return []string{r.owner}, nil
	}
	for _, e := range network.Tree.Subtree(r.owner) {
		keys = append(keys, e.Key)
	}
	return keys, nil
}

// listSettlementRecords prints revenue and expense records.
func (a *app) listSettlementRecords(ctx context.Context, r *askedRecords) error {
	s, err := a.store(ctx)
	if err != nil {
		return err
	}
	network, err := a.network(ctx, s)
	if err != nil {
		return err
	}
	f, err := r.filter(network)
	if err != nil {
		return err
	}
	if f.WantsOpen() {
		runner, _, err := a.runner(ctx)
		if err != nil {
			return err
		}
		if _, err := (&creditnotes.OpenMonth{Runner: runner, Store: s}).Refresh(ctx); err != nil {
			return err
		}
	}
	list := []creditnotes.RecordJSON{}
	for one, err := range creditnotes.RecordsInOrder(ctx, s, f, creditnotes.RecordPage{ByNet: r.sort == "net"}) {
		if err != nil {
			return err
		}
		list = append(list, one.JSON(network.Zone()))
		if len(list) == r.limit {
			break
		}
	}
	if a.json {
		return a.printJSON(list)
	}
	if err := a.printSettlementRecords(list); err != nil {
		return err
	}
	return a.sayRecordTotals(ctx, s, f)
}

func (a *app) printSettlementRecords(list []creditnotes.RecordJSON) error {
	t := newTable(a.stdout)
	fmt.Fprintln(t, "date\towner\trecord\tsession\tkWh\tdriver\tshare\tnet\tcurrency\tcollected\tdocument\t")
	for _, r := range list {
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t\n", r.Date, r.Owner, r.Origin, r.Session, r.Energy, orEmpty(r.DriverAmount), orEmpty(r.OwnerShare),
			r.Net, r.Currency, r.Collected, documentOf(&r))
	}
	return t.Flush()
}

// documentOf is the number of the document of a record.
func documentOf(r *creditnotes.RecordJSON) string {
	if r.Open {
		return "open"
	}
	return r.Document
}

func orEmpty(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// sayRecordTotals tells what the records come to.
func (a *app) sayRecordTotals(ctx context.Context, s *store.Store, f creditnotes.SettlementFilter) error {
	totals, err := s.RecordTotals(ctx, f)
	for _, t := range totals {
		a.say("%s: %d records, net %s %s, driver amounts %s, owner's share %s, operator's share %s, %s kWh, %d with an unknown driver amount",
			t.Direction, t.Records, t.Net, t.Currency, t.DriverAmount, t.OwnerShare, t.OperatorShare, t.Energy, t.Unknown)
	}
	return err
}
