package web

import (
	"net/http"
	"strings"
	"testing"
)

func TestWhatWasSettledIsAnalyzed(t *testing.T) {
	w := newWorld(t)
	anna := w.as("anna")
	p := anna.get("/analysis")
	p.shows(t, "Sonnenpark Muster", "Trend of 24 months", "As a table", "Owner’s share by month", "Held, with its value", "not due for settlement yet", "Value unknown",
		`<rect class="bar-1"`, "October 2026")
	if first, second := strings.Index(p.body, `href="/entities/stadtwerke"`), strings.Index(p.body, `href="/entities/cafe"`); first < 0 || second < first {
		t.Error("the owner with the largest share is not the first")
	}
	anna.get("/analysis?by=station&owner=sonnenpark").shows(t, "SON-02", "SON-01 · Sonnenpark Leipzig")
	anna.get("/analysis?by=tariff").shows(t, "sonnenpark-share", "LP-NIGHT")
	anna.get("/analysis?by=month&from=2026-09&until=2026-09&currency=CHF").shows(t, "CHF")
	anna.get("/analysis?by=owner&sort=fees").shows(t, `aria-sort="ascending"`)
	for _, wrong := range []string{"by=week", "from=soon", "from=2026-10&until=2026-09", "currency=XXX", "sort=x"} {
		if p := anna.get("/analysis?" + wrong); p.status != http.StatusUnprocessableEntity {
			t.Errorf("%s: status %d", wrong, p.status)
		}
	}
	if p := anna.get("/analysis.csv?by=month"); p.status != http.StatusOK || !strings.Contains(p.body, "2026-10;;EUR;") {
		t.Errorf("CSV: %d\n%s", p.status, p.body)
	}
	if p := anna.get("/analysis.xlsx"); p.status != http.StatusOK || !strings.HasPrefix(p.body, "PK") {
		t.Errorf("workbook: %d", p.status)
	}
	paul := w.as("paul").get("/analysis?by=station")
	paul.shows(t, "SWB-01", "WOH-01")
	for _, other := range []string{"SON-", "FRM-", "Sonnenpark", "Frischmarkt"} {
		if strings.Contains(paul.body, other) {
			t.Errorf("paul sees %s", other)
		}
	}
	anna.get("/analysis?owner=nobody").refuses(t, http.StatusNotFound, "nobody")
	w.as("paul").get("/analysis?owner=cafe").refuses(t, http.StatusNotFound, "cafe")
}
