-- +goose Up

-- What a reprice found that is being carried out: the versions that come to
-- something else, each with the version that was paid and the price path of that.
-- Rows are deleted when it is carried out or given up.
CREATE TABLE reprice_found (
    reprice_id bigint NOT NULL,
    session_id bigint NOT NULL,
    paid_id    bigint NOT NULL,
    path_id    bigint NOT NULL,
    found_at   timestamptz NOT NULL,
    PRIMARY KEY (reprice_id, session_id)
);

-- What was priced anew, and which months are settled anew, stays as it is.
CREATE TRIGGER reprices_no_truncate BEFORE TRUNCATE ON reprices FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER reprice_sessions_immutable BEFORE UPDATE OR DELETE ON reprice_sessions FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER reprice_sessions_no_truncate BEFORE TRUNCATE ON reprice_sessions FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER reprice_months_immutable BEFORE UPDATE OR DELETE ON reprice_months FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER reprice_months_no_truncate BEFORE TRUNCATE ON reprice_months FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- +goose Down
DROP TRIGGER reprice_months_no_truncate ON reprice_months;
DROP TRIGGER reprice_months_immutable ON reprice_months;
DROP TRIGGER reprice_sessions_no_truncate ON reprice_sessions;
DROP TRIGGER reprice_sessions_immutable ON reprice_sessions;
DROP TRIGGER reprices_no_truncate ON reprices;
DROP TABLE reprice_found;
