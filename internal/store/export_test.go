package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"creditrun/creditnotes"
)

// What tests see of a transaction.
type TestTx = Tx

func (s *Store) InTx(ctx context.Context, fn func(tx *Tx) error) error { return s.inTx(ctx, fn) }
func (s *Store) Durably(ctx context.Context, fn func(tx *Tx) error) error {
	return s.durably(ctx, fn)
}
func (s *Store) RescueEvery(d time.Duration)                 { s.rescueEvery = d }
func (s *Store) BusyTries(n int)                             { s.busyTries = n }
func (s *Store) Process() string                             { return s.process }
func (s *Store) WriteDB() *sql.DB                            { return s.writeSQL }
func (s *Store) ReadDetails(atOnce int)                      { s.detailsRead = atOnce }
func (s *Store) SortAtMost(sessions int)                     { s.candidates = sessions }
func (s *Store) ReadAnswers(atOnce int)                      { s.answersRead = atOnce }
func (s *Store) ReadDB() *sql.DB                             { return s.readSQL }
func (tx *Tx) SQL() *sql.Tx                                  { return tx.sql }
func (tx *Tx) Exec(query string, args ...any) (int64, error) { return tx.exec(query, args...) }
func (tx *Tx) TakeIDs(name string, n int) (int64, error)     { return tx.takeIDs(name, n) }
func (tx *Tx) CopyFrom(table string, columns []string, source pgx.CopyFromSource) (int64, error) {
	return tx.copyFrom(table, columns, source)
}

func (tx *Tx) ScanRow(query string, args []any, into ...any) error {
	return tx.scanRow(query, args, into...)
}

// IssuedNotes yields every issued note.
func (s *Store) IssuedNotes(ctx context.Context) iter.Seq2[*creditnotes.Note, error] {
	return (&books{reportReader: reportReader{s.readSQL, s.dialect}, db: s.read}).IssuedNotes(ctx)
}

// GuardsThere lists the guards that the database has.
func (s *Store) GuardsThere(ctx context.Context) (map[string]string, error) {
	return guardsOf(ctx, s.readSQL, s.dialect)
}

// PostEvent is the job of one event.
func (s *Store) PostEvent(ctx context.Context, w Work, id int64) error {
	return s.postEvent(ctx, w, id)
}

// RowColumns lists the columns of the rows of these files by table.
func RowColumns() map[string][]string {
	return map[string][]string{
		"clock_jumps":         columnsOf[jumpRow](),
		"processes":           columnsOf[peerRow](),
		"delivery_recipients": columnsOf[recipientRow](),
		"bounces":             columnsOf[bounceRow](),
		"marked_addresses":    columnsOf[markRow](),
		"entities":            columnsOf[entityRow](),
		"stations":            columnsOf[stationRow](),
		"station_owners":      columnsOf[ownerRow](),
		"connectors":          columnsOf[connectorRow](),
		"connector_tariffs":   columnsOf[connectorTariffRow](),
		"media":               columnsOf[mediumRow](),
		"partners":            columnsOf[partnerRow](),
		"cost_rates":          columnsOf[rateRow](),
		"tariffs":             columnsOf[tariffRow](),
		"contracts":           columnsOf[contractRow](),
		"tax_accounts":        columnsOf[taxAccountRow](),
		"number_ranges":       columnsOf[rangeRow](),
		"settings":            columnsOf[settingRow](),
		"audit":               columnsOf[auditRow](),
		"audit_head":          columnsOf[auditHeadRow](),
		"sessions":            columnsOf[sessionRow](),
		"users":               columnsOf[userRow](),
		"invitations":         columnsOf[invitationRow](),
		"tasks":               columnsOf[taskRow](),
		"user_ties":           columnsOf[tieRow](),
		"notices":             columnsOf[noticeRow](),
		"web_sessions":        columnsOf[webSessionRow](),
		"saved_filters":       columnsOf[savedFilterRow](),
		"custom_roles":        columnsOf[customRoleRow](),
		"logins":              columnsOf[loginRow](),
		"login_attempts":      columnsOf[attemptRow](),
		"api_tokens":          columnsOf[tokenRow](),
		"idempotency_keys":    columnsOf[requestRow](),
		"objections":          columnsOf[objectionRow](),
		"proposals":           columnsOf[proposalRow](),
		"threads":             columnsOf[threadRow](),
		"thread_messages":     columnsOf[messageRow](),
		"announcements":       columnsOf[announcementRow](),
		"session_queries":     columnsOf[questionRow](),
		"pushed_cdrs":         columnsOf[pushedRow](),
		"signed_data":         columnsOf[signedRow](),
		"restores":            columnsOf[restoreRow](),
		"lost_numbers":        columnsOf[lostRow](),
		"lost_reminders":      columnsOf[lostReminderRow](),
		"mail_pause":          columnsOf[pauseRow](),
		"month_failures":      columnsOf[monthFailureRow](),
		"assets":              columnsOf[assetRow](),
		"files":               columnsOf[fileRow](),
		"deliveries":          columnsOf[deliveryRow](),
		"runs":                columnsOf[runRow](),
		"run_owners":          columnsOf[runOwnerRow](),
		"run_left_out":        columnsOf[ownerLeftOutRow](),
		"run_remarks":         columnsOf[remarkRow](),
		"credit_notes":        columnsOf[noteRow](),
		"credit_note_owners":  columnsOf[noteOwnerRow](),
		"positions":           columnsOf[positionRow](),
		"note_taxes":          columnsOf[noteTaxRow](),
		"carry_uses":          columnsOf[carryUseRow](),

		"document_external_ids": columnsOf[externalIDRow](),
		"payout_external_ids":   columnsOf[payoutExternalIDRow](),

		"top_ups":        columnsOf[topUpRow](),
		"custom_records": columnsOf[recordRow](),
		"movements":      columnsOf[movementRow](),
		"movement_head":  columnsOf[movementHeadRow](),
		"allocations":    columnsOf[allocationRow](),
		"accounts":       columnsOf[accountRow](),
		"open_items":     columnsOf[openItemRow](),

		"entity_documents":            columnsOf[entityDocumentRow](),
		"entity_document_withdrawals": columnsOf[withdrawalRow](),

		"reminders":       columnsOf[reminderRow](),
		"reminder_items":  columnsOf[reminderItemRow](),
		"payout_batches":  columnsOf[payoutBatchRow](),
		"payouts":         columnsOf[payoutRow](),
		"payout_items":    columnsOf[payoutItemRow](),
		"payout_left_out": columnsOf[payoutLeftOutRow](),
		"payout_files":    columnsOf[payoutFileRow](),

		"uploads":            columnsOf[uploadRow](),
		"upload_parts":       columnsOf[uploadPartRow](),
		"bank_files":         columnsOf[bankFileRow](),
		"bank_undos":         columnsOf[bankUndoRow](),
		"bank_entries":       columnsOf[bankEntryRow](),
		"bank_entry_payouts": columnsOf[bankEntryPayoutRow](),
		"remittance_advices": columnsOf[remittanceRow](),
		"remittance_files":   columnsOf[remittanceFileRow](),
		"journals":           columnsOf[journalRow](),
		"journal_entries":    columnsOf[journalEntryRow](),
		"journal_files":      columnsOf[journalFileRow](),
		"creditor_accounts":  columnsOf[creditorAccountRow](),
		"journal_numbers":    columnsOf[journalNumberRow](),
		"exchange_rates":     columnsOf[exchangeRateRow](),
		"reprices":           columnsOf[repriceRow](),
		"reprice_sessions":   columnsOf[repriceSessionRow](),
		"reprice_months":     columnsOf[repriceMonthRow](),
		"archives":           columnsOf[archiveRow](),
		"archive_parts":      columnsOf[archivePartRow](),
		"reprice_found":      columnsOf[repriceFoundRow](),

		"webhooks":           columnsOf[webhookRow](),
		"webhook_deliveries": columnsOf[webhookDeliveryRow](),
	}
}

// MigrateTo brings an empty database to a version of the schema.
func (s *Store) MigrateTo(ctx context.Context, version int64) error {
	provider, err := s.goose()
	if err != nil {
		return err
	}
	if _, err := provider.UpTo(ctx, version); err != nil {
		return err
	}
	return s.migrateJobs(ctx)
}

// LoadFrom fills an empty database with the rows of another one, as far as it
// has tables and columns for them.
func (s *Store) LoadFrom(ctx context.Context, other *Store, without ...string) error {
	from, err := backedUp(ctx, other.readSQL, other.dialect)
	if err != nil {
		return err
	}
	return s.inTx(ctx, func(tx *Tx) error {
		tables, err := backedUp(ctx, tx.sql, tx.dialect)
		if err != nil {
			return err
		}
		protect, err := tx.unprotect(tables)
		if err != nil {
			return err
		}
		if slices.Contains(tables, "audit_head") {
			if _, err := tx.exec("DELETE FROM audit_head"); err != nil {
				return err
			}
		}
		for _, table := range tables {
			if slices.Contains(from, table) && !slices.Contains(without, table) {
				if err := tx.loadFrom(other, table); err != nil {
					return fmt.Errorf("table %s: %w", table, err)
				}
			}
		}
		for _, statement := range protect {
			if _, err := tx.exec(statement); err != nil {
				return err
			}
		}
		return nil
	})
}

func (tx *Tx) loadFrom(other *Store, table string) error {
	columnsIn := func(q querier) ([]string, error) {
		rows, err := q.QueryContext(tx.ctx, "SELECT * FROM "+table+" WHERE false")
		if err != nil {
			return nil, err
		}
		defer rows.Close()
		return rows.Columns()
	}
	mine, err := columnsIn(tx.sql)
	if err != nil {
		return err
	}
	others, err := columnsIn(other.readSQL)
	if err != nil {
		return err
	}
	mine = slices.DeleteFunc(mine, func(c string) bool { return !slices.Contains(others, c) })
	rows, err := other.readSQL.QueryContext(tx.ctx, "SELECT "+strings.Join(mine, ", ")+" FROM "+table)
	if err != nil {
		return err
	}
	defer rows.Close()
	about, err := describe(table, rows)
	if err != nil {
		return err
	}
	var all [][]any
	for rows.Next() {
		values, into := make([]any, len(mine)), make([]any, len(mine))
		for i := range values {
			into[i] = &values[i]
		}
		if err := rows.Scan(into...); err != nil {
			return err
		}
		for i := range values {
			values[i] = about.Types[i].value(values[i])
		}
		all = append(all, values)
	}
	_, err = tx.copyFrom(table, mine, pgx.CopyFromRows(all))
	return errors.Join(err, rows.Err())
}

// ShardPlans are the steps in which SQLite reads a shard, by the parts of it.
func (s *Store) ShardPlans(t testing.TB, q creditnotes.SessionQuery) map[string][]string {
	shard, plans := sqliteDialect.shardQuery(q), map[string][]string{}
	for name, query := range map[string]statement{"beside": shard.beside(), "stream": shard.stream()} {
		steps, err := collect(t.Context(), s.readSQL, func(step *string) []any { return []any{new(int), new(int), new(int), step} }, "EXPLAIN QUERY PLAN "+query.text, query.args...)
		if err != nil {
			t.Fatal(err)
		}
		plans[name] = steps
	}
	return plans
}

// PagePlans are the plans by which pages of payouts, batches and reminders are read,
// by what they are asked for.
func (s *Store) PagePlans(t testing.TB) map[string]string {
	t.Helper()
	plans, ctx := map[string]string{}, t.Context()
	add := func(name string, query statement, err error) {
		if err != nil {
			t.Fatal(err)
		}
		plans[name] = s.planOf(t, query)
	}
	for name, f := range map[string]PayoutFilter{"payouts": {}, "payouts of entity": {Entity: "a"}, "payouts in state": {State: "exported"}, "payouts by hand": {ByHand: true},
		"payouts by hand in state": {ByHand: true, State: "exported"}, "payouts told": {Told: true}} {
		query, err := s.payoutPage(ctx, f, creditnotes.Page{After: "7"})
		add(name, query, err)
	}
	query, err := batchPage(creditnotes.Page{Before: "7"})
	add("batches", query, err)
	for name, f := range map[string]ReminderFilter{"reminders": {}, "reminders of entity": {Entity: "a"}, "reminders of level": {Level: 3}} {
		query, err := s.reminderPage(ctx, f, creditnotes.Page{})
		add(name, query, err)
	}
	return plans
}

// planOf is the plan of a query, with the indexes that could be used: PostgreSQL
// reads small tables whole unless it is told not to.
func (s *Store) planOf(t testing.TB, query statement) (plan string) {
	t.Helper()
	err := s.snapshot(t.Context(), func(v view) error {
		explain, fields := "EXPLAIN QUERY PLAN ", func(step *string) []any { return []any{new(int), new(int), new(int), step} }
		if s.dialect == postgresDialect {
			explain, fields = "EXPLAIN ", func(step *string) []any { return []any{step} }
			for _, off := range []string{"enable_seqscan", "enable_sort", "enable_bitmapscan", "enable_hashjoin", "enable_mergejoin"} {
				if err := v.db.Exec("SET LOCAL " + off + " = off").Error; err != nil {
					return err
				}
			}
		}
		steps, err := collect(t.Context(), v, fields, explain+query.text, query.args...)
		plan = strings.Join(steps, "\n")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

// PilePlans are the steps in which SQLite counts what waits, by kind.
func (s *Store) PilePlans(t testing.TB) map[string][]string {
	plans := map[string][]string{}
	for name, p := range piles {
		from := " FROM " + p.from + " WHERE " + p.where
		for _, query := range []string{"SELECT count(*)" + from, "SELECT " + p.at + from + " ORDER BY " + p.id + " LIMIT 1", p.values} {
			if query == "" {
				continue
			}
			steps, err := collect(t.Context(), s.readSQL, func(step *string) []any { return []any{new(int), new(int), new(int), step} }, "EXPLAIN QUERY PLAN "+query, []any{"a", "b"}[:strings.Count(from, "$")]...)
			if err != nil {
				t.Fatal(err)
			}
			plans[name] = append(plans[name], steps...)
		}
	}
	return plans
}
