-- +goose Up

-- Numbers of reminders that were sent after a backup and lost with its restore.
-- They are never given again; number and sha256 are empty where the letter itself
-- was not found.
CREATE TABLE lost_reminders (
    id         integer PRIMARY KEY CHECK (id > 0),
    number     text NOT NULL,
    sha256     text NOT NULL,
    reason     text NOT NULL CHECK (reason <> ''),
    restore_id integer NOT NULL REFERENCES restores (id)
);
-- +goose StatementBegin
CREATE TRIGGER lost_reminders_immutable_update BEFORE UPDATE ON lost_reminders
BEGIN SELECT RAISE(ABORT, 'immutable: lost_reminders'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER lost_reminders_immutable_delete BEFORE DELETE ON lost_reminders
BEGIN SELECT RAISE(ABORT, 'immutable: lost_reminders'); END;
-- +goose StatementEnd

-- +goose Down
DROP TABLE lost_reminders;
