-- +goose Up

-- Contracts are read, and have the names of the network file. Those of before
-- were stored unread: they are drafts until they are saved again
-- (docs/decisions/0101).
ALTER TABLE contracts ADD COLUMN unread boolean NOT NULL DEFAULT false;
UPDATE contracts SET unread = true, definition = jsonb_strip_nulls(jsonb_build_object(
    'key', key,
    'owner', coalesce(definition::jsonb ->> 'Owner', definition::jsonb ->> 'owner', ''),
    'from', coalesce(definition::jsonb ->> 'From', definition::jsonb ->> 'from', ''),
    'to', nullif(definition::jsonb ->> 'To', ''),
    'auto_renew', CASE WHEN definition::jsonb ->> 'AutoRenew' = 'true' THEN true END,
    'exclude_connection_fee', CASE WHEN definition::jsonb ->> 'ExcludeConnectionFee' = 'true' THEN true END,
    'deduct_electricity_cost', CASE WHEN definition::jsonb ->> 'DeductElectricityCost' = 'true' THEN true END,
    'reimburse_electricity_cost', CASE WHEN definition::jsonb ->> 'ReimburseElectricityCost' = 'true' THEN true END,
    'electricity_cost_per_kwh', nullif(definition::jsonb ->> 'ElectricityCostPerKWh', '0'),
    'fixed_fee_per_session_ac', nullif(definition::jsonb ->> 'FeePerSessionAC', '0'),
    'fixed_fee_per_session_dc', nullif(definition::jsonb ->> 'FeePerSessionDC', '0'),
    'fee_per_kwh_ac', nullif(definition::jsonb ->> 'FeePerKWhAC', '0'),
    'fee_per_kwh_dc', nullif(definition::jsonb ->> 'FeePerKWhDC', '0'),
    'handling_fee_percent', nullif(definition::jsonb ->> 'HandlingFee', '0'),
    'monthly_fee_per_station', nullif(definition::jsonb ->> 'MonthlyFeePerStation', '0'),
    'monthly_fee_per_ac_evse', nullif(definition::jsonb ->> 'MonthlyFeePerACEVSE', '0'),
    'monthly_fee_per_dc_evse', nullif(definition::jsonb ->> 'MonthlyFeePerDCEVSE', '0'),
    'minimum_guarantee', nullif(definition::jsonb ->> 'MinimumGuarantee', '0'),
    'share_percent_ac', CASE WHEN coalesce(definition::jsonb ->> 'ShareAC', '0') <> '0' OR coalesce(definition::jsonb ->> 'ShareDC', '0') <> '0' THEN coalesce(definition::jsonb ->> 'ShareAC', '0') END,
    'share_percent_dc', CASE WHEN coalesce(definition::jsonb ->> 'ShareDC', '0') <> '0' OR coalesce(definition::jsonb ->> 'ShareAC', '0') <> '0' THEN coalesce(definition::jsonb ->> 'ShareDC', '0') END,
    'active', false))::text;

-- How an entity is settled (settlement.md §5, §7, §9, §10).
ALTER TABLE entities ADD COLUMN fee_taxes text NOT NULL DEFAULT '[]';
ALTER TABLE entities ADD COLUMN frequency text NOT NULL DEFAULT 'monthly' CHECK (frequency IN ('monthly', 'quarterly', 'half_yearly', 'yearly'));
ALTER TABLE entities ADD COLUMN set_off boolean NOT NULL DEFAULT true;
ALTER TABLE entities ADD COLUMN report_mail text NOT NULL DEFAULT 'null' CHECK (report_mail IN ('null', 'true', 'false'));
ALTER TABLE entities ADD COLUMN payment_terms text NOT NULL DEFAULT 'null';
ALTER TABLE entities ADD COLUMN payout_hold text NOT NULL DEFAULT '{}';

-- What a station sells.
ALTER TABLE stations ADD COLUMN kind text NOT NULL DEFAULT 'charging' CHECK (kind IN ('charging', 'machine'));

-- +goose Down
ALTER TABLE stations DROP COLUMN kind;
ALTER TABLE entities DROP COLUMN payout_hold;
ALTER TABLE entities DROP COLUMN payment_terms;
ALTER TABLE entities DROP COLUMN report_mail;
ALTER TABLE entities DROP COLUMN set_off;
ALTER TABLE entities DROP COLUMN frequency;
ALTER TABLE entities DROP COLUMN fee_taxes;
ALTER TABLE contracts DROP COLUMN unread;
