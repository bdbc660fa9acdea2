-- +goose Up

-- A fee invoice is a second kind of document: the operator charges a Sub-CPO.
-- SQLite changes no CHECK, so both tables are made anew with the content they
-- have. What refers to them is looked at when the migration is committed.
PRAGMA defer_foreign_keys = ON;
CREATE TABLE old_positions AS SELECT * FROM positions;
DROP TABLE positions;
CREATE TABLE positions (
    note_id      integer NOT NULL REFERENCES credit_notes (id),
    ordinal      integer NOT NULL,
    owner_id     integer NOT NULL REFERENCES entities (id),
    station_key  text NOT NULL,
    station_name text NOT NULL,
    component    text NOT NULL CHECK (component IN ('energy', 'time', 'fee', 'share', 'electricity_cost', 'electricity_tax', 'session_fees', 'minimum_guarantee', 'volume_bonus',
        'monthly_fee', 'fee_per_station', 'fee_per_ac_evse', 'fee_per_dc_evse', 'own_charging', 'custom', 'carried_forward')),
    month        text NOT NULL,
    late         boolean NOT NULL,
    correction   boolean NOT NULL,
    sessions     integer NOT NULL,
    energy       integer NOT NULL,
    sum          integer NOT NULL,
    net          integer NOT NULL,
    carried_from integer REFERENCES credit_notes (id),
    tax_account  text NOT NULL,
    tax          integer NOT NULL DEFAULT 0,
    contract     text NOT NULL DEFAULT '',
    record       text NOT NULL DEFAULT '',
    text         text NOT NULL DEFAULT '',
    quantity     integer NOT NULL DEFAULT 0,
    unit_price   integer NOT NULL DEFAULT 0,
    PRIMARY KEY (note_id, ordinal)
);
INSERT INTO positions SELECT * FROM old_positions;
DROP TABLE old_positions;
CREATE INDEX positions_contract ON positions (owner_id, month) WHERE contract <> '';
-- +goose StatementBegin
CREATE TRIGGER positions_immutable_insert BEFORE INSERT ON positions
WHEN EXISTS (SELECT 1 FROM frozen_notes WHERE id = NEW.note_id)
BEGIN SELECT RAISE(ABORT, 'immutable: positions of an issued credit note'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER positions_immutable_update BEFORE UPDATE ON positions
WHEN EXISTS (SELECT 1 FROM frozen_notes WHERE id = OLD.note_id) OR EXISTS (SELECT 1 FROM frozen_notes WHERE id = NEW.note_id)
BEGIN SELECT RAISE(ABORT, 'immutable: positions of an issued credit note'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER positions_immutable_delete BEFORE DELETE ON positions
WHEN EXISTS (SELECT 1 FROM frozen_notes WHERE id = OLD.note_id)
BEGIN SELECT RAISE(ABORT, 'immutable: positions of an issued credit note'); END;
-- +goose StatementEnd

CREATE TABLE old_notes AS SELECT * FROM credit_notes;
DROP TABLE credit_notes;
CREATE TABLE credit_notes (
    id            integer PRIMARY KEY,
    run_id        integer NOT NULL REFERENCES runs (id),
    kind          text NOT NULL CHECK (kind IN ('credit_note', 'invoice', 'cancellation')),
    state         text NOT NULL CHECK (state IN ('draft', 'issued', 'zero', 'carried')),
    ordinal       integer NOT NULL,
    number        text UNIQUE,
    range_key     text REFERENCES number_ranges (key),
    scope         text NOT NULL,
    period        text NOT NULL,
    sequence      integer,
    recipient_key text NOT NULL REFERENCES entities (key),
    language      text NOT NULL,
    currency      text NOT NULL,
    date          text NOT NULL,
    period_from   text NOT NULL,
    period_to     text NOT NULL,
    net           integer NOT NULL,
    tax           integer NOT NULL,
    gross         integer NOT NULL,
    document      text NOT NULL,
    cancels       integer UNIQUE REFERENCES credit_notes (id),
    issued_at     datetime,
    hash          text NOT NULL,
    UNIQUE (range_key, scope, period, sequence),
    CHECK (gross = net + tax),
    CHECK ((state = 'issued') = (number IS NOT NULL)),
    CHECK ((number IS NULL) = (sequence IS NULL)),
    CHECK ((kind = 'cancellation') = (cancels IS NOT NULL))
);
INSERT INTO credit_notes SELECT * FROM old_notes;
DROP TABLE old_notes;
CREATE INDEX credit_notes_run ON credit_notes (run_id, ordinal);
CREATE INDEX credit_notes_listed ON credit_notes (state, date, number, run_id, recipient_key, kind, currency, net, tax, gross, id);
CREATE INDEX credit_notes_listed_drafts ON credit_notes (date, id) WHERE state <> 'issued';
CREATE INDEX credit_notes_recipient ON credit_notes (recipient_key, date);
CREATE INDEX credit_notes_cancels ON credit_notes (cancels) WHERE cancels IS NOT NULL;
CREATE INDEX credit_notes_dated ON credit_notes (range_key, date, id) WHERE range_key IS NOT NULL;
CREATE INDEX credit_notes_number_folded ON credit_notes (lower(number)) WHERE number IS NOT NULL;
-- +goose StatementBegin
CREATE TRIGGER credit_notes_immutable_update BEFORE UPDATE ON credit_notes
WHEN EXISTS (SELECT 1 FROM frozen_notes WHERE id = OLD.id)
BEGIN SELECT RAISE(ABORT, 'immutable: credit note is issued'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER credit_notes_immutable_delete BEFORE DELETE ON credit_notes
WHEN EXISTS (SELECT 1 FROM frozen_notes WHERE id = OLD.id)
BEGIN SELECT RAISE(ABORT, 'immutable: credit note is issued'); END;
-- +goose StatementEnd

-- +goose Down
PRAGMA defer_foreign_keys = ON;
CREATE TABLE old_positions AS SELECT * FROM positions;
DROP TABLE positions;
CREATE TABLE positions (
    note_id      integer NOT NULL REFERENCES credit_notes (id),
    ordinal      integer NOT NULL,
    owner_id     integer NOT NULL REFERENCES entities (id),
    station_key  text NOT NULL,
    station_name text NOT NULL,
    component    text NOT NULL CHECK (component IN ('energy', 'time', 'fee', 'carried_forward')),
    month        text NOT NULL,
    late         boolean NOT NULL,
    correction   boolean NOT NULL,
    sessions     integer NOT NULL,
    energy       integer NOT NULL,
    sum          integer NOT NULL,
    net          integer NOT NULL,
    carried_from integer REFERENCES credit_notes (id),
    tax_account  text NOT NULL,
    tax          integer NOT NULL DEFAULT 0,
    contract     text NOT NULL DEFAULT '',
    record       text NOT NULL DEFAULT '',
    text         text NOT NULL DEFAULT '',
    quantity     integer NOT NULL DEFAULT 0,
    unit_price   integer NOT NULL DEFAULT 0,
    PRIMARY KEY (note_id, ordinal)
);
INSERT INTO positions SELECT * FROM old_positions;
DROP TABLE old_positions;
CREATE INDEX positions_contract ON positions (owner_id, month) WHERE contract <> '';
-- +goose StatementBegin
CREATE TRIGGER positions_immutable_insert BEFORE INSERT ON positions
WHEN EXISTS (SELECT 1 FROM frozen_notes WHERE id = NEW.note_id)
BEGIN SELECT RAISE(ABORT, 'immutable: positions of an issued credit note'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER positions_immutable_update BEFORE UPDATE ON positions
WHEN EXISTS (SELECT 1 FROM frozen_notes WHERE id = OLD.note_id) OR EXISTS (SELECT 1 FROM frozen_notes WHERE id = NEW.note_id)
BEGIN SELECT RAISE(ABORT, 'immutable: positions of an issued credit note'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER positions_immutable_delete BEFORE DELETE ON positions
WHEN EXISTS (SELECT 1 FROM frozen_notes WHERE id = OLD.note_id)
BEGIN SELECT RAISE(ABORT, 'immutable: positions of an issued credit note'); END;
-- +goose StatementEnd

CREATE TABLE old_notes AS SELECT * FROM credit_notes;
DROP TABLE credit_notes;
CREATE TABLE credit_notes (
    id            integer PRIMARY KEY,
    run_id        integer NOT NULL REFERENCES runs (id),
    kind          text NOT NULL CHECK (kind IN ('credit_note', 'cancellation')),
    state         text NOT NULL CHECK (state IN ('draft', 'issued', 'zero', 'carried')),
    ordinal       integer NOT NULL,
    number        text UNIQUE,
    range_key     text REFERENCES number_ranges (key),
    scope         text NOT NULL,
    period        text NOT NULL,
    sequence      integer,
    recipient_key text NOT NULL REFERENCES entities (key),
    language      text NOT NULL,
    currency      text NOT NULL,
    date          text NOT NULL,
    period_from   text NOT NULL,
    period_to     text NOT NULL,
    net           integer NOT NULL,
    tax           integer NOT NULL,
    gross         integer NOT NULL,
    document      text NOT NULL,
    cancels       integer UNIQUE REFERENCES credit_notes (id),
    issued_at     datetime,
    hash          text NOT NULL,
    UNIQUE (range_key, scope, period, sequence),
    CHECK (gross = net + tax),
    CHECK ((state = 'issued') = (number IS NOT NULL)),
    CHECK ((number IS NULL) = (sequence IS NULL)),
    CHECK ((kind = 'cancellation') = (cancels IS NOT NULL))
);
INSERT INTO credit_notes SELECT * FROM old_notes;
DROP TABLE old_notes;
CREATE INDEX credit_notes_run ON credit_notes (run_id, ordinal);
CREATE INDEX credit_notes_listed ON credit_notes (state, date, number, run_id, recipient_key, kind, currency, net, tax, gross, id);
CREATE INDEX credit_notes_listed_drafts ON credit_notes (date, id) WHERE state <> 'issued';
CREATE INDEX credit_notes_recipient ON credit_notes (recipient_key, date);
CREATE INDEX credit_notes_cancels ON credit_notes (cancels) WHERE cancels IS NOT NULL;
CREATE INDEX credit_notes_dated ON credit_notes (range_key, date, id) WHERE range_key IS NOT NULL;
CREATE INDEX credit_notes_number_folded ON credit_notes (lower(number)) WHERE number IS NOT NULL;
-- +goose StatementBegin
CREATE TRIGGER credit_notes_immutable_update BEFORE UPDATE ON credit_notes
WHEN EXISTS (SELECT 1 FROM frozen_notes WHERE id = OLD.id)
BEGIN SELECT RAISE(ABORT, 'immutable: credit note is issued'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER credit_notes_immutable_delete BEFORE DELETE ON credit_notes
WHEN EXISTS (SELECT 1 FROM frozen_notes WHERE id = OLD.id)
BEGIN SELECT RAISE(ABORT, 'immutable: credit note is issued'); END;
-- +goose StatementEnd
