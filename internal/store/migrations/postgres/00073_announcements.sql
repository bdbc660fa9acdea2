-- +goose Up

-- What the operator announces in the portal; entity_key is whom it is for,
-- empty: all Sub-CPOs. until is the last day on which it is shown; empty: until
-- it is withdrawn. What was announced stays readable.
CREATE TABLE announcements (
    id           bigint PRIMARY KEY,
    entity_key   text NOT NULL,
    title        text NOT NULL CHECK (title <> ''),
    text         text NOT NULL CHECK (text <> ''),
    until        text NOT NULL,
    announced_at timestamptz NOT NULL,
    announced_by text NOT NULL,
    withdrawn_at timestamptz,
    withdrawn_by text NOT NULL,
    CHECK ((withdrawn_at IS NULL) = (withdrawn_by = ''))
);
CREATE INDEX announcements_shown ON announcements (entity_key, id) WHERE withdrawn_at IS NULL;

-- The inbox finds the latest of each kind by these.
CREATE INDEX proposals_waiting ON proposals (state, id) WHERE state = 'waiting';
CREATE INDEX payout_batches_prepared ON payout_batches (state, id) WHERE state = 'prepared';
CREATE INDEX bank_entries_waiting ON bank_entries (state, id) WHERE state = 'queued';
CREATE INDEX runs_drafted ON runs (stage, id) WHERE stage = 'drafted';

-- +goose Down
DROP INDEX runs_drafted;
DROP INDEX bank_entries_waiting;
DROP INDEX payout_batches_prepared;
DROP INDEX proposals_waiting;
DROP TABLE announcements;
