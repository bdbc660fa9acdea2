package api

import (
	"net/http"
	"testing"

	"creditrun/creditnotes"
)

func TestAnalysisAddsUpWhatIsSeen(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		vera, paul := w.as("vera"), w.as("paul")
		whole := read[creditnotes.AnalysisJSON](vera.get("/analysis").is(http.StatusOK))
		own := read[creditnotes.AnalysisJSON](paul.get("/analysis").is(http.StatusOK))
		if len(whole.Rows) < 15 || len(own.Rows) != 4 || len(whole.Trend) == 0 || len(whole.Held) == 0 || len(whole.Awaited) == 0 {
			t.Errorf("%d owners, paul sees %d; %+v", len(whole.Rows), len(own.Rows), own.Rows)
		}
		known := false
		for _, h := range whole.Held {
			known = known || h.Owner == "wohnbau" && h.Reason == "not_due" && h.Worth != "0.000000" && h.Unknown == 0
		}
		if !known {
			t.Errorf("held: %+v", whole.Held)
		}
		stations := read[creditnotes.AnalysisJSON](vera.get("/analysis?by=station&owner=sonnenpark&from=2026-10&until=2026-10").is(http.StatusOK))
		if len(stations.Rows) != 2 || stations.Rows[0].Key != "SON-01" {
			t.Errorf("%+v", stations.Rows)
		}
		vera.get("/analysis?from=2026-10&until=2026-09").problem(http.StatusUnprocessableEntity, "list_value_unknown")
		paul.get("/analysis?owner=cafe").problem(http.StatusNotFound, "entity_unknown")
	})
}

func TestBothSidesOfAnIssuerPageByPage(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		vera := w.as("vera")
		const path = "/issuers/sonnenpark/control?month=2026-10"
		first := read[struct {
			Totals creditnotes.IssuerTotalsJSON `json:"totals"`
		}](vera.get(path).is(http.StatusOK))
		var sessions int64
		for _, f := range first.Totals.Findings {
			sessions += f.Sessions
		}
		rows := all[creditnotes.IssuerRowJSON](vera, path+"&limit=3")
		if int64(len(rows)) != sessions || sessions < 10 || len(first.Totals.Sums) != 1 || first.Totals.Sums[0].TopUps != 3 {
			t.Errorf("%d sessions, %d counted; %+v", len(rows), sessions, first.Totals)
		}
		for i := 1; i < len(rows); i++ {
			if rows[i].Session <= rows[i-1].Session {
				t.Errorf("%s after %s", rows[i].Session, rows[i-1].Session)
			}
		}
		for _, r := range all[creditnotes.IssuerRowJSON](vera, path+"&finding=agrees") {
			if r.Finding != creditnotes.IssuerAgrees || r.Owner == nil || r.Issuer.Billed == nil && r.Issuer.CollectedAt == nil {
				t.Errorf("%+v", r)
			}
		}
		paul := w.as("paul")
		paul.get(path).problem(http.StatusNotFound, "entity_unknown")
		for _, r := range all[creditnotes.IssuerRowJSON](paul, "/issuers/stadtwerke/control?month=2026-10") {
			if (r.Finding == creditnotes.IssuerApart) != (r.OwnedBy == "") || r.Finding == creditnotes.IssuerApart && (r.Station != "" || r.Owner != nil) {
				t.Errorf("paul sees %+v", r)
			}
		}
	})
}
