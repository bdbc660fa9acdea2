-- +goose Up

-- Why a session was excluded is part of its line, also after the line was undone.
DROP TRIGGER lines_immutable_update;
-- +goose StatementBegin
CREATE TRIGGER lines_immutable_update BEFORE UPDATE ON lines
WHEN (OLD.run_id, OLD.owner_id, OLD.session_id, OLD.path_id, OLD.kind, OLD.energy, OLD.net_energy, OLD.net_time, OLD.net_fee, OLD.tax, OLD.correction)
    <> (NEW.run_id, NEW.owner_id, NEW.session_id, NEW.path_id, NEW.kind, NEW.energy, NEW.net_energy, NEW.net_time, NEW.net_fee, NEW.tax, NEW.correction)
    OR OLD.note_id IS NOT NEW.note_id OR OLD.reason IS NOT NEW.reason OR NEW.live
    OR NOT EXISTS (SELECT 1 FROM credit_notes WHERE cancels = OLD.note_id)
        AND NOT EXISTS (SELECT 1 FROM withdrawn_notes WHERE note_id = OLD.note_id)
BEGIN SELECT RAISE(ABORT, 'immutable: line of a session'); END;
-- +goose StatementEnd

-- +goose Down
DROP TRIGGER lines_immutable_update;
-- +goose StatementBegin
CREATE TRIGGER lines_immutable_update BEFORE UPDATE ON lines
WHEN (OLD.run_id, OLD.owner_id, OLD.session_id, OLD.path_id, OLD.kind, OLD.energy, OLD.net_energy, OLD.net_time, OLD.net_fee, OLD.tax, OLD.correction)
    <> (NEW.run_id, NEW.owner_id, NEW.session_id, NEW.path_id, NEW.kind, NEW.energy, NEW.net_energy, NEW.net_time, NEW.net_fee, NEW.tax, NEW.correction)
    OR OLD.note_id IS NOT NEW.note_id OR NEW.live
    OR NOT EXISTS (SELECT 1 FROM credit_notes WHERE cancels = OLD.note_id)
        AND NOT EXISTS (SELECT 1 FROM withdrawn_notes WHERE note_id = OLD.note_id)
BEGIN SELECT RAISE(ABORT, 'immutable: line of a session'); END;
-- +goose StatementEnd
