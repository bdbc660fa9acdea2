-- +goose Up

-- A fee invoice is a second kind of document: the operator charges a Sub-CPO.
ALTER TABLE credit_notes DROP CONSTRAINT credit_notes_kind_check,
    ADD CONSTRAINT credit_notes_kind_check CHECK (kind IN ('credit_note', 'invoice', 'cancellation'));
ALTER TABLE positions DROP CONSTRAINT positions_component_check,
    ADD CONSTRAINT positions_component_check CHECK (component IN ('energy', 'time', 'fee', 'share', 'electricity_cost', 'electricity_tax', 'session_fees', 'minimum_guarantee', 'volume_bonus',
        'monthly_fee', 'fee_per_station', 'fee_per_ac_evse', 'fee_per_dc_evse', 'own_charging', 'custom', 'carried_forward'));

-- +goose Down
ALTER TABLE positions DROP CONSTRAINT positions_component_check,
    ADD CONSTRAINT positions_component_check CHECK (component IN ('energy', 'time', 'fee', 'carried_forward'));
ALTER TABLE credit_notes DROP CONSTRAINT credit_notes_kind_check,
    ADD CONSTRAINT credit_notes_kind_check CHECK (kind IN ('credit_note', 'cancellation'));
