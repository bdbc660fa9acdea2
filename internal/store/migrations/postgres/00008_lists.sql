-- +goose Up

-- Listings of notes: by date and number, with all that totals need, so that
-- the wide rows themselves are left alone.
CREATE INDEX credit_notes_listed ON credit_notes (state, date, number, run_id, recipient_key, kind, currency, net, tax, gross, id);
CREATE INDEX credit_notes_listed_drafts ON credit_notes (date, id) WHERE state <> 'issued';
-- Scopes, statements and balances.
CREATE INDEX credit_notes_recipient ON credit_notes (recipient_key, date);
-- Mailings that need somebody's attention.
CREATE INDEX deliveries_unsent ON deliveries (state, note_id) WHERE state <> 'sent';

-- Listings of sessions: by end. The names sort bytewise, so that the beginning
-- of one finds it.
CREATE INDEX sessions_ended ON sessions (ended_at, id) WHERE current;
DROP INDEX sessions_current;
CREATE UNIQUE INDEX sessions_current ON sessions (source, external_id text_pattern_ops) WHERE current;

-- The history of one session: lines that a cancellation undid, and who decided
-- about it.
CREATE INDEX lines_undone ON lines (session_id) WHERE NOT live;
CREATE INDEX audit_subject ON audit (subject);

-- +goose Down
DROP INDEX audit_subject, lines_undone, sessions_ended, deliveries_unsent, credit_notes_recipient, credit_notes_listed_drafts, credit_notes_listed, sessions_current;
CREATE UNIQUE INDEX sessions_current ON sessions (source, external_id) WHERE current;
