-- +goose Up

-- Contracts are read, and have the names of the network file. Those of before
-- were stored unread: they are drafts until they are saved again
-- (docs/decisions/0101).
ALTER TABLE contracts ADD COLUMN unread boolean NOT NULL DEFAULT false;
UPDATE contracts SET unread = true, definition = json_patch('{}', json_object(
    'key', key,
    'owner', coalesce(json_extract(definition, '$.Owner'), json_extract(definition, '$.owner'), ''),
    'from', coalesce(json_extract(definition, '$.From'), json_extract(definition, '$.from'), ''),
    'to', nullif(json_extract(definition, '$.To'), ''),
    'auto_renew', CASE WHEN json_extract(definition, '$.AutoRenew') THEN json('true') END,
    'exclude_connection_fee', CASE WHEN json_extract(definition, '$.ExcludeConnectionFee') THEN json('true') END,
    'deduct_electricity_cost', CASE WHEN json_extract(definition, '$.DeductElectricityCost') THEN json('true') END,
    'reimburse_electricity_cost', CASE WHEN json_extract(definition, '$.ReimburseElectricityCost') THEN json('true') END,
    'electricity_cost_per_kwh', nullif(json_extract(definition, '$.ElectricityCostPerKWh'), '0'),
    'fixed_fee_per_session_ac', nullif(json_extract(definition, '$.FeePerSessionAC'), '0'),
    'fixed_fee_per_session_dc', nullif(json_extract(definition, '$.FeePerSessionDC'), '0'),
    'fee_per_kwh_ac', nullif(json_extract(definition, '$.FeePerKWhAC'), '0'),
    'fee_per_kwh_dc', nullif(json_extract(definition, '$.FeePerKWhDC'), '0'),
    'handling_fee_percent', nullif(json_extract(definition, '$.HandlingFee'), '0'),
    'monthly_fee_per_station', nullif(json_extract(definition, '$.MonthlyFeePerStation'), '0'),
    'monthly_fee_per_ac_evse', nullif(json_extract(definition, '$.MonthlyFeePerACEVSE'), '0'),
    'monthly_fee_per_dc_evse', nullif(json_extract(definition, '$.MonthlyFeePerDCEVSE'), '0'),
    'minimum_guarantee', nullif(json_extract(definition, '$.MinimumGuarantee'), '0'),
    'share_percent_ac', CASE WHEN coalesce(json_extract(definition, '$.ShareAC'), '0') <> '0' OR coalesce(json_extract(definition, '$.ShareDC'), '0') <> '0' THEN coalesce(json_extract(definition, '$.ShareAC'), '0') END,
    'share_percent_dc', CASE WHEN coalesce(json_extract(definition, '$.ShareDC'), '0') <> '0' OR coalesce(json_extract(definition, '$.ShareAC'), '0') <> '0' THEN coalesce(json_extract(definition, '$.ShareDC'), '0') END,
    'active', json('false')));

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
