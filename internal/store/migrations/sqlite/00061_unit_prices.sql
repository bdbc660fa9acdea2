-- +goose Up

-- Positions have the prices that their sessions were settled at, as JSON: none
-- in documents of earlier versions. Sessions that a cancelled document credited
-- before have positions of their own.
ALTER TABLE positions ADD COLUMN prices text NOT NULL DEFAULT '';
ALTER TABLE positions ADD COLUMN further_prices boolean NOT NULL DEFAULT false;
ALTER TABLE positions ADD COLUMN credited_again text NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE positions DROP COLUMN credited_again;
ALTER TABLE positions DROP COLUMN further_prices;
ALTER TABLE positions DROP COLUMN prices;
