package web

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/access"
	"creditrun/internal/web/page"
	"creditrun/tariffs"
)

// withTOTP gives a person a second factor and returns its secret.
func (w *world) withTOTP(t *testing.T, name string) string {
	t.Helper()
	secret, err := access.NewTOTPSecret()
	must(t, err)
	must(t, w.store.SetTOTP(t.Context(), access.Actor{Name: name, Server: true}, w.user(t, name).ID, secret))
	return secret
}

// invited is the path of a new one-time link of a person.
func (w *world) invited(t *testing.T, name string) string {
	t.Helper()
	secret, hash, err := access.NewSecret()
	must(t, err)
	must(t, w.store.Invite(t.Context(), access.Actor{Name: "test", Server: true}, w.user(t, name).ID, hash, w.clock().Add(time.Hour)))
	return "/invite/" + secret
}

func TestAnInvitationIsNoSecondFactor(t *testing.T) {
	w := newWorld(t)
	secret := w.withTOTP(t, "anna")
	b := w.outsider()
	const chosen = "another horse battery"
	if p := b.post(w.invited(t, "anna"), "password", chosen, "repeated", chosen); p.path != "/login/code" {
		t.Fatalf("after the password the browser is at %s", p.path)
	}
	if p := b.get("/account"); p.path != "/login" {
		t.Errorf("the link alone is enough: %s", p.path)
	}
	code, err := totp.GenerateCode(secret, w.clock())
	must(t, err)
	if p := b.post("/login/code", "code", code); p.path != "/" {
		t.Errorf("after the code the browser is at %s", p.path)
	}
}

func TestNothingOfAnEarlierLoginIsLeft(t *testing.T) {
	w := newWorld(t)
	b := w.as("vera")
	first := shownSecret(t, b.get("/account/totp"))
	if again := shownSecret(t, b.get("/account/totp")); again != first {
		t.Fatal("the secret changes by itself")
	}
	if p := b.post("/login", "name", "anna", "password", password); p.path != "/" {
		t.Fatalf("anna is at %s", p.path)
	}
	if shownSecret(t, b.get("/account/totp")) == first {
		t.Error("the next one sets up a factor that the one before knows")
	}
}

// shownSecret is the secret of one-time codes on the page that sets them up.
func shownSecret(t *testing.T, p reply) string {
	t.Helper()
	_, rest, _ := strings.Cut(p.body, `<code class="secret">`)
	secret, _, ok := strings.Cut(rest, "<")
	if !ok {
		t.Fatalf("no secret\n%s", p.body)
	}
	return secret
}

func TestGuessingCodesTakesEverLonger(t *testing.T) {
	w := newWorld(t)
	w.withTOTP(t, "anna")
	for range 6 { // with the right password again each time
		b := w.outsider()
		if p := b.post("/login", "name", "anna", "password", password); p.path != "/login/code" {
			t.Fatalf("after the password the browser is at %s", p.path)
		}
		b.post("/login/code", "code", "000000")
	}
	until, err := w.store.LoginWait(t.Context(), byCode("anna"))
	must(t, err)
	if !until.After(w.clock()) {
		t.Error("a right password lets a guesser of codes begin anew")
	}
}

func TestACodeIsAwaitedForThePasswordOfNow(t *testing.T) {
	w := newWorld(t)
	secret := w.withTOTP(t, "anna")
	b := w.outsider()
	b.post("/login", "name", "anna", "password", password)
	hash, err := access.HashPassword(t.Context(), "another horse battery")
	must(t, err)
	must(t, w.store.SetPassword(t.Context(), access.Actor{Name: "anna", Server: true}, w.user(t, "anna").ID, hash))
	code, err := totp.GenerateCode(secret, w.clock())
	must(t, err)
	if p := b.post("/login/code", "code", code); p.path != "/login" {
		t.Errorf("who knew the password of before is at %s", p.path)
	}
}

func TestPasswordsInAnAddressAreNotRead(t *testing.T) {
	w := newWorld(t)
	b := w.outsider()
	if p := b.post("/login?name=anna&password="+strings.ReplaceAll(password, " ", "+"), "next", "/"); p.path != "/login" {
		t.Errorf("logged in by an address: %s", p.path)
	}
}

func TestALoginWithALongNameIsRefusedLikeAnyOther(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		for _, name := range []string{strings.Repeat("x", 100_000), "a\x00b"} {
			if p := w.outsider().post("/login", "name", name, "password", "x"); p.status != http.StatusForbidden {
				t.Errorf("status %d", p.status)
			}
		}
	})
}

func TestASessionOutsideOfTheScopeIsLikeNone(t *testing.T) {
	w := newWorld(t)
	paul, b := w.as("paul"), mustBooks(t, w)
	foreign := w.aSession(creditnotes.SessionFilter{Owned: b.Network.Holdings("frischmarkt")}).Session.ID
	shown := func(id int64) string {
		text := "000" + strconv.FormatInt(id, 10)
		return strings.ReplaceAll(paul.get("/sessions/"+text).body, text, "ID")
	}
	if there, none := shown(foreign), shown(99_999_999); there != none || !strings.Contains(none, "ID") {
		t.Errorf("%s\nis not\n%s", there, none)
	}
}

func TestAMaskedMediumCannotBeGuessed(t *testing.T) {
	w := newWorld(t)
	b := mustBooks(t, w)
	var uid string
	for _, row := range w.sessionsLike(creditnotes.SessionFilter{Owned: b.Network.Holdings(subCPO)}) {
		if len(row.Session.MediumUID) > 5 {
			uid = row.Session.MediumUID
		}
	}
	right, wrong := uid[len(uid)-5:], "~"+uid[len(uid)-4:]
	list := func(who *browser, end string) int {
		lines, err := readCSV(who.get("/sessions.csv?medium=" + end).body)
		must(t, err)
		return len(lines)
	}
	if paul := w.as("paul"); list(paul, right) != list(paul, wrong) {
		t.Error("the filter tells a character that is masked")
	}
	if felix := w.as("felix"); list(felix, right) == list(felix, wrong) {
		t.Error("who judges sessions cannot look for a medium")
	}
}

func TestAnOwnerIsNotShownTheMailOfAnOutsideRecipient(t *testing.T) {
	w := newWorld(t)
	var note creditnotes.NoteEntry
	list, err := w.store.ListNotes(t.Context(), creditnotes.NoteFilter{}, creditnotes.Page{Limit: 500})
	must(t, err)
	for _, n := range list.Notes {
		if len(n.Owners) == 1 && n.Owners[0] != n.Recipient {
			note = n
		}
	}
	nina, err := w.store.AddUser(t.Context(), access.Actor{Name: "test", Server: true}, access.User{Name: "nina", Entity: note.Owners[0], Roles: []access.Role{access.Viewer}})
	must(t, err)
	must(t, w.store.SetPassword(t.Context(), access.Actor{Name: "test", Server: true}, nina.ID, w.user(t, "anna").PasswordHash))
	mailed, err := w.store.Deliveries(t.Context(), note.ID)
	must(t, err)
	to := mailed[0].To[0]
	p := w.as("nina").get(page.NotePath(&note))
	p.shows(t, note.Number)
	p.lacks(t, to)
	w.as("vera").get(page.NotePath(&note)).shows(t, to)
}

func TestAFilterDoesNotTellWhoOwnsAStationNow(t *testing.T) {
	w := newWorld(t)
	config := &creditnotes.Configuration{Stations: []entities.Station{sold(w, "SWB-01")}}
	_, err := w.store.SaveConfiguration(t.Context(), "test", config, nil)
	must(t, err)
	paul := w.as("paul")
	paul.get("/stations").shows(t, "SWB-01")
	paul.get("/stations?owner=hotelgruppe").lacks(t, "SWB-01")
	w.as("vera").get("/stations?owner=hotelgruppe").shows(t, "SWB-01")
}

func TestAPricePathTellsNothingOfConditionsForOthers(t *testing.T) {
	w := newWorld(t)
	b := mustBooks(t, w)
	tried := []tariffs.Tried{
		{Condition: "from=2026-01-01", Result: tariffs.Won},
		{Condition: "operating_company=" + subCPO},
		{Condition: "connector_type=X operating_company=frischmarkt from=2026-01-01"},
		{Condition: "station=HOT-01"},
		{Condition: "station=SWB-01 position=3"},
		{Condition: "evse_id=DE*NOBODY"},
	}
	of := func(name string) *access.Visitor { return b.Visitor(w.user(t, name), nil) }
	if seen := b.TriedSeen(of("paul"), tried); len(seen) != 3 || seen[2].Condition != tried[4].Condition {
		t.Errorf("%+v", seen)
	}
	if seen := b.TriedSeen(of("vera"), tried); len(seen) != len(tried) {
		t.Errorf("the operator sees %d", len(seen))
	}
}

func TestALogoThatIsOpenedDoesNothing(t *testing.T) {
	w := newWorld(t)
	name, err := w.store.SaveAsset(t.Context(), []byte(`<svg xmlns="http://www.w3.org/2000/svg"/>`))
	must(t, err)
	_, err = w.store.SetSettings(t.Context(), "test", []creditnotes.Setting{{Key: "logo", Value: name}})
	must(t, err)
	p := w.as("anna").get("/settings/logo/" + name)
	p.shows(t, "<svg")
	if policy := p.header.Get("Content-Security-Policy"); !strings.HasPrefix(policy, "sandbox; default-src 'none'") {
		t.Errorf("policy %q", policy)
	}
}

func TestSoManyMayFollowRuns(t *testing.T) {
	w := newWorld(t)
	runs, err := w.store.Runs(t.Context())
	must(t, err)
	w.server.month.MaxFollowers = 0
	if p := w.as("anna").get("/runs/" + runs[0].Name + "/progress"); p.status != http.StatusServiceUnavailable {
		t.Errorf("one more: status %d", p.status)
	}
	w.server.month.MaxFollowers = 1
	ctx, stop := context.WithCancel(t.Context())
	defer stop() // the run is followed until its mails are sent
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, w.http.URL+"/runs/"+runs[0].Name+"/progress", nil)
	must(t, err)
	answer, err := w.as("anna").client.Do(r)
	must(t, err)
	answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		t.Errorf("the only one: status %d", answer.StatusCode)
	}
}
