package store_test

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/store"
)

// benchEntries is how many entries the answer of BenchmarkBankAnswer has.
var benchEntries = func() int {
	if n, err := strconv.Atoi(os.Getenv("CREDITRUN_BENCH_ENTRIES")); err == nil {
		return n
	}
	return 20_000
}()

// BenchmarkBankAnswer takes in an answer of a bank: half of its entries execute
// payouts by their ids, a quarter pays what recipients owe, and a quarter fits
// nothing. Then it takes the same answer in once more.
func BenchmarkBankAnswer(b *testing.B) {
	eachDatabase(b, func(b *testing.B, s *store.Store) {
		owed(b, s)
		answer := answerOf(benchEntries)
		for b.Loop() {
			for _, what := range []string{"first", "again"} {
				began := time.Now()
				r, err := s.ImportBank(b.Context(), "bench", strings.NewReader(answer), store.ImportOptions{Name: "answer.xml"})
				if err != nil {
					b.Fatal(err)
				}
				b.ReportMetric(time.Since(began).Seconds(), what+"-s")
				if n := benchEntries; what == "first" && (r.Executed != n/2 || r.Received != n/4 || r.Queued != n/4) || what == "again" && r.Known != n {
					b.Fatalf("%s: %s", what, toldBank(&r))
				}
			}
		}
	})
}

// owed makes recipients with a payout that was exported, and a debt, each.
func owed(b *testing.B, s *store.Store) {
	b.Helper()
	c := network()
	for i := range benchEntries / 2 {
		c.Entities = append(c.Entities, entities.Entity{Key: fmt.Sprintf("e%05d", i+1), Parent: "op", Name: "E", Country: "DE"})
	}
	if _, err := s.SaveConfiguration(b.Context(), "bench", c, []creditnotes.Setting{}); err != nil {
		b.Fatal(err)
	}
	numbers := fmt.Sprintf("(WITH RECURSIVE g (g) AS (SELECT 1 UNION ALL SELECT g + 1 FROM g WHERE g < %d) SELECT g FROM g) AS g", benchEntries/2)
	digits := func(number, width string) string {
		return "substr('00000000' || " + number + ", length('00000000' || " + number + ") + 1 - " + width + ")"
	}
	at := "'2026-11-01 00:00:00+00:00'"
	for _, statement := range []string{
		"UPDATE entities SET bank_iban = '" + ownAccount + "' WHERE parent_key IS NULL",
		`INSERT INTO movements (id, entity_key, currency, kind, amount, booked_at, value_date, reference, reason, who, previous_hash, hash)
			SELECT g, 'e' || ` + digits("g", "5") + `, 'EUR', 'adjustment', 10000 + g, ` + at + `, '2026-11-01', 'GS-' || g, 'bench', '', '', 'a' || g FROM ` + numbers,
		`INSERT INTO movements (id, entity_key, currency, kind, amount, booked_at, value_date, reference, reason, who, previous_hash, hash)
			SELECT 1000000 + g, 'e' || ` + digits("g", "5") + `, 'EUR', 'adjustment', -5000, ` + at + `, '2026-11-01', 'ST-2026-' || ` + digits("g", "6") + `, 'bench', '', '', 'b' || g FROM ` + numbers,
		`INSERT INTO movement_head (one, id, hash) VALUES (1, 2000000, '')`,
		"INSERT INTO accounts (entity_key, currency, movements, balance) SELECT entity_key, currency, count(*), sum(amount) FROM movements GROUP BY entity_key, currency",
		"INSERT INTO open_items (movement_id, entity_key, currency, open) SELECT id, entity_key, currency, amount FROM movements",
		`INSERT INTO payout_batches (id, requested_date, state, prepared_at, prepared_by, approved_by, exported_by) VALUES (1, '2026-12-31', 'exported', ` + at + `, '', '', '')`,
		`INSERT INTO payouts (id, batch_id, number, entity_key, currency, amount, payee, state, executed_on, changed_at, changed_by, reason)
			SELECT g, 1, 'PO-' || ` + digits("g", "8") + `, 'e' || ` + digits("g", "5") + `, 'EUR', 10000 + g, '{}', 'exported', '', ` + at + `, '', '' FROM ` + numbers,
		`INSERT INTO payout_items (payout_id, movement_id, amount, standing) SELECT g, g, 10000 + g, true FROM ` + numbers,
		"ANALYZE",
	} {
		if _, err := s.WriteDB().Exec(statement); err != nil {
			b.Fatalf("%.80s: %v", statement, err)
		}
	}
}

// answerOf is a statement of so many entries.
func answerOf(n int) string {
	var entries []string
	for i := 1; i <= n/2; i++ {
		amount := fmt.Sprintf("%d.%02d", (10000+i)/100, (10000+i)%100)
		entries = append(entries, booking{"-" + amount, "X" + strconv.Itoa(i), "2026-11-04", "", []string{detail(fmt.Sprintf("PO-%08d", i), amount, "", "")}}.String())
	}
	for i := 1; i <= n/4; i++ {
		text := fmt.Sprintf("Ihre Rechnung ST 2026 %06d, vielen Dank", i)
		entries = append(entries, booking{"50.00", "R" + strconv.Itoa(i), "2026-11-04", "", []string{detail("NOTPROVIDED", "50.00", text, "")}}.String(),
			booking{fmt.Sprintf("-%d.37", i), "U" + strconv.Itoa(i), "2026-11-04", "", []string{detail("", fmt.Sprintf("%d.37", i), "rent", "")}}.String())
	}
	return camt("camt.053", ownAccount, entries...)
}
