package network

import (
	"context"
	"slices"
	"strconv"
	"time"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/fault"
	"creditrun/internal/money"
	"creditrun/internal/snapshot"
	"creditrun/internal/tasks"
	"creditrun/internal/web/page"
	"creditrun/tariffs"
)

// The changes that can be asked about.
const (
	discountChange  = "discount"
	communityChange = "community"
	rateChange      = "rate"
	contractWhatIf  = "contract" // asked about on the page of the contract
	saveChange      = "save"     // of a form that is about to be saved
)

// whatIfAsk is what a person wants to know: a month and one change of prices.
type whatIfAsk struct {
	Month     entities.Month
	Kind      string
	Discount  money.Percent    // on COMMUNITY purchase prices
	Community string           // tariff whose purchase price changes
	Rate      string           // its cost rate then, or the cost rate whose prices change
	Of        int              // version of it
	Prices    tariffs.CostRate // that it gets
	Contract  string           // by which its owner is settled
	Since     time.Time        // when what is about to be saved begins
}

// whatIf is the answer.
type whatIf struct {
	Ask      whatIfAsk
	Effect   *creditnotes.WhatIf
	Credited int64 // sessions that were credited since then as it was before
}

// change makes the change in a configuration that is no one else's.
func (a *whatIfAsk) change(c *creditnotes.Configuration) error {
	switch a.Kind {
	case discountChange:
		c.Settings.CommunityDiscount = a.Discount
	case communityChange:
		i := slices.IndexFunc(c.Tariffs.Community, func(t tariffs.CommunityTariff) bool { return t.Key == a.Community })
		if i < 0 {
			return fault.New(fault.NotFound, "page_unknown", nil)
		}
		for v := range c.Tariffs.Community[i].Versions {
			c.Tariffs.Community[i].Versions[v].Purchase = a.Rate
		}
	case rateChange:
		i := slices.IndexFunc(c.Tariffs.CostRates, func(r tariffs.CostRate) bool { return r.Key == a.Rate && r.Version == a.Of })
		if i < 0 {
			return fault.New(fault.NotFound, "rate_not_found", fault.Args{"rate": a.Rate})
		}
		r := &c.Tariffs.CostRates[i]
		r.Currency, r.EnergyStepWh, r.Prices, r.Schedule = a.Prices.Currency, a.Prices.EnergyStepWh, a.Prices.Prices, a.Prices.Schedule
	case contractWhatIf:
		return a.changeContract(c)
	}
	return nil
}

// whatIfView is the form.
type whatIfView struct {
	*page.FormState
	Kinds     []page.Choice
	Kind      string
	Month     string
	Discount  string
	Community []page.Choice
	Rates     []page.Choice
	Form      rateForm // for changed prices
	Of        int
	Version   []page.Choice
}

// WhatIfPage shows the form.
func (v *Visit) WhatIfPage() error {
	b, f, err := v.NetworkForm()
	if err != nil {
		return err
	}
	view := v.whatIfView(b, f)
	if view.Kind == rateChange {
		if versions := versionsOf(b, f.Text("rate")); len(versions) > 0 {
			r := rateAsked(b, v, versions)
			view.Form, view.Of = v.formOf(r), r.Version
		}
	}
	return v.showWhatIf(view)
}

func (v *Visit) showWhatIf(view whatIfView) error {
	view.Form.within(view.FormState)
	return v.ShowForm(view.FormState, "what_if", v.Message("what_if_title"), view)
}

// whatIfView fills the form with what was typed, or what is true now.
func (v *Visit) whatIfView(b *snapshot.Snapshot, f *page.FormState) whatIfView {
	view := whatIfView{
		FormState: f, Kind: page.OrElse(f.Text("kind"), discountChange), Month: page.OrElse(f.Text("month"), string(v.ThisMonth())),
		Discount: page.OrElse(f.Text("discount"), v.Figure(b.Config.Settings.CommunityDiscount.String())), Rates: rateChoices(b, f.Text("rate")),
	}
	for _, kind := range []string{discountChange, communityChange, rateChange} {
		view.Kinds = append(view.Kinds, page.Choice{Value: kind, Chosen: kind == view.Kind})
	}
	view.Community = tariffChoices(b.Config.Tariffs.Community, func(t tariffs.CommunityTariff) (string, string) { return t.Key, t.Name })
	for i := range view.Community {
		view.Community[i].Chosen = view.Community[i].Value == f.Text("community")
	}
	return view
}

// begunMonth refuses a month of which there are no sessions yet.
func (v *Visit) begunMonth(month entities.Month) error {
	if month == "" || !v.ThisMonth().Before(month) {
		return nil
	}
	return fault.New(fault.Invalid, "what_if_month_not_begun", fault.Args{"month": string(month), "open": string(v.ThisMonth())}).At("month")
}

// AskWhatIf begins to work on the answer and shows the page that waits for it.
func (v *Visit) AskWhatIf() error {
	b, f, err := v.NetworkForm()
	if err != nil {
		return err
	}
	view := v.whatIfView(b, f)
	f.Input = rateInput
	ask := whatIfAsk{Kind: view.Kind, Community: f.Text("community"), Rate: f.Text("rate")}
	if ask.Month, err = entities.ParseMonth(view.Month); err != nil {
		f.Fail(fault.New(fault.Invalid, "run_month_invalid", fault.Args{"month": view.Month}).At("month"))
	}
	switch ask.Kind {
	case discountChange:
		ask.Discount = money.Percent(f.With("discount", "what_if_discount", view.Discount).Decimal(money.PercentDecimals))
	case rateChange:
		ask.Rate = page.OrElse(f.Text("key"), ask.Rate)
		ask.Of, _ = strconv.Atoi(f.Text("of"))
		typed, do := v.rateForm(f), f.Text("do")
		typed.Key = ask.Rate
		typed.change(v, do)
		view.Form, view.Of = typed, ask.Of
		if do != "" {
			return v.showWhatIf(view)
		}
		ask.Prices = v.rate(f, typed)
	}
	if f.Fail(v.begunMonth(ask.Month)) || !f.Ok() {
		return v.showWhatIf(view)
	}
	// What is wrong with the change is said at the form; the rest takes time.
	tried, err := v.Store.Configuration(v.R.Context())
	if err != nil {
		return err
	}
	err = ask.change(tried)
	if err == nil {
		_, err = tariffs.NewBook(tried.Tariffs, b.Network, tried.Settings.CommunityDiscount)
	}
	if f.Fail(err) {
		return v.showWhatIf(view)
	}
	task := v.tasks.whatIfs.Start(v.Name(), string(ask.Month)+" "+ask.Kind, func(ctx context.Context, _ *tasks.Progress) (whatIf, error) {
		effect, err := v.Runner.WhatIf(ctx, ask.Month, ask.change)
		return whatIf{Ask: ask, Effect: effect}, err
	})
	return v.Redirect("/tariffs/what-if/" + task.State().ID)
}
