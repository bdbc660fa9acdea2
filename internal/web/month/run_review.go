package month

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"

	"creditrun/creditnotes"
	"creditrun/internal/snapshot"
	"creditrun/internal/web/page"
)

// reviewView is what is other about the owners of a run than on their last documents.
type reviewView struct {
	changesView
	Kinds []reviewKind
	Lines []reviewLine
	Kind  creditnotes.ReviewKind // that the list is narrowed to; empty: none
	All   string                 // address of the whole list
}

// reviewKind counts the owners about which one kind of thing is other.
type reviewKind struct {
	Kind   creditnotes.ReviewKind
	Owners int
	Path   string
}

// reviewLine is one owner.
type reviewLine struct {
	changeLine
	Last    string // number of the document it is compared with
	Changes []creditnotes.ReviewChange
	Why     string // why it gets no document; empty: it gets one
}

// reviewKinds are the kinds in the order in which they are shown.
var reviewKinds = []creditnotes.ReviewKind{
	creditnotes.ReviewLeftOut, creditnotes.ReviewFailed, creditnotes.ReviewFirst, creditnotes.ReviewNothing, creditnotes.ReviewRecipient, creditnotes.ReviewAddress,
	creditnotes.ReviewBank, creditnotes.ReviewTax, creditnotes.ReviewContract, creditnotes.ReviewPrice, creditnotes.ReviewDiscount, creditnotes.ReviewAmount,
}

// review shows the review of a run, narrowed to the kind that the address names.
func (v *Visit) review(b *snapshot.Snapshot, run *creditnotes.Run) (view reviewView, err error) {
	review, err := v.Runner.Review(v.R.Context(), run)
	if err != nil {
		return view, err
	}
	view.Kind = creditnotes.ReviewKind(v.R.FormValue("change"))
	view.Kinds = kindsOf(review, page.RunPath(run.Name))
	view.All = page.RunPath(run.Name) + "?part=changes"
	l := v.partOfRun(page.RunPath(run.Name), "change", string(view.Kind))
	l.Empty = "run_notes_none"
	view.changesView = changesView{Month: review.Month, Earlier: review.Earlier, List: l, Anomalies: v.anomalies(b, review.Comparison)}
	for _, total := range review.Totals {
		view.Totals = append(view.Totals, v.changeLine(b, total))
	}
	owners := review.Owners
	if view.Kind != "" {
		owners = slices.DeleteFunc(slices.Clone(owners), func(o creditnotes.OwnerReview) bool { return !o.Has(view.Kind) })
	}
	for _, o := range page.Rows(l, owners, v.reviewColumns(b, review)...) {
		line := reviewLine{changeLine: v.changeLine(b, o.NetChange), Last: o.Last, Changes: o.Changes}
		if o.Failed != nil {
			line.Why = v.Texts.PageFault(v.Lang, o.Failed)
		}
		view.Lines = append(view.Lines, line)
	}
	return view, l.Err()
}

// kindsOf counts the owners of a review by kind.
func kindsOf(review *creditnotes.Review, path string) (list []reviewKind) {
	for _, kind := range reviewKinds {
		one := reviewKind{Kind: kind, Path: path + "?" + url.Values{"part": {"changes"}, "change": {string(kind)}}.Encode()}
		for i := range review.Owners {
			if review.Owners[i].Has(kind) {
				one.Owners++
			}
		}
		if one.Owners > 0 {
			list = append(list, one)
		}
	}
	return list
}

// reviewColumns are those of the list; without an order the largest change comes first.
func (v *Visit) reviewColumns(b *snapshot.Snapshot, review *creditnotes.Review) (columns []page.Column[creditnotes.OwnerReview]) {
	for _, c := range v.changeColumns(b, review.Comparison) {
		column := page.Column[creditnotes.OwnerReview]{Head: c.Head}
		if c.By != nil {
			column.By = func(rows []creditnotes.OwnerReview) func(i, j int) int {
				nets := make([]creditnotes.NetChange, len(rows))
				for i := range rows {
					nets[i] = rows[i].NetChange
				}
				return c.By(nets)
			}
		}
		columns = append(columns, column)
	}
	changed := page.Column[creditnotes.OwnerReview]{Head: page.Head{Key: "changed", Message: "run_changed"}}
	changed.By = func(rows []creditnotes.OwnerReview) func(i, j int) int {
		return func(i, j int) int { return cmp.Compare(len(rows[i].Changes), len(rows[j].Changes)) }
	}
	return append(columns, changed)
}

// Text names the kind on a page.
func (k reviewKind) Text() string { return fmt.Sprintf("run_review_%s", k.Kind) }
