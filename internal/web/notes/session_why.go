package notes

import (
	"fmt"
	"strings"

	"creditrun/creditnotes"
	"creditrun/internal/fault"
	"creditrun/internal/sessions"
	"creditrun/internal/snapshot"
	"creditrun/internal/web/page"
	"creditrun/tariffs"
)

// whyView answers "why this amount?" for a session (domain.md §5).
type whyView struct {
	creditnotes.Explanation
	Path     string // of the session
	Name     string // external id
	Owner    string // name
	Tried    []triedLine
	Rate     string // key; empty: none
	Version  int
	Entry    int // of the rate's schedule that was in force; 0: none
	Steps    []page.StepLine
	Discount string // percent; empty: none
	Currency string
	Problems []string // why it cannot be explained
}

// triedLine is one rule that was tried, in words.
type triedLine struct {
	tariffs.Tried
	Won       bool
	Condition []filterWord
}

// filterWord is one filter of a condition.
type filterWord struct{ Name, Value string }

// WhyPage answers as a part of the page of the session, or as a page of its
// own.
func (v *Visit) WhyPage() error {
	b, h, err := v.visibleSession()
	if err != nil {
		return err
	}
	view, err := v.why(b, &h.Versions[0])
	if err != nil {
		return err
	}
	if v.Refreshes() {
		return v.Part("session_why", "why", view)
	}
	return v.Show("session_why", view.Name, view)
}

// why explains a session; what keeps it from being priced is shown, too.
func (v *Visit) why(b *snapshot.Snapshot, s *sessions.Session) (*whyView, error) {
	view := &whyView{Path: page.SessionPath(s.ID), Name: s.ExternalID}
	e, err := v.Runner.Explain(v.R.Context(), v.Store, s)
	if err != nil {
		faults := fault.Of(err)
		if len(faults) == 0 {
			return nil, err
		}
		for _, f := range faults {
			view.Problems = append(view.Problems, v.Texts.PageFault(v.Lang, f))
		}
		return view, nil
	}
	view.Explanation, view.Owner = *e, b.Names(e.Owner)
	if e.Path != nil {
		v.addPath(b, view, e)
	}
	return view, nil
}

// addPath puts the price path into words.
func (v *Visit) addPath(b *snapshot.Snapshot, view *whyView, e *creditnotes.Explanation) {
	view.Currency = e.Path.Currency
	for _, t := range b.TriedSeen(v.Who, e.Path.Tried) {
		line := triedLine{Tried: t, Won: t.Result == tariffs.Won, Condition: filterWords(t.Condition)}
		view.Tried = append(view.Tried, line)
	}
	if e.Path.CostRate != nil {
		view.Rate, view.Version = e.Path.CostRate.Key, e.Path.CostRate.Version
	}
	if e.Path.Prices != nil {
		view.Entry = e.Path.Prices.Schedule
	}
	if e.Path.Discount != 0 {
		view.Discount = v.Texts.Percent(v.Lang, e.Path.Discount)
	}
	for _, step := range e.Steps {
		view.Steps = append(view.Steps, v.StepLine(step))
	}
}

// filterWords takes the words of a condition apart: name=value.
func filterWords(condition string) (words []filterWord) {
	for _, word := range strings.Fields(condition) {
		name, value, ok := strings.Cut(word, "=")
		if !ok { // the rest of a value with a space
			if n := len(words); n > 0 {
				words[n-1].Value = fmt.Sprint(words[n-1].Value, " ", word)
			}
			continue
		}
		words = append(words, filterWord{name, value})
	}
	return words
}
