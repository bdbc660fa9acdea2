-- +goose Up

-- Limits of the rules of plausibility that an owner or a roaming partner has of
-- its own: JSON by name, {} where there are none.
ALTER TABLE entities ADD COLUMN limits text NOT NULL DEFAULT '{}';
ALTER TABLE partners ADD COLUMN limits text NOT NULL DEFAULT '{}';

-- The session that a held one overlaps, and the sessions that a run credited
-- although a rule applies that only warns.
ALTER TABLE run_holds ADD COLUMN other_id bigint;
CREATE TABLE run_warnings (
    run_id     bigint NOT NULL REFERENCES runs (id),
    session_id bigint NOT NULL,
    owner_id   bigint NOT NULL,
    reason     text NOT NULL,
    other_id   bigint,
    PRIMARY KEY (run_id, session_id)
);

-- Why a session is excluded. Lines from before this column have none.
ALTER TABLE lines ADD COLUMN reason text;

-- +goose Down
ALTER TABLE lines DROP COLUMN reason;
DROP TABLE run_warnings;
ALTER TABLE run_holds DROP COLUMN other_id;
ALTER TABLE partners DROP COLUMN limits;
ALTER TABLE entities DROP COLUMN limits;
