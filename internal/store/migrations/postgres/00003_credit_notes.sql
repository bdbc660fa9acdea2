-- +goose Up

-- A run credits a month. Its name is the month, with a counter from the second
-- run on. A lease says which process works on it; it runs out with the process.
CREATE TABLE runs (
    id            bigint PRIMARY KEY,
    name          text NOT NULL UNIQUE,
    month         text NOT NULL,
    trigger       text NOT NULL CHECK (trigger IN ('manual', 'schedule')),
    stage         text NOT NULL CHECK (stage IN ('drafting', 'drafted', 'released', 'issued', 'completed', 'discarded')),
    document_date text NOT NULL,
    cutoff        timestamptz NOT NULL,
    settings      text NOT NULL,
    created_at    timestamptz NOT NULL,
    created_by    text NOT NULL,
    approved_at   timestamptz,
    approved_by   text NOT NULL,
    finished_at   timestamptz,
    lease_token   text NOT NULL,
    lease_until   timestamptz NOT NULL
);
CREATE UNIQUE INDEX runs_one_unfinished ON runs (month) WHERE stage NOT IN ('completed', 'discarded');
CREATE UNIQUE INDEX runs_one_scheduled ON runs (month) WHERE trigger = 'schedule' AND stage <> 'discarded';

-- The control sheet of a run per owner (0: sessions without an owner), and
-- which owners failed and why. Energy in millionths of a kWh.
CREATE TABLE run_owners (
    run_id            bigint NOT NULL REFERENCES runs (id),
    owner_id          bigint NOT NULL,
    failed_key        text NOT NULL,
    failed_args       text NOT NULL,
    received_sessions bigint NOT NULL,
    received_energy   bigint NOT NULL,
    credited_sessions bigint NOT NULL,
    credited_energy   bigint NOT NULL,
    held_sessions     bigint NOT NULL,
    held_energy       bigint NOT NULL,
    zero_sessions     bigint NOT NULL,
    zero_energy       bigint NOT NULL,
    excluded_sessions bigint NOT NULL,
    excluded_energy   bigint NOT NULL,
    PRIMARY KEY (run_id, owner_id),
    CHECK (received_sessions = credited_sessions + held_sessions + zero_sessions + excluded_sessions),
    CHECK (received_energy = credited_energy + held_energy + zero_energy + excluded_energy)
);
CREATE TABLE run_holds (
    run_id     bigint NOT NULL REFERENCES runs (id),
    session_id bigint NOT NULL,
    owner_id   bigint NOT NULL,
    reason     text NOT NULL,
    PRIMARY KEY (run_id, session_id)
);

-- Credit notes and cancellations. Amounts in minor units of the currency.
CREATE TABLE credit_notes (
    id            bigint PRIMARY KEY,
    run_id        bigint NOT NULL REFERENCES runs (id),
    kind          text NOT NULL CHECK (kind IN ('credit_note', 'cancellation')),
    state         text NOT NULL CHECK (state IN ('draft', 'issued', 'zero', 'carried')),
    ordinal       integer NOT NULL,
    number        text UNIQUE,
    range_key     text REFERENCES number_ranges (key),
    scope         text NOT NULL,
    period        text NOT NULL,
    sequence      bigint,
    recipient_key text NOT NULL REFERENCES entities (key),
    language      text NOT NULL,
    currency      text NOT NULL,
    date          text NOT NULL,
    period_from   text NOT NULL,
    period_to     text NOT NULL,
    net           bigint NOT NULL,
    tax           bigint NOT NULL,
    gross         bigint NOT NULL,
    document      text NOT NULL,
    cancels       bigint UNIQUE REFERENCES credit_notes (id),
    issued_at     timestamptz,
    hash          text NOT NULL,
    UNIQUE (range_key, scope, period, sequence),
    CHECK (gross = net + tax),
    CHECK ((state = 'issued') = (number IS NOT NULL)),
    CHECK ((number IS NULL) = (sequence IS NULL)),
    CHECK ((kind = 'cancellation') = (cancels IS NOT NULL))
);
CREATE INDEX credit_notes_run ON credit_notes (run_id, ordinal);
CREATE TABLE credit_note_owners (
    note_id  bigint NOT NULL REFERENCES credit_notes (id),
    owner_id bigint NOT NULL REFERENCES entities (id),
    place    integer NOT NULL,
    PRIMARY KEY (note_id, owner_id)
);
CREATE INDEX credit_note_owners_owner ON credit_note_owners (owner_id);
CREATE TABLE positions (
    note_id      bigint NOT NULL REFERENCES credit_notes (id),
    ordinal      integer NOT NULL,
    owner_id     bigint NOT NULL REFERENCES entities (id),
    station_key  text NOT NULL,
    station_name text NOT NULL,
    component    text NOT NULL CHECK (component IN ('energy', 'time', 'fee', 'carried_forward')),
    month        text NOT NULL,
    late         boolean NOT NULL,
    correction   boolean NOT NULL,
    sessions     bigint NOT NULL,
    energy       bigint NOT NULL,
    sum          bigint NOT NULL,
    net          bigint NOT NULL,
    carried_from bigint REFERENCES credit_notes (id),
    tax_account  text NOT NULL,
    PRIMARY KEY (note_id, ordinal)
);
CREATE TABLE note_taxes (
    note_id        bigint NOT NULL REFERENCES credit_notes (id),
    ordinal        integer NOT NULL,
    account        text NOT NULL,
    ledger_account text NOT NULL,
    name           text NOT NULL,
    category       text NOT NULL,
    rate           bigint NOT NULL,
    base           bigint NOT NULL,
    tax            bigint NOT NULL,
    exemption_code text NOT NULL,
    exemption      text NOT NULL,
    PRIMARY KEY (note_id, ordinal)
);

-- A negative sum is carried forward once: into one note that stands.
CREATE TABLE carry_uses (
    carried_id bigint NOT NULL REFERENCES credit_notes (id),
    owner_id   bigint NOT NULL REFERENCES entities (id),
    note_id    bigint NOT NULL REFERENCES credit_notes (id),
    PRIMARY KEY (carried_id, owner_id)
);

-- What was settled without a document (zero, carried forward) is withdrawn by
-- the cancellation of a note whose sessions it corrects: its sessions are open
-- again, and it is not carried anywhere.
CREATE TABLE withdrawn_notes (
    note_id         bigint PRIMARY KEY REFERENCES credit_notes (id),
    cancellation_id bigint NOT NULL REFERENCES credit_notes (id)
);

-- Price paths are shared by all sessions priced in the same way; the id is
-- taken from the hash of the content.
CREATE TABLE price_paths (
    id      bigint PRIMARY KEY,
    content text NOT NULL
);

-- Lines: what became of a session. At most one live line pays or closes a
-- session, at most one takes it back. No foreign keys: there are millions.
CREATE TABLE lines (
    note_id    bigint,
    run_id     bigint NOT NULL,
    owner_id   bigint NOT NULL,
    session_id bigint NOT NULL,
    path_id    bigint NOT NULL,
    kind       text NOT NULL,
    energy     bigint NOT NULL,
    net_energy bigint NOT NULL,
    net_time   bigint NOT NULL,
    net_fee    bigint NOT NULL,
    live       boolean NOT NULL
);
CREATE UNIQUE INDEX lines_live ON lines (session_id) WHERE live AND kind <> 'reversal';
CREATE UNIQUE INDEX lines_live_reversal ON lines (session_id) WHERE live AND kind = 'reversal';
CREATE INDEX lines_note ON lines (note_id);

-- What is stored and sent of an issued note.
CREATE TABLE files (
    note_id    bigint NOT NULL REFERENCES credit_notes (id),
    kind       text NOT NULL,
    name       text NOT NULL,
    media_type text NOT NULL,
    sha256     text NOT NULL,
    content    bytea NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (note_id, kind)
);
CREATE TABLE deliveries (
    id         bigint PRIMARY KEY,
    note_id    bigint NOT NULL REFERENCES credit_notes (id),
    copy       integer NOT NULL,
    state      text NOT NULL CHECK (state IN ('queued', 'sending', 'sent', 'failed', 'parked')),
    recipients text NOT NULL,
    reply_to   text NOT NULL,
    message_id text NOT NULL UNIQUE,
    attempts   integer NOT NULL,
    reply      text NOT NULL,
    created_at timestamptz NOT NULL,
    sending_at timestamptz,
    sent_at    timestamptz,
    UNIQUE (note_id, copy)
);

-- What is issued stays as it is.
-- +goose StatementBegin
CREATE FUNCTION note_is_frozen(id_of_note bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT 1 FROM credit_notes n JOIN runs r ON r.id = n.run_id
        WHERE n.id = id_of_note AND (n.number IS NOT NULL OR n.state IN ('zero', 'carried') AND r.stage IN ('issued', 'completed')))
$$;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE FUNCTION refuse_frozen_note() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF note_is_frozen(OLD.id) THEN
        RAISE EXCEPTION 'immutable: credit note % is issued', OLD.number USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE FUNCTION refuse_frozen_part() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' AND note_is_frozen(OLD.note_id) OR TG_OP <> 'DELETE' AND note_is_frozen(NEW.note_id) THEN
        RAISE EXCEPTION 'immutable: % of an issued credit note', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;
-- +goose StatementEnd
-- A line of an issued note only ever loses its life, by a cancellation; a line
-- of a run that went through is not deleted.
-- +goose StatementBegin
CREATE FUNCTION refuse_frozen_line() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF EXISTS (SELECT 1 FROM runs WHERE id = OLD.run_id AND stage IN ('issued', 'completed')) THEN
            RAISE EXCEPTION 'immutable: line of an issued run' USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN OLD;
    END IF;
    IF (OLD.note_id, OLD.run_id, OLD.owner_id, OLD.session_id, OLD.path_id, OLD.kind, OLD.energy, OLD.net_energy, OLD.net_time, OLD.net_fee)
        IS DISTINCT FROM (NEW.note_id, NEW.run_id, NEW.owner_id, NEW.session_id, NEW.path_id, NEW.kind, NEW.energy, NEW.net_energy, NEW.net_time, NEW.net_fee)
        OR NEW.live
        OR NOT EXISTS (SELECT 1 FROM credit_notes WHERE cancels = OLD.note_id)
            AND NOT EXISTS (SELECT 1 FROM withdrawn_notes WHERE note_id = OLD.note_id) THEN
        RAISE EXCEPTION 'immutable: line of session %', OLD.session_id USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER credit_notes_immutable BEFORE UPDATE OR DELETE ON credit_notes FOR EACH ROW EXECUTE FUNCTION refuse_frozen_note();
CREATE TRIGGER positions_immutable BEFORE INSERT OR UPDATE OR DELETE ON positions FOR EACH ROW EXECUTE FUNCTION refuse_frozen_part();
CREATE TRIGGER note_taxes_immutable BEFORE INSERT OR UPDATE OR DELETE ON note_taxes FOR EACH ROW EXECUTE FUNCTION refuse_frozen_part();
CREATE TRIGGER credit_note_owners_immutable BEFORE INSERT OR UPDATE OR DELETE ON credit_note_owners FOR EACH ROW EXECUTE FUNCTION refuse_frozen_part();
CREATE TRIGGER lines_immutable BEFORE UPDATE OR DELETE ON lines FOR EACH ROW EXECUTE FUNCTION refuse_frozen_line();
CREATE TRIGGER files_immutable BEFORE UPDATE OR DELETE ON files FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER credit_notes_no_truncate BEFORE TRUNCATE ON credit_notes FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER credit_note_owners_no_truncate BEFORE TRUNCATE ON credit_note_owners FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER positions_no_truncate BEFORE TRUNCATE ON positions FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER note_taxes_no_truncate BEFORE TRUNCATE ON note_taxes FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER lines_no_truncate BEFORE TRUNCATE ON lines FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER files_no_truncate BEFORE TRUNCATE ON files FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- +goose Down
DROP TABLE deliveries, files, lines, price_paths, withdrawn_notes, carry_uses, note_taxes, positions, credit_note_owners, credit_notes, run_holds, run_owners, runs;
DROP FUNCTION refuse_frozen_line, refuse_frozen_part, refuse_frozen_note, note_is_frozen;
