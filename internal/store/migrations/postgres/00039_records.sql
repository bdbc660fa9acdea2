-- +goose Up

-- Listings of records go by the end of sessions, also of versions that a later one
-- has replaced: what was paid for them stands, or was taken back.
CREATE INDEX sessions_ended_replaced ON sessions (ended_at, id) WHERE NOT current;
-- Records that no session makes.
CREATE INDEX positions_recorded ON positions (month, note_id, ordinal)
    WHERE component IN ('minimum_guarantee', 'volume_bonus', 'custom', 'monthly_fee', 'fee_per_station', 'fee_per_ac_evse', 'fee_per_dc_evse');

-- +goose Down
DROP INDEX positions_recorded;
DROP INDEX sessions_ended_replaced;
