package store_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"creditrun/creditnotes"
	"creditrun/internal/fault"
	"creditrun/internal/store"
)

func TestDatabaseRefusesToChangeWhatIsIssued(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.Charged(append(workedExample(), charge("S-0", "ST-9", "2026-10-03 10:00", "0"))...)
		w.Month("2026-10")
		for _, statement := range []string{
			"INSERT INTO validations (note_id, kind, record, created_at) SELECT id, 'cii', '{}', issued_at FROM credit_notes WHERE number IS NOT NULL",
			"INSERT INTO validation_reports (id, note_id, kind, validator, version, result, name, content, sha256, created_at, created_by) SELECT id, id, 'cii', 'v', '', 'passed', 'r', '', '', issued_at, 'x' FROM credit_notes WHERE number IS NOT NULL",
			"INSERT INTO threads (id, kind, matter_id, entity_key, subject, reason, state, waits_for, opened_at, opened_by, changed_at) SELECT 1, 'conversation', 0, '', 'x', '', 'open', 'operator', issued_at, 'x', issued_at FROM credit_notes WHERE number IS NOT NULL LIMIT 1",
			"INSERT INTO run_remarks (id, run_id, at, who, text) SELECT id, id, created_at, 'x', 'x' FROM runs",
			"INSERT INTO thread_messages (id, thread_id, at, who, side, text) SELECT 1, id, opened_at, 'x', 'operator', 'x' FROM threads",
			"INSERT INTO signed_data (session_id, content) SELECT id, '[{}]' FROM sessions",
		} {
			if _, err := w.sql(statement); err != nil {
				t.Fatal(err)
			}
		}
		before := w.Everything()
		for _, table := range []string{"credit_notes", "credit_note_owners", "positions", "note_taxes", "lines", "files", "audit", "validations", "validation_reports", "thread_messages", "signed_data", "run_remarks"} {
			column := map[string]string{
				"credit_notes": "net", "credit_note_owners": "place", "positions": "net", "note_taxes": "tax", "lines": "net_energy", "files": "name", "audit": "who", "validations": "record", "validation_reports": "result", "thread_messages": "text", "signed_data": "content", "run_remarks": "text",
			}[table]
			for _, statement := range []string{
				fmt.Sprintf("UPDATE %s SET %s = %s", table, column, column), "DELETE FROM " + table,
			} {
				err := w.s.InTx(t.Context(), func(tx *store.TestTx) error {
					_, err := tx.Exec(statement)
					return err
				})
				if !fault.Is(err, fault.Conflict) || fault.Of(err)[0].Key != "immutable" {
					t.Errorf("%s: %v", statement, err)
				}
			}
		}
		for _, statement := range []string{
			"UPDATE lines SET live = false", // only a cancellation may
			"UPDATE credit_notes SET state = 'draft', number = NULL, sequence = NULL WHERE number IS NOT NULL",
			"DELETE FROM credit_notes WHERE state = 'zero'",
			"INSERT INTO positions SELECT note_id, 99, owner_id, station_key, station_name, component, month, late, correction, sessions, energy, sum, net, carried_from FROM positions",
			"INSERT INTO note_taxes SELECT note_id, 99, account, ledger_account, name, category, rate, base, tax, exemption_code, exemption FROM note_taxes",
			`INSERT INTO lines (note_id, run_id, owner_id, session_id, path_id, kind, energy, net_energy, net_time, net_fee, live) SELECT note_id, run_id, owner_id, session_id, path_id, kind, energy, net_energy, net_time, net_fee, live FROM lines`,
		} {
			if n, err := w.sql(statement); err == nil {
				t.Errorf("%s: %d rows", statement, n)
			}
		}
		if diff := gocmp.Diff(before, w.Everything()); diff != "" {
			t.Error(diff)
		}
		w.Proven()
	})
}

// tamperings are changes behind everyone's back, what verify says to them, and
// how to undo what another month end would not.
var tamperings = []struct{ name, statement, want, undo string }{
	{"a changed total", "UPDATE credit_notes SET net = net + 1, gross = gross + 1 WHERE number = 'GS-2026-00001'", "verify_seal verify_total verify_movement", ""},
	{"a changed recipient", "UPDATE credit_notes SET recipient_key = 'b' WHERE number = 'GS-2026-00001'", "verify_seal verify_movement", ""},
	{"a changed position", "UPDATE positions SET net = net + 1 WHERE station_key = 'ST-1'", "verify_seal verify_position verify_tax verify_total", ""},
	{"a changed tax", "UPDATE note_taxes SET tax = tax + 1, rate = 2000 WHERE base = 1684", "verify_seal verify_tax verify_total", ""},
	{"a changed unit price", "UPDATE positions SET prices = replace(prices, '0.28', '0.29') WHERE station_key = 'ST-2'", "verify_seal verify_prices", ""},
	{"a changed line", "UPDATE lines SET net_energy = net_energy + 1 WHERE net_energy = 3150000", "verify_lines verify_sessions", ""},
	{"a changed energy", "UPDATE lines SET energy = energy + 1 WHERE net_energy = 3150000", "verify_prices verify_sessions verify_control verify_lifetime", ""},
	{"a line that is gone", "DELETE FROM lines WHERE net_energy = 3150000", "verify_lines verify_prices verify_sessions verify_control verify_forgotten", ""},
	{"a changed session", "UPDATE sessions SET energy = energy + 1 WHERE external_id = 'S-1'", "verify_sessions verify_lifetime",
		"UPDATE sessions SET energy = energy - 1 WHERE external_id = 'S-1'"},
	{"the time of a paid session", "UPDATE sessions SET started_at = ended_at, ended_at = started_at WHERE external_id = 'S-1'", "verify_sessions",
		"UPDATE sessions SET started_at = ended_at, ended_at = started_at WHERE external_id = 'S-1'"},
	{"a paid session that is gone", "DELETE FROM sessions WHERE external_id = 'S-2'", "verify_lines verify_prices verify_sessions verify_lifetime", ""},
	{"a missing number", "UPDATE credit_notes SET state = 'draft', number = NULL, sequence = NULL WHERE number = 'GS-2026-00001'",
		"verify_numbers verify_note_gone verify_file_recorded verify_movement", ""},
	{"a number out of place", "UPDATE credit_notes SET number = 'GS-2026-00007', sequence = 7 WHERE number = 'GS-2026-00001'",
		"verify_numbers verify_seal verify_unrecorded verify_note_gone verify_file_recorded verify_movement", ""},
	{"a counter set back", "UPDATE number_counters SET next = next - 1", "verify_numbers", ""},
	{"a counter that is gone", "DELETE FROM number_counters", "verify_numbers", ""},
	{"the last note, taken out with its counter", `DELETE FROM files WHERE note_id = (SELECT id FROM credit_notes WHERE sequence = 2);
		DELETE FROM line_sums WHERE note_id = (SELECT id FROM credit_notes WHERE sequence = 2);
		DELETE FROM positions WHERE note_id = (SELECT id FROM credit_notes WHERE sequence = 2);
		DELETE FROM note_taxes WHERE note_id = (SELECT id FROM credit_notes WHERE sequence = 2);
		DELETE FROM credit_note_owners WHERE note_id = (SELECT id FROM credit_notes WHERE sequence = 2);
		DELETE FROM lines WHERE note_id = (SELECT id FROM credit_notes WHERE sequence = 2);
		DELETE FROM delivery_recipients WHERE delivery_id IN (SELECT d.id FROM deliveries d JOIN credit_notes n ON n.id = d.note_id WHERE n.sequence = 2);
		DELETE FROM deliveries WHERE note_id = (SELECT id FROM credit_notes WHERE sequence = 2);
		UPDATE run_owners SET credited_sessions = 0, credited_energy = 0, received_sessions = received_sessions - credited_sessions,
			received_energy = received_energy - credited_energy WHERE owner_id = (SELECT id FROM entities WHERE key = 'b');
		DELETE FROM open_items WHERE movement_id IN (SELECT id FROM movements WHERE note_id = (SELECT id FROM credit_notes WHERE sequence = 2));
		DELETE FROM movements WHERE note_id = (SELECT id FROM credit_notes WHERE sequence = 2);
		DELETE FROM credit_notes WHERE sequence = 2;
		UPDATE number_counters SET next = next - 1`, "verify_note_gone verify_file_recorded verify_run_notes verify_forgotten verify_movements verify_balance", ""},
	{"a changed file", "UPDATE files SET content = (SELECT content FROM files f WHERE f.note_id <> files.note_id)", "verify_file", ""},
	{"a file replaced with its hash", `UPDATE files SET content = 'a', sha256 = 'ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb'
		WHERE note_id = (SELECT id FROM credit_notes WHERE number = 'GS-2026-00001')`, "verify_file_recorded", ""},
	{"a file of another kind", "UPDATE files SET kind = 'pdf'", "verify_file_recorded", ""},
	{"a file that is gone", "DELETE FROM files", "verify_file_recorded", ""},
	{"another drafter", "UPDATE runs SET created_by = 'olga'", "verify_run_people", ""},
	{"another approver", "UPDATE runs SET approved_by = 'olga'", "verify_run_people", ""},
	{"another stage", "UPDATE runs SET stage = 'issued'", "verify_run_stage", ""},
	{"a changed price path", "UPDATE price_paths SET content = replace(content, '0.35', '0.34')", "verify_prices verify_paths", ""},
	{"a changed sheet", "UPDATE run_owners SET received_sessions = received_sessions + 1, credited_sessions = credited_sessions + 1 WHERE credited_sessions > 0", "verify_control", ""},
	{"a doubled payment", `INSERT INTO lines (note_id, run_id, owner_id, session_id, path_id, kind, energy, net_energy, net_time, net_fee, live)
		SELECT l.note_id, l.run_id, l.owner_id, v.id, l.path_id, 'credit', v.energy, 0, 0, 0, true
		FROM sessions v JOIN sessions s ON s.external_id = v.external_id AND s.id <> v.id JOIN lines l ON l.session_id = s.id
		WHERE v.external_id = 'S-3' AND NOT v.current`, "verify_prices verify_sessions verify_control verify_paid_twice", ""},
	{"a changed audit entry", "UPDATE audit SET after = after || '!' WHERE id = (SELECT max(id) FROM audit)", "verify_audit verify_run_stage", ""},
	{"an audit entry that is gone", "DELETE FROM audit WHERE id = (SELECT max(id) FROM audit)", "verify_audit verify_run_stage", ""},
	{"an audit log cut short", `DELETE FROM audit WHERE id > 1;
		UPDATE audit_head SET id = 1, hash = (SELECT hash FROM audit WHERE id = 1)`,
		"verify_unrecorded verify_file_recorded verify_run_people verify_run_stage", ""},
}

// each lists every key once, in the order of the first.
func each(keys []string) (list []string) {
	for _, key := range keys {
		if !slices.Contains(list, key) {
			list = append(list, key)
		}
	}
	return list
}

func TestVerifyFindsWhatWasTamperedWith(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.Charged(charge("S-3", "ST-2", "2026-10-15 08:00", "21")) // and then 22
		w.Charged(append(workedExample(), charge("S-9", "ST-9", "2026-10-03 10:00", "10"))...)
		w.unlock()
		w.Ignored = slices.Concat(w.Ignored, derived)
		for _, one := range tamperings {
			w.wipe()
			w.Month("2026-10")
			w.Proven()
			for statement := range strings.SplitSeq(one.statement, ";") {
				if n, err := w.sql(statement); err != nil || n == 0 {
					t.Fatal(one.name, n, err)
				}
			}
			if got := strings.Join(each(w.Problems()), " "); got != one.want {
				t.Errorf("%s: %q, want %q", one.name, got, one.want)
			}
			if one.undo != "" {
				if _, err := w.sql(one.undo); err != nil {
					t.Fatal(err)
				}
			}
		}
	})
}

func TestPreviewShowsWhatTheRunWillDo(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.Set("create_zero_notes", "true")
		w.Charged(workedExample()...)
		w.Month("2026-10")
		w.Now = w.Now.AddDate(0, 1, 0)
		w.Charged(charge("S-1", "ST-1", "2026-10-03 10:00", "1"), charge("S-7", "ST-1", "2026-11-03 10:00", "5"), charge("S-8", "ST-9", "2026-11-03 10:00", "5", invalid))
		before := w.allRows()
		preview, err := w.Runner.Preview(t.Context(), byAnna("2026-11"))
		if err != nil {
			t.Fatal(err)
		}
		if diff := gocmp.Diff(before, w.allRows()); diff != "" {
			t.Errorf("the preview left a trace:\n%s", diff)
		}
		plain := func(r *creditnotes.Report) creditnotes.ReportJSON {
			out := r.JSON(func(f *fault.Fault) string { return f.Key })
			out.Stage = ""
			for i := range out.Notes {
				out.Notes[i].Number, out.Notes[i].Hash, out.Notes[i].State = nil, "", ""
			}
			return out
		}
		for _, n := range preview.Notes {
			if n.JSON().Number != nil {
				t.Errorf("number %s", n.Number)
			}
		}
		want := w.Month("2026-11")
		if diff := gocmp.Diff(plain(want), plain(preview)); diff != "" {
			t.Errorf("- run + preview\n%s", diff)
		}
		if len(want.Notes) != 1 || len(want.Silent) != 1 || len(want.Held) != 2 {
			t.Error(story(want))
		}
	})
}

// allRows counts the rows of every table.
func (w *world) allRows() map[string]int {
	w.T.Helper()
	query := "SELECT name FROM sqlite_master WHERE type = 'table'"
	if !w.s.IsSQLite() {
		query = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
	}
	rows, err := w.s.ReadDB().QueryContext(context.WithoutCancel(w.T.Context()), query)
	if err != nil {
		w.T.Fatal(err)
	}
	defer rows.Close()
	counts := map[string]int{}
	for rows.Next() {
		var table string
		if err := rows.Scan(&table); err != nil {
			w.T.Fatal(err)
		}
		counts[table] = w.rows(table)
	}
	if err := rows.Err(); err != nil || len(counts) < 20 {
		w.T.Fatal(len(counts), err)
	}
	return counts
}
