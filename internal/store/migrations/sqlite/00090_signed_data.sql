-- +goose Up

-- What the check of the signed meter data of a session found: 0 there is none, 1
-- valid, 2 invalid, 3 no key, 4 not supported, 5 not readable; and the energy that
-- was signed, in millionths of a kWh.
ALTER TABLE sessions ADD COLUMN signature integer NOT NULL DEFAULT 0 CHECK (signature BETWEEN 0 AND 5);
ALTER TABLE sessions ADD COLUMN signed_energy bigint;

-- The public keys of the meters at a connector.
ALTER TABLE connectors ADD COLUMN meter_keys text NOT NULL DEFAULT '[]';

-- Signed meter data as it was received with a version of a session. It is never changed.
CREATE TABLE signed_data (
    session_id bigint PRIMARY KEY REFERENCES sessions (id),
    content    text NOT NULL CHECK (content <> '')
);
-- +goose StatementBegin
CREATE TRIGGER signed_data_immutable_update BEFORE UPDATE ON signed_data
BEGIN SELECT RAISE(ABORT, 'immutable: signed_data'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER signed_data_immutable_delete BEFORE DELETE ON signed_data
BEGIN SELECT RAISE(ABORT, 'immutable: signed_data'); END;
-- +goose StatementEnd

-- +goose Down
DROP TABLE signed_data;
ALTER TABLE connectors DROP COLUMN meter_keys;
ALTER TABLE sessions DROP COLUMN signed_energy;
ALTER TABLE sessions DROP COLUMN signature;
