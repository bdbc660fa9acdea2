-- +goose Up

-- What a contract makes of a session stands on its line. driver_amount and
-- driver_fee are what the settlement used; NULL: it used none.
ALTER TABLE lines
    ADD COLUMN net_share            bigint NOT NULL DEFAULT 0,
    ADD COLUMN net_electricity_cost bigint NOT NULL DEFAULT 0,
    ADD COLUMN net_electricity_tax  bigint NOT NULL DEFAULT 0,
    ADD COLUMN net_session_fees     bigint NOT NULL DEFAULT 0,
    ADD COLUMN driver_amount        bigint,
    ADD COLUMN driver_fee           bigint NOT NULL DEFAULT 0;
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION refuse_frozen_line() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF EXISTS (SELECT 1 FROM runs WHERE id = OLD.run_id AND stage IN ('issued', 'completed')) THEN
            RAISE EXCEPTION 'immutable: line of an issued run' USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN OLD;
    END IF;
    IF (OLD.note_id, OLD.run_id, OLD.owner_id, OLD.session_id, OLD.path_id, OLD.kind, OLD.energy, OLD.net_energy, OLD.net_time, OLD.net_fee, OLD.tax, OLD.correction, OLD.reason,
            OLD.net_share, OLD.net_electricity_cost, OLD.net_electricity_tax, OLD.net_session_fees, OLD.driver_amount, OLD.driver_fee)
        IS DISTINCT FROM (NEW.note_id, NEW.run_id, NEW.owner_id, NEW.session_id, NEW.path_id, NEW.kind, NEW.energy, NEW.net_energy, NEW.net_time, NEW.net_fee, NEW.tax, NEW.correction, NEW.reason,
            NEW.net_share, NEW.net_electricity_cost, NEW.net_electricity_tax, NEW.net_session_fees, NEW.driver_amount, NEW.driver_fee)
        OR NEW.live
        OR NOT EXISTS (SELECT 1 FROM credit_notes WHERE cancels = OLD.note_id)
            AND NOT EXISTS (SELECT 1 FROM withdrawn_notes WHERE note_id = OLD.note_id) THEN
        RAISE EXCEPTION 'immutable: line of session %', OLD.session_id USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd

-- The contract that settles a position; the custom record that it prints, with
-- its text; quantity and unit price of a fee.
ALTER TABLE positions
    ADD COLUMN contract   text NOT NULL DEFAULT '',
    ADD COLUMN record     text NOT NULL DEFAULT '',
    ADD COLUMN text       text NOT NULL DEFAULT '',
    ADD COLUMN quantity   bigint NOT NULL DEFAULT 0,
    ADD COLUMN unit_price bigint NOT NULL DEFAULT 0;
CREATE INDEX positions_contract ON positions (owner_id, month) WHERE contract <> '';

-- The contracts of an owner in force for a month, as a run read them
-- (settlement.md §3.2): JSON.
CREATE TABLE run_contracts (
    run_id    bigint NOT NULL REFERENCES runs (id),
    owner_id  bigint NOT NULL,
    month     text NOT NULL,
    contracts text NOT NULL,
    PRIMARY KEY (run_id, owner_id, month)
);

-- A collection belongs to the session: every version has it, and since when it
-- was known. same_as is the first version since which nothing but the driver
-- amount and its fee changed.
ALTER TABLE sessions
    ADD COLUMN collection_known_at timestamptz,
    ADD COLUMN same_as             bigint;
UPDATE sessions SET collection_known_at = received_at WHERE collected_at IS NOT NULL;

-- +goose Down
ALTER TABLE sessions DROP COLUMN same_as, DROP COLUMN collection_known_at;
DROP TABLE run_contracts;
DROP INDEX positions_contract;
ALTER TABLE positions DROP COLUMN unit_price, DROP COLUMN quantity, DROP COLUMN text, DROP COLUMN record, DROP COLUMN contract;
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION refuse_frozen_line() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF EXISTS (SELECT 1 FROM runs WHERE id = OLD.run_id AND stage IN ('issued', 'completed')) THEN
            RAISE EXCEPTION 'immutable: line of an issued run' USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN OLD;
    END IF;
    IF (OLD.note_id, OLD.run_id, OLD.owner_id, OLD.session_id, OLD.path_id, OLD.kind, OLD.energy, OLD.net_energy, OLD.net_time, OLD.net_fee, OLD.tax, OLD.correction, OLD.reason)
        IS DISTINCT FROM (NEW.note_id, NEW.run_id, NEW.owner_id, NEW.session_id, NEW.path_id, NEW.kind, NEW.energy, NEW.net_energy, NEW.net_time, NEW.net_fee, NEW.tax, NEW.correction, NEW.reason)
        OR NEW.live
        OR NOT EXISTS (SELECT 1 FROM credit_notes WHERE cancels = OLD.note_id)
            AND NOT EXISTS (SELECT 1 FROM withdrawn_notes WHERE note_id = OLD.note_id) THEN
        RAISE EXCEPTION 'immutable: line of session %', OLD.session_id USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
ALTER TABLE lines DROP COLUMN driver_fee, DROP COLUMN driver_amount, DROP COLUMN net_session_fees, DROP COLUMN net_electricity_tax,
    DROP COLUMN net_electricity_cost, DROP COLUMN net_share;
