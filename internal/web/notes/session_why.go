package notes

import (
	"fmt"
	"strings"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/fault"
	"creditrun/internal/money"
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
	Parts    []partLine
	Contract *contractView // nil: no contract settles it
}

// partLine is a component of what a session comes to.
type partLine struct {
	Component creditnotes.Component
	Net       money.Micros
}

// contractView is how a contract settles a session (settlement.md §3.3).
type contractView struct {
	Key   string
	Sale  *tariffs.SalePath // where the driver amount comes from; nil: the source states it
	Lines []formulaLine
}

// formulaLine is one line of a formula.
type formulaLine struct {
	Name    string // key of the text
	Formula string
	Net     money.Micros
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
	return v.Show("session_why", v.Message("title_why", "What", view.Name), view)
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
	view.Parts = parts(e)
	if e.Path != nil {
		v.addPath(b, view, e)
		if e.Path.Contract != nil {
			view.Contract = v.contractLines(e)
		}
	}
	return view, nil
}

// addPath puts the price path into words.
func (v *Visit) addPath(b *snapshot.Snapshot, view *whyView, e *creditnotes.Explanation) {
	view.Currency = e.Path.Currency
	for _, t := range b.TriedSeen(v.Who, e.Path.Tried) {
		line := triedLine{Tried: t, Won: t.Result == tariffs.Won, Condition: v.filterWords(t.Condition)}
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

// parts are the components of a session: those of a purchase price, unless a
// share takes their place, and those of a contract that are not 0.
func parts(e *creditnotes.Explanation) (list []partLine) {
	shared := e.Path != nil && e.Path.Rule == tariffs.ContractRule
	for i, net := range e.Nets.Parts() {
		c := creditnotes.LineComponents()[i]
		ofPrice := c == creditnotes.Energy || c == creditnotes.Time || c == creditnotes.Fee
		if *net != 0 || ofPrice && !shared || c == creditnotes.Share && shared {
			list = append(list, partLine{c, *net})
		}
	}
	return list
}

// contractLines put the formula of a contract into figures.
func (v *Visit) contractLines(e *creditnotes.Explanation) *contractView {
	c := e.Path.Contract
	view := &contractView{Key: c.Key, Sale: e.Path.Sale}
	add := func(name, formula string, net money.Micros) {
		view.Lines = append(view.Lines, formulaLine{name, formula, net})
	}
	kWh := v.Texts.Quantity(v.Lang, e.Session.Energy) + " kWh × "
	if e.Driver != nil {
		add("why_driver_amount", "", e.Driver.Amount)
	}
	if c.Share != nil {
		if c.ExcludesFee && e.Driver != nil {
			add("why_connection_fee", "", -e.Driver.Fee)
		}
		if c.DeductsCost {
			add("why_electricity_cost", kWh+c.Cost.String(), -c.CostOf(e.Session.Energy))
		}
		add("component_share", "× "+v.Texts.Percent(v.Lang, *c.Share), e.NetShare)
	}
	if c.RefundsCost {
		add("component_electricity_cost", kWh+c.Cost.String(), e.NetElectricityCost)
	}
	if c.Tax != 0 {
		add("component_electricity_tax", kWh+c.Tax.String(), e.NetElectricityTax)
	}
	if c.FixedFee != 0 || c.FeePerKWh != 0 || c.HandlingFee != 0 {
		add("component_session_fees", fmt.Sprintf("−(%s + %s%s + %s)", c.FixedFee, kWh, c.FeePerKWh, v.Texts.Percent(v.Lang, c.HandlingFee)), e.NetSessionFees)
	}
	return view
}

// filterWords takes the words of a condition apart: name=value.
func (v *Visit) filterWords(condition string) (words []filterWord) {
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
	for i, w := range words {
		if w.Name == "from" || w.Name == "to" {
			words[i].Value = v.Texts.Date(v.Lang, entities.Date(w.Value))
		}
	}
	return words
}
