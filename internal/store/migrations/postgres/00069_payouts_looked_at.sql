-- +goose Up

-- Two more reasons for which something is not paid out.
ALTER TABLE payout_left_out DROP CONSTRAINT payout_left_out_reason_check;
ALTER TABLE payout_left_out ADD CONSTRAINT payout_left_out_reason_check
    CHECK (reason IN ('objection', 'negative', 'awaits_bank', 'on_hold', 'no_bank', 'unconfirmed_bank', 'unwritable', 'below_minimum'));

-- The account from which a batch is paid, as it was when the batch was approved.
-- Empty: it was not approved, or by an older version.
ALTER TABLE payout_batches ADD COLUMN debtor_iban text NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE payout_batches DROP COLUMN debtor_iban;
ALTER TABLE payout_left_out DROP CONSTRAINT payout_left_out_reason_check;
UPDATE payout_left_out SET reason = CASE reason WHEN 'awaits_bank' THEN 'negative' ELSE 'unconfirmed_bank' END WHERE reason IN ('awaits_bank', 'unwritable');
ALTER TABLE payout_left_out ADD CONSTRAINT payout_left_out_reason_check
    CHECK (reason IN ('objection', 'negative', 'on_hold', 'no_bank', 'unconfirmed_bank', 'below_minimum'));
