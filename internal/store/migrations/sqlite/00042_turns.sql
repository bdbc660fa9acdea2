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
CREATE TRIGGER run_contracts_immutable_update BEFORE UPDATE ON run_contracts
BEGIN SELECT RAISE(ABORT, 'immutable: contracts of a run'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER run_contracts_immutable_delete BEFORE DELETE ON run_contracts
WHEN EXISTS (SELECT 1 FROM runs WHERE id = OLD.run_id AND stage IN ('issued', 'completed'))
BEGIN SELECT RAISE(ABORT, 'immutable: contracts of a run'); END;
-- +goose StatementEnd

-- The price path of own charging: where it was charged, and by which contract it
-- is billed; 0: of an earlier version.
ALTER TABLE own_charges ADD COLUMN path_id integer NOT NULL DEFAULT 0;
DROP TRIGGER own_charges_immutable_update;
-- +goose StatementBegin
CREATE TRIGGER own_charges_immutable_update BEFORE UPDATE ON own_charges
WHEN (OLD.note_id, OLD.run_id, OLD.owner_id, OLD.session_id, OLD.kind, OLD.contract, OLD.correction, OLD.tax, OLD.energy, OLD.driver_amount, OLD.net, OLD.path_id)
    <> (NEW.note_id, NEW.run_id, NEW.owner_id, NEW.session_id, NEW.kind, NEW.contract, NEW.correction, NEW.tax, NEW.energy, NEW.driver_amount, NEW.net, NEW.path_id)
    OR NEW.live
    OR NOT EXISTS (SELECT 1 FROM credit_notes WHERE cancels = OLD.note_id)
        AND NOT EXISTS (SELECT 1 FROM withdrawn_notes WHERE note_id = OLD.note_id)
BEGIN SELECT RAISE(ABORT, 'immutable: own charging of a session'); END;
-- +goose StatementEnd

-- +goose Down
DROP TRIGGER own_charges_immutable_update;
-- +goose StatementBegin
CREATE TRIGGER own_charges_immutable_update BEFORE UPDATE ON own_charges
WHEN (OLD.note_id, OLD.run_id, OLD.owner_id, OLD.session_id, OLD.kind, OLD.contract, OLD.correction, OLD.tax, OLD.energy, OLD.driver_amount, OLD.net)
    <> (NEW.note_id, NEW.run_id, NEW.owner_id, NEW.session_id, NEW.kind, NEW.contract, NEW.correction, NEW.tax, NEW.energy, NEW.driver_amount, NEW.net)
    OR NEW.live
    OR NOT EXISTS (SELECT 1 FROM credit_notes WHERE cancels = OLD.note_id)
        AND NOT EXISTS (SELECT 1 FROM withdrawn_notes WHERE note_id = OLD.note_id)
BEGIN SELECT RAISE(ABORT, 'immutable: own charging of a session'); END;
-- +goose StatementEnd
ALTER TABLE own_charges DROP COLUMN path_id;
DROP TRIGGER run_contracts_immutable_delete;
DROP TRIGGER run_contracts_immutable_update;
DROP INDEX positions_of_contract;
DROP INDEX positions_turn;
ALTER TABLE positions DROP COLUMN collected_later;
ALTER TABLE positions DROP COLUMN turn;
