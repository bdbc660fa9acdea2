-- +goose Up

-- Every recipient of a mailing has a row from the moment the mailing is queued.
-- The state of a mailing follows from those of its recipients: it is incomplete
-- where the server took the mail for some of them and others are open. handover
-- names the last time a mail was handed over, due_at is when recipients that
-- were put off are tried again, judged_at when a server first judged this mail,
-- doubt what it said where that may concern the sender and not the mail.
CREATE TABLE deliveries_new (
    id         integer PRIMARY KEY,
    note_id    integer NOT NULL REFERENCES credit_notes (id),
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
    UNIQUE (note_id, copy)
);
INSERT INTO deliveries_new (id, note_id, copy, state, recipients, reply_to, message_id, attempts, reply, created_at, sending_at, sent_at) SELECT id, note_id, copy, state, recipients, reply_to, message_id, attempts, reply, created_at, sending_at, sent_at FROM deliveries;
CREATE TABLE delivery_recipients_new (
    delivery_id integer NOT NULL REFERENCES deliveries_new (id),
    position    integer NOT NULL,
    address     text NOT NULL,
    state       text NOT NULL CHECK (state IN ('queued', 'sending', 'accepted', 'deferred', 'refused', 'bounced', 'parked', 'suppressed')),
    reply       text NOT NULL,
    PRIMARY KEY (delivery_id, position)
);
INSERT INTO delivery_recipients_new
SELECT d.id, a.key, a.value,
    coalesce((SELECT min(b.state) FROM delivery_recipients b WHERE b.delivery_id = d.id AND b.address = a.value),
        CASE d.state WHEN 'sent' THEN 'accepted' WHEN 'failed' THEN 'refused' ELSE d.state END),
    coalesce((SELECT min(b.reply) FROM delivery_recipients b WHERE b.delivery_id = d.id AND b.address = a.value), d.reply)
FROM deliveries d, json_each(CASE WHEN d.recipients LIKE '[%' THEN d.recipients ELSE '[]' END) a;
DROP TABLE delivery_recipients;
DROP TABLE deliveries;
ALTER TABLE deliveries_new RENAME TO deliveries;
ALTER TABLE delivery_recipients_new RENAME TO delivery_recipients;
CREATE INDEX deliveries_unsent ON deliveries (state, note_id) WHERE state <> 'sent';
CREATE INDEX deliveries_doubt ON deliveries (id) WHERE doubt <> '';
CREATE INDEX delivery_recipients_open ON delivery_recipients (delivery_id, state) WHERE state <> 'accepted';
UPDATE deliveries SET state = 'incomplete' WHERE state = 'sent'
    AND EXISTS (SELECT 1 FROM delivery_recipients r WHERE r.delivery_id = deliveries.id AND r.state <> 'accepted');

-- The one row says that no mail is sent, because the server takes none. One
-- mail at a time tries it, in whichever process: probing_until is how long that
-- try may take, probed the mailing that was tried last.
CREATE TABLE mail_pause (
    id            integer PRIMARY KEY CHECK (id = 1),
    since         datetime NOT NULL,
    reason        text NOT NULL,
    said          text NOT NULL,
    probes        integer NOT NULL,
    next_probe_at datetime NOT NULL,
    probing_until datetime,
    probed        integer NOT NULL
);

-- +goose Down
DROP TABLE mail_pause;
UPDATE deliveries SET state = 'sent' WHERE state = 'incomplete';
CREATE TABLE deliveries_old (
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
INSERT INTO deliveries_old SELECT id, note_id, copy, state, recipients, reply_to, message_id, attempts, reply, created_at, sending_at, sent_at FROM deliveries;
CREATE TABLE delivery_recipients_old (
    delivery_id integer NOT NULL REFERENCES deliveries_old (id),
    position    integer NOT NULL,
    address     text NOT NULL,
    state       text NOT NULL CHECK (state IN ('accepted', 'refused')),
    reply       text NOT NULL,
    PRIMARY KEY (delivery_id, position)
);
INSERT INTO delivery_recipients_old
SELECT delivery_id, position, address, CASE state WHEN 'accepted' THEN state ELSE 'refused' END, reply
FROM delivery_recipients WHERE state IN ('accepted', 'refused', 'deferred', 'bounced', 'suppressed');
DROP TABLE delivery_recipients;
DROP TABLE deliveries;
ALTER TABLE deliveries_old RENAME TO deliveries;
ALTER TABLE delivery_recipients_old RENAME TO delivery_recipients;
CREATE INDEX deliveries_unsent ON deliveries (state, note_id) WHERE state <> 'sent';
CREATE INDEX delivery_recipients_refused ON delivery_recipients (delivery_id) WHERE state = 'refused';
