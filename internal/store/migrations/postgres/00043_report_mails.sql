-- +goose Up

-- Settlement reports are mailed (settlement.md §7.2): note_id is the credit note
-- with whose mails the report goes, recipient_key who gets it.
ALTER TABLE settlement_reports ADD COLUMN note_id bigint REFERENCES credit_notes (id);
ALTER TABLE settlement_reports ADD COLUMN recipient_key text NOT NULL DEFAULT '';
CREATE INDEX settlement_reports_note ON settlement_reports (note_id) WHERE note_id IS NOT NULL;
CREATE UNIQUE INDEX settlement_reports_name ON settlement_reports (name);

-- What is stored and sent of a settlement report.
CREATE TABLE settlement_report_files (
    report_id  bigint NOT NULL REFERENCES settlement_reports (id),
    kind       text NOT NULL,
    media_type text NOT NULL,
    sha256     text NOT NULL,
    content    bytea NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (report_id, kind)
);
CREATE TRIGGER settlement_report_files_immutable BEFORE UPDATE OR DELETE ON settlement_report_files FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER settlement_report_files_no_truncate BEFORE TRUNCATE ON settlement_report_files FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- A mailing carries a note, or a settlement report of its own.
ALTER TABLE deliveries ALTER COLUMN note_id DROP NOT NULL;
ALTER TABLE deliveries ADD COLUMN report_id bigint REFERENCES settlement_reports (id);
ALTER TABLE deliveries ADD CONSTRAINT deliveries_carries_one CHECK ((note_id IS NULL) <> (report_id IS NULL));
CREATE UNIQUE INDEX deliveries_report_copy ON deliveries (report_id, copy) WHERE report_id IS NOT NULL;

-- +goose Down
DELETE FROM marked_addresses WHERE bounce IN (SELECT b.hash FROM bounces b JOIN deliveries d ON d.id = b.delivery_id WHERE d.note_id IS NULL);
DELETE FROM bounces WHERE delivery_id IN (SELECT id FROM deliveries WHERE note_id IS NULL);
DELETE FROM delivery_recipients WHERE delivery_id IN (SELECT id FROM deliveries WHERE note_id IS NULL);
DELETE FROM deliveries WHERE note_id IS NULL;
DROP INDEX deliveries_report_copy;
ALTER TABLE deliveries DROP COLUMN report_id;
ALTER TABLE deliveries ALTER COLUMN note_id SET NOT NULL;
DROP TABLE settlement_report_files;
DROP INDEX settlement_reports_name;
DROP INDEX settlement_reports_note;
ALTER TABLE settlement_reports DROP COLUMN recipient_key;
ALTER TABLE settlement_reports DROP COLUMN note_id;
