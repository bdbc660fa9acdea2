package export

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"creditrun/creditnotes"
	"creditrun/internal/money"
)

// plainWords name the sheets by their keys; one of them is too long.
func plainWords(key string) (string, error) {
	if key == "report_previous" {
		return "Für frühere Zeiträume vereinnahmt", nil
	}
	return strings.TrimPrefix(key, "report_"), nil
}

func reportBook(t *testing.T, days, stations int) []byte {
	t.Helper()
	r := &creditnotes.SettlementReport{
		Name: "a-2026-10-EUR", Currency: "EUR", TimeZone: "Europe/Berlin", Totals: creditnotes.ReportTotals{Revenue: "12.30"},
		Held:     []creditnotes.ReportHeld{{Reason: "overlap", Sessions: 1, Energy: 3_000_000}},
		OwnWaits: []creditnotes.ReportHeld{{Reason: "no_driver_amount", Sessions: 2, Energy: 5_000_000}},
	}
	for i := range days {
		r.Days = append(r.Days, creditnotes.ReportSum{Name: fmt.Sprintf("2026-10-%02d", i+1), Sessions: 1, Net: money.Micros(i+1) * 1_000_000})
	}
	for i := range stations {
		r.Stations = append(r.Stations, creditnotes.ReportSum{Name: fmt.Sprintf("ST-%d", i), Sessions: 1, Net: money.Micros(i+1) * 1_000_000})
	}
	rows := creditnotes.ReportRows{
		Previous: rowsOf([]creditnotes.ReportLine{{Session: "S-0"}}),
		Records:  rowsOf([]creditnotes.ReportRecord{{ID: "S-1", Kind: "revenue", Origin: "session", Net: "1.000000"}}),
	}
	var out bytes.Buffer
	if err := ReportXLSX(&out, plainWords, r, rows); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestTheWorkbookOfAReportHasASheetForEachSection(t *testing.T) {
	book, err := excelize.OpenReader(bytes.NewReader(reportBook(t, 31, 40)))
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close()
	want := "totals origins documents account by_day by_station Für frühere Zeiträume top_ups_list held own_waits records title_settlement_report"
	if got := strings.Join(book.GetSheetList(), " "); got != want {
		t.Errorf("sheets %s", got)
	}
	for cell, want := range map[string]string{"by_day!A32": "2026-10-31", "by_station!D41": "40.000000", "own_waits!A2": "no_driver_amount", "records!A2": "S-1", "held!B2": "1"} {
		sheet, at, _ := strings.Cut(cell, "!")
		if got, err := book.GetCellValue(sheet, at); err != nil || got != want {
			t.Errorf("%s is %q, want %q, %v", cell, got, want, err)
		}
	}
}

// chartsOf are the charts of a workbook, as they are stored.
func chartsOf(t *testing.T, content []byte) (charts []string) {
	t.Helper()
	files, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files.File {
		if !strings.HasPrefix(f.Name, "xl/charts/chart") {
			continue
		}
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		charts = append(charts, string(text))
	}
	return charts
}

func TestTheWorkbookOfAReportHasCharts(t *testing.T) {
	for _, size := range [][2]int{{1, 1}, {31, 40}} {
		charts := strings.Join(chartsOf(t, reportBook(t, size[0], size[1])), "\n")
		for _, want := range []string{
			fmt.Sprintf("'by_day'!$A$2:$A$%d", size[0]+1), fmt.Sprintf("'by_day'!$D$2:$D$%d", size[0]+1), fmt.Sprintf("'by_station'!$D$2:$D$%d", size[1]+1), "by_day (EUR)",
		} {
			if !strings.Contains(strings.ReplaceAll(charts, "&#39;", "'"), want) {
				t.Errorf("%v: no chart shows %s", size, want)
			}
		}
	}
	if charts := chartsOf(t, reportBook(t, 0, 0)); len(charts) != 0 {
		t.Errorf("%d charts of no session", len(charts))
	}
}
