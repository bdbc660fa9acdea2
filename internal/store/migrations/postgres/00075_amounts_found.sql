-- +goose Up

-- Documents are found by what they come to.
CREATE INDEX credit_notes_net ON credit_notes (net);
CREATE INDEX credit_notes_gross ON credit_notes (gross);

-- +goose Down
DROP INDEX credit_notes_gross;
DROP INDEX credit_notes_net;
