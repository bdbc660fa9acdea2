package web

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"creditrun/internal/access"
	"creditrun/internal/store"
)

// secretOf is the secret that a page shows once.
func secretOf(t *testing.T, p reply) string {
	t.Helper()
	found := regexp.MustCompile(`<code class="secret">([^<]+)</code>`).FindStringSubmatch(p.body)
	if p.status != http.StatusOK || found == nil {
		t.Fatalf("status %d, no secret on\n%s", p.status, p.body)
	}
	return strings.ReplaceAll(found[1], "&#43;", "+")
}

// logged lists the entries on a subject, the latest first.
func (w *world) logged(t *testing.T, f store.AuditFilter) []store.AuditEntry {
	t.Helper()
	list, err := w.store.Audit(t.Context(), f)
	must(t, err)
	return list
}

// head is the id of the last entry of the audit log.
func (w *world) head(t *testing.T) int64 {
	t.Helper()
	list := w.logged(t, store.AuditFilter{Limit: 1})
	if len(list) == 0 {
		return 0
	}
	return list[0].ID
}

// changed is the id of the last entry of the audit log that is no failed
// confirmation.
func (w *world) changed(t *testing.T) int64 {
	t.Helper()
	list := w.logged(t, store.AuditFilter{Limit: 1, Without: []string{"confirmation.failed"}})
	if len(list) == 0 {
		return 0
	}
	return list[0].ID
}

// neverLogged fails the test when the audit log knows a secret.
func (w *world) neverLogged(t *testing.T, secret string) {
	t.Helper()
	for _, e := range w.logged(t, store.AuditFilter{}) {
		if strings.Contains(e.Before+e.After+e.Subject, secret) {
			t.Errorf("the audit log tells a secret: %+v", e)
		}
	}
}

func (w *world) user(t testing.TB, name string) *access.User {
	t.Helper()
	u, err := w.store.UserByName(t.Context(), name)
	must(t, err)
	return u
}

func TestUsersAreAddedByAOneTimeLink(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		anna := w.as("anna")
		anna.get("/users").shows(t, "Felix Finance", "Stadtwerke", "Administrator", "What a role may do")
		p := anna.post("/users", "name", " Carla ", "full_name", "Carla Neu", "email", "carla@example.com", "entity", subCPO,
			"roles", "viewer", "language", "de", "confirm_password", password)
		p.shows(t, "carla is added and gets a link to set a password by e-mail, at carla@example.com", "Carla Neu", "nothing yet", "never", "waits to be mailed")
		path := w.linkTo(t, "carla@example.com")
		w.neverLogged(t, strings.TrimPrefix(path, "/invite/"))
		anna.get("/users/carla").shows(t, "mailed to carla@example.com on")

		carla := w.outsider()
		carla.get(path).shows(t, "Set your password")
		if p := carla.post(path, "password", password, "repeated", password); p.path != "/" {
			t.Fatalf("the link leads to %s\n%s", p.path, p.body)
		}
		if p := w.outsider().get(path); p.status != http.StatusForbidden {
			t.Errorf("the link works twice: %d", p.status)
		}
		u := w.user(t, "carla")
		if u.Entity != subCPO || u.Language != "de" || !u.Has(access.Viewer) || !u.Active {
			t.Errorf("%+v", u)
		}
	})
}

func TestLinksEndAfterThreeDays(t *testing.T) {
	w := newWorld(t)
	w.as("anna").post("/users/vera/invite", "confirm_password", password).shows(t, "vera gets a link")
	path := w.linkTo(t, "vera@example.com")
	w.outsider().get(path).shows(t, "vera")
	w.later(72 * time.Hour)
	if p := w.outsider().get(path); p.status != http.StatusForbidden {
		t.Errorf("status %d after three days", p.status)
	}
}

func TestWhatIsWrongWithAUserIsTold(t *testing.T) {
	w := newWorld(t)
	anna := w.as("anna")
	head := w.changed(t)
	for claim, one := range map[string]struct {
		fields []string
		says   string
	}{
		"a wrong password":      {[]string{"name", "carla", "roles", "viewer", "confirm_password", "x"}, "Your password is wrong"},
		"no password":           {[]string{"name", "carla", "roles", "viewer"}, "Your password is wrong"},
		"a bad name":            {[]string{"name", "c c", "roles", "viewer", "confirm_password", password}, "cannot be a login name"},
		"no role":               {[]string{"name", "carla", "confirm_password", password}, "needs at least one role"},
		"a bad e-mail address":  {[]string{"name", "carla", "roles", "viewer", "email", "carla@", "confirm_password", password}, "is not an e-mail address"},
		"a taken name":          {[]string{"name", "vera", "roles", "viewer", "confirm_password", password}, "There already is a user vera"},
		"an entity not in here": {[]string{"name", "carla", "roles", "viewer", "entity", "zz", "confirm_password", password}, "zz"},
		"no e-mail address":     {[]string{"name", "carla", "roles", "viewer", "confirm_password", password}, "has no e-mail address"},
	} {
		t.Run(claim, func(t *testing.T) {
			p := anna.post("/users", one.fields...)
			if p.status < 400 || !strings.Contains(p.body, one.says) || !strings.Contains(p.body, `value="`+one.fields[1]+`"`) {
				t.Errorf("status %d, wanted %q\n%s", p.status, one.says, p.body)
			}
		})
	}
	if w.changed(t) != head {
		t.Error("something was changed")
	}
	if p := anna.get("/users/nobody"); p.status != http.StatusNotFound {
		t.Errorf("nobody: %d", p.status)
	}
}

func TestUsersAreChanged(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		anna, felix := w.as("anna"), w.as("felix")
		p := anna.save("/users/felix", "/users/felix", "full_name", "Felix Neu", "email", "felix@example.com", "entity", operator, "roles", "viewer", "language", "", "confirm_password", password)
		p.shows(t, "felix is saved", "Felix Neu", "felix@example.com")
		if p := felix.get("/account"); p.path != "/login" {
			t.Errorf("with other roles felix is still at %s", p.path)
		}
		head := w.changed(t)
		anna.save("/users/felix", "/users/felix", "full_name", "Nobody", "roles", "viewer", "confirm_password", "wrong")
		if w.changed(t) != head || w.user(t, "felix").FullName != "Felix Neu" {
			t.Error("changed without the password")
		}
		vera := w.as("vera")
		anna.post("/users/vera/deactivate", "confirm_password", password).shows(t, "can no longer log in", "inactive")
		if p := vera.get("/account"); p.path != "/login" {
			t.Errorf("deactivated, vera is still at %s", p.path)
		}
		anna.post("/users/vera/activate", "confirm_password", password).shows(t, "may log in again")
		w.as("vera")
	})
}

func TestTheLastAdministratorStays(t *testing.T) {
	w := newWorld(t)
	anna := w.as("anna")
	anna.post("/users/olga/deactivate", "confirm_password", password)
	p := anna.post("/users/anna/deactivate", "confirm_password", password)
	if p.status != http.StatusConflict || !strings.Contains(p.body, "last active administrator") {
		t.Errorf("status %d\n%s", p.status, p.body)
	}
	if u := w.user(t, "anna"); !u.Active || !u.Has(access.Admin) {
		t.Errorf("%+v", u)
	}
}

func TestNobodyChangesTheOwnRoles(t *testing.T) {
	w := newWorld(t)
	anna := w.as("anna")
	for claim, fields := range map[string][]string{
		"fewer roles":    {"roles", "finance", "entity", operator},
		"more roles":     {"roles", "admin", "roles", "finance", "roles", "viewer", "entity", operator},
		"another entity": {"roles", "admin", "roles", "finance", "entity", subCPO},
	} {
		p := anna.save("/users/anna", "/users/anna", append(fields, "email", "anna@example.com", "confirm_password", password)...)
		if p.status != http.StatusForbidden || !strings.Contains(p.body, "You cannot change your own roles") {
			t.Errorf("%s: status %d\n%s", claim, p.status, p.body)
		}
	}
	if u := w.user(t, "anna"); !u.Has(access.Admin) || u.Entity != operator || len(u.Roles) != 2 {
		t.Errorf("%+v", u)
	}
	anna.save("/users/anna", "/users/anna", "full_name", "Anna Neu", "email", "anna@example.com", "roles", "admin", "roles", "finance", "entity", operator, "confirm_password", password).
		shows(t, "anna is saved", "Anna Neu")
}

func TestLostFactorsAreTakenAway(t *testing.T) {
	w := newWorld(t)
	vera := w.user(t, "vera")
	must(t, w.store.SetTOTP(t.Context(), access.Actor{Name: "vera", Server: true}, vera.ID, "JBSWY3DPEHPK3PXP"))
	must(t, w.store.LinkOIDC(t.Context(), access.Actor{Name: "vera", Server: true}, vera.ID, "https://login.example", "4711"))
	anna := w.as("anna")
	p := anna.get("/users/vera")
	p.shows(t, "one-time codes", "other login server")
	if strings.Contains(p.body, "JBSWY3DPEHPK3PXP") || strings.Contains(p.body, "4711") || strings.Contains(p.body, "argon2") {
		t.Error("the page shows a secret")
	}
	anna.post("/users/vera/oidc", "confirm_password", password).shows(t, "no longer linked")
	anna.post("/users/vera/totp", "confirm_password", password).shows(t, "vera gets a link to remove the second factor")
	if u := w.user(t, "vera"); u.TOTPSecret == "" || u.OIDCSubject != "" {
		t.Errorf("%+v", u)
	}
	path := w.linkTo(t, "vera@example.com")
	b := w.outsider()
	b.get(path).shows(t, "Remove your second factor")
	if p := b.post(path, "password", "wrong wrong wrong"); p.status != http.StatusForbidden || w.user(t, "vera").TOTPSecret == "" {
		t.Errorf("without the password: %d", p.status)
	}
	w.later(time.Hour) // so that vera need not wait
	if p := b.post(path, "password", password); p.path != "/" || w.user(t, "vera").TOTPSecret != "" {
		t.Errorf("the link leads to %s\n%s", p.path, p.body)
	}
	if p := w.outsider().get(path); p.status != http.StatusForbidden {
		t.Errorf("the link works twice: %d", p.status)
	}
}

func TestALinkForOneThingDoesNotDoTheOther(t *testing.T) {
	w := newWorld(t)
	vera := w.user(t, "vera")
	must(t, w.store.SetTOTP(t.Context(), access.Actor{Name: "vera"}, vera.ID, "JBSWY3DPEHPK3PXP"))
	w.as("anna").post("/users/vera/totp", "confirm_password", password)
	hash := access.HashSecret(strings.TrimPrefix(w.linkTo(t, "vera@example.com"), "/invite/"))
	if _, err := w.store.AcceptInvitation(t.Context(), hash, "stolen"); err == nil {
		t.Error("a link to remove the second factor sets a password")
	}
	w.as("anna").post("/users/vera/invite", "confirm_password", password)
	hash = access.HashSecret(strings.TrimPrefix(w.linkTo(t, "vera@example.com"), "/invite/"))
	if _, err := w.store.RemoveSecondFactor(t.Context(), hash); err == nil {
		t.Error("a link to set a password removes the second factor")
	}
}

func TestLinksOfUsersAreOnNoPage(t *testing.T) {
	w := newWorld(t)
	must(t, w.store.SetTOTP(t.Context(), access.Actor{Name: "vera"}, w.user(t, "vera").ID, "JBSWY3DPEHPK3PXP"))
	w.bodies = &strings.Builder{}
	anna := w.as("anna")
	anna.post("/users", "name", "carla", "email", "carla@example.com", "roles", "viewer", "confirm_password", password)
	links := []string{w.linkTo(t, "carla@example.com")}
	anna.post("/users/vera/invite", "confirm_password", password)
	links = append(links, w.linkTo(t, "vera@example.com"))
	anna.post("/users/vera/totp", "confirm_password", password)
	links = append(links, w.linkTo(t, "vera@example.com"))
	anna.save("/users/carla", "/users/carla", "email", "other@example.com", "roles", "viewer", "confirm_password", password)
	anna.post("/users/carla/invite", "confirm_password", password)
	links = append(links, w.linkTo(t, "other@example.com"))
	for _, path := range []string{"/users", "/users/carla", "/users/vera", "/audit", "/audit.csv", "/account", "/"} {
		anna.get(path)
	}
	for _, e := range w.logged(t, store.AuditFilter{}) {
		anna.get("/audit/" + formatID(e.ID))
	}
	for _, link := range links {
		if secret := strings.TrimPrefix(link, "/invite/"); len(secret) < 40 || strings.Contains(w.bodies.String(), secret) {
			t.Errorf("a page shows the link %s", link)
		}
	}
	if strings.Contains(w.bodies.String(), "/invite/crt_") {
		t.Error("a page shows a link")
	}
}

func TestAdministratorsHearOfUsers(t *testing.T) {
	w := newWorld(t)
	w.mails(t) // of how the world was made
	anna := w.as("anna")
	anna.post("/users", "name", "carla", "email", "carla@example.com", "roles", "admin", "confirm_password", password)
	anna.save("/users/felix", "/users/felix", "email", "new@example.com", "roles", "finance", "entity", operator, "confirm_password", password)
	mails := w.mails(t)
	for to, subjects := range map[string][]string{
		"anna@example.com":  {"Änderung am Benutzer carla", "Änderung am Benutzer felix"},
		"olga@example.com":  {"Änderung am Benutzer carla", "Änderung am Benutzer felix"},
		"felix@example.com": {"Ihre E-Mail-Adresse wurde geändert"},
		"vera@example.com":  nil,
	} {
		if diff := cmp.Diff(subjects, subjectsTo(mails, to)); diff != "" {
			t.Errorf("%s\n%s", to, diff)
		}
	}
}

func TestLinksEndWhenTheAddressChanges(t *testing.T) {
	w := newWorld(t)
	anna := w.as("anna")
	anna.post("/users/vera/invite", "confirm_password", password)
	path := w.linkTo(t, "vera@example.com")
	anna.save("/users/vera", "/users/vera", "email", "new@example.com", "roles", "viewer", "entity", operator, "confirm_password", password).shows(t, "vera is saved")
	if p := w.outsider().get(path); p.status != http.StatusForbidden {
		t.Errorf("the link to the former address: %d", p.status)
	}
}

func TestTokensOfOthersAreRevoked(t *testing.T) {
	w := newWorld(t)
	vera := w.user(t, "vera")
	token, err := w.store.AddToken(t.Context(), access.Actor{Name: "vera", Server: true}, access.Token{
		UserID: vera.ID, Name: "books", Hash: "h", Prefix: "crt_abc", Scopes: []access.Right{access.Read}, ExpiresAt: today.Add(time.Hour)})
	must(t, err)
	anna := w.as("anna")
	anna.get("/users/vera").shows(t, "books", "crt_abc", "Look at everything", "valid")
	path := "/tokens/" + formatID(token.ID) + "/revoke"
	if p := anna.post("/users/felix"+path, "confirm_password", password); p.status != http.StatusNotFound {
		t.Errorf("as a token of felix: %d", p.status)
	}
	if p := anna.post("/users/vera"+path, "confirm_password", "wrong"); p.status != http.StatusForbidden {
		t.Errorf("without the password: %d", p.status)
	}
	anna.post("/users/vera"+path, "confirm_password", password).shows(t, "The API token is revoked", `<span class="badge">revoked</span>`)
}

func TestUsersAreFoundAndListedByPages(t *testing.T) {
	w := newWorld(t)
	for i := range usersPerPage {
		_, err := w.store.AddUser(t.Context(), access.Actor{Name: "test", Server: true}, access.User{Name: "x" + formatID(int64(1000+i)), Roles: []access.Role{access.Viewer}})
		must(t, err)
	}
	anna := w.as("anna")
	p := anna.get("/users")
	p.shows(t, "/users/anna", "Next →")
	if strings.Contains(p.body, "x1099") {
		t.Error("everybody is on one page")
	}
	anna.get("/users?after=x1094").shows(t, "x1095", "x1099", "← Back")
	p = anna.get("/users?text=FELIX")
	p.shows(t, "Felix Finance")
	if strings.Contains(p.body, "Vera") {
		t.Error("others are found, too")
	}
}
