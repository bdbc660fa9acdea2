package web

import (
	"encoding/csv"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"creditrun/creditnotes"
	"creditrun/internal/access"
	"creditrun/internal/store"
)

func TestChangesAreShownFieldByField(t *testing.T) {
	for claim, one := range map[string]struct {
		before, after string
		want          []auditChange
	}{
		"single values":           {"14", "30", []auditChange{{"", "14", "30"}}},
		"nothing at all":          {"", "", nil},
		"only what changed":       {`{"a":1,"b":"x"}`, `{"a":2,"b":"x"}`, []auditChange{{"a", "1", "2"}}},
		"what is new, not empty":  {"", `{"a":"","b":null,"c":[],"d":true}`, []auditChange{{"d", "", "true"}}},
		"what is within":          {`{"a":{"b":[{"c":1}]}}`, `{"a":{"b":[{"c":2}]}}`, []auditChange{{"a.b.1.c", "1", "2"}}},
		"lists in one line":       {`{"a":["x"]}`, `{"a":["x","y"]}`, []auditChange{{"a", "x", "x, y"}}},
		"JSON in a text":          {`{"a":"{\"b\":1}"}`, `{"a":"{\"b\":2}"}`, []auditChange{{"a.b", "1", "2"}}},
		"large numbers, exactly":  {"", `{"a":12345678901234567890}`, []auditChange{{"a", "", "12345678901234567890"}}},
		"what only looks like it": {"{x", "[", []auditChange{{"", "{x", "["}}},
	} {
		t.Run(claim, func(t *testing.T) {
			if diff := cmp.Diff(one.want, changesOf(one.before, one.after)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestBankAccountsAreMasked(t *testing.T) {
	const iban = "DE89370400440532013000"
	for claim, one := range map[string]struct{ change, want auditChange }{
		"in its field":     {auditChange{"bank.IBAN", iban, "X1"}, auditChange{"bank.IBAN", "•••• 3000", "•••• X1"}},
		"in a text":        {auditChange{"note", "to " + iban + ", please", "DE89 3704 0044 0532 0130 00"}, auditChange{"note", "to •••• 3000, please", "•••• 3000"}},
		"what is none":     {auditChange{"evse", "DE12ABCDEFGHIJK4444", ""}, auditChange{"evse", "DE12ABCDEFGHIJK4444", ""}},
		"an empty account": {auditChange{"iban", "", ""}, auditChange{"iban", "", ""}},
	} {
		t.Run(claim, func(t *testing.T) {
			one.change.mask()
			if diff := cmp.Diff(one.want, one.change); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestBankAccountsAreShownToWhoChangesEntities(t *testing.T) {
	w := newWorld(t)
	e := store.AuditEntry{Entry: store.Entry{Before: `{"IBAN":"DE89370400440532013000"}`}}
	for _, scopes := range [][]access.Right{{access.ReadAudit}, {access.ReadAudit, access.ChangeEntities}} {
		v := &visit{Server: w.server, lang: "en", who: &access.Visitor{User: *w.user(t, "anna"), Operator: true, Scopes: scopes}}
		masked := len(scopes) == 1
		line := v.auditLine(e, 10)
		if got := strings.HasPrefix(line.Changes[0].Before, "•"); got != masked {
			t.Errorf("%v: the page shows %q", scopes, line.Changes[0].Before)
		}
		if got := strings.Contains(v.auditRecord(e)[5], "•"); got != masked {
			t.Errorf("%v: the file shows %q", scopes, v.auditRecord(e)[5])
		}
	}
}

func TestAuditLogIsFiltered(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		must(t, w.setAs("felix", "payment_terms.net_days", "21"))
		w.later(24 * time.Hour)
		must(t, w.setAs("olga", "payment_terms.net_days", "28"))
		anna := w.as("anna")
		anna.get("/audit").shows(t, "Setting changed", "payment_terms.net_days", "21", "28", "User added")
		entries := w.logged(t, store.AuditFilter{Action: "setting", Subject: "payment_terms.net_days"})
		link := map[string]string{}
		for _, e := range entries[:2] {
			link[e.Who] = fmt.Sprintf(`href="/audit/%d"`, e.ID)
		}
		for query, who := range map[string]string{
			"who=felix":                       "felix",
			"who=olga&action=setting":         "olga",
			"action=setting&since=2026-11-13": "olga",
			"action=setting.changed&until=2026-11-12&since=2026-11-12": "felix",
			"subject=payment_terms.net_days&until=2026-11-12":          "felix",
		} {
			p := anna.get("/audit?" + query)
			p.shows(t, link[who])
			if other := map[string]string{"felix": "olga", "olga": "felix"}[who]; strings.Contains(p.body, link[other]) {
				t.Errorf("%s shows what %s did", query, other)
			}
		}
		anna.get("/audit?who=nobody").shows(t, "No entry fits")
		if p := anna.get("/audit?since=yesterday"); p.status != http.StatusUnprocessableEntity || !strings.Contains(p.body, "is not a date") {
			t.Errorf("a bad date: %d", p.status)
		}
	})
}

// setAs changes a setting in the name of somebody.
func (w *world) setAs(who, key, value string) error {
	_, err := w.store.SetSettings(w.t.Context(), who, []creditnotes.Setting{{Key: key, Value: value}})
	return err
}

func TestAuditLogIsReadPageByPage(t *testing.T) {
	w := newWorld(t)
	anna := w.as("anna")
	head := w.head(t)
	anna.get("/audit").shows(t, fmt.Sprintf(`href="/audit/%d"`, head), fmt.Sprintf(`href="/audit/%d"`, head-rowsPerPage+1), fmt.Sprintf("below=%d", head-rowsPerPage+1))
	p := anna.get(fmt.Sprintf("/audit?below=%d", head-rowsPerPage+1))
	p.shows(t, fmt.Sprintf(`href="/audit/%d"`, head-rowsPerPage))
	if strings.Contains(p.body, fmt.Sprintf(`href="/audit/%d"`, head-rowsPerPage+1)) {
		t.Error("an entry is on two pages")
	}
}

func TestOneEntryShowsAllOfIt(t *testing.T) {
	w := newWorld(t)
	anna := w.as("anna")
	entry := w.logged(t, store.AuditFilter{Action: "entity.created", Limit: 1})[0]
	anna.get("/audit/"+formatID(entry.ID)).shows(t, "Entity added", entry.Hash, entry.PreviousHash, "session_detail")
	for _, path := range []string{"/audit/0", "/audit/999999", "/audit/x"} {
		if p := anna.get(path); p.status != http.StatusNotFound {
			t.Errorf("%s: %d", path, p.status)
		}
	}
}

func TestMomentsInTheAuditLogAreWrittenAsOnPages(t *testing.T) {
	w := newWorld(t)
	anna := w.as("anna")
	w.invited(t, "vera")
	anna.get("/audit?subject=vera").shows(t, `<td class="value">12 Nov 2026 12:00</td>`)
}

func TestEveryActionHasWords(t *testing.T) {
	w := newWorld(t)
	_, actions, err := w.store.AuditWords(t.Context())
	must(t, err)
	for _, lang := range w.server.Texts.PageLanguages() {
		v := &visit{Server: w.server, lang: lang}
		for _, action := range actions {
			if v.actionInWords(action) == action {
				t.Errorf("%s: no words for %s", lang, action)
			}
			if noun, _, _ := strings.Cut(action, "."); v.knownWord("audit_about_%s", noun) == noun {
				t.Errorf("%s: no words for %s", lang, noun)
			}
		}
	}
}

func TestAuditLogIsDownloaded(t *testing.T) {
	w := newWorld(t)
	must(t, w.setAs("felix", "payment_terms.text.x", "=1+1"))
	anna := w.as("anna")
	read := func(p page) [][]string {
		file := csv.NewReader(strings.NewReader(strings.TrimPrefix(p.body, "\ufeff")))
		file.Comma = ';'
		rows, err := file.ReadAll()
		must(t, err)
		return rows
	}
	p := anna.get("/audit.csv")
	rows := read(p)
	if head := w.head(t); p.status != http.StatusOK || int64(len(rows)) != head+1 || rows[1][0] != formatID(head) {
		t.Fatalf("status %d, %d rows, %d entries", p.status, len(rows), head)
	}
	rows = read(anna.get("/audit.csv?who=felix"))
	if len(rows) != 2 || rows[1][6] != "'=1+1" || rows[1][4] != "payment_terms.text.x" {
		t.Errorf("%q", rows)
	}
	if p := anna.get("/audit.csv?until=x"); p.status != http.StatusUnprocessableEntity {
		t.Errorf("a bad date: %d", p.status)
	}
}

func TestChainIsVerifiedWhileTheBrowserWaits(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		anna := w.as("anna")
		p := anna.post("/audit/checks")
		if !strings.HasPrefix(p.path, "/audit/checks/") {
			t.Fatalf("at %s, status %d", p.path, p.status)
		}
		for begin := time.Now(); strings.Contains(p.body, "hx-trigger") && time.Since(begin) < 20*time.Second; time.Sleep(20 * time.Millisecond) {
			p = anna.get(p.path)
		}
		p.shows(t, "The log is sound")
		if other := w.as("olga").get(p.path); other.status != http.StatusNotFound {
			t.Errorf("somebody else sees it: %d", other.status)
		}
	})
}
