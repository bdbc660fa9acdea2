-- +goose Up

-- Files of every kind are uploaded and looked at before they are taken in, not those of banks alone.
ALTER TABLE bank_uploads RENAME TO uploads;
ALTER TABLE bank_upload_parts RENAME TO upload_parts;
ALTER TABLE uploads RENAME CONSTRAINT bank_uploads_pkey TO uploads_pkey;
ALTER TABLE upload_parts RENAME CONSTRAINT bank_upload_parts_pkey TO upload_parts_pkey;
ALTER TABLE upload_parts RENAME CONSTRAINT bank_upload_parts_upload_id_fkey TO upload_parts_upload_id_fkey;
ALTER TABLE uploads ADD COLUMN purpose text NOT NULL DEFAULT 'bank' CHECK (purpose IN ('bank', 'intake', 'rejected'));

-- +goose Down
DELETE FROM uploads WHERE purpose <> 'bank';
ALTER TABLE uploads DROP COLUMN purpose;
ALTER TABLE upload_parts RENAME CONSTRAINT upload_parts_upload_id_fkey TO bank_upload_parts_upload_id_fkey;
ALTER TABLE upload_parts RENAME CONSTRAINT upload_parts_pkey TO bank_upload_parts_pkey;
ALTER TABLE uploads RENAME CONSTRAINT uploads_pkey TO bank_uploads_pkey;
ALTER TABLE upload_parts RENAME TO bank_upload_parts;
ALTER TABLE uploads RENAME TO bank_uploads;
