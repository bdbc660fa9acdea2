package export

import (
	"fmt"

	"github.com/xuri/excelize/v2"

	"creditrun/creditnotes"
)

// Measures of the charts, in pixels.
const (
	chartWidth   = 960
	chartHeight  = 380
	stationRow   = 22 // of the chart by station, for each
	rowHeight    = 20 // of a row of the sheet
	chartSpacing = 2  // rows between the charts
)

// addCharts adds a sheet with charts of the sheets of days and stations, which
// show what stands there.
func addCharts(w *workbook, words Words, names map[string]string, r *creditnotes.SettlementReport) error {
	if len(r.Days) == 0 {
		return nil
	}
	sheet, err := sheetName(words, "title_settlement_report")
	if err != nil {
		return err
	}
	if _, err := w.book.NewSheet(sheet); err != nil {
		return err
	}
	days := chartOf(excelize.Col, names["report_by_day"], r.Currency, len(r.Days), chartHeight)
	if err := w.book.AddChart(sheet, "A1", days); err != nil {
		return err
	}
	tall := max(chartHeight, stationRow*len(r.Stations)+120)
	stations := chartOf(excelize.Bar, names["report_by_station"], r.Currency, len(r.Stations), tall)
	stations.XAxis.ReverseOrder = true // the first station at the top, as in the list
	below := chartHeight/rowHeight + chartSpacing + 1
	return w.book.AddChart(sheet, fmt.Sprintf("A%d", below), stations)
}

// chartOf is a chart of the nets on a sheet of sums, by name.
func chartOf(kind excelize.ChartType, sheet, currency string, rows, height int) *excelize.Chart {
	column := func(name string) string { return fmt.Sprintf("'%s'!$%s$2:$%s$%d", sheet, name, name, rows+1) }
	return &excelize.Chart{
		Type:      kind,
		Series:    []excelize.ChartSeries{{Name: "'" + sheet + "'!$D$1", Categories: column("A"), Values: column("D")}},
		Title:     excelize.ChartTitle{Paragraph: []excelize.RichTextRun{{Text: sheet + " (" + currency + ")"}}},
		Legend:    excelize.ChartLegend{Position: "none"},
		Dimension: excelize.ChartDimension{Width: chartWidth, Height: uint(height)},
		XAxis:     excelize.ChartAxis{Font: excelize.Font{Size: 9}},
		YAxis:     excelize.ChartAxis{MajorGridLines: true, Font: excelize.Font{Size: 9}},
	}
}
