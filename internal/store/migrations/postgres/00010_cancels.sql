-- +goose Up

-- What cancels a note. The unique index counts all the notes that cancel
-- nothing as equal, and looks useless to a database that keeps statistics.
CREATE INDEX credit_notes_cancels ON credit_notes (cancels) WHERE cancels IS NOT NULL;

-- +goose Down
DROP INDEX credit_notes_cancels;
