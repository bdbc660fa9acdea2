-- +goose Up

-- What users did to the accounts of others: for some time the two count as one
-- person. Names are kept, which are never given twice; nothing is taken back.
CREATE TABLE user_ties (
    id      bigint PRIMARY KEY,
    actor   text NOT NULL,
    subject text NOT NULL CHECK (subject <> actor),
    hand    text NOT NULL CHECK (hand IN ('created', 'invited', 'reset', 'roles', 'address')),
    at      timestamptz NOT NULL
);
CREATE INDEX user_ties_at ON user_ties (at);
CREATE TRIGGER user_ties_immutable BEFORE UPDATE OR DELETE ON user_ties FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER user_ties_no_truncate BEFORE TRUNCATE ON user_ties FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- What a link is for: to set a password, or to remove the second factor.
ALTER TABLE invitations ADD COLUMN purpose text NOT NULL DEFAULT 'password' CHECK (purpose IN ('password', 'second_factor'));

-- Mails to users, and to entities about changes that move money. A notice with
-- a user is one with a link; the link is made when the mail is sent, so that no
-- secret is ever stored.
CREATE TABLE notices (
    id         bigint PRIMARY KEY,
    kind       text NOT NULL,
    recipient  text NOT NULL CHECK (recipient <> ''),
    language   text NOT NULL,
    args       text NOT NULL,
    user_id    bigint REFERENCES users (id),
    address    text NOT NULL,
    state      text NOT NULL CHECK (state IN ('queued', 'sent', 'failed')),
    attempts   integer NOT NULL,
    reply      text NOT NULL,
    created_at timestamptz NOT NULL,
    sent_at    timestamptz,
    CHECK ((state = 'sent') = (sent_at IS NOT NULL))
);
CREATE INDEX notices_queued ON notices (id) WHERE state = 'queued';
CREATE INDEX notices_user ON notices (user_id, id) WHERE user_id IS NOT NULL;

-- +goose Down
DROP TABLE notices;
ALTER TABLE invitations DROP COLUMN purpose;
DROP TABLE user_ties;
