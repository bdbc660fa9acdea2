-- +goose Up

-- Who may log in. A user without an entity belongs to the operator; the first
-- administrator is there before the operator is. Roles are a JSON list.
CREATE TABLE users (
    id            integer PRIMARY KEY,
    name          text NOT NULL UNIQUE CHECK (name <> ''),
    full_name     text NOT NULL,
    email         text NOT NULL,
    entity_key    text REFERENCES entities (key),
    roles         text NOT NULL,
    language      text NOT NULL,
    password_hash text NOT NULL,
    totp_secret   text NOT NULL,
    totp_step     integer NOT NULL,
    oidc_issuer   text NOT NULL,
    oidc_subject  text NOT NULL,
    active        boolean NOT NULL,
    epoch         integer NOT NULL,
    created_at    datetime NOT NULL,
    last_login_at datetime
);
CREATE UNIQUE INDEX users_oidc ON users (oidc_issuer, oidc_subject) WHERE oidc_subject <> '';

-- Secrets are kept as SHA-256 only: of links to set a password, of the cookies
-- of logins, of API tokens.
CREATE TABLE invitations (
    hash       text PRIMARY KEY,
    user_id    integer NOT NULL REFERENCES users (id),
    created_at datetime NOT NULL,
    expires_at datetime NOT NULL
);
CREATE TABLE web_sessions (
    hash       text PRIMARY KEY,
    data       blob NOT NULL,
    expires_at datetime NOT NULL
);
CREATE INDEX web_sessions_expired ON web_sessions (expires_at);
CREATE TABLE api_tokens (
    id           integer PRIMARY KEY,
    user_id      integer NOT NULL REFERENCES users (id),
    name         text NOT NULL,
    hash         text NOT NULL UNIQUE,
    prefix       text NOT NULL,
    scopes       text NOT NULL,
    created_at   datetime NOT NULL,
    expires_at   datetime NOT NULL,
    last_used_at datetime,
    revoked_at   datetime
);
CREATE INDEX api_tokens_of_user ON api_tokens (user_id);

-- Failed logins of the last day by name and by address.
CREATE TABLE login_attempts (
    key       text PRIMARY KEY,
    failures  integer NOT NULL,
    failed_at datetime NOT NULL,
    closed_to datetime NOT NULL
);

-- Requests of the last day that the client may repeat without doing it twice.
CREATE TABLE idempotency_keys (
    user_id      integer NOT NULL REFERENCES users (id),
    key          text NOT NULL,
    fingerprint  text NOT NULL,
    begun_at     datetime NOT NULL,
    finished_at  datetime,
    status       integer NOT NULL,
    content_type text NOT NULL,
    body         blob NOT NULL,
    PRIMARY KEY (user_id, key)
);
CREATE INDEX idempotency_keys_begun ON idempotency_keys (begun_at);

-- +goose Down
DROP TABLE idempotency_keys;
DROP TABLE login_attempts;
DROP TABLE api_tokens;
DROP TABLE web_sessions;
DROP TABLE invitations;
DROP TABLE users;
