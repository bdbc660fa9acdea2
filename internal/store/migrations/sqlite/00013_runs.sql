-- +goose Up

-- A run is dated the day on which it is issued, unless a date was given. Runs
-- that were begun before this column was there had theirs from the start.
ALTER TABLE runs ADD COLUMN date_given boolean NOT NULL DEFAULT true;

-- Why a run failed last, until it goes on: faults as JSON, or the reference of
-- a line in the log.
ALTER TABLE runs ADD COLUMN failed_at datetime;
ALTER TABLE runs ADD COLUMN failure text NOT NULL DEFAULT '';
ALTER TABLE runs ADD COLUMN failure_reference text NOT NULL DEFAULT '';

-- Why the scheduled run of a month could not begin, until it does.
CREATE TABLE month_failures (
    month             text PRIMARY KEY,
    failed_at         datetime NOT NULL,
    failure           text NOT NULL,
    failure_reference text NOT NULL
);

-- The last document of a number range.
CREATE INDEX credit_notes_dated ON credit_notes (range_key, date, id) WHERE range_key IS NOT NULL;

-- +goose Down
DROP INDEX credit_notes_dated;
DROP TABLE month_failures;
ALTER TABLE runs DROP COLUMN failure_reference;
ALTER TABLE runs DROP COLUMN failure;
ALTER TABLE runs DROP COLUMN failed_at;
ALTER TABLE runs DROP COLUMN date_given;
