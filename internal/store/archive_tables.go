package store

import "slices"

// archived is one table of the archive: its query yields, in the order of the
// columns, texts, amounts in the minor unit, and kWh in millionths. What it and its
// columns mean is in the messages archive_table_NAME and archive_column_SAYS.
type archived struct {
	name    string
	refers  map[string]string // column: the table of which it is the key
	columns []archivedColumn  // those of the key first
	by      archivedBy
	query   string
}

// archivedBy is what a query goes by.
type archivedBy int

const (
	byDays    archivedBy = iota // $1 and $2 are the first and the last day
	byMoments                   // $1 is the first moment, $2 the first of the next year
	byBoth                      // $1 and $2 are days, $3 and $4 moments
)

// archivedColumn is a column with how its values are stored.
type archivedColumn struct {
	name   string
	stored storedAs
	key    bool
	says   string // the message; empty: that of the name
}

type storedAs int

const (
	asText   storedAs = iota
	asDay             // empty: there is none
	asMoment          // may be NULL
	asWhole
	asAmount // in the currency of the column named currency, which comes before
	asMicros
)

// archiveTables are the tables.
var archiveTables = slices.Concat(archivedDocuments, archivedMoney, archivedBooks)

// archivedDocuments are the tables of documents and accounts.
var archivedDocuments = []archived{
	{name: "documents", columns: []archivedColumn{
		{name: "number", stored: asText, key: true}, {name: "kind", stored: asText, says: "document_kind"}, {name: "date", stored: asDay},
		{name: "recipient", stored: asText}, {name: "currency", stored: asText}, {name: "net", stored: asAmount}, {name: "tax", stored: asAmount},
		{name: "gross", stored: asAmount}, {name: "period_from", stored: asDay}, {name: "period_to", stored: asDay},
		{name: "cancels", stored: asText}, {name: "sha256", stored: asText, says: "seal"},
	}, query: `SELECT n.number, n.kind, n.date, n.recipient_key, n.currency, n.net, n.tax, n.gross, n.period_from, n.period_to, coalesce(x.number, ''), n.hash
		FROM credit_notes n LEFT JOIN credit_notes x ON x.id = n.cancels
		WHERE n.number IS NOT NULL AND n.date >= $1 AND n.date <= $2 ORDER BY n.number`},
	{name: "positions", refers: map[string]string{"number": "documents"}, columns: []archivedColumn{
		{name: "number", stored: asText, key: true}, {name: "position", stored: asWhole, key: true}, {name: "owner", stored: asText},
		{name: "station", stored: asText}, {name: "component", stored: asText}, {name: "month", stored: asText}, {name: "sessions", stored: asWhole},
		{name: "energy_kwh", stored: asMicros}, {name: "currency", stored: asText}, {name: "net", stored: asAmount},
		{name: "tax_account", stored: asText}, {name: "credited_again", stored: asText}, {name: "prices", stored: asText},
	}, query: `SELECT n.number, p.ordinal, e.key, p.station_key, p.component, p.month, p.sessions, p.energy, n.currency, p.net, p.tax_account, p.credited_again, p.prices
		FROM positions p JOIN credit_notes n ON n.id = p.note_id JOIN entities e ON e.id = p.owner_id
		WHERE n.number IS NOT NULL AND n.date >= $1 AND n.date <= $2 ORDER BY n.number, p.ordinal`},
	{name: "taxes", refers: map[string]string{"number": "documents"}, columns: []archivedColumn{
		{name: "number", stored: asText, key: true}, {name: "ordinal", stored: asWhole, key: true, says: "position"},
		{name: "account", stored: asText, says: "tax_account"}, {name: "ledger_account", stored: asText}, {name: "category", stored: asText},
		{name: "currency", stored: asText}, {name: "base", stored: asAmount}, {name: "tax", stored: asAmount},
	}, query: `SELECT n.number, t.ordinal, t.account, t.ledger_account, t.category, n.currency, t.base, t.tax
		FROM note_taxes t JOIN credit_notes n ON n.id = t.note_id
		WHERE n.number IS NOT NULL AND n.date >= $1 AND n.date <= $2 ORDER BY n.number, t.ordinal`},
	{name: "movements", columns: []archivedColumn{
		{name: "id", stored: asWhole, key: true}, {name: "entity", stored: asText}, {name: "kind", stored: asText, says: "movement_kind"},
		{name: "booked_at", stored: asMoment}, {name: "value_date", stored: asDay}, {name: "reference", stored: asText},
		{name: "reason", stored: asText}, {name: "who", stored: asText}, {name: "currency", stored: asText},
		{name: "amount", stored: asAmount, says: "owed"}, {name: "sha256", stored: asText, says: "chain"},
	}, query: `SELECT id, entity_key, kind, booked_at, value_date, reference, reason, who, currency, amount, hash
		FROM movements WHERE value_date >= $1 AND value_date <= $2 ORDER BY id`},
	{name: "allocations", refers: map[string]string{"movement": "movements"}, columns: []archivedColumn{
		{name: "movement", stored: asWhole, key: true}, {name: "item", stored: asWhole, key: true}, {name: "currency", stored: asText},
		{name: "amount", stored: asAmount},
	}, query: `SELECT a.movement_id, a.item_id, m.currency, a.amount
		FROM allocations a JOIN movements m ON m.id = a.movement_id
		WHERE m.value_date >= $1 AND value_date <= $2 ORDER BY a.movement_id, a.item_id`},
}

// archivedMoney are the tables of payouts and what banks said of them.
var archivedMoney = []archived{
	{name: "payout_batches", columns: []archivedColumn{
		{name: "batch", stored: asWhole, key: true}, {name: "requested", stored: asDay}, {name: "state", stored: asText, says: "batch_state"},
		{name: "prepared_at", stored: asMoment}, {name: "prepared_by", stored: asText}, {name: "approved_at", stored: asMoment},
		{name: "approved_by", stored: asText}, {name: "exported_at", stored: asMoment}, {name: "exported_by", stored: asText},
	}, query: `SELECT b.id, b.requested_date, b.state, b.prepared_at, b.prepared_by, b.approved_at, b.approved_by, b.exported_at, b.exported_by
		FROM payout_batches b WHERE b.requested_date >= $1 AND b.requested_date <= $2 ORDER BY b.id`},
	{name: "payouts", refers: map[string]string{"batch": "payout_batches"}, columns: []archivedColumn{
		{name: "payout", stored: asText, key: true}, {name: "batch", stored: asWhole}, {name: "entity", stored: asText, says: "recipient"},
		{name: "currency", stored: asText}, {name: "amount", stored: asAmount}, {name: "state", stored: asText, says: "payout_state"},
		{name: "executed_on", stored: asDay}, {name: "movement", stored: asText}, {name: "payee", stored: asText},
		{name: "changed_at", stored: asMoment}, {name: "changed_by", stored: asText}, {name: "reason", stored: asText},
	}, query: `SELECT p.number, p.batch_id, p.entity_key, p.currency, p.amount, p.state, p.executed_on, coalesce(CAST(p.movement_id AS text), ''), p.payee, p.changed_at, p.changed_by, p.reason
		FROM payouts p JOIN payout_batches b ON b.id = p.batch_id WHERE b.requested_date >= $1 AND b.requested_date <= $2 ORDER BY p.number`},
	{name: "payout_items", refers: map[string]string{"payout": "payouts"}, columns: []archivedColumn{
		{name: "payout", stored: asText, key: true}, {name: "movement", stored: asWhole, key: true}, {name: "currency", stored: asText},
		{name: "amount", stored: asAmount}, {name: "standing", stored: asText},
	}, query: `SELECT p.number, i.movement_id, p.currency, i.amount, CASE WHEN i.standing THEN 'true' ELSE 'false' END
		FROM payout_items i JOIN payouts p ON p.id = i.payout_id JOIN payout_batches b ON b.id = p.batch_id WHERE b.requested_date >= $1 AND b.requested_date <= $2 ORDER BY p.number, i.movement_id`},
	{name: "payout_left_out", refers: map[string]string{"batch": "payout_batches"}, columns: []archivedColumn{
		{name: "batch", stored: asWhole, key: true}, {name: "place", stored: asWhole, key: true, says: "position"},
		{name: "entity", stored: asText, says: "recipient"}, {name: "currency", stored: asText}, {name: "amount", stored: asAmount},
		{name: "reason", stored: asText, says: "left_out_reason"}, {name: "detail", stored: asText},
	}, query: `SELECT l.batch_id, l.place, l.entity_key, l.currency, l.amount, l.reason, l.detail
		FROM payout_left_out l JOIN payout_batches b ON b.id = l.batch_id WHERE b.requested_date >= $1 AND b.requested_date <= $2 ORDER BY l.batch_id, l.place`},
	{name: "remittance_advices", refers: map[string]string{"payout": "payouts"}, columns: []archivedColumn{
		{name: "payout", stored: asText, key: true}, {name: "frozen_at", stored: asMoment}, {name: "sha256", stored: asText, says: "content_hash"},
	}, query: `SELECT p.number, a.frozen_at, a.hash
		FROM remittance_advices a JOIN payouts p ON p.id = a.payout_id JOIN payout_batches b ON b.id = p.batch_id WHERE b.requested_date >= $1 AND b.requested_date <= $2 ORDER BY p.number`},
	{name: "bank_files", by: byBoth, columns: []archivedColumn{
		{name: "id", stored: asWhole, key: true}, {name: "name", stored: asText, says: "file_name"},
		{name: "kind", stored: asText, says: "bank_file_kind"}, {name: "message_id", stored: asText}, {name: "read_at", stored: asMoment},
		{name: "read_by", stored: asText}, {name: "sha256", stored: asText, says: "file_hash"},
	}, query: `SELECT f.id, f.name, f.kind, f.message_id, f.read_at, f.read_by, f.sha256 FROM bank_files f
		WHERE f.read_at >= $3 AND f.read_at < $4 OR f.id IN (SELECT e.file_id FROM bank_entries e WHERE e.day >= $1 AND e.day <= $2) ORDER BY f.id`},
	{name: "bank_entries", refers: map[string]string{"file": "bank_files"}, columns: []archivedColumn{
		{name: "id", stored: asWhole, key: true}, {name: "file", stored: asWhole, says: "bank_file"}, {name: "line", stored: asWhole},
		{name: "kind", stored: asText, says: "bank_entry_kind"}, {name: "state", stored: asText, says: "bank_entry_state"},
		{name: "outcome", stored: asText}, {name: "why", stored: asText}, {name: "account", stored: asText, says: "bank_account"},
		{name: "day", stored: asDay, says: "booking_day"}, {name: "currency", stored: asText}, {name: "amount", stored: asAmount, says: "received"},
		{name: "end_to_end_id", stored: asText}, {name: "reference", stored: asText, says: "bank_reference"},
		{name: "name", stored: asText, says: "other_name"}, {name: "iban", stored: asText, says: "other_account"},
		{name: "text", stored: asText, says: "remittance_text"}, {name: "reason", stored: asText, says: "bank_reason"},
		{name: "reversal", stored: asText}, {name: "batch", stored: asText}, {name: "movement", stored: asText},
		{name: "decided_at", stored: asMoment}, {name: "decided_by", stored: asText}, {name: "decided_reason", stored: asText},
	}, query: `SELECT e.id, e.file_id, e.line, e.kind, e.state, e.outcome, e.why, e.account, e.day, e.currency, e.amount, e.end_to_end_id, e.reference, e.name, e.iban, e.text, e.reason,
			CASE WHEN e.reversal THEN 'true' ELSE 'false' END, coalesce(CAST(e.batch_id AS text), ''), coalesce(CAST(e.movement_id AS text), ''), e.decided_at, e.decided_by, e.decided_reason
		FROM bank_entries e WHERE e.day >= $1 AND e.day <= $2 ORDER BY e.id`},
	{name: "bank_entry_payouts", refers: map[string]string{"entry": "bank_entries"}, columns: []archivedColumn{
		{name: "entry", stored: asWhole, key: true}, {name: "payout", stored: asText, key: true}, {name: "part", stored: asText, key: true},
		{name: "currency", stored: asText}, {name: "amount", stored: asAmount},
	}, query: `SELECT l.entry_id, p.number, l.part, p.currency, p.amount
		FROM bank_entry_payouts l JOIN bank_entries e ON e.id = l.entry_id JOIN payouts p ON p.id = l.payout_id WHERE e.day >= $1 AND e.day <= $2 ORDER BY l.entry_id, p.number, l.part`},
}

// archivedBooks are the tables of reminders, the ledger, corrections of prices, and who did what.
var archivedBooks = []archived{
	{name: "reminders", columns: []archivedColumn{
		{name: "reminder", stored: asText, key: true}, {name: "recipient", stored: asText}, {name: "level", stored: asWhole},
		{name: "day", stored: asDay, says: "reminder_day"}, {name: "currency", stored: asText}, {name: "amount", stored: asAmount, says: "reminded"},
		{name: "created_at", stored: asMoment}, {name: "created_by", stored: asText}, {name: "sha256", stored: asText, says: "file_hash"},
	}, query: `SELECT r.number, r.entity_key, r.level, r.day, r.currency, r.amount, r.created_at, r.created_by, r.sha256 FROM reminders r WHERE r.day >= $1 AND r.day <= $2 ORDER BY r.number`},
	{name: "reminder_items", refers: map[string]string{"reminder": "reminders"}, columns: []archivedColumn{
		{name: "reminder", stored: asText, key: true}, {name: "movement", stored: asWhole, key: true}, {name: "level", stored: asWhole},
		{name: "currency", stored: asText}, {name: "open", stored: asAmount},
	}, query: `SELECT r.number, i.movement_id, i.level, r.currency, i.open
		FROM reminder_items i JOIN reminders r ON r.id = i.reminder_id WHERE r.day >= $1 AND r.day <= $2 ORDER BY r.number, i.movement_id`},
	{name: "signed_heads", columns: []archivedColumn{
		{name: "log_size", stored: asWhole, key: true}, {name: "run", stored: asText, says: "signed_run"}, {name: "head", stored: asText, says: "signed_head"},
	}, query: `SELECT h.log_size, r.name, h.head FROM proof_heads h JOIN runs r ON r.id = h.run_id
		WHERE r.document_date >= $1 AND r.document_date <= $2 ORDER BY h.log_size`},
	{name: "journals", columns: []archivedColumn{
		{name: "month", stored: asText, key: true, says: "journal_month"}, {name: "closed_at", stored: asMoment},
		{name: "closed_by", stored: asText}, {name: "entries", stored: asWhole},
	}, query: `SELECT j.month, j.closed_at, j.closed_by, j.entries FROM journals j WHERE j.month || '-01' >= $1 AND j.month || '-31' <= $2 ORDER BY j.month`},
	{name: "journal_entries", refers: map[string]string{"month": "journals"}, columns: []archivedColumn{
		{name: "external_id", stored: asText, key: true}, {name: "month", stored: asText, says: "journal_month"},
		{name: "date", stored: asDay, says: "booking_day"}, {name: "number", stored: asText}, {name: "movement", stored: asText},
	}, query: `SELECT l.external_id, j.month, l.date, coalesce(n.number, ''), coalesce(CAST(l.movement_id AS text), '')
		FROM journal_entries l JOIN journals j ON j.id = l.journal_id LEFT JOIN credit_notes n ON n.id = l.note_id WHERE j.month || '-01' >= $1 AND j.month || '-31' <= $2 ORDER BY l.external_id`},
	{name: "journal_numbers", columns: []archivedColumn{
		{name: "number", stored: asText, key: true, says: "booked_number"}, {name: "field", stored: asText, says: "document_field"},
	}, query: `SELECT x.reference, x.field FROM journal_numbers x WHERE x.reference IN (
		SELECT CASE k.kind WHEN 'id' THEN l.external_id ELSE coalesce(n.number, m.reference) END
		FROM journal_entries l JOIN journals j ON j.id = l.journal_id CROSS JOIN (SELECT 'id' AS kind UNION ALL SELECT 'number') k
			LEFT JOIN credit_notes n ON n.id = l.note_id LEFT JOIN movements m ON m.id = l.movement_id
		WHERE j.month || '-01' >= $1 AND j.month || '-31' <= $2) ORDER BY x.reference`},
	{name: "exchange_rates", columns: []archivedColumn{
		{name: "currency", stored: asText, key: true}, {name: "month", stored: asText, key: true, says: "rate_month"},
		{name: "rate", stored: asMicros, says: "exchange_rate"},
	}, query: `SELECT x.currency, x.month, x.rate FROM exchange_rates x
		WHERE x.month || '-01' >= $1 AND x.month || '-31' <= $2 OR x.month IN (
			SELECT substr(l.date, 1, 7) FROM journal_entries l JOIN journals j ON j.id = l.journal_id
			WHERE j.month || '-01' >= $1 AND j.month || '-31' <= $2) ORDER BY x.month, x.currency`},
	{name: "validation_reports", refers: map[string]string{"number": "documents"}, columns: []archivedColumn{
		{name: "id", stored: asWhole, key: true}, {name: "number", stored: asText}, {name: "file", stored: asText, says: "file_kind"},
		{name: "validator", stored: asText}, {name: "version", stored: asText, says: "validator_version"}, {name: "result", stored: asText, says: "validation_result"},
		{name: "name", stored: asText, says: "file_name"}, {name: "created_at", stored: asMoment}, {name: "created_by", stored: asText}, {name: "sha256", stored: asText, says: "file_hash"},
	}, query: `SELECT r.id, n.number, r.kind, r.validator, r.version, r.result, r.name, r.created_at, r.created_by, r.sha256
		FROM validation_reports r JOIN credit_notes n ON n.id = r.note_id WHERE n.date >= $1 AND n.date <= $2 ORDER BY r.id`},
	{name: "reprices", by: byMoments, columns: []archivedColumn{
		{name: "id", stored: asWhole, key: true}, {name: "rate", stored: asText}, {name: "contract", stored: asText}, {name: "since", stored: asDay},
		{name: "reason", stored: asText}, {name: "sessions", stored: asWhole}, {name: "applied_at", stored: asMoment},
		{name: "asked_by", stored: asText}, {name: "approved_by", stored: asText},
	}, query: `SELECT id, rate, contract, since, reason, sessions, applied_at, asked_by, approved_by
		FROM reprices WHERE applied_at >= $1 AND applied_at < $2 ORDER BY id`},
	{name: "entity_documents", columns: []archivedColumn{
		{name: "id", stored: asWhole, key: true}, {name: "entity", stored: asText}, {name: "kind", stored: asText, says: "entity_document_kind"},
		{name: "name", stored: asText, says: "file_name"}, {name: "reference", stored: asText, says: "entity_document_reference"},
		{name: "valid_from", stored: asDay}, {name: "valid_until", stored: asDay}, {name: "stored_at", stored: asMoment}, {name: "stored_by", stored: asText},
		{name: "sha256", stored: asText, says: "file_hash"}, {name: "withdrawn_at", stored: asMoment}, {name: "withdrawn_by", stored: asText},
		{name: "withdrawn", stored: asText},
	}, query: `SELECT d.id, d.entity_key, d.kind, d.name, d.reference, d.valid_from, d.valid_until, d.stored_at, d.stored_by, d.sha256,
			w.withdrawn_at, coalesce(w.withdrawn_by, ''), coalesce(w.reason, '')
		FROM entity_documents d LEFT JOIN entity_document_withdrawals w ON w.document_id = d.id WHERE ` + documentOfYear + ` ORDER BY d.id`},
	{name: "audit", by: byMoments, columns: []archivedColumn{
		{name: "id", stored: asWhole, key: true}, {name: "at", stored: asMoment}, {name: "who", stored: asText}, {name: "action", stored: asText},
		{name: "subject", stored: asText}, {name: "before", stored: asText}, {name: "after", stored: asText},
		{name: "sha256", stored: asText, says: "chain"},
	}, query: `SELECT id, at, who, action, subject, before, after, hash FROM audit WHERE at >= $1 AND at < $2 ORDER BY id`},
}
