package network

import (
	"slices"
	"strings"
	"time"

	"creditrun/internal/access"
	"creditrun/internal/snapshot"
	"creditrun/internal/web/page"
	"creditrun/tariffs"
)

// tariffsView is the overview of tariffs and cost rates, a tab at a time.
type tariffsView struct {
	List        *page.List
	Tab         string
	Tabs        []page.Choice
	ChargePoint []tariffLine
	Community   []tariffLine
	Sales       []tariffLine
	Rates       []rateLine
	Change      bool
	WhatIf      bool
}

// The tabs of the overview.
const (
	chargePointTab = "charge-point"
	communityTab   = "community"
	salesTab       = "sales"
	ratesTab       = "rates"
)

// tariffLine is one tariff and where it applies now.
type tariffLine struct {
	Key, Name       string
	Purchase, Sales int    // conditions
	Rate            string // of a COMMUNITY tariff now
	Prices          []string
	Versions        int
	Used            int                 // connectors, or media of a sales tariff
	of              []tariffs.Condition // that decide its prices
	Ambiguous       bool
}

// rateLine is the version of a cost rate in force, or the first one to come.
type rateLine struct {
	*tariffs.CostRate
	Versions int
	Prices   []string
	Used     int // tariffs
}

// Tariffs shows the overview.
func (v *Visit) Tariffs() error {
	b, err := v.Network()
	if err != nil {
		return err
	}
	l := page.NewList(v.R.URL.Query(), page.ListOptions{Path: "/tariffs", Fields: []string{"tab"}, Size: page.RowsPerPage, Order: "key", Empty: "tariffs_none"})
	view := tariffsView{List: l, Tab: l.Text("tab"), Change: v.May(access.ChangeTariffs), WhatIf: v.May(access.Preview)}
	tabs := []string{chargePointTab, communityTab, salesTab, ratesTab}
	if !slices.Contains(tabs, view.Tab) {
		view.Tab = chargePointTab
	}
	for _, tab := range tabs {
		view.Tabs = append(view.Tabs, page.Choice{Value: tab, Chosen: tab == view.Tab})
	}
	switch view.Tab {
	case chargePointTab:
		view.ChargePoint = page.Rows(l, v.chargePointLines(b), tariffKey, tariffName, tariffPrices, purchaseCount, salesCount("tariff_sales"), tariffUsed("tariff_used"),
			page.Column[tariffLine]{Head: page.Head{Message: "tariff_note", Unseen: true}})
		for i := range view.ChargePoint {
			view.ChargePoint[i].Prices = v.pricesNow(b, view.ChargePoint[i].of, false)
		}
	case communityTab:
		view.Community = page.Rows(l, v.communityLines(b), tariffKey, tariffName, tariffRate, tariffPrices,
			tariffVersions, tariffUsed("tariff_used"))
	case salesTab:
		view.Sales = page.Rows(l, salesLines(b), tariffKey, tariffName, tariffPrices, salesCount("tariff_conditions"), tariffUsed("tariff_media"))
		for i := range view.Sales {
			view.Sales[i].Prices = v.pricesNow(b, view.Sales[i].of, true)
		}
	case ratesTab:
		view.Rates = page.Rows(l, v.rateLines(b), rateColumns...)
	}
	return v.ShowList("tariffs", "menu_tariffs", view, l.Err())
}

// The columns of the lists of tariffs.
var (
	tariffKey      = page.Column[tariffLine]{Head: page.Head{Key: "key", Message: "tariff_key"}, By: page.ByText(func(t tariffLine) string { return t.Key })}
	tariffName     = page.Column[tariffLine]{Head: page.Head{Key: "name", Message: "tariff_name"}, By: page.ByText(func(t tariffLine) string { return t.Name })}
	tariffRate     = page.Column[tariffLine]{Head: page.Head{Key: "rate", Message: "tariff_rate"}, By: page.ByText(func(t tariffLine) string { return t.Rate })}
	tariffVersions = page.Column[tariffLine]{Head: page.Head{Key: "versions", Message: "tariff_versions", Num: true}, By: page.By(func(t tariffLine) int { return t.Versions })}
	tariffPrices   = page.Column[tariffLine]{Head: page.Head{Message: "tariff_prices_now"}}
	purchaseCount  = page.Column[tariffLine]{Head: page.Head{Key: "purchase", Message: "tariff_purchase", Num: true}, By: page.By(func(t tariffLine) int { return t.Purchase })}
)

func salesCount(message string) page.Column[tariffLine] {
	return page.Column[tariffLine]{Head: page.Head{Key: "sales", Message: message, Num: true}, By: page.By(func(t tariffLine) int { return t.Sales })}
}

func tariffUsed(message string) page.Column[tariffLine] {
	return page.Column[tariffLine]{Head: page.Head{Key: "used", Message: message, Num: true}, By: page.By(func(t tariffLine) int { return t.Used })}
}

var rateColumns = []page.Column[rateLine]{
	{Head: page.Head{Key: "key", Message: "tariff_rate"}, By: page.ByText(func(r rateLine) string { return r.Key })},
	{Head: page.Head{Message: "tariff_prices_now"}},
	{Head: page.Head{Key: "currency", Message: "rate_currency"}, By: page.ByText(func(r rateLine) string { return r.Currency })},
	{Head: page.Head{Key: "versions", Message: "tariff_versions", Num: true}, By: page.By(func(r rateLine) int { return r.Versions })},
	{Head: page.Head{Key: "used", Message: "rate_uses", Num: true}, By: page.By(func(r rateLine) int { return r.Used })},
}

// used counts the connectors at which each tariff applies at a moment.
func usedTariffs(b *snapshot.Snapshot, now time.Time) (chargePoint, community map[string]int) {
	chargePoint, community = map[string]int{}, map[string]int{}
	for _, p := range b.Network.AllPlaces() {
		if a := tariffs.AssignedAt(p, now); a != nil {
			chargePoint[a.ChargePoint]++
			community[a.Community]++
		}
	}
	return chargePoint, community
}

func (v *Visit) chargePointLines(b *snapshot.Snapshot) (lines []tariffLine) {
	used, _ := usedTariffs(b, v.Now())
	ambiguous := v.ambiguities(b)
	for _, t := range b.Config.Tariffs.ChargePoint {
		lines = append(lines, tariffLine{
			Key: t.Key, Name: t.Name, Purchase: len(t.Purchase), Sales: len(t.Sales), Used: used[t.Key], Ambiguous: len(ambiguous[t.Key]) > 0, of: t.Purchase,
		})
	}
	return lines
}

func (v *Visit) communityLines(b *snapshot.Snapshot) (lines []tariffLine) {
	_, used := usedTariffs(b, v.Now())
	for _, t := range b.Config.Tariffs.Community {
		line := tariffLine{Key: t.Key, Name: t.Name, Versions: len(t.Versions), Used: used[t.Key]}
		if now := communityAt(&t, v.Now(), v.Zone()); now >= 0 {
			line.Rate = t.Versions[now].Purchase
			if r, err := b.Book.Rate(line.Rate, v.Now()); err == nil {
				line.Prices = []string{v.priceInWords(r)}
			}
		}
		lines = append(lines, line)
	}
	return lines
}

// communityAt finds the version in force at a moment, or -1.
func communityAt(t *tariffs.CommunityTariff, moment time.Time, zone *time.Location) int {
	found := -1
	for i, version := range t.Versions {
		from := version.From.In(zone)
		if !from.After(moment) && (found < 0 || !from.Before(t.Versions[found].From.In(zone))) {
			found = i
		}
	}
	return found
}

// pricesAt are the prices of a cost rate at a moment in words; none where it
// is not in force.
func (v *Visit) pricesAt(b *snapshot.Snapshot, rate string, moment time.Time) []string {
	if r, err := b.Book.Rate(rate, moment); err == nil {
		return v.rateInWords(r)
	}
	return nil
}

// mostPricesNow is how many prices of a tariff a list shows.
const mostPricesNow = 3

// pricesNow are the prices of the conditions that are valid now, in the order in
// which they are tried, each with what it asks for.
func (v *Visit) pricesNow(b *snapshot.Snapshot, list []tariffs.Condition, sales bool) (lines []string) {
	more := 0
	for _, c := range tariffs.Ranking(list, v.Zone()) {
		r, err := b.Book.Rate(c.Rate, v.Now())
		if err != nil || c.From.In(v.Zone()).After(v.Now()) || !c.To.IsZero() && !c.To.In(v.Zone()).After(v.Now()) {
			continue
		}
		if len(lines) == mostPricesNow {
			more++
			continue
		}
		line := v.priceInWords(r)
		if !c.When.IsZero() {
			line = strings.Join(v.filterInWords(c.When, sales), ", ") + ": " + line
		}
		lines = append(lines, line)
	}
	if more > 0 {
		lines = append(lines, v.Message("tariff_prices_more", "Count", more))
	}
	return lines
}

func salesLines(b *snapshot.Snapshot) (lines []tariffLine) {
	media := map[string]int{}
	for _, m := range b.Config.Media {
		media[m.SalesTariff]++
	}
	for _, t := range b.Config.Tariffs.Sales {
		lines = append(lines, tariffLine{Key: t.Key, Name: t.Name, Sales: len(t.Sales), Used: media[t.Key], of: t.Sales})
	}
	return lines
}

func (v *Visit) rateLines(b *snapshot.Snapshot) (lines []rateLine) {
	at := map[string]int{}
	for i := range b.Config.Tariffs.CostRates {
		r := &b.Config.Tariffs.CostRates[i]
		place, ok := at[r.Key]
		if !ok {
			place = len(lines)
			at[r.Key] = place
			lines = append(lines, rateLine{CostRate: r, Used: len(tariffsOf(b, r.Key))})
		}
		lines[place].Versions++
	}
	for i := range lines {
		if r, err := b.Book.Rate(lines[i].Key, v.Now()); err == nil {
			lines[i].CostRate = r
		}
		lines[i].Prices = []string{v.priceInWords(lines[i].CostRate)}
	}
	return lines
}

// tariffUse is a tariff that names a cost rate.
type tariffUse struct{ Tab, Key string }

// tariffsOf lists the tariffs that name a cost rate.
func tariffsOf(b *snapshot.Snapshot, rate string) (uses []tariffUse) {
	names := func(lists ...[]tariffs.Condition) bool {
		return slices.ContainsFunc(slices.Concat(lists...), func(c tariffs.Condition) bool { return c.Rate == rate })
	}
	for _, t := range b.Config.Tariffs.ChargePoint {
		if names(t.Purchase, t.Sales) {
			uses = append(uses, tariffUse{chargePointTab, t.Key})
		}
	}
	for _, t := range b.Config.Tariffs.Community {
		if slices.ContainsFunc(t.Versions, func(c tariffs.CommunityVersion) bool { return c.Purchase == rate }) {
			uses = append(uses, tariffUse{communityTab, t.Key})
		}
	}
	for _, t := range b.Config.Tariffs.Sales {
		if names(t.Sales) {
			uses = append(uses, tariffUse{salesTab, t.Key})
		}
	}
	return uses
}
