-- +goose Up

-- A bank's file that was uploaded to be looked at before it is taken in, for a day.
-- Its content is in parts, so that it is read as a stream.
CREATE TABLE bank_uploads (
    id          text PRIMARY KEY,
    name        text NOT NULL,
    size        integer NOT NULL,
    uploaded_at datetime NOT NULL,
    uploaded_by text NOT NULL
);
CREATE TABLE bank_upload_parts (
    upload_id text NOT NULL REFERENCES bank_uploads (id) ON DELETE CASCADE,
    place     integer NOT NULL,
    content   blob NOT NULL,
    PRIMARY KEY (upload_id, place)
);

-- Answers of banks are matched by amount, many at once.
CREATE INDEX payouts_amount ON payouts (amount) WHERE state IN ('exported', 'executed');

-- +goose Down
DROP INDEX payouts_amount;
DROP TABLE bank_upload_parts;
DROP TABLE bank_uploads;
