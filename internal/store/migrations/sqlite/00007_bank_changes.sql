-- +goose Up

-- A change of bank data waits for a second person. One per entity at a time.
CREATE TABLE bank_changes (
    id         integer PRIMARY KEY,
    entity_key text NOT NULL REFERENCES entities (key),
    holder     text NOT NULL,
    iban       text NOT NULL,
    bic        text NOT NULL,
    asked_at   datetime NOT NULL,
    asked_by   text NOT NULL,
    state      text NOT NULL CHECK (state IN ('waiting', 'approved', 'rejected', 'replaced')),
    decided_at datetime,
    decided_by text NOT NULL,
    CHECK ((state = 'waiting') = (decided_at IS NULL))
);
CREATE UNIQUE INDEX bank_changes_one_waiting ON bank_changes (entity_key) WHERE state = 'waiting';
CREATE INDEX bank_changes_entity ON bank_changes (entity_key);

-- +goose Down
DROP TABLE bank_changes;
