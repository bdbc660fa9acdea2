-- +goose Up

-- How documents reach an entity: its electronic address (scheme and id of EAS),
-- the channels it wants, and what it was found able to receive.
ALTER TABLE entities ADD COLUMN electronic_address text NOT NULL DEFAULT '';
ALTER TABLE entities ADD COLUMN delivery text NOT NULL DEFAULT '[]';
ALTER TABLE entities ADD COLUMN capabilities text NOT NULL DEFAULT '[]';

-- Files that go to an access point, each once. What the network answers is
-- recorded beside it.
CREATE TABLE handovers (
    note_id    bigint NOT NULL REFERENCES credit_notes (id),
    kind       text NOT NULL CHECK (kind IN ('peppol', 'france')),
    state      text NOT NULL CHECK (state IN ('queued', 'written')),
    created_at datetime NOT NULL,
    written_at datetime,
    PRIMARY KEY (note_id, kind),
    CONSTRAINT handovers_written CHECK ((state = 'written') = (written_at IS NOT NULL))
);
CREATE INDEX handovers_queued ON handovers (note_id) WHERE state = 'queued';

-- +goose Down
DROP TABLE handovers;
ALTER TABLE entities DROP COLUMN capabilities;
ALTER TABLE entities DROP COLUMN delivery;
ALTER TABLE entities DROP COLUMN electronic_address;
