-- +goose Up

-- The processes that hold runs or work on jobs. Times are those of the database.
-- What a process has left behind is taken up when it is gone, or has not been
-- seen for as long as a lease lasts.
CREATE TABLE processes (
    id          text PRIMARY KEY,
    command     text NOT NULL,
    host        text NOT NULL,
    boot        text NOT NULL,
    space       text NOT NULL,
    pid         bigint NOT NULL,
    started     text NOT NULL,
    application text NOT NULL,
    began_at    timestamptz NOT NULL,
    seen_at     timestamptz NOT NULL
);

-- The last jump of the clock of a process with a schedule; until it ends, or a
-- person confirms the clock, no month is begun by the schedule.
CREATE TABLE clock_jumps (
    id           bigint PRIMARY KEY CHECK (id = 1),
    host         text NOT NULL,
    was          timestamptz NOT NULL,
    became       timestamptz NOT NULL,
    ends_at      timestamptz NOT NULL,
    confirmed_at timestamptz,
    confirmed_by text NOT NULL,
    CHECK ((confirmed_at IS NULL) = (confirmed_by = ''))
);

-- +goose Down
DROP TABLE clock_jumps;
DROP TABLE processes;
