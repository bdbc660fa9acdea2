-- +goose Up

-- Monthly sums, fees and custom records are booked as what standing documents do
-- not have yet. turn counts the positions of one of them, from 1: a run that did
-- not know of the last one takes a turn that is taken, and is refused. 0: the
-- position is of something else, or of an earlier version.
ALTER TABLE positions ADD COLUMN turn integer NOT NULL DEFAULT 0;
CREATE UNIQUE INDEX positions_turn ON positions (owner_id, contract, month, component, record, turn) WHERE turn > 0;
-- A position of sessions that an earlier run held until their money had arrived.
ALTER TABLE positions ADD COLUMN collected_later boolean NOT NULL DEFAULT false;
-- The months that a contract settled.
CREATE INDEX positions_of_contract ON positions (contract, owner_id, month) WHERE contract <> '';

-- The contracts that a run read stay as they are, as what it settled by them.
-- +goose StatementBegin
CREATE FUNCTION refuse_frozen_contracts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' OR EXISTS (SELECT 1 FROM runs WHERE id = OLD.run_id AND stage IN ('issued', 'completed')) THEN
        RAISE EXCEPTION 'immutable: contracts of a run' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN OLD;
END $$;
-- +goose StatementEnd
CREATE TRIGGER run_contracts_immutable BEFORE UPDATE OR DELETE ON run_contracts FOR EACH ROW EXECUTE FUNCTION refuse_frozen_contracts();
CREATE TRIGGER run_contracts_no_truncate BEFORE TRUNCATE ON run_contracts FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- The price path of own charging: where it was charged, and by which contract it
-- is billed; 0: of an earlier version.
ALTER TABLE own_charges ADD COLUMN path_id bigint NOT NULL DEFAULT 0;
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION refuse_frozen_charge() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF EXISTS (SELECT 1 FROM runs WHERE id = OLD.run_id AND stage IN ('issued', 'completed')) THEN
            RAISE EXCEPTION 'immutable: own charging of an issued run' USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN OLD;
    END IF;
    IF (OLD.note_id, OLD.run_id, OLD.owner_id, OLD.session_id, OLD.kind, OLD.contract, OLD.correction, OLD.tax, OLD.energy, OLD.driver_amount, OLD.net, OLD.path_id)
        IS DISTINCT FROM (NEW.note_id, NEW.run_id, NEW.owner_id, NEW.session_id, NEW.kind, NEW.contract, NEW.correction, NEW.tax, NEW.energy, NEW.driver_amount, NEW.net, NEW.path_id)
        OR NEW.live
        OR NOT EXISTS (SELECT 1 FROM credit_notes WHERE cancels = OLD.note_id)
            AND NOT EXISTS (SELECT 1 FROM withdrawn_notes WHERE note_id = OLD.note_id) THEN
        RAISE EXCEPTION 'immutable: own charging of session %', OLD.session_id USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd

-- +goose Down
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION refuse_frozen_charge() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF EXISTS (SELECT 1 FROM runs WHERE id = OLD.run_id AND stage IN ('issued', 'completed')) THEN
            RAISE EXCEPTION 'immutable: own charging of an issued run' USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN OLD;
    END IF;
    IF (OLD.note_id, OLD.run_id, OLD.owner_id, OLD.session_id, OLD.kind, OLD.contract, OLD.correction, OLD.tax, OLD.energy, OLD.driver_amount, OLD.net)
        IS DISTINCT FROM (NEW.note_id, NEW.run_id, NEW.owner_id, NEW.session_id, NEW.kind, NEW.contract, NEW.correction, NEW.tax, NEW.energy, NEW.driver_amount, NEW.net)
        OR NEW.live
        OR NOT EXISTS (SELECT 1 FROM credit_notes WHERE cancels = OLD.note_id)
            AND NOT EXISTS (SELECT 1 FROM withdrawn_notes WHERE note_id = OLD.note_id) THEN
        RAISE EXCEPTION 'immutable: own charging of session %', OLD.session_id USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
ALTER TABLE own_charges DROP COLUMN path_id;
DROP TRIGGER run_contracts_no_truncate ON run_contracts;
DROP TRIGGER run_contracts_immutable ON run_contracts;
DROP FUNCTION refuse_frozen_contracts;
DROP INDEX positions_of_contract;
DROP INDEX positions_turn;
ALTER TABLE positions DROP COLUMN collected_later;
ALTER TABLE positions DROP COLUMN turn;
