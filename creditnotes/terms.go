package creditnotes

import (
	"cmp"
	"context"

	"creditrun/entities"
	"creditrun/internal/money"
	"creditrun/internal/sessions"
	"creditrun/internal/settlement"
	"creditrun/tariffs"
)

// FrozenContracts are the contracts of an owner in force for a month, as a run
// read them.
type FrozenContracts struct {
	OwnerID   int64
	Month     entities.Month
	Contracts []settlement.Contract
}

type ownerMonth struct {
	owner int64 // id
	month entities.Month
}

// freeze makes the plan go by the contracts with which earlier runs settled a
// month, where something settled by them stands (settlement.md §3.2).
func (p *Plan) freeze(list []FrozenContracts) {
	p.frozen = make(map[ownerMonth]*settlement.Contracts, len(list))
	for _, f := range list {
		p.frozen[ownerMonth{f.OwnerID, f.Month}] = settlement.NewContracts(f.Contracts)
	}
}

// freeze reads what a plan has to go by.
func (r *Runner) freeze(ctx context.Context, plan *Plan, run *Run) error {
	if len(plan.Config.Contracts) == 0 || plan.asConfigured {
		return nil
	}
	list, err := r.Store.FrozenContracts(ctx, run)
	plan.freeze(list)
	return err
}

// contractsFor are the contracts of an owner that count for a month.
func (p *Plan) contractsFor(owner *entities.Entity, month entities.Month) *settlement.Contracts {
	if frozen := p.frozen[ownerMonth{owner.ID, month}]; frozen != nil {
		return frozen
	}
	return p.contracts
}

// contractsOf are the contracts of an owner in force for a month, by key.
func (p *Plan) contractsOf(owner *entities.Entity, month entities.Month) []*settlement.Contract {
	return p.contractsFor(owner, month).InForce(owner.Key, month)
}

// contractAt is the contract by which the sessions of an owner at a station are
// settled in a month, or nil.
func (p *Plan) contractAt(owner *entities.Entity, station string, month entities.Month) *settlement.Contract {
	return p.contractsFor(owner, month).At(owner.Key, station, month)
}

// contractCurrency is the currency in which a contract of an owner settles.
func (p *Plan) contractCurrency(c *settlement.Contract, owner *entities.Entity) string {
	return cmp.Or(c.Currency, p.currencyOf(owner))
}

// frozenIn lists the contracts by which notes settle, for the next runs.
func (p *Plan) frozenIn(notes []*Note) (list []FrozenContracts) {
	known := map[ownerMonth]bool{}
	for _, n := range notes {
		for i := range n.Positions {
			at := &n.Positions[i]
			if at.Contract == "" {
				continue
			}
			owner := p.Network.Tree.Entity(at.Owner)
			key := ownerMonth{owner.ID, at.Month}
			if known[key] {
				continue
			}
			known[key] = true
			frozen := FrozenContracts{OwnerID: owner.ID, Month: at.Month}
			for _, c := range p.contractsOf(owner, at.Month) {
				frozen.Contracts = append(frozen.Contracts, *c)
			}
			list = append(list, frozen)
		}
	}
	return list
}

// settler settles sessions by contract. Sessions come connector by connector,
// so that it remembers the last contract it found.
type settler struct {
	plan   *Plan
	pricer *tariffs.Pricer
	paths  map[pathTerms]*tariffs.PathContract
	own    map[*settlement.Contract]*tariffs.PathContract // of own charging
	last   contractPlace
	found  *settlement.Contract
	// awaited are the sessions that an earlier run held until their money arrives.
	awaited map[int64]bool
}

type contractPlace struct {
	owner   *entities.Entity
	station *entities.Station
	month   entities.Month
}

type pathTerms struct {
	contract *settlement.Contract
	direct   bool // DC
	later    bool // collected later
}

func newSettler(p *Plan, pricer *tariffs.Pricer) *settler {
	return &settler{plan: p, pricer: pricer, paths: map[pathTerms]*tariffs.PathContract{}, own: map[*settlement.Contract]*tariffs.PathContract{}}
}

// contract is the contract by which a session is settled, or nil.
func (s *settler) contract(owner *entities.Entity, station *entities.Station, month entities.Month) *settlement.Contract {
	at := contractPlace{owner, station, month}
	if at != s.last {
		s.last, s.found = at, s.plan.contractAt(owner, station.Key, month)
	}
	return s.found
}

// driver is what a driver was charged for a session, net.
type driver struct {
	amount, fee money.Micros
	currency    string
	known       bool
	sale        *tariffs.SalePath // where the sales side decides; nil: the source states it
}

// driver finds the driver amount: as the source states it, otherwise by the
// sales side (settlement.md §2.2).
func (s *settler) driver(one *sessions.Session, place *entities.Place) (d driver, err error) {
	if one.DriverAmount != nil {
		d = driver{amount: *one.DriverAmount, currency: one.Currency, known: true}
		if one.DriverFee != nil {
			d.fee = *one.DriverFee
		}
		return d, nil
	}
	sale, err := s.pricer.Sale(one, place)
	if err != nil || sale.Path == nil {
		return d, err
	}
	return driver{sale.Amount, sale.Fee, sale.Currency, true, sale.Path}, nil
}

// settled is what a session comes to.
type settled struct {
	Nets
	currency string
	path     *tariffs.Path
	contract *settlement.Contract // nil: the purchase price alone
	driver   driver               // where the contract needs the driver amount
	later    bool                 // collected later
}

// settle settles a session by a contract, or says why it is held
// (settlement.md §3.3 to §3.5). d is the purchase price, without a path where a
// share decides.
func (s *settler) settle(
	one *sessions.Session, place *entities.Place, owner *entities.Entity, c *settlement.Contract, d *tariffs.Decision,
) (result settled, held sessions.Reason, err error) {
	result = settled{contract: c, currency: s.plan.contractCurrency(c, owner)}
	var who driver
	if c.NeedsDriverAmount() || c.SettleOn == settlement.Collected {
		if who, err = s.driver(one, place); err != nil {
			return result, "", err
		}
	}
	if held = s.holds(one, c, d, &who, result.currency); held != "" {
		return result, held, nil
	}
	charge := settlement.Charge{
		Energy: one.Energy, DC: place.Connector.PowerType == entities.DC,
		Price: settlement.Price{Energy: d.Energy, Time: d.Time, Fee: d.Fee},
	}
	if c.NeedsDriverAmount() {
		charge.DriverAmount, charge.DriverFee, charge.Known = who.amount, who.fee, who.known
		result.driver = who
	}
	parts, err := c.Settle(&charge)
	if err != nil {
		return result, "", err
	}
	result.Nets = Nets{
		NetEnergy: parts.Price.Energy, NetTime: parts.Price.Time, NetFee: parts.Price.Fee,
		NetShare: parts.Share, NetElectricityCost: parts.ElectricityCost, NetElectricityTax: parts.ElectricityTax, NetSessionFees: parts.SessionFees,
	}
	result.later = c.SettleOn == settlement.Collected && s.awaited[one.ID]
	result.path, err = s.pricer.Contracted(one, place, d, s.terms(pathTerms{c, charge.DC, result.later}, result.currency), result.driver.sale)
	return result, "", err
}

// holds is the first reason of settlement.md §3.5 that applies.
func (s *settler) holds(
	one *sessions.Session, c *settlement.Contract, d *tariffs.Decision, who *driver, currency string,
) sessions.Reason {
	needed := c.NeedsDriverAmount()
	switch {
	case needed && !who.known:
		return sessions.NoDriverAmount
	case needed && who.currency != currency, !c.Shares() && d.Currency != currency:
		return sessions.ContractCurrency
	case c.SettleOn == settlement.Collected && one.CollectedAt.IsZero() && (!who.known || who.amount != 0) && !s.billed(one, who):
		return sessions.NotCollected
	}
	return ""
}

// billed reports whether a session is billed to the issuer of its medium as own
// charging, so that no driver's money is awaited (settlement.md §3.8).
func (s *settler) billed(one *sessions.Session, who *driver) bool {
	c, issuer := s.plan.ownChargingOf(one)
	return c != nil && who.known && who.currency == s.plan.contractCurrency(c, issuer)
}

// ownChargingOf is the contract by which a session is billed as own charging,
// with its owner, or nil.
func (p *Plan) ownChargingOf(one *sessions.Session) (*settlement.Contract, *entities.Entity) {
	if one.MediumUID == "" {
		return nil, nil
	}
	medium := p.Network.Medium(one.MediumUID)
	if medium == nil {
		return nil, nil
	}
	month := entities.MonthOf(one.End, p.Network.Zone())
	for e := p.Network.Tree.Entity(medium.Issuer); e != nil; e = p.Network.Tree.Entity(e.Parent) {
		if c := p.contractsFor(e, month).OwnCharging(e.Key, month); c != nil {
			return c, e
		}
	}
	return nil, nil
}

// ownPath is the price path of a session that is billed as own charging by a
// contract.
func (s *settler) ownPath(one *sessions.Session, place *entities.Place, c *settlement.Contract, currency string, sale *tariffs.SalePath) (*tariffs.Path, error) {
	terms := s.own[c]
	if terms == nil {
		terms = &tariffs.PathContract{Key: c.Key, Currency: currency}
		s.own[c] = terms
	}
	return s.pricer.OwnCharged(one, place, terms, c.OwnChargingDiscount, sale)
}

// terms are what a price path keeps of a contract, one of each kind.
func (s *settler) terms(key pathTerms, currency string) *tariffs.PathContract {
	c, direct := key.contract, key.direct
	terms := s.paths[key]
	if terms == nil {
		terms = &tariffs.PathContract{
			Key: c.Key, ExcludesFee: c.ExcludeConnectionFee, DeductsCost: c.DeductElectricityCost, RefundsCost: c.ReimburseElectricityCost,
			Cost: c.ElectricityCost, Tax: c.ElectricityTax, FeePerKWh: c.FeePerKWhAC, FixedFee: c.FixedFeeAC,
			HandlingFee: c.HandlingFee, Currency: currency, OnCollection: c.SettleOn == settlement.Collected, CollectedLater: key.later,
		}
		if c.Shares() {
			terms.Share = c.ShareAC
		}
		if direct {
			terms.FeePerKWh, terms.FixedFee = c.FeePerKWhDC, c.FixedFeeDC
			if c.Shares() {
				terms.Share = c.ShareDC
			}
		}
		s.paths[key] = terms
	}
	return terms
}
