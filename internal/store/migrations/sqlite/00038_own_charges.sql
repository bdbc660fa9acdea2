-- +goose Up

-- Sessions that are billed to the Sub-CPO that issued their medium
-- (settlement.md §3.8), on its fee invoices. At most one live charge bills a
-- session, at most one takes it back. No foreign keys to sessions, as of lines.
CREATE TABLE own_charges (
    note_id       integer NOT NULL,
    run_id        integer NOT NULL,
    owner_id      integer NOT NULL,
    session_id    integer NOT NULL,
    kind          text NOT NULL CHECK (kind IN ('own_charging', 'own_charging_reversal')),
    contract      text NOT NULL,
    correction    boolean NOT NULL,
    tax           integer NOT NULL,
    energy        integer NOT NULL,
    driver_amount integer NOT NULL,
    net           integer NOT NULL,
    live          boolean NOT NULL
);
CREATE UNIQUE INDEX own_charges_live ON own_charges (session_id) WHERE live AND kind = 'own_charging';
CREATE UNIQUE INDEX own_charges_live_reversal ON own_charges (session_id) WHERE live AND kind = 'own_charging_reversal';
CREATE INDEX own_charges_note ON own_charges (note_id);
-- +goose StatementBegin
CREATE TRIGGER own_charges_immutable_update BEFORE UPDATE ON own_charges
WHEN (OLD.note_id, OLD.run_id, OLD.owner_id, OLD.session_id, OLD.kind, OLD.contract, OLD.correction, OLD.tax, OLD.energy, OLD.driver_amount, OLD.net)
    <> (NEW.note_id, NEW.run_id, NEW.owner_id, NEW.session_id, NEW.kind, NEW.contract, NEW.correction, NEW.tax, NEW.energy, NEW.driver_amount, NEW.net)
    OR NEW.live
    OR NOT EXISTS (SELECT 1 FROM credit_notes WHERE cancels = OLD.note_id)
        AND NOT EXISTS (SELECT 1 FROM withdrawn_notes WHERE note_id = OLD.note_id)
BEGIN SELECT RAISE(ABORT, 'immutable: own charging of a session'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER own_charges_immutable_delete BEFORE DELETE ON own_charges
WHEN EXISTS (SELECT 1 FROM runs WHERE id = OLD.run_id AND stage IN ('issued', 'completed'))
BEGIN SELECT RAISE(ABORT, 'immutable: own charging of an issued run'); END;
-- +goose StatementEnd

-- The sessions of own media that a run could not bill, with the reason.
CREATE TABLE run_own_waits (
    run_id     integer NOT NULL REFERENCES runs (id),
    session_id integer NOT NULL,
    owner_id   integer NOT NULL,
    reason     text NOT NULL,
    other_id   integer,
    PRIMARY KEY (run_id, session_id)
);

-- Sessions of own media are found by the medium, in upper case.
CREATE INDEX sessions_medium ON sessions (upper(medium_uid), ended_at) WHERE medium_uid <> '';

-- +goose Down
DROP INDEX sessions_medium;
DROP TABLE run_own_waits;
DROP TABLE own_charges;
