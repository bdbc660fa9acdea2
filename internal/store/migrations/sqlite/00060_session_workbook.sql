-- +goose Up

-- Recipients may get the sessions as a workbook. SQLite changes no CHECK, so the
-- column is made anew with the content it has.
ALTER TABLE entities ADD COLUMN session_detail_new text NOT NULL DEFAULT 'csv' CHECK (session_detail_new IN ('csv', 'xlsx', 'pdf', 'none'));
UPDATE entities SET session_detail_new = session_detail;
ALTER TABLE entities DROP COLUMN session_detail;
ALTER TABLE entities RENAME COLUMN session_detail_new TO session_detail;

-- +goose Down
ALTER TABLE entities ADD COLUMN session_detail_old text NOT NULL DEFAULT 'csv' CHECK (session_detail_old IN ('csv', 'pdf', 'none'));
UPDATE entities SET session_detail_old = CASE session_detail WHEN 'xlsx' THEN 'csv' ELSE session_detail END;
ALTER TABLE entities DROP COLUMN session_detail;
ALTER TABLE entities RENAME COLUMN session_detail_old TO session_detail;
