-- +goose Up

-- Changes that decide where money goes wait for a second person: one per matter
-- and subject at a time. Before and after are JSON; of changes of bank data from
-- before this migration it is not known what they would have replaced.
CREATE TABLE proposals (
    id         bigint PRIMARY KEY,
    matter     text NOT NULL CHECK (matter IN ('bank', 'alternate_address', 'station_owner', 'connector_station', 'billing_email', 'reply_to', 'setting')),
    subject    text NOT NULL CHECK (subject <> ''),
    before     text NOT NULL,
    after      text NOT NULL,
    asked_at   timestamptz NOT NULL,
    asked_by   text NOT NULL,
    state      text NOT NULL CHECK (state IN ('waiting', 'approved', 'rejected', 'replaced')),
    decided_at timestamptz,
    decided_by text NOT NULL,
    CHECK ((state = 'waiting') = (decided_at IS NULL))
);
INSERT INTO proposals (id, matter, subject, before, after, asked_at, asked_by, state, decided_at, decided_by)
    SELECT id, 'bank', entity_key, '', json_build_object('holder', holder, 'iban', iban, 'bic', bic)::text,
        asked_at, asked_by, state, decided_at, decided_by FROM bank_changes;
UPDATE id_counters SET name = 'proposals' WHERE name = 'bank_changes';
DROP TABLE bank_changes;
CREATE UNIQUE INDEX proposals_one_waiting ON proposals (matter, subject) WHERE state = 'waiting';
CREATE INDEX proposals_subject ON proposals (subject);

-- +goose Down
CREATE TABLE bank_changes (
    id         bigint PRIMARY KEY,
    entity_key text NOT NULL REFERENCES entities (key),
    holder     text NOT NULL,
    iban       text NOT NULL,
    bic        text NOT NULL,
    asked_at   timestamptz NOT NULL,
    asked_by   text NOT NULL,
    state      text NOT NULL CHECK (state IN ('waiting', 'approved', 'rejected', 'replaced')),
    decided_at timestamptz,
    decided_by text NOT NULL,
    CHECK ((state = 'waiting') = (decided_at IS NULL))
);
CREATE UNIQUE INDEX bank_changes_one_waiting ON bank_changes (entity_key) WHERE state = 'waiting';
CREATE INDEX bank_changes_entity ON bank_changes (entity_key);
INSERT INTO bank_changes (id, entity_key, holder, iban, bic, asked_at, asked_by, state, decided_at, decided_by)
    SELECT id, subject, coalesce(after::json ->> 'holder', ''), coalesce(after::json ->> 'iban', ''), coalesce(after::json ->> 'bic', ''),
        asked_at, asked_by, state, decided_at, decided_by FROM proposals WHERE matter = 'bank';
UPDATE id_counters SET name = 'bank_changes' WHERE name = 'proposals';
DROP TABLE proposals;
