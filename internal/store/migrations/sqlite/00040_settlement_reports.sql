-- +goose Up

-- What one run made of one owner in one currency, frozen when the run was
-- issued (settlement.md §7). The records are not in the content: their lines and
-- positions never change, and the content has their hash. awaited_* is what is
-- awaited at its end, in millionths; last_cancellation, last_movement and
-- last_report are the last ids that there were.
CREATE TABLE settlement_reports (
    id             integer PRIMARY KEY,
    run_id         integer NOT NULL REFERENCES runs (id),
    owner_id       integer NOT NULL REFERENCES entities (id),
    currency       text NOT NULL,
    name           text NOT NULL,
    period_from    text NOT NULL,
    period_to      text NOT NULL,
    cutoff         datetime NOT NULL,
    frozen_at      datetime NOT NULL,
    last_cancellation integer NOT NULL,
    last_movement  integer NOT NULL,
    last_report    integer NOT NULL,
    awaited_driver integer NOT NULL,
    awaited_share  integer NOT NULL,
    content        blob NOT NULL,
    sha256         text NOT NULL
);
CREATE UNIQUE INDEX settlement_reports_run ON settlement_reports (run_id, owner_id, currency);
CREATE INDEX settlement_reports_owner ON settlement_reports (owner_id, currency, run_id);
CREATE INDEX settlement_reports_period ON settlement_reports (period_to, id);
-- +goose StatementBegin
CREATE TRIGGER settlement_reports_immutable_update BEFORE UPDATE ON settlement_reports
BEGIN SELECT RAISE(ABORT, 'immutable: settlement_reports'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER settlement_reports_immutable_delete BEFORE DELETE ON settlement_reports
BEGIN SELECT RAISE(ABORT, 'immutable: settlement_reports'); END;
-- +goose StatementEnd

-- The top-ups that a report lists: each is in one report.
CREATE TABLE settlement_report_top_ups (
    report_id integer NOT NULL REFERENCES settlement_reports (id),
    top_up_id integer NOT NULL REFERENCES top_ups (id),
    PRIMARY KEY (report_id, top_up_id)
);
CREATE UNIQUE INDEX settlement_report_top_ups_once ON settlement_report_top_ups (top_up_id);
-- +goose StatementBegin
CREATE TRIGGER settlement_report_top_ups_immutable_update BEFORE UPDATE ON settlement_report_top_ups
BEGIN SELECT RAISE(ABORT, 'immutable: settlement_report_top_ups'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER settlement_report_top_ups_immutable_delete BEFORE DELETE ON settlement_report_top_ups
BEGIN SELECT RAISE(ABORT, 'immutable: settlement_report_top_ups'); END;
-- +goose StatementEnd

-- Sessions whose collection became known after they were received: only they can
-- have been awaited.
CREATE INDEX sessions_collected ON sessions (collection_known_at) WHERE collection_known_at > received_at;
-- Sessions that were billed as own charging are never awaited.
CREATE INDEX own_charges_session ON own_charges (session_id, run_id) WHERE kind = 'own_charging';

-- +goose Down
DROP INDEX own_charges_session;
DROP INDEX sessions_collected;
DROP TABLE settlement_report_top_ups;
DROP TABLE settlement_reports;
