package store_test

import (
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"creditrun/internal/store"
)

func TestQuestionAboutASessionIsAnsweredOnce(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.Charged(workedExample()...)
		s := w.s
		id, err := s.AskAboutSession(t.Context(), "hotel", "csv", "S-6", "", "why is it held?")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.AskAboutSession(t.Context(), "hotel", "csv", "S-1", "", "why so little?"); err != nil {
			t.Fatal(err)
		}
		if err := s.AnswerSessionQuery(t.Context(), "anna", id, "the meter was broken"); err != nil {
			t.Fatal(err)
		}
		asked := w.Now
		w.Charged(charge("S-6", "ST-2", "2026-10-20 08:00", "2")) // another version, the same session
		list, err := s.SessionQueries(t.Context(), store.QuestionFilter{Source: "csv", ExternalID: "S-6"})
		if err != nil {
			t.Fatal(err)
		}
		want := []store.SessionQuestion{{ID: id, Source: "csv", ExternalID: "S-6", AskedAt: asked, AskedBy: "hotel", Reason: "other", Text: "why is it held?",
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
		_, err = s.AskAboutSession(t.Context(), "hotel", "csv", "S-99", "", "where is it?")
		says(t, err, "session_not_found")
		_, err = s.AskAboutSession(t.Context(), "hotel", "csv", "S-6", "", "")
		says(t, err, "question_without_text")
		if entries, err := s.Audit(t.Context(), store.AuditFilter{Subject: "csv/S-6"}); err != nil || len(entries) != 2 {
			t.Errorf("audit log: %+v, %v", entries, err)
		}
	})
}
