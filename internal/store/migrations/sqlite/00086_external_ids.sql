-- +goose Up

-- Keys that another system has for entities, documents and payouts. Those of
-- documents stand beside them, for what is issued never changes.
ALTER TABLE entities ADD COLUMN external_id text NOT NULL DEFAULT '';
CREATE UNIQUE INDEX entities_external_id ON entities (external_id) WHERE external_id <> '';

CREATE TABLE document_external_ids (
    note_id     integer PRIMARY KEY REFERENCES credit_notes (id),
    external_id text NOT NULL UNIQUE CHECK (external_id <> '')
);
CREATE TABLE payout_external_ids (
    payout_id   integer PRIMARY KEY REFERENCES payouts (id),
    external_id text NOT NULL UNIQUE CHECK (external_id <> '')
);

-- The last day of what is referred to and therefore not deleted.
ALTER TABLE stations ADD COLUMN until text NOT NULL DEFAULT '';
ALTER TABLE media ADD COLUMN until text NOT NULL DEFAULT '';
ALTER TABLE tariffs ADD COLUMN until text NOT NULL DEFAULT '';

-- What refers to a tax account or to a roaming partner that is to be deleted.
CREATE INDEX positions_tax_account ON positions (tax_account);
CREATE INDEX sessions_partner ON sessions (partner) WHERE partner <> '';

-- +goose Down
DROP INDEX sessions_partner;
DROP INDEX positions_tax_account;
ALTER TABLE tariffs DROP COLUMN until;
ALTER TABLE media DROP COLUMN until;
ALTER TABLE stations DROP COLUMN until;
DROP TABLE payout_external_ids;
DROP TABLE document_external_ids;
DROP INDEX entities_external_id;
ALTER TABLE entities DROP COLUMN external_id;
