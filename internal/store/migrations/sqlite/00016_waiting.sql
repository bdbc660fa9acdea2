-- +goose Up

-- The few sessions that last longer than a day, or end before they start. All
-- others at a connector that end after an instant begin less than a day before
-- it, where sessions_at_connector finds them.
CREATE INDEX sessions_long ON sessions (connector_id, ended_at) WHERE (ended_at < started_at OR julianday(ended_at) - julianday(started_at) > 1);

-- What a run has settled: every session with a lower id that ends before an
-- instant got a fate in it or earlier. Set when that was proven.
ALTER TABLE runs ADD COLUMN settled_below integer;
ALTER TABLE runs ADD COLUMN settled_until datetime;

-- +goose Down
ALTER TABLE runs DROP COLUMN settled_until;
ALTER TABLE runs DROP COLUMN settled_below;
DROP INDEX sessions_long;
