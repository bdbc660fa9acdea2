-- +goose Up

-- Sessions that their source took back before they were credited have a line of
-- their own on the control sheet. SQLite changes no check of a table.
CREATE TABLE run_owners_new (
    run_id             integer NOT NULL REFERENCES runs (id),
    owner_id           integer NOT NULL,
    failed_key         text NOT NULL,
    failed_args        text NOT NULL,
    received_sessions  integer NOT NULL,
    received_energy    integer NOT NULL,
    credited_sessions  integer NOT NULL,
    credited_energy    integer NOT NULL,
    held_sessions      integer NOT NULL,
    held_energy        integer NOT NULL,
    zero_sessions      integer NOT NULL,
    zero_energy        integer NOT NULL,
    excluded_sessions  integer NOT NULL,
    excluded_energy    integer NOT NULL,
    withdrawn_sessions integer NOT NULL,
    withdrawn_energy   integer NOT NULL,
    PRIMARY KEY (run_id, owner_id),
    CHECK (received_sessions = credited_sessions + held_sessions + zero_sessions + excluded_sessions + withdrawn_sessions),
    CHECK (received_energy = credited_energy + held_energy + zero_energy + excluded_energy + withdrawn_energy)
);
INSERT INTO run_owners_new SELECT run_id, owner_id, failed_key, failed_args, received_sessions, received_energy, credited_sessions, credited_energy, held_sessions, held_energy, zero_sessions, zero_energy, excluded_sessions, excluded_energy, 0, 0
FROM run_owners;
DROP TABLE run_owners;
ALTER TABLE run_owners_new RENAME TO run_owners;

-- +goose Down
CREATE TABLE run_owners_old (
    run_id             integer NOT NULL REFERENCES runs (id),
    owner_id           integer NOT NULL,
    failed_key         text NOT NULL,
    failed_args        text NOT NULL,
    received_sessions  integer NOT NULL,
    received_energy    integer NOT NULL,
    credited_sessions  integer NOT NULL,
    credited_energy    integer NOT NULL,
    held_sessions      integer NOT NULL,
    held_energy        integer NOT NULL,
    zero_sessions      integer NOT NULL,
    zero_energy        integer NOT NULL,
    excluded_sessions  integer NOT NULL,
    excluded_energy    integer NOT NULL,
    PRIMARY KEY (run_id, owner_id),
    CHECK (received_sessions = credited_sessions + held_sessions + zero_sessions + excluded_sessions),
    CHECK (received_energy = credited_energy + held_energy + zero_energy + excluded_energy)
);
INSERT INTO run_owners_old SELECT run_id, owner_id, failed_key, failed_args, received_sessions, received_energy, credited_sessions, credited_energy, held_sessions, held_energy, zero_sessions, zero_energy, excluded_sessions, excluded_energy
FROM run_owners;
DROP TABLE run_owners;
ALTER TABLE run_owners_old RENAME TO run_owners;
