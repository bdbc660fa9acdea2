-- +goose Up

-- What a reprice found that is being carried out: the versions that come to
-- something else, each with the version that was paid and the price path of that.
-- Rows are deleted when it is carried out or given up.
CREATE TABLE reprice_found (
    reprice_id integer NOT NULL,
    session_id integer NOT NULL,
    paid_id    integer NOT NULL,
    path_id    integer NOT NULL,
    found_at   datetime NOT NULL,
    PRIMARY KEY (reprice_id, session_id)
);

-- What was priced anew, and which months are settled anew, stays as it is.
-- +goose StatementBegin
CREATE TRIGGER reprice_sessions_immutable_update BEFORE UPDATE ON reprice_sessions
BEGIN SELECT RAISE(ABORT, 'immutable: reprice_sessions'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER reprice_sessions_immutable_delete BEFORE DELETE ON reprice_sessions
BEGIN SELECT RAISE(ABORT, 'immutable: reprice_sessions'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER reprice_months_immutable_update BEFORE UPDATE ON reprice_months
BEGIN SELECT RAISE(ABORT, 'immutable: reprice_months'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER reprice_months_immutable_delete BEFORE DELETE ON reprice_months
BEGIN SELECT RAISE(ABORT, 'immutable: reprice_months'); END;
-- +goose StatementEnd

-- +goose Down
DROP TRIGGER reprice_sessions_immutable_update;
DROP TRIGGER reprice_sessions_immutable_delete;
DROP TRIGGER reprice_months_immutable_update;
DROP TRIGGER reprice_months_immutable_delete;
DROP TABLE reprice_found;
