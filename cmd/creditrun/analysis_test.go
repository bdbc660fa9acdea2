package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"creditrun/creditnotes"
)

func TestAnalysisAndIssuersAreAskedForByCommand(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		w.ran()
		var a creditnotes.AnalysisJSON
		w.read(&a, "analysis", "--until", "2026-10")
		if len(a.Rows) != 2 || a.Rows[0].Key != "a" || a.Rows[0].Share != "16.838675" || a.Rows[0].Sessions != 5 || len(a.Held) != 1 || a.Held[0].Reason != "invalid" {
			t.Errorf("%+v", a)
		}
		csv, xlsx := filepath.Join(w.dir, "a.csv"), filepath.Join(w.dir, "a.xlsx")
		shows(t, w.do("analysis", "--by", "station", "--until", "2026-10", "--csv", csv, "--xlsx", xlsx), "ST-1", "ST-2", "total", "held: 1 sessions")
		if content, err := os.ReadFile(csv); err != nil || !strings.Contains(string(content), "ST-2;;EUR;3;") {
			t.Errorf("%s, %v", content, err)
		}
		shows(t, w.do("analysis", "--by", "tariff", "--owner", "a", "--below", "--until", "2026-10"), "COM community_tariff", "lp charge_point_tariff", "worth 0.840000 EUR")
		for _, wrong := range [][]string{{"--by", "week"}, {"--from", "soon"}, {"--until", "soon"}, {"--from", "2026-10", "--until", "2026-09"}} {
			w.fails(exitUsage, append([]string{"analysis"}, wrong...)...)
		}
		w.fails(exitUsage, "control", "--issuer", "nobody")
		w.fails(exitUsage, "control", "--issuer", "a", "--month", "soon")
		workbook := filepath.Join(w.dir, "issuer.xlsx")
		w.do("control", "--issuer", "a", "--month", "2026-10", "--all", "--xlsx", workbook)
		if _, err := os.Stat(workbook); err != nil {
			t.Error(err)
		}
	})
}
