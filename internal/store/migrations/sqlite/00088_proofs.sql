-- +goose Up

-- The signed head of each run, in the order of the log of heads: the head as JSON,
-- the leaf of the log, the log as it is with it, what the salts of the run are made
-- of, and the key with which the head is checked.
CREATE TABLE proof_heads (
    run_id     bigint PRIMARY KEY REFERENCES runs (id),
    log_size   bigint NOT NULL UNIQUE CHECK (log_size > 0),
    head       text NOT NULL,
    entry      blob NOT NULL,
    log        blob NOT NULL,
    secret     blob NOT NULL,
    public_key blob NOT NULL
);

-- The documents of a run in its tree: the leaf and what it covers, and the hashes
-- beside the way to the root.
CREATE TABLE proof_documents (
    note_id  bigint PRIMARY KEY REFERENCES credit_notes (id),
    run_id   bigint NOT NULL REFERENCES proof_heads (run_id),
    position bigint NOT NULL CHECK (position >= 0),
    document text NOT NULL,
    leaf     blob NOT NULL,
    path     blob NOT NULL,
    UNIQUE (run_id, position)
);
-- +goose StatementBegin
CREATE TRIGGER proof_heads_immutable_update BEFORE UPDATE ON proof_heads
BEGIN SELECT RAISE(ABORT, 'immutable: proof_heads'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER proof_heads_immutable_delete BEFORE DELETE ON proof_heads
BEGIN SELECT RAISE(ABORT, 'immutable: proof_heads'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER proof_documents_immutable_update BEFORE UPDATE ON proof_documents
BEGIN SELECT RAISE(ABORT, 'immutable: proof_documents'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER proof_documents_immutable_delete BEFORE DELETE ON proof_documents
BEGIN SELECT RAISE(ABORT, 'immutable: proof_documents'); END;
-- +goose StatementEnd

-- +goose Down
DROP TABLE proof_documents;
DROP TABLE proof_heads;
