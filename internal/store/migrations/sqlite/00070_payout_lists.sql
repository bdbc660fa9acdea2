-- +goose Up

-- Lists of payouts and reminders are read page by page, the latest first.
CREATE INDEX payouts_state ON payouts (state, id);
CREATE INDEX payouts_by_hand ON payouts (id) WHERE currency <> 'EUR';
CREATE INDEX payouts_by_hand_state ON payouts (state, id) WHERE currency <> 'EUR';
CREATE INDEX reminders_level ON reminders (level, id);

-- +goose Down
DROP INDEX reminders_level;
DROP INDEX payouts_by_hand_state;
DROP INDEX payouts_by_hand;
DROP INDEX payouts_state;
