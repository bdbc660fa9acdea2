package network

import (
	"cmp"
	"context"
	"time"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/access"
	"creditrun/internal/money"
	"creditrun/internal/tasks"
	"creditrun/internal/web/page"
)

// repriced is what became of a reprice that was asked for or approved.
type repriced struct {
	Result   *creditnotes.RepriceResult // what was priced anew; nil: it waits, or was approved
	Waiting  int64                      // the change that waits for a second person
	Approved bool
}

// repriceView is a preview or a reprice, or the page that waits for it.
type repriceView struct {
	*page.FormState
	creditnotes.RepriceQuery
	Path     string // of this page
	Subject  string
	Begun    time.Time
	Ready    bool
	Done, Of int
	Apply    bool // the visitor may carry it out
	Second   bool // it waits for a second person then
	Outcome  string
	Changes  string // where it waits
	Sessions int64
	Same     int64 // sessions that come to the same
	Rows     []repriceRow
	Totals   []repriceRow
	Left     []creditnotes.RepriceLeft
	Months   []repricedMonth
}

// repriceRow is what the sessions of an owner come to, net and rounded.
type repriceRow struct {
	Owner, Name, Path, Currency string
	creditnotes.Count
	Old, New money.Amount
}

// Difference is by how much the owner gets more.
func (r repriceRow) Difference() money.Amount { return r.New - r.Old }

// repricedMonth is a month that is settled by a contract as it is now.
type repricedMonth struct {
	Name  string
	Month entities.Month
}

// PreviewedReprice shows what a reprice would change, as soon as that is known.
func (v *Visit) PreviewedReprice() error { return v.showPreview(v.Form("")) }

func (v *Visit) showPreview(f *page.FormState) error {
	task, err := v.tasks.previews.Find(v.R.Context(), v.Name(), v.R.PathValue("id"))
	if err != nil {
		return err
	}
	if task == nil {
		return v.Done("/reprices", "reprice_gone")
	}
	state := task.Within(time.Second)
	if state.Err != nil {
		return state.Err
	}
	view := repriceView{FormState: f, Path: previewOfReprice(state.ID), Subject: state.Subject, Begun: state.Begun, Ready: state.Over(), Done: state.Progress.Done, Of: state.Progress.Of}
	if view.Ready {
		b, err := v.Network()
		if err != nil {
			return err
		}
		v.fillReprice(&view, &state.Value)
		view.Apply = v.May(access.Draft) && !state.Value.Nothing()
		view.Second = b.Config.Settings.Release == creditnotes.ReleaseApprove
	}
	return v.ShowForm(f, "reprice", v.Message("reprice_preview_title"), view)
}

// fillReprice writes what changes by owner, and adds it up by currency.
func (v *Visit) fillReprice(view *repriceView, r *creditnotes.RepriceResult) {
	view.RepriceQuery, view.Subject = r.RepriceQuery, cmp.Or(r.Rate, r.Contract)
	view.Sessions, view.Same, view.Left = r.Sessions, r.Unchanged, r.Left
	for _, s := range r.Sums {
		digits, _ := money.Digits(s.Currency)
		row := repriceRow{s.Owner, v.EntityName(s.Owner), page.EntityPath(s.Owner), s.Currency, s.Count, s.Old.Round(digits), s.New.Round(digits)}
		view.Rows = append(view.Rows, row)
		view.total(row)
	}
	for _, m := range r.Months {
		view.Months = append(view.Months, repricedMonth{v.EntityName(m.Owner), m.Month})
	}
}

func (view *repriceView) total(row repriceRow) {
	for i := range view.Totals {
		if t := &view.Totals[i]; t.Currency == row.Currency {
			t.Sessions, t.Energy, t.Old, t.New = t.Sessions+row.Sessions, t.Energy+row.Energy, t.Old+row.Old, t.New+row.New
			return
		}
	}
	view.Totals = append(view.Totals, repriceRow{Currency: row.Currency, Count: row.Count, Old: row.Old, New: row.New})
}

// ApplyReprice begins to carry out what was previewed. It is priced once more, by
// the prices and sessions of now.
func (v *Visit) ApplyReprice() error {
	task, err := v.tasks.previews.Find(v.R.Context(), v.Name(), v.R.PathValue("id"))
	if err != nil {
		return err
	}
	if task == nil {
		return v.Done("/reprices", "reprice_gone")
	}
	f, state := v.Form("apply"), task.State()
	switch {
	case !state.Over():
		return v.showPreview(f)
	case state.Err != nil:
		return state.Err
	}
	q := state.Value.RepriceQuery
	if q.Reason = f.Text("reason"); q.Reason == "" {
		f.Say("reason", "reprice_reason_missing")
		return v.showPreview(f)
	}
	who := v.Name()
	work := v.tasks.reprices.Start(who, q.Subject(), func(ctx context.Context, progress *tasks.Progress) (repriced, error) {
		done, waiting, err := v.Store.Reprice(ctx, who, q, progress.Set)
		if err != nil || waiting == nil {
			return repriced{Result: done}, err
		}
		return repriced{Waiting: waiting.ID}, nil
	})
	if err := v.tasks.previews.Forget(v.R.Context(), state.ID); err != nil {
		return err
	}
	return v.Redirect(workOnReprice(work.State().ID))
}

func workOnReprice(id string) string { return "/reprices/work/" + id }

// DiscardPreview throws a preview away, and stops it where it is worked on.
func (v *Visit) DiscardPreview() error {
	task, err := v.tasks.previews.Find(v.R.Context(), v.Name(), v.R.PathValue("id"))
	if err == nil && task != nil {
		err = v.tasks.previews.Forget(v.R.Context(), task.State().ID)
	}
	if err != nil {
		return err
	}
	return v.Done("/reprices", "reprice_discarded")
}

// approveReprice begins to carry out a reprice that another person asked for.
func (v *Visit) approveReprice(p *creditnotes.Proposal) error {
	who, id := v.Name(), p.ID
	work := v.tasks.reprices.Start(who, p.Subject, func(ctx context.Context, _ *tasks.Progress) (repriced, error) {
		return repriced{Approved: true}, v.Store.Approve(ctx, who, id)
	})
	return v.Redirect(workOnReprice(work.State().ID))
}

// RepriceWork shows how far a reprice is, and then what became of it.
func (v *Visit) RepriceWork() error {
	task, err := v.tasks.reprices.Find(v.R.Context(), v.Name(), v.R.PathValue("id"))
	if err != nil {
		return err
	}
	if task == nil {
		return v.Done("/reprices", "reprice_gone")
	}
	state := task.Within(time.Second)
	if state.Err != nil {
		return state.Err
	}
	view := repriceView{FormState: v.Form(""), Path: workOnReprice(state.ID), Subject: state.Subject, Begun: state.Begun, Ready: state.Over(), Done: state.Progress.Done, Of: state.Progress.Of}
	switch r := &state.Value; {
	case !view.Ready:
		view.Outcome = "under_way"
	case r.Waiting != 0:
		view.Outcome, view.Changes = "waiting", v.LinkIfAllowed("/changes")
	case r.Approved:
		view.Outcome = "approved"
	case r.Result.Nothing():
		view.Outcome = "nothing"
	default:
		view.Outcome = "applied"
		v.fillReprice(&view, r.Result)
	}
	return v.ShowForm(view.FormState, "reprice", v.Message("reprices_title"), view)
}
