-- +goose Up

-- What a source says beyond the charge itself: the fixed part of what the
-- driver was charged, and when the source last changed the record.
ALTER TABLE sessions ADD COLUMN driver_fee integer;
ALTER TABLE sessions ADD COLUMN updated_at datetime;

-- A source may use an id twice. The second session is kept beside the first
-- under the id with a suffix; reused_id is the id as the source sent it, and
-- id_reused says that a person has yet to decide what the record is.
ALTER TABLE sessions ADD COLUMN reused_id text NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN id_reused boolean NOT NULL DEFAULT false;
CREATE INDEX sessions_reused ON sessions (source, reused_id) WHERE reused_id <> '';

-- A connector that only sessions know may have an id that is no number; its
-- number is 0 then.
ALTER TABLE connectors ADD COLUMN ocpi_id text NOT NULL DEFAULT '';
DROP INDEX connectors_evse;
CREATE UNIQUE INDEX connectors_evse ON connectors (upper(evse_id), number, upper(ocpi_id));

-- Sessions whose EVSE id is written without separators, or with them, belong to
-- the connector of the network that has the same EVSE in the other spelling.
CREATE TEMPORARY TABLE spelled AS
SELECT id, number, station_key,
    CASE WHEN replace(upper(evse_id), '*', '') GLOB '[A-Z][A-Z][A-Z0-9][A-Z0-9][A-Z0-9]E?*'
            AND replace(upper(evse_id), '*', '') NOT GLOB '*[^A-Z0-9]*'
        THEN replace(upper(evse_id), '*', '') ELSE upper(evse_id) END AS evse
FROM connectors;
CREATE TEMPORARY TABLE respelled AS
SELECT stray.id AS stray, min(home.id) AS home
FROM spelled stray
JOIN spelled home ON home.evse = stray.evse AND home.number = stray.number AND home.station_key IS NOT NULL
WHERE stray.station_key IS NULL
GROUP BY stray.id;
UPDATE sessions SET connector_id = (SELECT home FROM respelled WHERE stray = connector_id)
WHERE connector_id IN (SELECT stray FROM respelled);
DELETE FROM connectors WHERE id IN (SELECT stray FROM respelled);
DROP TABLE respelled;
DROP TABLE spelled;

-- +goose Down
DROP INDEX connectors_evse;
DROP INDEX sessions_reused;
DELETE FROM sessions WHERE connector_id IN (SELECT id FROM connectors WHERE ocpi_id <> '');
DELETE FROM connectors WHERE ocpi_id <> '';
ALTER TABLE connectors DROP COLUMN ocpi_id;
CREATE UNIQUE INDEX connectors_evse ON connectors (upper(evse_id), number);
ALTER TABLE sessions DROP COLUMN id_reused;
ALTER TABLE sessions DROP COLUMN reused_id;
ALTER TABLE sessions DROP COLUMN updated_at;
ALTER TABLE sessions DROP COLUMN driver_fee;
