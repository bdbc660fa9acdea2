package api

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/access"
	"creditrun/internal/sessions"
)

func TestASessionTellsASubCPOWhatIsItsBusiness(t *testing.T) {
	w := newWorld(t)
	anna, paul := w.as("anna"), w.as("paul")
	var name string
	for _, s := range all[Session](paul, "/sessions?state=held") {
		if a := anna.post("/sessions/"+s.Session+"/release", object{"reason": "between us"}); a.status == http.StatusOK {
			name = s.Session
		}
	}
	if name == "" {
		t.Fatal("no session can be decided about")
	}
	if story := read[SessionHistory](anna.get("/sessions/" + name)); len(story.Decisions) != 1 {
		t.Errorf("the operator sees %+v", story.Decisions)
	}
	if a := paul.get("/sessions/" + name).is(http.StatusOK); strings.Contains(string(a.body), "between us") {
		t.Errorf("%s", a.body)
	}
}

func TestAnOwnerSeesWhatItsDriversWereCharged(t *testing.T) {
	w := newWorld(t)
	anna, paul := w.as("anna"), w.as("paul")
	charged := map[string]Session{}
	for _, s := range all[Session](anna, "/sessions?limit=500") {
		charged[s.Session] = s
	}
	paid := false
	for _, s := range all[Session](paul, "/sessions?limit=500") {
		whole := charged[s.Session]
		whole.MediumUID = sessions.MaskMedium(whole.MediumUID)
		if diff := cmp.Diff(whole, s); diff != "" {
			t.Fatalf("%s: - the operator sees, + the owner\n%s", s.Session, diff)
		}
		paid = paid || s.DriverAmount != nil
	}
	if !paid {
		t.Error("no driver paid anything")
	}
}

func TestASessionOutsideOfTheScopeIsLikeNone(t *testing.T) {
	w := newWorld(t)
	theirs := read[Items[Session]](w.as("anna").get("/sessions?owner=cafe&limit=1")).Items[0].Session
	paul := w.as("paul")
	there := paul.get("/sessions/"+theirs).problem(http.StatusNotFound, "session_not_found")
	none := paul.get("/sessions/nothing").problem(http.StatusNotFound, "session_not_found")
	if got := strings.ReplaceAll(there.Detail, theirs, "nothing"); got != none.Detail {
		t.Errorf("%q is not %q", got, none.Detail)
	}
}

func TestTariffsOfAStationThatWasSoldAreNotTold(t *testing.T) {
	w := newWorld(t)
	config, err := w.store.Configuration(t.Context())
	must(t, err)
	change := &creditnotes.Configuration{}
	for _, s := range config.Stations {
		if s.Key == "SWB-01" {
			s.Owners = append(s.Owners, entities.Ownership{From: "2026-11-12", Entity: "hotelgruppe"})
			change.Stations = append(change.Stations, s)
		}
	}
	for _, c := range config.Connectors {
		if c.Station == "SWB-01" {
			c.Tariffs = append(c.Tariffs, entities.ConnectorTariff{From: "2026-11-20", ChargePoint: "LP-SALES"})
			change.Connectors = append(change.Connectors, c)
		}
	}
	_, err = w.store.SaveConfiguration(t.Context(), "test", change, nil)
	must(t, err)
	if a := w.as("anna").get("/stations/SWB-01").is(http.StatusOK); !strings.Contains(string(a.body), "LP-SALES") {
		t.Errorf("the operator is not told: %s", a.body)
	}
	for _, path := range []string{"/stations/SWB-01", "/stations"} {
		a := w.as("paul").get(path).is(http.StatusOK)
		if strings.Contains(string(a.body), "LP-SALES") || !strings.Contains(string(a.body), `"charge_point"`) {
			t.Errorf("%s: %s", path, a.body)
		}
	}
}

func TestHeavyComputationsWaitForEachOther(t *testing.T) {
	w := newWorld(t)
	for range mostHeavy {
		w.api.heavy <- struct{}{}
	}
	user, err := w.store.UserByName(t.Context(), "anna")
	must(t, err)
	current, err := w.api.snapshots.Current(t.Context())
	must(t, err)
	for name, ask := range map[string]func(c *call) error{
		"preview":   func(c *call) error { _, err := c.preview(&previewInput{Month: "2026-10"}); return err },
		"readiness": func(c *call) error { _, err := c.readiness(&readinessInput{}); return err },
		"audit":     func(c *call) error { _, err := c.verifyAudit(nil); return err },
	} {
		ctx, stop := context.WithTimeout(t.Context(), 500*time.Millisecond)
		err := ask(&call{API: w.api, ctx: ctx, who: current.Visitor(user, nil), snapshot: current, lang: "en"})
		stop()
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s did not wait: %v", name, err)
		}
	}
}

func TestMediaAndAccountsAreForThoseWhoNeedThem(t *testing.T) {
	w := newWorld(t)
	const one = "/sessions?month=2026-10&limit=1"
	if s := read[Items[Session]](w.as("felix").get(one)).Items[0]; s.MediumUID == "" || strings.HasPrefix(s.MediumUID, "*") {
		t.Errorf("who judges sessions sees the medium %q", s.MediumUID)
	}
	for what, p := range map[string]*program{"a viewer": w.as("vera"), "a narrow token": w.as("felix", access.Read)} {
		if s := read[Items[Session]](p.get(one)).Items[0]; !strings.HasPrefix(s.MediumUID, "*") {
			t.Errorf("%s sees the medium %q", what, s.MediumUID)
		}
	}
	const log = "/audit?action=entity.created&limit=1"
	if e := read[Items[AuditEntry]](w.as("anna").get(log)).Items[0]; strings.Contains(e.After, "••••") {
		t.Errorf("who changes entities sees %s", e.After)
	}
	if e := read[Items[AuditEntry]](w.as("anna", access.ReadAudit).get(log)).Items[0]; !strings.Contains(e.After, "•••• ") {
		t.Errorf("a narrow token sees %s", e.After)
	}
}
