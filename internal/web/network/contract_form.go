package network

import (
	"cmp"
	"html/template"
	"slices"
	"strings"

	"creditrun/entities"
	"creditrun/internal/money"
	"creditrun/internal/settlement"
	"creditrun/internal/web/page"
)

// contractGroup are inputs that belong together.
type contractGroup struct {
	name   string
	inputs []contractInput
}

// contractInput is one input of the form of a contract. It is named as the field
// in the network file; value points to the field.
type contractInput struct {
	name  string
	value any
	hint  bool // there are words of help
	share bool // it needs a share
}

// contractInputs are the inputs for the fields of a contract, but for the key
// and the bands of the volume bonus.
func contractInputs(c *settlement.Contract) []contractGroup {
	return []contractGroup{
		{"parties", []contractInput{
			{name: "title", value: &c.Title}, {name: "owner", value: &c.Owner, hint: true}, {name: "stations", value: &c.Stations, hint: true},
			{name: "external_id", value: &c.ExternalID, hint: true}, {name: "currency", value: &c.Currency, hint: true},
		}},
		{"term", []contractInput{
			{name: "from", value: &c.From, hint: true}, {name: "to", value: &c.To, hint: true}, {name: "auto_renew", value: &c.AutoRenew, hint: true},
			{name: "ended", value: &c.Ended, hint: true}, {name: "active", value: &c.Active, hint: true},
		}},
		{"share", []contractInput{
			{name: "share_percent_ac", value: &c.ShareAC, hint: true}, {name: "share_percent_dc", value: &c.ShareDC, hint: true},
			{name: "exclude_connection_fee", value: &c.ExcludeConnectionFee, share: true},
			{name: "deduct_electricity_cost", value: &c.DeductElectricityCost, share: true},
			{name: "reimburse_electricity_cost", value: &c.ReimburseElectricityCost, hint: true, share: true},
			{name: "electricity_cost_per_kwh", value: &c.ElectricityCost, share: true},
			{name: "settle_on", value: &c.SettleOn, hint: true},
		}},
		{"fees", []contractInput{
			{name: "electricity_tax_per_kwh", value: &c.ElectricityTax, hint: true},
			{name: "fixed_fee_per_session_ac", value: &c.FixedFeeAC}, {name: "fixed_fee_per_session_dc", value: &c.FixedFeeDC},
			{name: "fee_per_kwh_ac", value: &c.FeePerKWhAC}, {name: "fee_per_kwh_dc", value: &c.FeePerKWhDC},
			{name: "handling_fee_percent", value: &c.HandlingFee, hint: true},
		}},
		{"monthly", []contractInput{
			{name: "monthly_fee", value: &c.MonthlyFee}, {name: "monthly_fee_per_station", value: &c.MonthlyFeePerStation},
			{name: "monthly_fee_per_ac_evse", value: &c.MonthlyFeePerACEVSE}, {name: "monthly_fee_per_dc_evse", value: &c.MonthlyFeePerDCEVSE},
			{name: "fee_tax_account", value: &c.FeeTaxAccount, hint: true}, {name: "minimum_guarantee", value: &c.MinimumGuarantee, hint: true},
			{name: "bill_own_charging", value: &c.BillOwnCharging, hint: true}, {name: "own_charging_discount_percent", value: &c.OwnChargingDiscount},
		}},
	}
}

// read sets the field to what was typed.
func (i contractInput) read(f *page.FormState) {
	typed, label := f.Text(i.name), "contract_"+i.name
	switch field := i.value.(type) {
	case *string:
		*field = typed
		if i.name == "currency" {
			*field = strings.ToUpper(typed)
		}
	case *[]string:
		*field = stationsIn(f)
	case *bool:
		*field = f.Checked(i.name)
	case *settlement.SettleOn:
		*field = settlement.SettleOn(typed)
	case *entities.Month:
		*field = monthIn(f, i.name)
	case **money.Percent:
		if *field = nil; typed != "" {
			*field = new(money.Percent(f.At(i.name, label).Decimal(money.PercentDecimals)))
		}
	case *money.Percent:
		*field = money.Percent(f.At(i.name, label).Decimal(money.PercentDecimals))
	case *money.Fine:
		*field = money.Fine(f.At(i.name, label).Decimal(money.FineDecimals))
	case *money.Micros:
		*field = money.Micros(f.At(i.name, label).Decimal(money.MicroDecimals))
	}
}

// stationsIn reads the stations of a contract, with one that is chosen beside
// them.
func stationsIn(f *page.FormState) []string {
	list := f.Lines("stations")
	if more := f.Text("station_more"); more != "" && !slices.Contains(list, more) {
		list = append(list, more)
	}
	return list
}

// monthIn reads a month; nothing is none.
func monthIn(f *page.FormState, name string) entities.Month {
	text := f.Text(name)
	if text == "" {
		return ""
	}
	month, err := entities.ParseMonth(text)
	if err != nil {
		f.Say(name, "contract_month_malformed")
	}
	return month
}

// shown is the value as the form shows it, and the kind of its input.
func (i contractInput) shown() (value, kind string) {
	switch field := i.value.(type) {
	case *string:
		return *field, "text"
	case *[]string:
		return strings.Join(*field, "\n"), "area"
	case *bool:
		if *field {
			return "true", "check"
		}
		return "", "check"
	case *settlement.SettleOn:
		return string(cmp.Or(*field, settlement.Generated)), "select"
	case *entities.Month:
		return string(*field), "month"
	case **money.Percent:
		if *field == nil {
			return "", "figure"
		}
		return (*field).String(), "figure"
	case *money.Percent:
		return figure(int64(*field), money.PercentDecimals), "figure"
	case *money.Fine:
		return figure(int64(*field), money.FineDecimals), "figure"
	case *money.Micros:
		return figure(int64(*field), money.MicroDecimals), "figure"
	}
	return "", ""
}

// figure writes what is agreed; what is not agreed is empty.
func figure(v int64, decimals int) string {
	if v == 0 {
		return ""
	}
	return money.FormatTrimmed(v, decimals)
}

// contractField is one field of the form.
type contractField struct {
	formField
	Share bool              // it needs a share
	List  template.HTMLAttr // of what it offers
}

// contractFields is a group of fields.
type contractFields struct {
	Name   string
	Fields []contractField
}

// contractBand is a band of the volume bonus as it is typed.
type contractBand struct{ From, PerKWh string }

// moreBands is how many empty bands the form offers.
const moreBands = 2

// contractIn is the contract as the form says it shall be; what cannot be read
// is noted as wrong.
func contractIn(f *page.FormState, key string) settlement.Contract {
	c := settlement.Contract{Key: key}
	for _, group := range contractInputs(&c) {
		for _, input := range group.inputs {
			input.read(f)
		}
	}
	for _, band := range contractBandsIn(f) {
		if band == (contractBand{}) {
			continue
		}
		from := f.With("volume_bonus", "contract_bonus_from", band.From)
		price := f.With("volume_bonus", "contract_bonus_price", band.PerKWh)
		if band.From == "" {
			from.Wrong("form_decimal", money.QuantityDecimals)
			continue
		}
		c.VolumeBonus = append(c.VolumeBonus, settlement.BonusBand{
			From: money.Quantity(from.Decimal(money.QuantityDecimals)), PerKWh: money.Fine(price.Price(money.FineDecimals)),
		})
	}
	slices.SortStableFunc(c.VolumeBonus, func(a, b settlement.BonusBand) int { return cmp.Compare(a.From, b.From) })
	return c
}

func contractBandsIn(f *page.FormState) (bands []contractBand) {
	from, prices := f.All("bonus_from"), f.All("bonus_price")
	for i := range min(len(from), len(prices), page.MaxRows) {
		bands = append(bands, contractBand{strings.TrimSpace(from[i]), strings.TrimSpace(prices[i])})
	}
	return bands
}

// contractBandsOf are the bands that the form shows: those there are, and empty
// ones.
func (v *Visit) contractBandsOf(c *settlement.Contract) (bands []contractBand) {
	for _, b := range c.VolumeBonus {
		bands = append(bands, contractBand{v.Figure(b.From.String()), v.Figure(b.PerKWh.String())})
	}
	return append(bands, make([]contractBand, moreBands)...)
}
