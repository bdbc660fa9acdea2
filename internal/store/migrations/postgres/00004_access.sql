-- +goose Up

-- Who may log in. A user without an entity belongs to the operator; the first
-- administrator is there before the operator is. Roles are a JSON list.
CREATE TABLE users (
    id            bigint PRIMARY KEY,
    name          text NOT NULL UNIQUE CHECK (name <> ''),
    full_name     text NOT NULL,
    email         text NOT NULL,
    entity_key    text REFERENCES entities (key),
    roles         text NOT NULL,
    language      text NOT NULL,
    password_hash text NOT NULL,
    totp_secret   text NOT NULL,
    totp_step     bigint NOT NULL,
    oidc_issuer   text NOT NULL,
    oidc_subject  text NOT NULL,
    active        boolean NOT NULL,
    epoch         integer NOT NULL,
    created_at    timestamptz NOT NULL,
    last_login_at timestamptz
);
CREATE UNIQUE INDEX users_oidc ON users (oidc_issuer, oidc_subject) WHERE oidc_subject <> '';

-- Secrets are kept as SHA-256 only: of links to set a password, of the cookies
-- of logins, of API tokens.
CREATE TABLE invitations (
    hash       text PRIMARY KEY,
    user_id    bigint NOT NULL REFERENCES users (id),
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL
);
CREATE TABLE web_sessions (
    hash       text PRIMARY KEY,
    data       bytea NOT NULL,
    expires_at timestamptz NOT NULL
);
CREATE INDEX web_sessions_expired ON web_sessions (expires_at);
CREATE TABLE api_tokens (
    id           bigint PRIMARY KEY,
    user_id      bigint NOT NULL REFERENCES users (id),
    name         text NOT NULL,
    hash         text NOT NULL UNIQUE,
    prefix       text NOT NULL,
    scopes       text NOT NULL,
    created_at   timestamptz NOT NULL,
    expires_at   timestamptz NOT NULL,
    last_used_at timestamptz,
    revoked_at   timestamptz
);
CREATE INDEX api_tokens_of_user ON api_tokens (user_id);

-- Failed logins of the last day by name and by address.
CREATE TABLE login_attempts (
    key       text PRIMARY KEY,
    failures  integer NOT NULL,
    failed_at timestamptz NOT NULL,
    closed_to timestamptz NOT NULL
);

-- Requests of the last day that the client may repeat without doing it twice.
CREATE TABLE idempotency_keys (
    user_id      bigint NOT NULL REFERENCES users (id),
    key          text NOT NULL,
    fingerprint  text NOT NULL,
    begun_at     timestamptz NOT NULL,
    finished_at  timestamptz,
    status       integer NOT NULL,
    content_type text NOT NULL,
    body         bytea NOT NULL,
    PRIMARY KEY (user_id, key)
);
CREATE INDEX idempotency_keys_begun ON idempotency_keys (begun_at);

-- +goose Down
DROP TABLE idempotency_keys, login_attempts, api_tokens, web_sessions, invitations, users;
