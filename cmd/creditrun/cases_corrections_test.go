package main

import "testing"

func TestCorrectionOfALaterMonthWaitsForIt(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		const name = "corr-later-month"
		w.at("2026-10-06", 12)
		w.do("import", caseFile(name, "network.yaml"))
		w.at("2026-11-06", 20)
		w.do("import", caseFile(name, "a.csv"))
		w.do("run", "--month", "2026-10", "--json")
		w.monthEnd("2026-11")
		w.do("deliver")
		w.at("2026-12-01", 12)
		w.do("import", caseFile(name, "b.csv"))
		report := w.monthAgain("2026-10")
		sameText(t, taxesOf(&report.Notes[0]), `
			2026-10 energy S 19 correction=false late=false 12.60
			S 19 of 12.60: 2.39
			12.60 → 14.99`)
		// November takes back −10 kWh, −3.15 and pays 9 kWh, 2.835.
		report = w.monthAgain("2026-11")
		sameText(t, taxesOf(&report.Carried[0]), `
			2026-11 energy S 19 correction=true late=false -0.32
			S 19 of -0.32: -0.06
			-0.32 → -0.38`)
		if p := report.Carried[0].Positions[0]; p.Sessions != 1 || p.Energy != "-1" {
			t.Errorf("%+v", p)
		}
		w.clean()
	})
}
