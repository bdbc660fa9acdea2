-- +goose Up

-- Why a session was excluded is part of its line, also after the line was undone.
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

-- +goose Down
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION refuse_frozen_line() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF EXISTS (SELECT 1 FROM runs WHERE id = OLD.run_id AND stage IN ('issued', 'completed')) THEN
            RAISE EXCEPTION 'immutable: line of an issued run' USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN OLD;
    END IF;
    IF (OLD.note_id, OLD.run_id, OLD.owner_id, OLD.session_id, OLD.path_id, OLD.kind, OLD.energy, OLD.net_energy, OLD.net_time, OLD.net_fee, OLD.tax, OLD.correction)
        IS DISTINCT FROM (NEW.note_id, NEW.run_id, NEW.owner_id, NEW.session_id, NEW.path_id, NEW.kind, NEW.energy, NEW.net_energy, NEW.net_time, NEW.net_fee, NEW.tax, NEW.correction)
        OR NEW.live
        OR NOT EXISTS (SELECT 1 FROM credit_notes WHERE cancels = OLD.note_id)
            AND NOT EXISTS (SELECT 1 FROM withdrawn_notes WHERE note_id = OLD.note_id) THEN
        RAISE EXCEPTION 'immutable: line of session %', OLD.session_id USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
