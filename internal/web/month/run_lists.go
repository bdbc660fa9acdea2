package month

import (
	"cmp"
	"slices"

	"creditrun/creditnotes"
	"creditrun/internal/money"
	"creditrun/internal/snapshot"
	"creditrun/internal/web/page"
)

// The lists in the parts of a run.

// partOfRun is the list in the part of a run that the address asks for; kept are
// parameters that every address of it keeps, names and values in turn.
func (v *Visit) partOfRun(path string, kept ...string) *page.List {
	fields := []string{"part"}
	for i := 0; i < len(kept); i += 2 {
		fields = append(fields, kept[i])
	}
	l := page.NewList(v.R.URL.Query(), page.ListOptions{Path: path, Fields: fields, Size: page.LinesPerPage})
	for i := 0; i+1 < len(kept); i += 2 {
		l.Set(kept[i], kept[i+1])
	}
	return l
}

func sheetColumns(b *snapshot.Snapshot) []page.Column[creditnotes.OwnerResult] {
	sessionsOf := func(key string, of func(creditnotes.Control) creditnotes.Count) page.Column[creditnotes.OwnerResult] {
		return page.Column[creditnotes.OwnerResult]{Head: page.Head{Key: key, Message: "run_" + key, Num: true}, By: page.By(func(o creditnotes.OwnerResult) int64 { return of(o.Control).Sessions })}
	}
	return []page.Column[creditnotes.OwnerResult]{
		{Head: page.Head{Key: "owner", Message: "run_owner"}, By: page.ByText(func(o creditnotes.OwnerResult) string { return b.Names(o.Owner) })},
		sessionsOf("received", func(c creditnotes.Control) creditnotes.Count { return c.Received }),
		sessionsOf("credited", func(c creditnotes.Control) creditnotes.Count { return c.Credited }),
		sessionsOf("held", func(c creditnotes.Control) creditnotes.Count { return c.Held }),
		sessionsOf("zero", func(c creditnotes.Control) creditnotes.Count { return c.Zero }),
		sessionsOf("excluded", func(c creditnotes.Control) creditnotes.Count { return c.Excluded }),
		sessionsOf("withdrawn", func(c creditnotes.Control) creditnotes.Count { return c.Withdrawn }),
		{Head: page.Head{Message: "run_check"}},
	}
}

func heldColumns(b *snapshot.Snapshot) []page.Column[creditnotes.HeldGroup] {
	return []page.Column[creditnotes.HeldGroup]{
		{Head: page.Head{Key: "owner", Message: "run_owner"}, By: page.ByText(func(g creditnotes.HeldGroup) string { return b.Names(g.Owner) })},
		{Head: page.Head{Key: "reason", Message: "run_reason"}, By: page.ByText(func(g creditnotes.HeldGroup) string { return string(g.Reason) })},
		{Head: page.Head{Key: "sessions", Message: "run_sessions", Num: true}, By: page.By(func(g creditnotes.HeldGroup) int { return g.Sessions })},
		{Head: page.Head{Key: "energy", Message: "run_energy", Num: true}, By: page.By(func(g creditnotes.HeldGroup) money.Quantity { return g.Energy })},
		{Head: page.Head{Message: "run_show_sessions", Unseen: true}},
	}
}

// noteHeads are the columns of the notes of a run; those that have a key in the
// list can be sorted by.
func noteHeads(keys ...string) []page.Head {
	heads := []page.Head{
		{Key: "number", Message: "run_number"}, {Key: "recipient", Message: "run_recipient"}, {Message: "run_for"}, {Key: "net", Message: "run_net", Num: true},
		{Key: "tax", Message: "run_tax", Num: true}, {Key: "gross", Message: "run_gross", Num: true}, {Message: "run_mail"},
	}
	for i := range heads {
		if !slices.Contains(keys, heads[i].Key) {
			heads[i].Key = ""
		}
	}
	return heads
}

// byAmount sorts by currency, and by an amount among those in one currency.
func byAmount[T any](currency func(T) string, of func(T) money.Amount) page.Ordering[T] {
	return func(rows []T) func(i, j int) int {
		return func(i, j int) int {
			x, y := rows[i], rows[j]
			return cmp.Or(cmp.Compare(currency(x), currency(y)), cmp.Compare(of(x), of(y)))
		}
	}
}

// previewColumns are those of notes that are in memory.
func previewColumns(b *snapshot.Snapshot) (columns []page.Column[previewedNote]) {
	currency := func(n previewedNote) string { return n.Currency }
	by := map[string]page.Ordering[previewedNote]{
		"recipient": page.ByText(func(n previewedNote) string { return b.Names(n.Recipient) }),
		"net":       byAmount(currency, func(n previewedNote) money.Amount { return n.Net }),
		"tax":       byAmount(currency, func(n previewedNote) money.Amount { return n.Tax }),
		"gross":     byAmount(currency, func(n previewedNote) money.Amount { return n.Gross }),
	}
	for _, h := range noteHeads("recipient", "net", "tax", "gross") {
		columns = append(columns, page.Column[previewedNote]{Head: h, By: by[h.Key]})
	}
	return columns
}

func (v *Visit) changeColumns(b *snapshot.Snapshot, c *creditnotes.Comparison) []page.Column[creditnotes.NetChange] {
	currency := func(c creditnotes.NetChange) string { return c.Currency }
	return []page.Column[creditnotes.NetChange]{
		{Head: page.Head{Key: "owner", Message: "run_owner"}, By: page.ByText(func(c creditnotes.NetChange) string { return b.Names(c.Owner) })},
		{Head: page.Head{Key: "before", Text: v.Texts.Month(v.Lang, c.Earlier), Num: true}, By: byAmount(currency, func(c creditnotes.NetChange) money.Amount { return c.Before })},
		{Head: page.Head{Key: "now", Text: v.Texts.Month(v.Lang, c.Month), Num: true}, By: byAmount(currency, func(c creditnotes.NetChange) money.Amount { return c.Now })},
		{Head: page.Head{Key: "difference", Message: "run_difference", Num: true}, By: byAmount(currency, func(c creditnotes.NetChange) money.Amount { return c.Difference })},
		{Head: page.Head{Text: "%", Num: true}},
	}
}
