package main

import (
	"strconv"
	"strings"
	"testing"

	"creditrun/creditnotes"
	"creditrun/internal/store/storetest"
)

func TestAccountsAreListedAndAdjustedByTwoPeople(t *testing.T) {
	t.Parallel()
	w := newWorld(t, storetest.SQLite(t)).small()
	w.do("run", "--month", "2026-10")
	list := func(args ...string) (accounts []creditnotes.AccountStateJSON) {
		w.read(&accounts, append([]string{"accounts"}, args...)...)
		return accounts
	}
	before := list("--entity", "a")
	if len(list()) != 2 || len(before) != 1 || before[0].Balance != "20.04" || before[0].OpenItems != 1 || before[0].Unallocated != "0.00" {
		t.Fatalf("%+v", list())
	}
	if out := w.do("accounts", "--standing", "open"); !strings.Contains(out, "2 in all") || !strings.Contains(out, "20.04") {
		t.Errorf("%s", out)
	}
	if n := len(list("--standing", "owing")) + len(list("--until", "2026-09-30")); n != 0 {
		t.Errorf("%d accounts too many", n)
	}
	for _, wrong := range [][]string{{"accounts", "--standing", "rich"}, {"accounts", "--until", "x"}, {"accounts", "approve", "x"},
		{"accounts", "adjust", "a", "--amount", "1.005", "--reason", "x"}, {"accounts", "adjust", "a", "--amount", "1", "--value-date", "x", "--reason", "x"}} {
		w.fails(exitUsage, wrong...)
	}
	w.fails(exitFailed, "accounts", "adjust", "a", "--amount", "1")
	w.fails(exitFailed, "accounts", "adjust", "voltnetz", "--amount", "1", "--reason", "x")
	w.fails(exitFailed, "accounts", "adjust", "nobody", "--currency", "EUR", "--amount", "1", "--reason", "x")
	var asked adjustmentJSON
	w.read(&asked, "accounts", "adjust", "a", "--amount", "-5.04", "--value-date", "2026-11-01", "--reason", "Damage")
	if asked.Amount != "-5.04" || asked.Currency != "EUR" || asked.State != creditnotes.ProposalWaiting || asked.AskedBy == "" {
		t.Errorf("%+v", asked)
	}
	id := strconv.FormatInt(asked.ID, 10)
	if out := w.do("accounts", "adjustments"); !strings.Contains(out, "Damage") {
		t.Errorf("%s", out)
	}
	w.fails(exitFailed, "accounts", "approve", id) // the same person
	w.vars["CREDITRUN_USER"] = "otto"
	w.do("accounts", "approve", id)
	w.fails(exitFailed, "accounts", "reject", id)
	w.fails(exitFailed, "accounts", "approve", "99")
	if after := list("--entity", "a"); after[0].Balance != "15.00" || after[0].OpenItems != 2 {
		t.Errorf("%+v", after)
	}
	var decided []adjustmentJSON
	w.read(&decided, "accounts", "adjustments", "--all")
	if len(decided) != 1 || decided[0].State != creditnotes.ProposalApproved {
		t.Errorf("%+v", decided)
	}
	if out := w.do("statement", "a", "--from", "2026-10-01", "--until", "2026-11-30"); !strings.Contains(out, "Damage") || !strings.Contains(out, "15.00") {
		t.Errorf("%s", out)
	}
	w.clean()
}

func TestAFileDoesNotTakeAContractFromAMonthThatItSettled(t *testing.T) {
	t.Parallel()
	w := newWorld(t, storetest.SQLite(t)).small()
	contract := func(rest string) string {
		return w.file("contracts.yaml", "contracts:\n  - key: ka\n    owner: a\n    from: 2026-10\n    minimum_guarantee: \"30.00\"\n    "+rest+"\n")
	}
	w.do("import", contract("active: true"))
	w.do("run", "--month", "2026-10")
	said := w.fails(exitFailed, "import", contract("active: false"))
	for _, want := range []string{"line 6", "2026-10", "ka", "ended"} {
		if !strings.Contains(said, want) {
			t.Errorf("%q is missing in %q", want, said)
		}
	}
	w.do("import", contract("ended: 2026-10"))
	w.clean()
}
