-- +goose Up

-- What is booked of a month (settlement.md §11). A month is closed once, with its
-- entries as JSON; what comes later for it is in the journal of a later month.
CREATE TABLE journals (
    id         bigint PRIMARY KEY,
    month      text NOT NULL CHECK (month <> ''),
    closed_at  timestamptz NOT NULL,
    closed_by  text NOT NULL,
    entries    integer NOT NULL,
    controls   text NOT NULL,
    content    bytea NOT NULL
);
CREATE UNIQUE INDEX journals_month ON journals (month);
CREATE TRIGGER journals_immutable BEFORE UPDATE OR DELETE ON journals FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- A document and a movement are in one journal at most.
CREATE TABLE journal_entries (
    external_id text PRIMARY KEY,
    journal_id  bigint NOT NULL REFERENCES journals (id),
    date        text NOT NULL,
    note_id     bigint REFERENCES credit_notes (id),
    movement_id bigint REFERENCES movements (id),
    CHECK (note_id IS NOT NULL OR movement_id IS NOT NULL)
);
CREATE UNIQUE INDEX journal_entries_note ON journal_entries (note_id) WHERE note_id IS NOT NULL;
CREATE UNIQUE INDEX journal_entries_movement ON journal_entries (movement_id) WHERE movement_id IS NOT NULL;
CREATE INDEX journal_entries_journal ON journal_entries (journal_id);
CREATE TRIGGER journal_entries_immutable BEFORE UPDATE OR DELETE ON journal_entries FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- The files of a journal, as they were exported first.
CREATE TABLE journal_files (
    journal_id bigint NOT NULL REFERENCES journals (id),
    format     text NOT NULL CHECK (format IN ('datev', 'csv', 'xlsx', 'json')),
    place      integer NOT NULL,
    name       text NOT NULL,
    content    bytea NOT NULL,
    PRIMARY KEY (journal_id, format, place)
);
CREATE TRIGGER journal_files_immutable BEFORE UPDATE OR DELETE ON journal_files FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- Creditor accounts that were counted for entities which have none of their own.
CREATE TABLE creditor_accounts (
    entity_key text PRIMARY KEY REFERENCES entities (key),
    account    text NOT NULL CHECK (account <> '')
);
CREATE UNIQUE INDEX creditor_accounts_account ON creditor_accounts (account);
CREATE TRIGGER creditor_accounts_immutable BEFORE UPDATE OR DELETE ON creditor_accounts FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- The tax key of DATEV; 0: none is written.
ALTER TABLE tax_accounts ADD COLUMN datev_key text NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE tax_accounts DROP COLUMN datev_key;
DROP TABLE creditor_accounts;
DROP TABLE journal_files;
DROP TABLE journal_entries;
DROP TABLE journals;
