-- +goose Up

-- A note may have several taxes. Positions and lines name theirs by its slot,
-- which is one less than its ordinal in note_taxes: until now every note had
-- one tax, in slot 0.
ALTER TABLE positions ADD COLUMN tax integer NOT NULL DEFAULT 0;
ALTER TABLE lines ADD COLUMN tax smallint NOT NULL DEFAULT 0;
-- A line of a session that was credited before, in an earlier version. Until now
-- that was a line beside the reversal of the earlier version.
ALTER TABLE lines ADD COLUMN correction boolean NOT NULL DEFAULT false;
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
    IF (OLD.note_id, OLD.run_id, OLD.owner_id, OLD.session_id, OLD.path_id, OLD.kind, OLD.energy, OLD.net_energy, OLD.net_time, OLD.net_fee)
        IS DISTINCT FROM (NEW.note_id, NEW.run_id, NEW.owner_id, NEW.session_id, NEW.path_id, NEW.kind, NEW.energy, NEW.net_energy, NEW.net_time, NEW.net_fee)
        OR NEW.live
        OR NOT EXISTS (SELECT 1 FROM credit_notes WHERE cancels = OLD.note_id)
            AND NOT EXISTS (SELECT 1 FROM withdrawn_notes WHERE note_id = OLD.note_id) THEN
        RAISE EXCEPTION 'immutable: line of session %', OLD.session_id USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
ALTER TABLE lines DROP COLUMN correction;
ALTER TABLE lines DROP COLUMN tax;
ALTER TABLE positions DROP COLUMN tax;
