-- +goose Up

-- A document may go in the mail of another one of its run.
ALTER TABLE credit_notes ADD COLUMN mailed_with integer REFERENCES credit_notes (id);
CREATE INDEX credit_notes_mailed_with ON credit_notes (mailed_with) WHERE mailed_with IS NOT NULL;

-- +goose Down
DROP INDEX credit_notes_mailed_with;
ALTER TABLE credit_notes DROP COLUMN mailed_with;
