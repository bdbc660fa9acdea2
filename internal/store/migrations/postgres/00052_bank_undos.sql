-- +goose Up

-- A decision of a person about an entry that was taken back (settlement.md §10.2).
-- The entry stays as it was decided, another one waits in its place, and what it
-- booked is booked back by a movement of its own.
CREATE TABLE bank_undos (
    entry_id   bigint PRIMARY KEY REFERENCES bank_entries (id),
    instead_id bigint NOT NULL REFERENCES bank_entries (id),
    booked_id  bigint REFERENCES movements (id),
    back_id    bigint REFERENCES movements (id),
    undone_at  timestamptz NOT NULL,
    undone_by  text NOT NULL,
    reason     text NOT NULL CHECK (reason <> ''),
    CHECK (entry_id <> instead_id),
    CHECK ((booked_id IS NULL) = (back_id IS NULL))
);
CREATE UNIQUE INDEX bank_undos_instead ON bank_undos (instead_id);
CREATE UNIQUE INDEX bank_undos_booked ON bank_undos (booked_id) WHERE booked_id IS NOT NULL;
CREATE UNIQUE INDEX bank_undos_back ON bank_undos (back_id) WHERE back_id IS NOT NULL;
CREATE TRIGGER bank_undos_immutable BEFORE UPDATE OR DELETE ON bank_undos FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER bank_undos_no_truncate BEFORE TRUNCATE ON bank_undos FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- changed says whether a decision changed the payout, or confirmed what a person
-- had said before; NULL: a file said it, or an older version did not record it.
-- What was taken back counts no longer.
ALTER TABLE bank_entry_payouts ADD COLUMN changed boolean;
ALTER TABLE bank_entry_payouts ADD COLUMN undone boolean NOT NULL DEFAULT false;
DROP INDEX bank_entry_payouts_part;
CREATE UNIQUE INDEX bank_entry_payouts_part ON bank_entry_payouts (payout_id, part) WHERE NOT undone;
DROP TRIGGER bank_entry_payouts_immutable ON bank_entry_payouts;
CREATE TRIGGER bank_entry_payouts_immutable BEFORE UPDATE ON bank_entry_payouts FOR EACH ROW
    WHEN (OLD.undone OR OLD.entry_id <> NEW.entry_id OR OLD.payout_id <> NEW.payout_id OR OLD.part <> NEW.part OR OLD.changed IS DISTINCT FROM NEW.changed)
    EXECUTE FUNCTION refuse_change();
CREATE TRIGGER bank_entry_payouts_no_delete BEFORE DELETE ON bank_entry_payouts FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- +goose Down
DROP TRIGGER bank_entry_payouts_no_delete ON bank_entry_payouts;
DROP TRIGGER bank_entry_payouts_immutable ON bank_entry_payouts;
DELETE FROM bank_entry_payouts WHERE undone;
DROP INDEX bank_entry_payouts_part;
CREATE UNIQUE INDEX bank_entry_payouts_part ON bank_entry_payouts (payout_id, part);
ALTER TABLE bank_entry_payouts DROP COLUMN undone;
ALTER TABLE bank_entry_payouts DROP COLUMN changed;
CREATE TRIGGER bank_entry_payouts_immutable BEFORE UPDATE OR DELETE ON bank_entry_payouts FOR EACH ROW EXECUTE FUNCTION refuse_change();
DROP TABLE bank_undos;
