-- +goose Up

-- How a user has numbers and times written: the region whose way it is, and the
-- time zone; empty: as the language does, and the zone of the operator.
ALTER TABLE users ADD COLUMN number_format text NOT NULL DEFAULT '';
ALTER TABLE users ADD COLUMN time_zone text NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE users DROP COLUMN time_zone;
ALTER TABLE users DROP COLUMN number_format;
