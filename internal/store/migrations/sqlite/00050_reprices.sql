-- +goose Up

-- Sessions that were credited at a price that was wrong and are priced anew: each
-- becomes its next version, with the content that it had.
CREATE TABLE reprices (
    id          integer PRIMARY KEY,
    rate        text NOT NULL,
    contract    text NOT NULL,
    since       text NOT NULL CHECK (since <> ''),
    reason      text NOT NULL CHECK (reason <> ''),
    sessions    integer NOT NULL CHECK (sessions >= 0),
    applied_at  datetime NOT NULL,
    asked_by    text NOT NULL,
    approved_by text NOT NULL,
    CHECK ((rate = '') <> (contract = ''))
);
CREATE TABLE reprice_sessions (
    session_id integer PRIMARY KEY REFERENCES sessions (id),
    reprice_id integer NOT NULL REFERENCES reprices (id)
);

-- Months of owners that are settled by the contracts as they are now: what runs up
-- to run_id settled them by does not count any more.
CREATE TABLE reprice_months (
    reprice_id integer NOT NULL REFERENCES reprices (id),
    owner_id   integer NOT NULL REFERENCES entities (id),
    month      text NOT NULL,
    run_id     integer NOT NULL,
    PRIMARY KEY (reprice_id, owner_id, month)
);
CREATE INDEX reprice_months_owner ON reprice_months (owner_id, month);
-- +goose StatementBegin
CREATE TRIGGER reprices_immutable_update BEFORE UPDATE ON reprices
BEGIN SELECT RAISE(ABORT, 'immutable: reprices'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER reprices_immutable_delete BEFORE DELETE ON reprices
BEGIN SELECT RAISE(ABORT, 'immutable: reprices'); END;
-- +goose StatementEnd

-- A reprice waits for a second person where runs do.
CREATE TABLE proposals_new (
    id         integer PRIMARY KEY,
    matter     text NOT NULL CHECK (matter IN ('bank', 'alternate_address', 'station_owner', 'connector_station', 'billing_email', 'reply_to', 'setting', 'adjustment', 'reprice')),
    subject    text NOT NULL CHECK (subject <> ''),
    before     text NOT NULL,
    after      text NOT NULL,
    asked_at   datetime NOT NULL,
    asked_by   text NOT NULL,
    state      text NOT NULL CHECK (state IN ('waiting', 'approved', 'rejected', 'replaced')),
    decided_at datetime,
    decided_by text NOT NULL,
    CHECK ((state = 'waiting') = (decided_at IS NULL))
);
INSERT INTO proposals_new SELECT id, matter, subject, before, after, asked_at, asked_by, state, decided_at, decided_by FROM proposals;
DROP TABLE proposals;
ALTER TABLE proposals_new RENAME TO proposals;
CREATE UNIQUE INDEX proposals_one_waiting ON proposals (matter, subject) WHERE state = 'waiting';
CREATE INDEX proposals_subject ON proposals (subject);

-- +goose Down
DELETE FROM proposals WHERE matter = 'reprice';
DROP TABLE reprice_months;
DROP TABLE reprice_sessions;
DROP TABLE reprices;
