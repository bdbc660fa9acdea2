-- +goose Up

-- Sessions that were credited at a price that was wrong and are priced anew: each
-- becomes its next version, with the content that it had.
CREATE TABLE reprices (
    id          bigint PRIMARY KEY,
    rate        text NOT NULL,
    contract    text NOT NULL,
    since       text NOT NULL CHECK (since <> ''),
    reason      text NOT NULL CHECK (reason <> ''),
    sessions    bigint NOT NULL CHECK (sessions >= 0),
    applied_at  timestamptz NOT NULL,
    asked_by    text NOT NULL,
    approved_by text NOT NULL,
    CHECK ((rate = '') <> (contract = ''))
);
CREATE TABLE reprice_sessions (
    session_id bigint PRIMARY KEY REFERENCES sessions (id),
    reprice_id bigint NOT NULL REFERENCES reprices (id)
);

-- Months of owners that are settled by the contracts as they are now: what runs up
-- to run_id settled them by does not count any more.
CREATE TABLE reprice_months (
    reprice_id bigint NOT NULL REFERENCES reprices (id),
    owner_id   bigint NOT NULL REFERENCES entities (id),
    month      text NOT NULL,
    run_id     bigint NOT NULL,
    PRIMARY KEY (reprice_id, owner_id, month)
);
CREATE INDEX reprice_months_owner ON reprice_months (owner_id, month);
CREATE TRIGGER reprices_immutable BEFORE UPDATE OR DELETE ON reprices FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- A reprice waits for a second person where runs do.
ALTER TABLE proposals DROP CONSTRAINT proposals_matter_check;
ALTER TABLE proposals ADD CONSTRAINT proposals_matter_check CHECK (matter IN ('bank', 'alternate_address', 'station_owner', 'connector_station', 'billing_email', 'reply_to', 'setting', 'adjustment', 'reprice'));

-- +goose Down
DELETE FROM proposals WHERE matter = 'reprice';
ALTER TABLE proposals DROP CONSTRAINT proposals_matter_check;
ALTER TABLE proposals ADD CONSTRAINT proposals_matter_check CHECK (matter IN ('bank', 'alternate_address', 'station_owner', 'connector_station', 'billing_email', 'reply_to', 'setting', 'adjustment'));
DROP TABLE reprice_months;
DROP TABLE reprice_sessions;
DROP TABLE reprices;
