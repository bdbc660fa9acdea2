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
    id       integer PRIMARY KEY,
    user_id  integer NOT NULL REFERENCES users (id),
    epoch    integer NOT NULL,
    agent    text NOT NULL,
    began_at datetime NOT NULL,
    seen_at  datetime NOT NULL
);
CREATE INDEX logins_user ON logins (user_id);

-- +goose Down
DROP TABLE logins;
DROP TABLE custom_roles;
