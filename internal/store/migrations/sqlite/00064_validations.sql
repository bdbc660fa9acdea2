-- +goose Up

-- How each stored file was checked when it was made: a record in JSON, kept with
-- the file.
CREATE TABLE validations (
    note_id    bigint NOT NULL REFERENCES credit_notes (id),
    kind       text NOT NULL,
    record     text NOT NULL,
    created_at datetime NOT NULL,
    PRIMARY KEY (note_id, kind)
);

-- Reports of validators outside, attached to a stored file.
CREATE TABLE validation_reports (
    id         bigint PRIMARY KEY,
    note_id    bigint NOT NULL REFERENCES credit_notes (id),
    kind       text NOT NULL,
    validator  text NOT NULL CHECK (validator <> ''),
    version    text NOT NULL,
    result     text NOT NULL CHECK (result IN ('passed', 'failed')),
    name       text NOT NULL,
    content    blob NOT NULL,
    sha256     text NOT NULL,
    created_at datetime NOT NULL,
    created_by text NOT NULL
);
CREATE INDEX validation_reports_note ON validation_reports (note_id, kind);
CREATE UNIQUE INDEX validation_reports_once ON validation_reports (note_id, kind, sha256);
-- +goose StatementBegin
CREATE TRIGGER validations_immutable_update BEFORE UPDATE ON validations
BEGIN SELECT RAISE(ABORT, 'immutable: validations'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER validations_immutable_delete BEFORE DELETE ON validations
BEGIN SELECT RAISE(ABORT, 'immutable: validations'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER validation_reports_immutable_update BEFORE UPDATE ON validation_reports
BEGIN SELECT RAISE(ABORT, 'immutable: validation_reports'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER validation_reports_immutable_delete BEFORE DELETE ON validation_reports
BEGIN SELECT RAISE(ABORT, 'immutable: validation_reports'); END;
-- +goose StatementEnd

-- +goose Down
DROP TABLE validation_reports;
DROP TABLE validations;
