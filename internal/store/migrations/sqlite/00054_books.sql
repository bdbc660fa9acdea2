-- +goose Up

-- Exchange rates of months, at which entries in other currencies than that of the
-- ledger are converted: millionths of the currency for one of the ledger's.
CREATE TABLE exchange_rates (
    currency text NOT NULL CHECK (currency <> ''),
    month    text NOT NULL CHECK (month <> ''),
    rate     integer NOT NULL CHECK (rate > 0),
    PRIMARY KEY (currency, month)
);

-- The document field of each number in the ledger: no two numbers have the same.
CREATE TABLE journal_numbers (
    reference text PRIMARY KEY,
    field     text NOT NULL CHECK (field <> '')
);
CREATE UNIQUE INDEX journal_numbers_field ON journal_numbers (field);
-- +goose StatementBegin
CREATE TRIGGER journal_numbers_immutable_update BEFORE UPDATE ON journal_numbers
BEGIN SELECT RAISE(ABORT, 'immutable: journal_numbers'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER journal_numbers_immutable_delete BEFORE DELETE ON journal_numbers
BEGIN SELECT RAISE(ABORT, 'immutable: journal_numbers'); END;
-- +goose StatementEnd

-- +goose Down
DROP TABLE journal_numbers;
DROP TABLE exchange_rates;
