-- +goose Up

-- A recipient objects to an issued credit note: while that is open, the owners
-- of the note are not credited. One at a time.
CREATE TABLE objections (
    id         bigint PRIMARY KEY,
    note_id    bigint NOT NULL REFERENCES credit_notes (id),
    raised_at  timestamptz NOT NULL,
    raised_by  text NOT NULL,
    text       text NOT NULL,
    state      text NOT NULL CHECK (state IN ('open', 'withdrawn', 'cancelled')),
    settled_at timestamptz,
    settled_by text NOT NULL,
    answer     text NOT NULL,
    CHECK ((state = 'open') = (settled_at IS NULL))
);
CREATE UNIQUE INDEX objections_one_open ON objections (note_id) WHERE state = 'open';
CREATE INDEX objections_note ON objections (note_id);

-- Somebody asks about a session, in whatever version it is.
CREATE TABLE session_queries (
    id                  bigint PRIMARY KEY,
    session_source      text NOT NULL,
    session_external_id text NOT NULL,
    asked_at            timestamptz NOT NULL,
    asked_by            text NOT NULL,
    text                text NOT NULL,
    answered_at         timestamptz,
    answered_by         text NOT NULL,
    answer              text NOT NULL,
    CHECK ((answered_at IS NULL) = (answer = ''))
);
CREATE INDEX session_queries_session ON session_queries (session_source, session_external_id);
CREATE INDEX session_queries_open ON session_queries (id) WHERE answered_at IS NULL;

-- +goose Down
DROP TABLE session_queries;
DROP TABLE objections;
