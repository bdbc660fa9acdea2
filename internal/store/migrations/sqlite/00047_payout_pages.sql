-- +goose Up

-- The bank files of a batch as they were exported first: one, or one for each
-- payout.
CREATE TABLE payout_files_new (
    batch_id integer NOT NULL REFERENCES payout_batches (id),
    place    integer NOT NULL,
    name     text NOT NULL,
    content  blob NOT NULL,
    PRIMARY KEY (batch_id, place)
);
INSERT INTO payout_files_new SELECT batch_id, 0, name, content FROM payout_files;
DROP TABLE payout_files;
ALTER TABLE payout_files_new RENAME TO payout_files;
-- +goose StatementBegin
CREATE TRIGGER payout_files_immutable_update BEFORE UPDATE ON payout_files
BEGIN SELECT RAISE(ABORT, 'immutable: payout_files'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER payout_files_immutable_delete BEFORE DELETE ON payout_files
BEGIN SELECT RAISE(ABORT, 'immutable: payout_files'); END;
-- +goose StatementEnd

-- What a remittance advice says, frozen when the payout was executed, and what is
-- sent of it.
CREATE TABLE remittance_advices (
    payout_id integer PRIMARY KEY REFERENCES payouts (id),
    content   text NOT NULL,
    hash      text NOT NULL,
    frozen_at datetime NOT NULL
);
-- +goose StatementBegin
CREATE TRIGGER remittance_advices_immutable_update BEFORE UPDATE ON remittance_advices
BEGIN SELECT RAISE(ABORT, 'immutable: remittance_advices'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER remittance_advices_immutable_delete BEFORE DELETE ON remittance_advices
BEGIN SELECT RAISE(ABORT, 'immutable: remittance_advices'); END;
-- +goose StatementEnd
CREATE TABLE remittance_files (
    payout_id  integer NOT NULL REFERENCES remittance_advices (payout_id),
    kind       text NOT NULL,
    media_type text NOT NULL,
    sha256     text NOT NULL,
    content    blob NOT NULL,
    created_at datetime NOT NULL,
    PRIMARY KEY (payout_id, kind)
);
-- +goose StatementBegin
CREATE TRIGGER remittance_files_immutable_update BEFORE UPDATE ON remittance_files
BEGIN SELECT RAISE(ABORT, 'immutable: remittance_files'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER remittance_files_immutable_delete BEFORE DELETE ON remittance_files
BEGIN SELECT RAISE(ABORT, 'immutable: remittance_files'); END;
-- +goose StatementEnd

-- A mailing carries a note, a settlement report, or a remittance advice.
CREATE TABLE deliveries_new (
    id         integer PRIMARY KEY,
    note_id    integer REFERENCES credit_notes (id),
    copy       integer NOT NULL,
    state      text NOT NULL CHECK (state IN ('queued', 'sending', 'sent', 'incomplete', 'failed', 'parked')),
    recipients text NOT NULL,
    reply_to   text NOT NULL,
    message_id text NOT NULL UNIQUE,
    attempts   integer NOT NULL,
    reply      text NOT NULL,
    created_at datetime NOT NULL,
    sending_at datetime,
    sent_at    datetime,
    handover   text NOT NULL DEFAULT '',
    due_at     datetime,
    judged_at  datetime,
    doubt      text NOT NULL DEFAULT '',
    report_id  integer REFERENCES settlement_reports (id),
    payout_id  integer REFERENCES payouts (id),
    UNIQUE (note_id, copy),
    CHECK ((note_id IS NOT NULL) + (report_id IS NOT NULL) + (payout_id IS NOT NULL) = 1)
);
INSERT INTO deliveries_new (id, note_id, copy, state, recipients, reply_to, message_id, attempts, reply, created_at, sending_at, sent_at, handover, due_at, judged_at, doubt, report_id) SELECT id, note_id, copy, state, recipients, reply_to, message_id, attempts, reply, created_at, sending_at, sent_at, handover, due_at, judged_at, doubt, report_id FROM deliveries;
CREATE TABLE delivery_recipients_new (
    delivery_id integer NOT NULL REFERENCES deliveries_new (id),
    position    integer NOT NULL,
    address     text NOT NULL,
    state       text NOT NULL CHECK (state IN ('queued', 'sending', 'accepted', 'deferred', 'refused', 'bounced', 'parked', 'suppressed')),
    reply       text NOT NULL,
    PRIMARY KEY (delivery_id, position)
);
INSERT INTO delivery_recipients_new SELECT delivery_id, position, address, state, reply FROM delivery_recipients;
CREATE TABLE bounces_new (
    hash        text PRIMARY KEY,
    delivery_id integer NOT NULL REFERENCES deliveries_new (id),
    kind        text NOT NULL CHECK (kind IN ('failed', 'delayed', 'delivered', 'complaint')),
    assigned    boolean NOT NULL,
    reporter    text NOT NULL,
    mailbox     text NOT NULL,
    read_at     datetime NOT NULL,
    read_by     text NOT NULL
);
INSERT INTO bounces_new SELECT hash, delivery_id, kind, assigned, reporter, mailbox, read_at, read_by FROM bounces;
CREATE TABLE marked_addresses_new (
    address   text PRIMARY KEY,
    kind      text NOT NULL CHECK (kind IN ('bounced', 'complained')),
    reason    text NOT NULL,
    number    text NOT NULL,
    bounce    text NOT NULL REFERENCES bounces_new (hash),
    marked_at datetime NOT NULL,
    marked_by text NOT NULL
);
INSERT INTO marked_addresses_new SELECT address, kind, reason, number, bounce, marked_at, marked_by FROM marked_addresses;
DROP TABLE marked_addresses;
DROP TABLE bounces;
DROP TABLE delivery_recipients;
DROP TABLE deliveries;
ALTER TABLE deliveries_new RENAME TO deliveries;
ALTER TABLE delivery_recipients_new RENAME TO delivery_recipients;
ALTER TABLE bounces_new RENAME TO bounces;
ALTER TABLE marked_addresses_new RENAME TO marked_addresses;
CREATE INDEX deliveries_unsent ON deliveries (state, note_id) WHERE state <> 'sent';
CREATE INDEX deliveries_doubt ON deliveries (id) WHERE doubt <> '';
CREATE INDEX delivery_recipients_open ON delivery_recipients (delivery_id, state) WHERE state <> 'accepted';
CREATE INDEX bounces_delivery ON bounces (delivery_id);
CREATE UNIQUE INDEX deliveries_report_copy ON deliveries (report_id, copy) WHERE report_id IS NOT NULL;
CREATE UNIQUE INDEX deliveries_payout_copy ON deliveries (payout_id, copy) WHERE payout_id IS NOT NULL;

-- +goose Down
CREATE TABLE deliveries_old (
    id         integer PRIMARY KEY,
    note_id    integer REFERENCES credit_notes (id),
    copy       integer NOT NULL,
    state      text NOT NULL CHECK (state IN ('queued', 'sending', 'sent', 'incomplete', 'failed', 'parked')),
    recipients text NOT NULL,
    reply_to   text NOT NULL,
    message_id text NOT NULL UNIQUE,
    attempts   integer NOT NULL,
    reply      text NOT NULL,
    created_at datetime NOT NULL,
    sending_at datetime,
    sent_at    datetime,
    handover   text NOT NULL DEFAULT '',
    due_at     datetime,
    judged_at  datetime,
    doubt      text NOT NULL DEFAULT '',
    report_id  integer REFERENCES settlement_reports (id),
    UNIQUE (note_id, copy),
    CHECK ((note_id IS NULL) <> (report_id IS NULL))
);
INSERT INTO deliveries_old (id, note_id, copy, state, recipients, reply_to, message_id, attempts, reply, created_at, sending_at, sent_at, handover, due_at, judged_at, doubt, report_id) SELECT id, note_id, copy, state, recipients, reply_to, message_id, attempts, reply, created_at, sending_at, sent_at, handover, due_at, judged_at, doubt, report_id FROM deliveries WHERE payout_id IS NULL;
CREATE TABLE delivery_recipients_old (
    delivery_id integer NOT NULL REFERENCES deliveries_old (id),
    position    integer NOT NULL,
    address     text NOT NULL,
    state       text NOT NULL CHECK (state IN ('queued', 'sending', 'accepted', 'deferred', 'refused', 'bounced', 'parked', 'suppressed')),
    reply       text NOT NULL,
    PRIMARY KEY (delivery_id, position)
);
INSERT INTO delivery_recipients_old SELECT delivery_id, position, address, state, reply FROM delivery_recipients WHERE delivery_id IN (SELECT id FROM deliveries_old);
CREATE TABLE bounces_old (
    hash        text PRIMARY KEY,
    delivery_id integer NOT NULL REFERENCES deliveries_old (id),
    kind        text NOT NULL CHECK (kind IN ('failed', 'delayed', 'delivered', 'complaint')),
    assigned    boolean NOT NULL,
    reporter    text NOT NULL,
    mailbox     text NOT NULL,
    read_at     datetime NOT NULL,
    read_by     text NOT NULL
);
INSERT INTO bounces_old SELECT hash, delivery_id, kind, assigned, reporter, mailbox, read_at, read_by FROM bounces WHERE delivery_id IN (SELECT id FROM deliveries_old);
CREATE TABLE marked_addresses_old (
    address   text PRIMARY KEY,
    kind      text NOT NULL CHECK (kind IN ('bounced', 'complained')),
    reason    text NOT NULL,
    number    text NOT NULL,
    bounce    text NOT NULL REFERENCES bounces_old (hash),
    marked_at datetime NOT NULL,
    marked_by text NOT NULL
);
INSERT INTO marked_addresses_old SELECT address, kind, reason, number, bounce, marked_at, marked_by FROM marked_addresses WHERE bounce IN (SELECT hash FROM bounces_old);
DROP TABLE marked_addresses;
DROP TABLE bounces;
DROP TABLE delivery_recipients;
DROP TABLE deliveries;
ALTER TABLE deliveries_old RENAME TO deliveries;
ALTER TABLE delivery_recipients_old RENAME TO delivery_recipients;
ALTER TABLE bounces_old RENAME TO bounces;
ALTER TABLE marked_addresses_old RENAME TO marked_addresses;
CREATE INDEX deliveries_unsent ON deliveries (state, note_id) WHERE state <> 'sent';
CREATE INDEX deliveries_doubt ON deliveries (id) WHERE doubt <> '';
CREATE INDEX delivery_recipients_open ON delivery_recipients (delivery_id, state) WHERE state <> 'accepted';
CREATE INDEX bounces_delivery ON bounces (delivery_id);
CREATE UNIQUE INDEX deliveries_report_copy ON deliveries (report_id, copy) WHERE report_id IS NOT NULL;
DROP TABLE remittance_files;
DROP TABLE remittance_advices;
CREATE TABLE payout_files_old (
    batch_id integer PRIMARY KEY REFERENCES payout_batches (id),
    name     text NOT NULL,
    content  blob NOT NULL
);
INSERT INTO payout_files_old SELECT batch_id, name, content FROM payout_files WHERE place = 0;
DROP TABLE payout_files;
ALTER TABLE payout_files_old RENAME TO payout_files;
-- +goose StatementBegin
CREATE TRIGGER payout_files_immutable_update BEFORE UPDATE ON payout_files
BEGIN SELECT RAISE(ABORT, 'immutable: payout_files'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER payout_files_immutable_delete BEFORE DELETE ON payout_files
BEGIN SELECT RAISE(ABORT, 'immutable: payout_files'); END;
-- +goose StatementEnd
