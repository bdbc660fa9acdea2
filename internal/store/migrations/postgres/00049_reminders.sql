-- +goose Up

-- What held sessions of the open month would come to if they were released, in
-- millionths; NULL: unknown. The books are made again with it.
DELETE FROM open_lines;
DELETE FROM open_holds;
DELETE FROM open_charges;
DELETE FROM open_entries;
DELETE FROM record_sums WHERE note_id < 0;
DELETE FROM open_books;
ALTER TABLE open_holds ADD COLUMN worth bigint;
ALTER TABLE open_holds ADD COLUMN worth_in text NOT NULL DEFAULT '';

-- Since when an entity gets no reminders, and why.
ALTER TABLE entities ADD COLUMN reminder_stop text NOT NULL DEFAULT '{}';

-- Reminders of what recipients owe (settlement.md §10.3): a letter for each
-- recipient and currency, as it was sent. Amounts are in the minor unit.
CREATE TABLE reminders (
    id         bigint PRIMARY KEY,
    number     text NOT NULL CHECK (number <> ''),
    entity_key text NOT NULL REFERENCES entities (key),
    currency   text NOT NULL CHECK (currency <> ''),
    level      integer NOT NULL CHECK (level BETWEEN 1 AND 3),
    day        text NOT NULL,
    amount     bigint NOT NULL CHECK (amount > 0),
    content    text NOT NULL,
    file       bytea NOT NULL,
    sha256     text NOT NULL,
    created_at timestamptz NOT NULL,
    created_by text NOT NULL
);
CREATE UNIQUE INDEX reminders_number ON reminders (number);
CREATE INDEX reminders_entity ON reminders (entity_key, id);

-- An item is reminded of once for each level.
CREATE TABLE reminder_items (
    reminder_id bigint NOT NULL REFERENCES reminders (id),
    movement_id bigint NOT NULL REFERENCES movements (id),
    level       integer NOT NULL CHECK (level BETWEEN 1 AND 3),
    open        bigint NOT NULL CHECK (open < 0),
    PRIMARY KEY (movement_id, level)
);
CREATE INDEX reminder_items_reminder ON reminder_items (reminder_id);
CREATE TRIGGER reminders_immutable BEFORE UPDATE OR DELETE ON reminders FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER reminder_items_immutable BEFORE UPDATE OR DELETE ON reminder_items FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER reminders_no_truncate BEFORE TRUNCATE ON reminders FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER reminder_items_no_truncate BEFORE TRUNCATE ON reminder_items FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- A mailing carries one thing, also a reminder.
ALTER TABLE deliveries ADD COLUMN reminder_id bigint REFERENCES reminders (id);
ALTER TABLE deliveries DROP CONSTRAINT deliveries_carries_one;
ALTER TABLE deliveries ADD CONSTRAINT deliveries_carries_one CHECK (num_nonnulls(note_id, report_id, payout_id, reminder_id) = 1);
CREATE UNIQUE INDEX deliveries_reminder_copy ON deliveries (reminder_id, copy) WHERE reminder_id IS NOT NULL;

-- +goose Down
DELETE FROM marked_addresses WHERE bounce IN (SELECT b.hash FROM bounces b JOIN deliveries d ON d.id = b.delivery_id WHERE d.reminder_id IS NOT NULL);
DELETE FROM bounces WHERE delivery_id IN (SELECT id FROM deliveries WHERE reminder_id IS NOT NULL);
DELETE FROM delivery_recipients WHERE delivery_id IN (SELECT id FROM deliveries WHERE reminder_id IS NOT NULL);
DELETE FROM deliveries WHERE reminder_id IS NOT NULL;
DROP INDEX deliveries_reminder_copy;
ALTER TABLE deliveries DROP CONSTRAINT deliveries_carries_one;
ALTER TABLE deliveries ADD CONSTRAINT deliveries_carries_one CHECK (num_nonnulls(note_id, report_id, payout_id) = 1);
ALTER TABLE deliveries DROP COLUMN reminder_id;
DROP TABLE reminder_items;
DROP TABLE reminders;
ALTER TABLE entities DROP COLUMN reminder_stop;
ALTER TABLE open_holds DROP COLUMN worth_in;
ALTER TABLE open_holds DROP COLUMN worth;
