-- +goose Up

-- Webhooks: who is told of events, and how it is signed.
CREATE TABLE webhooks (
    id          bigint PRIMARY KEY,
    url         text NOT NULL,
    events      text NOT NULL,
    secret      text NOT NULL,
    description text NOT NULL,
    active      boolean NOT NULL,
    created_at  timestamptz NOT NULL,
    created_by  text NOT NULL
);

-- One event for one webhook. No foreign key: a webhook that is deleted at the
-- same moment must not keep a run from being issued.
CREATE TABLE webhook_deliveries (
    id            bigint PRIMARY KEY,
    webhook_id    bigint NOT NULL,
    event         text NOT NULL,
    event_id      text NOT NULL,
    payload       text NOT NULL,
    state         text NOT NULL CHECK (state IN ('queued', 'sent', 'failed')),
    attempts      integer NOT NULL,
    status_code   integer NOT NULL,
    reply         text NOT NULL,
    created_at    timestamptz NOT NULL,
    last_tried_at timestamptz,
    sent_at       timestamptz,
    UNIQUE (webhook_id, event_id),
    CHECK ((state = 'sent') = (sent_at IS NOT NULL))
);
CREATE INDEX webhook_deliveries_webhook ON webhook_deliveries (webhook_id, id);
CREATE INDEX webhook_deliveries_queued ON webhook_deliveries (id) WHERE state = 'queued';

-- +goose Down
DROP TABLE webhook_deliveries;
DROP TABLE webhooks;
