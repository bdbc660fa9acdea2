-- +goose Up

-- Every recipient of a mailing has a row from the moment the mailing is queued.
-- The state of a mailing follows from those of its recipients: it is incomplete
-- where the server took the mail for some of them and others are open. handover
-- names the last time a mail was handed over, due_at is when recipients that
-- were put off are tried again, judged_at when a server first judged this mail,
-- doubt what it said where that may concern the sender and not the mail.
ALTER TABLE deliveries DROP CONSTRAINT deliveries_state_check;
ALTER TABLE deliveries ADD CONSTRAINT deliveries_state_check
    CHECK (state IN ('queued', 'sending', 'sent', 'incomplete', 'failed', 'parked'));
ALTER TABLE deliveries ADD COLUMN handover text NOT NULL DEFAULT '';
ALTER TABLE deliveries ADD COLUMN due_at timestamptz;
ALTER TABLE deliveries ADD COLUMN judged_at timestamptz;
ALTER TABLE deliveries ADD COLUMN doubt text NOT NULL DEFAULT '';

ALTER TABLE delivery_recipients RENAME TO recipients_before;
ALTER TABLE recipients_before RENAME CONSTRAINT delivery_recipients_pkey TO recipients_before_pkey;
DROP INDEX delivery_recipients_refused;
CREATE TABLE delivery_recipients (
    delivery_id bigint NOT NULL REFERENCES deliveries (id),
    position    integer NOT NULL,
    address     text NOT NULL,
    state       text NOT NULL CONSTRAINT delivery_recipients_states CHECK (state IN ('queued', 'sending', 'accepted', 'deferred', 'refused', 'bounced', 'parked', 'suppressed')),
    reply       text NOT NULL,
    PRIMARY KEY (delivery_id, position)
);
INSERT INTO delivery_recipients
SELECT d.id, a.n - 1, a.address,
    coalesce((SELECT min(b.state) FROM recipients_before b WHERE b.delivery_id = d.id AND b.address = a.address),
        CASE d.state WHEN 'sent' THEN 'accepted' WHEN 'failed' THEN 'refused' ELSE d.state END),
    coalesce((SELECT min(b.reply) FROM recipients_before b WHERE b.delivery_id = d.id AND b.address = a.address), d.reply)
FROM deliveries d, json_array_elements_text(CASE WHEN d.recipients LIKE '[%' THEN d.recipients ELSE '[]' END::json) WITH ORDINALITY AS a (address, n);
DROP TABLE recipients_before;
CREATE INDEX deliveries_doubt ON deliveries (id) WHERE doubt <> '';
CREATE INDEX delivery_recipients_open ON delivery_recipients (delivery_id, state) WHERE state <> 'accepted';
UPDATE deliveries SET state = 'incomplete' WHERE state = 'sent'
    AND EXISTS (SELECT 1 FROM delivery_recipients r WHERE r.delivery_id = deliveries.id AND r.state <> 'accepted');

-- The one row says that no mail is sent, because the server takes none. One
-- mail at a time tries it, in whichever process: probing_until is how long that
-- try may take, probed the mailing that was tried last.
CREATE TABLE mail_pause (
    id            integer PRIMARY KEY CHECK (id = 1),
    since         timestamptz NOT NULL,
    reason        text NOT NULL,
    said          text NOT NULL,
    probes        integer NOT NULL,
    next_probe_at timestamptz NOT NULL,
    probing_until timestamptz,
    probed        bigint NOT NULL
);

-- +goose Down
DROP TABLE mail_pause;
UPDATE deliveries SET state = 'sent' WHERE state = 'incomplete';
ALTER TABLE deliveries DROP CONSTRAINT deliveries_state_check;
ALTER TABLE deliveries ADD CONSTRAINT deliveries_state_check CHECK (state IN ('queued', 'sending', 'sent', 'failed', 'parked'));
ALTER TABLE deliveries DROP COLUMN handover;
ALTER TABLE deliveries DROP COLUMN due_at;
ALTER TABLE deliveries DROP COLUMN judged_at;
DROP INDEX deliveries_doubt;
ALTER TABLE deliveries DROP COLUMN doubt;
DROP INDEX delivery_recipients_open;
UPDATE delivery_recipients SET state = 'refused' WHERE state IN ('deferred', 'bounced', 'suppressed');
DELETE FROM delivery_recipients WHERE state NOT IN ('accepted', 'refused');
ALTER TABLE delivery_recipients DROP CONSTRAINT delivery_recipients_states;
ALTER TABLE delivery_recipients ADD CONSTRAINT delivery_recipients_state_check CHECK (state IN ('accepted', 'refused'));
CREATE INDEX delivery_recipients_refused ON delivery_recipients (delivery_id) WHERE state = 'refused';
