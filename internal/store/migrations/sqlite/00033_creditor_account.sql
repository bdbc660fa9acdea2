-- +goose Up

-- The account of the creditor in the ledger.
ALTER TABLE entities ADD COLUMN creditor_account text NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE entities DROP COLUMN creditor_account;
