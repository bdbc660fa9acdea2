-- +goose Up

-- Archives of years, as they were made for an audit (settlement.md §11). One that
-- is being made is not complete. They are made again of the rest, so that they may
-- be deleted.
CREATE TABLE archives (
    id       integer PRIMARY KEY,
    year     integer NOT NULL CHECK (year BETWEEN 2000 AND 9999),
    made_at  datetime NOT NULL,
    made_by  text NOT NULL,
    complete boolean NOT NULL,
    size     integer NOT NULL CHECK (size >= 0),
    sha256   text NOT NULL,
    CHECK (complete = (sha256 <> ''))
);
CREATE INDEX archives_year ON archives (year, id);

-- The ZIP in parts, so that one of any size takes little memory.
CREATE TABLE archive_parts (
    archive_id integer NOT NULL REFERENCES archives (id),
    place      integer NOT NULL,
    content    blob NOT NULL,
    PRIMARY KEY (archive_id, place)
);

-- +goose Down
DROP TABLE archive_parts;
DROP TABLE archives;
