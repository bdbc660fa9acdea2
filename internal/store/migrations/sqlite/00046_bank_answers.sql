-- +goose Up

-- What the bank says happened to money (settlement.md §10.2). A file that is read
-- again adds nothing.
CREATE TABLE bank_files (
    id         integer PRIMARY KEY,
    sha256     text NOT NULL CHECK (sha256 <> ''),
    name       text NOT NULL,
    kind       text NOT NULL CHECK (kind IN ('camt.053', 'camt.054', 'pain.002')),
    message_id text NOT NULL,
    read_at    datetime NOT NULL,
    read_by    text NOT NULL
);
CREATE UNIQUE INDEX bank_files_sha256 ON bank_files (sha256);
-- +goose StatementBegin
CREATE TRIGGER bank_files_immutable_update BEFORE UPDATE ON bank_files
BEGIN SELECT RAISE(ABORT, 'immutable: bank_files'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER bank_files_immutable_delete BEFORE DELETE ON bank_files
BEGIN SELECT RAISE(ABORT, 'immutable: bank_files'); END;
-- +goose StatementEnd

-- One payment, one status of payments, or one contradiction in a file. key tells
-- it apart for ever, entry_key is that of the booking it is part of, and twin is
-- what the notification and the statement of a bank without references have in
-- common. amount is in the minor unit, positive for what came in, and 0 where it
-- is not known. What is no longer queued never changes.
CREATE TABLE bank_entries (
    id             integer PRIMARY KEY,
    file_id        integer NOT NULL REFERENCES bank_files (id) DEFERRABLE INITIALLY DEFERRED,
    source         text NOT NULL,
    line           integer NOT NULL,
    key            text NOT NULL CHECK (key <> ''),
    entry_key      text NOT NULL,
    twin           text NOT NULL,
    kind           text NOT NULL CHECK (kind IN ('payment', 'status', 'finding')),
    state          text NOT NULL CHECK (state IN ('queued', 'booked', 'ignored', 'foreign')),
    outcome        text NOT NULL CHECK (outcome IN ('', 'executed', 'returned', 'rejected', 'received', 'paid')),
    why            text NOT NULL,
    account        text NOT NULL,
    day            text NOT NULL CHECK (day <> ''),
    amount         integer NOT NULL,
    currency       text NOT NULL,
    end_to_end_id  text NOT NULL,
    reference      text NOT NULL,
    name           text NOT NULL,
    iban           text NOT NULL,
    text           text NOT NULL,
    reason         text NOT NULL,
    reversal       boolean NOT NULL,
    batch_id       integer REFERENCES payout_batches (id),
    movement_id    integer REFERENCES movements (id),
    decided_at     datetime,
    decided_by     text NOT NULL,
    decided_reason text NOT NULL,
    CHECK ((state = 'booked') = (outcome <> '')),
    CHECK ((movement_id IS NOT NULL) = (outcome IN ('received', 'paid')))
);
CREATE UNIQUE INDEX bank_entries_key ON bank_entries (key);
CREATE UNIQUE INDEX bank_entries_movement ON bank_entries (movement_id) WHERE movement_id IS NOT NULL;
CREATE INDEX bank_entries_entry ON bank_entries (entry_key) WHERE entry_key <> '';
CREATE INDEX bank_entries_twin ON bank_entries (twin) WHERE twin <> '';
CREATE INDEX bank_entries_day ON bank_entries (day, id);
CREATE INDEX bank_entries_queued ON bank_entries (day, id) WHERE state = 'queued';
CREATE INDEX bank_entries_file ON bank_entries (file_id);
-- +goose StatementBegin
CREATE TRIGGER bank_entries_immutable BEFORE UPDATE ON bank_entries
WHEN OLD.state <> 'queued' OR OLD.key <> NEW.key OR OLD.amount <> NEW.amount OR OLD.currency <> NEW.currency OR OLD.account <> NEW.account
BEGIN SELECT RAISE(ABORT, 'immutable: bank_entries'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER bank_entries_no_delete BEFORE DELETE ON bank_entries
BEGIN SELECT RAISE(ABORT, 'immutable: bank_entries'); END;
-- +goose StatementEnd

-- What an entry did to payouts: each is executed, returned or rejected by one
-- entry at most.
CREATE TABLE bank_entry_payouts (
    entry_id  integer NOT NULL REFERENCES bank_entries (id),
    payout_id integer NOT NULL REFERENCES payouts (id),
    part      text NOT NULL CHECK (part IN ('executed', 'returned', 'rejected')),
    PRIMARY KEY (entry_id, payout_id, part)
);
CREATE UNIQUE INDEX bank_entry_payouts_part ON bank_entry_payouts (payout_id, part);
-- +goose StatementBegin
CREATE TRIGGER bank_entry_payouts_immutable_update BEFORE UPDATE ON bank_entry_payouts
BEGIN SELECT RAISE(ABORT, 'immutable: bank_entry_payouts'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER bank_entry_payouts_immutable_delete BEFORE DELETE ON bank_entry_payouts
BEGIN SELECT RAISE(ABORT, 'immutable: bank_entry_payouts'); END;
-- +goose StatementEnd

CREATE INDEX payouts_exported ON payouts (batch_id) WHERE state = 'exported';

-- +goose Down
DROP INDEX payouts_exported;
DROP TABLE bank_entry_payouts;
DROP TABLE bank_entries;
DROP TABLE bank_files;
