package creditnotes_test

import (
	"testing"

	"creditrun/creditnotes"
	"creditrun/creditnotes/memory"
	"creditrun/entities"
	"creditrun/numbering"
	"creditrun/tariffs"
)

func TestBrokenOwnerIsReportedAndTheOthersGoOn(t *testing.T) {
	tell(t, func(t *testing.T, w *world) {
		w.Charged(
			charge("S-a", "ST-1", "2026-10-03 10:00", "10"), charge("S-b", "ST-9", "2026-10-03 10:00", "10"),
			charge("S-c", "ST-c", "2026-10-03 10:00", "1"), charge("S-d", "ST-d", "2026-10-03 10:00", "2"),
			charge("S-e", "ST-e", "2026-10-03 10:00", "4"), charge("S-f", "ST-f", "2026-10-03 10:00", "8"),
			charge("S-g", "ST-g", "2026-10-03 10:00", "16"), charge("S-h", "ST-f", "2026-10-04 10:00", "8", invalid),
		)
		report := w.Tells("2026-10", `
			GS-2026-00001 a→a 3.15 + 0.60 = 3.75 EUR
			ST-1 energy 2026-10 1× 10 kWh 3.15
			GS-2026-00002 b→b 3.15 + 0.60 = 3.75 EUR
			ST-9 energy 2026-10 1× 10 kWh 3.15
			held S-c c owner_failed
			held S-d d owner_failed
			held S-e e owner_failed
			held S-f f owner_failed
			held S-h f invalid
			held S-g g owner_failed
			failed c recipient_without_email
			failed d reverse_charge_without_vat_id
			failed e recipient_without_country
			failed f ambiguous_conditions
			failed g tax_rate_missing
			received 8: credited 2 held 6 zero 0 excluded 0`)
		texts, err := words()
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range report.Failed {
			if text := texts.Fault("en", o.Failed); text == "" || text == o.Failed.Key {
				t.Errorf("%s: no words: %q", o.Owner, text)
			}
		}
		if got := report.Failed[3].Failed.Args["session"]; got != "S-f" {
			t.Errorf("the ambiguity is not that of %v", got)
		}
		w.Proven()

		w.Entity("c").Emails = []string{"c@a.example"}
		w.Entity("d").VATID = "DEd"
		w.Entity("e").Country = "DE"
		w.Config.Tariffs.ChargePoint[1].Purchase[1].Position = 1
		w.Entity("g").Taxes = nil
		w.Save()
		w.Tells("2026-10", `
			GS-2026-00003 c→c 0.32 + 0.06 = 0.38 EUR
			ST-c energy 2026-10 1× 1 kWh 0.32
			GS-2026-00004 d→d 0.63 + 0.00 = 0.63 EUR
			ST-d energy 2026-10 1× 2 kWh 0.63
			GS-2026-00005 e→e 1.26 + 0.24 = 1.50 EUR
			ST-e energy 2026-10 1× 4 kWh 1.26
			GS-2026-00006 f→f 2.80 + 0.53 = 3.33 EUR
			ST-f energy 2026-10 1× 8 kWh 2.80
			GS-2026-00007 g→g 5.04 + 0.96 = 6.00 EUR
			ST-g energy 2026-10 1× 16 kWh 5.04
			held S-h f invalid
			received 6: credited 5 held 1 zero 0 excluded 0`)
		w.Proven()
	}, func(c *creditnotes.Configuration) {
		for _, key := range []string{"c", "d", "e", "f", "g"} {
			subCPO(c, key)
			station(c, "ST-"+key, key, "COM")
		}
		c.TaxAccounts = append(c.TaxAccounts, creditnotes.TaxAccount{Key: "later", Category: creditnotes.StandardRate,
			Rates: []creditnotes.TaxRate{{From: "2026-11-01", Percent: 1900}}})
		entityIn(c, "c").Emails = nil
		entityIn(c, "d").VATID, entityIn(c, "d").Taxes = "", []entities.TaxTreatment{{From: "2020-01-01", Account: "ae"}}
		entityIn(c, "e").Country = ""
		entityIn(c, "g").Taxes = []entities.TaxTreatment{{From: "2020-01-01", Account: "later"}}
		c.Tariffs.ChargePoint = append(c.Tariffs.ChargePoint, tariffs.ChargePointTariff{Key: "two", Purchase: []tariffs.Condition{{Rate: "lp"}, {Rate: "com"}}})
		for i := range c.Connectors {
			if c.Connectors[i].Station == "ST-f" {
				c.Connectors[i].Tariffs = []entities.ConnectorTariff{{From: "2020-01-01", ChargePoint: "two"}}
			}
		}
	})
}

func TestOwnerWithoutMailIsCreditedWhereNothingIsMailed(t *testing.T) {
	tell(t, func(t *testing.T, w *world) {
		w.Set("mail", "false")
		w.Charged(charge("S-1", "ST-1", "2026-10-03 10:00", "10"))
		w.Tells("2026-10", `
			GS-2026-00001 a→a 3.15 + 0.60 = 3.75 EUR
			ST-1 energy 2026-10 1× 10 kWh 3.15
			received 1: credited 1 held 0 zero 0 excluded 0`)
		if n := w.Count("deliveries"); n != 0 {
			t.Errorf("%d mailings", n)
		}
	}, func(c *creditnotes.Configuration) { entityIn(c, "a").Emails = nil })
}

func TestAgreementMayBeRequired(t *testing.T) {
	tell(t, func(t *testing.T, w *world) {
		w.Set("require_agreement", "true")
		w.Charged(charge("S-1", "ST-1", "2026-10-03 10:00", "10"), charge("S-2", "ST-9", "2026-10-03 10:00", "10"))
		w.Tells("2026-10", `
			GS-2026-00001 a→a 3.15 + 0.60 = 3.75 EUR
			ST-1 energy 2026-10 1× 10 kWh 3.15
			held S-2 b owner_failed
			failed b agreement_missing
			received 2: credited 1 held 1 zero 0 excluded 0`)
	}, func(c *creditnotes.Configuration) {
		entityIn(c, "a").Agreement = entities.Agreement{ValidFrom: "2026-10-31", ValidUntil: "2026-10-31"}
		entityIn(c, "b").Agreement = entities.Agreement{ValidFrom: "2026-01-01", ValidUntil: "2026-10-30"}
	})
}

func TestRunIsRefusedBeforeAnythingIsCreated(t *testing.T) {
	for name, one := range map[string]struct {
		spoil func(w *world)
		key   string
	}{
		"inactive": {func(w *world) { w.Set("active", "false") }, "feature_inactive"},
		"no range": {func(w *world) { w.Set("number_range", "") }, "range_missing"},
		"a range that went out of use": {func(w *world) {
			w.s.Tamper(func(d *memory.Data) { d.Configuration.NumberRanges[0].Active = false })
		}, "range_inactive"},
		"a range for other documents": {func(w *world) {
			w.s.Tamper(func(d *memory.Data) { d.Settings.NumberRange = "st" })
		}, "range_wrong_type"},
		"no tax account": {func(w *world) { w.Set("tax_account", "") }, "tax_account_unset"},
		"a tree with two roots": {func(w *world) {
			w.s.Tamper(func(d *memory.Data) { entityIn(&d.Configuration, "b").Parent = "" })
		}, "tree_two_roots"},
	} {
		t.Run(name, func(t *testing.T) {
			tell(t, func(t *testing.T, w *world) {
				w.Charged(workedExample()...)
				one.spoil(w)
				entries := w.Count("audit entries")
				_, err := w.Try("2026-10")
				says(t, err, one.key)
				for _, table := range []string{"runs", "notes", "lines", "number counters"} {
					if n := w.Count(table); n != 0 {
						t.Errorf("%d %s", n, table)
					}
				}
				if w.Count("audit entries") != entries {
					t.Error("the audit log tells of it")
				}
			})
		})
	}
}

func TestTwoPersonsReleaseARun(t *testing.T) {
	tell(t, func(t *testing.T, w *world) {
		w.Set("release", "approve")
		w.Charged(workedExample()...)
		report := w.Month("2026-10")
		if report.Stage != creditnotes.StageDrafted || report.Notes[0].Number != "" || w.Count("number counters") != 0 {
			t.Errorf("%s, number %q", report.Stage, report.Notes[0].Number)
		}
		_, err := w.Runner.Approve(t.Context(), "2026-10", "anna")
		says(t, err, "run_needs_second_person")
		says(t, w.Release("S-1", ""), "session_credited")
		w.Set("release", "automatic") // does not concern what was drafted before
		if again := w.Month("2026-10"); again.Name != "2026-10" || again.Stage != creditnotes.StageDrafted {
			t.Errorf("run again: %s %s", again.Name, again.Stage)
		}
		run, err := w.Runner.Approve(t.Context(), "2026-10", "berta")
		if err != nil || run.Stage != creditnotes.StageIssued {
			t.Fatalf("%+v, %v", run, err)
		}
		w.Render(run)
		stored, err := w.s.RunByName(t.Context(), "2026-10")
		if err != nil || stored.ApprovedBy != "berta" || stored.CreatedBy != "anna" || stored.Stage != creditnotes.StageCompleted {
			t.Errorf("%+v, %v", stored, err)
		}
		_, err = w.Runner.Approve(t.Context(), "2026-10", "carla")
		says(t, err, "run_not_drafted")
		says(t, w.Runner.Discard(t.Context(), "2026-10", "anna"), "run_not_drafted")
		w.Proven()
	})
}

func TestDiscardedRunOpensItsSessionsAgain(t *testing.T) {
	tell(t, func(t *testing.T, w *world) {
		w.Set("release", "approve")
		w.Charged(workedExample()...)
		w.Month("2026-10")
		if err := w.Runner.Discard(t.Context(), "2026-10", "anna"); err != nil {
			t.Fatal(err)
		}
		for _, table := range []string{"lines", "notes"} {
			if n := w.Count(table); n != 0 {
				t.Errorf("%d %s are left", n, table)
			}
		}
		if d := w.s.Look(); len(d.Owners)+len(d.Holds)+len(d.Warnings) != 0 {
			t.Errorf("%+v %+v %+v are left", d.Owners, d.Holds, d.Warnings)
		}
		w.Set("release", "automatic")
		report := w.Month("2026-10")
		if report.Name != "2026-10-2" || report.Notes[0].Number != "GS-2026-00001" || report.Total.Credited.Sessions != 5 {
			t.Error(story(report))
		}
		w.Proven()
	})
}

func TestWrongRangeIsNotChosen(t *testing.T) {
	tell(t, func(t *testing.T, w *world) {
		for _, key := range []string{"number_range", "cancellation_range"} {
			wrong := map[string]string{"number_range": "st", "cancellation_range": "gs"}[key]
			if err := w.s.SetSettings(t.Context(), "admin", []creditnotes.Setting{{Key: key, Value: wrong}}); err == nil {
				t.Errorf("%s = %s", key, wrong)
			}
		}
		if f := numbering.CheckUsable(&w.Config.NumberRanges[1], numbering.CreditNote); f == nil {
			t.Error("a range for cancellations numbers credit notes")
		}
	})
}
