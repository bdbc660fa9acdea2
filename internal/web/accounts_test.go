package web

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"creditrun/creditnotes"
)

func TestAccountsAreListedWithTotalsAndFiles(t *testing.T) {
	w := newWorld(t)
	anna, paul := w.as("anna"), w.as("paul")
	list := anna.get("/accounts")
	list.shows(t, "Accounts", "Oldest open item", "the operator owes", "/entities/stadtwerke/statement", "/accounts.csv", "/accounts.xlsx")
	own := paul.get("/accounts")
	own.shows(t, "/entities/stadtwerke/statement")
	if strings.Contains(own.body, "/entities/cafe/") {
		t.Error("a Sub-CPO sees the account of another")
	}
	anna.get("/accounts?standing=owing").shows(t, "/entities/gite-modele/statement") // its fee invoices are larger
	anna.get("/accounts?entity=stadtwerke&standing=owing").shows(t, "There are no accounts.")
	anna.get("/accounts?entity=stadtwerke&standing=owed&sort=-balance").shows(t, "/entities/stadtwerke/statement")
	if p := anna.get("/accounts?standing=rich"); p.status != http.StatusUnprocessableEntity {
		t.Errorf("an unknown standing: %d", p.status)
	}
	anna.get("/accounts?until=x").refuses(t, http.StatusUnprocessableEntity, "x")
	file := anna.get("/accounts.csv?entity=stadtwerke")
	if lines := strings.Split(strings.TrimSpace(file.body), "\r\n"); len(lines) != 2 || !strings.Contains(lines[0], "unallocated") || !strings.HasPrefix(lines[1], "stadtwerke;Stadtwerke") || !strings.Contains(lines[1], ".") {
		t.Errorf("%q", file.body)
	}
	anna.post("/preferences", "language", "de")
	german := anna.get("/accounts.csv?entity=stadtwerke")
	if want := strings.ReplaceAll(file.body, ".", ","); german.body != want || german.body == file.body {
		t.Errorf("decimals of a German reader: %q, want %q", german.body, want)
	}
	anna.post("/preferences", "language", "en")
	if lines := strings.Split(strings.TrimSpace(paul.get("/accounts.csv").body), "\r\n"); len(lines) < 2 || strings.Contains(strings.Join(lines, "\n"), "cafe") {
		t.Errorf("%q", lines)
	}
	if book := anna.get("/accounts.xlsx"); book.status != http.StatusOK || !strings.HasPrefix(book.body, "PK") {
		t.Errorf("workbook: %d", book.status)
	}
}

func TestAnAccountIsAdjustedByTwoPeople(t *testing.T) {
	w := newWorld(t)
	felix, anna, olga, paul := w.as("felix"), w.as("anna"), w.as("olga"), w.as("paul")
	path := "/entities/stadtwerke/adjust"
	anna.get("/entities/stadtwerke/statement").shows(t, path)
	if p := paul.get("/entities/stadtwerke/statement"); strings.Contains(p.body, path) {
		t.Error("a Sub-CPO is offered to adjust its account")
	}
	felix.get(path).shows(t, "Adjust the account", `value="EUR"`, `value="2026-11-12"`)
	felix.post(path, "amount", "", "currency", "EUR", "value_date", "2026-11-01", "reason", "x").refuses(t, http.StatusUnprocessableEntity, "Amount")
	felix.post(path, "amount", "1", "currency", "EURO", "value_date", "2026-11-01", "reason", "x").refuses(t, http.StatusUnprocessableEntity, "Enter a currency such as EUR")
	felix.post(path, "amount", "1", "currency", "EUR", "value_date", "", "reason", "x").refuses(t, http.StatusUnprocessableEntity, "Value date")
	felix.post(path, "amount", "0", "currency", "EUR", "value_date", "2026-11-01", "reason", "x").refuses(t, http.StatusUnprocessableEntity, "not 0")
	anna.post(path, "amount", "-12.50", "currency", "EUR", "value_date", "2026-11-01", "reason", "Damage to a station").shows(t, "waits to be approved")
	felix.get(path).shows(t, "Damage to a station", "A new one takes its place")
	anna.get("/changes").shows(t, "Adjustment of an account", "Damage to a station")
	waiting, err := w.store.Proposals(t.Context(), creditnotes.ProposalFilter{Waiting: true, Matter: creditnotes.MatterAdjustment})
	if err != nil || len(waiting) != 1 {
		t.Fatal(waiting, err)
	}
	approve := "/changes/" + strconv.FormatInt(waiting[0].ID, 10) + "/approve"
	if p := anna.post(approve, "confirm_password", password); p.status != http.StatusForbidden {
		t.Errorf("approved by the same person: %d", p.status)
	}
	olga.post(approve, "confirm_password", password).shows(t, "Stadtwerke")
	paul.get("/entities/stadtwerke/statement?from=2026-11-01&to=2026-11-30").shows(t, "Damage to a station", "Adjustment", "-€12.50")
}

func TestAStatementIsSentInEveryFormatToItsOwner(t *testing.T) {
	w := newWorld(t)
	paul := w.as("paul")
	query := "?from=2026-08-01&to=2026-11-30&section=transactions&section=rfid&section=public&section=machines"
	paul.get("/entities/stadtwerke/statement"+query).shows(t, "statement.pdf", "statement.xlsx", "statement.csv", "statement.json", "RFID charges", "Open items in EUR")
	for suffix, begins := range map[string]string{"pdf": "%PDF-", "xlsx": "PK", "csv": "\ufeffsection;", "json": "{\n"} {
		file := paul.get("/entities/stadtwerke/statement." + suffix + query)
		if file.status != http.StatusOK || !strings.HasPrefix(file.body, begins) || !strings.Contains(file.header.Get("Content-Disposition"), "statement-stadtwerke-2026-08-01-2026-11-30."+suffix) {
			t.Errorf("%s: %d %.20q", suffix, file.status, file.body)
		}
		if other := paul.get("/entities/cafe/statement." + suffix + query); other.status != http.StatusNotFound {
			t.Errorf("%s of another owner: %d", suffix, other.status)
		}
	}
}

func TestAStatementShowsWhatHasComeSince(t *testing.T) {
	w := newWorld(t)
	before := w.clock().In(time.UTC).Format(time.RFC3339)
	w.later(time.Hour)
	_, err := w.store.BookPayment(t.Context(), "anna", creditnotes.Movement{Account: creditnotes.Account{Entity: subCPO, Currency: "EUR"},
		Kind: creditnotes.MovedPayment, Amount: 3000, Value: "2026-11-02", Reference: "T-1"})
	must(t, err)
	paul := w.as("paul")
	query := "?from=2026-11-01&to=2026-11-30&diff=" + url.QueryEscape(before)
	paul.get("/entities/stadtwerke/statement"+query).shows(t, "What became known since", "New movements of the account", "T-1")
	paul.get("/entities/stadtwerke/statement?from=2026-11-01&to=2026-11-30&diff="+url.QueryEscape(w.clock().Add(time.Hour).UTC().Format(time.RFC3339))).
		shows(t, "Nothing became known since then")
	if file := paul.get("/entities/stadtwerke/statement.csv" + query); !strings.Contains(file.body, "news;payment;") {
		t.Errorf("%s", file.body)
	}
	paul.get("/entities/stadtwerke/statement?diff=yesterday").refuses(t, http.StatusUnprocessableEntity, "cannot be shown")
}

func TestTheKindOfAStationIsChanged(t *testing.T) {
	w := newWorld(t)
	anna := w.as("anna")
	config, err := w.store.Configuration(t.Context())
	must(t, err)
	key := config.Stations[0].Key
	path := "/stations/" + url.PathEscape(key)
	anna.get(path).shows(t, "charging station", "Change the kind")
	anna.save(path, path+"/kind", "kind", "boat").refuses(t, http.StatusUnprocessableEntity, "Choose a charging station")
	anna.save(path, path+"/kind", "kind", "machine").shows(t, "was saved", "other machine")
	config, err = w.store.Configuration(t.Context())
	must(t, err)
	if kind := config.Stations[0].Kind; kind != "machine" {
		t.Errorf("the station is a %s", kind)
	}
	if p := w.as("vera").get(path); strings.Contains(p.body, "Change the kind") {
		t.Error("a viewer is offered to change the kind")
	}
}
