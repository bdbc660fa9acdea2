package creditnotes

import (
	"cmp"
	"context"
	"slices"
	"sync"

	"creditrun/entities"
	"creditrun/internal/money"
)

// WhatIf is a month priced before and after a change, each time as if nothing
// had been credited yet: all sessions that end in it, at today's configuration.
type WhatIf struct {
	Month   entities.Month
	Effects []Effect // in walk order, then by currency
	Totals  []Effect // by currency; Owner is empty
	Before  Priced
	After   Priced
}

// Effect is what a change does to an owner in a currency. The amounts are the
// net that credit notes would show: sums of positions, each rounded once
// (domain.md §6.3).
type Effect struct {
	Owner      string // key
	Currency   string
	Before     money.Amount
	After      money.Amount
	Difference money.Amount // After − Before
}

// Priced counts the sessions that have a price and those that are held.
type Priced struct {
	Priced Count
	Held   Count
}

// WhatIf tells what a change of the configuration (a discount, a cost rate, a
// tariff) would have done to a month. change gets a configuration of its own;
// what it makes of it is judged as a network file is: faults come back, and so
// does the error of change. Nothing is stored, and as in MonthSoFar nothing is
// asked for that only documents need.
func (r *Runner) WhatIf(ctx context.Context, month entities.Month, change func(*Configuration) error) (*WhatIf, error) {
	return r.whatIf(ctx, month, change, true)
}

// WhatNext is WhatIf for what the next run of a month would credit: the sessions
// that wait for it, also those of earlier months that are late or held.
func (r *Runner) WhatNext(ctx context.Context, month entities.Month, change func(*Configuration) error) (*WhatIf, error) {
	return r.whatIf(ctx, month, change, false)
}

// whatIf compares all sessions of a month, or those that the next run looks at.
func (r *Runner) whatIf(ctx context.Context, month entities.Month, change func(*Configuration) error, all bool) (*WhatIf, error) {
	config, err := r.Store.Configuration(ctx)
	if err != nil {
		return nil, err
	}
	changed, err := r.Store.Configuration(ctx) // shares nothing with the first
	if err != nil {
		return nil, err
	}
	if err := change(changed); err != nil {
		return nil, err
	}
	run := r.newRun(Request{Month: month}, config)
	then := *run // the same sessions, however long this takes
	then.Settings = changed.Settings
	plan, err := r.plan(run, config)
	if err != nil {
		return nil, err
	}
	changedPlan, err := r.plan(&then, changed)
	if err != nil {
		return nil, err
	}
	plan.asConfigured, changedPlan.asConfigured = all, all
	before, err := r.price(ctx, plan, run, all)
	if err != nil {
		return nil, err
	}
	after, err := r.price(ctx, changedPlan, &then, all)
	if err != nil {
		return nil, err
	}
	w := &WhatIf{Month: month, Before: before.count, After: after.count}
	w.compare(before.nets, after.nets, plan.Network.Tree)
	return w, nil
}

// price surveys all sessions of a month, or those that the next run looks at.
func (r *Runner) price(ctx context.Context, plan *Plan, run *Run, all bool) (*pricing, error) {
	whole := &pricing{nets: map[effectKey]money.Amount{}}
	var mu sync.Mutex
	return whole, r.survey(ctx, plan, run, all, func() surveyPage { return &pricingPage{whole: whole, mu: &mu} })
}

type effectKey struct{ owner, currency string }

// pricing is a month priced.
type pricing struct {
	nets  map[effectKey]money.Amount
	count Priced
}

// pricingPage is one shard of it.
type pricingPage struct {
	count Priced
	whole *pricing
	mu    *sync.Mutex
}

func (p *pricingPage) credited(l *Line, _ *owner, _ entry) { p.count.Priced.Add(l.Energy) }
func (p *pricingPage) held(h Hold)                         { p.count.Held.Add(h.Energy) }

func (p *pricingPage) keep(d *drafter) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.whole.count.Priced = p.whole.count.Priced.Plus(p.count.Priced)
	p.whole.count.Held = p.whole.count.Held.Plus(p.count.Held)
	for key, sums := range d.sums.notes {
		digits, _ := money.Digits(key.currency) // tariffs know only known currencies
		for _, position := range sums.positions(d.run.Month, digits) {
			p.whole.nets[effectKey{position.Owner, key.currency}] += position.Net
		}
	}
}

// compare sets the nets before and after side by side.
func (w *WhatIf) compare(before, after map[effectKey]money.Amount, tree *entities.Tree) {
	effects, totals := map[effectKey]*Effect{}, map[effectKey]*Effect{}
	add := func(in map[effectKey]*Effect, key effectKey, before, after money.Amount) {
		e := in[key]
		if e == nil {
			e = &Effect{Owner: key.owner, Currency: key.currency}
			in[key] = e
		}
		e.Before, e.After, e.Difference = e.Before+before, e.After+after, e.Difference+after-before
	}
	for key, net := range before {
		add(effects, key, net, 0)
		add(totals, effectKey{"", key.currency}, net, 0)
	}
	for key, net := range after {
		add(effects, key, 0, net)
		add(totals, effectKey{"", key.currency}, 0, net)
	}
	w.Effects, w.Totals = sortedEffects(effects, tree), sortedEffects(totals, tree)
}

func sortedEffects(effects map[effectKey]*Effect, tree *entities.Tree) []Effect {
	list := make([]Effect, 0, len(effects))
	for _, e := range effects {
		list = append(list, *e)
	}
	slices.SortFunc(list, func(a, b Effect) int {
		return cmp.Or(cmp.Compare(tree.Rank(a.Owner), tree.Rank(b.Owner)), cmp.Compare(a.Currency, b.Currency))
	})
	return list
}
