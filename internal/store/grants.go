package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"creditrun/internal/fault"
)

// onlyAdded are the tables whose rows are never changed nor deleted.
var onlyAdded = []string{
	"audit", "files", "lost_numbers", "lost_reminders", "movements", "allocations", "top_ups", "settlement_reports",
	"settlement_report_top_ups", "settlement_report_files", "line_sums", "payout_files", "bank_files", "bank_undos",
	"remittance_advices", "remittance_files", "journals", "journal_entries", "journal_files", "creditor_accounts",
	"reprices", "reprice_sessions", "reprice_months", "reminders", "reminder_items", "bank_entry_payouts",
	"journal_numbers", "entity_documents", "entity_document_withdrawals", "validations", "validation_reports",
	"thread_messages", "proof_heads", "proof_documents", "signed_data", "run_remarks", "run_nets",
}

// grantedTo is what the role of the running program may do; the verbs are the
// role and the schema. It reads and writes rows, adds to the audit log and to the
// stored files, and no more: it owns nothing, so it can neither disable a
// trigger nor truncate, change or drop a table.
var grantedTo = []string{
	"GRANT USAGE ON SCHEMA %[2]s TO %[1]s",
	"REVOKE ALL ON ALL TABLES IN SCHEMA %[2]s FROM %[1]s",
	"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA %[2]s TO %[1]s",
	"GRANT USAGE ON ALL SEQUENCES IN SCHEMA %[2]s TO %[1]s",
	"REVOKE UPDATE, DELETE ON " + strings.Join(onlyAdded, ", ") + " FROM %[1]s",
	"REVOKE DELETE ON bank_entries FROM %[1]s",
	"REVOKE INSERT, DELETE ON restores FROM %[1]s",
	"REVOKE INSERT, DELETE ON audit_head FROM %[1]s",
	"REVOKE INSERT, UPDATE, DELETE ON " + versionTable + ", river_migration FROM %[1]s",
}

// GrantTo gives a role of the database server what the running program needs,
// and takes from it what it does not. It is for PostgreSQL, and for the owner of
// the tables.
func (s *Store) GrantTo(ctx context.Context, role string) error {
	if s.dialect != postgresDialect {
		return fault.New(fault.Usage, "role_needs_postgres", nil)
	}
	return s.inTx(ctx, func(tx *Tx) error {
		var schema string
		var mighty bool // it could take every right that it is not given
		err := tx.scanRow(`SELECT current_schema(), rolsuper OR pg_has_role(oid, current_user, 'MEMBER')
			FROM pg_roles WHERE rolname = $1`, []any{role}, &schema, &mighty)
		if errors.Is(err, sql.ErrNoRows) {
			return fault.New(fault.NotFound, "role_unknown", fault.Args{"role": role})
		}
		if err != nil {
			return err
		}
		if mighty {
			return fault.New(fault.Usage, "role_is_owner", fault.Args{"role": role})
		}
		for _, grant := range grantedTo {
			statement := fmt.Sprintf(grant, pgx.Identifier{role}.Sanitize(), pgx.Identifier{schema}.Sanitize())
			if _, err := tx.exec(statement); err != nil {
				return fmt.Errorf("rights of role %q: %w", role, err)
			}
		}
		return nil
	})
}
