package web

import (
	"net/http"
	"strings"
	"testing"

	"creditrun/internal/sessions"
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

func TestWhatWasHeldIsShownOverTime(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		w.as("anna").get("/analysis").shows(t, "Energy and amount", `<circle class="dot"`, `hx-get="/analysis/held`)
		p := w.as("anna").get("/analysis/held")
		p.shows(t, "Held over time", "August 2026", "October 2026", "not due for settlement yet", "no purchase price")
		run, err := w.store.RunByName(t.Context(), "2026-10")
		must(t, err)
		groups, err := w.store.RunHeld(t.Context(), run.ID)
		must(t, err)
		want := map[sessions.Reason]int64{}
		for _, g := range groups {
			want[g.Reason] += int64(g.Sessions)
		}
		list, err := w.store.HeldOverTime(t.Context(), nil, 1)
		must(t, err)
		for _, h := range list {
			if h.Month != "2026-10" || want[h.Reason] != h.Sessions {
				t.Errorf("%s, %s: %d sessions, the run held %d", h.Month, h.Reason, h.Sessions, want[h.Reason])
			}
			delete(want, h.Reason)
		}
		if len(want) > 0 {
			t.Errorf("not shown: %v", want)
		}
		w.as("paul").get("/analysis/held").lacks(t, "station without owner")
	})
}
