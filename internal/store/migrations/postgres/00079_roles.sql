-- +goose Up

-- Roles that an administrator made of rights; users name them in users.roles as
-- they name the built-in ones.
CREATE TABLE custom_roles (
    role   text PRIMARY KEY,
    name   text NOT NULL CHECK (name <> ''),
    rights text NOT NULL
);

-- Who is logged in at the pages, and with what. A login without a row is over.
CREATE TABLE logins (
    id       bigint PRIMARY KEY,
    user_id  bigint NOT NULL REFERENCES users (id),
    epoch    integer NOT NULL,
    agent    text NOT NULL,
    began_at timestamptz NOT NULL,
    seen_at  timestamptz NOT NULL
);
CREATE INDEX logins_user ON logins (user_id);

-- +goose Down
DROP TABLE logins;
DROP TABLE custom_roles;
