-- +goose Up

-- sale_amount is what the sales side charges the driver, in the currency of the
-- line, where the settlement used no driver amount and the source stated none;
-- NULL: it is not known. With the sign of the line.
ALTER TABLE lines ADD COLUMN sale_amount bigint;
DROP TRIGGER lines_immutable_update;
-- +goose StatementBegin
CREATE TRIGGER lines_immutable_update BEFORE UPDATE ON lines
WHEN (OLD.run_id, OLD.owner_id, OLD.session_id, OLD.path_id, OLD.kind, OLD.energy, OLD.net_energy, OLD.net_time, OLD.net_fee, OLD.tax, OLD.correction,
        OLD.net_share, OLD.net_electricity_cost, OLD.net_electricity_tax, OLD.net_session_fees, OLD.driver_fee)
    <> (NEW.run_id, NEW.owner_id, NEW.session_id, NEW.path_id, NEW.kind, NEW.energy, NEW.net_energy, NEW.net_time, NEW.net_fee, NEW.tax, NEW.correction,
        NEW.net_share, NEW.net_electricity_cost, NEW.net_electricity_tax, NEW.net_session_fees, NEW.driver_fee)
    OR OLD.note_id IS NOT NEW.note_id OR OLD.reason IS NOT NEW.reason OR OLD.driver_amount IS NOT NEW.driver_amount OR OLD.sale_amount IS NOT NEW.sale_amount OR NEW.live
    OR NOT EXISTS (SELECT 1 FROM credit_notes WHERE cancels = OLD.note_id)
        AND NOT EXISTS (SELECT 1 FROM withdrawn_notes WHERE note_id = OLD.note_id)
BEGIN SELECT RAISE(ABORT, 'immutable: line of a session'); END;
-- +goose StatementEnd

-- What the records of lines come to, by document, owner, day (in the zone of
-- the operator) and collection: read from lines and sessions, and made again from
-- them at any time. note_id below 0 is a book of the open month, whose sums are
-- told apart further, as positions are. Amounts and energy in millionths.
CREATE TABLE record_sums (
    note_id     bigint NOT NULL,
    owner_id    bigint NOT NULL,
    day         text NOT NULL,
    currency    text NOT NULL,
    collected   boolean NOT NULL,
    station_key text NOT NULL,
    contract    text NOT NULL,
    shared      boolean NOT NULL,
    correction  boolean NOT NULL,
    tax         text NOT NULL,
    records     bigint NOT NULL, -- of sessions
    sessions    bigint NOT NULL, -- of these, those that pay a session
    costs       bigint NOT NULL, -- records of electricity cost
    taxes       bigint NOT NULL, -- records of electricity tax
    unknown     bigint NOT NULL, -- records without a driver amount
    energy      bigint NOT NULL,
    driver      bigint NOT NULL,
    operator    bigint NOT NULL, -- operator's share
    net_energy bigint NOT NULL,
    net_time bigint NOT NULL,
    net_fee bigint NOT NULL,
    net_share bigint NOT NULL,
    net_electricity_cost bigint NOT NULL,
    net_electricity_tax bigint NOT NULL,
    net_session_fees bigint NOT NULL
);
CREATE INDEX record_sums_note ON record_sums (note_id, owner_id, day);

-- The documents whose records are added up, in a zone. Those that are not
-- current, or touched since then, are added up from their lines.
CREATE TABLE record_summed (
    note_id bigint PRIMARY KEY,
    zone    text NOT NULL,
    current boolean NOT NULL
);
CREATE TABLE record_touched (note_id bigint NOT NULL);

-- The records of lines of these documents in the order of their net.
CREATE TABLE record_nets (
    origin     integer NOT NULL, -- 0 session, 1 electricity cost, 2 electricity tax
    kind       text NOT NULL,
    net        bigint NOT NULL,
    session_id bigint NOT NULL,
    note_id    bigint NOT NULL,
    month      text NOT NULL,
    PRIMARY KEY (origin, kind, net, session_id, note_id)
) WITHOUT ROWID;
CREATE INDEX record_nets_month ON record_nets (month, origin, kind, net, session_id);

-- The open month: what a run would make of it if it ran now. A book is
-- complete when it is current; another one is on its way, or is being removed.
-- All of it is made again at any time.
CREATE TABLE open_books (
    id       bigint PRIMARY KEY,
    month    text NOT NULL,
    basis    text NOT NULL,     -- configuration and runs that it goes by
    cursor   bigint NOT NULL,   -- sessions with a lower id are in it
    current  boolean NOT NULL,
    changed  bigint NOT NULL,   -- how often it was
    entered  bigint NOT NULL,   -- of these, until when open_entries is right
    as_of    datetime NOT NULL,
    swept_at datetime NOT NULL  -- when what waits for its time was last looked at
);
CREATE UNIQUE INDEX open_books_current ON open_books (current) WHERE current;
-- Lines as those of documents; of_session is the version on whose behalf they are.
CREATE TABLE open_lines (
    note_id      bigint NOT NULL, -- the book, negative
    owner_id     bigint NOT NULL,
    session_id   bigint NOT NULL,
    of_session   bigint NOT NULL,
    kind         text NOT NULL,
    energy       bigint NOT NULL,
    net_energy bigint NOT NULL,
    net_time bigint NOT NULL,
    net_fee bigint NOT NULL,
    net_share bigint NOT NULL,
    net_electricity_cost bigint NOT NULL,
    net_electricity_tax bigint NOT NULL,
    net_session_fees bigint NOT NULL,
    driver_amount bigint,
    driver_fee   bigint NOT NULL,
    sale_amount  bigint,
    currency     text NOT NULL,
    ended_at     datetime NOT NULL,
    day          text NOT NULL,
    station_key  text NOT NULL,
    contract     text NOT NULL,
    shared       boolean NOT NULL,
    correction   boolean NOT NULL,
    tax          text NOT NULL,
    PRIMARY KEY (note_id, session_id, kind)
);
CREATE INDEX open_lines_of ON open_lines (note_id, of_session);
CREATE INDEX open_lines_ended ON open_lines (note_id, ended_at, session_id);
CREATE INDEX open_lines_owner ON open_lines (note_id, owner_id, day);
CREATE INDEX open_lines_net ON open_lines (note_id, (net_energy + net_time + net_fee + net_share + net_session_fees), session_id);
CREATE INDEX open_lines_cost ON open_lines (note_id, net_electricity_cost, session_id) WHERE net_electricity_cost <> 0;
CREATE INDEX open_lines_tax ON open_lines (note_id, net_electricity_tax, session_id) WHERE net_electricity_tax <> 0;
CREATE TABLE open_holds (
    note_id    bigint NOT NULL,
    session_id bigint NOT NULL,
    owner_id   bigint NOT NULL, -- 0: none
    reason     text NOT NULL,
    energy     bigint NOT NULL,
    PRIMARY KEY (note_id, session_id)
);
-- Records of the open month that no session makes: JSON.
CREATE TABLE open_entries (
    note_id bigint NOT NULL,
    ordinal bigint NOT NULL,
    content text NOT NULL,
    PRIMARY KEY (note_id, ordinal)
);
-- What would bill sessions as own charging.
CREATE TABLE open_charges (
    note_id       bigint NOT NULL,
    owner_id      bigint NOT NULL,
    session_id    bigint NOT NULL,
    of_session    bigint NOT NULL,
    kind          text NOT NULL,
    contract      text NOT NULL,
    energy        bigint NOT NULL,
    driver_amount bigint NOT NULL,
    net           bigint NOT NULL,
    currency      text NOT NULL,
    ended_at      datetime NOT NULL,
    PRIMARY KEY (note_id, session_id, kind)
);
CREATE INDEX open_charges_of ON open_charges (note_id, of_session);
CREATE INDEX open_charges_ended ON open_charges (note_id, ended_at, session_id);
-- Sessions that were released, collected or decided about; 0: something beside
-- sessions has changed.
CREATE TABLE open_touched (
    id         integer PRIMARY KEY,
    session_id bigint NOT NULL
);

-- +goose Down
DROP TABLE open_touched;
DROP TABLE open_charges;
DROP TABLE open_entries;
DROP TABLE open_holds;
DROP TABLE open_lines;
DROP TABLE open_books;
DROP TABLE record_nets;
DROP TABLE record_touched;
DROP TABLE record_summed;
DROP TABLE record_sums;
DROP TRIGGER lines_immutable_update;
-- +goose StatementBegin
CREATE TRIGGER lines_immutable_update BEFORE UPDATE ON lines
WHEN (OLD.run_id, OLD.owner_id, OLD.session_id, OLD.path_id, OLD.kind, OLD.energy, OLD.net_energy, OLD.net_time, OLD.net_fee, OLD.tax, OLD.correction,
        OLD.net_share, OLD.net_electricity_cost, OLD.net_electricity_tax, OLD.net_session_fees, OLD.driver_fee)
    <> (NEW.run_id, NEW.owner_id, NEW.session_id, NEW.path_id, NEW.kind, NEW.energy, NEW.net_energy, NEW.net_time, NEW.net_fee, NEW.tax, NEW.correction,
        NEW.net_share, NEW.net_electricity_cost, NEW.net_electricity_tax, NEW.net_session_fees, NEW.driver_fee)
    OR OLD.note_id IS NOT NEW.note_id OR OLD.reason IS NOT NEW.reason OR OLD.driver_amount IS NOT NEW.driver_amount OR NEW.live
    OR NOT EXISTS (SELECT 1 FROM credit_notes WHERE cancels = OLD.note_id)
        AND NOT EXISTS (SELECT 1 FROM withdrawn_notes WHERE note_id = OLD.note_id)
BEGIN SELECT RAISE(ABORT, 'immutable: line of a session'); END;
-- +goose StatementEnd
ALTER TABLE lines DROP COLUMN sale_amount;
