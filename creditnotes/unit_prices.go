package creditnotes

import (
	"cmp"
	"slices"

	"creditrun/internal/money"
	"creditrun/tariffs"
)

// UnitPrice is one price at which sessions of a position were settled, and how
// much of the position was (Directive 2006/112/EC, Article 226 (8)). Without a
// share it comes to Quantity × Price less the discount; own charging comes to
// Quantity less the discount.
type UnitPrice struct {
	Tariff   string        `json:"tariff,omitempty"` // key of the tariff, or of the contract
	Unit     PriceUnit     `json:"unit"`
	Price    money.Fine    `json:"price,omitempty"`    // net, for one unit; none for UnitAmount
	Discount money.Percent `json:"discount,omitempty"` // taken off
	Share    money.Percent `json:"share,omitempty"`    // what a contract pays of it; 0: all
	// Quantity is in millionths of a kWh, minutes, sessions, or millionths of the
	// currency, as Unit says. What is taken back is negative.
	Quantity int64 `json:"quantity,omitempty"`
}

// PriceUnit is what a price is for.
type PriceUnit string

// The units. UnitAmount is of a percentage of driver amounts, less connection
// fees where the contract leaves them out.
const (
	UnitAmount  PriceUnit = "amount"
	UnitKWh     PriceUnit = "kwh"
	UnitHour    PriceUnit = "hour"
	UnitSession PriceUnit = "session"
)

// Of the prices of a position, keptPrices are kept while lines are added up, the
// first in their order, and MostPrices are frozen with it: one more says that
// there are further ones.
const (
	MostPrices = 5
	keptPrices = MostPrices + 1
)

// compare is the order in which prices are printed, whatever their quantity.
func (u *UnitPrice) compare(other *UnitPrice) int {
	return cmp.Or(cmp.Compare(u.Unit, other.Unit), cmp.Compare(u.Tariff, other.Tariff), cmp.Compare(u.Price, other.Price),
		cmp.Compare(u.Discount, other.Discount), cmp.Compare(u.Share, other.Share))
}

// is reports whether two prices are the same.
func (u *UnitPrice) is(other *UnitPrice) bool {
	return u.Price == other.Price && u.Discount == other.Discount && u.Share == other.Share && u.Unit == other.Unit && u.Tariff == other.Tariff
}

// priceList adds up the prices of one position in bounded memory. The result
// does not depend on the order in which they come: a price that was dropped has
// keptPrices others before it, and never comes back.
type priceList struct {
	kept    []UnitPrice // in their order
	dropped bool
}

// add takes a price with its quantity.
func (l *priceList) add(one *UnitPrice) {
	for i := range l.kept {
		if l.kept[i].is(one) {
			l.kept[i].Quantity += one.Quantity
			return
		}
	}
	at := 0
	for at < len(l.kept) && l.kept[at].compare(one) < 0 {
		at++
	}
	if len(l.kept) == keptPrices {
		l.dropped = true
		if at == keptPrices {
			return
		}
		l.kept = l.kept[:keptPrices-1]
	}
	l.kept = slices.Insert(l.kept, at, *one)
}

// addOwn takes what own charging bills: the driver amount, less the discount of the
// contract. Charges of early releases have no price path to tell the discount.
func (l *priceList) addOwn(c *OwnCharge, discount money.Percent) {
	if c.PathID != 0 {
		l.add(&UnitPrice{Tariff: c.Contract, Unit: UnitAmount, Discount: discount, Quantity: int64(c.DriverAmount)})
	}
}

// frozen are the prices that the position keeps, and whether there are further
// ones. Those that corrections took back in full are none.
func (l *priceList) frozen() (prices []UnitPrice, further bool) {
	for _, one := range l.kept {
		if one.Quantity != 0 {
			prices = append(prices, one)
		}
	}
	if len(prices) > MostPrices {
		return prices[:MostPrices:MostPrices], true
	}
	return prices, l.dropped
}

// partPrices are the prices of the components of a sum, in the order of
// LineComponents.
type partPrices [len(lineComponents)]priceList

// The places of the components in lineComponents.
const (
	partShare = iota
	partEnergy
	partTime
	partFee
	partCost
	partTax
	partSessionFees
)

// pathPrices are the prices of a price path.
type pathPrices struct {
	path  *tariffs.Path
	units *tariffs.Units // nil: a share decides
}

func pricesOf(path *tariffs.Path) *pathPrices {
	p := &pathPrices{path: path}
	if path.Prices != nil {
		p.units = tariffs.UnitsOf(path.Prices)
	}
	return p
}

// add adds what a line uses of the prices; seconds is the duration of its
// session. Components but the first count where the line has an amount in them,
// as positions do.
func (p *pathPrices) add(into *partPrices, l *Line, seconds int64) {
	sign := int64(1)
	if l.Kind == LineReversal {
		sign = -1
	}
	if p.units != nil {
		p.purchase(into, l, sign, seconds)
	}
	if p.path.Contract != nil {
		p.settlement(into, l, sign)
	}
}

// perFine is how many billionths a millionth has.
const perFine = 1000

func (p *pathPrices) purchase(into *partPrices, l *Line, sign, seconds int64) {
	one := UnitPrice{Tariff: p.path.Tariff, Discount: p.path.Discount, Unit: UnitKWh}
	p.units.Energy(money.Quantity(sign)*l.Energy, func(price money.Rate, charged money.Quantity) {
		one.Price, one.Quantity = money.Fine(price)*perFine, sign*int64(charged)
		into[partEnergy].add(&one)
	})
	if l.NetTime != 0 {
		one.Unit = UnitHour
		p.units.Minutes(seconds, func(price money.Rate, charged int64) {
			one.Price, one.Quantity = money.Fine(price)*perFine, sign*charged
			into[partTime].add(&one)
		})
	}
	if l.NetFee != 0 {
		one.Unit, one.Price, one.Quantity = UnitSession, money.Fine(p.units.Fee())*perFine, sign
		into[partFee].add(&one)
	}
}

// settlement adds what a contract makes of a line (settlement.md §3.3).
func (p *pathPrices) settlement(into *partPrices, l *Line, sign int64) {
	terms := p.path.Contract
	one := func(unit PriceUnit, price money.Fine, share money.Percent, quantity int64) *UnitPrice {
		return &UnitPrice{Tariff: terms.Key, Unit: unit, Price: price, Share: share, Quantity: quantity}
	}
	energy := int64(l.Energy)
	if terms.Share != nil {
		amount := l.DriverAmount
		if terms.ExcludesFee {
			amount -= l.DriverFee
		}
		into[partShare].add(one(UnitAmount, 0, *terms.Share, int64(amount)))
		if terms.DeductsCost {
			into[partShare].add(one(UnitKWh, -terms.Cost, *terms.Share, energy))
		}
	}
	if l.NetElectricityCost != 0 {
		into[partCost].add(one(UnitKWh, terms.Cost, 0, energy))
	}
	if l.NetElectricityTax != 0 {
		into[partTax].add(one(UnitKWh, terms.Tax, 0, energy))
	}
	if l.NetSessionFees == 0 {
		return
	}
	if terms.HandlingFee != 0 {
		into[partSessionFees].add(one(UnitAmount, 0, -terms.HandlingFee, int64(l.DriverAmount)))
	}
	if terms.FeePerKWh != 0 {
		into[partSessionFees].add(one(UnitKWh, -terms.FeePerKWh, 0, energy))
	}
	if terms.FixedFee != 0 {
		into[partSessionFees].add(one(UnitSession, -terms.FixedFee, 0, sign))
	}
}

// Amount writes the quantity in the unit of the price, of an hour in minutes: with
// a decimal point and without trailing zeros.
func (u *UnitPrice) Amount() string {
	return money.FormatTrimmed(u.Quantity, u.decimals())
}

// decimals are those of the quantity.
func (u *UnitPrice) decimals() int {
	switch u.Unit {
	case UnitKWh:
		return money.QuantityDecimals
	case UnitAmount:
		return money.MicroDecimals
	}
	return 0
}

// Net writes the price less the discount, exactly.
func (u *UnitPrice) Net() string {
	if u.Discount == 0 {
		return u.Price.String()
	}
	const hundredths = 4 // decimals of a percentage
	return money.FormatTrimmed(int64(u.Price)*int64(money.Hundred-u.Discount), money.FineDecimals+hundredths)
}
