-- +goose Up

-- Exchange rates of months, at which entries in other currencies than that of the
-- ledger are converted: millionths of the currency for one of the ledger's.
CREATE TABLE exchange_rates (
    currency text NOT NULL CHECK (currency <> ''),
    month    text NOT NULL CHECK (month <> ''),
    rate     bigint NOT NULL CHECK (rate > 0),
    PRIMARY KEY (currency, month)
);

-- The document field of each number in the ledger: no two numbers have the same.
CREATE TABLE journal_numbers (
    reference text PRIMARY KEY,
    field     text NOT NULL CHECK (field <> '')
);
CREATE UNIQUE INDEX journal_numbers_field ON journal_numbers (field);
CREATE TRIGGER journal_numbers_immutable BEFORE UPDATE OR DELETE ON journal_numbers FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- +goose Down
DROP TABLE journal_numbers;
DROP TABLE exchange_rates;
