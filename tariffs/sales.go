package tariffs

import (
	"time"

	"creditrun/entities"
	"creditrun/internal/fault"
	"creditrun/internal/money"
	"creditrun/internal/sessions"
)

// The rules by which the sales side finds a driver amount (settlement.md §2.2).
const (
	SalesTariffRule      Rule = "sales_tariff"              // of the medium, for internal sessions
	ChargePointSalesRule Rule = "charge_point_sales_tariff" // the sales conditions at the connector
)

// Sale is what the driver is charged for a session where no source says it.
type Sale struct {
	Amount   money.Micros // net: the sum of the components, without a discount
	Fee      money.Micros // the part of it that is a session fee
	Currency string       // of the cost rate
	Path     *SalePath    // nil: nothing matches, and the driver amount is unknown
}

// SalePath says where a driver amount comes from. Equal ones are one.
type SalePath struct {
	Rule      Rule           `json:"rule"`
	Tariff    string         `json:"tariff"`
	Condition string         `json:"condition,omitempty"`
	CostRate  *RateVersion   `json:"cost_rate"`
	Prices    *PricesInForce `json:"prices"`
}

// Sells reports whether any tariff has sales conditions. Where none has, Sale
// finds nothing.
func (b *Book) Sells() bool {
	for _, t := range b.chargePoint {
		if len(t.Sales) > 0 {
			return true
		}
	}
	return len(b.sales) > 0
}

// Sale finds the driver amount of a session at its place: by the sales tariff
// of the medium for the class internal, otherwise by the sales conditions of the
// charge-point tariff; the operating company is the issuer of the medium on both
// (settlement.md §2.2). Errors are ambiguous_conditions (Conflict),
// class_unknown, place_unknown and session_price_too_large (Invalid).
func (p *Pricer) Sale(s *sessions.Session, place *entities.Place) (sale Sale, err error) {
	here, err := p.site(s, place)
	if err != nil {
		return sale, err
	}
	var of Decision
	if err := p.who(s, place, &of); err != nil {
		return sale, err
	}
	medium, issuer := p.book.network.Medium(s.MediumUID), ""
	if medium != nil {
		issuer = medium.Issuer
	}
	start := s.Start.UnixMicro()
	list := here.sales(p.book, of.Class, medium, start)
	if list == nil {
		return sale, nil
	}
	winner, clash := list.first(start, issuer, here.local)
	if clash != nil {
		return sale, list.ambiguity(winner, clash, s, place)
	}
	if winner == nil {
		return sale, nil
	}
	i := at(winner.rates, start)
	if i < 0 {
		return sale, nil
	}
	return sale, sale.fill(s, list, winner, winner.rates[i], here.local)
}

// sales are the conditions of one tariff at a place.
type sales struct {
	rule      Rule
	tariff    string
	matchable []*condition // in the order of precedence
	paths     map[salePathKey]*SalePath
}

type salePathKey struct {
	condition *condition
	rate      *version
	entry     int
}

// sales returns the conditions that apply, or nil.
func (s *site) sales(b *Book, class sessions.Class, medium *entities.Medium, start int64) *sales {
	rule, tariff, list := ChargePointSalesRule, "", []Condition(nil)
	if class == sessions.Internal {
		if medium == nil || b.sales[medium.SalesTariff] == nil {
			return nil
		}
		t := b.sales[medium.SalesTariff]
		rule, tariff, list = SalesTariffRule, t.Key, t.Sales
	} else {
		e, _ := s.era(start)
		if e.chargePoint == nil {
			return nil
		}
		tariff, list = e.chargePoint.Key, e.chargePoint.Sales
	}
	key := saleKey{rule, tariff}
	if known, ok := s.sold[key]; ok {
		return known
	}
	found := &sales{rule: rule, tariff: tariff, paths: map[salePathKey]*SalePath{}}
	compiled := compileConditions(list, s.place, b.rates)
	for i := range compiled {
		if compiled[i].never == won {
			found.matchable = append(found.matchable, &compiled[i])
		}
	}
	s.sold[key] = found
	return found
}

type saleKey struct {
	rule   Rule
	tariff string
}

// first returns the condition that wins, and another one that is its equal.
func (l *sales) first(start int64, issuer string, local *clock) (winner, clash *condition) {
	for _, c := range l.matchable {
		switch {
		case winner != nil && c.rank.compare(winner.rank) != 0:
			return winner, nil
		case c.why(start, issuer, local) != won:
		case winner != nil:
			return winner, c
		default:
			winner = c
		}
	}
	return winner, nil
}

func (l *sales) ambiguity(a, b *condition, s *sessions.Session, place *entities.Place) error {
	args := clashArgs("sales", l.tariff, a, b)
	args["session"] = s.ExternalID
	args["start"] = s.Start.In(place.Zone).Format(time.RFC3339)
	args["evse"], args["connector"] = place.Connector.EVSEID, place.Connector.Number
	return fault.New(fault.Conflict, "ambiguous_conditions", args)
}

// fill computes the amounts.
func (sale *Sale) fill(s *sessions.Session, l *sales, c *condition, rate *version, local *clock) error {
	prices, entry := rate.inForce(s.Start.UnixMicro(), local)
	var sum components
	if !sum.price(prices, rate.step, int64(s.Energy), s.Duration, money.Hundred) {
		return fault.New(fault.Invalid, "session_price_too_large", fault.Args{
			"rate": rate.Key, "session": s.ExternalID, "energy_kwh": s.Energy.String(), "duration_s": s.Duration,
		})
	}
	sale.Amount, sale.Fee, sale.Currency = sum.total, sum.fee, rate.Currency
	key := salePathKey{c, rate, entry}
	if sale.Path = l.paths[key]; sale.Path == nil {
		sale.Path = &SalePath{
			Rule: l.rule, Tariff: l.tariff, Condition: c.String(), CostRate: &RateVersion{rate.Key, rate.Version},
			Prices: &PricesInForce{entry, rate.EnergyStepWh, *prices.Prices},
		}
		l.paths[key] = sale.Path
	}
	return nil
}

// ContractRule is the rule of a session that is settled by a share of the
// driver amount (settlement.md §3.3).
const ContractRule Rule = "contract"

// PathContract is what a price path keeps of the contract that settles a
// session: its terms at a connector, prices net.
type PathContract struct {
	Key          string         `json:"key"`
	Share        *money.Percent `json:"share_percent,omitempty"` // nil: the purchase price decides
	ExcludesFee  bool           `json:"exclude_connection_fee,omitempty"`
	DeductsCost  bool           `json:"deduct_electricity_cost,omitempty"`
	RefundsCost  bool           `json:"reimburse_electricity_cost,omitempty"`
	Cost         money.Fine     `json:"electricity_cost_per_kwh"`
	Tax          money.Fine     `json:"electricity_tax_per_kwh"`
	FeePerKWh    money.Fine     `json:"fee_per_kwh"`
	FixedFee     money.Fine     `json:"fixed_fee_per_session"`
	HandlingFee  money.Percent  `json:"handling_fee_percent"`
	Currency     string         `json:"currency"`
	OnCollection bool           `json:"settle_on_collection,omitempty"`
	// CollectedLater: an earlier run held the session until its money had arrived.
	CollectedLater bool `json:"collected_later,omitempty"`
}

// CostOf is the cost of electricity that a share is reduced by.
func (c *PathContract) CostOf(energy money.Quantity) money.Micros {
	if !c.DeductsCost {
		return 0
	}
	var sum money.Sum
	sum.AddProduct(int64(energy), int64(c.Cost))
	cost, _ := sum.DivRound(1_000_000_000)
	return money.Micros(cost)
}

// Contracted returns the path of a session that a contract settles: that of its
// purchase price, or where a share decides one without a price; sale is where
// the driver amount comes from, nil: the source states it, or it is not needed.
// Terms are compared by identity.
func (p *Pricer) Contracted(s *sessions.Session, place *entities.Place, d *Decision, terms *PathContract, sale *SalePath) (*Path, error) {
	at, err := p.site(s, place)
	if err != nil {
		return nil, err
	}
	key := contractedKey{d.Path, d.Class, d.Owner, terms, sale}
	if path, ok := at.contracted[key]; ok {
		return path, nil
	}
	path := &Path{}
	if d.Path != nil {
		*path = *d.Path
		path.JSON = nil
	} else {
		path = at.bare(d)
		path.Rule, path.Currency = ContractRule, terms.Currency
	}
	path.Contract, path.Sale = terms, sale
	if err := path.seal(); err != nil {
		return nil, err
	}
	p.makeRoom(at)
	at.contracted[key] = path
	return path, nil
}

// OwnChargingRule is the rule of a session that is billed to the issuer of its
// medium (settlement.md §3.8).
const OwnChargingRule Rule = "own_charging"

// OwnCharged returns the path of a session that is billed as own charging: where
// it was charged, the contract that bills it, and the discount of that; sale is
// as in Contracted. Terms are compared by identity, and are of own charging
// alone. The owner of the station is not named: the issuer reads it.
func (p *Pricer) OwnCharged(s *sessions.Session, place *entities.Place, terms *PathContract, discount money.Percent, sale *SalePath) (*Path, error) {
	at, err := p.site(s, place)
	if err != nil {
		return nil, err
	}
	var d Decision
	if err := p.who(s, place, &d); err != nil {
		return nil, err
	}
	d.Owner = nil
	key := contractedKey{nil, d.Class, nil, terms, sale}
	if path, ok := at.contracted[key]; ok {
		return path, nil
	}
	path := at.bare(&d)
	path.Rule, path.Currency, path.Discount, path.Contract, path.Sale = OwnChargingRule, terms.Currency, discount, terms, sale
	if err := path.seal(); err != nil {
		return nil, err
	}
	p.makeRoom(at)
	at.contracted[key] = path
	return path, nil
}

type contractedKey struct {
	base  *Path
	class sessions.Class
	owner *entities.Entity
	terms *PathContract
	sale  *SalePath
}

// bare is the path of a session at the place for which no price was looked for.
func (s *site) bare(d *Decision) *Path {
	c := s.place.Connector
	p := &Path{
		Class: d.Class, EVSEID: c.EVSEID, Connector: c.Number, ConnectorType: c.Type, PowerType: c.PowerType,
		Station: s.place.Station.Key, Zone: s.place.Zone.String(), Tried: []Tried{},
	}
	if d.Owner != nil {
		p.Owner = d.Owner.Key
	}
	return p
}

// Who finds class and owner of a session without looking for a price. Errors
// are those of Price.
func (p *Pricer) Who(s *sessions.Session, place *entities.Place, d *Decision) error {
	*d = Decision{}
	if _, err := p.site(s, place); err != nil {
		return err
	}
	return p.who(s, place, d)
}
