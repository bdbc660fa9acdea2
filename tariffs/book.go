package tariffs

import (
	"cmp"
	"errors"
	"slices"

	"creditrun/entities"
	"creditrun/internal/money"
)

// Book is everything that prices, checked and compiled. It is immutable and
// safe for concurrent use; Pricer gives each worker its own way to ask it.
type Book struct {
	network     *entities.Network
	discount    money.Percent
	rates       map[string][]*version // sorted by from
	chargePoint map[string]*ChargePointTariff
	community   map[string]*CommunityTariff
	sales       map[string]*SalesTariff
}

// NewBook checks the configuration as a whole and compiles it. The discount is
// the operator's discount on COMMUNITY purchase prices. What is wrong comes
// back as one fault.List of Invalid faults, everything at once. The Book keeps
// copies of what it needs.
func NewBook(cfg Config, network *entities.Network, discount money.Percent) (*Book, error) {
	if network == nil {
		return nil, errors.New("tariffs: no network to price in")
	}
	c := checker{cfg: &cfg, network: network}
	if err := c.check(discount).Err(); err != nil {
		return nil, err
	}
	b := &Book{
		network: network, discount: discount,
		rates:       compileRates(cfg.CostRates),
		chargePoint: map[string]*ChargePointTariff{},
		community:   map[string]*CommunityTariff{},
		sales:       map[string]*SalesTariff{},
	}
	for _, t := range cfg.ChargePoint {
		t.Purchase, t.Sales = cloneConditions(t.Purchase), cloneConditions(t.Sales)
		b.chargePoint[t.Key] = &t
	}
	for _, t := range cfg.Community {
		t.Versions = slices.Clone(t.Versions)
		b.community[t.Key] = &t
	}
	for _, t := range cfg.Sales {
		t.Sales = cloneConditions(t.Sales)
		b.sales[t.Key] = &t
	}
	return b, nil
}

// Discount is the discount on COMMUNITY purchase prices.
func (b *Book) Discount() money.Percent { return b.discount }

// compileRates groups the versions of each cost rate by key. Of versions that
// begin at the same moment only the one with the highest number counts: it
// corrects the others, which stay because lines may refer to them.
func compileRates(list []CostRate) map[string][]*version {
	rates := map[string][]*version{}
	for i := range list {
		rates[list[i].Key] = append(rates[list[i].Key], compileRate(&list[i]))
	}
	for key, versions := range rates {
		slices.SortFunc(versions, func(a, b *version) int {
			return cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(b.Version, a.Version))
		})
		rates[key] = slices.CompactFunc(versions, func(a, b *version) bool { return a.from == b.from })
	}
	return rates
}

func cloneConditions(list []Condition) []Condition {
	list = slices.Clone(list)
	for i := range list {
		list[i].When.Weekdays = slices.Clone(list[i].When.Weekdays)
	}
	return list
}
