-- +goose Up

-- Two more reasons for which something is not paid out.
CREATE TABLE payout_left_out_new (
    batch_id   integer NOT NULL REFERENCES payout_batches (id),
    place      integer NOT NULL,
    entity_key text NOT NULL REFERENCES entities (key),
    currency   text NOT NULL,
    amount     integer NOT NULL,
    reason     text NOT NULL CHECK (reason IN ('objection', 'negative', 'awaits_bank', 'on_hold', 'no_bank', 'unconfirmed_bank', 'unwritable', 'below_minimum')),
    detail     text NOT NULL,
    PRIMARY KEY (batch_id, place)
);
INSERT INTO payout_left_out_new SELECT batch_id, place, entity_key, currency, amount, reason, detail FROM payout_left_out;
DROP TABLE payout_left_out;
ALTER TABLE payout_left_out_new RENAME TO payout_left_out;

-- The account from which a batch is paid, as it was when the batch was approved.
-- Empty: it was not approved, or by an older version.
ALTER TABLE payout_batches ADD COLUMN debtor_iban text NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE payout_batches DROP COLUMN debtor_iban;
CREATE TABLE payout_left_out_new (
    batch_id   integer NOT NULL REFERENCES payout_batches (id),
    place      integer NOT NULL,
    entity_key text NOT NULL REFERENCES entities (key),
    currency   text NOT NULL,
    amount     integer NOT NULL,
    reason     text NOT NULL CHECK (reason IN ('objection', 'negative', 'on_hold', 'no_bank', 'unconfirmed_bank', 'below_minimum')),
    detail     text NOT NULL,
    PRIMARY KEY (batch_id, place)
);
INSERT INTO payout_left_out_new SELECT batch_id, place, entity_key, currency, amount,
    CASE reason WHEN 'awaits_bank' THEN 'negative' WHEN 'unwritable' THEN 'unconfirmed_bank' ELSE reason END, detail FROM payout_left_out;
DROP TABLE payout_left_out;
ALTER TABLE payout_left_out_new RENAME TO payout_left_out;
