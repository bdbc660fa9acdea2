package creditnotes_test

import (
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"creditrun/creditnotes"
	"creditrun/creditnotes/creditnotestest"
	"creditrun/creditnotes/memory"
)

func TestOwnerWaitsUntilItsObjectionIsWithdrawn(t *testing.T) {
	tell(t, func(t *testing.T, w *world) {
		w.Objected()
		raised := w.Objection(creditnotes.ObjectionFilter{Open: true})
		want := creditnotes.Objection{ID: 1, NoteID: raised.NoteID, Number: "GS-2026-00001", Owners: []string{"a"}, RaisedAt: w.Now, RaisedBy: "anna",
			Text: "two sessions are missing", State: creditnotes.ObjectionOpen}
		if diff := gocmp.Diff(want, raised); diff != "" {
			t.Error(diff)
		}
		report := w.Tells("2026-11", creditnotestest.WaitsForTheObjection)
		if args := report.Failed[0].Failed.Args; args["number"] != "GS-2026-00001" || args["owner"] != "a" {
			t.Errorf("it fails with %v", args)
		}

		if err := w.s.WithdrawObjection(t.Context(), "hotel", "GS-2026-00001", "they are late"); err != nil {
			t.Fatal(err)
		}
		want.State, want.SettledAt, want.SettledBy, want.Answer = creditnotes.ObjectionWithdrawn, w.Now, "hotel", "they are late"
		if diff := gocmp.Diff(want, w.Objection(creditnotes.ObjectionFilter{NoteID: raised.NoteID})); diff != "" {
			t.Error(diff)
		}
		w.Tells("2026-11", `
			GS-2026-00004 a→a 3.15 + 0.60 = 3.75 EUR
			ST-1 energy 2026-11 1× 10 kWh 3.15
			received 1: credited 1 held 0 zero 0 excluded 0`)
		for action, who := range map[string]string{"objection.raised": "anna", "objection.withdrawn": "hotel"} {
			entries := slices.DeleteFunc(w.s.Look().Audit, func(e memory.AuditEntry) bool { return e.Action != action || e.Subject != "GS-2026-00001" })
			if len(entries) != 1 || entries[0].Who != who {
				t.Errorf("%s: %+v", action, entries)
			}
		}
		w.Proven()
	})
}

func TestReadinessAndPreviewTellWhoObjects(t *testing.T) {
	tell(t, func(t *testing.T, w *world) {
		w.Objected()
		ready, err := w.Runner.Readiness(t.Context(), "2026-11")
		if err != nil {
			t.Fatal(err)
		}
		found := 0
		for _, f := range ready.Findings {
			if f.Fault.Key == "objection_open" {
				found++
				if f.Severity != creditnotes.Fails || f.Fault.Args["owner"] != "a" {
					t.Errorf("%+v", f)
				}
			}
		}
		if found != 1 {
			t.Errorf("%d findings", found)
		}
		report, err := w.Runner.Preview(t.Context(), byAnna("2026-11"))
		if err != nil || len(report.Failed) != 1 || report.Failed[0].Failed.Key != "objection_open" {
			t.Errorf("%+v, %v", report, err)
		}
		// What is owed does not depend on it.
		if m := w.monthSoFar("2026-11"); m.Total.Sessions != 2 {
			t.Errorf("%+v", m.Total)
		}
	})
}

func TestAllOwnersOfAConsolidatedNoteWait(t *testing.T) {
	tell(t, func(t *testing.T, w *world) {
		w.Set("consolidate_by_recipient", "true")
		w.Objected()
		if owners := w.Objection(creditnotes.ObjectionFilter{}).Owners; !gocmp.Equal(owners, []string{"a", "b"}) {
			t.Errorf("owners %v", owners)
		}
		w.Tells("2026-11", `
			held S-3 a owner_failed
			held S-4 b owner_failed
			failed a objection_open
			failed b objection_open
			received 2: credited 0 held 2 zero 0 excluded 0`)
		w.Proven()
	}, func(c *creditnotes.Configuration) { entityIn(c, "b").AlternateCredit = "a" })
}
