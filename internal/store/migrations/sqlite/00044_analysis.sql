-- +goose Up

-- What the lines of a document, a carried sum or a zero note come to by month of
-- the sessions, station and tariff, added up when its run was issued: what the
-- analysis reads instead of lines. sessions counts what takes back with -1;
-- driver_share is what owners got for the sessions with a known driver amount;
-- collected_* is what had been collected at the cut-off of the run.
CREATE TABLE line_sums (
    note_id          integer NOT NULL REFERENCES credit_notes (id),
    owner_id         integer NOT NULL REFERENCES entities (id),
    month            text NOT NULL,
    station_key      text NOT NULL,
    rule             text NOT NULL,
    tariff           text NOT NULL,
    sessions         integer NOT NULL,
    energy           integer NOT NULL,
    net              integer NOT NULL,
    driver_amount    integer NOT NULL,
    driver_share     integer NOT NULL,
    collected_amount integer NOT NULL,
    collected_share  integer NOT NULL,
    unknown          integer NOT NULL,
    PRIMARY KEY (note_id, owner_id, month, station_key, rule, tariff)
);
CREATE INDEX line_sums_month ON line_sums (month);
-- +goose StatementBegin
CREATE TRIGGER line_sums_immutable_update BEFORE UPDATE ON line_sums
BEGIN SELECT RAISE(ABORT, 'immutable: line_sums'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER line_sums_immutable_delete BEFORE DELETE ON line_sums
BEGIN SELECT RAISE(ABORT, 'immutable: line_sums'); END;
-- +goose StatementEnd
-- Monthly sums, custom records and fees are read without the positions of stations.
CREATE INDEX positions_beside ON positions (month) WHERE station_key = '';

-- What a held session would come to if it were released, as the run priced it;
-- NULL: unknown.
ALTER TABLE run_holds ADD COLUMN worth integer;
ALTER TABLE run_holds ADD COLUMN currency text NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE run_holds DROP COLUMN currency;
ALTER TABLE run_holds DROP COLUMN worth;
DROP INDEX positions_beside;
DROP TABLE line_sums;
