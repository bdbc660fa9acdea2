-- +goose Up

-- Monthly sums, fees and custom records are booked as what standing documents do
-- not have yet. turn counts the positions of one of them, from 1: a run that did
-- not know of the last one takes a turn that is taken, and is refused. 0: the
-- position is of something else, or of an earlier version.
ALTER TABLE positions ADD COLUMN turn integer NOT NULL DEFAULT 0;
CREATE UNIQUE INDEX positions_turn ON positions (owner_id, contract, month, component, record, turn) WHERE turn > 0;
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

-- +goose Down
DROP TRIGGER run_contracts_no_truncate ON run_contracts;
DROP TRIGGER run_contracts_immutable ON run_contracts;
DROP FUNCTION refuse_frozen_contracts;
DROP INDEX positions_of_contract;
DROP INDEX positions_turn;
ALTER TABLE positions DROP COLUMN turn;
