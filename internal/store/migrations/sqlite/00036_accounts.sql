-- +goose Up

-- Balance that a Sub-CPO grants a driver (settlement.md §3.9). key is the id that
-- its source gave it; amounts are in the minor unit.
CREATE TABLE top_ups (
    id          integer PRIMARY KEY,
    key         text NOT NULL CHECK (key <> ''),
    entity_key  text NOT NULL REFERENCES entities (key),
    user_name   text NOT NULL,
    amount      integer NOT NULL CHECK (amount <> 0),
    currency    text NOT NULL CHECK (currency <> ''),
    at          datetime NOT NULL,
    received_at datetime NOT NULL
);
CREATE UNIQUE INDEX top_ups_key ON top_ups (key);
CREATE INDEX top_ups_entity ON top_ups (entity_key, at);
CREATE INDEX top_ups_at ON top_ups (at, id);
-- +goose StatementBegin
CREATE TRIGGER top_ups_immutable_update BEFORE UPDATE ON top_ups
BEGIN SELECT RAISE(ABORT, 'immutable: top_ups'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER top_ups_immutable_delete BEFORE DELETE ON top_ups
BEGIN SELECT RAISE(ABORT, 'immutable: top_ups'); END;
-- +goose StatementEnd

-- Amounts beside sessions and contracts (settlement.md §3.10). The document a
-- record is on is that of the position with its key.
CREATE TABLE custom_records (
    id          integer PRIMARY KEY,
    key         text NOT NULL CHECK (key <> ''),
    owner_key   text NOT NULL REFERENCES entities (key),
    month       text NOT NULL,
    date        text NOT NULL,
    text        text NOT NULL CHECK (text <> ''),
    net         integer NOT NULL CHECK (net > 0),
    currency    text NOT NULL CHECK (currency <> ''),
    tax_account text NOT NULL,
    direction   text NOT NULL CHECK (direction IN ('credit', 'debit')),
    changed_at  datetime NOT NULL,
    changed_by  text NOT NULL
);
CREATE UNIQUE INDEX custom_records_key ON custom_records (key);
CREATE INDEX custom_records_owner ON custom_records (owner_key, month);
CREATE INDEX positions_record ON positions (record) WHERE record <> '';

-- What moved the account between the operator and an entity, in one currency
-- (settlement.md §6.1): positive is owed by the operator. Each hash covers the
-- movement and the hash before it; movement_head is the end of the chain.
CREATE TABLE movements (
    id            integer PRIMARY KEY,
    entity_key    text NOT NULL REFERENCES entities (key),
    currency      text NOT NULL CHECK (currency <> ''),
    kind          text NOT NULL CHECK (kind IN ('credit_note', 'invoice', 'cancellation', 'top_up', 'payout', 'payout_return', 'payment', 'adjustment')),
    amount        integer NOT NULL CHECK (amount <> 0),
    booked_at     datetime NOT NULL,
    value_date    text NOT NULL,
    reference     text NOT NULL,
    note_id       integer REFERENCES credit_notes (id),
    top_up_id     integer REFERENCES top_ups (id),
    reason        text NOT NULL,
    who           text NOT NULL,
    previous_hash text NOT NULL,
    hash          text NOT NULL,
    CHECK ((note_id IS NOT NULL) = (kind IN ('credit_note', 'invoice', 'cancellation'))),
    CHECK ((top_up_id IS NOT NULL) = (kind = 'top_up')),
    CHECK (kind <> 'adjustment' OR reason <> '')
);
CREATE UNIQUE INDEX movements_note ON movements (note_id) WHERE note_id IS NOT NULL;
CREATE UNIQUE INDEX movements_top_up ON movements (top_up_id) WHERE top_up_id IS NOT NULL;
CREATE INDEX movements_account ON movements (entity_key, currency, value_date, id);
-- +goose StatementBegin
CREATE TRIGGER movements_immutable_update BEFORE UPDATE ON movements
BEGIN SELECT RAISE(ABORT, 'immutable: movements'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER movements_immutable_delete BEFORE DELETE ON movements
BEGIN SELECT RAISE(ABORT, 'immutable: movements'); END;
-- +goose StatementEnd
CREATE TABLE movement_head (
    one  integer PRIMARY KEY CHECK (one = 1),
    id   integer NOT NULL,
    hash text NOT NULL
);

-- What a movement settles of an item, with the sign of the item: a payout of
-- documents, a payment of a fee invoice, a cancellation of its document.
CREATE TABLE allocations (
    movement_id integer NOT NULL REFERENCES movements (id),
    item_id     integer NOT NULL REFERENCES movements (id),
    amount      integer NOT NULL CHECK (amount <> 0),
    PRIMARY KEY (movement_id, item_id),
    CHECK (movement_id <> item_id)
);
CREATE INDEX allocations_item ON allocations (item_id);
-- +goose StatementBegin
CREATE TRIGGER allocations_immutable_update BEFORE UPDATE ON allocations
BEGIN SELECT RAISE(ABORT, 'immutable: allocations'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER allocations_immutable_delete BEFORE DELETE ON allocations
BEGIN SELECT RAISE(ABORT, 'immutable: allocations'); END;
-- +goose StatementEnd

-- Adjustments of an account wait for a second person, too.
CREATE TABLE proposals_new (
    id         integer PRIMARY KEY,
    matter     text NOT NULL CHECK (matter IN ('bank', 'alternate_address', 'station_owner', 'connector_station', 'billing_email', 'reply_to', 'setting', 'adjustment')),
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
DELETE FROM proposals WHERE matter = 'adjustment';
DROP TABLE allocations;
DROP TABLE movement_head;
DROP TABLE movements;
DROP INDEX positions_record;
DROP TABLE custom_records;
DROP TABLE top_ups;
