-- +goose Up

-- Sessions that are billed to the Sub-CPO that issued their medium
-- (settlement.md §3.8), on its fee invoices. At most one live charge bills a
-- session, at most one takes it back. No foreign keys to sessions, as of lines.
CREATE TABLE own_charges (
    note_id       bigint NOT NULL,
    run_id        bigint NOT NULL,
    owner_id      bigint NOT NULL,
    session_id    bigint NOT NULL,
    kind          text NOT NULL CHECK (kind IN ('own_charging', 'own_charging_reversal')),
    contract      text NOT NULL,
    correction    boolean NOT NULL,
    tax           integer NOT NULL,
    energy        bigint NOT NULL,
    driver_amount bigint NOT NULL,
    net           bigint NOT NULL,
    live          boolean NOT NULL
);
CREATE UNIQUE INDEX own_charges_live ON own_charges (session_id) WHERE live AND kind = 'own_charging';
CREATE UNIQUE INDEX own_charges_live_reversal ON own_charges (session_id) WHERE live AND kind = 'own_charging_reversal';
CREATE INDEX own_charges_note ON own_charges (note_id);
-- +goose StatementBegin
CREATE FUNCTION refuse_frozen_charge() RETURNS trigger LANGUAGE plpgsql AS $$
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
CREATE TRIGGER own_charges_immutable BEFORE UPDATE OR DELETE ON own_charges FOR EACH ROW EXECUTE FUNCTION refuse_frozen_charge();
CREATE TRIGGER own_charges_no_truncate BEFORE TRUNCATE ON own_charges FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- The sessions of own media that a run could not bill, with the reason.
CREATE TABLE run_own_waits (
    run_id     bigint NOT NULL REFERENCES runs (id),
    session_id bigint NOT NULL,
    owner_id   bigint NOT NULL,
    reason     text NOT NULL,
    other_id   bigint,
    PRIMARY KEY (run_id, session_id)
);

-- Sessions of own media are found by the medium, in upper case.
CREATE INDEX sessions_medium ON sessions (upper(medium_uid), ended_at) WHERE medium_uid <> '';

-- +goose Down
DROP INDEX sessions_medium;
DROP TABLE run_own_waits;
DROP TABLE own_charges;
DROP FUNCTION refuse_frozen_charge;
