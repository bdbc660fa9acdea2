-- +goose Up

-- A run credits a month. Its name is the month, with a counter from the second
-- run on. A lease says which process works on it; it runs out with the process.
CREATE TABLE runs (
    id            integer PRIMARY KEY,
    name          text NOT NULL UNIQUE,
    month         text NOT NULL,
    trigger       text NOT NULL CHECK (trigger IN ('manual', 'schedule')),
    stage         text NOT NULL CHECK (stage IN ('drafting', 'drafted', 'released', 'issued', 'completed', 'discarded')),
    document_date text NOT NULL,
    cutoff        datetime NOT NULL,
    settings      text NOT NULL,
    created_at    datetime NOT NULL,
    created_by    text NOT NULL,
    approved_at   datetime,
    approved_by   text NOT NULL,
    finished_at   datetime,
    lease_token   text NOT NULL,
    lease_until   datetime NOT NULL
);
CREATE UNIQUE INDEX runs_one_unfinished ON runs (month) WHERE stage NOT IN ('completed', 'discarded');
CREATE UNIQUE INDEX runs_one_scheduled ON runs (month) WHERE trigger = 'schedule' AND stage <> 'discarded';

-- The control sheet of a run per owner (0: sessions without an owner), and
-- which owners failed and why. Energy in millionths of a kWh.
CREATE TABLE run_owners (
    run_id            integer NOT NULL REFERENCES runs (id),
    owner_id          integer NOT NULL,
    failed_key        text NOT NULL,
    failed_args       text NOT NULL,
    received_sessions integer NOT NULL,
    received_energy   integer NOT NULL,
    credited_sessions integer NOT NULL,
    credited_energy   integer NOT NULL,
    held_sessions     integer NOT NULL,
    held_energy       integer NOT NULL,
    zero_sessions     integer NOT NULL,
    zero_energy       integer NOT NULL,
    excluded_sessions integer NOT NULL,
    excluded_energy   integer NOT NULL,
    PRIMARY KEY (run_id, owner_id),
    CHECK (received_sessions = credited_sessions + held_sessions + zero_sessions + excluded_sessions),
    CHECK (received_energy = credited_energy + held_energy + zero_energy + excluded_energy)
);
CREATE TABLE run_holds (
    run_id     integer NOT NULL REFERENCES runs (id),
    session_id integer NOT NULL,
    owner_id   integer NOT NULL,
    reason     text NOT NULL,
    PRIMARY KEY (run_id, session_id)
);

-- Credit notes and cancellations. Amounts in minor units of the currency.
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
CREATE INDEX credit_notes_run ON credit_notes (run_id, ordinal);
CREATE TABLE credit_note_owners (
    note_id  integer NOT NULL REFERENCES credit_notes (id),
    owner_id integer NOT NULL REFERENCES entities (id),
    place    integer NOT NULL,
    PRIMARY KEY (note_id, owner_id)
);
CREATE INDEX credit_note_owners_owner ON credit_note_owners (owner_id);
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
    PRIMARY KEY (note_id, ordinal)
);
CREATE TABLE note_taxes (
    note_id        integer NOT NULL REFERENCES credit_notes (id),
    ordinal        integer NOT NULL,
    account        text NOT NULL,
    ledger_account text NOT NULL,
    name           text NOT NULL,
    category       text NOT NULL,
    rate           integer NOT NULL,
    base           integer NOT NULL,
    tax            integer NOT NULL,
    exemption_code text NOT NULL,
    exemption      text NOT NULL,
    PRIMARY KEY (note_id, ordinal)
);

-- A negative sum is carried forward once: into one note that stands.
CREATE TABLE carry_uses (
    carried_id integer NOT NULL REFERENCES credit_notes (id),
    owner_id   integer NOT NULL REFERENCES entities (id),
    note_id    integer NOT NULL REFERENCES credit_notes (id),
    PRIMARY KEY (carried_id, owner_id)
);

-- What was settled without a document (zero, carried forward) is withdrawn by
-- the cancellation of a note whose sessions it corrects: its sessions are open
-- again, and it is not carried anywhere.
CREATE TABLE withdrawn_notes (
    note_id         integer PRIMARY KEY REFERENCES credit_notes (id),
    cancellation_id integer NOT NULL REFERENCES credit_notes (id)
);

-- Price paths are shared by all sessions priced in the same way; the id is
-- taken from the hash of the content.
CREATE TABLE price_paths (
    id      integer PRIMARY KEY,
    content text NOT NULL
);

-- Lines: what became of a session. At most one live line pays or closes a
-- session, at most one takes it back. No foreign keys: there are millions.
CREATE TABLE lines (
    note_id    integer,
    run_id     integer NOT NULL,
    owner_id   integer NOT NULL,
    session_id integer NOT NULL,
    path_id    integer NOT NULL,
    kind       text NOT NULL,
    energy     integer NOT NULL,
    net_energy integer NOT NULL,
    net_time   integer NOT NULL,
    net_fee    integer NOT NULL,
    live       boolean NOT NULL
);
CREATE UNIQUE INDEX lines_live ON lines (session_id) WHERE live AND kind <> 'reversal';
CREATE UNIQUE INDEX lines_live_reversal ON lines (session_id) WHERE live AND kind = 'reversal';
CREATE INDEX lines_note ON lines (note_id);

-- What is stored and sent of an issued note.
CREATE TABLE files (
    note_id    integer NOT NULL REFERENCES credit_notes (id),
    kind       text NOT NULL,
    name       text NOT NULL,
    media_type text NOT NULL,
    sha256     text NOT NULL,
    content    blob NOT NULL,
    created_at datetime NOT NULL,
    PRIMARY KEY (note_id, kind)
);
CREATE TABLE deliveries (
    id         integer PRIMARY KEY,
    note_id    integer NOT NULL REFERENCES credit_notes (id),
    copy       integer NOT NULL,
    state      text NOT NULL CHECK (state IN ('queued', 'sending', 'sent', 'failed', 'parked')),
    recipients text NOT NULL,
    reply_to   text NOT NULL,
    message_id text NOT NULL UNIQUE,
    attempts   integer NOT NULL,
    reply      text NOT NULL,
    created_at datetime NOT NULL,
    sending_at datetime,
    sent_at    datetime,
    UNIQUE (note_id, copy)
);

-- What is issued stays as it is. frozen_notes are the notes that no statement may change.
CREATE VIEW frozen_notes AS
    SELECT n.id FROM credit_notes n JOIN runs r ON r.id = n.run_id
    WHERE n.number IS NOT NULL OR n.state IN ('zero', 'carried') AND r.stage IN ('issued', 'completed');
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
-- +goose StatementBegin
CREATE TRIGGER note_taxes_immutable_insert BEFORE INSERT ON note_taxes
WHEN EXISTS (SELECT 1 FROM frozen_notes WHERE id = NEW.note_id)
BEGIN SELECT RAISE(ABORT, 'immutable: note_taxes of an issued credit note'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER note_taxes_immutable_update BEFORE UPDATE ON note_taxes
WHEN EXISTS (SELECT 1 FROM frozen_notes WHERE id = OLD.note_id) OR EXISTS (SELECT 1 FROM frozen_notes WHERE id = NEW.note_id)
BEGIN SELECT RAISE(ABORT, 'immutable: note_taxes of an issued credit note'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER note_taxes_immutable_delete BEFORE DELETE ON note_taxes
WHEN EXISTS (SELECT 1 FROM frozen_notes WHERE id = OLD.note_id)
BEGIN SELECT RAISE(ABORT, 'immutable: note_taxes of an issued credit note'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER credit_note_owners_immutable_insert BEFORE INSERT ON credit_note_owners
WHEN EXISTS (SELECT 1 FROM frozen_notes WHERE id = NEW.note_id)
BEGIN SELECT RAISE(ABORT, 'immutable: credit_note_owners of an issued credit note'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER credit_note_owners_immutable_update BEFORE UPDATE ON credit_note_owners
WHEN EXISTS (SELECT 1 FROM frozen_notes WHERE id = OLD.note_id) OR EXISTS (SELECT 1 FROM frozen_notes WHERE id = NEW.note_id)
BEGIN SELECT RAISE(ABORT, 'immutable: credit_note_owners of an issued credit note'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER credit_note_owners_immutable_delete BEFORE DELETE ON credit_note_owners
WHEN EXISTS (SELECT 1 FROM frozen_notes WHERE id = OLD.note_id)
BEGIN SELECT RAISE(ABORT, 'immutable: credit_note_owners of an issued credit note'); END;
-- +goose StatementEnd
-- A line of an issued note only ever loses its life, by a cancellation; a line
-- of a run that went through is not deleted.
-- +goose StatementBegin
CREATE TRIGGER lines_immutable_update BEFORE UPDATE ON lines
WHEN (OLD.run_id, OLD.owner_id, OLD.session_id, OLD.path_id, OLD.kind, OLD.energy, OLD.net_energy, OLD.net_time, OLD.net_fee)
    <> (NEW.run_id, NEW.owner_id, NEW.session_id, NEW.path_id, NEW.kind, NEW.energy, NEW.net_energy, NEW.net_time, NEW.net_fee)
    OR OLD.note_id IS NOT NEW.note_id OR NEW.live
    OR NOT EXISTS (SELECT 1 FROM credit_notes WHERE cancels = OLD.note_id)
        AND NOT EXISTS (SELECT 1 FROM withdrawn_notes WHERE note_id = OLD.note_id)
BEGIN SELECT RAISE(ABORT, 'immutable: line of a session'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER lines_immutable_delete BEFORE DELETE ON lines
WHEN EXISTS (SELECT 1 FROM runs WHERE id = OLD.run_id AND stage IN ('issued', 'completed'))
BEGIN SELECT RAISE(ABORT, 'immutable: line of an issued run'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER files_immutable_update BEFORE UPDATE ON files
WHEN true
BEGIN SELECT RAISE(ABORT, 'immutable: stored file'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER files_immutable_delete BEFORE DELETE ON files
WHEN true
BEGIN SELECT RAISE(ABORT, 'immutable: stored file'); END;
-- +goose StatementEnd

-- +goose Down
DROP VIEW frozen_notes;
DROP TABLE deliveries;
DROP TABLE files;
DROP TABLE lines;
DROP TABLE price_paths;
DROP TABLE withdrawn_notes;
DROP TABLE carry_uses;
DROP TABLE note_taxes;
DROP TABLE positions;
DROP TABLE credit_note_owners;
DROP TABLE credit_notes;
DROP TABLE run_holds;
DROP TABLE run_owners;
DROP TABLE runs;
