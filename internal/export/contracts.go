package export

import (
	"io"
	"iter"
	"strconv"
	"strings"

	"creditrun/internal/money"
	"creditrun/internal/settlement"
)

// ContractColumns names the columns of a list of contracts, as the network file
// names the fields.
var ContractColumns = []string{
	"key", "title", "owner", "stations", "from", "to", "auto_renew", "ended", "active", "external_id", "currency", "settle_on",
	"share_percent_ac", "share_percent_dc", "exclude_connection_fee", "deduct_electricity_cost", "reimburse_electricity_cost",
	"electricity_cost_per_kwh", "electricity_tax_per_kwh", "fixed_fee_per_session_ac", "fixed_fee_per_session_dc", "fee_per_kwh_ac", "fee_per_kwh_dc",
	"handling_fee_percent", "monthly_fee", "monthly_fee_per_station", "monthly_fee_per_ac_evse", "monthly_fee_per_dc_evse", "minimum_guarantee",
	"volume_bonus", "bill_own_charging", "own_charging_discount_percent", "fee_tax_account",
}

// ContractsCSV writes contracts as CSV.
func ContractsCSV(w io.Writer, heads *Look, list []settlement.Contract) error {
	return writeCSV(w, ContractColumns, heads, each(list), contractCells)
}

// ContractsXLSX writes contracts as a workbook; sheet is the name of its sheet.
func ContractsXLSX(w io.Writer, sheet string, heads *Look, list []settlement.Contract) error {
	return writeXLSX(w, sheet, ContractColumns, heads, each(list), contractCells)
}

// each yields the elements of a list.
func each[T any](list []T) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for _, one := range list {
			if !yield(one, nil) {
				return
			}
		}
	}
}

func contractCells(c *settlement.Contract) []cell {
	share := func(p *money.Percent) cell {
		if p == nil {
			return text("")
		}
		return number(p.String())
	}
	micros := func(m money.Micros) cell { return number(money.FormatTrimmed(int64(m), money.MicroDecimals)) }
	fine := func(f money.Fine) cell { return number(f.String()) }
	truth := func(b bool) cell { return text(strconv.FormatBool(b)) }
	var bands []string
	for _, b := range c.VolumeBonus {
		bands = append(bands, b.From.String()+": "+b.PerKWh.String())
	}
	return []cell{
		text(c.Key), text(c.Title), text(c.Owner), text(strings.Join(c.Stations, ", ")), dayOf(c.From), dayOf(c.To), truth(c.AutoRenew), dayOf(c.Ended),
		truth(c.Active), text(c.ExternalID), text(c.Currency), text(c.SettleOn),
		share(c.ShareAC), share(c.ShareDC), truth(c.ExcludeConnectionFee), truth(c.DeductElectricityCost), truth(c.ReimburseElectricityCost),
		fine(c.ElectricityCost), fine(c.ElectricityTax), fine(c.FixedFeeAC), fine(c.FixedFeeDC), fine(c.FeePerKWhAC), fine(c.FeePerKWhDC),
		number(c.HandlingFee.String()), micros(c.MonthlyFee), micros(c.MonthlyFeePerStation), micros(c.MonthlyFeePerACEVSE), micros(c.MonthlyFeePerDCEVSE),
		micros(c.MinimumGuarantee), text(strings.Join(bands, ", ")), truth(c.BillOwnCharging), number(c.OwnChargingDiscount.String()), text(c.FeeTaxAccount),
	}
}
