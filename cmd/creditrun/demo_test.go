package main

import (
	"context"
	"fmt"
	"net/http"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"creditrun/internal/access"
	"creditrun/internal/store/storetest"
)

// A stranger's first command: everything is there afterwards, and said.
func TestTheDemoShowsThreeMonthEnds(t *testing.T) {
	w := newWorld(t, "sqlite:/nowhere/is-not-used.db")
	folder := filepath.Join(w.dir, "demo")
	out := w.do("demo", "--out", folder)
	for _, want := range []string{
		"Run 2026-08 (completed)", "Run 2026-09 (completed)", "Run 2026-10 (completed)",
		"GS-2026-00001", "no document for", "balanced", "control sheet", "received", "credited", "excluded",
		filepath.Join(folder, "documents"), filepath.Join(folder, "outbox"), filepath.Join(folder, "creditrun.db"),
		"end_before_start", "negative_energy", "too_long", "too_much_energy", "overlap", "unknown_connector", "no_owner", "unpriced", "invalid",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("the summary lacks %q:\n%s", want, out)
		}
	}
	rows := regexp.MustCompile(`(?m)^  ((?:GS|RE)-2026-\d{5})  \S+ +\S+ +(de|en|fr|it) +\d+\.\d\d +\d+\.\d\d +\d+\.\d\d  (EUR|CHF)$`).FindAllStringSubmatch(out, -1)
	languages := map[string]bool{}
	for _, row := range rows {
		languages[row[2]] = true
	}
	if strings.Contains(out, "NOT BALANCED") || len(rows) < 30 || len(languages) < 3 {
		t.Errorf("%d notes in %v:\n%s", len(rows), languages, out)
	}

	settlementIsTold(t, out)

	w.db, w.mail = "sqlite:"+filepath.Join(folder, "creditrun.db"), "folder:"+filepath.Join(folder, "outbox")
	advised := regexp.MustCompile(`(?m)^(\d+) remittance advices\.$`).FindStringSubmatch(out)
	if len(advised) == 0 {
		t.Fatalf("no remittance advices:\n%s", out)
	}
	if mails := w.outbox(); advised[1] == "0" || fmt.Sprint(len(mails)-len(rows)) != advised[1] {
		t.Errorf("%d mails for %d notes and %s remittance advices", len(mails), len(rows), advised[1])
	}
	documents, err := filepath.Glob(filepath.Join(folder, "documents", "*"))
	if err != nil || len(documents) < 2*len(rows) {
		t.Errorf("%d documents for %d notes: %v", len(documents), len(rows), err)
	}
	w.clean()
	booksAgree(t, w, folder, out)

	if again := w.do("demo", "--out", folder); again != out {
		t.Error("the second demo shows something else")
	}
	var commands int
	for line := range strings.Lines(out) {
		if command, ok := strings.CutPrefix(strings.TrimSpace(line), "creditrun "); ok {
			commands++
			w.do(strings.Fields(command)...)
		}
	}
	if commands < 3 {
		t.Errorf("it shows %d commands to go on with", commands)
	}
}

// booksAgree expects the files for accounting, and sums that are the same from the
// sessions to the open items.
func booksAgree(t *testing.T, w *world, folder, out string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "accounting", "EXTF_*_2026-10.csv"))
	if err != nil || len(files) != 4 {
		t.Errorf("files for accounting: %v, %v", files, err)
	}
	for _, file := range append(files, filepath.Join(folder, "bank", "answer-camt.054.xml")) {
		if !strings.Contains(out, file) {
			t.Errorf("the summary does not name %s", file)
		}
	}
	var proof verificationJSON
	w.read(&proof, "verify")
	if proof.Journals != 1 || proof.Sessions.Received != proof.Sessions.Settled.Plus(proof.Sessions.Open) || len(proof.Totals) != 2 {
		t.Errorf("%+v, %+v", proof.Sessions, proof.Totals)
	}
	for _, s := range proof.Totals {
		if s.Lines == 0 || s.Lines != s.Printed || s.Net+s.Tax != s.Documents || s.Documents != s.Booked || s.Booked+s.Others != s.PaidOut-s.Received+s.Open {
			t.Errorf("the sums differ: %+v", s)
		}
	}
}

// settlementIsTold expects three owners on contracts in the summary: one whose
// fee invoices are more than its credit notes, one with own charging and top-ups,
// and one that is settled by quarter, after the drivers have paid.
func settlementIsTold(t *testing.T, out string) {
	t.Helper()
	for _, want := range []string{
		"collections-2026-", "top-ups-2026-", "records-2026-", "fee invoices", "not_collected", "not_due", "no_driver_amount",
		"Accounts (a positive balance is owed by the operator):", "Settlement reports of the owners with a contract:", "still awaited",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("the summary lacks %q", want)
		}
	}
	accounts := regexp.MustCompile(`(?m)^  (gite-modele|sonnenpark|wohnbau) +(\d+\.\d\d) +(-\d+\.\d\d) +(-?\d+\.\d\d) +-?\d+\.\d\d +(-?)\d+\.\d\d  EUR$`).FindAllStringSubmatch(out, -1)
	if len(accounts) != 3 {
		t.Fatalf("%d accounts of owners with contracts:\n%s", len(accounts), out)
	}
	for _, account := range accounts {
		owner, topUps, negative := account[1], account[4], account[5] == "-"
		if (owner == "sonnenpark") != (topUps != "0.00") || (owner == "gite-modele") != negative {
			t.Errorf("account: %q", account)
		}
	}
	for owner, least := range map[string]int{"gite-modele": 3, "sonnenpark": 3, "wohnbau": 1} {
		if reports := strings.Count(out, "\n  "+owner+"-20"); reports != least {
			t.Errorf("%d reports of %s, not %d", reports, owner, least)
		}
	}
}

func TestFiguresStandOnTheRightAndWordsOnTheLeft(t *testing.T) {
	var out strings.Builder
	table := newTable(&out)
	for _, row := range []string{"owner\tnet\tdate\tremark\t", "Zürich\t-1.50\t2026-10-31\t\t", "a\t100\t2026-1\tlate\t"} {
		if _, err := table.Write([]byte(row + "\n")); err != nil {
			t.Fatal(err)
		}
	}
	if err := table.Flush(); err != nil {
		t.Fatal(err)
	}
	want := "owner     net  date        remark\nZürich  -1.50  2026-10-31\na         100  2026-1      late\n"
	if out.String() != want {
		t.Errorf("%q", &out)
	}
}

// The demo goes on in the browser: pages answer, with the sessions of the month
// that has begun and links for five people, two of them administrators who
// count as two.
func TestTheDemoCanBeLookedAt(t *testing.T) {
	w := newWorld(t, "sqlite:/nowhere/is-not-used.db")
	ctx, stop := context.WithCancel(t.Context())
	said := &heard{}
	served := make(chan result, 1)
	go func() { served <- w.tryUntil(ctx, said, "demo", "--serve", "--out", filepath.Join(w.dir, "demo")) }()
	until(t, "it serves", func() bool { return strings.Contains(said.String(), "There is no administrator yet") })
	link := regexp.MustCompile(`http://\S+/invite/\S+`).FindString(said.String()[strings.Index(said.String(), "There is no"):])
	answer, err := http.Get(link)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		t.Errorf("%s: %s", link, answer.Status)
	}
	stop()
	r := <-served
	if r.status != exitDone || strings.Count(r.stdout, "/invite/") != 4 {
		t.Errorf("the demo ends with %d: %s%s", r.status, r.stdout, r.stderr)
	}
	s := storetest.Open(t, "sqlite:"+filepath.Join(w.dir, "demo", "creditrun.db"), time.Now)
	for _, name := range []string{"admin", "admin2"} {
		if u, err := s.UserByName(t.Context(), name); err != nil || !u.Active || !u.Has(access.Admin) || !u.Has(access.Finance) {
			t.Errorf("%s: %+v, %v", name, u, err)
		}
	}
	if err := s.SecondPerson(t.Context(), "admin", "admin2"); err != nil {
		t.Errorf("the two administrators count as one: %v", err)
	}
}
