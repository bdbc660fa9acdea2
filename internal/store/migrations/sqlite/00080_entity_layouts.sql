-- +goose Up

-- The layout of an entity's documents is chosen by the entity. Until now a layout
-- listed its recipients; the first layout by key that did is chosen. A layout of
-- which nothing else is known keeps its key as its name.
ALTER TABLE entities ADD COLUMN layout text NOT NULL DEFAULT '';
UPDATE entities SET layout = coalesce((
    SELECT min(substr(key, 9, length(key) - 19)) FROM settings
    WHERE key LIKE 'layouts.%.recipients' AND instr(',' || replace(value, ' ', '') || ',', ',' || entities.key || ',') > 0), '');
INSERT INTO settings (key, value, changed_at, changed_by)
    SELECT substr(key, 1, length(key) - 10) || 'name', substr(key, 9, length(key) - 19), changed_at, changed_by
    FROM settings WHERE key LIKE 'layouts.%.recipients' AND value <> ''
    ON CONFLICT (key) DO UPDATE SET value = CASE WHEN settings.value = '' THEN excluded.value ELSE settings.value END;
DELETE FROM settings WHERE key LIKE 'layouts.%.recipients';
UPDATE runs SET settings = (SELECT json_group_object(j.key, j.value) FROM json_each(runs.settings) j WHERE j.key NOT LIKE 'layouts.%.recipients')
    WHERE settings LIKE '%.recipients"%';

-- +goose Down
ALTER TABLE entities DROP COLUMN layout;
