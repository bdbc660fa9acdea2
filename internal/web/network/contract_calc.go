package network

import (
	"creditrun/internal/money"
	"creditrun/internal/settlement"
	"creditrun/internal/web/page"
)

// calculationView is what one session comes to under a contract, at AC and at
// DC.
type calculationView struct {
	*page.FormState
	Energy, Amount, Fee, Price string // as typed
	Shares                     bool   // a share decides, not the purchase price
	Currency                   string
	Lines                      []calculationLine
	Faults                     []string // with them there are no lines
}

// calculationLine is one figure.
type calculationLine struct {
	Name   string // message
	AC, DC string
	Total  bool
}

// The session of the calculator as long as none is typed in.
const (
	usualDriverAmount = "8.00"
	usualDriverFee    = "0.00"
	usualPrice        = "5.00"
)

// calculation reads the calculator's session and settles it.
func (v *Visit) calculation(f *page.FormState, c *settlement.Contract) calculationView {
	view := calculationView{
		FormState: f, Shares: c.Shares(), Currency: v.contractCurrency(c),
		Energy: page.OrElse(f.Text("calc_energy"), usualEnergy), Amount: page.OrElse(f.Text("calc_amount"), v.Figure(usualDriverAmount)),
		Fee: page.OrElse(f.Text("calc_fee"), v.Figure(usualDriverFee)), Price: page.OrElse(f.Text("calc_price"), v.Figure(usualPrice)),
	}
	charge := settlement.Charge{
		Energy:       money.Quantity(f.With("calc_energy", "calc_energy", view.Energy).Decimal(money.QuantityDecimals)),
		DriverAmount: money.Micros(f.With("calc_amount", "contract_calc_amount", view.Amount).Decimal(money.MicroDecimals)), Known: true,
		DriverFee: money.Micros(f.With("calc_fee", "contract_calc_fee", view.Fee).Decimal(money.MicroDecimals)),
		Price:     settlement.Price{Energy: money.Micros(f.With("calc_price", "contract_calc_price", view.Price).Decimal(money.MicroDecimals))},
	}
	if charge.Energy < 0 {
		f.With("calc_energy", "calc_energy", view.Energy).Wrong("form_decimal", money.QuantityDecimals)
	}
	for _, found := range f.Faults {
		view.Faults = append(view.Faults, v.Texts.PageFault(v.Lang, found))
	}
	if len(view.Faults) > 0 {
		return view
	}
	ac, err := c.Settle(&charge)
	charge.DC = true
	dc, errDC := c.Settle(&charge)
	if err != nil || errDC != nil {
		view.Faults = []string{v.Message("contract_calc_too_large")}
		return view
	}
	view.Lines = v.calculationLines(&charge, &ac, &dc, view.Shares)
	return view
}

func (v *Visit) calculationLines(charge *settlement.Charge, ac, dc *settlement.Result, shares bool) (lines []calculationLine) {
	line := func(name string, of func(*settlement.Result) money.Micros) {
		lines = append(lines, calculationLine{Name: "contract_calc_" + name, AC: v.exact(of(ac)), DC: v.exact(of(dc))})
	}
	if shares {
		line("share", func(r *settlement.Result) money.Micros { return r.Share })
		line("electricity_cost", func(r *settlement.Result) money.Micros { return r.ElectricityCost })
	} else {
		line("price", func(r *settlement.Result) money.Micros { return r.Price.Energy + r.Price.Time + r.Price.Fee })
	}
	line("electricity_tax", func(r *settlement.Result) money.Micros { return r.ElectricityTax })
	line("session_fees", func(r *settlement.Result) money.Micros { return r.SessionFees })
	line("owner", (*settlement.Result).Owner)
	line("operator", func(r *settlement.Result) money.Micros { return r.Operator(charge.DriverAmount) })
	lines[len(lines)-2].Total, lines[len(lines)-1].Total = true, true
	return lines
}

// exact writes an amount with the decimals that it has, at least two.
func (v *Visit) exact(m money.Micros) string {
	return v.Texts.Number(v.Lang, cents(int64(m)), decimalsOf(int64(m)))
}

func decimalsOf(m int64) int {
	decimals := money.MicroDecimals
	for decimals > 2 && m%10 == 0 {
		m, decimals = m/10, decimals-1
	}
	return decimals
}

func cents(m int64) int64 {
	for range money.MicroDecimals - decimalsOf(m) {
		m /= 10
	}
	return m
}

// contractCurrency is the currency of a contract.
func (v *Visit) contractCurrency(c *settlement.Contract) string {
	if c.Currency != "" {
		return c.Currency
	}
	b, err := v.Snapshot(v.R.Context())
	if err != nil || b.Network == nil {
		return ""
	}
	if e := b.Network.Tree.Entity(c.Owner); e != nil && e.Currency != "" {
		return e.Currency
	}
	return page.OrElse(b.Operator().Currency, "EUR")
}
