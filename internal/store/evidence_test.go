package store_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"creditrun/creditnotes"
	"creditrun/internal/access"
)

// verified proves the books against an entry of the audit log that was kept
// elsewhere, and returns what is wrong.
func (w *world) verified(expected creditnotes.AuditHead) (*creditnotes.Verification, string) {
	w.T.Helper()
	v, err := creditnotes.Verify(context.WithoutCancel(w.T.Context()), w.s, expected)
	if err != nil {
		w.T.Fatal(err)
	}
	var keys []string
	for _, p := range v.Problems {
		if p.Key != "verify_guard" {
			keys = append(keys, p.Key)
		}
	}
	return v, strings.Join(each(keys), " ")
}

func TestAnAuditLogChainedAnewIsFoundByAHeadKeptElsewhere(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.Charged(workedExample()...)
		w.Month("2026-10")
		v, problems := w.verified(creditnotes.AuditHead{})
		if problems != "" || v.Head.ID == 0 || len(v.Head.Hash) != 64 {
			t.Fatalf("%q, head %+v", problems, v.Head)
		}
		kept := v.Head
		w.Set("payment_terms.net_days", "20") // the log grows, the kept entry stays
		if _, problems := w.verified(kept); problems != "" {
			t.Errorf("after more entries: %q", problems)
		}
		w.unlock()
		if _, err := w.sql("UPDATE runs SET created_by = 'olga', approved_by = 'olga'"); err != nil {
			t.Fatal(err)
		}
		w.rechain(func(e *auditEntry) bool {
			e.who = strings.ReplaceAll(e.who, "anna", "olga")
			return true
		})
		if _, problems := w.verified(creditnotes.AuditHead{}); problems != "" {
			t.Errorf("chained anew with the runs changed to fit, without a kept head: %q", problems)
		}
		if _, problems := w.verified(kept); problems != "verify_audit_head" {
			t.Errorf("chained anew: %q", problems)
		}
		if _, problems := w.verified(creditnotes.AuditHead{ID: kept.ID + 100, Hash: kept.Hash}); problems != "verify_audit_head" {
			t.Errorf("an entry beyond the end: %q", problems)
		}
	})
}

func TestFinanceGetsTheHeadOfTheAuditLogWithEachRun(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		root := access.Actor{Name: "root", Server: true}
		for name, role := range map[string]access.Role{"felix": access.Finance, "ada": access.Admin, "vera": access.Viewer} {
			if _, err := w.s.AddUser(t.Context(), root, access.User{Name: name, Email: name + "@operator.example", Roles: []access.Role{role}, Active: true}); err != nil {
				t.Fatal(err)
			}
		}
		w.Charged(workedExample()...)
		w.Month("2026-10")
		v, problems := w.verified(creditnotes.AuditHead{})
		if problems != "" {
			t.Fatal(problems)
		}
		var mailed []string
		rows, err := w.s.ReadDB().QueryContext(t.Context(), "SELECT recipient, args FROM notices WHERE kind = 'audit_head' ORDER BY recipient")
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		for rows.Next() {
			var to, facts string
			if err := rows.Scan(&to, &facts); err != nil {
				t.Fatal(err)
			}
			mailed = append(mailed, to)
			if !strings.Contains(facts, v.Head.String()) || !strings.Contains(facts, "2026-10") {
				t.Errorf("%s hears %s, the head is %s", to, facts, v.Head)
			}
		}
		if got := strings.Join(mailed, " "); got != "ada@operator.example felix@operator.example" {
			t.Errorf("mailed to %s", got)
		}
	})
}

// auditEntry is an entry of the audit log before it is chained.
type auditEntry struct {
	at                                  time.Time
	who, action, subject, before, after string
}

// rechain changes the audit log behind everyone's back and makes every hash
// fit again; change returns whether an entry stays.
func (w *world) rechain(change func(*auditEntry) bool) {
	w.T.Helper()
	rows, err := w.s.ReadDB().QueryContext(w.T.Context(), "SELECT at, who, action, subject, before, after FROM audit ORDER BY id")
	if err != nil {
		w.T.Fatal(err)
	}
	var list []auditEntry
	for rows.Next() {
		var e auditEntry
		if err := rows.Scan(&e.at, &e.who, &e.action, &e.subject, &e.before, &e.after); err != nil {
			w.T.Fatal(err)
		}
		if change(&e) {
			list = append(list, e)
		}
	}
	if err := rows.Close(); err != nil {
		w.T.Fatal(err)
	}
	run := func(statement string, args ...any) {
		if _, err := w.sql(statement, args...); err != nil {
			w.T.Fatal(err)
		}
	}
	run("DELETE FROM audit")
	previous := ""
	for i, e := range list {
		sum := sha256.New()
		for _, field := range []string{
			strconv.Itoa(i + 1), strconv.FormatInt(e.at.UnixMicro(), 10), e.who, e.action, e.subject, e.before, e.after, previous,
		} {
			fmt.Fprintf(sum, "%d:%s", len(field), field)
		}
		hash := hex.EncodeToString(sum.Sum(nil))
		run("INSERT INTO audit (id, at, who, action, subject, before, after, previous_hash, hash) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
			i+1, e.at.UTC(), e.who, e.action, e.subject, e.before, e.after, previous, hash)
		previous = hash
	}
	run("UPDATE audit_head SET id = $1, hash = $2", len(list), previous)
}

func TestAnUpgradeRecordsWhatWasIssuedBefore(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.Charged(workedExample()...)
		w.Month("2026-10")
		w.Cancel("GS-2026-00001")
		w.unlock()
		w.rechain(func(e *auditEntry) bool {
			return e.action != creditnotes.ActionIssued && e.action != creditnotes.ActionRendered
		})
		if _, problems := w.verified(creditnotes.AuditHead{}); problems != "verify_unrecorded verify_file_recorded" {
			t.Fatalf("before the upgrade: %q", problems)
		}
		for range 2 {
			if err := w.s.Migrate(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if v, problems := w.verified(creditnotes.AuditHead{}); problems != "" || v.Notes != 2 {
			t.Errorf("after the upgrade: %q, %+v", problems, v)
		}
		// A later upgrade records nothing anew: what was changed stays found.
		if _, err := w.sql("UPDATE files SET sha256 = 'x'"); err != nil {
			t.Fatal(err)
		}
		if err := w.s.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
		if _, problems := w.verified(creditnotes.AuditHead{}); problems != "verify_file verify_file_recorded" {
			t.Errorf("after a change: %q", problems)
		}
	})
}

func TestAGuardThatIsGoneOrDisabledIsFound(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		breaks := map[string]string{
			"DROP TRIGGER files_immutable_delete": "trigger files_immutable_delete",
			"DROP INDEX lines_live":               "index lines_live",
			"DROP TRIGGER lines_immutable_update; CREATE TRIGGER lines_immutable_update BEFORE UPDATE ON lines BEGIN SELECT 1; END": "trigger lines_immutable_update",
		}
		if !w.s.IsSQLite() {
			breaks = map[string]string{
				"DROP TRIGGER files_immutable ON files":                            "trigger files.files_immutable",
				"ALTER TABLE audit DISABLE TRIGGER audit_immutable":                "trigger audit.audit_immutable",
				"DROP INDEX lines_live":                                            "index lines_live",
				"ALTER TABLE credit_notes DROP CONSTRAINT credit_notes_number_key": "constraint credit_notes.credit_notes_number_key index credit_notes_number_key",
				"CREATE OR REPLACE FUNCTION note_is_frozen(id_of_note bigint) RETURNS boolean LANGUAGE sql STABLE AS 'SELECT false'": "function note_is_frozen",
			}
		}
		var want []string
		for statement, guards := range breaks {
			for part := range strings.SplitSeq(statement, "; C") {
				if strings.HasPrefix(part, "REATE") {
					part = "C" + part
				}
				if _, err := w.sql(part); err != nil {
					t.Fatal(err)
				}
			}
			want = append(want, guards)
		}
		v, err := creditnotes.Verify(t.Context(), w.s, creditnotes.AuditHead{})
		if err != nil {
			t.Fatal(err)
		}
		all := strings.Join(want, " ")
		for _, p := range v.Problems {
			guard := fmt.Sprint(p.Args["guard"])
			if p.Key != "verify_guard" || !strings.Contains(all, guard) {
				t.Errorf("%s %s", p.Key, guard)
			}
			all = strings.Replace(all, guard, "", 1)
		}
		if strings.TrimSpace(all) != "" {
			t.Errorf("not found: %s", all)
		}
	})
}
