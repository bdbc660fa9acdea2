-- +goose Up

-- What a rule of plausibility does is a part of the setting "plausibility".
UPDATE settings SET key = 'plausibility.' || substr(key, 6) WHERE substr(key, 1, 5) = 'rule_';
UPDATE runs SET settings = replace(settings, '"rule_', '"plausibility.') WHERE settings LIKE '%"rule\_%' ESCAPE '\';

-- +goose Down
UPDATE runs SET settings = replace(settings, '"plausibility.', '"rule_') WHERE settings LIKE '%"plausibility.%';
UPDATE settings SET key = 'rule_' || substr(key, 14) WHERE substr(key, 1, 13) = 'plausibility.';
