-- +goose Up

-- Reports of mail systems about our mails, each once, by the SHA-256 of the
-- message. What they say of each recipient is with the recipient; here is which
-- message it was, who sent it and who read it. Those that are about no mail of
-- ours are not kept.
CREATE TABLE bounces (
    hash        text PRIMARY KEY,
    delivery_id bigint NOT NULL REFERENCES deliveries (id),
    kind        text NOT NULL CHECK (kind IN ('failed', 'delayed', 'delivered', 'complaint')),
    assigned    boolean NOT NULL,
    reporter    text NOT NULL,
    mailbox     text NOT NULL,
    read_at     timestamptz NOT NULL,
    read_by     text NOT NULL
);
CREATE INDEX bounces_delivery ON bounces (delivery_id);

-- Addresses that get no more mails: a mail to them came back, or who reads them
-- complained. The mark ends when a person lifts it. Addresses are in lower case
-- with their domain in punycode.
CREATE TABLE marked_addresses (
    address   text PRIMARY KEY,
    kind      text NOT NULL CHECK (kind IN ('bounced', 'complained')),
    reason    text NOT NULL,
    number    text NOT NULL,
    bounce    text NOT NULL REFERENCES bounces (hash),
    marked_at timestamptz NOT NULL,
    marked_by text NOT NULL
);

-- +goose Down
DROP TABLE marked_addresses;
DROP TABLE bounces;
