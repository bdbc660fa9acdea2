-- +goose Up

-- The bank files of a batch as they were exported first: one, or one for each
-- payout.
ALTER TABLE payout_files ADD COLUMN place integer NOT NULL DEFAULT 0;
ALTER TABLE payout_files DROP CONSTRAINT payout_files_pkey;
ALTER TABLE payout_files ADD PRIMARY KEY (batch_id, place);
ALTER TABLE payout_files ALTER COLUMN place DROP DEFAULT;

-- What a remittance advice says, frozen when the payout was executed, and what is
-- sent of it.
CREATE TABLE remittance_advices (
    payout_id bigint PRIMARY KEY REFERENCES payouts (id),
    content   text NOT NULL,
    hash      text NOT NULL,
    frozen_at timestamptz NOT NULL
);
CREATE TRIGGER remittance_advices_immutable BEFORE UPDATE OR DELETE ON remittance_advices FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER remittance_advices_no_truncate BEFORE TRUNCATE ON remittance_advices FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TABLE remittance_files (
    payout_id  bigint NOT NULL REFERENCES remittance_advices (payout_id),
    kind       text NOT NULL,
    media_type text NOT NULL,
    sha256     text NOT NULL,
    content    bytea NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (payout_id, kind)
);
CREATE TRIGGER remittance_files_immutable BEFORE UPDATE OR DELETE ON remittance_files FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER remittance_files_no_truncate BEFORE TRUNCATE ON remittance_files FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- A mailing carries a note, a settlement report, or a remittance advice.
ALTER TABLE deliveries ADD COLUMN payout_id bigint REFERENCES payouts (id);
ALTER TABLE deliveries DROP CONSTRAINT deliveries_carries_one;
ALTER TABLE deliveries ADD CONSTRAINT deliveries_carries_one CHECK (num_nonnulls(note_id, report_id, payout_id) = 1);
CREATE UNIQUE INDEX deliveries_payout_copy ON deliveries (payout_id, copy) WHERE payout_id IS NOT NULL;

-- +goose Down
DELETE FROM marked_addresses WHERE bounce IN (SELECT b.hash FROM bounces b JOIN deliveries d ON d.id = b.delivery_id WHERE d.payout_id IS NOT NULL);
DELETE FROM bounces WHERE delivery_id IN (SELECT id FROM deliveries WHERE payout_id IS NOT NULL);
DELETE FROM delivery_recipients WHERE delivery_id IN (SELECT id FROM deliveries WHERE payout_id IS NOT NULL);
DELETE FROM deliveries WHERE payout_id IS NOT NULL;
DROP INDEX deliveries_payout_copy;
ALTER TABLE deliveries DROP CONSTRAINT deliveries_carries_one;
ALTER TABLE deliveries DROP COLUMN payout_id;
ALTER TABLE deliveries ADD CONSTRAINT deliveries_carries_one CHECK ((note_id IS NULL) <> (report_id IS NULL));
DROP TABLE remittance_files;
DROP TABLE remittance_advices;
ALTER TABLE payout_files DISABLE TRIGGER USER;
DELETE FROM payout_files WHERE place > 0;
ALTER TABLE payout_files ENABLE TRIGGER USER;
ALTER TABLE payout_files DROP CONSTRAINT payout_files_pkey;
ALTER TABLE payout_files DROP COLUMN place;
ALTER TABLE payout_files ADD PRIMARY KEY (batch_id);
