-- +goose Up

-- CDRs as they were pushed, so that the address that answers a push gives them
-- back to who sent them.
CREATE TABLE pushed_cdrs (
    sender    text NOT NULL,
    version   text NOT NULL,
    name      text NOT NULL,
    content   bytea NOT NULL,
    pushed_at timestamptz NOT NULL,
    PRIMARY KEY (sender, version, name)
);

-- +goose Down
DROP TABLE pushed_cdrs;
