-- +goose Up

-- Restores of this database from a backup. Until a restore is confirmed nothing
-- is issued and nothing is sent: the database may not know of documents that
-- were issued after the backup. documents is JSON: those that a comparison with
-- an archive found and whose numbers would be given twice.
CREATE TABLE restores (
    id            integer PRIMARY KEY,
    restored_at   datetime NOT NULL,
    restored_by   text NOT NULL,
    backup_at     datetime NOT NULL,
    backup_head   text NOT NULL,
    compared_at   datetime,
    compared_with text NOT NULL,
    documents     text NOT NULL,
    confirmed_at  datetime,
    confirmed_by  text NOT NULL,
    CHECK ((confirmed_at IS NULL) = (confirmed_by = ''))
);
CREATE INDEX restores_open ON restores (id) WHERE confirmed_at IS NULL;

-- Numbers of documents that were issued after a backup and lost with its
-- restore. They are never given again; number and sha256 are empty where the
-- document itself was not found.
CREATE TABLE lost_numbers (
    range_key  text NOT NULL REFERENCES number_ranges (key),
    scope      text NOT NULL,
    period     text NOT NULL,
    sequence   integer NOT NULL CHECK (sequence > 0),
    number     text NOT NULL,
    sha256     text NOT NULL,
    reason     text NOT NULL CHECK (reason <> ''),
    restore_id integer NOT NULL REFERENCES restores (id),
    PRIMARY KEY (range_key, scope, period, sequence)
);
CREATE UNIQUE INDEX lost_numbers_number ON lost_numbers (number) WHERE number <> '';
-- +goose StatementBegin
CREATE TRIGGER lost_numbers_immutable_update BEFORE UPDATE ON lost_numbers
BEGIN SELECT RAISE(ABORT, 'immutable: lost_numbers'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER lost_numbers_immutable_delete BEFORE DELETE ON lost_numbers
BEGIN SELECT RAISE(ABORT, 'immutable: lost_numbers'); END;
-- +goose StatementEnd

-- +goose Down
DROP TABLE lost_numbers;
DROP TABLE restores;
