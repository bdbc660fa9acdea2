-- +goose Up

-- Who: the operator's company structure.
CREATE TABLE entities (
    id               bigint PRIMARY KEY,
    key              text NOT NULL UNIQUE CHECK (key <> ''),
    parent_key       text REFERENCES entities (key),
    name             text NOT NULL,
    legal_name       text NOT NULL,
    street           text NOT NULL,
    postcode         text NOT NULL,
    city             text NOT NULL,
    country          text NOT NULL,
    vat_id           text NOT NULL,
    tax_number       text NOT NULL,
    register_number  text NOT NULL,
    emails           text NOT NULL,
    reply_to         text NOT NULL,
    phone            text NOT NULL,
    language         text NOT NULL,
    currency         text NOT NULL,
    time_zone        text NOT NULL,
    customer_ref     text NOT NULL,
    bank_holder      text NOT NULL,
    bank_iban        text NOT NULL,
    bank_bic         text NOT NULL,
    taxes            text NOT NULL,
    agreement        text NOT NULL,
    alternate_credit text REFERENCES entities (key),
    session_detail   text NOT NULL CHECK (session_detail IN ('csv', 'pdf', 'none')),
    active           boolean NOT NULL
);
CREATE UNIQUE INDEX entities_one_root ON entities ((parent_key IS NULL)) WHERE parent_key IS NULL;

-- Where: stations, who owned them when, and their connectors. A connector
-- without a station has been heard of in a session only.
CREATE TABLE stations (
    key       text PRIMARY KEY CHECK (key <> ''),
    name      text NOT NULL,
    time_zone text NOT NULL,
    street    text NOT NULL,
    postcode  text NOT NULL,
    city      text NOT NULL,
    country   text NOT NULL
);
CREATE TABLE station_owners (
    station_key text NOT NULL REFERENCES stations (key),
    valid_from  text NOT NULL,
    entity_key  text NOT NULL REFERENCES entities (key),
    PRIMARY KEY (station_key, valid_from)
);
CREATE TABLE connectors (
    id          bigint PRIMARY KEY,
    evse_id     text NOT NULL,
    number      integer NOT NULL,
    station_key text REFERENCES stations (key),
    type        text NOT NULL,
    power_type  text NOT NULL,
    max_power   bigint NOT NULL CHECK (max_power >= 0)
);
-- EVSE ids are the same in upper and lower case.
CREATE UNIQUE INDEX connectors_evse ON connectors (upper(evse_id), number);
CREATE TABLE connector_tariffs (
    connector_id bigint NOT NULL REFERENCES connectors (id),
    valid_from   text NOT NULL,
    valid_to     text NOT NULL,
    charge_point text NOT NULL,
    community    text NOT NULL,
    PRIMARY KEY (connector_id, valid_from, valid_to)
);
CREATE TABLE media (
    uid          text PRIMARY KEY,
    issuer_key   text NOT NULL REFERENCES entities (key),
    sales_tariff text NOT NULL,
    billing_from text NOT NULL
);
CREATE TABLE partners (
    country_code text NOT NULL,
    party_id     text NOT NULL,
    name         text NOT NULL,
    PRIMARY KEY (country_code, party_id)
);

-- What is paid: prices are versions in time, a version in use never changes.
CREATE TABLE cost_rates (
    key        text NOT NULL,
    version    integer NOT NULL,
    valid_from timestamptz,
    currency   text NOT NULL,
    definition text NOT NULL,
    PRIMARY KEY (key, version)
);
CREATE TABLE tariffs (
    kind       text NOT NULL CHECK (kind IN ('community', 'charge_point', 'sales')),
    key        text NOT NULL,
    name       text NOT NULL,
    definition text NOT NULL,
    PRIMARY KEY (kind, key)
);
CREATE TABLE contracts (
    key        text PRIMARY KEY,
    definition text NOT NULL
);
CREATE TABLE tax_accounts (
    key              text PRIMARY KEY,
    name             text NOT NULL,
    category         text NOT NULL CHECK (category IN ('S', 'Z', 'E', 'AE', 'K', 'G', 'O')),
    country          text NOT NULL,
    ledger_account   text NOT NULL,
    exemption_code   text NOT NULL,
    exemption_reason text NOT NULL,
    rates            text NOT NULL
);

-- Numbers: a counter is the next number of a range, per recipient scope and
-- period of its reset.
CREATE TABLE number_ranges (
    key       text PRIMARY KEY,
    name      text NOT NULL,
    pattern   text NOT NULL,
    next      bigint NOT NULL CHECK (next >= 1),
    reset     text NOT NULL CHECK (reset IN ('never', 'yearly', 'monthly')),
    valid_for text NOT NULL,
    scope     text NOT NULL CHECK (scope IN ('issuer', 'recipient')),
    active    boolean NOT NULL
);
CREATE TABLE number_counters (
    range_key text NOT NULL REFERENCES number_ranges (key),
    scope     text NOT NULL,
    period    text NOT NULL,
    first     bigint NOT NULL,
    next      bigint NOT NULL CHECK (next >= first),
    PRIMARY KEY (range_key, scope, period)
);

-- What administrators toggle, and the hash-chained log of every change.
CREATE TABLE settings (
    key        text PRIMARY KEY,
    value      text NOT NULL,
    changed_at timestamptz NOT NULL,
    changed_by text NOT NULL
);
CREATE TABLE audit (
    id            bigint PRIMARY KEY,
    at            timestamptz NOT NULL,
    who           text NOT NULL,
    action        text NOT NULL,
    subject       text NOT NULL,
    before        text NOT NULL,
    after         text NOT NULL,
    previous_hash text NOT NULL,
    hash          text NOT NULL UNIQUE
);
CREATE TABLE audit_head (
    one  integer PRIMARY KEY CHECK (one = 1),
    id   bigint NOT NULL,
    hash text NOT NULL
);
INSERT INTO audit_head (one, id, hash) VALUES (1, 0, '');

-- Files that documents refer to by the hash of their content, such as a logo.
CREATE TABLE assets (
    sha256  text PRIMARY KEY,
    content bytea NOT NULL
);

-- Ids are given out in blocks by the application.
CREATE TABLE id_counters (
    name text PRIMARY KEY,
    next bigint NOT NULL
);

-- +goose StatementBegin
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'immutable: % of % is refused', TG_OP, TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
-- +goose StatementEnd
CREATE TRIGGER audit_immutable BEFORE UPDATE OR DELETE ON audit FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_no_truncate BEFORE TRUNCATE ON audit FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- +goose Down
DROP TABLE assets, id_counters, audit_head, audit, settings, number_counters, number_ranges, tax_accounts, contracts,
    tariffs, cost_rates, partners, media, connector_tariffs, connectors, station_owners, stations, entities;
DROP FUNCTION refuse_change;
