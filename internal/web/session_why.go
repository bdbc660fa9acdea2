package web

import (
	"fmt"
	"strings"

	"creditrun/internal/snapshot"

	"creditrun/creditnotes"
	"creditrun/internal/fault"
	"creditrun/internal/sessions"
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
	Steps    []stepLine
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

// stepLine is one band that the session used.
type stepLine struct {
	tariffs.Step
	Unit   string // message of the unit
	Per    string // message of what the price is for
	Amount string
}

// whyPage answers as a part of the page of the session, or as a page of its
// own.
func (v *visit) whyPage() error {
	b, h, err := v.visibleSession()
	if err != nil {
		return err
	}
	view, err := v.why(b, &h.Versions[0])
	if err != nil {
		return err
	}
	if v.refreshes() {
		return v.part("session_why", "why", view)
	}
	return v.show("session_why", view.Name, view)
}

// why explains a session; what keeps it from being priced is shown, too.
func (v *visit) why(b *snapshot.Snapshot, s *sessions.Session) (*whyView, error) {
	view := &whyView{Path: sessionPath(s.ID), Name: s.ExternalID}
	e, err := v.Runner.Explain(v.r.Context(), v.Store, s)
	if err != nil {
		faults := fault.Of(err)
		if len(faults) == 0 {
			return nil, err
		}
		for _, f := range faults {
			view.Problems = append(view.Problems, v.Texts.Fault(v.lang, f))
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
func (v *visit) addPath(b *snapshot.Snapshot, view *whyView, e *creditnotes.Explanation) {
	view.Currency = e.Path.Currency
	for _, t := range b.TriedSeen(v.who, e.Path.Tried) {
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
		view.Discount = v.Texts.Percent(v.lang, e.Path.Discount)
	}
	for _, step := range e.Steps {
		view.Steps = append(view.Steps, v.stepLine(step))
	}
}

// stepLine writes a band as units × price = amount.
func (v *visit) stepLine(step tariffs.Step) stepLine {
	line := stepLine{Step: step, Amount: v.decimal(step.Amount)}
	line.Units = v.decimal(step.Units)
	switch step.Component {
	case tariffs.EnergyComponent:
		line.Unit, line.Per = "why_unit_energy", "why_per_energy"
	case tariffs.TimeComponent:
		line.Unit, line.Per = "why_unit_time", "why_per_time"
	default:
		line.Unit, line.Per = "why_unit_fee", "why_per_fee"
	}
	return line
}

// decimal writes an exact decimal as the visitor's language does.
func (v *visit) decimal(text string) string {
	point := strings.TrimSuffix(strings.TrimPrefix(v.Texts.Number(v.lang, 15, 1), "1"), "5")
	return strings.Replace(text, ".", point, 1)
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
