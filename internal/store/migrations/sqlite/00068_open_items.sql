-- +goose Up

-- How accounts stand now, so that what is open is found without reading what was
-- settled in years. Both tables follow from movements and allocations.
CREATE TABLE accounts (
    entity_key text NOT NULL REFERENCES entities (key),
    currency   text NOT NULL,
    movements  integer NOT NULL,
    balance    integer NOT NULL,
    PRIMARY KEY (entity_key, currency)
);
INSERT INTO accounts (entity_key, currency, movements, balance)
    SELECT entity_key, currency, count(*), sum(amount) FROM movements GROUP BY entity_key, currency;
CREATE TABLE open_items (
    movement_id integer PRIMARY KEY REFERENCES movements (id),
    entity_key  text NOT NULL,
    currency    text NOT NULL,
    open        integer NOT NULL CHECK (open <> 0)
);
INSERT INTO open_items (movement_id, entity_key, currency, open)
    SELECT id, entity_key, currency, open FROM (
        SELECT m.id, m.entity_key, m.currency, m.amount
            - coalesce((SELECT sum(a.amount) FROM allocations a WHERE a.item_id = m.id), 0)
            + coalesce((SELECT sum(a.amount) FROM allocations a WHERE a.movement_id = m.id), 0) AS open
        FROM movements m) AS m
    WHERE open <> 0;
CREATE INDEX open_items_account ON open_items (entity_key, currency);
CREATE INDEX movements_value ON movements (value_date);

-- +goose Down
DROP INDEX movements_value;
DROP TABLE open_items;
DROP TABLE accounts;
