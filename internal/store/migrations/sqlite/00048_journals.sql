-- +goose Up

-- What is booked of a month (settlement.md §11). A month is closed once, with its
-- entries as JSON; what comes later for it is in the journal of a later month.
CREATE TABLE journals (
    id         integer PRIMARY KEY,
    month      text NOT NULL CHECK (month <> ''),
    closed_at  datetime NOT NULL,
    closed_by  text NOT NULL,
    entries    integer NOT NULL,
    controls   text NOT NULL,
    content    blob NOT NULL
);
CREATE UNIQUE INDEX journals_month ON journals (month);
-- +goose StatementBegin
CREATE TRIGGER journals_immutable_update BEFORE UPDATE ON journals
BEGIN SELECT RAISE(ABORT, 'immutable: journals'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER journals_immutable_delete BEFORE DELETE ON journals
BEGIN SELECT RAISE(ABORT, 'immutable: journals'); END;
-- +goose StatementEnd

-- A document and a movement are in one journal at most.
CREATE TABLE journal_entries (
    external_id text PRIMARY KEY,
    journal_id  integer NOT NULL REFERENCES journals (id),
    date        text NOT NULL,
    note_id     integer REFERENCES credit_notes (id),
    movement_id integer REFERENCES movements (id),
    CHECK (note_id IS NOT NULL OR movement_id IS NOT NULL)
);
CREATE UNIQUE INDEX journal_entries_note ON journal_entries (note_id) WHERE note_id IS NOT NULL;
CREATE UNIQUE INDEX journal_entries_movement ON journal_entries (movement_id) WHERE movement_id IS NOT NULL;
CREATE INDEX journal_entries_journal ON journal_entries (journal_id);
-- +goose StatementBegin
CREATE TRIGGER journal_entries_immutable_update BEFORE UPDATE ON journal_entries
BEGIN SELECT RAISE(ABORT, 'immutable: journal_entries'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER journal_entries_immutable_delete BEFORE DELETE ON journal_entries
BEGIN SELECT RAISE(ABORT, 'immutable: journal_entries'); END;
-- +goose StatementEnd

-- The files of a journal, as they were exported first.
CREATE TABLE journal_files (
    journal_id integer NOT NULL REFERENCES journals (id),
    format     text NOT NULL CHECK (format IN ('datev', 'csv', 'xlsx', 'json')),
    place      integer NOT NULL,
    name       text NOT NULL,
    content    blob NOT NULL,
    PRIMARY KEY (journal_id, format, place)
);
-- +goose StatementBegin
CREATE TRIGGER journal_files_immutable_update BEFORE UPDATE ON journal_files
BEGIN SELECT RAISE(ABORT, 'immutable: journal_files'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER journal_files_immutable_delete BEFORE DELETE ON journal_files
BEGIN SELECT RAISE(ABORT, 'immutable: journal_files'); END;
-- +goose StatementEnd

-- Creditor accounts that were counted for entities which have none of their own.
CREATE TABLE creditor_accounts (
    entity_key text PRIMARY KEY REFERENCES entities (key),
    account    text NOT NULL CHECK (account <> '')
);
CREATE UNIQUE INDEX creditor_accounts_account ON creditor_accounts (account);
-- +goose StatementBegin
CREATE TRIGGER creditor_accounts_immutable_update BEFORE UPDATE ON creditor_accounts
BEGIN SELECT RAISE(ABORT, 'immutable: creditor_accounts'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER creditor_accounts_immutable_delete BEFORE DELETE ON creditor_accounts
BEGIN SELECT RAISE(ABORT, 'immutable: creditor_accounts'); END;
-- +goose StatementEnd

-- The tax key of DATEV; 0: none is written.
ALTER TABLE tax_accounts ADD COLUMN datev_key text NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE tax_accounts DROP COLUMN datev_key;
DROP TABLE creditor_accounts;
DROP TABLE journal_files;
DROP TABLE journal_entries;
DROP TABLE journals;
