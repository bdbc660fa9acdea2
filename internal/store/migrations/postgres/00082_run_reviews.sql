-- +goose Up

-- Owners that a person left out of a draft. A row stays when the owner was taken back
-- in: who changed a draft may not release it.
CREATE TABLE run_left_out (
    id        bigint PRIMARY KEY,
    run_id    bigint NOT NULL REFERENCES runs (id),
    owner_id  bigint NOT NULL REFERENCES entities (id),
    reason    text NOT NULL CHECK (reason <> ''),
    at        timestamptz NOT NULL,
    who       text NOT NULL,
    undone_at timestamptz,
    undone_by text NOT NULL DEFAULT '',
    CONSTRAINT run_left_out_undone CHECK ((undone_at IS NULL) = (undone_by = ''))
);
CREATE UNIQUE INDEX run_left_out_once ON run_left_out (run_id, owner_id) WHERE undone_at IS NULL;
CREATE INDEX run_left_out_run ON run_left_out (run_id, id);

-- What colleagues wrote about a run, in its order; nothing is changed or taken back.
CREATE TABLE run_remarks (
    id     bigint PRIMARY KEY,
    run_id bigint NOT NULL REFERENCES runs (id),
    at     timestamptz NOT NULL,
    who    text NOT NULL,
    text   text NOT NULL CHECK (text <> '')
);
CREATE INDEX run_remarks_run ON run_remarks (run_id, id);
CREATE TRIGGER run_remarks_immutable BEFORE UPDATE OR DELETE ON run_remarks FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER run_remarks_no_truncate BEFORE TRUNCATE ON run_remarks FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- What the owners of a discarded draft had, to compare it with the next one.
CREATE TABLE run_nets (
    run_id   bigint NOT NULL REFERENCES runs (id),
    owner_id bigint NOT NULL REFERENCES entities (id),
    currency text NOT NULL,
    net      bigint NOT NULL,
    PRIMARY KEY (run_id, owner_id, currency)
);

-- +goose Down
DROP TABLE run_nets;
DROP TABLE run_remarks;
DROP TABLE run_left_out;
