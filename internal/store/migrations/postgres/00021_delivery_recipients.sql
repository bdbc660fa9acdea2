-- +goose Up

-- What became of a mail at each of its recipients. Mails that are not decided,
-- and those sent before there was this table, have no rows.
CREATE TABLE delivery_recipients (
    delivery_id bigint NOT NULL REFERENCES deliveries (id),
    position    integer NOT NULL,
    address     text NOT NULL,
    state       text NOT NULL CHECK (state IN ('accepted', 'refused')),
    reply       text NOT NULL,
    PRIMARY KEY (delivery_id, position)
);
CREATE INDEX delivery_recipients_refused ON delivery_recipients (delivery_id) WHERE state = 'refused';

-- +goose Down
DROP TABLE delivery_recipients;
