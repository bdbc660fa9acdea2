package creditnotes_test

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"creditrun/creditnotes"
	"creditrun/internal/money"
	"creditrun/numbering"
)

// toldBy writes down what a run did, as told writes down what is expected.
func (w *worked) toldBy(r *creditnotes.Report) string {
	out := &workedRun{Failed: map[string]string{}, Control: map[string]creditnotesCounted{}}
	run, err := w.s.RunByName(w.T.Context(), r.Name)
	if err != nil {
		w.T.Fatal(err)
	}
	notes, err := w.s.RunNotes(w.T.Context(), run.ID)
	if err != nil {
		w.T.Fatal(err)
	}
	for _, n := range notes {
		switch n.Kind {
		case numbering.CreditNote:
			out.Notes = append(out.Notes, noteOf(n))
		case numbering.Invoice:
			out.Invoices = append(out.Invoices, noteOf(n))
		}
	}
	for _, h := range r.Held {
		out.Held = append(out.Held, map[string]string{"session": h.Session, "owner": h.Owner, "reason": string(h.Reason), "energy_kwh": h.Energy.String()})
	}
	for _, h := range r.OwnWaits {
		out.Waits = append(out.Waits, map[string]string{"session": h.Session, "owner": h.Owner, "reason": string(h.Reason)})
	}
	for _, o := range r.Failed {
		out.Failed[o.Owner] = o.Failed.Key
	}
	for name, c := range map[string]creditnotes.Count{
		"received": r.Total.Received, "credited": r.Total.Credited, "held": r.Total.Held, "zero": r.Total.Zero,
		"excluded": r.Total.Excluded, "withdrawn": r.Total.Withdrawn,
	} {
		if c.Sessions != 0 {
			out.Control[name] = creditnotesCounted{c.Sessions, c.Energy.String()}
		}
	}
	sums, err := creditnotes.SumRecords(w.s.EachRecord(w.T.Context(), creditnotes.SettlementFilter{Run: run.Name, AsOf: run.Cutoff}))
	if err != nil {
		w.T.Fatal(err)
	}
	for _, s := range sums {
		out.Records = append(out.Records, workedRecords{
			s.Owner, s.Currency, string(s.Direction), string(s.Origin), string(s.Month), string(s.Collected), s.Records,
			s.Net.String(), s.DriverAmount.String(), s.OwnerShare.String(), s.OperatorShare.String(),
		})
	}
	return out.told()
}

func noteOf(n *creditnotes.Note) workedNote {
	digits := n.Document.CurrencyDigits
	gross := n.Gross.Format(digits)
	out := workedNote{Owner: n.Owners[0], Recipient: n.Recipient, Currency: n.Currency, State: string(n.State), Date: string(n.Date),
		Net: n.Net.Format(digits), Gross: &gross}
	for _, p := range n.Positions {
		one := workedPosition{Owner: p.Owner, Station: p.Station, Component: string(p.Component), Month: string(p.Month), Late: p.Late,
			Correction: p.Correction, Net: p.Net.Format(digits), Tax: n.TaxLabel(p), Contract: p.Contract, Record: p.Record,
			Sessions: p.Sessions, Energy: p.Energy.String(), Quantity: p.Quantity}
		if p.UnitPrice != 0 {
			one.UnitPrice = money.FormatTrimmed(int64(p.UnitPrice), money.MicroDecimals)
		}
		out.Positions = append(out.Positions, one)
	}
	for _, t := range n.Taxes {
		out.Taxes = append(out.Taxes, struct {
			Category string `json:"category"`
			Rate     string `json:"rate"`
			Base     string `json:"base"`
			Tax      string `json:"tax"`
		}{string(t.Category), t.Rate.String(), t.Base.Format(digits), t.Tax.Format(digits)})
	}
	return out
}

// told writes down a run, so that two can be compared.
func (r *workedRun) told() string {
	var lines []string
	add := func(format string, args ...any) { lines = append(lines, fmt.Sprintf(format, args...)) }
	for kind, list := range map[string][]workedNote{"note": r.Notes, "invoice": r.Invoices} {
		for _, n := range list {
			add("%s", n.told(kind))
		}
	}
	for _, h := range r.Held {
		add("held %s %s %s %s", h["session"], h["owner"], h["reason"], h["energy_kwh"])
	}
	for _, h := range r.Waits {
		add("waits %s %s %s", h["session"], h["owner"], h["reason"])
	}
	for owner, key := range r.Failed {
		add("failed %s %s", owner, key)
	}
	for _, sum := range r.Records {
		add("records %s", fmt.Sprint(sum))
	}
	slices.Sort(lines)
	for _, name := range slices.Sorted(maps.Keys(r.Control)) {
		if c := r.Control[name]; c.Sessions != 0 {
			add("%s %d %s", name, c.Sessions, c.Energy)
		}
	}
	return strings.Join(lines, "\n")
}

// told writes down a note; what was settled without a document has no tax yet.
func (n *workedNote) told(kind string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s→%s %s %s %s net %s", kind, n.Owner, n.Recipient, n.Currency, n.State, n.Date, n.Net)
	if n.State == "issued" && n.Gross != nil {
		for _, t := range n.Taxes {
			fmt.Fprintf(&b, " [%s %s: %s %s]", t.Category, t.Rate, t.Base, t.Tax)
		}
		fmt.Fprintf(&b, " gross %s", *n.Gross)
	}
	for _, p := range n.Positions {
		fmt.Fprintf(&b, "\n  %s %s %s %s %s %s", kind, n.Owner, n.Currency, p.Station, p.Component, p.Month)
		if p.Late {
			b.WriteString(" late")
		}
		if p.Correction {
			b.WriteString(" correction")
		}
		fmt.Fprintf(&b, " net %s [%s] %s%s %d× %s kWh", p.Net, p.Tax, p.Contract, p.Record, p.Sessions, cmp.Or(p.Energy, "0"))
		if p.Quantity != 0 {
			fmt.Fprintf(&b, " %d à %s", p.Quantity, p.UnitPrice)
		}
	}
	return b.String()
}
