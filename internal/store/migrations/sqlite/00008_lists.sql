-- +goose Up

-- Listings of notes: by date and number, with all that totals need, so that
-- the wide rows themselves are left alone.
CREATE INDEX credit_notes_listed ON credit_notes (state, date, number, run_id, recipient_key, kind, currency, net, tax, gross, id);
CREATE INDEX credit_notes_listed_drafts ON credit_notes (date, id) WHERE state <> 'issued';
-- Scopes, statements and balances.
CREATE INDEX credit_notes_recipient ON credit_notes (recipient_key, date);
-- Mailings that need somebody's attention.
CREATE INDEX deliveries_unsent ON deliveries (state, note_id) WHERE state <> 'sent';

-- Listings of sessions: by end. Names sort bytewise here anyway.
CREATE INDEX sessions_ended ON sessions (ended_at, id) WHERE current;

-- The history of one session: lines that a cancellation undid, and who decided
-- about it.
CREATE INDEX lines_undone ON lines (session_id) WHERE NOT live;
CREATE INDEX audit_subject ON audit (subject);

-- +goose Down
DROP INDEX audit_subject;
DROP INDEX lines_undone;
DROP INDEX sessions_ended;
DROP INDEX deliveries_unsent;
DROP INDEX credit_notes_recipient;
DROP INDEX credit_notes_listed_drafts;
DROP INDEX credit_notes_listed;
