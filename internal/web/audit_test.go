package web

import (
	"encoding/csv"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"creditrun/creditnotes"
	"creditrun/internal/store"
)

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

// setAs changes a setting in the name of a person.
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
	anna := w.as("anna")
	for _, lang := range w.server.Texts.PageLanguages() {
		anna.post("/preferences", "language", lang)
		p := anna.get("/audit")
		for _, action := range actions {
			noun, _, _ := strings.Cut(action, ".")
			if !strings.Contains(p.body, `"`+action+`"`) {
				t.Errorf("%s: %s is not offered", lang, action)
			}
			if strings.Contains(p.body, ">"+action+"<") || strings.Contains(p.body, `label="`+noun+`"`) {
				t.Errorf("%s: no words for %s", lang, action)
			}
		}
	}
}

// People read names and words, and find things by their names.
func TestTheAuditLogIsReadInWords(t *testing.T) {
	w := newWorld(t)
	must(t, w.setAs("olga", "create_zero_notes", "true"))
	anna := w.as("anna")
	anna.get("/audit?subject=notes+with+amount+0").shows(t, "Create credit notes with amount 0", `<td class="value">on</td>`)
	anna.get("/audit?subject=hotelgruppe&action=entity").shows(t, "Hotelgruppe Muster", `subject=hotelgruppe`)
	anna.get("/audit?subject=Alpen").shows(t, "hotel-alpen", "ALP-01")
	anna.get("/audit?action=cost_rate&subject=com-ac").shows(t, "energy › 1 › per kWh")
	p := anna.get("/audit?action=decisions")
	p.shows(t, "Setting changed")
	p.lacks(t, `<td rowspan="1">Logged in</td>`)
}

// Who confirms with a wrong password is in the log, and what it was for.
func TestConfirmationsThatFailAreInTheAuditLog(t *testing.T) {
	w := newWorld(t)
	anna := w.as("anna")
	anna.post("/settings/switch/active", "value", "false", "confirm_password", "not it").refuses(t, http.StatusForbidden, "Your password is wrong")
	anna.post("/settings/switch/active", "value", "false", "confirm_password", password)
	list := w.logged(t, store.AuditFilter{Action: "confirmation"})
	if len(list) != 1 || list[0].Who != "anna" || list[0].After != "/settings/switch/active" || strings.Contains(list[0].Hash+list[0].After, "not it") {
		t.Fatalf("%+v", list)
	}
	anna.get("/audit?action=confirmation").shows(t, "Wrong password for a confirmation", "/settings/switch/active")
}

func TestAuditLogIsDownloaded(t *testing.T) {
	w := newWorld(t)
	must(t, w.setAs("felix", "payment_terms.text.x", "=1+1"))
	anna := w.as("anna")
	read := func(p reply) [][]string {
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
