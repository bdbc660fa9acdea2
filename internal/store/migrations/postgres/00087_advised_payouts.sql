-- +goose Up

-- Executed payouts without a remittance advice are looked for again and again:
-- there are few of them, however many payouts there are.
ALTER TABLE payouts ADD COLUMN advised boolean NOT NULL DEFAULT false;
UPDATE payouts SET advised = true WHERE id IN (SELECT payout_id FROM remittance_advices);
CREATE INDEX payouts_to_advise ON payouts (id) WHERE state = 'executed' AND NOT advised;

-- +goose Down
DROP INDEX payouts_to_advise;
ALTER TABLE payouts DROP COLUMN advised;
