-- +goose Up

-- Sessions that their source took back before they were credited have a line of
-- their own on the control sheet.
ALTER TABLE run_owners
    ADD COLUMN withdrawn_sessions bigint NOT NULL DEFAULT 0,
    ADD COLUMN withdrawn_energy bigint NOT NULL DEFAULT 0,
    DROP CONSTRAINT run_owners_check,
    DROP CONSTRAINT run_owners_check1,
    ADD CONSTRAINT run_owners_sessions CHECK (received_sessions = credited_sessions + held_sessions + zero_sessions + excluded_sessions + withdrawn_sessions),
    ADD CONSTRAINT run_owners_energy CHECK (received_energy = credited_energy + held_energy + zero_energy + excluded_energy + withdrawn_energy);

-- +goose Down
ALTER TABLE run_owners
    DROP CONSTRAINT run_owners_sessions,
    DROP CONSTRAINT run_owners_energy,
    DROP COLUMN withdrawn_sessions,
    DROP COLUMN withdrawn_energy,
    ADD CONSTRAINT run_owners_check CHECK (received_sessions = credited_sessions + held_sessions + zero_sessions + excluded_sessions),
    ADD CONSTRAINT run_owners_check1 CHECK (received_energy = credited_energy + held_energy + zero_energy + excluded_energy);
