-- +goose Up

-- Executed payouts without a remittance advice are looked for again and again:
-- there are few of them, however many payouts there are.
ALTER TABLE payouts ADD COLUMN advised boolean NOT NULL DEFAULT false;
UPDATE payouts SET advised = true WHERE id IN (SELECT payout_id FROM remittance_advices);
CREATE INDEX payouts_to_advise ON payouts (id) WHERE state = 'executed' AND NOT advised;

-- Filters of lists that a user gave a name.
CREATE TABLE saved_filters (
    id      bigint PRIMARY KEY,
    user_id bigint NOT NULL REFERENCES users (id),
    path    text NOT NULL CHECK (path <> ''),
    name    text NOT NULL CHECK (name <> ''),
    query   text NOT NULL CHECK (query <> '')
);
CREATE UNIQUE INDEX saved_filters_name ON saved_filters (user_id, path, name);

-- +goose Down
DROP TABLE saved_filters;
DROP INDEX payouts_to_advise;
ALTER TABLE payouts DROP COLUMN advised;
