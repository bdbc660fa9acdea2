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
CREATE TRIGGER run_contracts_immutable_update BEFORE UPDATE ON run_contracts
BEGIN SELECT RAISE(ABORT, 'immutable: contracts of a run'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER run_contracts_immutable_delete BEFORE DELETE ON run_contracts
WHEN EXISTS (SELECT 1 FROM runs WHERE id = OLD.run_id AND stage IN ('issued', 'completed'))
BEGIN SELECT RAISE(ABORT, 'immutable: contracts of a run'); END;
-- +goose StatementEnd

-- +goose Down
DROP TRIGGER run_contracts_immutable_delete;
DROP TRIGGER run_contracts_immutable_update;
DROP INDEX positions_of_contract;
DROP INDEX positions_turn;
ALTER TABLE positions DROP COLUMN turn;
