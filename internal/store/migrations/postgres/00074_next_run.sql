-- +goose Up

-- What a run would make of every session that waits: the open month also keeps
-- what it excludes and takes as withdrawn, and lists all of it by the end of
-- sessions. The books are made again with it.
DELETE FROM open_lines;
DELETE FROM open_holds;
DELETE FROM open_charges;
DELETE FROM open_entries;
DELETE FROM record_sums WHERE note_id < 0;
DELETE FROM open_books;
ALTER TABLE open_holds ADD COLUMN outcome text NOT NULL DEFAULT 'held'; -- held, excluded, withdrawn
ALTER TABLE open_holds ADD COLUMN connector_id bigint NOT NULL DEFAULT 0;
ALTER TABLE open_holds ADD COLUMN other_id bigint NOT NULL DEFAULT 0;   -- the session that it overlaps; 0: none
ALTER TABLE open_holds ADD COLUMN ended_at timestamptz NOT NULL DEFAULT '1970-01-01 00:00:00+00:00';
CREATE INDEX open_holds_ended ON open_holds (note_id, outcome, ended_at, session_id);
CREATE INDEX open_holds_reason ON open_holds (note_id, outcome, reason, ended_at, session_id);

-- Questions of one person are listed on its first page.
CREATE INDEX session_queries_asker ON session_queries (asked_by, id);

-- +goose Down
DROP INDEX session_queries_asker;
DROP INDEX open_holds_reason;
DROP INDEX open_holds_ended;
DELETE FROM open_holds;
DELETE FROM open_books;
ALTER TABLE open_holds DROP COLUMN ended_at;
ALTER TABLE open_holds DROP COLUMN other_id;
ALTER TABLE open_holds DROP COLUMN connector_id;
ALTER TABLE open_holds DROP COLUMN outcome;
