package api

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"creditrun/creditnotes"
	"creditrun/internal/web/webtest"
)

func TestAccountsAreListedInTheScope(t *testing.T) {
	w := newWorld(t)
	anna, paul := w.as("anna"), w.as("paul")
	everything := all[creditnotes.AccountStateJSON](anna, "/accounts?limit=3")
	if len(everything) < 4 {
		t.Fatalf("%d accounts", len(everything))
	}
	own := all[creditnotes.AccountStateJSON](paul, "/accounts")
	if len(own) == 0 || len(own) >= len(everything) {
		t.Errorf("a Sub-CPO sees %d accounts of %d", len(own), len(everything))
	}
	for _, a := range own {
		paul.get("/entities/" + a.Entity).is(http.StatusOK)
	}
	for query, wanted := range map[string]func(a creditnotes.AccountStateJSON) bool{
		"entity=" + webtest.SubCPO: func(a creditnotes.AccountStateJSON) bool { return a.Entity == webtest.SubCPO },
		"standing=owed": func(a creditnotes.AccountStateJSON) bool {
			return !strings.HasPrefix(a.Balance, "-") && a.Balance != "0.00"
		},
		"standing=open": func(a creditnotes.AccountStateJSON) bool { return a.OpenItems > 0 && a.OldestOpen != "" },
	} {
		list := all[creditnotes.AccountStateJSON](anna, "/accounts?"+query)
		if len(list) == 0 {
			t.Errorf("%s: nothing", query)
		}
		for _, a := range list {
			if !wanted(a) {
				t.Errorf("%s: %+v", query, a)
			}
		}
	}
	anna.get("/accounts?standing=rich").is(http.StatusUnprocessableEntity)
	anna.get("/accounts?until=October").is(http.StatusUnprocessableEntity)
	if early := all[creditnotes.AccountStateJSON](anna, "/accounts?until=2020-01-01"); len(early) != 0 {
		t.Errorf("accounts before the first document: %+v", early)
	}
}

func TestOpenItemsComeToTheBalance(t *testing.T) {
	w := newWorld(t)
	anna, paul := w.as("anna"), w.as("paul")
	account := all[creditnotes.AccountStateJSON](anna, "/accounts?standing=open&entity="+webtest.SubCPO)[0]
	items := read[Items[OpenItem]](paul.get("/entities/" + webtest.SubCPO + "/open-items").is(http.StatusOK)).Items
	count := int64(0)
	for _, item := range items {
		if item.Currency == account.Currency {
			count++
		}
	}
	if count != account.OpenItems {
		t.Errorf("%d items, the list of accounts says %d", count, account.OpenItems)
	}
	paul.get("/entities/cafe/open-items").problem(http.StatusNotFound, "entity_unknown")
	paul.get("/entities/cafe/statement?from=2026-01-01&until=2026-12-31").problem(http.StatusNotFound, "entity_unknown")
}

func TestAnAdjustmentOfAnAccountNeedsTwoPeople(t *testing.T) {
	w := newWorld(t)
	felix, anna, olga, paul := w.as("felix"), w.as("anna"), w.as("olga"), w.as("paul")
	path := "/entities/" + webtest.SubCPO + "/adjustments"
	balance := func() string {
		return all[creditnotes.AccountStateJSON](anna, "/accounts?currency=EUR&entity="+webtest.SubCPO)[0].Balance
	}
	before := balance()
	body := object{"currency": "EUR", "amount": "-12.50", "value_date": "2026-11-01", "reason": "Damage to a station"}
	paul.post(path, body).is(http.StatusForbidden)
	for name, wrong := range map[string]any{"amount": "12.505", "currency": "XXX", "value_date": "soon", "reason": ""} {
		bad := object{name: wrong}
		for key, value := range body {
			if key != name {
				bad[key] = value
			}
		}
		felix.post(path, bad).is(http.StatusUnprocessableEntity)
	}
	felix.post("/entities/"+webtest.Operator+"/adjustments", body).problem(http.StatusUnprocessableEntity, "adjustment_operator")
	waiting := read[Waiting](anna.post(path, body).is(http.StatusAccepted))
	change := changePath(waiting.Change)
	if c := read[Change](anna.get(change)); c.Matter != "adjustment" || c.State != "waiting" || c.AskedBy != "anna" {
		t.Errorf("%+v", c)
	}
	anna.post(change+"/approve", nil).problem(http.StatusForbidden, "proposal_same_person")
	if got := balance(); got != before {
		t.Errorf("the balance is %s before the approval, was %s", got, before)
	}
	olga.post(change+"/approve", nil).is(http.StatusOK)
	olga.post(change+"/approve", nil).problem(http.StatusConflict, "proposal_decided")
	st := read[creditnotes.StatementJSON](paul.get("/entities/" + webtest.SubCPO + "/statement?from=2026-11-01&until=2026-11-30").is(http.StatusOK))
	if len(st.Accounts) != 1 {
		t.Fatalf("%+v", st)
	}
	last := st.Accounts[0].Movements[len(st.Accounts[0].Movements)-1]
	if last.Kind != creditnotes.MovedAdjustment || last.Amount != "-12.50" || last.Reference != "Damage to a station" || st.Accounts[0].Closing != balance() || balance() == before {
		t.Errorf("%+v, closing %s, balance %s, was %s", last, st.Accounts[0].Closing, balance(), before)
	}
	rejected := read[Waiting](felix.post(path, body).is(http.StatusAccepted))
	anna.post(changePath(rejected.Change)+"/reject", nil).is(http.StatusOK)
	if got := balance(); got != st.Accounts[0].Closing {
		t.Errorf("a rejected adjustment changed the balance to %s", got)
	}
}

func TestAStatementIsWhatWasKnown(t *testing.T) {
	w := newWorld(t)
	anna, paul := w.as("anna"), w.as("paul")
	path := "/entities/" + webtest.SubCPO + "/statement?from=2026-08-01&until=2026-11-30&sections=transactions,public,rfid,machines"
	before := read[creditnotes.StatementJSON](paul.get(path).is(http.StatusOK))
	at := w.clock().UTC().Format("2006-01-02T15:04:05Z")
	w.later(time.Hour)
	anna.with("Content-Type", "text/csv").post("/top-ups", "id;entity;user;amount;currency;at\nT-1;"+webtest.SubCPO+";Ada;30.00;EUR;2026-11-02T10:00:00Z\n").is(http.StatusOK)
	after := read[creditnotes.StatementJSON](paul.get(path + "&diff=" + at).is(http.StatusOK))
	if len(after.News) != 1 || after.News[0].Reference != "T-1" || after.News[0].Amount != "-30.00" || len(after.Sessions) != 0 {
		t.Errorf("since then: %+v, %+v", after.News, after.Sessions)
	}
	again := read[creditnotes.StatementJSON](paul.get(path + "&as_of=" + at).is(http.StatusOK))
	again.MadeAt, again.AsOf = before.MadeAt, before.AsOf
	if diff := cmp.Diff(before, again); diff != "" {
		t.Errorf("- it was, + as of then\n%s", diff)
	}
	anna.with("Content-Type", "text/csv").post("/top-ups", "id;entity;user;amount;currency;at\nT-1;"+webtest.SubCPO+";Ada;31.00;EUR;2026-11-02T10:00:00Z\n").is(http.StatusUnprocessableEntity)
	if n := len(all[TopUp](paul, "/top-ups")); n != 1 {
		t.Errorf("a Sub-CPO sees %d top-ups", n)
	}
	if n := len(all[TopUp](paul, "/top-ups?entity=cafe")); n != 0 {
		t.Errorf("a Sub-CPO sees %d top-ups of others", n)
	}
	paul.with("Content-Type", "text/csv").post("/top-ups", "").is(http.StatusForbidden)
}

func TestACollectionOfAnUnknownSessionIsRefused(t *testing.T) {
	w := newWorld(t)
	anna := w.as("anna").with("Content-Type", "text/csv")
	known := read[Items[Session]](w.as("anna").get("/sessions?limit=1")).Items[0]
	lines := "id;source;collected_at\n" + known.Session + ";" + known.Source + ";2026-11-10T10:00:00Z\nnothing;" + known.Source + ";2026-11-10T10:00:00Z\n"
	if a := anna.post("/collections", lines); a.status != http.StatusUnprocessableEntity || !strings.Contains(string(a.body), "nothing") {
		t.Errorf("%d %s", a.status, a.body)
	}
	if s := read[SessionHistory](w.as("anna").get("/sessions/" + known.Session)); !s.CollectedAt.Equal(known.CollectedAt) {
		t.Errorf("something was collected all the same: %v", s.CollectedAt)
	}
}
