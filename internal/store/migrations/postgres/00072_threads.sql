-- +goose Up

-- What a question or an objection is about.
ALTER TABLE session_queries ADD COLUMN reason text NOT NULL DEFAULT 'other' CHECK (reason IN ('price', 'energy', 'time', 'owner', 'missing', 'held', 'other'));
ALTER TABLE objections ADD COLUMN reason text NOT NULL DEFAULT 'other' CHECK (reason IN ('amount', 'price', 'sessions', 'tax', 'period', 'recipient', 'other'));

-- One thread for each question, each objection and each conversation of the
-- operator with a Sub-CPO. entity_key is the Sub-CPO; empty: the operator asks
-- itself. waits_for says whose turn it is while the thread is open.
CREATE TABLE threads (
    id         bigint PRIMARY KEY,
    kind       text NOT NULL CHECK (kind IN ('question', 'objection', 'conversation')),
    matter_id  bigint NOT NULL,
    entity_key text NOT NULL,
    subject    text NOT NULL CHECK (subject <> ''),
    reason     text NOT NULL,
    state      text NOT NULL CHECK (state IN ('open', 'settled')),
    waits_for  text NOT NULL CHECK (waits_for IN ('', 'operator', 'sub_cpo')),
    opened_at  timestamptz NOT NULL,
    opened_by  text NOT NULL,
    changed_at timestamptz NOT NULL,
    CONSTRAINT threads_wait_while_open CHECK ((state = 'settled') = (waits_for = '')),
    CONSTRAINT threads_of_matter CHECK ((kind = 'conversation') = (matter_id = 0))
);
CREATE UNIQUE INDEX threads_matter ON threads (kind, matter_id) WHERE matter_id > 0;
CREATE INDEX threads_entity ON threads (entity_key, id);
CREATE INDEX threads_state ON threads (state, id);
CREATE INDEX threads_waiting ON threads (waits_for, kind, entity_key) WHERE state = 'open';

-- What was written, in its order; nothing is changed or taken back.
CREATE TABLE thread_messages (
    id        bigint PRIMARY KEY,
    thread_id bigint NOT NULL REFERENCES threads (id),
    at        timestamptz NOT NULL,
    who       text NOT NULL,
    side      text NOT NULL CHECK (side IN ('operator', 'sub_cpo')),
    text      text NOT NULL CHECK (text <> '')
);
CREATE INDEX thread_messages_thread ON thread_messages (thread_id, id);

-- What there was already.
INSERT INTO threads (id, kind, matter_id, entity_key, subject, reason, state, waits_for, opened_at, opened_by, changed_at)
SELECT q.id, 'question', q.id,
    coalesce((SELECT u.entity_key FROM users u WHERE u.name = q.asked_by AND u.entity_key IN (SELECT key FROM entities WHERE parent_key IS NOT NULL)), ''),
    q.session_source || '/' || q.session_external_id, q.reason,
    CASE WHEN q.answered_at IS NULL THEN 'open' ELSE 'settled' END, CASE WHEN q.answered_at IS NULL THEN 'operator' ELSE '' END,
    q.asked_at, q.asked_by, coalesce(q.answered_at, q.asked_at)
FROM session_queries q;
INSERT INTO threads (id, kind, matter_id, entity_key, subject, reason, state, waits_for, opened_at, opened_by, changed_at)
SELECT o.id + (SELECT coalesce(max(id), 0) FROM session_queries), 'objection', o.id, n.recipient_key, n.number, o.reason,
    CASE WHEN o.state = 'open' THEN 'open' ELSE 'settled' END, CASE WHEN o.state = 'open' THEN 'operator' ELSE '' END,
    o.raised_at, o.raised_by, coalesce(o.settled_at, o.raised_at)
FROM objections o JOIN credit_notes n ON n.id = o.note_id;
INSERT INTO thread_messages (id, thread_id, at, who, side, text)
SELECT 2 * t.id - 1, t.id, t.opened_at, t.opened_by,
    CASE WHEN EXISTS (SELECT 1 FROM users u WHERE u.name = t.opened_by AND u.entity_key IN (SELECT key FROM entities WHERE parent_key IS NOT NULL)) THEN 'sub_cpo' ELSE 'operator' END,
    coalesce(CASE t.kind WHEN 'question' THEN (SELECT q.text FROM session_queries q WHERE q.id = t.matter_id) ELSE (SELECT o.text FROM objections o WHERE o.id = t.matter_id) END, '–')
FROM threads t;
INSERT INTO thread_messages (id, thread_id, at, who, side, text)
SELECT 2 * t.id, t.id, q.answered_at, q.answered_by, 'operator', q.answer
FROM threads t JOIN session_queries q ON t.kind = 'question' AND q.id = t.matter_id WHERE q.answered_at IS NOT NULL;
INSERT INTO thread_messages (id, thread_id, at, who, side, text)
SELECT 2 * t.id, t.id, o.settled_at, o.settled_by, 'operator', o.answer
FROM threads t JOIN objections o ON t.kind = 'objection' AND o.id = t.matter_id WHERE o.settled_at IS NOT NULL AND o.answer <> '';
INSERT INTO id_counters (name, next) SELECT 'threads', max(id) + 1 FROM threads HAVING count(*) > 0;
INSERT INTO id_counters (name, next) SELECT 'thread_messages', max(id) + 1 FROM thread_messages HAVING count(*) > 0;
CREATE TRIGGER thread_messages_immutable BEFORE UPDATE OR DELETE ON thread_messages FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER thread_messages_no_truncate BEFORE TRUNCATE ON thread_messages FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- How often a user is mailed what waits, and when that was looked at last.
ALTER TABLE users ADD COLUMN digest text NOT NULL DEFAULT 'daily' CHECK (digest IN ('off', 'daily', 'at_once'));
ALTER TABLE users ADD COLUMN digested_at timestamptz;

-- +goose Down
ALTER TABLE users DROP COLUMN digested_at;
ALTER TABLE users DROP COLUMN digest;
DROP TABLE thread_messages;
DROP TABLE threads;
DELETE FROM id_counters WHERE name IN ('threads', 'thread_messages');
ALTER TABLE objections DROP COLUMN reason;
ALTER TABLE session_queries DROP COLUMN reason;
