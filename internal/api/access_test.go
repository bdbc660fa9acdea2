package api

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"creditrun/creditnotes"
	"creditrun/internal/access"
	"creditrun/internal/web/webtest"
)

func TestOnlyBearersOfATokenComeIn(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		vera := w.as("vera")
		vera.get("/me").is(http.StatusOK)
		for name, p := range map[string]*program{
			"nobody":                    {w, "", http.Header{}},
			"somebody with a wrong one": {w, "crt_wrong", http.Header{}},
			"a browser with a cookie":   (&program{w, "", http.Header{}}).with("Cookie", "creditrun="+vera.secret),
			"a login with a password":   (&program{w, "", http.Header{}}).with("Authorization", "Basic dmVyYTpjb3JyZWN0"),
		} {
			a := p.get("/me")
			a.problem(http.StatusUnauthorized, "token_refused")
			if a.header.Get("WWW-Authenticate") == "" {
				t.Errorf("%s is not told what to bring", name)
			}
			p.get("/nowhere").problem(http.StatusUnauthorized, "token_refused")
		}
		w.later(25 * time.Hour)
		vera.get("/me").problem(http.StatusUnauthorized, "token_refused")
	})
}

func TestARevokedTokenNoLongerOpens(t *testing.T) {
	w := newWorld(t)
	vera := w.as("vera")
	user, err := w.store.UserByName(t.Context(), "vera")
	must(t, err)
	tokens, err := w.store.Tokens(t.Context(), user.ID)
	must(t, err)
	must(t, w.store.RevokeToken(t.Context(), "anna", user.ID, tokens[0].ID))
	vera.get("/me").problem(http.StatusUnauthorized, "token_refused")
}

func TestTheDescriptionIsForEverybody(t *testing.T) {
	w := newWorld(t)
	outsider := &program{w, "", http.Header{}}
	outsider.get("/openapi.json").is(http.StatusOK)
	outsider.get("/openapi.yaml").is(http.StatusOK)
}

// paths are addresses of operations as they are asked for in the walk; what
// they name is there and in the scope of no one but the operator.
var paths = strings.NewReplacer("{key}", "nowhere", "{number}", "GS-0000", "{name}", "1999-01", "{id}", "0", "{kind}", "pdf", "{month}", "1999-01")

// TestEveryOperationAsksForItsRights walks every operation with everyone, and
// with a token that lacks a needed scope. Who may use it gets another answer
// than 403, whatever it is; bodies are empty, so that nothing happens.
func TestEveryOperationAsksForItsRights(t *testing.T) {
	w := newWorld(t)
	programs := map[string]*program{}
	for _, person := range webtest.People() {
		programs[person.Name] = w.as(person.Name)
	}
	for _, op := range operations() {
		for _, person := range webtest.People() {
			a := programs[person.Name].do(op.method, paths.Replace(op.path), "")
			if may := mayUse(&person, op); (a.status != http.StatusForbidden) != may {
				t.Errorf("%s %s by %s: status %d, may %v\n%s", op.method, op.path, person.Name, a.status, may, a.body)
			}
		}
		for _, needed := range op.needs {
			others := slices.DeleteFunc(access.Rights(), func(r access.Right) bool { return r == needed })
			w.as("anna", others...).do(op.method, paths.Replace(op.path), "").problem(http.StatusForbidden, "right_missing")
		}
	}
	must(t, setLicence(w, "false"))
	for _, op := range operations() {
		licensed := slices.ContainsFunc(op.needs, func(r access.Right) bool {
			return slices.Contains([]access.Right{access.Preview, access.Draft, access.Approve, access.Send, access.Cancel}, r)
		})
		a := programs["anna"].do(op.method, paths.Replace(op.path), "")
		if (a.status == http.StatusForbidden) != licensed {
			t.Errorf("without the licence: %s %s: status %d", op.method, op.path, a.status)
		}
	}
}

// mayUse is the table of rights, told once more.
func mayUse(person *access.User, op operation) bool {
	portal := person.Entity != webtest.Operator
	if portal && op.operator {
		return false
	}
	for _, needed := range op.needs {
		if portal && !slices.Contains([]access.Right{access.Read, access.Export, access.Object}, needed) {
			return false
		}
		if !slices.ContainsFunc(person.Roles, func(r access.Role) bool { return slices.Contains(access.RightsOf(r), needed) }) {
			return false
		}
	}
	return true
}

func TestAnOwnerIsNotToldTheAddressesOfAnOutsideRecipient(t *testing.T) {
	w := newWorld(t)
	anna := w.as("anna")
	var mine Note
	for _, n := range all[Note](anna, "/credit-notes") {
		if len(n.Owners) == 1 && n.Owners[0] != n.Recipient {
			mine = n
		}
	}
	if mine.Number == "" {
		t.Fatal("no note goes to an alternate credit address")
	}
	user, err := w.store.AddUser(t.Context(), access.Actor{Name: "test", Server: true}, access.User{
		Name: "nina", Entity: mine.Owners[0], Roles: []access.Role{access.Viewer}, Active: true,
	})
	must(t, err)
	if note := read[ShownNote](w.as(user.Name).get("/credit-notes/" + mine.Number).is(http.StatusOK)); len(note.Deliveries) != 0 {
		t.Errorf("%s to %s: %+v", mine.Number, mine.Recipient, note.Deliveries)
	}
	if note := read[ShownNote](anna.get("/credit-notes/" + mine.Number)); len(note.Deliveries) == 0 {
		t.Error("the operator is not told either")
	}
}

func TestDraftsAreNotForSubCPOs(t *testing.T) {
	w := newWorld(t)
	anna, paul := w.as("anna"), w.as("paul")
	anna.do(http.MethodPatch, "/settings", object{"release": "approve"}).is(http.StatusOK)
	station := all[Station](paul, "/stations")[0]
	anna.with("Content-Type", "text/csv").post("/sessions", "id;evse_id;start;end;energy_kwh\ndraft-1;"+station.Connectors[0].EVSEID+
		";2026-11-02T10:00:00Z;2026-11-02T11:00:00Z;5\n").is(http.StatusOK)
	anna.post("/runs", object{"month": "2026-11", "confirmed": true}).is(http.StatusAccepted)
	w.api.Close()
	if lines := read[SessionHistory](anna.get("/sessions/draft-1").is(http.StatusOK)).Lines; len(lines) != 1 {
		t.Fatalf("%+v", lines)
	}
	if lines := read[SessionHistory](paul.get("/sessions/draft-1").is(http.StatusOK)).Lines; len(lines) != 0 {
		t.Errorf("%+v", lines)
	}
}

func TestABodyOfAnotherKindIsRefused(t *testing.T) {
	w := newWorld(t)
	w.as("anna").with("Content-Type", "application/x-www-form-urlencoded").do(http.MethodPatch, "/settings", "language=en").
		is(http.StatusUnsupportedMediaType)
}

func setLicence(w *world, value string) error {
	_, err := w.store.SetSettings(context.Background(), "test", []creditnotes.Setting{{Key: "credit_run", Value: value}})
	return err
}

func TestWhatIsOutsideOfTheScopeIsNotThere(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		anna, paul := w.as("anna"), w.as("paul")
		parents := map[string]string{}
		for _, e := range all[Entity](anna, "/entities?limit=3") {
			parents[e.Key] = e.Parent
		}
		var own []string
		for key := range parents {
			for above := key; above != ""; above = parents[above] {
				if above == webtest.SubCPO {
					own = append(own, key)
				}
			}
		}
		slices.Sort(own)
		var seen []string
		for _, e := range all[Entity](paul, "/entities") {
			seen = append(seen, e.Key)
		}
		slices.Sort(seen)
		if !slices.Equal(seen, own) || len(own) < 3 {
			t.Fatalf("sees %v, expected %v", seen, own)
		}
		notes := 0
		for _, n := range all[Note](anna, "/credit-notes") {
			mine := slices.Contains(own, n.Recipient) || !slices.ContainsFunc(n.Owners, func(o string) bool { return !slices.Contains(own, o) })
			for _, path := range []string{"", "/files", "/files/pdf", "/sessions"} {
				a := paul.get("/credit-notes/" + n.Number + path)
				if mine {
					a.is(http.StatusOK)
				} else {
					a.problem(http.StatusNotFound, "note_unknown")
				}
			}
			if mine {
				notes++
			} else {
				paul.post("/credit-notes/"+n.Number+"/objections", object{"text": "no"}).problem(http.StatusNotFound, "note_unknown")
			}
		}
		if got := all[Note](paul, "/credit-notes"); len(got) != notes || notes == 0 {
			t.Errorf("lists %d notes, expected %d", len(got), notes)
		}
		stations := map[string]bool{}
		for _, s := range all[Station](paul, "/stations") {
			stations[s.Key] = true
			for _, o := range s.Owners {
				if !slices.Contains(own, o.Entity) {
					t.Errorf("station %s shows %s", s.Key, o.Entity)
				}
			}
			if len(s.Owners) == 0 {
				t.Errorf("station %s is nobody's", s.Key)
			}
		}
		everywhere := all[Station](anna, "/stations")
		if len(stations) == 0 || len(stations) >= len(everywhere) {
			t.Errorf("sees %d stations of %d", len(stations), len(everywhere))
		}
		for _, s := range everywhere {
			if a := paul.get("/stations/" + s.Key); (a.status == http.StatusOK) != stations[s.Key] {
				t.Errorf("station %s: status %d", s.Key, a.status)
			}
		}
		paul.get("/entities/cafe").problem(http.StatusNotFound, "entity_unknown")
		paul.get("/sessions?owner=cafe").problem(http.StatusNotFound, "entity_unknown")
		theirs := read[Items[Session]](anna.get("/sessions?owner=cafe&limit=1").is(http.StatusOK)).Items[0].Session
		paul.get("/sessions/"+theirs).problem(http.StatusNotFound, "session_not_found")
		paul.get("/sessions/"+theirs+"/explanation").problem(http.StatusNotFound, "session_not_found")
		mine := read[Items[Session]](paul.get("/sessions?limit=1").is(http.StatusOK)).Items[0]
		if !strings.HasPrefix(mine.MediumUID, "*") {
			t.Errorf("medium %q is not masked", mine.MediumUID)
		}
		paul.get("/sessions/" + mine.Session).is(http.StatusOK)
		paul.get("/sessions?medium=12345").problem(http.StatusUnprocessableEntity, "request_invalid")
	})
}

func TestPathsAndMethodsThatAreNotThereAreProblems(t *testing.T) {
	w := newWorld(t)
	anna := w.as("anna")
	anna.get("/nowhere").problem(http.StatusNotFound, "page_unknown")
	a := anna.do(http.MethodDelete, "/settings", nil)
	a.problem(http.StatusMethodNotAllowed, "")
	if !strings.Contains(a.header.Get("Allow"), "PATCH") {
		t.Errorf("Allow: %q", a.header.Get("Allow"))
	}
}

func TestProblemsSpeakTheLanguageThatIsAskedFor(t *testing.T) {
	w := newWorld(t)
	p := w.as("vera").with("Accept-Language", "tlh, de-CH;q=0.9").get("/entities/nobody").problem(http.StatusNotFound, "entity_unknown")
	if p.Detail != "Es gibt keine Entität nobody." {
		t.Errorf("%q", p.Detail)
	}
}

func TestWhatIsNotForPeopleGoesToTheLog(t *testing.T) {
	w := newWorld(t)
	c := &call{API: w.api, lang: "en", r: must1(http.NewRequest(http.MethodGet, "/api/v1/x", nil))}
	p := c.problem(errors.New("the secret of the database"))
	text, err := json.Marshal(p)
	must(t, err)
	reference := strings.TrimPrefix(p.Instance, "urn:creditrun:log:")
	if p.Status != http.StatusInternalServerError || strings.Contains(string(text), "secret") || len(reference) != 8 {
		t.Errorf("%s", text)
	}
	if log := w.log.String(); !strings.Contains(log, "the secret of the database") || !strings.Contains(log, reference) {
		t.Errorf("log: %s", log)
	}
}

func must1[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
