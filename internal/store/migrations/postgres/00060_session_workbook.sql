-- +goose Up

-- Recipients may get the sessions as a workbook.
ALTER TABLE entities DROP CONSTRAINT entities_session_detail_check;
ALTER TABLE entities ADD CONSTRAINT entities_session_detail_check CHECK (session_detail IN ('csv', 'xlsx', 'pdf', 'none'));

-- +goose Down
UPDATE entities SET session_detail = 'csv' WHERE session_detail = 'xlsx';
ALTER TABLE entities DROP CONSTRAINT entities_session_detail_check;
ALTER TABLE entities ADD CONSTRAINT entities_session_detail_check CHECK (session_detail IN ('csv', 'pdf', 'none'));
