-- +goose Up

-- A file of a document that was made when someone asked for it, and not with the
-- document: it is not mailed.
ALTER TABLE files ADD COLUMN asked boolean NOT NULL DEFAULT false;

-- +goose Down
ALTER TABLE files DROP COLUMN asked;
