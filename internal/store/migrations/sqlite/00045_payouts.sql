-- +goose Up

-- Money on its way to recipients (settlement.md §10.1). What was prepared at once
-- is approved and exported together. Amounts are in the minor unit.
CREATE TABLE payout_batches (
    id             integer PRIMARY KEY,
    requested_date text NOT NULL,
    state          text NOT NULL CHECK (state IN ('prepared', 'approved', 'exported', 'discarded')),
    prepared_at    datetime NOT NULL,
    prepared_by    text NOT NULL,
    approved_at    datetime,
    approved_by    text NOT NULL,
    exported_at    datetime,
    exported_by    text NOT NULL
);

-- payee is the recipient as it was then. A payout stands unless it was discarded,
-- rejected or returned.
CREATE TABLE payouts (
    id           integer PRIMARY KEY,
    batch_id     integer NOT NULL REFERENCES payout_batches (id),
    number       text NOT NULL CHECK (number <> ''),
    entity_key   text NOT NULL REFERENCES entities (key),
    currency     text NOT NULL CHECK (currency <> ''),
    amount       integer NOT NULL CHECK (amount > 0),
    payee        text NOT NULL,
    state        text NOT NULL CHECK (state IN ('prepared', 'approved', 'exported', 'executed', 'discarded', 'rejected', 'returned')),
    executed_on  text NOT NULL,
    movement_id  integer REFERENCES movements (id),
    changed_at   datetime NOT NULL,
    changed_by   text NOT NULL,
    reason       text NOT NULL,
    CHECK ((state IN ('executed', 'returned')) = (movement_id IS NOT NULL))
);
CREATE UNIQUE INDEX payouts_number ON payouts (number);
CREATE UNIQUE INDEX payouts_movement ON payouts (movement_id) WHERE movement_id IS NOT NULL;
CREATE INDEX payouts_batch ON payouts (batch_id, id);
CREATE INDEX payouts_entity ON payouts (entity_key, id);
-- +goose StatementBegin
CREATE TRIGGER payouts_no_delete BEFORE DELETE ON payouts
BEGIN SELECT RAISE(ABORT, 'immutable: payouts'); END;
-- +goose StatementEnd

-- An item is in one standing payout at most.
CREATE TABLE payout_items (
    payout_id   integer NOT NULL REFERENCES payouts (id),
    movement_id integer NOT NULL REFERENCES movements (id),
    amount      integer NOT NULL CHECK (amount <> 0),
    standing    boolean NOT NULL,
    PRIMARY KEY (payout_id, movement_id)
);
CREATE UNIQUE INDEX payout_items_standing ON payout_items (movement_id) WHERE standing;
-- +goose StatementBegin
CREATE TRIGGER payout_items_no_delete BEFORE DELETE ON payout_items
BEGIN SELECT RAISE(ABORT, 'immutable: payout_items'); END;
-- +goose StatementEnd

-- What was due and was not paid out, and why.
CREATE TABLE payout_left_out (
    batch_id   integer NOT NULL REFERENCES payout_batches (id),
    place      integer NOT NULL,
    entity_key text NOT NULL REFERENCES entities (key),
    currency   text NOT NULL,
    amount     integer NOT NULL,
    reason     text NOT NULL CHECK (reason IN ('objection', 'negative', 'on_hold', 'no_bank', 'unconfirmed_bank', 'below_minimum')),
    detail     text NOT NULL,
    PRIMARY KEY (batch_id, place)
);

-- The bank file of a batch, as it was exported first.
CREATE TABLE payout_files (
    batch_id integer PRIMARY KEY REFERENCES payout_batches (id),
    name     text NOT NULL,
    content  blob NOT NULL
);
-- +goose StatementBegin
CREATE TRIGGER payout_files_immutable_update BEFORE UPDATE ON payout_files
BEGIN SELECT RAISE(ABORT, 'immutable: payout_files'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER payout_files_immutable_delete BEFORE DELETE ON payout_files
BEGIN SELECT RAISE(ABORT, 'immutable: payout_files'); END;
-- +goose StatementEnd

-- +goose Down
DROP TABLE payout_files;
DROP TABLE payout_left_out;
DROP TABLE payout_items;
DROP TABLE payouts;
DROP TABLE payout_batches;
