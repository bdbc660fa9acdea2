-- +goose Up

-- CDRs as they were pushed, so that the address that answers a push gives them
-- back to who sent them.
CREATE TABLE pushed_cdrs (
    sender    text NOT NULL,
    version   text NOT NULL,
    name      text NOT NULL,
    content   blob NOT NULL,
    pushed_at datetime NOT NULL,
    PRIMARY KEY (sender, version, name)
);

-- +goose Down
DROP TABLE pushed_cdrs;
