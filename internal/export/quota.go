package export

import (
	"io"

	"creditrun/creditnotes"
)

// quotaColumns are the columns of the list for the greenhouse-gas quota.
var quotaColumns = []string{"evse_id", "station", "name", "street", "postcode", "city", "country", "power_type", "from", "until", "sessions", "energy_kwh", "energy_mwh"}

func quotaCells(r *creditnotes.QuotaRow) []cell {
	return []cell{text(r.EVSEID), text(r.Station), text(r.Name), text(r.Street), text(r.Postcode), text(r.City), text(r.Country), text(r.PowerType),
		text(string(r.From)), text(string(r.Until)), whole(r.Sessions), number(r.Energy.String()), number(r.MWh().String())}
}

// QuotaXLSX writes the energy per public charge point, as the greenhouse-gas quota
// asks for it.
func QuotaXLSX(w io.Writer, sheet string, heads Heads, list []creditnotes.QuotaRow) error {
	return writeXLSX(w, sheet, quotaColumns, heads, rowsOf(list), quotaCells)
}

// QuotaCSV is QuotaXLSX as CSV.
func QuotaCSV(w io.Writer, heads Heads, list []creditnotes.QuotaRow) error {
	return writeCSV(w, quotaColumns, heads, rowsOf(list), quotaCells)
}
