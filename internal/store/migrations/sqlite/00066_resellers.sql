-- +goose Up

-- When an entity is a reseller of electricity, and its certificates (domain.md
-- §7.2).
ALTER TABLE entities ADD COLUMN reseller text NOT NULL DEFAULT '[]';

-- Documents about an entity: certificates, statements and agreements as they were
-- received. Days are those of the operator, an empty one is not set.
CREATE TABLE entity_documents (
    id          bigint PRIMARY KEY,
    entity_key  text NOT NULL REFERENCES entities (key),
    kind        text NOT NULL CHECK (kind IN ('reseller_certificate', 'small_business', 'agreement', 'other')),
    name        text NOT NULL CHECK (name <> ''),
    media_type  text NOT NULL,
    size        bigint NOT NULL CHECK (size > 0),
    sha256      text NOT NULL,
    content     blob NOT NULL,
    reference   text NOT NULL,
    valid_from  text NOT NULL,
    valid_until text NOT NULL,
    stored_at   datetime NOT NULL,
    stored_by   text NOT NULL,
    CHECK (valid_until = '' OR valid_from <= valid_until)
);
CREATE INDEX entity_documents_entity ON entity_documents (entity_key, id);

-- A document that was stored by mistake is withdrawn; it stays readable.
CREATE TABLE entity_document_withdrawals (
    document_id  bigint PRIMARY KEY REFERENCES entity_documents (id),
    reason       text NOT NULL CHECK (reason <> ''),
    withdrawn_at datetime NOT NULL,
    withdrawn_by text NOT NULL
);
-- +goose StatementBegin
CREATE TRIGGER entity_documents_immutable_update BEFORE UPDATE ON entity_documents
BEGIN SELECT RAISE(ABORT, 'immutable: entity_documents'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER entity_documents_immutable_delete BEFORE DELETE ON entity_documents
BEGIN SELECT RAISE(ABORT, 'immutable: entity_documents'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER entity_document_withdrawals_immutable_update BEFORE UPDATE ON entity_document_withdrawals
BEGIN SELECT RAISE(ABORT, 'immutable: entity_document_withdrawals'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER entity_document_withdrawals_immutable_delete BEFORE DELETE ON entity_document_withdrawals
BEGIN SELECT RAISE(ABORT, 'immutable: entity_document_withdrawals'); END;
-- +goose StatementEnd

-- +goose Down
DROP TABLE entity_document_withdrawals;
DROP TABLE entity_documents;
ALTER TABLE entities DROP COLUMN reseller;
