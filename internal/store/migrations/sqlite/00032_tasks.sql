-- +goose Up

-- Work that goes on after the request that asked for it: previews, what-if
-- questions, checks, the work on runs. One that is under way and whose process
-- (processes.id) is gone was interrupted. Rows are removed when they expire.
CREATE TABLE tasks (
    id                text PRIMARY KEY,
    kind              text NOT NULL,
    subject           text NOT NULL,
    who               text NOT NULL,
    process           text NOT NULL,
    status            text NOT NULL CHECK (status IN ('under_way', 'done', 'failed', 'stopped')),
    begun_at          datetime NOT NULL,
    beat_at           datetime NOT NULL,
    ended_at          datetime,
    expires_at        datetime NOT NULL,
    progress          integer NOT NULL,
    progress_of       integer NOT NULL,
    failure           text NOT NULL,
    failure_reference text NOT NULL,
    result            blob,
    CHECK ((ended_at IS NULL) = (status = 'under_way'))
);
CREATE INDEX tasks_by_subject ON tasks (kind, subject, begun_at);

-- +goose Down
DROP TABLE tasks;
