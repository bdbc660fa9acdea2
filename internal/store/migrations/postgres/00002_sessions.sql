-- +goose Up

-- A row is one version of a session; it never changes, except that a later
-- version takes its place (current false, superseded_at set) and an
-- administrator may release it.
-- Energy in millionths of a kWh, amounts in millionths of the currency's unit.
CREATE TABLE sessions (
    id            bigint PRIMARY KEY,
    source        text NOT NULL,
    external_id   text NOT NULL,
    version       integer NOT NULL,
    current       boolean NOT NULL,
    superseded_at timestamptz,
    connector_id  bigint NOT NULL REFERENCES connectors (id),
    medium_uid    text NOT NULL,
    class         text NOT NULL CHECK (class IN ('', 'internal', 'bilateral', 'community')),
    partner       text NOT NULL,
    auth_method   text NOT NULL,
    started_at    timestamptz NOT NULL,
    ended_at      timestamptz NOT NULL,
    duration_s    bigint NOT NULL,
    energy        bigint NOT NULL,
    meter_start   bigint,
    meter_stop    bigint,
    status        text NOT NULL CHECK (status IN ('valid', 'invalid')),
    reversed      boolean NOT NULL,
    driver_amount bigint,
    currency      text NOT NULL,
    collected_at  timestamptz,
    received_at   timestamptz NOT NULL,
    released      boolean NOT NULL,
    fingerprint   text NOT NULL,
    CHECK (current = (superseded_at IS NULL))
);
CREATE UNIQUE INDEX sessions_current ON sessions (source, external_id) WHERE current;
CREATE UNIQUE INDEX sessions_superseded ON sessions (source, external_id, version) WHERE NOT current;
CREATE INDEX sessions_at_connector ON sessions (connector_id, started_at);

-- +goose Down
DROP TABLE sessions;
