package store

import (
	"context"
	"slices"
	"time"

	"creditrun/creditnotes"
	"creditrun/internal/fault"
)

// SessionQuestion is a query on a single session with its answer (domain.md
// §11.6). It is about the session in whatever version.
type SessionQuestion struct {
	ID         int64
	Source     string
	ExternalID string
	AskedAt    time.Time
	AskedBy    string
	Reason     string // code: one of creditnotes.QuestionReasons
	Text       string
	AnsweredAt time.Time // zero while open
	AnsweredBy string
	Answer     string
}

// QuestionFilter narrows a listing; zero fields match everything.
type QuestionFilter struct {
	Open               bool
	Source, ExternalID string // of one session: both
}

// questionRow is a row of session_queries.
type questionRow struct {
	ID         int64      `gorm:"column:id"`
	Source     string     `gorm:"column:session_source"`
	ExternalID string     `gorm:"column:session_external_id"`
	AskedAt    time.Time  `gorm:"column:asked_at"`
	AskedBy    string     `gorm:"column:asked_by"`
	Reason     string     `gorm:"column:reason"`
	Text       string     `gorm:"column:text"`
	AnsweredAt *time.Time `gorm:"column:answered_at"`
	AnsweredBy string     `gorm:"column:answered_by"`
	Answer     string     `gorm:"column:answer"`
}

// TableName implements schema.Tabler.
func (questionRow) TableName() string { return "session_queries" }

// AskAboutSession keeps a question about a session and returns its id. An
// unknown session is a NotFound fault, and a reason that is not among
// creditnotes.QuestionReasons Invalid; none is the other one.
func (s *Store) AskAboutSession(ctx context.Context, who, source, externalID, reason, text string) (id int64, err error) {
	name := source + "/" + externalID
	if text == "" {
		return 0, fault.New(fault.Usage, "question_without_text", fault.Args{"session": name}).At("text")
	}
	if reason, err = reasonOf(reason, creditnotes.QuestionReasons()); err != nil {
		return 0, err
	}
	err = s.inTx(ctx, func(tx *Tx) error {
		var known int
		err := tx.scanRow("SELECT count(*) FROM sessions WHERE source = $1 AND external_id = $2 AND current", []any{source, externalID}, &known)
		if err != nil {
			return err
		}
		if known == 0 {
			return fault.New(fault.NotFound, "session_not_found", fault.Args{"session": name})
		}
		if id, err = tx.takeIDs("session_queries", 1); err != nil {
			return err
		}
		row := questionRow{ID: id, Source: source, ExternalID: externalID, AskedAt: utc(tx.now()), AskedBy: who, Reason: reason, Text: text}
		if err := create(tx.db, row); err != nil {
			return err
		}
		side, entity, err := tx.sideOf(who)
		if err != nil {
			return err
		}
		t, err := tx.openThread(threadRow{Kind: string(creditnotes.QuestionThread), MatterID: id, Entity: entity, Subject: name, Reason: reason, OpenedBy: who}, side, text)
		if err != nil {
			return err
		}
		if err := tx.tellThread(QuestionAsked, t); err != nil {
			return err
		}
		return tx.audit(Entry{Who: who, Action: "session.asked_about", Subject: name, After: text})
	})
	return id, err
}

// reasonOf is a code of a reason; the empty one is the other one.
func reasonOf(code string, known []string) (string, error) {
	if code == "" {
		return creditnotes.OtherReason, nil
	}
	if !slices.Contains(known, code) {
		return "", fault.New(fault.Invalid, "list_value_unknown", fault.Args{"value": code}).At("reason")
	}
	return code, nil
}

// AnswerSessionQuery answers a question, once, and mails the answer to who asked:
// an answered one is a Conflict fault, an unknown one NotFound.
func (s *Store) AnswerSessionQuery(ctx context.Context, who string, id int64, answer string) error {
	if answer == "" {
		return fault.New(fault.Usage, "question_without_answer", fault.Args{"question": id})
	}
	return s.inTx(ctx, func(tx *Tx) error {
		row, err := first[questionRow](tx.forUpdate().Where("id = ?", id))
		if err != nil {
			return err
		}
		if row == nil {
			return fault.New(fault.NotFound, "question_unknown", fault.Args{"question": id})
		}
		name := row.Source + "/" + row.ExternalID
		if row.AnsweredAt != nil {
			return fault.New(fault.Conflict, "question_answered", fault.Args{"session": name})
		}
		answered := tx.db.Model(row).Updates(set{"answered_at": tx.now(), "answered_by": who, "answer": answer})
		if err := inTable(answered); err != nil {
			return err
		}
		if err := tx.settleThread(creditnotes.QuestionThread, id, who, answer, QuestionAnswered); err != nil {
			return err
		}
		return tx.audit(Entry{Who: who, Action: "session.question_answered", Subject: name, Before: row.Text, After: answer})
	})
}

// SessionQueries lists questions, the latest first.
func (s *Store) SessionQueries(ctx context.Context, f QuestionFilter) ([]SessionQuestion, error) {
	query := s.db(ctx).Order("id DESC")
	if f.Open {
		query = query.Where("answered_at IS NULL")
	}
	if f.ExternalID != "" {
		query = query.Where("session_source = ? AND session_external_id = ?", f.Source, f.ExternalID)
	}
	rows, err := find[questionRow](query)
	if err != nil {
		return nil, err
	}
	var list []SessionQuestion
	for _, row := range rows {
		list = append(list, SessionQuestion{
			ID: row.ID, Source: row.Source, ExternalID: row.ExternalID, AskedAt: row.AskedAt.UTC(), AskedBy: row.AskedBy, Reason: row.Reason, Text: row.Text,
			AnsweredAt: orZero(row.AnsweredAt).UTC(), AnsweredBy: row.AnsweredBy, Answer: row.Answer,
		})
	}
	return list, nil
}
