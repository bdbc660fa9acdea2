package main

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"creditrun/internal/export"
)

// A month is exported for DATEV and as a journal: refused while something is
// missing, the same files ever after, and the same journal in every format.
func TestAMonthIsExportedForAccounting(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "sqlite:"+t.TempDir()+"/w.db").ran()
	w.now = w.now.AddDate(0, 1, 3) // the documents are of 2026-11
	out := filepath.Join(w.dir, "datev")
	datev := func(more ...string) []string {
		return append([]string{"export", "datev", "--month", "2026-11", "--out", out}, more...)
	}
	for _, wrong := range [][]string{{"export", "datev", "--month", "October"}, {"export", "journal", "--month", "2026-10", "--format", "pdf"},
		{"exchange-rates", "set", "CHF", "October", "1"}, {"exchange-rates", "set", "CHF", "2026-10", "one"}, {"exchange-rates", "set", "CHF"}} {
		w.fails(exitUsage, wrong...)
	}
	w.fails(exitFailed, "export", "datev", "--month", "2026-12") // it is not over
	if said := w.fails(exitFailed, datev()...); !strings.Contains(said, "entity a: creditor_account") {
		t.Errorf("it says %s", said)
	}
	for key, value := range map[string]string{"first_creditor_account": "70000", "datev_consultant": "1001", "datev_mandant": "42"} {
		w.do("settings", "set", key, value)
	}
	if said := w.fails(exitFailed, datev()...); !strings.Contains(said, "tax account de-19: datev_key") {
		t.Errorf("it says %s", said)
	}
	if list, err := os.ReadDir(out); err == nil && len(list) > 0 {
		t.Errorf("refused exports wrote %v", list)
	}
	w.do("import", w.file("keys.yaml", strings.Replace(goldenText(t, "network.yaml"), `ledger_account: "1576"`, `ledger_account: "1576", datev_key: "9"`, 1)))
	var first, again, other accountingJSON
	w.read(&first, datev()...)
	if first.Month != "2026-11" || first.Copied || first.Entries == 0 || len(first.Files) < 2 || len(first.Controls) != 1 || !holds(&first.Controls[0]) {
		t.Fatalf("%+v", first)
	}
	content, err := os.ReadFile(first.Files[0])
	if err != nil || !bytes.HasPrefix(content, []byte(`"EXTF";700;21;"Buchungsstapel";13;`)) {
		t.Fatalf("%.80s, %v", content, err)
	}
	if err := os.WriteFile(first.Files[0], []byte("edited"), 0o600); err != nil {
		t.Fatal(err)
	}
	w.fails(exitFailed, datev()...) // it is not overwritten
	w.read(&again, datev("--force")...)
	same, err := os.ReadFile(first.Files[0])
	if err != nil || !again.Copied || !slices.Equal(first.Files, again.Files) || !bytes.Equal(content, same) {
		t.Errorf("once more %+v, %v, the same: %t", again, err, bytes.Equal(content, same))
	}
	if told := w.do(datev("--force")...); !strings.Contains(told, "copy of the file that was exported before") || !strings.Contains(told, "EUR") {
		t.Errorf("it prints\n%s", told)
	}
	for _, format := range []string{"csv", "xlsx", "json"} {
		w.read(&other, "export", "journal", "--month", "2026-11", "--format", format, "--out", out)
		if other.Entries != first.Entries || len(other.Files) != 1 || filepath.Base(other.Files[0]) != "journal_2026-11."+format || other.Controls[0] != first.Controls[0] {
			t.Errorf("%s: %+v", format, other)
		}
	}
	w.do("exchange-rates", "set", "CHF", "2026-10", "0.9387")
	w.fails(exitFailed, "exchange-rates", "set", "EUR", "2026-10", "1")
	var rates []exchangeRateJSON
	w.read(&rates, "exchange-rates")
	if len(rates) != 1 || rates[0].Currency != "CHF" || rates[0].Rate != 938_700 {
		t.Errorf("%+v", rates)
	}
	if told := w.do("exchange-rates"); !strings.Contains(told, "0.9387") {
		t.Errorf("it prints %s", told)
	}
	w.clean()
}

func holds(c *export.JournalControl) bool { return c.Journal == c.Issued && c.Journal == c.Movements }
