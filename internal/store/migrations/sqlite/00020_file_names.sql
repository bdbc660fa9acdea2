-- +goose Up

-- Finds numbers that differ in upper and lower case alone: their files must not
-- have one name on systems that do not tell the cases apart.
CREATE INDEX credit_notes_number_folded ON credit_notes (lower(number)) WHERE number IS NOT NULL;

-- +goose Down
DROP INDEX credit_notes_number_folded;
