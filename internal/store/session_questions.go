package store

import (
	"context"
	"time"

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
	Text       string
	AnsweredAt time.Time // zero while open
	AnsweredBy string
	Answer     string
}

// QuestionFilter narrows a listing; what is not set does not narrow.
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
	Text       string     `gorm:"column:text"`
	AnsweredAt *time.Time `gorm:"column:answered_at"`
	AnsweredBy string     `gorm:"column:answered_by"`
	Answer     string     `gorm:"column:answer"`
}

// AskAboutSession keeps a question about a session and returns its id. An
// unknown session is a NotFound fault.
func (s *Store) AskAboutSession(ctx context.Context, who, source, externalID, text string) (id int64, err error) {
	name := source + "/" + externalID
	if text == "" {
		return 0, fault.New(fault.Usage, "question_without_text", fault.Args{"session": name}).At("text")
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
		row := questionRow{ID: id, Source: source, ExternalID: externalID, AskedAt: utc(tx.now()), AskedBy: who, Text: text}
		if err := add(tx, "session_queries", []questionRow{row}); err != nil {
			return err
		}
		return tx.audit(Entry{Who: who, Action: "session.asked_about", Subject: name, After: text})
	})
	return id, err
}

// AnswerSessionQuery answers a question, once: an answered one is a Conflict
// fault, an unknown one NotFound.
func (s *Store) AnswerSessionQuery(ctx context.Context, who string, id int64, answer string) error {
	if answer == "" {
		return fault.New(fault.Usage, "question_without_answer", fault.Args{"question": id})
	}
	return s.inTx(ctx, func(tx *Tx) error {
		rows, err := allRows[questionRow](tx.ctx, tx.sql, "session_queries", "WHERE id = $1", id)
		if err != nil {
			return err
		}
		if len(rows) == 0 {
			return fault.New(fault.NotFound, "question_unknown", fault.Args{"question": id})
		}
		name := rows[0].Source + "/" + rows[0].ExternalID
		n, err := tx.exec("UPDATE session_queries SET answered_at = $1, answered_by = $2, answer = $3 WHERE id = $4 AND answered_at IS NULL",
			tx.now(), who, answer, id)
		if err != nil {
			return err
		}
		if n == 0 {
			return fault.New(fault.Conflict, "question_answered", fault.Args{"session": name})
		}
		return tx.audit(Entry{Who: who, Action: "session.question_answered", Subject: name, Before: rows[0].Text, After: answer})
	})
}

// SessionQueries lists questions, the latest first.
func (s *Store) SessionQueries(ctx context.Context, f QuestionFilter) ([]SessionQuestion, error) {
	var where condition
	if f.Open {
		where.and("answered_at IS NULL")
	}
	if f.ExternalID != "" {
		where.and("session_source = ? AND session_external_id = ?", f.Source, f.ExternalID)
	}
	var list []SessionQuestion
	for row, err := range eachRow[questionRow](ctx, s.readSQL, "session_queries", where.String()+" ORDER BY id DESC", where.args...) {
		if err != nil {
			return nil, err
		}
		list = append(list, SessionQuestion{
			ID: row.ID, Source: row.Source, ExternalID: row.ExternalID, AskedAt: row.AskedAt.UTC(), AskedBy: row.AskedBy, Text: row.Text,
			AnsweredAt: orZero(row.AnsweredAt).UTC(), AnsweredBy: row.AnsweredBy, Answer: row.Answer,
		})
	}
	return list, nil
}
