-- +goose Up

-- The audit log by person and by action, and which of them there are.
CREATE INDEX audit_who ON audit (who, id);
CREATE INDEX audit_action ON audit (action, id);

-- +goose Down
DROP INDEX audit_action;
DROP INDEX audit_who;
