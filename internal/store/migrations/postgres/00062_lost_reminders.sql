-- +goose Up

-- Numbers of reminders that were sent after a backup and lost with its restore.
-- They are never given again; number and sha256 are empty where the letter itself
-- was not found.
CREATE TABLE lost_reminders (
    id         bigint PRIMARY KEY CHECK (id > 0),
    number     text NOT NULL,
    sha256     text NOT NULL,
    reason     text NOT NULL CHECK (reason <> ''),
    restore_id bigint NOT NULL REFERENCES restores (id)
);
CREATE TRIGGER lost_reminders_immutable BEFORE UPDATE OR DELETE ON lost_reminders FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER lost_reminders_no_truncate BEFORE TRUNCATE ON lost_reminders FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- +goose Down
DROP TABLE lost_reminders;
