-- +goose Up

-- The signed head of each run, in the order of the log of heads: the head as JSON,
-- the leaf of the log, the log as it is with it, what the salts of the run are made
-- of, and the key with which the head is checked.
CREATE TABLE proof_heads (
    run_id     bigint PRIMARY KEY REFERENCES runs (id),
    log_size   bigint NOT NULL UNIQUE CHECK (log_size > 0),
    head       text NOT NULL,
    entry      bytea NOT NULL,
    log        bytea NOT NULL,
    secret     bytea NOT NULL,
    public_key bytea NOT NULL
);

-- The documents of a run in its tree: the leaf and what it covers, and the hashes
-- beside the way to the root.
CREATE TABLE proof_documents (
    note_id  bigint PRIMARY KEY REFERENCES credit_notes (id),
    run_id   bigint NOT NULL REFERENCES proof_heads (run_id),
    position bigint NOT NULL CHECK (position >= 0),
    document text NOT NULL,
    leaf     bytea NOT NULL,
    path     bytea NOT NULL,
    UNIQUE (run_id, position)
);
CREATE TRIGGER proof_heads_immutable BEFORE UPDATE OR DELETE ON proof_heads FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER proof_heads_no_truncate BEFORE TRUNCATE ON proof_heads FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER proof_documents_immutable BEFORE UPDATE OR DELETE ON proof_documents FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER proof_documents_no_truncate BEFORE TRUNCATE ON proof_documents FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- +goose Down
DROP TABLE proof_documents;
DROP TABLE proof_heads;
