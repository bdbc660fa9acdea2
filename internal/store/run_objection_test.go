package store_test

import (
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"creditrun/creditnotes"
	"creditrun/internal/store"
)

// objected is October credited to a and b, November waiting, and an objection
// of a.
func (w *world) objected() {
	w.t.Helper()
	w.charged(charge("S-1", "ST-1", "2026-10-03 10:00", "10"), charge("S-2", "ST-9", "2026-10-03 10:00", "10"))
	w.month("2026-10")
	w.now = w.now.AddDate(0, 1, 0)
	w.charged(charge("S-3", "ST-1", "2026-11-03 10:00", "10"), charge("S-4", "ST-9", "2026-11-03 10:00", "10"))
	if err := w.s.RaiseObjection(w.t.Context(), "anna", "GS-2026-00001", "two sessions are missing"); err != nil {
		w.t.Fatal(err)
	}
}

// objection is the latest one.
func (w *world) objection(f creditnotes.ObjectionFilter) creditnotes.Objection {
	w.t.Helper()
	list, err := w.s.Objections(w.t.Context(), f)
	if err != nil || len(list) == 0 {
		w.t.Fatalf("%v, %v", list, err)
	}
	return list[0]
}

const waitsForTheObjection = `
	GS-2026-00003 b→b 3.15 + 0.60 = 3.75 EUR
	ST-9 energy 2026-11 1× 10 kWh 3.15
	held S-3 a owner_failed
	failed a objection_open
	received 2: credited 1 held 1 zero 0 excluded 0`

func TestOwnerWaitsUntilItsObjectionIsWithdrawn(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.objected()
		raised := w.objection(creditnotes.ObjectionFilter{Open: true})
		want := creditnotes.Objection{ID: 1, NoteID: raised.NoteID, Number: "GS-2026-00001", Owners: []string{"a"}, RaisedAt: w.now, RaisedBy: "anna",
			Text: "two sessions are missing", State: creditnotes.ObjectionOpen}
		if diff := gocmp.Diff(want, raised); diff != "" {
			t.Error(diff)
		}
		report := w.tells("2026-11", waitsForTheObjection)
		if args := report.Failed[0].Failed.Args; args["number"] != "GS-2026-00001" || args["owner"] != "a" {
			t.Errorf("it fails with %v", args)
		}

		if err := w.s.WithdrawObjection(t.Context(), "hotel", "GS-2026-00001", "they are late"); err != nil {
			t.Fatal(err)
		}
		want.State, want.SettledAt, want.SettledBy, want.Answer = creditnotes.ObjectionWithdrawn, w.now, "hotel", "they are late"
		if diff := gocmp.Diff(want, w.objection(creditnotes.ObjectionFilter{NoteID: raised.NoteID})); diff != "" {
			t.Error(diff)
		}
		w.tells("2026-11", `
			GS-2026-00004 a→a 3.15 + 0.60 = 3.75 EUR
			ST-1 energy 2026-11 1× 10 kWh 3.15
			received 1: credited 1 held 0 zero 0 excluded 0`)
		for action, who := range map[string]string{"objection.raised": "anna", "objection.withdrawn": "hotel"} {
			entries, err := w.s.Audit(t.Context(), store.AuditFilter{Action: action, Subject: "GS-2026-00001"})
			if err != nil || len(entries) != 1 || entries[0].Who != who {
				t.Errorf("%s: %+v, %v", action, entries, err)
			}
		}
		w.proven()
	})
}

func TestCancellationSettlesTheObjection(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.objected()
		w.tells("2026-11", waitsForTheObjection)
		w.cancel("GS-2026-00001")
		o := w.objection(creditnotes.ObjectionFilter{})
		if o.State != creditnotes.ObjectionCancelled || o.SettledBy != "anna" || o.Answer != "ST-2026-00001" || o.SettledAt.IsZero() {
			t.Errorf("%+v", o)
		}
		w.tells("2026-11", `
			GS-2026-00004 a→a 6.30 + 1.20 = 7.50 EUR
			ST-1 energy 2026-10 1× 10 kWh 3.15 late
			ST-1 energy 2026-11 1× 10 kWh 3.15
			received 2: credited 2 held 0 zero 0 excluded 0`)
		w.proven()
	})
}

func TestObjectionIsPossibleOnceAndOnlyToACreditNoteThatStands(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.objected()
		w.cancel("GS-2026-00002")
		for _, c := range []struct{ number, text, key string }{
			{"GS-2026-00001", "again", "objection_twice"},
			{"GS-2026-00002", "it is cancelled", "objection_cancelled"},
			{"ST-2026-00001", "it cancels", "objection_not_a_credit_note"},
			{"GS-2026-00002", "", "objection_without_text"},
			{"GS-2026-00099", "it is not there", "note_unknown"},
		} {
			says(t, w.s.RaiseObjection(t.Context(), "anna", c.number, c.text), c.key)
		}
		for _, c := range []struct{ number, answer, key string }{
			{"GS-2026-00002", "there is none", "objection_none"},
			{"GS-2026-00001", "", "objection_without_answer"},
		} {
			says(t, w.s.WithdrawObjection(t.Context(), "anna", c.number, c.answer), c.key)
		}
		// After the first is settled there may be another.
		if err := w.s.WithdrawObjection(t.Context(), "anna", "GS-2026-00001", "settled"); err != nil {
			t.Fatal(err)
		}
		if err := w.s.RaiseObjection(t.Context(), "anna", "GS-2026-00001", "again"); err != nil {
			t.Error(err)
		}
		if n := w.rows("objections"); n != 2 {
			t.Errorf("%d objections", n)
		}
	})
}

func TestReadinessAndPreviewTellWhoObjects(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.objected()
		ready, err := w.runner.Readiness(t.Context(), "2026-11")
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
		report, err := w.runner.Preview(t.Context(), byAnna("2026-11"))
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
	inEach(t, func(t *testing.T, w *world) {
		w.set("consolidate_by_recipient", "true")
		w.objected()
		if owners := w.objection(creditnotes.ObjectionFilter{}).Owners; !gocmp.Equal(owners, []string{"a", "b"}) {
			t.Errorf("owners %v", owners)
		}
		w.tells("2026-11", `
			held S-3 a owner_failed
			held S-4 b owner_failed
			failed a objection_open
			failed b objection_open
			received 2: credited 0 held 2 zero 0 excluded 0`)
		w.proven()
	}, func(c *creditnotes.Configuration) { entityIn(c, "b").AlternateCredit = "a" })
}

func TestQuestionAboutASessionIsAnsweredOnce(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.charged(workedExample()...)
		s := w.s
		id, err := s.AskAboutSession(t.Context(), "hotel", "csv", "S-6", "why is it held?")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.AskAboutSession(t.Context(), "hotel", "csv", "S-1", "why so little?"); err != nil {
			t.Fatal(err)
		}
		if err := s.AnswerSessionQuery(t.Context(), "anna", id, "the meter was broken"); err != nil {
			t.Fatal(err)
		}
		asked := w.now
		w.charged(charge("S-6", "ST-2", "2026-10-20 08:00", "2")) // another version, the same session
		list, err := s.SessionQueries(t.Context(), store.QuestionFilter{Source: "csv", ExternalID: "S-6"})
		if err != nil {
			t.Fatal(err)
		}
		want := []store.SessionQuestion{{ID: id, Source: "csv", ExternalID: "S-6", AskedAt: asked, AskedBy: "hotel", Text: "why is it held?",
			AnsweredAt: asked, AnsweredBy: "anna", Answer: "the meter was broken"}}
		if diff := gocmp.Diff(want, list); diff != "" {
			t.Error(diff)
		}
		open, err := s.SessionQueries(t.Context(), store.QuestionFilter{Open: true})
		if err != nil || len(open) != 1 || open[0].ExternalID != "S-1" {
			t.Errorf("open: %+v, %v", open, err)
		}
		says(t, s.AnswerSessionQuery(t.Context(), "anna", id, "again"), "question_answered")
		says(t, s.AnswerSessionQuery(t.Context(), "anna", 99, "what?"), "question_unknown")
		says(t, s.AnswerSessionQuery(t.Context(), "anna", id, ""), "question_without_answer")
		_, err = s.AskAboutSession(t.Context(), "hotel", "csv", "S-99", "where is it?")
		says(t, err, "session_not_found")
		_, err = s.AskAboutSession(t.Context(), "hotel", "csv", "S-6", "")
		says(t, err, "question_without_text")
		if entries, err := s.Audit(t.Context(), store.AuditFilter{Subject: "csv/S-6"}); err != nil || len(entries) != 2 {
			t.Errorf("audit log: %+v, %v", entries, err)
		}
	})
}
