package network

import (
	"cmp"
	"context"
	"net/url"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/access"
	"creditrun/internal/snapshot"
	"creditrun/internal/tasks"
	"creditrun/internal/web/page"
)

// repricesView lists what was priced anew, with the form that asks for a preview.
type repricesView struct {
	*page.FormState
	List      *page.List
	Preview   bool // the visitor may ask what would change
	Rates     []page.Choice
	Contracts []page.Choice
	From      string
	Waiting   []proposalView
	Applied   []repriceLine
}

// repriceLine is a reprice that was carried out.
type repriceLine struct {
	creditnotes.AppliedReprice
	Path string // of the cost rate or contract
}

var repriceColumns = []page.Column[repriceLine]{
	{Head: page.Head{Key: "number", Message: "reprice_number"}, By: page.By(func(r repriceLine) int64 { return r.ID })},
	{Head: page.Head{Key: "subject", Message: "reprice_subject"}, By: page.ByText(func(r repriceLine) string { return cmp.Or(r.Rate, r.Contract) })},
	{Head: page.Head{Key: "from", Message: "reprice_from"}, By: page.By(func(r repriceLine) string { return string(r.From) })},
	{Head: page.Head{Key: "sessions", Message: "reprice_sessions", Num: true}, By: page.By(func(r repriceLine) int64 { return r.Sessions })},
	{Head: page.Head{Message: "reprice_reason"}},
	{Head: page.Head{Key: "applied", Message: "reprice_applied"}, By: page.By(func(r repriceLine) int64 { return r.AppliedAt.UnixMicro() })},
}

// Reprices shows the form and what was priced anew.
func (v *Visit) Reprices() error { return v.showReprices(v.Form("")) }

func (v *Visit) showReprices(f *page.FormState) error {
	b, err := v.Network()
	if err != nil {
		return err
	}
	l := page.NewList(v.R.URL.Query(), page.ListOptions{Path: "/reprices", Fields: []string{"rate", "contract", "from"}, Size: page.RowsPerPage, Order: "-number", Empty: "reprices_none"})
	view := repricesView{
		FormState: f, List: l, Preview: v.May(access.Preview), Rates: rateChoices(b, f.Text("rate")), Contracts: repricedContracts(b, f.Text("contract")),
		From: cmp.Or(f.Text("from"), string(entities.MonthOf(v.Now(), b.Network.Zone()).Prev())+"-01"),
	}
	if view.Waiting, err = v.waiting(creditnotes.ProposalFilter{Matter: creditnotes.MatterReprice}); err != nil {
		return err
	}
	list, err := v.Store.Reprices(v.R.Context())
	if err != nil {
		return err
	}
	lines := make([]repriceLine, len(list))
	for i, one := range list {
		lines[i] = repriceLine{one, repricedPath(&one.RepriceQuery)}
	}
	view.Applied = page.Rows(l, lines, repriceColumns...)
	f.Fail(l.Err())
	return v.ShowForm(f, "reprices", v.Message("reprices_title"), view)
}

// repricedPath is the page of the cost rate or contract that was wrong.
func repricedPath(q *creditnotes.RepriceQuery) string {
	if q.Rate != "" {
		return "/tariffs/rates/" + url.PathEscape(q.Rate)
	}
	return "/contracts/" + url.PathEscape(q.Contract)
}

func repricedContracts(b *snapshot.Snapshot, chosen string) []page.Choice {
	list := []page.Choice{{}}
	for i := range b.Config.Contracts {
		c := &b.Config.Contracts[i]
		list = append(list, page.Choice{Value: c.Key, Text: c.Key + " (" + b.Names(c.Owner) + ")", Chosen: c.Key == chosen})
	}
	return list
}

// PreviewReprice begins to work out what a reprice would change, and shows the page
// that waits for it.
func (v *Visit) PreviewReprice() error {
	b, f, err := v.NetworkForm()
	if err != nil {
		return err
	}
	q := creditnotes.RepriceQuery{Rate: f.Text("rate"), Contract: f.Text("contract"), From: f.At("from", "reprice_from").Day()}
	if (q.Rate == "") == (q.Contract == "") {
		f.Say("rate", "reprice_one_help")
	}
	if f.Ok() {
		f.Fail(q.Check(b.Config))
	}
	if !f.Ok() {
		return v.showReprices(f)
	}
	task := v.tasks.previews.Start(v.Name(), q.Subject(), func(ctx context.Context, progress *tasks.Progress) (creditnotes.RepriceResult, error) {
		result, err := v.Store.PreviewReprice(ctx, q, progress.Set)
		if err != nil {
			return creditnotes.RepriceResult{}, err
		}
		return *result, nil
	})
	return v.Redirect(previewOfReprice(task.State().ID))
}

func previewOfReprice(id string) string { return "/reprices/preview/" + id }
