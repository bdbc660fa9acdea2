package network

import (
	"net/url"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/access"
	"creditrun/internal/fault"
)

// whatIfResultView is the answer, or that it is being worked on.
type whatIfResultView struct {
	Path     string // of the answer
	Part     bool   // it is a part of another page
	Done     bool
	Gone     bool     // it is no longer kept
	Failed   []string // why there is none
	Saving   bool     // it is about a form that is about to be saved
	Seconds  int64
	Change   string
	Month    entities.Month
	Effects  []effectLine
	Totals   []effectLine
	Charts   []effectChart
	Before   creditnotes.Priced
	After    creditnotes.Priced
	Same     bool   // nothing would change
	Gain     int64  // sessions that get a price
	Loss     int64  // sessions that lose theirs
	Credited int64  // sessions that are credited as it was before
	Reprice  string // where they are priced anew; empty: the visitor may not
	Apply    string // the form to which it is carried over; empty: the visitor may not
}

// effectLine is what a change does to an owner.
type effectLine struct {
	creditnotes.Effect
	Name string
}

// WhatIfResult shows the answer as soon as there is one, as a page or as the part
// of a form that asks what it affects.
func (v *Visit) WhatIfResult() error {
	task, err := v.tasks.whatIfs.Find(v.R.Context(), v.Name(), v.R.PathValue("id"))
	if err != nil {
		return err
	}
	view := whatIfResultView{Path: v.R.URL.Path, Part: v.Refreshes(), Gone: task == nil}
	if view.Gone {
		if view.Part {
			return v.Part("what_if_result", "effect", view)
		}
		return v.Done("/tariffs/what-if", "what_if_gone")
	}
	r := task.State()
	switch {
	case !r.Over():
		view.Seconds = int64(v.Now().Sub(r.Begun).Seconds())
		if !view.Part {
			v.W.Header().Set("Refresh", "2")
		}
	case r.Err != nil && view.Part: // the rest of the page stands
		view.Failed = v.failures(r.Err)
	case r.Err != nil:
		return r.Err
	default:
		v.fillEffect(&view, r.ID, &r.Value)
	}
	if view.Part {
		return v.Part("what_if_result", "effect", view)
	}
	return v.ShowAs("what_if_result", "what_if_title", view)
}

// failures say why there is no answer.
func (v *Visit) failures(err error) (texts []string) {
	for _, found := range fault.Of(err) {
		texts = append(texts, v.Texts.PageFault(v.Lang, found))
	}
	if len(texts) == 0 {
		texts = []string{v.Message("affects_failed")}
	}
	return texts
}

// fillEffect writes the answer.
func (v *Visit) fillEffect(view *whatIfResultView, id string, r *whatIf) {
	view.Done, view.Month, view.Saving, view.Same = true, r.Ask.Month, r.Ask.Kind == saveChange, true
	view.Before, view.After = r.Effect.Before, r.Effect.After
	if change := view.After.Priced.Sessions - view.Before.Priced.Sessions; change > 0 {
		view.Gain = change
	} else {
		view.Loss = -change
	}
	for _, e := range r.Effect.Effects {
		view.Same = view.Same && e.Difference == 0
		if e.Difference != 0 || !view.Saving { // before saving, only what changes
			view.Effects = append(view.Effects, effectLine{e, v.EntityName(e.Owner)})
		}
	}
	for _, e := range r.Effect.Totals {
		view.Totals = append(view.Totals, effectLine{Effect: e})
	}
	view.Charts = effectCharts(view.Effects)
	if view.Saving {
		view.Credited = r.Credited
		if r.Ask.Rate != "" && r.Credited > 0 {
			view.Reprice = v.repricesOf(r.Ask.Rate, r.Ask.Since)
		}
		return
	}
	view.Change = v.askInWords(&r.Ask)
	view.Apply = v.applyPath(id, &r.Ask)
}

// applyPath is the form that makes a change what it was tried with; saving it asks
// what it affects, as for any other change.
func (v *Visit) applyPath(id string, a *whatIfAsk) string {
	if !v.May(access.ChangeTariffs) && a.Kind != discountChange {
		return ""
	}
	switch a.Kind {
	case discountChange:
		return v.LinkIfAllowed("/settings?" + url.Values{"community_discount_percent": {a.Discount.String()}}.Encode())
	case communityChange:
		return v.LinkIfAllowed("/tariffs/community/" + url.PathEscape(a.Community) + "?" + url.Values{"rate": {a.Rate}, "from": {string(v.nextDay())}}.Encode())
	case rateChange:
		return v.LinkIfAllowed(ratePath(a.Rate) + "/edit?" + url.Values{"what_if": {id}}.Encode())
	}
	return v.LinkIfAllowed(contractPath(a.Contract) + "/edit")
}

// askInWords writes what was asked.
func (v *Visit) askInWords(a *whatIfAsk) string {
	switch a.Kind {
	case discountChange:
		return v.Message("what_if_asked_discount", "Discount", v.Texts.Percent(v.Lang, a.Discount))
	case communityChange:
		return v.Message("what_if_asked_community", "Tariff", a.Community, "Rate", a.Rate)
	}
	if a.Kind == contractWhatIf {
		return v.Message("what_if_asked_contract", "Contract", a.Contract)
	}
	return v.Message("what_if_asked_rate", "Rate", a.Rate, "Version", a.Of)
}
