package api

import (
	"bytes"
	"encoding/json"
	"net/http"
	"testing"

	"creditrun/creditnotes"
	"creditrun/internal/web/webtest"
)

func TestSettlementReportsAreListedAndShown(t *testing.T) {
	w := newWorld(t)
	anna := w.as("anna")
	list := all[ReportEntry](anna, "/settlement-reports?run=2026-10&limit=2")
	if len(list) < 3 {
		t.Fatalf("%d reports", len(list))
	}
	for _, r := range list {
		if r.Run != "2026-10" || r.Period.To != "2026-10" {
			t.Errorf("%+v", r)
		}
	}
	one := list[0]
	narrow := all[ReportEntry](anna, "/settlement-reports?owner="+one.Owner+"&currency="+one.Currency+"&from_month=2026-10&until_month=2026-10")
	if len(narrow) != 1 || narrow[0].Report != one.Report {
		t.Errorf("%+v", narrow)
	}
	var whole struct {
		creditnotes.SettlementReport
		Records []creditnotes.ReportRecord `json:"records"`
	}
	if err := json.Unmarshal(anna.get("/settlement-reports/"+one.Report).is(http.StatusOK).body, &whole); err != nil {
		t.Fatal(err)
	}
	if whole.Name != one.Report || int64(len(whole.Records)) != whole.RecordCount || whole.SHA256 != one.SHA256 {
		t.Errorf("%s with %d records of %d", whole.Name, len(whole.Records), whole.RecordCount)
	}
	live := read[LiveReport](anna.get("/settlement-reports/" + one.Report + "/live").is(http.StatusOK))
	if live.Totals.Revenue != one.Totals.Revenue || live.RecordCount != whole.RecordCount {
		t.Errorf("%+v is not %+v", live.Totals, one.Totals)
	}
	read[Items[creditnotes.ReportDifference]](anna.get("/settlement-reports/" + one.Report + "/difference").is(http.StatusOK))
	if pdf := anna.get("/settlement-reports/" + one.Report + "/files/pdf").is(http.StatusOK); !bytes.HasPrefix(pdf.body, []byte("%PDF-")) {
		t.Errorf("%.20q", pdf.body)
	}
	anna.get("/settlement-reports/nothing").problem(http.StatusNotFound, "report_unknown")
	anna.get("/settlement-reports?run=1999-01").problem(http.StatusNotFound, "run_unknown")
}

func TestSettlementReportsOfOthersDoNotExist(t *testing.T) {
	w := newWorld(t)
	anna, paul := w.as("anna"), w.as("paul")
	seen := map[string]bool{}
	for _, r := range all[ReportEntry](paul, "/settlement-reports") {
		seen[r.Report] = true
	}
	if !seen[creditnotes.ReportName(webtest.SubCPO, "2026-10", "EUR")] {
		t.Errorf("the Sub-CPO sees %v", seen)
	}
	others := 0
	for _, r := range all[ReportEntry](anna, "/settlement-reports") {
		if seen[r.Report] {
			continue
		}
		others++
		for _, part := range []string{"", "/live", "/difference", "/files/pdf"} {
			paul.get("/settlement-reports/"+r.Report+part).problem(http.StatusNotFound, "report_unknown")
		}
	}
	if others == 0 {
		t.Error("the operator sees no more than the Sub-CPO")
	}
	paul.post("/settlement-reports/"+creditnotes.ReportName(webtest.SubCPO, "2026-10", "EUR")+"/resend", object{}).is(http.StatusForbidden)
}

func TestASettlementReportIsMailedAlone(t *testing.T) {
	w := newWorld(t)
	felix, name := w.as("felix"), creditnotes.ReportName(webtest.SubCPO, "2026-10", "EUR")
	d := read[Delivery](felix.post("/settlement-reports/"+name+"/resend", object{"to": []string{"tax@hotel.example"}}).is(http.StatusAccepted))
	if d.Number != name || len(d.To) != 1 || d.To[0] != "tax@hotel.example" {
		t.Errorf("%+v", d)
	}
	if list := all[Delivery](felix, "/deliveries?limit=1"); list[0].Number != name {
		t.Errorf("%+v", list[0])
	}
	felix.post("/settlement-reports/nothing/resend", object{}).problem(http.StatusNotFound, "report_unknown")
}
